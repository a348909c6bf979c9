package desk_test

import (
	"errors"
	"slices"
	"testing"

	"ecluse/internal/audit"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

func begun(t *testing.T, h *desktest.House, c roles.Caller, text registry.Declaration) registry.Declaration {
	t.Helper()
	d, err := h.Begin(t.Context(), c, "", text)
	if err != nil {
		t.Fatalf("begin: %v", err)
	}
	return d
}

func ref(d registry.Declaration) desk.Ref { return desk.Ref{ID: d.ID, Version: d.Version} }

func on(d registry.Declaration) desk.Move { return desk.Move{Ref: ref(d)} }

func because(d registry.Declaration, reason string) desk.Move {
	return desk.Move{Ref: ref(d), Reason: reason}
}

func submitted(t *testing.T, h *desktest.House, c roles.Caller, text registry.Declaration) registry.Declaration {
	t.Helper()
	d, err := h.Submit(t.Context(), c, on(begun(t, h, c, text)))
	if err != nil {
		t.Fatalf("submit: %v", explain(err))
	}
	return d
}

func opined(t *testing.T, h *desktest.House, d registry.Declaration, value registry.Verdict) registry.Declaration {
	t.Helper()
	d, err := h.Opine(t.Context(), h.DPO(), because(d, "examiné"), value)
	if err != nil {
		t.Fatalf("opine: %v", err)
	}
	return d
}

func approved(t *testing.T, h *desktest.House, by roles.Caller, d registry.Declaration) registry.Declaration {
	t.Helper()
	d, err := h.Approve(t.Context(), by, on(d))
	if err != nil {
		t.Fatalf("approve: %v", explain(err))
	}
	return d
}

// inForce is a reading site that went the whole way, approved by the recteur.
func inForce(t *testing.T, h *desktest.House, text registry.Declaration) registry.Declaration {
	t.Helper()
	return approved(t, h, h.Recteur(), opined(t, h, submitted(t, h, h.DRANE(), text), registry.Favourable))
}

// explain shows what an error lists.
func explain(err error) any {
	var invalid *desk.Invalid
	var conflict *desk.Conflict
	switch {
	case errors.As(err, &invalid):
		return invalid.Findings
	case errors.As(err, &conflict):
		return []any{conflict.Code, conflict.What, conflict.Need}
	default:
		return err
	}
}

func conflicts(t *testing.T, err error, code string) {
	t.Helper()
	var c *desk.Conflict
	if !errors.As(err, &c) || c.Code != code {
		t.Errorf("got %v, want the conflict %q", explain(err), code)
	}
}

func isDenied(t *testing.T, err error, why string) {
	t.Helper()
	var denied *roles.Denied
	if !errors.As(err, &denied) || denied.Why != why {
		t.Errorf("got %v, want it denied for %q", explain(err), why)
	}
}

func isMissing(t *testing.T, err error) {
	t.Helper()
	var missing *desk.NotFound
	if !errors.As(err, &missing) {
		t.Errorf("got %v, want not found", explain(err))
	}
}

func isInvalid(t *testing.T, err error, wheres ...string) {
	t.Helper()
	var invalid *desk.Invalid
	if !errors.As(err, &invalid) {
		t.Fatalf("got %v, want mistakes in %q", explain(err), wheres)
	}
	for _, where := range wheres {
		if !slices.ContainsFunc(invalid.Findings, func(f registry.Finding) bool { return f.Where == where }) {
			t.Errorf("nothing is said about %s: %v", where, invalid.Findings)
		}
	}
}

func TestADeclarationGoesFromDraftToActiveAndEachStepIsSomebodys(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, wholeLife)
}

// wholeLife takes a declaration from its first word to the day on which it is active.
func wholeLife(t *testing.T, h *desktest.House) {
	d := begun(t, h, h.Provider(), desktest.Reading())
	if d.ID != "2026-001" || d.Version != 1 || d.State != registry.Draft || d.Author != h.Provider().Handle {
		t.Fatalf("the draft is %s v%d %s by %s", d.ID, d.Version, d.State, d.Author)
	}
	steps := []struct {
		word string
		do   func() (registry.Declaration, error)
		want registry.State
	}{
		{"declaration_submit", func() (registry.Declaration, error) { return h.Submit(t.Context(), h.Provider(), on(d)) }, registry.Submitted},
		{"declaration_take", func() (registry.Declaration, error) { return h.Take(t.Context(), h.DRANE(), on(d)) }, registry.InReview},
		{"declaration_correct", func() (registry.Declaration, error) {
			return h.Correct(t.Context(), h.DRANE(), desk.Move{Ref: ref(d), Notes: []registry.Remark{{Where: "retention", What: "dire jusqu'à quand"}}})
		}, registry.ToCorrect},
		{"declaration_edit", func() (registry.Declaration, error) {
			text := d
			text.Retention.FR = "l'année scolaire et trois mois, jusqu'au 30 novembre"
			return h.Edit(t.Context(), h.Provider(), text, desk.Tag(d))
		}, registry.ToCorrect},
		{"declaration_submit", func() (registry.Declaration, error) { return h.Submit(t.Context(), h.Provider(), on(d)) }, registry.Submitted},
		{"declaration_take", func() (registry.Declaration, error) { return h.Take(t.Context(), h.DRANE(), on(d)) }, registry.InReview},
		{"declaration_opine", func() (registry.Declaration, error) {
			return h.Opine(t.Context(), h.DPO(), on(d), registry.Favourable)
		}, registry.InReview},
		{"declaration_approve", func() (registry.Declaration, error) { return h.Approve(t.Context(), h.Recteur(), on(d)) }, registry.Approved},
	}
	for _, step := range steps {
		next, err := step.do()
		if err != nil {
			t.Fatalf("%s: %v", step.word, explain(err))
		}
		if d = next; d.State != step.want {
			t.Fatalf("%s leaves it %s, want %s", step.word, d.State, step.want)
		}
		entries := h.Entries(t)
		last := entries[len(entries)-1]
		if last.Action != step.word || last.Class != audit.ClassAdmin || last.Actor == "" || last.Declaration != d.ID || last.Version != 1 || last.Service != "lire" || last.Outcome != audit.Done {
			t.Errorf("%s is journaled as %+v", step.word, last)
		}
	}
	sheet, err := h.Sheet(t.Context(), h.Recteur(), ref(d))
	if err != nil || sheet.Standing != registry.Active {
		t.Errorf("it stands as %s, %v", sheet.Standing, err)
	}
	if d.Judged == nil || d.Judged.Rules != 0 || d.Change != registry.First {
		t.Errorf("judged %+v, change %s", d.Judged, d.Change)
	}
	by := d.Decisions[len(d.Decisions)-1]
	if by.Office != "recteur" || by.By != h.Recteur().Handle || by.Under == "" || by.Demo {
		t.Errorf("the approval is %+v", by)
	}
	if stored, ok := h.Snapshot(t).Declaration(d.ID, 1); !ok || desk.Tag(stored) != desk.Tag(d) {
		t.Error("what was given back is not what is stored")
	}
}
