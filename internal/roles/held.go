package roles

import (
	"slices"
	"time"

	"ecluse/internal/registry"
)

// all lists what the caller holds, held or will hold.
func all(s *registry.Snapshot, c Caller) []registry.Held {
	var out []registry.Held
	for _, h := range c.Held {
		switch h.Role {
		case registry.Staff, registry.Directeur, registry.HeadOfSchool, registry.Deputy:
			out = append(out, h)
			out = append(out, delegated(s, h)...)
		default: // a federation vouches for no other
		}
	}
	for _, a := range s.AppointmentsOf(c.Handle) {
		if h, ok := appointed(s, a); ok {
			out = append(out, h)
		}
	}
	for i := range out {
		out[i].Over = holdable(out[i].Role, out[i].Over)
	}
	return slices.DeleteFunc(out, func(h registry.Held) bool { return nothing(h.Over) })
}

// vouches tells whether the source of a role still may speak: one that was stopped, or whose declaration is over, makes
// nobody head of anything, whoever it vouched for before. An appointment has no source.
func vouches(s *registry.Snapshot, now time.Time, id string) bool {
	if id == "" {
		return true
	}
	source, known := s.Source(id)
	return known && !source.Suspended && source.Declaration.InForce(now, s.Zone())
}

// appointed counts when it was confirmed, between its dates, with a reason; without an end it is none.
func appointed(s *registry.Snapshot, a registry.Appointment) (registry.Held, bool) {
	if a.State != registry.ConfirmedApp || a.Reason == "" || a.From.IsZero() || a.Until.IsZero() || s.Stopped(registry.StopAppointment, a.ID) {
		return registry.Held{}, false
	}
	zone, under := s.Zone(), a.Act
	if under == "" {
		under = "appointment " + a.ID
	}
	return registry.Held{Role: a.Role, Over: a.Over, Under: under, From: a.From.Starts(zone), Until: a.Until.Ends(zone)}, true
}

// delegated makes deputies of those whose function a registered delegation names where they hold it. It is looked up at
// each act, so that a delegation which is shortened ends then.
func delegated(s *registry.Snapshot, h registry.Held) []registry.Held {
	var out []registry.Held
	for _, uai := range h.Over.UAIs {
		for _, d := range s.DelegationsAt(uai) {
			if h.Role != registry.Staff || d.Act == "" || d.From.IsZero() || d.Until.IsZero() || !slices.Contains(h.Functions, d.Function) {
				continue
			}
			held := registry.Held{Role: registry.Deputy, Over: over(uai), Under: d.Act, Source: h.Source, From: d.From.Starts(s.Zone()), Until: d.Until.Ends(s.Zone())}
			if h.Until.Before(held.Until) {
				held.Until = h.Until
			}
			out = append(out, held)
		}
	}
	return out
}

// holdable keeps what a role can be held over: a head is head of schools and not of an academy.
func holdable(role registry.Role, o registry.Over) registry.Over {
	switch role {
	case registry.Staff, registry.Directeur, registry.HeadOfSchool, registry.Deputy, registry.Assistant:
		return registry.Over{UAIs: o.UAIs}
	case registry.IEN:
		return registry.Over{Circonscriptions: o.Circonscriptions, UAIs: o.UAIs}
	case registry.DASEN:
		return registry.Over{Departments: o.Departments}
	case registry.Recteur:
		return registry.Over{Academies: o.Academies}
	case registry.Provider:
		return registry.Over{Services: o.Services}
	case registry.Collectivite:
		return registry.Over{Departments: o.Departments, UAIs: o.UAIs, Services: o.Services, Sources: o.Sources}
	case registry.DPO: // of an academy, of a school, or of another body over the services and sources that it runs
		return o
	case registry.DRANE, registry.Admin, registry.OnCall, registry.Support, registry.Auditor:
		return registry.Over{Academies: o.Academies, Departments: o.Departments, Circonscriptions: o.Circonscriptions, UAIs: o.UAIs}
	default:
		return registry.Over{}
	}
}

func nothing(o registry.Over) bool {
	return len(o.Academies)+len(o.Departments)+len(o.Circonscriptions)+len(o.UAIs)+len(o.Services)+len(o.Sources) == 0
}

// Office is a role in the words of a French decision.
func Office(role registry.Role) string {
	switch role {
	case registry.Provider:
		return "fournisseur"
	case registry.Staff:
		return "personnel"
	case registry.Directeur:
		return "directeur d'école"
	case registry.IEN:
		return "IEN"
	case registry.HeadOfSchool:
		return "chef d'établissement"
	case registry.Deputy:
		return "chef d'établissement, par délégation"
	case registry.Assistant:
		return "assistance de l'établissement"
	case registry.DASEN:
		return "DASEN"
	case registry.Recteur:
		return "recteur"
	case registry.DRANE:
		return "DRANE"
	case registry.DPO:
		return "DPD"
	case registry.Admin:
		return "administration technique"
	case registry.OnCall:
		return "RSSI et astreinte"
	case registry.Collectivite:
		return "collectivité"
	case registry.Support:
		return "assistance"
	case registry.Auditor:
		return "audit"
	default:
		return ""
	}
}
