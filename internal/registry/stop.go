package registry

import (
	"cmp"
	"strings"
	"time"

	"ecluse/internal/person"
)

// StopKind is what somebody can stop with one button.
type StopKind string

// The kinds. A service and a source keep their own word and history (Suspended, Decisions); a Stop keeps those of the rest,
// apart from the object, so that no import and no file can start again what a person stopped.
const (
	StopService       StopKind = "service"
	StopSource        StopKind = "source"
	StopEstablishment StopKind = "establishment" // nobody enters anything as somebody of it
	StopAppointment   StopKind = "appointment"   // it counts for nothing
	StopHolder        StopKind = "holder"        // whoever has this handle holds no role, wherever it comes from
)

// StopKinds lists the kinds, in the order above.
func StopKinds() []StopKind {
	return []StopKind{StopService, StopSource, StopEstablishment, StopAppointment, StopHolder}
}

// Stop says that an establishment's access, an appointment, or all that somebody may at the desk is suspended, or was.
type Stop struct {
	Kind      StopKind   `json:"kind"`
	ID        string     `json:"id"` // a UAI, an appointment's id, a handle
	Suspended bool       `json:"suspended"`
	Since     time.Time  `json:"since"`
	Decisions []Decision `json:"decisions,omitempty"` // who stopped it and started it again, oldest first
}

// Name is the stop's own name among all: its kind and what it stops. It is empty unless both are said.
func (o Stop) Name() string {
	if o.Kind == "" || o.ID == "" {
		return ""
	}
	return string(o.Kind) + " " + o.ID
}

// Stop finds what is known of a stop; ok is false for what nobody ever stopped.
func (s *Snapshot) Stop(kind StopKind, id string) (o Stop, ok bool) {
	if s == nil {
		return Stop{}, false
	}
	return s.stops.get(Stop{Kind: kind, ID: id}.Name())
}

// Stopped tells whether an establishment, an appointment or a handle is stopped. It copies nothing: every decision asks it.
func (s *Snapshot) Stopped(kind StopKind, id string) bool {
	if s == nil || s.stops.len() == 0 {
		return false
	}
	o := s.stops.find(string(kind) + " " + id)
	return o != nil && o.Suspended
}

// Stops lists every stop, those that were lifted among them, in the order of their names.
func (s *Snapshot) Stops() []Stop {
	if s == nil {
		return nil
	}
	return sorted(s.stops)
}

// StopsOf counts how often a service, the source behind somebody or their establishment was ever stopped. It only grows: a
// right that was given at one count is over at the next, also once everything was lifted.
func (s *Snapshot) StopsOf(service, source string, uai person.UAI) int {
	n := 0
	if o := s.FindService(service); o != nil {
		n += stopsIn(o.Decisions)
	}
	if o := s.FindSource(source); o != nil {
		n += stopsIn(o.Decisions)
	}
	if s != nil {
		if o := s.stops.find(string(StopEstablishment) + " " + string(uai)); o != nil {
			n += stopsIn(o.Decisions)
		}
	}
	return n
}

func stopsIn(list []Decision) int {
	n := 0
	for i := range list {
		if list[i].State == Suspended {
			n++
		}
	}
	return n
}

// LastStop is the newest decision by which something was stopped; ok is false when none was.
func LastStop(list []Decision) (d Decision, ok bool) {
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].State == Suspended {
			return list[i], true
		}
	}
	return Decision{}, false
}

// Wording is one text in the three wordings in which pages speak. What is not said in one is said as to adults.
type Wording struct {
	Adulte Text `json:"adulte" yaml:"adulte"`
	Ado    Text `json:"ado,omitzero" yaml:"ado"`
	Enfant Text `json:"enfant,omitzero" yaml:"enfant"`
}

// For gives the text for an audience (adulte, ado, enfant) in a language.
func (w Wording) For(audience, lang string) string {
	var said Text
	switch audience {
	case "enfant":
		said = w.Enfant
	case "ado":
		said = w.Ado
	}
	return cmp.Or(strings.TrimSpace(said.In(lang)), w.Adulte.In(lang))
}
