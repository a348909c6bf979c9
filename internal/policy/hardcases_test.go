package policy_test

import (
	"slices"
	"testing"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// The numbers are those of the list of hard cases that the gate was designed against.

// only restricts the declaration to some establishments.
func (w *world) only(uais ...person.UAI) {
	w.Declarations[0].Scope = registry.Scope{Level: registry.ByEstablishment, UAIs: uais}
	w.Enablings = nil
	w.enable(w.Declarations[0], uais...)
}

func (w *world) places(p person.Person) []policy.Place {
	return policy.Places(w.snapshot(), w.noon(), p, "lire")
}

func TestHardCase1PupilOfTwoSchoolsEntersWhereTheServiceIsDeclared(t *testing.T) {
	t.Parallel()
	w, p := newWorld(t), pupil()
	p.Affiliations = append(p.Affiliations, person.Affiliation{UAI: college, Profile: person.Pupil, Groups: []string{"ALL2"}})
	if got := w.places(p); !slices.Equal(got, []policy.Place{as(ecole, person.Pupil), as(college, person.Pupil)}) {
		t.Errorf("declared for both: %v", got)
	}
	w.only(college)
	if got := w.places(p); !slices.Equal(got, []policy.Place{as(college, person.Pupil)}) {
		t.Errorf("declared for one: %v", got)
	}
	g, err := w.gate(w.noon(), p, as(ecole, person.Pupil), "lire")
	refused(t, g, err, policy.NotHere)
}

func TestHardCase2TeacherHereHeadThereIsNeverMixed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := someone(
		person.Affiliation{UAI: ecole, Profile: person.Teacher}, person.Affiliation{UAI: college, Profile: person.Head},
		person.Affiliation{UAI: lycee, Profile: person.Teacher},
	)
	if got := w.places(p); !slices.Equal(got, []policy.Place{as(ecole, person.Teacher), as(lycee, person.Teacher)}) {
		t.Errorf("places %v: heads are not declared", got)
	}
	g, err := w.gate(w.noon(), p, as(college, person.Teacher), "lire")
	refused(t, g, err, policy.NotMember)
}

func TestHardCase3HeadWhoAlsoTeachesEntersAsWhatTheServiceIsFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := someone(person.Affiliation{UAI: ecole, Profile: person.Head}, person.Affiliation{UAI: ecole, Profile: person.Teacher})
	if got := w.places(p); !slices.Equal(got, []policy.Place{as(ecole, person.Teacher)}) {
		t.Errorf("for teachers: %v", got)
	}
	w.Declarations[0].Audience.Profiles = []person.Profile{person.Head, person.Teacher}
	if got := w.places(p); len(got) != 2 {
		t.Errorf("for both: %v; the person chooses", got)
	}
}

func TestHardCase6GuardianOfTwoChildrenEntersForTheOneWhoseSchoolIsDeclared(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Declarations[0].Audience.Profiles = []person.Profile{person.Guardian}
	w.only(ecole)
	p, place := guardian(person.Yes)
	other := person.Key{Authority: "ac", ID: "3"}
	p.Affiliations = append(p.Affiliations, person.Affiliation{UAI: college, Profile: person.Guardian})
	p.Wards = append(p.Wards, person.Ward{Child: other, UAI: college, Authority: person.Yes})
	if got := w.places(p); !slices.Equal(got, []policy.Place{place}) {
		t.Errorf("places %v", got)
	}
	g, err := w.gate(w.noon(), p, policy.Place{UAI: college, Profile: person.Guardian, Child: other}, "lire")
	if r := refused(t, g, err, policy.NotHere); r.UAI != college {
		t.Errorf("the refusal names %s", r.UAI)
	}
}

func TestHardCase7GuardianWithoutAuthorityDoesNotActForTheChild(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Declarations[0].Audience.Profiles = []person.Profile{person.Guardian}
	p, place := guardian(person.Yes)
	g, err := w.gate(w.noon(), p, place, "lire")
	enters(t, g, err)
	for _, authority := range []person.Tri{person.No, person.Unknown} {
		p, place := guardian(authority)
		g, err := w.gate(w.noon(), p, place, "lire")
		refused(t, g, err, policy.NoParentalAuthority)
		if w.places(p) != nil || policy.Why(w.snapshot(), w.noon(), p, "lire").Reason != policy.NoParentalAuthority {
			t.Errorf("authority %v: a place is offered, or nobody says why not", authority)
		}
	}
	for name, change := range map[string]func(p *person.Person, at *policy.Place){
		"no child":                     func(_ *person.Person, at *policy.Place) { at.Child = person.Key{} },
		"another's child":              func(_ *person.Person, at *policy.Place) { at.Child.ID = "9" },
		"a child of another authority": func(_ *person.Person, at *policy.Place) { at.Child.Authority = "x" },
		"a child at another school":    func(p *person.Person, _ *policy.Place) { p.Wards[0].UAI = college },
		"a ward without a key":         func(p *person.Person, at *policy.Place) { p.Wards[0].Child, at.Child = person.Key{}, person.Key{} },
	} {
		p, place := guardian(person.Yes)
		change(&p, &place)
		if g, err := w.gate(w.noon(), p, place, "lire"); err == nil || g.Granted() {
			t.Errorf("%s: a guardian enters", name)
		}
	}
	alone := someone(person.Affiliation{UAI: ecole, Profile: person.Guardian})
	if w.places(alone) != nil || policy.Why(w.snapshot(), w.noon(), alone, "lire").Reason != policy.NoParentalAuthority {
		t.Error("a guardian of nobody enters, or nobody says why not")
	}
}

func TestHardCase14DeclarationThatExpiresDuringASessionClosesAtThatMoment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	end := time.Date(2027, 9, 1, 0, 0, 0, 0, w.zone)
	g, err := w.gate(end.Add(-time.Nanosecond), pupil(), as(ecole, person.Pupil), "lire")
	enters(t, g, err)
	if !g.Until().Equal(end) {
		t.Errorf("the grant ends at %v, want %v", g.Until(), end)
	}
	g, err = w.gate(end, pupil(), as(ecole, person.Pupil), "lire")
	if r := refused(t, g, err, policy.Expired); r.Date != date("2027-08-31") {
		t.Errorf("the refusal names %v, want the last day", r.Date)
	}
}

func TestHardCase15NarrowedDeclarationReleasesLessAtTheNextIssuance(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	teacher := someone(person.Affiliation{UAI: ecole, Profile: person.Teacher})
	g, err := w.gate(w.noon(), teacher, as(ecole, person.Teacher), "lire")
	enters(t, g, err)
	if len(g.Items()) != 2 {
		t.Fatalf("items %v", g.Items())
	}
	second := forAcademy("lire", "lire-academie", 2)
	second.Items = second.Items[:1]
	w.Declarations = append(w.Declarations, second)
	g, err = w.gate(w.noon(), teacher, as(ecole, person.Teacher), "lire")
	enters(t, g, err)
	if len(g.Items()) != 1 || g.Declaration().Version != 2 {
		t.Errorf("items %v under version %d", g.Items(), g.Declaration().Version)
	}
}

func TestHardCase16LateRenewalIsNoGrace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.local(ecole, college)
	w.Declarations[0].Supplier.Until = date("2026-11-21") // the contract, for all the schools that use it
	renewal := w.next(2, registry.Renewal)
	renewal.State, renewal.From = registry.Submitted, date("2026-11-22")
	for _, uai := range []person.UAI{ecole, college} {
		g, err := w.gate(w.noon(), someone(person.Affiliation{UAI: uai, Profile: person.Teacher}), as(uai, person.Teacher), "lire")
		if r := refused(t, g, err, policy.Lapsed); r.Lapse != policy.LapseContract {
			t.Errorf("%+v", r)
		}
	}
	renewal.State = registry.Approved // late: it opens again from then on, and no school has to say anything
	g, err := w.gate(w.noon(), pupil(), as(ecole, person.Pupil), "lire")
	enters(t, g, err)
	if g.Declaration().Version != 2 {
		t.Errorf("under version %d", g.Declaration().Version)
	}
}

func TestHardCase17LocalRefusalWinsInItsOwnSchoolOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.says(ecole, registry.RefusedHere)
	w.Enablings[0].Message = registry.Text{FR: "Le conseil a dit non."}
	g, err := w.gate(w.noon(), pupil(), as(ecole, person.Pupil), "lire")
	if r := refused(t, g, err, policy.RefusedHere); r.Message.FR != "Le conseil a dit non." || r.Office != "DASEN" {
		t.Errorf("%+v: nobody says whose decision it is", r)
	}
	elsewhere := someone(person.Affiliation{UAI: college, Profile: person.Pupil})
	g, err = w.gate(w.noon(), elsewhere, as(college, person.Pupil), "lire")
	enters(t, g, err)
	department := forAcademy("lire", "lire-departement", 1)
	department.Scope = registry.Scope{Level: registry.ByDepartment, Departments: []string{"028"}}
	w.Declarations = append(w.Declarations, department)
	g, err = w.gate(w.noon(), pupil(), as(ecole, person.Pupil), "lire")
	refused(t, g, err, policy.RefusedHere) // whatever another level says
	w.says(ecole, registry.Withdrawn)
	g, err = w.gate(w.noon(), pupil(), as(ecole, person.Pupil), "lire")
	enters(t, g, err)
}

func TestHardCase20ReplacementTeacherEntersWhereTheyTeach(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.only(college)
	outside := person.UAI("0130049H") // the school of attachment, unknown to this academy
	p := someone(person.Affiliation{UAI: outside, Profile: person.Teacher}, person.Affiliation{UAI: college, Profile: person.Teacher})
	if got := w.places(p); !slices.Equal(got, []policy.Place{as(college, person.Teacher)}) {
		t.Errorf("places %v", got)
	}
}

func TestHardCase30GuardianAtAPupilsServiceIsToldWhoItIsFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Declarations[0].Audience.Profiles = []person.Profile{person.Pupil}
	p, place := guardian(person.Yes)
	g, err := w.gate(w.noon(), p, place, "lire")
	if r := refused(t, g, err, policy.NotForProfile); !slices.Equal(r.For, []person.Profile{person.Pupil}) {
		t.Errorf("for %v, want pupils", r.For)
	}
	if r := policy.Why(w.snapshot(), w.noon(), p, "lire"); r.Reason != policy.NotForProfile {
		t.Errorf("why: %v", r)
	}
}

func TestHardCase32TwoChoicesAtOnceDoNotMix(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Services = append(w.Services, registry.Service{ID: "compter"})
	w.Declarations = append(w.Declarations, forAcademy("compter", "compter-academie", 1))
	p := someone(person.Affiliation{UAI: ecole, Profile: person.Teacher}, person.Affiliation{UAI: college, Profile: person.Teacher})
	first, err := w.gate(w.noon(), p, as(ecole, person.Teacher), "lire")
	enters(t, first, err)
	second, err := w.gate(w.noon(), p, as(college, person.Teacher), "compter")
	enters(t, second, err)
	if first.Place().UAI != ecole || first.Service().ID != "lire" || second.Place().UAI != college || second.Service().ID != "compter" {
		t.Error("one choice took the place of the other")
	}
}
