package registry_test

import (
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

const (
	ecole   = person.UAI("0280101H")
	college = person.UAI("0280202T")
)

func declaration() registry.Declaration {
	return registry.Declaration{
		ID: "lire-ecoles", ServiceID: "lire", Version: 1,
		Controller: registry.Controller{Name: "DSDEN", Office: "DASEN", DPO: "dpd@example.org"},
		Supplier:   registry.Supplier{Relation: registry.Processor, Name: "Lire SAS", Reference: "marché 1"},
		Scope:      registry.Scope{Level: registry.ByEstablishment, UAIs: []person.UAI{ecole}},
		Purposes:   []registry.Text{{FR: "lire"}},
		Basis:      registry.Basis{Kind: registry.PublicInterest, Text: "code"},
		Mode:       registry.Pseudonymous,
		Items:      []registry.Item{{Attr: "uai", Justification: registry.Text{FR: "savoir où"}}},
		Audience:   registry.Audience{Profiles: []person.Profile{person.Pupil}},
		Hosting:    []string{"FR"},
		Retention:  registry.Text{FR: "un an"},
		From:       registry.Date{Year: 2026, Month: 9, Day: 1}, Until: registry.Date{Year: 2027, Month: 8, Day: 31},
	}
}

func service() registry.Service {
	return registry.Service{
		ID: "lire", Name: registry.Text{FR: "Lire"}, Sentence: registry.Text{FR: "Pour lire."}, Provider: "Lire SAS",
		Bindings: []registry.Binding{{Protocol: "saml", Handle: "https://lire.example/sp"}},
	}
}

func establishment() registry.Establishment {
	return registry.Establishment{UAI: ecole, Name: "École", Kind: registry.Ecole, Academy: "Exemple", Department: "028"}
}

func source() registry.Source {
	return registry.Source{
		ID: "ent", Name: registry.Text{FR: "ENT"}, Connector: "ldap", Authority: "ac-exemple",
		Declaration: &registry.SourceDeclaration{
			Reference: "R1", Covers: "interconnexion", Controller: declaration().Controller,
			From: declaration().From, Until: declaration().Until,
		},
	}
}

func delegation() registry.Delegation {
	return registry.Delegation{ID: "d1", UAI: ecole, Function: "adjoint", Act: "arrêté 1", From: declaration().From, Until: declaration().Until}
}
