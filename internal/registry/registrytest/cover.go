// Package registrytest gives tests the parts of a registry that every gate asks for and that few tests are about: the
// gateway's own register entry, the rules, and the word of a controller.
package registrytest

import (
	"slices"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// Cover adds what lets the gate look further: the service of the gateway itself, with an approved declaration for the
// whole of every academy that an establishment names, from 2020 to 2049, and rules of version 0 where there are none.
// What is there already stays.
func Cover(c *registry.Contents) {
	if !slices.ContainsFunc(c.Services, func(s registry.Service) bool { return s.ID == registry.House }) {
		c.Services = append(c.Services, House())
	}
	if !slices.ContainsFunc(c.Declarations, func(d registry.Declaration) bool { return d.ServiceID == registry.House }) {
		c.Declarations = append(c.Declarations, HouseEntry(academies(c.Establishments)...))
	}
	if len(c.RuleSets) == 0 {
		c.RuleSets = []registry.RuleSet{{Rules: registry.Rules{ConsentAge: 15, Majority: 18, TermsMonths: 12, TermsGrace: 30, KeepMonths: 3}}}
	}
}

func academies(list []registry.Establishment) []string {
	var out []string
	for _, e := range list {
		if !slices.Contains(out, e.Academy) {
			out = append(out, e.Academy)
		}
	}
	return out
}

// House is the gateway as a service.
func House() registry.Service {
	return registry.Service{
		ID: registry.House, Name: registry.Text{FR: "Écluse"}, Sentence: registry.Text{FR: "Ouvre les services déclarés."}, Provider: "Académie",
	}
}

// HouseEntry is the gateway's own register entry, approved for the whole of some academies.
func HouseEntry(academies ...string) registry.Declaration {
	return registry.Declaration{
		ID: "ecluse-registre", ServiceID: registry.House, Version: 1, State: registry.Approved, Change: registry.First,
		Controller: registry.Controller{Name: "Académie", Office: "recteur", DPO: "dpd@example.org"},
		Supplier:   registry.Supplier{Relation: registry.Internal},
		Scope:      registry.Scope{Level: registry.ByAcademy, Academies: academies, All: true},
		Basis:      registry.Basis{Kind: registry.PublicInterest, Text: "Code de l'éducation, art. L. 131-2"},
		Mode:       registry.Pseudonymous,
		Audience:   registry.Audience{Profiles: person.Profiles()},
		From:       registry.Date{Year: 2020, Month: 1, Day: 1}, Until: registry.Date{Year: 2049, Month: 12, Day: 31},
		Decisions: []registry.Decision{{State: registry.Approved, Office: "recteur"}},
	}
}

// Enable adds the word of the controllers of some establishments, who accept one version of a declaration.
func Enable(c *registry.Contents, d registry.Declaration, uais ...person.UAI) {
	for _, uai := range uais {
		Say(c, registry.Enabling{Service: d.ServiceID, UAI: uai, State: registry.Enabled, Declaration: d.ID, Version: d.Version})
	}
}

// Say puts one word of a controller in the place of what that controller said before.
func Say(c *registry.Contents, e registry.Enabling) {
	c.Enablings = append(slices.DeleteFunc(slices.Clone(c.Enablings), func(o registry.Enabling) bool {
		return o.Service == e.Service && o.UAI == e.UAI
	}), e)
}
