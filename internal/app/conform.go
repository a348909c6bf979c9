package app

import (
	"ecluse/internal/policy/conformity"
	"ecluse/internal/registry"
)

// found is what package conformity finds about a declaration under the rules that hold now, with the service, the schools and the
// models of a view around it.
func (b *base) found(d registry.Declaration, view *registry.Snapshot) []registry.Finding {
	now := b.now()
	c := conformity.Case{Rules: view.Rules(now), Now: now, Zone: b.zone, Words: b.words, School: view.Establishment, Model: view.Model}
	c.Service, _ = view.Service(d.ServiceID)
	return conformity.Examine(d, c)
}

// with is the view of what is stored once a change is written.
func (b *base) with(before registry.Contents, change registry.Change) *registry.Snapshot {
	return b.snapshot(before).With(registry.Contents{
		Revision: before.Revision, Services: change.Services, Declarations: change.Declarations, Establishments: change.Establishments,
		Sources: change.Sources, Delegations: change.Delegations, Enablings: change.Enablings, Models: change.Models,
	})
}

// house is the service that stands for Écluse itself: it comes with the program, so that its declaration may be written.
func house() registry.Service {
	return registry.Service{
		ID: registry.House, Name: registry.Text{FR: "Écluse", EN: "Écluse"}, Provider: "Écluse",
		Sentence: registry.Text{FR: "La porte par laquelle on entre dans les autres services.", EN: "The door to the other services."},
	}
}
