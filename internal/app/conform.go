package app

import (
	"fmt"
	"slices"

	"ecluse/internal/idp"
	"ecluse/internal/policy/conformity"
	"ecluse/internal/registry"
)

// found is what package conformity finds about a declaration under the rules that hold now, with the service, the schools and the
// models of a view around it, and what the service's own metadata asks for.
func (b *base) found(d registry.Declaration, view *registry.Snapshot, protocols map[string]idp.Protocol) []registry.Finding {
	now := b.now()
	c := conformity.In(view, d.ServiceID, view.Rules(now), now, b.words)
	c.Zone, c.Asked, c.Says = b.zone, askedBy(protocols, b.words)(c.Service), saidBy(protocols)(c.Service)
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

// ownEntry shows the gateway's own register entry as files bring it, and the establishments among them that it does not
// reach: outside the demo nothing leaves there.
func ownEntry(change registry.Change) []string {
	if len(change.Declarations) == 0 && len(change.Establishments) == 0 {
		return nil
	}
	var out []string
	var entries []registry.Declaration
	for _, d := range change.Declarations {
		if d.ServiceID == registry.House {
			entries = append(entries, d)
			out = append(out, fmt.Sprintf("the gateway's own register entry: %s v%d, by %s, from %s until %s", d.ID, d.Version, d.Scope.Level, d.From, d.Until))
		}
	}
	if len(entries) == 0 {
		out = append(out, "the gateway's own register entry is not among these files: nothing leaves in an establishment that it does not reach")
	}
	for _, school := range change.Establishments {
		i := slices.IndexFunc(entries, func(d registry.Declaration) bool { return d.Scope.Covers(school) })
		switch {
		case i < 0:
			out = append(out, fmt.Sprintf("%s %s: the gateway's own register entry does not reach it", school.UAI, school.Name))
		case !slices.ContainsFunc(entries, func(d registry.Declaration) bool { return d.Scope.Covers(school) && d.Scope.Alone() }):
			out = append(out, fmt.Sprintf("%s %s: its controller has yet to adhere to the gateway's own register entry", school.UAI, school.Name))
		}
	}
	return out
}
