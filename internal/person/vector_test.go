package person_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ecluse/internal/person"
)

func TestVectorsAreRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		values []string
		want   []person.Vector
	}{
		"a pupil without names": {[]string{"4|||701294|0790031E"}, []person.Vector{{Number: "701294", UAI: "0790031E"}}},
		"a pupil with names":    {[]string{"3|Petit|Zoé|12|0280101h"}, []person.Vector{{Family: "Petit", Given: "Zoé", Number: "12", UAI: "0280101H"}}},
		"a guardian of two, joined": {[]string{"1|Petit|Anne|12|0280101H; 2|Petit|Anne|13|0280202T"}, []person.Vector{
			{Guardian: true, Family: "Petit", Given: "Anne", Number: "12", UAI: "0280101H"},
			{Guardian: true, Family: "Petit", Given: "Anne", Number: "13", UAI: "0280202T"},
		}},
		"the same value twice": {[]string{"4|||1|0280202T", "4|||1|0280202T"}, []person.Vector{{Number: "1", UAI: "0280202T"}}},
		"nothing":              {[]string{"", " ; "}, nil},
	} {
		got, err := person.ParseVectors(c.values)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", name, diff)
		}
	}
}

// TestHardCase5NamesAloneAreNobody: what is incomplete is refused as a whole, with its reason and without a value.
func TestHardCase5NamesAloneAreNobody(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		values []string
		why    string
	}{
		"names and no number":                 {[]string{"2|MARQUE|Zoé||0280202T"}, "number is missing"},
		"a pupil's names and no number":       {[]string{"4|MARQUE|Zoé||0280202T"}, "number is missing"},
		"a guardian without a family name":    {[]string{"2||MARQUE|12|0280202T"}, "names are missing"},
		"a guardian without a given name":     {[]string{"1|MARQUE||12|0280202T"}, "names are missing"},
		"no UAI":                              {[]string{"4|||MARQUE|"}, "no UAI"},
		"a wrong UAI":                         {[]string{"4|||MARQUE|0280202A"}, "no UAI"},
		"no type":                             {[]string{"|MARQUE|Zoé|12|0280202T"}, "no type"},
		"an unknown type":                     {[]string{"5|MARQUE|Zoé|12|0280202T"}, "no type"},
		"four fields":                         {[]string{"2|MARQUE|12|0280202T"}, "five fields"},
		"six fields":                          {[]string{"2|MARQUE|Zoé|12|0280202T|x"}, "five fields"},
		"a number with a separator of ours":   {[]string{"4|||MARQUE$0280101H$1|0280202T"}, "cannot be one"},
		"a pupil twice":                       {[]string{"4|||MARQUE|0280202T", "4|||13|0280101H"}, "a pupil has one value"},
		"a pupil and a guardian":              {[]string{"4|||MARQUE|0280202T;2|a|b|13|0280101H"}, "a pupil and of a guardian"},
		"two guardians":                       {[]string{"2|MARQUE|Anne|12|0280202T", "2|MARQUE|Paul|13|0280101H"}, "two guardians"},
		"one whole value and one that is not": {[]string{"2|MARQUE|Anne|12|0280202T", "2|MARQUE|Anne||0280101H"}, "value 2"},
	} {
		got, err := person.ParseVectors(c.values)
		if !errors.Is(err, person.ErrVector) || got != nil || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: %v, want a refusal with %q", name, err, c.why)
			continue
		}
		m := person.Mapping{Authority: "ts", ID: "uid", Vectors: "FrEduVecteur"}
		p, err := m.Resolve(person.Raw{Attributes: map[string][]string{"uid": {"1"}, "FrEduVecteur": c.values}})
		if !errors.Is(err, person.ErrIncomplete) || !errors.Is(err, person.ErrVector) || !p.Key.IsZero() || strings.Contains(err.Error(), "MARQUE") {
			t.Errorf("%s: somebody comes out of it: %v", name, err)
		}
	}
}

func TestAVectorNeverIdentifiesWhoSignsIn(t *testing.T) {
	t.Parallel()
	m := person.Mapping{Authority: "ts", ID: "uid", Vectors: "FrEduVecteur"}
	p, err := m.Resolve(person.Raw{Attributes: map[string][]string{"FrEduVecteur": {"4|Petit|Zoé|12|0280202T"}}})
	if !errors.Is(err, person.ErrIncomplete) || !p.Key.IsZero() {
		t.Errorf("a vector alone is somebody: %v", err)
	}
	raw := person.Raw{Attributes: map[string][]string{"uid": {"1"}, "FrEduVecteur": {"4|Petit|Zoé|12|0280202T"}}}
	p, err = m.Resolve(raw)
	if err != nil || p.Key.ID != "1" || len(p.Also) != 0 || len(p.Values) != 0 {
		t.Fatalf("the identifier is the source's, and names in a vector are no values: %v", err)
	}
	if diff := cmp.Diff([]string{"0280202T ELV"}, roles(p)); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	if got := p.Affiliations[0].Values[person.SchoolLocalID]; len(got) != 1 || got[0] != "12" {
		t.Error("the number in the school's base is not known")
	}
	if len(raw.Attributes) != 2 || len(m.Local) != 0 {
		t.Error("what the source said, or the mapping, has changed")
	}
}

func TestAProfileThatContradictsTheVectorRefuses(t *testing.T) {
	t.Parallel()
	m := person.SDET("ts")
	m.Vectors = "FrEduVecteur"
	for profile, vector := range map[string]string{"National_TUT": "4|||12|0280202T", "National_ELV": "2|Petit|Anne|12|0280202T", "National_ENS": "1|Petit|Anne|12|0280202T"} {
		_, err := m.Resolve(person.Raw{Attributes: map[string][]string{"ENTPersonJointure": {"1"}, "ENTPersonProfils": {profile}, "FrEduVecteur": {vector}}})
		if !errors.Is(err, person.ErrVector) {
			t.Errorf("%s with a vector of another: %v", profile, err)
		}
	}
}

func FuzzParseVectors(f *testing.F) {
	for _, s := range []string{"4|||701294|0790031E", "1|a|b|1|0280101H;2|a|b|2|0280202T", "|||||", ";", "4|||$|0280202T", "2|a\x00|b|1|0280202t"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		vectors, err := person.ParseVectors([]string{s})
		if err != nil {
			if !errors.Is(err, person.ErrVector) || vectors != nil {
				t.Fatal("an error that is not ErrVector, or somebody with it")
			}
			return
		}
		for _, v := range vectors {
			if v.Number == "" || v.UAI == "" || v.Guardian && (v.Family == "" || v.Given == "") || v.Guardian != vectors[0].Guardian || !v.Guardian && len(vectors) > 1 {
				t.Error("a vector that says too little")
			}
		}
		m := person.EduConnect("e")
		p, err := m.Resolve(person.Raw{Attributes: map[string][]string{m.ID: {"1"}, "FrEduVecteur": {s}}})
		if err != nil {
			t.Errorf("vectors that are read make nobody: %v", err)
		}
		for _, w := range p.Wards {
			if w.Authority != person.Unknown {
				t.Error("parental authority out of a vector")
			}
		}
	})
}
