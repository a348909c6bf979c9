package attrs_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// at is the scene as somebody who has one profile in each of some establishments, acting in the first.
func at(profile person.Profile, uais ...person.UAI) func(*scene) {
	return func(s *scene) {
		s.person.Affiliations = nil
		for _, uai := range uais {
			s.person.Affiliations = append(s.person.Affiliations, person.Affiliation{UAI: uai, Profile: profile, Classes: []string{"CL " + string(uai)}})
		}
		s.place = policy.Place{UAI: uais[0], Profile: profile}
	}
}

func TestHardCase1TheSecondSchoolOfAPupilSeesItselfAndTheSameNumber(t *testing.T) {
	t.Parallel()
	s := newScene("uai", "classes", "groups", "level")
	first := s.must(t)
	s.place.UAI = college
	second := s.must(t)
	if first.Subject() != second.Subject() {
		t.Error("a language group elsewhere gives a second number")
	}
	if got := values(second); !slices.Equal(got["uai"], []string{string(college)}) || !slices.Equal(got["classes"], []string{"6B"}) || got["groups"] != nil || got["level"] != nil {
		t.Errorf("the second school is told %v", got)
	}
}

func TestHardCase2TheReleaseSpeaksOfTheChosenSchoolAndProfileOnly(t *testing.T) {
	t.Parallel()
	s := newScene("uai", "profile", "classes", "functions", person.Subjects, "affiliation")
	s.person.Affiliations = []person.Affiliation{
		{UAI: ecole, Profile: person.Teacher, Classes: []string{"CE2 A"}, Values: map[person.Attr][]string{person.Subjects: {"ANGLAIS"}}},
		{UAI: college, Profile: person.Head, Functions: []string{"DIR"}},
	}
	s.place = policy.Place{UAI: college, Profile: person.Head}
	got := values(s.must(t))
	if !slices.Equal(got["profile"], []string{"National_DIR"}) || !slices.Equal(got["uai"], []string{string(college)}) || got["classes"] != nil || got[person.Subjects] != nil {
		t.Errorf("as a head: %v", got)
	}
	s.place = policy.Place{UAI: ecole, Profile: person.Teacher}
	got = values(s.must(t))
	if !slices.Equal(got["profile"], []string{"National_ENS"}) || got["functions"] != nil || !slices.Equal(got["classes"], []string{"CE2 A"}) {
		t.Errorf("as a teacher: %v", got)
	}
}

func TestHardCase3AHeadWhoTeachesIsToldAsOneOfTheTwo(t *testing.T) {
	t.Parallel()
	s := newScene("profile", "affiliation", "classes", "functions")
	s.person.Affiliations = []person.Affiliation{
		{UAI: ecole, Profile: person.Head, Functions: []string{"DIR"}}, {UAI: ecole, Profile: person.Teacher, Classes: []string{"CM2"}},
	}
	for profile, want := range map[person.Profile]string{person.Head: "staff", person.Teacher: "faculty"} {
		s.place = policy.Place{UAI: ecole, Profile: profile}
		got := values(s.must(t))
		if !slices.Equal(got["profile"], []string{string(profile)}) || !slices.Equal(got["affiliation"], []string{want}) || len(got["classes"])+len(got["functions"]) != 1 {
			t.Errorf("%s: %v", profile, got)
		}
	}
}

// TestHardCase5TwinsOfOneClassAreTwoPeople has two pupils who share all but their keys.
func TestHardCase5TwinsOfOneClassAreTwoPeople(t *testing.T) {
	t.Parallel()
	s := newScene("pseudonym", "uai", "classes", "level", "short_code", "pairwise_id")
	one := s.must(t)
	s.person.Key.ID = "twin"
	other := s.must(t)
	if one.Subject() == other.Subject() || one.Digest() == other.Digest() {
		t.Error("a twin is told as the other")
	}
	for n, v := range values(one) {
		if number := n == "pseudonym" || n == "short_code" || n == "pairwise_id"; number == slices.Equal(v, values(other)[n]) {
			t.Errorf("%s: %v and %v", n, v, values(other)[n])
		}
	}
}

// guardian is somebody who signs in for a child at the école and may have another at the collège.
func guardian(items ...person.Attr) scene {
	s := newScene(items...)
	s.person = person.Person{
		Key: person.Key{Authority: "ac", ID: "parent"}, Authn: person.Authn{Source: "ent"},
		Values: map[person.Attr][]string{
			person.GivenName: {"Eva"}, person.FamilyName: {"Blanc"}, person.Mail: {"eva@blanc.example"}, person.Login: {"eblanc"},
			person.HeadsOf: {string(college)}, person.ActsFor: {string(college) + " 2026-09-01 2027-08-31 x"},
		},
		Affiliations: []person.Affiliation{{UAI: ecole, Profile: person.Guardian}, {UAI: college, Profile: person.Guardian}},
		Wards: []person.Ward{
			{Child: person.Key{Authority: "ac", ID: "léo"}, UAI: ecole, Authority: person.Yes, Label: "Léo"},
			{Child: person.Key{Authority: "ac", ID: "zoé"}, UAI: college, Authority: person.Yes, Label: "Zoé"},
		},
	}
	s.place = policy.Place{UAI: ecole, Profile: person.Guardian, Child: s.person.Wards[0].Child}
	return s
}

func TestHardCase6AGuardianIsToldForOneChildAndTheOtherIsNoOnesBusiness(t *testing.T) {
	t.Parallel()
	s := guardian("child", "uai", "classes", "profile")
	first := s.must(t)
	s.place = policy.Place{UAI: college, Profile: person.Guardian, Child: s.person.Wards[1].Child}
	second := s.must(t)
	if a, b := values(first)["child"], values(second)["child"]; len(a) != 1 || len(b) != 1 || a[0] == b[0] {
		t.Error("two children, and the service cannot tell for which the guardian came")
	}
	if values(first)["uai"][0] != string(ecole) || values(second)["uai"][0] != string(college) || first.Subject() != second.Subject() {
		t.Error("the school is the child's, the number the guardian's")
	}
	s.place.UAI = ecole // the other child does not go there
	if _, err := policy.Gate(s.snapshot(), s.now, policy.Ask{Person: s.person, Place: s.place, Service: "lire"}); err == nil {
		t.Error("a guardian acts for a child in a school that is not the child's")
	}
}

func TestHardCase7UnknownAuthorityOverAChildIsNoAuthority(t *testing.T) {
	t.Parallel()
	for _, authority := range []person.Tri{person.Unknown, person.No} {
		s := guardian("child", "uai")
		s.person.Wards[0].Authority = authority
		grant, err := policy.Gate(s.snapshot(), s.now, policy.Ask{Person: s.person, Place: s.place, Service: "lire"})
		if err == nil {
			t.Fatalf("authority %s: granted", authority)
		}
		if r, err := engine(t).Release(s.person, grant, s.request); err == nil || !r.Empty() {
			t.Errorf("authority %s: %v leave", authority, r.Names())
		}
	}
}

func TestHardCase8WhatIsAnAgentsDoesNotLeaveWhereTheyActAsAParent(t *testing.T) {
	t.Parallel()
	words := []person.Attr{person.GivenName, person.Mail, "mail_domain", person.Login, person.HeadsOf, person.ActsFor, "functions", "profile"}
	s := guardian(words...)
	s.declaration.Mode = registry.Nominative
	if got := values(s.must(t)); len(got[person.Mail]) != 1 || len(got[person.Login]) != 1 || got[person.HeadsOf] != nil {
		t.Errorf("a parent who is no agent: %v", got)
	}
	s.person.Affiliations = append(s.person.Affiliations, person.Affiliation{UAI: college, Profile: person.Teacher, Functions: []string{"ENS"}})
	r := s.must(t)
	if got := r.Names(); !slices.Equal(got, []string{"given_name", "profile"}) {
		t.Errorf("as a parent %v leave", got)
	}
	for _, n := range []person.Attr{person.Mail, "mail_domain", person.Login, person.HeadsOf, person.ActsFor} {
		if why(r)[n] != attrs.NotThisProfile {
			t.Errorf("%s is withheld as %q", n, why(r)[n])
		}
	}
	s.place = policy.Place{UAI: college, Profile: person.Teacher}
	if got := values(s.must(t)); !slices.Equal(got[person.Mail], []string{"eva@blanc.example"}) || got["functions"] == nil || got["profile"][0] != "National_ENS" {
		t.Errorf("as a teacher: %v", got)
	}
	s.person.Values[person.Mail] = []string{"eva@blanc.example", "eva.blanc@ac-exemple.fr"}
	if got := values(s.must(t))[person.Mail]; got != nil {
		t.Errorf("nobody knows which address is the teacher's, and %v leave", got)
	}
	s.place = policy.Place{UAI: ecole, Profile: person.Guardian, Child: s.person.Wards[0].Child}
	s.person.Affiliations[0].Values = map[person.Attr][]string{person.Mail: {"parent@blanc.example"}}
	if got := values(s.must(t))[person.Mail]; !slices.Equal(got, []string{"parent@blanc.example"}) {
		t.Errorf("what is said of the parent leaves as %v", got)
	}
}

// TestHardCase9And24APupilWithoutAClassIsRefusedWithTheReasonOfTheSeason: between two school years that is to be expected,
// and later it is a mistake of the school's base.
func TestHardCase9And24APupilWithoutAClassIsRefusedWithTheReasonOfTheSeason(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		word   person.Attr
		month  time.Month
		change func(*person.Affiliation)
		want   attrs.Lacking
	}{
		{"classes", time.August, func(*person.Affiliation) {}, attrs.YearNotReady},
		{"class_levels", time.September, func(*person.Affiliation) {}, attrs.YearNotReady},
		{"groups", time.October, func(*person.Affiliation) {}, attrs.NoClass},
		{"classes", time.June, func(*person.Affiliation) {}, attrs.NoClass},
		{"groups", time.August, func(a *person.Affiliation) { a.Classes = []string{"CM2 A"} }, attrs.AttributeMissing},
		{person.Subjects, time.August, func(*person.Affiliation) {}, attrs.AttributeMissing},
	} {
		s := newScene("uai", c.word)
		s.declaration.Items[1].Required = true
		s.now = time.Date(2026, c.month, 28, 12, 0, 0, 0, s.zone)
		a := &s.person.Affiliations[0]
		a.Classes, a.Groups = nil, nil
		c.change(a)
		_, err := s.release(t)
		var missing *attrs.Missing
		if !errors.As(err, &missing) || missing.Reason != c.want || missing.Why != attrs.NotKnown || missing.Source != "ent" || missing.Entry.Label.FR == "" {
			t.Errorf("%s in %s: %v, want %s", c.word, c.month, err, c.want)
		}
		s.declaration.Items[1].Required = false
		if r := s.must(t); values(r)["uai"] == nil {
			t.Errorf("%s in %s: where no class is required somebody without one is kept out", c.word, c.month)
		}
	}
}

func TestHardCase20AReplacementTeacherIsToldOfTheSchoolWhereTheyTeach(t *testing.T) {
	t.Parallel()
	s := newScene("uai", "school_name")
	at(person.Teacher, college, "0280999Z")(&s) // the second is the administrative one, which is not registered here
	if got := values(s.must(t)); !slices.Equal(got["uai"], []string{string(college)}) {
		t.Errorf("%v leave", got)
	}
}

func TestHardCase28NamesOfEveryShapeLeaveAsTheyAre(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		given, family []string
		initials      []string
	}{
		"accents":        {[]string{"Éloïse"}, []string{"Œdipe-Ğül"}, []string{"ÉŒ"}},
		"a particle":     {[]string{"Jean-Baptiste"}, []string{"de La Fontaine"}, []string{"JD"}},
		"a single name":  {nil, []string{"Suharto"}, []string{"S"}},
		"no family":      {[]string{"Björk"}, nil, []string{"B"}},
		"another script": {[]string{"Ольга"}, []string{"محمد"}, []string{"Оم"}},
		"no letter":      {[]string{"'"}, []string{"-"}, nil},
		"broken":         {[]string{"\xff"}, []string{""}, nil},
	} {
		s := newScene(person.GivenName, person.FamilyName, "initials")
		s.declaration.Mode = registry.Nominative
		s.person.Values[person.GivenName], s.person.Values[person.FamilyName] = c.given, c.family
		got := values(s.must(t))
		if !slices.Equal(got[person.GivenName], c.given) || !slices.Equal(got[person.FamilyName], c.family) || !slices.Equal(got["initials"], c.initials) {
			t.Errorf("%s: %q leave", name, got)
		}
	}
}

func TestHardCase30AGuardianAtAPupilsServiceGivesNoRelease(t *testing.T) {
	t.Parallel()
	s := guardian("uai", "child")
	s.declaration.Audience.Profiles = []person.Profile{person.Pupil}
	grant, err := policy.Gate(s.snapshot(), s.now, policy.Ask{Person: s.person, Place: s.place, Service: "lire"})
	if err == nil || grant.Granted() {
		t.Fatal("granted")
	}
	if r, err := engine(t).Release(s.person, grant, s.request); err == nil || !r.Empty() || r.As(attrs.ForSAML, registry.Binding{}).Subject != "" {
		t.Errorf("%v leave", r.Names())
	}
}

func TestHardCase32TwoTabsAreTwoReleases(t *testing.T) {
	t.Parallel()
	s := newScene("uai", "classes")
	here := s.must(t)
	s.place.UAI = college
	there := s.must(t)
	if values(here)["uai"][0] != string(ecole) || values(there)["uai"][0] != string(college) || values(here)["classes"][0] == values(there)["classes"][0] {
		t.Error("the choice in one tab is the other's")
	}
}

// TestRequiredAndMissingSaysWhoCanMendIt holds for each who may correct a value.
func TestRequiredAndMissingSaysWhoCanMendIt(t *testing.T) {
	t.Parallel()
	for n, want := range map[person.Attr]string{"classes": "school", person.Mail: "source", "relay_mail": "operator"} {
		s := newScene(n)
		s.declaration.Mode, s.declaration.Items[0].Required = registry.Nominative, true
		delete(s.person.Values, person.Mail)
		s.person.Affiliations[0].Classes = nil
		var missing *attrs.Missing
		if _, err := s.release(t); !errors.As(err, &missing) || missing.Entry.Corrects != want || !slices.Contains(dictionary.Correctors(), missing.Entry.Corrects) {
			t.Errorf("%s: %v, want %s to be asked", n, err, want)
		}
	}
}
