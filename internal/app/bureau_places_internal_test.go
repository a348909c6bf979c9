package app

import (
	"context"
	"testing"
	"time"

	"ecluse/internal/audit"
)

// signIns is a journal of sign-ins, the newest first.
type signIns []audit.Entry

// List gives the entries of one action.
func (s signIns) List(_ context.Context, q audit.Query) (audit.Page, error) {
	var out audit.Page
	for _, e := range s {
		if e.Class == q.Class && e.Action == q.Action {
			out.Entries = append(out.Entries, e)
		}
	}
	return out, nil
}

func TestTheLastSignInBySourceIsTheNewestOfThatSource(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	journal := signIns{
		{Class: audit.ClassSignIn, Action: "refusal", Source: "ent", At: at.Add(time.Hour)},
		{Class: audit.ClassSignIn, Action: "sign_in", Source: "other", At: at},
		{Class: audit.ClassSignIn, Action: "sign_in", Source: "ent", At: at.Add(-time.Hour)},
		{Class: audit.ClassSignIn, Action: "sign_in", Source: "ent", At: at.Add(-2 * time.Hour)},
	}
	for source, want := range map[string]time.Time{"ent": at.Add(-time.Hour), "other": at, "none": {}} {
		if got, err := lastSignIn(t.Context(), journal, source); err != nil || !got.Equal(want) {
			t.Errorf("%s: %v, %v", source, got, err)
		}
	}
}
