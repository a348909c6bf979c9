package registry_test

import (
	"strings"
	"testing"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

func listed() registry.Service {
	return registry.Service{
		ID: "lire", Name: registry.Text{FR: "Lire"}, Sentence: registry.Text{FR: "Pour lire."}, Provider: "Éditions",
		Bindings: []registry.Binding{{Protocol: "oidc", Handle: "lire"}},
		Listing: &registry.Listing{
			Resource: "ark:/12345/lire", Editor: "378901946_0000000000000000", Vignette: "livre",
			Presentation: registry.Presentation{Code: "MUL", Name: "ressource multimédia"},
			Subjects:     []registry.Term{{URI: "http://data.education.fr/voc/scolomfr/concept/1", Name: "français"}},
			Levels:       []registry.Term{{Name: "cycle 2"}},
		},
	}
}

func TestAListingIsOnlyInTheWordsOfAMediacentre(t *testing.T) {
	t.Parallel()
	if found := listed().Check(); len(found) != 0 {
		t.Fatalf("a good listing: %v", found)
	}
	for want, spoil := range map[string]func(*registry.Listing){
		"catalogue.id_ressource":                func(l *registry.Listing) { l.Resource = "https://lire.example" },
		"catalogue.id_editeur":                  func(l *registry.Listing) { l.Editor = "Éditions" },
		"catalogue.type_presentation.code":      func(l *registry.Listing) { l.Presentation.Code = "multi" },
		"catalogue.type_presentation.nom":       func(l *registry.Listing) { l.Presentation.Name = " " },
		"catalogue.domaine_enseignement[0].uri": func(l *registry.Listing) { l.Subjects[0].URI = "javascript:alert(1)" },
		"catalogue.niveau_educatif[0].nom":      func(l *registry.Listing) { l.Levels[0].Name = "" },
		"catalogue.typologie_document[1].nom": func(l *registry.Listing) {
			l.Documents = []registry.Term{{Name: "image"}, {Name: "image"}}
		},
		"catalogue.type_pedagogique": func(l *registry.Listing) {
			for i := range 31 {
				l.Pedagogical = append(l.Pedagogical, registry.Term{Name: strings.Repeat("x", i+1)})
			}
		},
		"catalogue.vignette": func(l *registry.Listing) { l.Vignette = "https://elsewhere.example/logo.png" },
	} {
		service := listed()
		spoil(service.Listing)
		found := service.Check()
		if len(found) != 1 || found[0].Where != want {
			t.Errorf("%s: %v", want, found)
		}
	}
}

func TestALevelIsKnownFromItsSchoolOrFromADeclaration(t *testing.T) {
	t.Parallel()
	s := registry.NewSnapshot(registry.Contents{
		Services:     []registry.Service{{ID: "s"}},
		Declarations: []registry.Declaration{{ID: "d", ServiceID: "s", Version: 1, Audience: registry.Audience{Levels: []string{"CAP 1"}}}},
	}, nil)
	for word, want := range map[string]string{"ce2": "CE2", " CP ": "CP", "cap 1": "CAP 1", "5EME": "", "": "", "CE3": ""} {
		if got, ok := s.Level(registry.Ecole, word); got != want || ok != (want != "") {
			t.Errorf("%q in an école: %q, %t", word, got, ok)
		}
	}
}

func TestAnybodyIsNobody(t *testing.T) {
	t.Parallel()
	for _, profile := range person.Profiles() {
		who := registry.Anybody("0280101H", profile, "CE2", "ent")
		if !who.Key.IsZero() || len(who.Values) != 0 || !who.Age.Born.IsZero() || who.Age.Adult != person.Unknown || len(who.Affiliations) != 1 {
			t.Errorf("%s: somebody is made up of more than a place", profile)
		}
		if (len(who.Wards) == 1) != (profile == person.Guardian) {
			t.Errorf("%s: %d children", profile, len(who.Wards))
		}
		if levels := who.Affiliations[0].Values[person.Level]; (len(levels) == 1) != (profile == person.Pupil) {
			t.Errorf("%s: levels %q", profile, levels)
		}
	}
}
