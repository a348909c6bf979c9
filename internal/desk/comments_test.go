package desk_test

import (
	"slices"
	"testing"

	"ecluse/internal/audit"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

func TestACommentOnAFieldIsKeptWithItsOfficeAndNamesNobody(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		d := submitted(t, h, h.Assistant(), desktest.ForSchools(desktest.College))
		made, err := h.Comment(t.Context(), h.DPO(), ref(d), "items[mail].justification", " Pourquoi l'adresse ? ")
		if err != nil || made.Office != "DPD" || made.Says != "Pourquoi l'adresse ?" || made.By != h.DPO().Handle {
			t.Fatalf("%+v, %v", made, err)
		}
		h.Wait(1)
		if _, err := h.Comment(t.Context(), h.Assistant(), ref(d), "", "Elle part."); err != nil {
			t.Fatal(explain(err))
		}
		said, err := h.Comments(t.Context(), h.Assistant(), ref(d))
		if err != nil || len(said) != 2 || said[0].ID != made.ID || said[0].Where != "items[mail].justification" || said[0].Mine || !said[1].Mine {
			t.Fatalf("%+v, %v", said, err)
		}
		for _, s := range said {
			if s.By != "" || s.Stale {
				t.Errorf("%+v", s)
			}
		}
		entries := slices.DeleteFunc(h.Entries(t), func(e audit.Entry) bool { return e.Action != "declaration_comment" })
		if len(entries) != 2 || entries[0].Declaration != d.ID || entries[0].Version != 1 || entries[0].Detail["comment"] != made.ID || entries[0].Detail["step_up"] != "" {
			t.Errorf("journal %+v", entries)
		}
	})
}

func TestACommentSaysSoWhenTheTextHasChangedSince(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := submitted(t, h, h.DRANE(), desktest.Reading())
	if _, err := h.Comment(t.Context(), h.DPO(), ref(d), "until", "trop long"); err != nil {
		t.Fatal(err)
	}
	back, err := h.Correct(t.Context(), h.DRANE(), desk.Move{Ref: ref(d), Notes: []registry.Remark{{Where: "until", What: "trop long"}}})
	if err != nil {
		t.Fatal(explain(err))
	}
	renewed(&back)
	if _, err := h.Edit(t.Context(), h.DRANE(), back, ""); err != nil {
		t.Fatal(explain(err))
	}
	if said, err := h.Comments(t.Context(), h.DPO(), ref(d)); err != nil || len(said) != 1 || !said[0].Stale {
		t.Errorf("%+v, %v", said, err)
	}
}

func TestWhoWorksOnAVersionCommentsAndNobodyElse(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := submitted(t, h, h.Assistant(), desktest.ForSchools(desktest.College))
	for name, who := range map[string]struct {
		c    roles.Caller
		want string // missing: it is not even in their sight; denied; or nothing
	}{
		"its head": {h.Head(desktest.College), ""}, "who wrote it": {h.Assistant(), ""}, "the officer": {h.DPO(), ""},
		"the provider of the service": {h.Provider(), ""}, "another head": {h.Head(desktest.Other), "missing"},
		"a teacher there": {h.Teacher(desktest.College), "missing"}, "the administrator": {h.Admin(), "missing"},
		"an auditor": {h.Auditor(), "denied"}, "a stranger": {h.Stranger(), "missing"},
	} {
		_, err := h.Comment(t.Context(), who.c, ref(d), "until", "vu")
		_, listed := h.Comments(t.Context(), who.c, ref(d))
		switch who.want {
		case "":
			if err != nil || listed != nil {
				t.Errorf("%s: %v, %v", name, err, listed)
			}
		case "denied":
			isDenied(t, err, "role")
			if listed != nil {
				t.Errorf("%s reads: %v", name, listed)
			}
		default:
			isMissing(t, err)
			isMissing(t, listed)
		}
	}
}

func TestWhatWasSaidOnTheWayStaysInsideWhenTheVersionIsApproved(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := submitted(t, h, h.Assistant(), desktest.ForSchools(desktest.College))
	if _, err := h.Comment(t.Context(), h.DPO(), ref(d), "", "entre nous"); err != nil {
		t.Fatal(err)
	}
	approved(t, h, h.Head(desktest.College), opined(t, h, d, registry.Favourable))
	if _, err := h.Sheet(t.Context(), h.Teacher(desktest.Other), ref(d)); err != nil {
		t.Fatalf("the version itself is public: %v", err)
	}
	_, err := h.Comments(t.Context(), h.Teacher(desktest.Other), ref(d))
	isDenied(t, err, "role")
	_, err = h.Comments(t.Context(), h.Head(desktest.Other), ref(d))
	isDenied(t, err, "perimeter")
	if said, err := h.Comments(t.Context(), h.Head(desktest.College), ref(d)); err != nil || len(said) != 1 {
		t.Errorf("%v, %v", said, err)
	}
}

func TestACommentSaysSomethingAboutAFieldThatThereIs(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := submitted(t, h, h.DRANE(), desktest.Reading())
	_, err := h.Comment(t.Context(), h.DPO(), ref(d), "state", "  ")
	isInvalid(t, err, "where", "says")
	_, err = h.Comment(t.Context(), h.DPO(), ref(d), "itemsx", "vu")
	isInvalid(t, err, "where")
	if _, err := h.Refuse(t.Context(), h.Recteur(), because(d, "non")); err != nil {
		t.Fatal(explain(err))
	}
	_, err = h.Comment(t.Context(), h.DPO(), ref(d), "until", "vu")
	conflicts(t, err, "state")
}
