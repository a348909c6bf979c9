package notify

import (
	"fmt"
	"slices"
	"time"

	"ecluse/internal/registry"
)

// Fresh is for how long somebody is still told of what should have been told at once: longer than a weekend without a
// gateway or a relay. What is older waits at the desk.
const Fresh = 72 * time.Hour

// linked is the author of what the command line appoints, as package desk writes it.
const linked = "command:admin-link"

// AtOnce lists what somebody is to be told at once: each suspension of the last days, even if it was lifted since; each
// incident, when it is opened and when its hours run out; and each appointment by the command line.
func (v *View) AtOnce() []Occasion {
	var out []Occasion
	for _, s := range v.Services() {
		to := func() []Box { return append(v.alarmed(), v.users(s.ID, "")...) }
		out = append(out, v.stops("service "+s.ID, s.ID, s.Name, s.Decisions, to, providers(s.ID))...)
		for _, d := range v.Declarations(s.ID) {
			to := func() []Box {
				some := append(boxes(registry.DPO, v.academiesOf(d)), boxes(registry.OnCall, v.academiesOf(d))...)
				return slices.Concat(some, v.deciders(d), v.users(s.ID, d.ID))
			}
			out = append(out, v.stops(fmt.Sprintf("declaration %s v%d", d.ID, d.Version), s.ID, s.Name, d.Decisions, to, providers(s.ID))...)
		}
	}
	for _, s := range v.Sources() {
		to := func() []Box { return append(v.alarmed(), v.speaksFor(s)...) }
		out = append(out, v.stops("source "+s.ID, s.ID, s.Name, s.Decisions, to, nil)...)
		if s.Declaration != nil {
			out = append(out, v.stops("declaration of source "+s.ID, s.ID, s.Name, s.Declaration.Decisions, to, nil)...)
		}
	}
	return slices.Concat(out, v.shut(), v.here(), v.incidents(), v.links())
}

// alarmed are those who look after the whole of an academy.
func (v *View) alarmed() []Box {
	return slices.Concat(v.everywhere(registry.DPO), v.everywhere(registry.OnCall), v.everywhere(registry.Recteur), v.everywhere(registry.Admin))
}

func providers(service string) []Box { return []Box{{registry.Provider, service}} }

func (v *View) speaksFor(s registry.Source) []Box {
	var out []Box
	for _, uai := range s.UAIs {
		if e, ok := v.Establishment(uai); ok && !e.ClosedAt(v.now, v.Zone()) {
			out = append(out, school(e))
		}
	}
	return out
}

// stops are the fresh suspensions among decisions on one thing.
func (v *View) stops(what, about string, name registry.Text, decisions []registry.Decision, to func() []Box, more []Box) []Occasion {
	var out []Occasion
	for _, by := range decisions {
		if by.State == registry.Suspended && v.fresh(by.At) {
			out = append(out, Occasion{
				Mark: fmt.Sprintf("stop %s %d", what, by.At.UnixMilli()), Kind: Suspended, About: about, Name: name,
				Office: by.Office, At: by.At, To: once(append(to(), more...)),
			})
		}
	}
	return out
}

func (v *View) fresh(at time.Time) bool {
	return at.After(v.now.Add(-Fresh)) && !at.After(v.now.Add(time.Minute))
}

// here are suspensions in one school. Its own box is told too: another function may have stopped the service there.
func (v *View) here() []Occasion {
	var out []Occasion
	for _, stance := range v.Enablings() {
		for _, by := range stance.Decisions {
			e, known := v.Establishment(stance.UAI)
			if by.State != registry.Suspended || !v.fresh(by.At) || !known {
				continue
			}
			out = append(out, Occasion{
				Mark: fmt.Sprintf("stop here %s %s %d", stance.Service, stance.UAI, by.At.UnixMilli()), Kind: Stopped, About: stance.Service,
				Name: v.service(stance.Service), School: e.Name, Office: by.Office, At: by.At,
				To: once(append(providers(stance.Service), school(e), controller(e), Box{registry.DPO, e.Academy})),
			})
		}
	}
	return out
}

// links are appointments that were made without anybody's confirmation: the data-protection officer learns of each.
func (v *View) links() []Occasion {
	var out []Occasion
	for _, a := range v.Appointments() {
		if a.Author == linked && v.fresh(a.Since) {
			out = append(out, Occasion{
				Mark: "link " + a.ID, Kind: ByLink, About: a.ID, Role: a.Role, At: a.Since, Last: a.Until, To: v.everywhere(registry.DPO),
			})
		}
	}
	return out
}
