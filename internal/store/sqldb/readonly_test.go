package sqldb

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
)

func TestALookReadsAndWritesNothing(t *testing.T) {
	t.Parallel()
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openAt(t, location, Options{})
			s := &Registry{DB: d, Journal: testJournal(t, d, "w-1")}
			if _, err := s.Apply(t.Context(), sampleChange(), applyEntry()); err != nil {
				t.Fatal(err)
			}
			look, err := Look(t.Context(), location)
			if err != nil {
				t.Fatal(err)
			}
			defer look.Close()
			c, err := (&Registry{DB: look}).Load(t.Context())
			if err != nil || c.Revision != 1 || len(c.Services) != 1 {
				t.Errorf("a look sees revision %d, %d services: %v", c.Revision, len(c.Services), err)
			}
			if _, err := look.engine.writer.ExecContext(t.Context(), `DELETE FROM registry_objects`); err == nil {
				t.Error("a look deletes")
			}
		})
	}
}

func TestALookCreatesNothing(t *testing.T) {
	t.Parallel()
	location := sqliteFile(t)
	if _, err := Look(context.Background(), location); !errors.Is(err, ErrAbsent) {
		t.Errorf("a look at nothing: %v", err)
	}
	if _, err := os.Stat(strings.TrimPrefix(location, "sqlite:")); !errors.Is(err, os.ErrNotExist) {
		t.Error("a look makes a file")
	}
	if _, err := Look(t.Context(), ""); err == nil {
		t.Error("a look at no place")
	}
	const secret = "postgres://u:hidden@127.0.0.1:1/%zz"
	if _, err := Look(t.Context(), secret); err == nil || strings.Contains(err.Error(), "hidden") {
		t.Errorf("a look at nobody: %v", err)
	}
}
