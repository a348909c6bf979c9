package desk_test

import (
	"errors"
	"testing"

	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

func TestHardCase36NewNumbersForASectorWantTwoPersons(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		ask := desk.Renewal{Overlap: desktest.Day("2026-12-31"), Reason: "liste publiée"}
		for who, c := range map[string]roles.Caller{"a head": h.Head(desktest.College), "the DASEN": h.DASEN(), "nobody": h.Stranger(), "an administrator": h.Admin()} {
			if _, err := h.AskRenewal(t.Context(), c, "lire", ask); !refused(err) {
				t.Errorf("%s asks: %v", who, err)
			}
		}
		f, err := h.AskRenewal(t.Context(), h.OnCall(), "lire", ask)
		if err != nil || f.Generation != 0 || f.State != registry.Submitted || h.Snapshot(t).Family("lire").Generation != 0 {
			t.Fatalf("asked: %+v, %v", f, err)
		}
		_, err = h.AskRenewal(t.Context(), h.DPO(), "lire", ask)
		var conflict *desk.Conflict
		if !errors.As(err, &conflict) {
			t.Errorf("asked twice: %v", err)
		}
		if _, err := h.ConfirmRenewal(t.Context(), h.OnCall(), "lire", "oui"); !refused(err) {
			t.Errorf("whoever is on call confirms: %v", err)
		}
		f, err = h.ConfirmRenewal(t.Context(), h.DPO(), "lire", "vu")
		if err != nil || f.Generation != 1 || f.Overlap != ask.Overlap || !f.Next.IsZero() || h.Snapshot(t).Family("lire").Generation != 1 {
			t.Fatalf("confirmed: %+v, %v", f, err)
		}
		if h.Snapshot(t).Family("calcul").Generation != 0 {
			t.Error("another sector has new numbers")
		}
		if _, err := h.ConfirmRenewal(t.Context(), h.DPO(), "lire", "encore"); !errors.As(err, &conflict) {
			t.Errorf("confirmed twice: %v", err)
		}
		if len(f.Decisions) != 2 {
			t.Errorf("%d decisions are kept", len(f.Decisions))
		}
	})
}

func TestWhoeverAskedForNewNumbersDoesNotConfirmThem(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	if _, err := h.AskRenewal(t.Context(), h.DPO(), "lire", desk.Renewal{Reason: "liste publiée"}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.ConfirmRenewal(t.Context(), h.DPO(), "lire", "vu"); !refused(err) {
		t.Errorf("confirmed by the same person: %v", err)
	}
	if _, err := h.DeclineRenewal(t.Context(), h.Stranger(), "lire", "non"); !refused(err) {
		t.Errorf("declined by nobody: %v", err)
	}
	f, err := h.DeclineRenewal(t.Context(), h.Recteur(), "lire", "erreur")
	if err != nil || f.Generation != 0 || f.State != registry.Approved {
		t.Errorf("declined: %+v, %v", f, err)
	}
	var conflict *desk.Conflict
	if _, err := h.DeclineRenewal(t.Context(), h.Recteur(), "lire", "erreur"); !errors.As(err, &conflict) {
		t.Errorf("declined twice: %v", err)
	}
	if list, err := h.Families(t.Context(), h.DPO()); err != nil || len(list) != 1 {
		t.Errorf("%d families, %v", len(list), err)
	}
	if _, err := h.Families(t.Context(), h.Stranger()); !refused(err) {
		t.Errorf("nobody reads them: %v", err)
	}
}

func TestWhatIsAskedOfASectorIsExamined(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	for name, r := range map[string]desk.Renewal{
		"no reason":  {Overlap: desktest.Day("2026-12-31")},
		"yesterday":  {Overlap: desktest.Day("2026-11-21"), Reason: "x"},
		"two years":  {Overlap: desktest.Day("2028-11-22"), Reason: "x"},
		"a year +2d": {Overlap: desktest.Day("2027-11-24"), Reason: "x"},
	} {
		var invalid *desk.Invalid
		if _, err := h.AskRenewal(t.Context(), h.DPO(), "lire", r); !errors.As(err, &invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var missing *desk.NotFound
	if _, err := h.AskRenewal(t.Context(), h.DPO(), "nowhere", desk.Renewal{Reason: "x"}); !errors.As(err, &missing) {
		t.Errorf("a sector without a service: %v", err)
	}
	var conflict *desk.Conflict
	if _, err := h.AskRenewal(t.Context(), h.DPO(), registry.Desk, desk.Renewal{Reason: "x"}); !errors.As(err, &conflict) {
		t.Errorf("the desk's own sector, under whose numbers appointments are held: %v", err)
	}
}

func refused(err error) bool {
	var denied *roles.Denied
	return errors.As(err, &denied)
}
