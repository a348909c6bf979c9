package consent_test

import (
	"fmt"
	"strings"
	"testing"

	"ecluse/internal/consent"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// TestTheJournalSaysForWhichChildAGuardianActed: by a handle that is the child's own at that service, and never by a name.
func TestTheJournalSaysForWhichChildAGuardianActed(t *testing.T) {
	t.Parallel()
	s := newScene(registry.PublicInterest)
	child := person.Key{Authority: "ac", ID: "MARQUE-9"}
	s.person.Affiliations = []person.Affiliation{{UAI: ecole, Profile: person.Guardian}}
	s.person.Wards = []person.Ward{{Child: child, UAI: ecole, Authority: person.Yes, Label: "MARQUE Léo"}}
	s.place = policy.Place{UAI: ecole, Profile: person.Guardian, Child: child}
	if _, err := s.clear(t, consent.Informed); err != nil {
		t.Fatal(err)
	}
	e := s.store.entries[0]
	if want := consent.JournalSubject(hasher{}, child, "lire"); e.Detail["child"] != want || e.Detail["child"] == e.Subject {
		t.Errorf("the child is %q in the journal, want %q", e.Detail["child"], want)
	}
	if text := fmt.Sprintf("%#v", e); strings.Contains(text, "MARQUE") {
		t.Errorf("the journal names the child: %s", text)
	}
	other := newScene(registry.PublicInterest)
	if _, err := other.clear(t, consent.Informed); err != nil {
		t.Fatal(err)
	}
	if _, said := other.store.entries[0].Detail["child"]; said {
		t.Error("somebody who acts for no child is filed under one")
	}
}
