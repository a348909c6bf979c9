package desk_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"ecluse/internal/audit"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/guardian"
	"ecluse/internal/person"
	"ecluse/internal/roles"
)

func viewOf(reason guardian.Reason) desk.GuardianView {
	return desk.GuardianView{Source: "ent", Guardian: "MARQUE-parent", Child: "MARQUE-enfant", Reason: reason}
}

// authorityOf is what the guardian holds over the child.
func authorityOf(t *testing.T, h *desktest.House, book *guardian.Book) person.Tri {
	t.Helper()
	source, _ := h.Snapshot(t).Source("ent")
	key := func(id string) person.Key { return person.Key{Authority: source.Authority, ID: id} }
	wards, err := book.Today(t.Context(), person.Person{Key: key("MARQUE-parent"), Wards: []person.Ward{{Child: key("MARQUE-enfant"), Authority: person.Yes}}}, h.Now())
	if err != nil {
		t.Fatal(err)
	}
	return wards[0].Authority
}

func TestAViewIsClosedByWhoeverAnswersForTheChildsEstablishment(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		replica := h.Replica(t, "replica")
		for _, c := range []struct {
			who    string
			caller roles.Caller
			uai    person.UAI
			may    bool
		}{
			{"the directeur of the école", h.Head(desktest.Ecole), desktest.Ecole, true},
			{"the directeur, of a collège", h.Head(desktest.Ecole), desktest.College, false},
			{"the head of the collège", h.Head(desktest.College), desktest.College, true},
			{"its deputy", h.Deputy(desktest.College, "A-1", desktest.Day("2027-01-31")), desktest.College, true},
			{"the head of another", h.Head(desktest.Other), desktest.College, false},
			{"the DASEN, of an école", h.DASEN(), desktest.Ecole, true},
			{"the DASEN, of a collège", h.DASEN(), desktest.College, false},
			{"the officer, of an école", h.DPO(), desktest.Ecole, true},
			{"the officer, of a collège", h.DPO(), desktest.College, true},
			{"a teacher", h.Teacher(desktest.College), desktest.College, false},
			{"the inspector", h.IEN(), desktest.Ecole, false},
			{"the DRANE", h.DRANE(), desktest.Ecole, false},
			{"an administrator", h.Admin(), desktest.Ecole, false},
			{"support", h.Support(), desktest.Ecole, false},
			{"whoever is on call", h.OnCall(), desktest.Ecole, false},
			{"an auditor", h.Auditor(), desktest.Ecole, false},
			{"a provider", h.Provider(), desktest.Ecole, false},
			{"a stranger", h.Stranger(), desktest.Ecole, false},
			{"nobody", roles.Caller{}, desktest.Ecole, false},
			{"the directeur by a token", withScopes(h.Head(desktest.Ecole)), desktest.Ecole, false},
		} {
			denied := func(err error) bool {
				var d *roles.Denied
				return errors.As(err, &d)
			}
			done, err := h.CloseGuardian(t.Context(), c.caller, c.uai, viewOf(guardian.Court))
			if (err == nil) != c.may || !c.may && !denied(err) || c.may && !done.Changed {
				t.Errorf("%s: %+v %v", c.who, done, err)
			}
			if closed := authorityOf(t, h, replica.Guardians) != person.Yes; closed != c.may {
				t.Errorf("%s: on another replica it is closed: %v", c.who, closed)
			}
			if _, err := h.Closings(t.Context(), c.caller, c.uai); (err == nil) != c.may || !c.may && !denied(err) {
				t.Errorf("%s: the list: %v", c.who, err)
			}
			if !c.may {
				if _, err := h.OpenGuardian(t.Context(), c.caller, c.uai, viewOf(guardian.Over)); !denied(err) {
					t.Errorf("%s opens: %v", c.who, err)
				}
				continue
			}
			if _, err := h.OpenGuardian(t.Context(), c.caller, c.uai, viewOf(guardian.Over)); err != nil || authorityOf(t, h, h.Guardians) != person.Yes {
				t.Errorf("%s does not open: %v", c.who, err)
			}
		}
	})
}

func withScopes(c roles.Caller) roles.Caller {
	c.Scopes = append(roles.Scopes(), string(roles.CloseGuardian))
	return c
}

func TestTheJournalSaysOfAClosingWhoWhyAndNobodysName(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	head := h.Head(desktest.Ecole)
	for range 2 { // twice is once
		if _, err := h.CloseGuardian(t.Context(), head, desktest.Ecole, viewOf(guardian.Danger)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.OpenGuardian(t.Context(), head, desktest.Ecole, viewOf(guardian.Mistake)); err != nil {
		t.Fatal(err)
	}
	if done, err := h.OpenGuardian(t.Context(), head, desktest.Ecole, viewOf(guardian.Mistake)); err != nil || done.Changed {
		t.Fatal(done, err)
	}
	marks := map[string]bool{}
	for action, reason := range map[string]string{"guardian_close": "danger", "guardian_open": "mistake"} {
		list := entriesNamed(t, h, action)
		if len(list) != 1 {
			t.Fatalf("%d entries of %s", len(list), action)
		}
		e := list[0]
		if e.Class != audit.ClassAdmin || e.Actor != head.Handle || e.UAI != string(desktest.Ecole) || e.Subject != "" || e.Source != "ent" || e.Detail["reason"] != reason || e.Detail["office"] == "" {
			t.Errorf("%+v", e)
		}
		if strings.Contains(fmt.Sprintf("%+v", e), "MARQUE") {
			t.Errorf("somebody is named: %+v", e)
		}
		marks[e.Detail["closing"]] = true
	}
	if len(marks) != 1 {
		t.Errorf("what is opened does not go with what was closed: %v", marks)
	}
	for _, said := range []string{fmt.Sprint(viewOf(guardian.Court)), fmt.Sprintf("%+v", viewOf(guardian.Court)), fmt.Sprintf("%#v", viewOf(guardian.Court)), viewOf(guardian.Court).LogValue().String()} {
		if strings.Contains(said, "MARQUE") {
			t.Errorf("it prints %s", said)
		}
	}
}

func TestEverythingThatIsWrongWithAClosingIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	head := h.Head(desktest.Ecole)
	_, err := h.CloseGuardian(t.Context(), head, desktest.Ecole, desk.GuardianView{Source: "x", Reason: "y"})
	wantInvalid(t, err, "source", "guardian", "child", "reason")
	same := viewOf(guardian.Court)
	same.Child = " " + same.Guardian + " "
	_, err = h.CloseGuardian(t.Context(), head, desktest.Ecole, same)
	wantInvalid(t, err, "child")
	_, err = h.CloseGuardian(t.Context(), head, desktest.Ecole, viewOf(guardian.Over))
	wantInvalid(t, err, "reason")
	_, err = h.OpenGuardian(t.Context(), head, desktest.Ecole, viewOf(guardian.Danger))
	wantInvalid(t, err, "reason")
	if list, err := h.Closings(t.Context(), head, desktest.Ecole); err != nil || len(list) != 0 {
		t.Errorf("%v %v", list, err)
	}
	h.Guardians = nil
	if _, err := h.CloseGuardian(t.Context(), head, desktest.Ecole, viewOf(guardian.Court)); err == nil {
		t.Error("a desk that closes nothing closed something")
	}
}

func TestAStoreThatFailsClosesNothingAndSaysSo(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	h.Guardians.Handles = func(context.Context, person.Key) ([]string, error) { return nil, errors.New("down") }
	if _, err := h.CloseGuardian(t.Context(), h.Head(desktest.Ecole), desktest.Ecole, viewOf(guardian.Court)); err == nil {
		t.Error("it is said to be closed")
	}
	if n := len(entriesNamed(t, h, "guardian_close")); n != 0 {
		t.Errorf("%d entries", n)
	}
}
