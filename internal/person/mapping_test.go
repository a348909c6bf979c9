package person_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecluse/internal/person"
)

const (
	ecole   = person.UAI("0280101H")
	college = person.UAI("0280202T")
	lycee   = person.UAI("0750652B")
)

// resolve reads raw values by the SDET mapping; every raw identity has a key unless the test gives one.
func resolve(t *testing.T, attributes map[string][]string) person.Person {
	t.Helper()
	if _, given := attributes["ENTPersonJointure"]; !given {
		attributes["ENTPersonJointure"] = []string{"AC-EXEMPLE$4711"}
	}
	p, err := person.SDET("ac-exemple").Resolve(person.Raw{Attributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func roles(p person.Person) []string {
	var out []string
	for _, a := range p.Affiliations {
		out = append(out, string(a.UAI)+" "+strings.TrimPrefix(string(a.Profile), "National_"))
	}
	return out
}

func TestSDETProfilesAndEstablishments(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		raw  map[string][]string
		want []string
	}{
		{"a bare profile holds in every structure", map[string][]string{
			"ENTPersonProfils": {"National_ENS"}, "ENTPersonStructRattach": {"0280101H", "0280202T"},
		}, []string{"0280101H ENS", "0280202T ENS"}},
		{"a profile per establishment stays there", map[string][]string{
			"ENTPersonProfils": {"0280101H$National_ENS", "0280202T$National_DIR"}, "ENTPersonStructRattach": {"0750652B"},
		}, []string{"0280101H ENS", "0280202T DIR"}},
		{"two profiles in one establishment are both kept", map[string][]string{
			"ENTPersonProfils": {"0280101H$National_DIR", "0280101H$National_ENS", "0280101H$national_ens"},
		}, []string{"0280101H DIR", "0280101H ENS"}},
		{"functions beat a bare profile where they are known", map[string][]string{
			"ENTPersonProfils": {"National_ENS"}, "ENTPersonStructRattach": {"0280101H", "0280202T"},
			"ENTPersonFonctions": {"0280202T$DIR$DIRECTION$L0000$X"},
		}, []string{"0280101H ENS", "0280202T DIR"}},
		{"an unknown function leaves the bare profile", map[string][]string{
			"ENTPersonProfils": {"National_ENS"}, "ENTPersonStructRattach": {"0280101H"}, "ENTPersonFonctions": {"0280101H$ZZZ$X"},
		}, []string{"0280101H ENS"}},
		{"a function outside the structures counts (hard case 20)", map[string][]string{
			"ENTPersonStructRattach": {"0280101H"}, "ENTPersonFonctions": {"0280202T$ENS$ENSEIGNEMENT$L1000$X"},
		}, []string{"0280202T ENS"}},
		{"a pupil belongs where the classes and groups are", map[string][]string{
			"ENTPersonProfils": {"National_elv"}, "ENTPersonStructRattach": {"0280101H"},
			"ENTEleveClasses": {"0280101H$CM2A"}, "ENTEleveGroupes": {"0280202T$ALL2"},
		}, []string{"0280101H ELV", "0280202T ELV"}},
		{"a teacher does not belong where a class alone is named", map[string][]string{
			"ENTPersonProfils": {"National_ENS"}, "ENTPersonStructRattach": {"0280101H"}, "ENTAuxEnsClassesMatieres": {"0280202T$6A$X"},
		}, []string{"0280101H ENS"}},
		{"a guardian belongs to the children's establishments", map[string][]string{
			"ENTPersonProfils": {"National_TUT"}, "ENTPersonStructRattach": {"0750652B"},
			"ecluseWard": {"c1$0280101H$1$Ada", "c2$0280202T$2$Bo", "c3$0280101H$$Cy"},
		}, []string{"0280101H TUT", "0280202T TUT"}},
		{"a guardian without children is nowhere", map[string][]string{
			"ENTPersonProfils": {"National_TUT"}, "ENTPersonStructRattach": {"0750652B"},
		}, nil},
		{"unknown profiles are nobody's", map[string][]string{
			"ENTPersonProfils": {"National_acd", "0280101H$National_5", "", "0280101H$"}, "ENTPersonStructRattach": {"0280101H"},
		}, nil},
		{"directory names and wrong letters are no establishment", map[string][]string{
			"ENTPersonProfils":       {"National_ENS", "ENTStructureSIREN=1,ou=structures,dc=x$National_DIR"},
			"ENTPersonStructRattach": {"ENTStructureSIREN=1,ou=structures,dc=x", "0280101Z", "", "0280202t"},
			"ENTPersonFonctions":     {"ENTStructureSIREN=1,ou=structures,dc=x$DIR$X", "DIR", "0280101H"},
		}, []string{"0280202T ENS"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, roles(resolve(t, c.raw))); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
}

func TestEveryFunctionOfTheSDETGivesAKnownProfile(t *testing.T) {
	t.Parallel()
	for code, profile := range person.SDET("a").ByFunc {
		if _, ok := person.ParseProfile(profile); !ok {
			t.Errorf("function %s: %q is no profile", code, profile)
		}
		p := resolve(t, map[string][]string{"ENTPersonFonctions": {"0280101H$" + code + "$LIBELLE$L0000$X"}})
		if len(p.Affiliations) != 1 || string(p.Affiliations[0].Profile) != profile {
			t.Errorf("function %s gives %v, want %s", code, roles(p), profile)
		}
	}
}

func TestValuesOfOneEstablishmentStayThere(t *testing.T) {
	t.Parallel()
	p := resolve(t, map[string][]string{
		"ENTPersonProfils":          {"National_ENS"},
		"ENTPersonStructRattach":    {"0280101H", "0280202T"},
		"ENTAuxEnsClassesMatieres":  {"0280101H$CM2A$FR", "0280202T$6B$MATHS", "0280202T$6B$PHYS", "ENTStructureSIREN=1,dc=x$6C$FR", "6D", "0280202T$"},
		"ENTAuxEnsGroupesMatieres":  {"0280202T$G1$MATHS"},
		"ENTAuxEnsCategoDiscipline": {"0280202T$MATHEMATIQUES", "PHYSIQUE"},
		"ENTPersonFonctions":        {"0280101H$ENS$X", "0280202T$DOC$X"},
	})
	here := p.Affiliations[0]
	there := p.Affiliations[1]
	if diff := cmp.Diff([]string{"CM2A"}, here.Classes); diff != "" || here.Groups != nil || len(here.Values) != 1 || here.Values[person.SubjectCodes][0] != "FR" {
		t.Errorf("classes %v, groups %v, %d values in the school", here.Classes, here.Groups, len(here.Values))
	}
	if diff := cmp.Diff([]string{"6B"}, there.Classes); diff != "" {
		t.Errorf("classes in the collège: %s", diff)
	}
	if diff := cmp.Diff(map[person.Attr][]string{person.Subjects: {"MATHEMATIQUES"}, person.SubjectCodes: {"MATHS", "PHYS"}}, there.Values); diff != "" {
		t.Errorf("a bare value has no place with two establishments: %s", diff)
	}
	if here.Functions[0] != "ENS" || there.Functions[0] != "DOC" {
		t.Errorf("functions %v and %v", here.Functions, there.Functions)
	}
}

func TestBareValueBelongsToTheOnlyEstablishment(t *testing.T) {
	t.Parallel()
	p := resolve(t, map[string][]string{
		"ENTPersonProfils": {"National_ELV"}, "ENTPersonStructRattach": {"0280101H"}, "ENTEleveNivFormation": {"CM2"},
	})
	if got := p.Affiliations[0].Values[person.Level]; len(got) != 1 || got[0] != "CM2" {
		t.Errorf("level %v, want CM2", got)
	}
}

func TestGuardianHasNoClassesAndNoLevel(t *testing.T) {
	t.Parallel()
	p := resolve(t, map[string][]string{
		"ENTPersonProfils": {"National_TUT"}, "ecluseWard": {"c1$0280101H$1$Ada"},
		"ENTEleveClasses": {"0280101H$CM2A"}, "ENTEleveGroupes": {"0280101H$G"}, "ENTEleveNivFormation": {"0280101H$CM2"},
	})
	if a := p.Affiliations[0]; a.Classes != nil || a.Groups != nil || len(a.Values) != 0 {
		t.Errorf("a guardian has classes %v, groups %v, %d values", a.Classes, a.Groups, len(a.Values))
	}
}

func TestParentalAuthorityIsYesForOneAlone(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]person.Tri{
		"1": person.Yes, "2": person.No, "0": person.No, "": person.Unknown, "3": person.Unknown, "oui": person.Unknown,
		"11": person.Unknown, "true": person.Unknown, "-1": person.Unknown,
	} {
		p := resolve(t, map[string][]string{"ecluseWard": {"c1$0280101H$" + said + "$Ada"}})
		if len(p.Wards) != 1 || p.Wards[0].Authority != want {
			t.Errorf("respLegal %q: %d wards; want one with %v", said, len(p.Wards), want)
			continue
		}
		if w := p.Wards[0]; w.Child != (person.Key{Authority: "ac-exemple", ID: "c1"}) || w.UAI != ecole || w.Label != "Ada" {
			t.Errorf("respLegal %q: the child is not the one named", said)
		}
	}
}

func TestWardsThatCannotBeReadAreLeftOut(t *testing.T) {
	t.Parallel()
	p := resolve(t, map[string][]string{"ecluseWard": {
		"", "$", "c1", "c1$0280101H", "$0280101H$1$Ada", " $0280101H$1$Ada", "c1$0280101Z$1$Ada", "c1$cn=x,dc=y$1$Ada",
		"c1$0280101H$0280202T$1$Ada",
	}})
	if len(p.Wards) != 0 {
		t.Errorf("%d wards out of garbage", len(p.Wards))
	}
}

func TestWardIdentifierMayHoldADollar(t *testing.T) {
	t.Parallel()
	p := resolve(t, map[string][]string{"ecluseWard": {"AC-EXEMPLE$1234$0280101H$1$Ada"}})
	if len(p.Wards) != 1 || p.Wards[0].Child.ID != "AC-EXEMPLE$1234" || p.Wards[0].Authority != person.Yes {
		t.Fatal("a child's ENTPersonJointure, which holds a $, is not understood")
	}
}

func TestWhatIsSaidInTwoWaysOfOneChildIsUnknown(t *testing.T) {
	t.Parallel()
	p := resolve(t, map[string][]string{"ecluseWard": {
		"c1$0280101H$1$Ada", "c1$0280101H$2$Ada", "c2$0280101H$1$Bo", "c2$0280101H$1$Bo", "c1$0280202T$1$Ada",
	}})
	var got []person.Tri
	for _, w := range p.Wards {
		got = append(got, w.Authority)
	}
	if diff := cmp.Diff([]person.Tri{person.Unknown, person.Yes, person.Yes}, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func TestResolveWantsExactlyOneIdentifier(t *testing.T) {
	t.Parallel()
	for name, ids := range map[string][]string{"none": nil, "an empty one": {""}, "blanks": {"  "}, "two": {"MARQUE-1", "MARQUE-2"}} {
		p, err := person.SDET("ac-exemple").Resolve(person.Raw{Attributes: map[string][]string{
			"ENTPersonJointure": ids, "sn": {"Marque"}, "ENTPersonProfils": {"0280101H$National_ENS"},
		}})
		if !errors.Is(err, person.ErrIncomplete) {
			t.Errorf("%s: %v, want ErrIncomplete", name, err)
			continue
		}
		if !p.Key.IsZero() || p.Affiliations != nil || p.Values != nil {
			t.Errorf("%s: somebody comes out of it", name)
		}
		if !strings.Contains(err.Error(), "ENTPersonJointure") || strings.Contains(err.Error(), "MARQUE") {
			t.Errorf("%s: %q must name the attribute and no value", name, err)
		}
	}
	if p := resolve(t, map[string][]string{"ENTPersonJointure": {"id", "id ", ""}}); p.Key.ID != "id" {
		t.Error("the same identifier twice is one")
	}
	m := person.SDET("")
	if _, err := m.Resolve(person.Raw{Attributes: map[string][]string{"ENTPersonJointure": {"id"}}}); !errors.Is(err, person.ErrIncomplete) {
		t.Errorf("without an authority: %v, want ErrIncomplete", err)
	}
}

func TestFieldsThatAreEmptyAreNotRead(t *testing.T) {
	t.Parallel()
	m := person.Mapping{Authority: "a", ID: "id", Values: map[person.Attr]string{person.Mail: ""}, Local: map[person.Attr]string{person.Level: ""}}
	p, err := m.Resolve(person.Raw{Attributes: map[string][]string{
		"id": {"x"}, "": {"0280101H$National_ENS", "1900-01-02", "c$0280101H$1$Ada", "O"},
	}})
	if err != nil || len(p.Values) != 0 || len(p.Affiliations) != 0 || len(p.Wards) != 0 || p.Age != (person.AgeFacts{}) {
		t.Errorf("an attribute without a name is read; %v", err)
	}
}

func TestValuesAreTrimmedAndEachOnce(t *testing.T) {
	t.Parallel()
	p := resolve(t, map[string][]string{"givenName": {" Zoé ", "", "Zoé", "Anne"}, "sn": {" "}, "mail": {"z@example.org"}})
	want := map[person.Attr][]string{person.GivenName: {"Zoé", "Anne"}, person.Mail: {"z@example.org"}}
	if diff := cmp.Diff(want, p.Values); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	if p.First(person.GivenName) != "Zoé" || p.First(person.FamilyName) != "" {
		t.Error("First gives something else than the first value")
	}
}

func TestDatesOfBirthAreReadInBothSpellingsAndWrittenInOne(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"04/03/2015": "2015-03-04", "2015-03-04": "2015-03-04", " 04/03/2015 ": "2015-03-04",
		"31/02/2015": "", "2015/03/04": "", "4 mars 2015": "", "04/03/15": "", "": "",
	} {
		p := resolve(t, map[string][]string{"ENTPersonDateNaissance": {said}})
		if got := p.First(person.BirthDate); got != want {
			t.Errorf("%q is released as %q, want %q", said, got, want)
		}
		if p.Age.Born.IsZero() != (want == "") || (want != "" && !p.Age.Born.Equal(day(want))) {
			t.Errorf("%q gives the age facts of another day", said)
		}
	}
	p := resolve(t, map[string][]string{"ENTPersonDateNaissance": {"04/03/2015", "05/03/2015"}})
	if !p.Age.Born.IsZero() || p.First(person.BirthDate) != "" {
		t.Error("two dates of birth are none")
	}
}

func TestMajorityFlag(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]person.Tri{
		"O": person.Yes, "o": person.Yes, "true": person.Yes, "1": person.Yes, "N": person.No, "FALSE": person.No, "0": person.No,
		"": person.Unknown, "oui": person.Unknown, "2": person.Unknown,
	} {
		if got := resolve(t, map[string][]string{"ENTEleveMajeur": {said}}).Age.Adult; got != want {
			t.Errorf("%q is %v, want %v", said, got, want)
		}
	}
	if got := resolve(t, map[string][]string{"ENTEleveMajeur": {"O", "N"}}).Age.Adult; got != person.Unknown {
		t.Errorf("yes and no is %v, want unknown", got)
	}
}

func TestAffiliationHoldsFromItsFirstToBeforeItsLastMoment(t *testing.T) {
	t.Parallel()
	from, until := day("2026-09-01"), day("2027-07-01")
	a := person.Affiliation{UAI: ecole, Profile: person.Teacher, From: from, Until: until}
	p := person.Person{Affiliations: []person.Affiliation{a, {UAI: lycee, Profile: person.Head}}}
	for _, c := range []struct {
		at   time.Time
		want bool
	}{{from.Add(-1), false}, {from, true}, {until.Add(-1), true}, {until, false}} {
		if _, ok := p.At(ecole, person.Teacher, c.at); ok != c.want {
			t.Errorf("at %v: %v, want %v", c.at, ok, c.want)
		}
	}
	if _, ok := p.At(ecole, person.Head, from); ok {
		t.Error("a profile of one establishment is taken to another")
	}
	if got, ok := p.At(lycee, person.Head, time.Time{}); !ok || got.UAI != lycee {
		t.Error("an affiliation without dates must always hold")
	}
	if _, ok := p.At(college, person.Teacher, from); ok {
		t.Error("an affiliation nobody has")
	}
}

func TestAPersonBelongsNowhereFromTheEndThatTheSourceSaid(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	resolve := func(ends ...string) person.Person {
		p, err := person.SDET("ac").Resolve(person.Raw{Attributes: map[string][]string{
			"ENTPersonJointure": {"1"}, "ENTPersonProfils": {"0280202T$National_ENS"}, "ecluseUntil": ends,
		}})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	there := func(p person.Person, now time.Time) bool {
		_, ok := p.At("0280202T", person.Teacher, now)
		return ok
	}
	if p := resolve(); !there(p, at.AddDate(9, 0, 0)) {
		t.Error("nothing was said of an end")
	}
	p := resolve("2027-01-01T00:00:00+01:00", at.Format(time.RFC3339))
	if !there(p, at.Add(-1)) || there(p, at) {
		t.Error("the first of two ends does not hold exactly")
	}
	for _, bad := range []string{"", "2027-01-01", "demain"} {
		if there(resolve(bad), at) {
			t.Errorf("%q: an end that cannot be read has not passed", bad)
		}
	}
}
