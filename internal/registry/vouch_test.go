package registry_test

import (
	"testing"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

func TestASourceIsBelievedOnAnotherAuthorityByDecisionOnly(t *testing.T) {
	t.Parallel()
	ent := registry.Source{ID: "ent", Authority: "ac-exemple"}
	if n := len(ent.Reading().Also); n != 0 {
		t.Errorf("%d identifiers of other authorities are read unasked", n)
	}
	ent.Vouches = []string{"another"}
	if n := len(ent.Reading().Also); n != 0 {
		t.Errorf("%d identifiers are read on the strength of another authority", n)
	}
	ent.Vouches = []string{person.NationalNumber}
	if m := ent.Reading(); len(m.Also) != 1 || m.Authority != "ac-exemple" {
		t.Errorf("%d identifiers are read, one was decided on", len(m.Also))
	}
	own := person.Mapping{ID: "uid", Also: []person.Further{{Authority: "ine", Attribute: "n"}, {Authority: "other", Attribute: "o"}}}
	ent.Mapping, ent.Vouches = &own, []string{"other"}
	if m := ent.Reading(); len(m.Also) != 1 || m.Also[0].Attribute != "o" || m.Authority != "ac-exemple" || len(own.Also) != 2 {
		t.Error("a source's own mapping is read differently")
	}
}

func TestVouchingForWhatIsNotReadIsAMistake(t *testing.T) {
	t.Parallel()
	at := func(s registry.Source) map[string]bool {
		out := map[string]bool{}
		for _, f := range s.Check() {
			out[f.Where] = true
		}
		return out
	}
	s := registry.Source{ID: "ent", Authority: "a", Vouches: []string{person.NationalNumber}}
	if got := at(s); got["vouches[0]"] {
		t.Error("the SDET's own further identifier is refused")
	}
	s.Vouches = []string{"", "a", "nobody"}
	if got := at(s); !got["vouches[0]"] || !got["vouches[1]"] || !got["vouches[2]"] {
		t.Errorf("findings at %v", got)
	}
	s.Vouches, s.Mapping = nil, &person.Mapping{Authority: "a", ID: "n", Also: []person.Further{
		{}, {Authority: "a", Attribute: "x", Case: "title", Digest: "crc"}, {Authority: "b", Attribute: "y", Case: "upper", Digest: "md5"},
	}}
	got := at(s)
	for _, where := range []string{"mapping.also[0].authority", "mapping.also[0].attribute", "mapping.also[1].authority", "mapping.also[1].case", "mapping.also[1].digest"} {
		if !got[where] {
			t.Errorf("no finding at %s", where)
		}
	}
	if got["mapping.also[2].authority"] || got["mapping.also[2].attribute"] || got["mapping.also[2].case"] || got["mapping.also[2].digest"] {
		t.Error("a good further identifier is refused")
	}
}
