package person_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/person"
)

// FuzzResolve gives the mapping lines `name=value` of any bytes.
func FuzzResolve(f *testing.F) {
	for _, seed := range []string{
		"ENTPersonJointure=1\nENTPersonProfils=National_ELV\nENTPersonStructRattach=0280101H\nENTEleveClasses=0280101H$CM2",
		"ENTPersonJointure=AC$1\nENTPersonProfils=National_TUT\necluseWard=AC$2$0280101H$1$Ada",
		"ENTPersonJointure=1\nENTPersonFonctions=0280202T$DIR$x\nENTPersonProfils=0280101H$National_ens",
		"ENTPersonJointure=1\nENTPersonStructRattach=ou=x\nENTPersonDateNaissance=29/02/2012\nENTEleveMajeur=O",
		"=\n$\nENTPersonJointure=\nENTPersonProfils=$",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		raw := person.Raw{Attributes: map[string][]string{}}
		for line := range strings.Lines(text) {
			name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
			raw.Attributes[name] = append(raw.Attributes[name], value)
		}
		p, err := person.SDET("a").Resolve(raw)
		if err != nil {
			if !errors.Is(err, person.ErrIncomplete) || !p.Key.IsZero() {
				t.Fatalf("an error that is not ErrIncomplete, or somebody with it: %v", err)
			}
			return
		}
		if p.Key.IsZero() {
			t.Fatal("a person without a key")
		}
		for _, a := range p.Affiliations {
			if uai, err := person.ParseUAI(string(a.UAI)); err != nil || uai != a.UAI {
				t.Errorf("an affiliation with the UAI %q: %v", a.UAI, err)
			}
			if !slices.Contains(person.Profiles(), a.Profile) {
				t.Errorf("an affiliation with the profile %q", a.Profile)
			}
		}
		for _, w := range p.Wards {
			if uai, err := person.ParseUAI(string(w.UAI)); err != nil || uai != w.UAI || w.Child.IsZero() {
				t.Error("a ward without an establishment or without a key")
			}
		}
		_ = p.Age.Band(time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)).String()
	})
}
