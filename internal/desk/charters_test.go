package desk_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"ecluse/internal/audit"
	"ecluse/internal/charter"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

func charterText(says string) registry.CharterText {
	return registry.CharterText{Rules: []registry.CharterRule{{Icon: "key", Text: registry.Text{FR: says}}}}
}

func academyCharter() registry.Charter {
	return registry.Charter{Academy: desktest.Academy, Child: charterText("Enfant."), Teen: charterText("Ado."), Adult: charterText("Adulte.")}
}

func schoolCharter(uai person.UAI) registry.Charter {
	return registry.Charter{UAI: uai, Adult: charterText("De l'établissement."), Mode: registry.CharterRequire}
}

// entriesNamed lists the entries of an action.
func entriesNamed(t *testing.T, h *desktest.House, action string) []audit.Entry {
	t.Helper()
	var out []audit.Entry
	for _, e := range h.Entries(t) {
		if e.Action == action {
			out = append(out, e)
		}
	}
	return out
}

func TestACharterIsWrittenByTheControllerWhereItHolds(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		department := registry.Charter{Department: desktest.Department, Mode: registry.CharterRemind}
		deputy := h.Deputy(desktest.College, "A-1", desktest.Day("2027-01-31"))
		for _, c := range []struct {
			who     string
			caller  roles.Caller
			charter registry.Charter
			may     bool
		}{
			{"the head of the school", h.Head(desktest.College), schoolCharter(desktest.College), true},
			{"its deputy", deputy, schoolCharter(desktest.College), true},
			{"the head of another", h.Head(desktest.Other), schoolCharter(desktest.College), false},
			{"a teacher", h.Teacher(desktest.College), schoolCharter(desktest.College), false},
			{"the DASEN, of a collège", h.DASEN(), schoolCharter(desktest.College), false},
			{"the recteur, of a collège", h.Recteur(), schoolCharter(desktest.College), false},
			{"the directeur of the école", h.Head(desktest.Ecole), schoolCharter(desktest.Ecole), true},
			{"the DASEN, of an école", h.DASEN(), schoolCharter(desktest.Ecole), true},
			{"the inspector, of an école", h.IEN(), schoolCharter(desktest.Ecole), false},
			{"the DASEN, of the department", h.DASEN(), department, true},
			{"a directeur, of the department", h.Head(desktest.Ecole), department, false},
			{"a head, of the academy", h.Head(desktest.College), academyCharter(), false},
			{"the DASEN, of the academy", h.DASEN(), academyCharter(), false},
			{"the recteur, of the academy", h.Recteur(), academyCharter(), true},
			{"the DRANE", h.DRANE(), academyCharter(), false},
			{"the officer", h.DPO(), academyCharter(), false},
			{"an administrator", h.Admin(), academyCharter(), false},
			{"nobody", roles.Caller{}, academyCharter(), false},
		} {
			_, err := h.PutCharter(t.Context(), c.caller, c.charter, "")
			var denied *roles.Denied
			if (err == nil) != c.may || !c.may && !errors.As(err, &denied) {
				t.Errorf("%s: %v", c.who, err)
			}
		}
		if n := len(h.Snapshot(t).Charters()); n != 4 {
			t.Errorf("%d charters are written, want 4", n)
		}
	})
}

func TestACharterIsWrittenWithItsVersionsAndTheOldOnesStayReadable(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		first := academyCharter()
		made := ok[registry.Charter](t)(h.PutCharter(t.Context(), h.Recteur(), first, ""))
		next := first
		next.Teen = charterText("Ado, autrement.")
		if _, err := h.PutCharter(t.Context(), h.Recteur(), next, "another"); !conflict(err, "changed") {
			t.Errorf("on another state: %v", err)
		}
		ok[registry.Charter](t)(h.PutCharter(t.Context(), h.Recteur(), next, desk.Tag(made)))
		ok[registry.Charter](t)(h.PutCharter(t.Context(), h.Recteur(), next, "")) // the same once more writes nothing
		entries := entriesNamed(t, h, "charter_put")
		if len(entries) != 2 || entries[0].Detail["charter"] != "academy exemple" || entries[0].Detail["ado"] != first.Teen.Version() || entries[1].Detail["ado"] != next.Teen.Version() {
			t.Errorf("%+v", entries)
		}
		for _, text := range []registry.CharterText{first.Teen, next.Teen, first.Child} {
			if got := ok[registry.CharterText](t)(h.CharterText(t.Context(), h.Teacher(desktest.College), text.Version())); got.Version() != text.Version() {
				t.Errorf("%s is kept as %+v", text.Version(), got)
			}
		}
		var none *desk.NotFound
		paper := ok[string](t)(h.Attach(t.Context(), h.Head(desktest.College), "other", []byte("un contrat")))
		for _, hash := range []string{"", "x", strings.Repeat("0", 64), paper} {
			if _, err := h.CharterText(t.Context(), h.Recteur(), hash); !errors.As(err, &none) {
				t.Errorf("%q: %v", hash, err)
			}
		}
		if _, err := h.PutCharter(t.Context(), h.Head(desktest.College), schoolCharter(desktest.College), "tag"); !errors.As(err, &none) {
			t.Errorf("a change of what is not there: %v", err)
		}
	})
}

func TestEveryMistakeOfACharterIsToldAndNothingIsWritten(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	bad := academyCharter()
	bad.Mode, bad.Begins, bad.Adult.Rules[0].Icon = "x", "x", "x"
	_, err := h.PutCharter(t.Context(), h.Recteur(), bad, "")
	if invalid := (*desk.Invalid)(nil); !errors.As(err, &invalid) || len(invalid.Findings) != 3 {
		t.Errorf("%v", err)
	}
	h.Apply(t, registry.Change{Charters: []registry.Charter{{Academy: desktest.Academy, Mode: registry.CharterShown, ManagedBy: "charters.yaml"}}})
	if _, err := h.PutCharter(t.Context(), h.Recteur(), academyCharter(), ""); !conflict(err, "managed") {
		t.Errorf("what a file manages is changed: %v", err)
	}
	if c, _ := h.Snapshot(t).Charter(registry.ByAcademy, desktest.Academy); c.Mode != registry.CharterShown {
		t.Error("something was written")
	}
}

func conflict(err error, code string) bool {
	var c *desk.Conflict
	return errors.As(err, &c) && c.Code == code
}

func TestWhatHoldsInASchoolIsTheNarrowestWithItsOrigin(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	ok[registry.Charter](t)(h.PutCharter(t.Context(), h.Recteur(), academyCharter(), ""))
	ok[registry.Charter](t)(h.PutCharter(t.Context(), h.Head(desktest.College), schoolCharter(desktest.College), ""))
	a := ok[desk.Applied](t)(h.CharterAt(t.Context(), h.Teacher(desktest.College), desktest.College))
	if len(a.Texts) != 3 || a.Texts[1].Level != registry.ByAcademy || a.Texts[2].Level != registry.ByEstablishment || a.Mode != registry.CharterRequire || a.Year != 2026 || !a.Pupils {
		t.Errorf("%+v", a)
	}
	if a.Counts != nil || a.Sums != nil {
		t.Error("a teacher reads numbers")
	}
	if a := ok[desk.Applied](t)(h.CharterAt(t.Context(), h.Recteur(), desktest.Ecole)); a.Pupils || a.Mode != registry.CharterRemind {
		t.Errorf("an école: %+v", a)
	}
	var none *desk.NotFound
	if _, err := h.CharterAt(t.Context(), h.Recteur(), "0000000A"); !errors.As(err, &none) {
		t.Errorf("a school that nobody registered: %v", err)
	}
	var denied *roles.Denied
	if _, err := h.CharterAt(t.Context(), h.Stranger(), desktest.College); !errors.As(err, &denied) {
		t.Errorf("a stranger: %v", err)
	}
}

func TestASchoolLearnsHowManyHaveReadAndNobodysName(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		ok[registry.Charter](t)(h.PutCharter(t.Context(), h.Recteur(), academyCharter(), ""))
		book := &charter.Book{Store: h.Readers, Keys: h.Ring, Now: h.Now}
		read := func(n int, profile person.Profile) {
			t.Helper()
			for i := range n {
				due := charter.DueAt(h.Snapshot(t), h.Now(), desktest.College, profile)
				if err := book.Acknowledge(t.Context(), person.Key{Authority: "ac", ID: fmt.Sprint(profile, i)}, due, due.Text.Version, ""); err != nil {
					t.Fatal(err)
				}
			}
		}
		read(9, person.Pupil)
		a := ok[desk.Applied](t)(h.CharterAt(t.Context(), h.Head(desktest.College), desktest.College))
		if len(a.Counts) != 1 || !a.Counts[0].Hidden || a.Counts[0].N != 0 {
			t.Errorf("nine are told: %+v", a.Counts)
		}
		read(10, person.Pupil)
		read(1, person.Teacher)
		a = ok[desk.Applied](t)(h.CharterAt(t.Context(), h.Head(desktest.College), desktest.College))
		if len(a.Counts) != 2 || a.Counts[0] != (charter.Told{Group: charter.Pupils, N: 10}) || !a.Counts[1].Hidden {
			t.Errorf("%+v", a.Counts)
		}
		if b := ok[desk.Applied](t)(h.CharterAt(t.Context(), h.Head(desktest.Other), desktest.College)); b.Counts != nil || b.Sums != nil {
			t.Errorf("the head of another school reads %+v", b.Counts)
		}
	})
}

func TestAnEcoleAttestsWhatWasReadInClassByNumbers(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		ok[registry.Charter](t)(h.PutCharter(t.Context(), h.Recteur(), academyCharter(), ""))
		on := desktest.Day("2026-09-14")
		list := []desk.ReadInClass{{Class: "CE2 B", On: on, Read: 24, Signed: 20, Document: "classeur 3"}, {Class: " CM1 ", On: on, Read: 25, Signed: 25, Document: "classeur 3"}}
		made := ok[[]charter.Attestation](t)(h.AttestCharter(t.Context(), h.Head(desktest.Ecole), desktest.Ecole, list))
		if len(made) != 2 || made[1].Class != "CM1" || made[0].Version != academyCharter().Child.Version() || made[0].Year != 2026 {
			t.Errorf("%+v", made)
		}
		list[0].Signed = 23
		ok[[]charter.Attestation](t)(h.AttestCharter(t.Context(), h.DASEN(), desktest.Ecole, list[:1]))
		a := ok[desk.Applied](t)(h.CharterAt(t.Context(), h.Head(desktest.Ecole), desktest.Ecole))
		if len(a.Attested) != 2 || a.Sums == nil || *a.Sums != (desk.Attested{Classes: 2, Read: 49, Signed: 48}) {
			t.Errorf("%+v, %+v", a.Attested, a.Sums)
		}
		entries := entriesNamed(t, h, "charter_attest")
		if len(entries) != 2 || entries[0].Detail["read"] != "49" || entries[0].Detail["how"] != "paper" || entries[0].UAI != string(desktest.Ecole) || entries[0].Actor == "" {
			t.Errorf("%+v", entries)
		}
		if text := fmt.Sprintf("%#v", entries); strings.Contains(text, "CE2") || strings.Contains(text, "classeur") {
			t.Error("what was typed stands in the journal in the clear")
		}
	})
}

func TestWhatCannotBeAttestedIsRefused(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	good := desk.ReadInClass{Class: "CE2", On: desktest.Day("2026-09-14"), Read: 24, Signed: 20, Document: "classeur"}
	if _, err := h.AttestCharter(t.Context(), h.Head(desktest.Ecole), desktest.Ecole, []desk.ReadInClass{good}); !conflict(err, "state") {
		t.Errorf("without a charter: %v", err)
	}
	ok[registry.Charter](t)(h.PutCharter(t.Context(), h.Recteur(), academyCharter(), ""))
	for name, c := range map[string]roles.Caller{
		"a teacher": h.Teacher(desktest.Ecole), "another school's head": h.Head(desktest.College), "the officer": h.DPO(), "nobody": {}, "a stranger": h.Stranger(),
	} {
		var denied *roles.Denied
		if _, err := h.AttestCharter(t.Context(), c, desktest.Ecole, []desk.ReadInClass{good}); !errors.As(err, &denied) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := h.AttestCharter(t.Context(), h.Head(desktest.College), desktest.College, []desk.ReadInClass{good}); !conflict(err, "state") {
		t.Errorf("in a collège: %v", err)
	}
	for name, change := range map[string]func(*desk.ReadInClass){
		"no class": func(c *desk.ReadInClass) { c.Class = " " }, "no document": func(c *desk.ReadInClass) { c.Document = "" },
		"no day": func(c *desk.ReadInClass) { c.On = registry.Date{} }, "a day to come": func(c *desk.ReadInClass) { c.On = desktest.Day("2026-11-23") },
		"a day of the year before": func(c *desk.ReadInClass) { c.On = desktest.Day("2026-08-31") }, "nobody": func(c *desk.ReadInClass) { c.Read, c.Signed = 0, 0 },
		"more signatures than pupils": func(c *desk.ReadInClass) { c.Signed = 25 }, "fewer than none": func(c *desk.ReadInClass) { c.Signed = -1 },
	} {
		bad := good
		change(&bad)
		_, err := h.AttestCharter(t.Context(), h.Head(desktest.Ecole), desktest.Ecole, []desk.ReadInClass{bad})
		if invalid := (*desk.Invalid)(nil); !errors.As(err, &invalid) || len(invalid.Findings) != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, list := range map[string][]desk.ReadInClass{"none": nil, "one twice": {good, good}} {
		_, err := h.AttestCharter(t.Context(), h.Head(desktest.Ecole), desktest.Ecole, list)
		if invalid := (*desk.Invalid)(nil); !errors.As(err, &invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(entriesNamed(t, h, "charter_attest")); n != 0 {
		for _, e := range entriesNamed(t, h, "charter_attest") {
			if e.Outcome == audit.Done {
				t.Errorf("%d acts stand in the journal", n)
			}
		}
	}
}
