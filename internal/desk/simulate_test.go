package desk_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"ecluse/internal/audit"
	"ecluse/internal/consent"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// finder is one source that knows one pupil.
type finder struct {
	consent.Looks
	at []person.UAI // where the pupil is
}

func (f finder) Find(_ context.Context, source, id string) (person.Person, error) {
	if source != "ent" || id != pupil {
		return person.Person{}, desk.ErrNobody
	}
	who := person.Person{Key: person.Key{Authority: "ac", ID: id}, Authn: person.Authn{Source: source}}
	for _, uai := range f.at {
		who.Affiliations = append(who.Affiliations, person.Affiliation{UAI: uai, Profile: person.Pupil})
	}
	return who, nil
}

const whyLook = "plainte de Mme Martin : elle ne peut plus entrer"

func look() desk.Look {
	return desk.Look{Service: "lire", UAI: desktest.College, Source: "ent", Person: pupil, Reason: whyLook}
}

func lookable(h *desktest.House) *desktest.House {
	h.Desk.Looks = finder{Looks: consent.Looks{Keys: h.Ring}}
	return h
}

// looks lists the journal's entries of looks.
func looks(t *testing.T, h *desktest.House) []audit.Entry {
	t.Helper()
	var out []audit.Entry
	for _, e := range h.Entries(t) {
		if e.Action == desk.ActionLook {
			out = append(out, e)
		}
		if text := fmt.Sprintf("%+v", e); strings.Contains(text, "Martin") || strings.Contains(text, pupil) {
			t.Errorf("the journal names somebody: %s", text)
		}
	}
	return out
}

func TestALookAtSomebodyRealIsFiledInTheirOwnHistoryBeforeAnythingIsShown(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		lookable(h)
		who, view, err := h.LookAt(t.Context(), h.Admin(), look())
		if err != nil || who.Key.ID != pupil || view == nil {
			t.Fatal(explain(err))
		}
		list := looks(t, h)
		if len(list) != 1 {
			t.Fatalf("%d entries", len(list))
		}
		e, subject := list[0], consent.HistorySubject(h.Ring, who.Key)
		if e.Subject != subject || e.Class != audit.ClassAdmin || e.Outcome != audit.Done || e.Actor != h.Admin().Handle || e.Service != "lire" || e.Detail["role"] != "admin" || e.Detail["office"] == "" {
			t.Errorf("%+v", e)
		}
		if reason, err := (consent.Looks{Keys: h.Ring}).Reason(subject, e.Detail["reason_sealed"]); err != nil || reason != whyLook {
			t.Errorf("%v, %q", err, reason)
		}
		if _, err := (consent.Looks{Keys: h.Ring}).Reason(consent.HistorySubject(h.Ring, person.Key{Authority: "ac", ID: "x"}), e.Detail["reason_sealed"]); err == nil {
			t.Error("the reason opens in somebody else's history")
		}
		if subject == consent.JournalSubject(h.Ring, who.Key, "lire") || subject == consent.JournalSubject(h.Ring, who.Key, "") {
			t.Error("the history's subject leads to sign-ins")
		}
	})
}

func TestALookNamesASchoolOfOnesOwnAndFindsNobodyOfAnotherAcademy(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	for _, at := range [][]person.UAI{{"0410505X"}, {"0410505X", desktest.College}} {
		h.Desk.Looks = finder{consent.Looks{Keys: h.Ring}, at}
		who, view, err := h.LookAt(t.Context(), h.DPO(), look())
		if ours := len(at) > 1; ours != (err == nil) || ours == who.Key.IsZero() || !ours && (!errors.Is(err, desk.ErrNobody) || view != nil) {
			t.Errorf("somebody at %v: %v", at, err)
		}
	}
	list := looks(t, h)
	if len(list) != 2 || list[1].Outcome == list[0].Outcome {
		t.Fatalf("%d entries", len(list))
	}
	for _, e := range list {
		if (e.Outcome == audit.Failed) != (e.Subject == "") {
			t.Errorf("a reason is written into the history of somebody who was not the caller's to find: %+v", e)
		}
	}
}

func TestALookWithoutTheRoleOrAReasonShowsNothingAndIsJournaled(t *testing.T) {
	t.Parallel()
	h := lookable(desktest.New(t))
	for _, c := range []roles.Caller{h.Stranger(), h.Head(desktest.College), h.Recteur(), h.Support(), h.Auditor(), h.Provider(), h.Teacher(desktest.College)} {
		who, view, err := h.LookAt(t.Context(), c, look())
		isDenied(t, err, "role")
		if view != nil || !who.Key.IsZero() {
			t.Errorf("%v sees somebody", c)
		}
	}
	elsewhere := look()
	elsewhere.UAI = "0410505X" // of no establishment of the academy
	_, _, err := h.LookAt(t.Context(), h.DPO(), elsewhere)
	isDenied(t, err, "perimeter")
	token := h.DPO()
	token.Scopes = roles.Scopes()
	_, _, err = h.LookAt(t.Context(), token, look())
	isDenied(t, err, "token")
	for _, reason := range []string{"", "  ", "pour voir", strings.Repeat("a", 501)} {
		l := look()
		l.Reason = reason
		_, view, err := h.LookAt(t.Context(), h.DPO(), l)
		isInvalid(t, err, "reason")
		if view != nil {
			t.Errorf("%q is a reason", reason)
		}
	}
	nobody := look()
	nobody.Person = "somebody-else"
	if _, _, err := h.LookAt(t.Context(), h.DPO(), nobody); err == nil {
		t.Error("somebody was found who is not there")
	}
	refused, failed := 0, 0
	for _, e := range looks(t, h) {
		switch {
		case e.Subject != "" || e.Outcome == audit.Done:
			t.Errorf("filed as done: %+v", e)
		case e.Outcome == audit.Refused:
			refused++
		case e.Outcome == audit.Failed:
			failed++
		}
	}
	if refused != 10 || failed != 1 { // seven without the role, one elsewhere, one token, one without a reason; repeats count once
		t.Errorf("%d refused and %d failed are journaled", refused, failed)
	}
}

func TestOnlyTheDataProtectionOfficerPutsALookOffWithALegalGroundAndADay(t *testing.T) {
	t.Parallel()
	h := lookable(desktest.New(t))
	put := func(day, ground string) desk.Look {
		l := look()
		if l.Ground = ground; day != "" {
			l.ShownFrom = desktest.Day(day)
		}
		return l
	}
	const ground = "réquisition judiciaire 2026-77, art. 60-1 CPP"
	_, _, err := h.LookAt(t.Context(), h.Admin(), put("2027-01-31", ground))
	isInvalid(t, err, "shown_from")
	for _, bad := range []desk.Look{put("2027-01-31", ""), put("", ground), put("2026-11-22", ground), put("2020-01-01", ground), put("2028-01-01", ground)} {
		if _, _, err := h.LookAt(t.Context(), h.DPO(), bad); err == nil {
			t.Errorf("put off to %s because of %q", bad.ShownFrom, bad.Ground)
		}
	}
	who, _, err := h.LookAt(t.Context(), h.DPO(), put("2027-01-31", ground))
	if err != nil {
		t.Fatal(explain(err))
	}
	list := looks(t, h)
	e := list[len(list)-1]
	if text, err := h.Desk.Looks.(finder).Reason(consent.HistorySubject(h.Ring, who.Key), e.Detail["ground_sealed"]); err != nil || text != ground || e.Detail["shown_from"] != "2027-01-31" {
		t.Errorf("%v, %q, %+v", err, text, e)
	}
}

func TestASimulationShowsDraftsOnlyToThoseWhoseTheyAre(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := desktest.ForSchools(desktest.College)
	d.ID, d.State = "lire-college", registry.Draft
	d.Author = "handle-of-somebody"
	h.Apply(t, registry.Change{Declarations: []registry.Declaration{d}})
	ref := desk.Ref{ID: "lire-college", Version: 1}
	for _, c := range []roles.Caller{h.Head(desktest.College), h.DPO(), h.Recteur()} {
		if _, got, err := h.Simulable(t.Context(), c, "lire", ref); err != nil || got.ID != ref.ID {
			t.Errorf("%v: %v", c, explain(err))
		}
	}
	for _, c := range []roles.Caller{h.Head(desktest.Other), h.Teacher(desktest.College), h.Support(), h.Admin()} {
		view, _, err := h.Simulable(t.Context(), c, "lire", ref)
		if isMissing(t, err); view != nil {
			t.Errorf("%v is given the registry", c)
		}
		if _, _, err := h.Simulable(t.Context(), c, "lire", desk.Ref{}); err != nil {
			t.Errorf("%v may not ask for a persona: %v", c, explain(err))
		}
	}
	_, _, err := h.Simulable(t.Context(), h.Head(desktest.College), "calcul", ref)
	isMissing(t, err) // another service's
	_, _, err = h.Simulable(t.Context(), h.Stranger(), "lire", desk.Ref{})
	isDenied(t, err, "role")
	_, _, err = h.Simulable(t.Context(), h.Provider(), "calcul", desk.Ref{})
	isDenied(t, err, "perimeter")
}
