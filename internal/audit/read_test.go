package audit_test

import (
	"encoding/base64"
	"errors"
	"testing"
	"time"

	"ecluse/internal/audit"
)

func TestACursorGoesOnAfterItsEntry(t *testing.T) {
	t.Parallel()
	at := time.UnixMilli(1790000000123).UTC()
	e := audit.Entry{Writer: "serve-a/b.c:d", Class: audit.ClassAdmin, Sequence: 7, At: at, Subject: "x", Service: "lire"}
	got, err := e.Cursor().Place()
	want := audit.Place{Chain: audit.Chain{Writer: "serve-a/b.c:d", Class: audit.ClassAdmin}, At: at, Sequence: 7}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestACursorThatNoPageGaveIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"not json", `{}`, `[]`, `[1,"w","admin"]`, `[1,"w","admin",1,1]`, `["1","w","admin",1]`, `[1,"w","admin",0]`, `[1,"","admin",1]`,
		`[1,"w","",1]`, `[1,"w x","admin",1]`, `[1,null,"admin",1]`, `[1.5,"w","admin",1]`, `null`,
	} {
		c := audit.Cursor(base64.RawURLEncoding.EncodeToString([]byte(text)))
		if _, err := c.Place(); !errors.Is(err, audit.ErrCursor) {
			t.Errorf("%s: %v, want ErrCursor", text, err)
		}
	}
	if _, err := audit.Cursor("***").Place(); !errors.Is(err, audit.ErrCursor) {
		t.Errorf("no base64: %v, want ErrCursor", err)
	}
}

func TestAPageHasBounds(t *testing.T) {
	t.Parallel()
	for limit, want := range map[int]int{-1: audit.DefaultLimit, 0: audit.DefaultLimit, 1: 1, audit.MaxLimit: audit.MaxLimit, audit.MaxLimit + 1: audit.MaxLimit} {
		if got := (audit.Query{Limit: limit}).Size(); got != want {
			t.Errorf("limit %d gives %d, want %d", limit, got, want)
		}
	}
}
