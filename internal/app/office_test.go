package app

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ecluse/internal/keys"
	"ecluse/internal/registry"
)

// office is an empty registry on SQLite and a folder of files.
type office struct {
	t   *testing.T
	b   *base
	dir string
}

func newOffice(t *testing.T) *office {
	t.Helper()
	c := DefaultConfig()
	c.dir, c.PublicURL, c.MasterSecretFile = t.TempDir(), "https://sso.example", "master.secret"
	if _, err := keys.CreateMaster(c.path(c.MasterSecretFile), rand.Reader); err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }
	b, err := openBase(t.Context(), c, "test", now, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.closers.close(); err != nil {
			t.Error(err)
		}
	})
	return &office{t: t, b: b, dir: t.TempDir()}
}

func (o *office) write(name, text string) {
	o.t.Helper()
	full := filepath.Join(o.dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(full), 0o700), os.WriteFile(full, []byte(text), 0o600)); err != nil {
		o.t.Fatal(err)
	}
}

// apply applies the folder and gives what was printed.
func (o *office) apply(edit ...func(*ApplyOptions)) (string, error) {
	options := ApplyOptions{Dir: o.dir}
	for _, e := range edit {
		e(&options)
	}
	var out bytes.Buffer
	err := o.b.apply(o.t.Context(), options, &out)
	return out.String(), err
}

func (o *office) applied(edit ...func(*ApplyOptions)) string {
	o.t.Helper()
	out, err := o.apply(edit...)
	if err != nil {
		o.t.Fatal(err)
	}
	return out
}

func takeOver(o *ApplyOptions) { o.TakeOver = true }

func (o *office) contents() registry.Contents {
	o.t.Helper()
	c, err := o.b.store.Load(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
	return c
}

// put is what the console writes.
func (o *office) put(c registry.Change) {
	o.t.Helper()
	if _, err := o.b.applied(o.t.Context(), c, "console"); err != nil {
		o.t.Fatal(err)
	}
}

func wantLines(t *testing.T, out string, want ...string) {
	t.Helper()
	for _, line := range want {
		if !strings.Contains(out, line) {
			t.Errorf("%q is missing in\n%s", line, out)
		}
	}
}
