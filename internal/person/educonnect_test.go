package person_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecluse/internal/person"
)

const oid = "urn:oid:1.3.6.1.4.1.20326.10.999.1."

// account is a pupil's account as EduConnect tells it; its values are invented.
func account(change func(map[string][]string)) person.Raw {
	raw := map[string][]string{
		oid + "5": {"https://educonnect.example/logout"}, oid + "6": {"2026-10-08 11:51:33.437"}, oid + "7": {"eleve2d"},
		oid + "57": {"0f"}, oid + "64": {strings.Repeat("AABB", 8)}, oid + "67": {"2012-03-04"}, oid + "72": {"0280202t"}, oid + "73": {"2115"}, oid + "76": {"Mme"},
		"urn:oid:2.5.4.4": {"Petit"}, "urn:oid:2.5.4.42": {"Zoé"},
	}
	if change != nil {
		change(raw)
	}
	return person.Raw{Attributes: raw}
}

func TestEduConnectSaysWhoAPupilIs(t *testing.T) {
	t.Parallel()
	p, err := person.EduConnect("educonnect").Resolve(account(nil))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"0280202T ELV"}, roles(p)); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	want := map[person.Attr][]string{person.GivenName: {"Zoé"}, person.FamilyName: {"Petit"}, person.Title: {"Mme"}, person.BirthDate: {"2012-03-04"}}
	if diff := cmp.Diff(want, p.Values); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	want = map[person.Attr][]string{
		person.Level: {"4EME"}, "level_stat4": {"2115"}, "level_stat3": {"211"}, "level_stat2": {"21"}, "level_stat1": {"2"},
	}
	if diff := cmp.Diff(want, p.Affiliations[0].Values); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	if p.Key != (person.Key{Authority: "educonnect", ID: "0f"}) || len(p.Also) != 1 || p.Also[0] != (person.Key{Authority: person.NationalNumber, ID: strings.Repeat("aabb", 8)}) {
		t.Error("the account, or the pupil's hashed number, is not the key that it is")
	}
	if p.Age.Band(time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)) != person.Under15 {
		t.Error("the age is not read")
	}
}

func TestEduConnectProfilesInAnyCaseAndNothingElse(t *testing.T) {
	t.Parallel()
	for said, want := range map[string][]string{
		"eleve1d": {"0280202T ELV"}, "ELEVE2D": {"0280202T ELV"}, "resp1d": nil, "resp2d": nil, "agent": nil, "eleve": nil, "": nil,
	} {
		p, err := person.EduConnect("e").Resolve(account(func(raw map[string][]string) { raw[oid+"7"] = []string{said} }))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, roles(p)); diff != "" {
			t.Errorf("%q: a guardian without a child is nowhere, and an unknown word is nobody's: want -, got +:\n%s", said, diff)
		}
	}
}

func TestTheLevelsThatEduConnectCodesAreThoseOfSchoolsCollegesAndLycees(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"1121": "CP", "1122": "CE1", "1123": "CE2", "1124": "CM1", "1125": "CM2", "2111": "6EME", "2112": "5EME",
		"2115": "4EME", "2116": "3EME", "2211": "2NDE", "2212": "1ERE", "2213": "TERMINALE",
	} {
		p, err := person.EduConnect("e").Resolve(account(func(raw map[string][]string) { raw[oid+"73"] = []string{code} }))
		if err != nil || !slices.Equal(p.Affiliations[0].Values[person.Level], []string{want}) {
			t.Errorf("%s is not %s: %v", code, want, err)
		}
	}
}

func TestALevelThatEduConnectCodesOtherwiseIsUnknown(t *testing.T) {
	t.Parallel()
	p, err := person.EduConnect("e").Resolve(account(func(raw map[string][]string) { raw[oid+"73"] = []string{"2434"} }))
	if err != nil || len(p.Affiliations[0].Values[person.Level]) != 0 {
		t.Errorf("a level out of a code that is in no table; %v", err)
	}
}

func TestAnEduConnectAccountWithoutItsIdentifierIsNobody(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(map[string][]string){
		"none": func(raw map[string][]string) { delete(raw, oid+"57") },
		"two":  func(raw map[string][]string) { raw[oid+"57"] = []string{"a", "b"} },
	} {
		if p, err := person.EduConnect("e").Resolve(account(change)); !errors.Is(err, person.ErrIncomplete) || !p.Key.IsZero() {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAVectorTellsWhoseGuardianAnAccountIs(t *testing.T) {
	t.Parallel()
	p, err := person.EduConnect("e").Resolve(account(func(raw map[string][]string) {
		raw[oid+"7"] = []string{"resp1d", "resp2d"}
		raw["FrEduVecteur"] = []string{"1|Petit|Zoé|33|0280101H;2|Petit|Zoé|44|0280202T"}
		delete(raw, oid+"72")
	}))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"0280101H TUT", "0280202T TUT"}, roles(p)); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	for i, want := range []string{"33@0280101H", "44@0280202T"} {
		if w := p.Wards[i]; w.Authority != person.Unknown || w.Child.ID != want || w.Child.IsZero() {
			t.Errorf("child %d: a vector does not say who holds parental authority, and says the number", i)
		}
	}
}
