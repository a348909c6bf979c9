package notify

import (
	"fmt"
	"slices"
	"time"

	"ecluse/internal/incident"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// warnBefore is how long before the hours of an incident end somebody is told that they do.
const warnBefore = 24 * time.Hour

// incidents are the open ones: that they were opened, and that the hours are nearly over while nobody has told the authority.
// A mail holds references alone: what happened is read at the desk.
func (v *View) incidents() []Occasion {
	var out []Occasion
	for _, i := range v.Incidents() {
		if i.State == registry.IncidentOpen && v.fresh(i.Opened) {
			out = append(out, v.about(i, "opened"))
		}
		if left, runs := incident.Left(i, v.now); runs && left < warnBefore && left > -Fresh {
			out = append(out, v.about(i, "deadline"))
		}
	}
	return out
}

// about is one step of an incident: for the data-protection officer, on-call and the recteur, and for the schools that it
// names with their controllers (RGPD art. 33(2)).
func (v *View) about(i registry.Incident, step string) Occasion {
	o := Occasion{
		Mark: fmt.Sprintf("incident %s %s", i.ID, step), Kind: Incident, About: i.ID, At: i.Opened,
		To: slices.Concat(v.everywhere(registry.DPO), v.everywhere(registry.OnCall), v.everywhere(registry.Recteur)),
	}
	if _, runs := incident.Left(i, v.now); runs {
		o.Last = registry.DateOf(incident.Due(i).In(v.Zone()))
	}
	if len(i.Services) == 1 {
		o.Name = v.service(i.Services[0])
	}
	for _, uai := range i.UAIs {
		if e, ok := v.Establishment(uai); ok {
			o.To = append(o.To, school(e), controller(e))
		}
	}
	o.To = once(o.To)
	return o
}

// shut are the fresh suspensions of what has no word of its own: an establishment's access, which its own box and its
// controller learn of too; a mandate, and all that somebody may at the desk, of which no mail says whose it is.
func (v *View) shut() []Occasion {
	var out []Occasion
	for _, s := range v.Stops() {
		switch s.Kind {
		case registry.StopEstablishment:
			e, known := v.Establishment(person.UAI(s.ID))
			if !known {
				continue
			}
			to := func() []Box { return append(v.alarmed(), school(e), controller(e)) }
			for _, o := range v.stops(s.Name(), s.ID, registry.Text{FR: e.Name}, s.Decisions, to, nil) {
				o.School = e.Name
				out = append(out, o)
			}
		case registry.StopAppointment:
			out = append(out, v.stops(s.Name(), "", registry.Text{FR: "un mandat du bureau", EN: "a mandate at the desk"}, s.Decisions, v.alarmed, nil)...)
		case registry.StopHolder:
			name := registry.Text{FR: "les droits d’une personne au bureau", EN: "somebody's rights at the desk"}
			out = append(out, v.stops(s.Name(), "", name, s.Decisions, v.alarmed, nil)...)
		default: // services and sources have one
		}
	}
	return out
}
