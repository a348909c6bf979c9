package registry

import (
	"slices"
	"time"

	"ecluse/internal/person"
)

// Incident is the record of something that went wrong with people's data (RGPD art. 33(5)): what it is about, since when it
// is known, what was done. It names nobody and holds no data of anybody: how many people were sent what is counted from the
// journal each time. Package incident knows its clock and its notification.
type Incident struct {
	ID       string         `json:"id"`
	Title    string         `json:"title"`
	Natures  []Nature       `json:"natures"`
	Services []string       `json:"services,omitempty"`
	Sources  []string       `json:"sources,omitempty"`
	UAIs     []person.UAI   `json:"uais,omitempty"`    // the establishments it is about; all of the academy when empty
	Academy  string         `json:"academy,omitempty"` // whose it is, where it names no establishment
	Known    time.Time      `json:"known"`             // when somebody became aware of it: the hours of art. 33(1) begin here
	From     time.Time      `json:"from,omitzero"`     // since when it lasted, as far as anybody knows; Known when nobody does
	Until    time.Time      `json:"until,omitzero"`    // when it ended; zero while it lasts
	What     string         `json:"what"`              // what happened
	Effects  string         `json:"effects"`           // likely consequences for people
	Measures string         `json:"measures"`          // what was done about it, and what will be
	Late     string         `json:"late,omitempty"`    // why the authority was told after the 72 hours (art. 33(1))
	Contact  string         `json:"contact"`           // how the authority reaches the data-protection officer: a function's
	Message  Wording        `json:"message,omitzero"`  // what users read while it is open
	State    IncidentState  `json:"state"`
	Opened   time.Time      `json:"opened"`
	Steps    []IncidentStep `json:"steps"` // what was done, the oldest first
}

// Nature is what a breach did to data (EDPB guidelines 9/2022, 15).
type Nature string

// The natures.
const (
	Confidentiality Nature = "confidentiality" // somebody saw or received what they should not
	Integrity       Nature = "integrity"       // data were changed
	Availability    Nature = "availability"    // data were lost, or cannot be reached
)

// Natures lists the natures.
func Natures() []Nature { return []Nature{Confidentiality, Integrity, Availability} }

// IncidentState is where an incident stands.
type IncidentState string

// The states of an incident.
const (
	IncidentOpen   IncidentState = "open"
	IncidentClosed IncidentState = "closed"
)

// IncidentStep is one thing that was done about an incident.
type IncidentStep struct {
	At     time.Time `json:"at"`
	Word   StepWord  `json:"word"`
	Office string    `json:"office"`
	By     string    `json:"by"`           // the handle, for nobody to read
	To     string    `json:"to,omitempty"` // who was warned: a role and what it is held over, as in head 0750001A
	Text   string    `json:"text,omitempty"`
}

// StepWord is what a step is.
type StepWord string

// The steps.
const (
	StepOpened   StepWord = "opened"
	StepNoted    StepWord = "noted"    // something that is known now
	StepRevised  StepWord = "revised"  // the record's text was changed
	StepStopped  StepWord = "stopped"  // something was suspended for it
	StepWarned   StepWord = "warned"   // a controller was told
	StepNotified StepWord = "notified" // the authority was told (art. 33)
	StepInformed StepWord = "informed" // the people were told (art. 34)
	StepClosed   StepWord = "closed"
)

// Added lists the steps that somebody adds by hand.
func Added() []StepWord { return []StepWord{StepNoted, StepWarned, StepNotified, StepInformed} }

// Did finds the first step of a word; ok is false when there is none.
func (i Incident) Did(word StepWord) (IncidentStep, bool) {
	n := slices.IndexFunc(i.Steps, func(s IncidentStep) bool { return s.Word == word })
	if n < 0 {
		return IncidentStep{}, false
	}
	return i.Steps[n], true
}

// Since is the beginning of what is counted.
func (i Incident) Since() time.Time {
	if i.From.IsZero() {
		return i.Known
	}
	return i.From
}

// Concerns tells whether the incident is about one thing: a service or source it names, an establishment it names.
func (i Incident) Concerns(kind StopKind, id string) bool {
	switch kind {
	case StopService:
		return slices.Contains(i.Services, id)
	case StopSource:
		return slices.Contains(i.Sources, id)
	case StopEstablishment:
		return slices.Contains(i.UAIs, person.UAI(id))
	default:
		return false
	}
}

// Incidents lists every incident, in the order of their names.
func (s *Snapshot) Incidents() []Incident {
	if s == nil {
		return nil
	}
	return sorted(s.incidents)
}

// Incident finds one.
func (s *Snapshot) Incident(id string) (Incident, bool) {
	if s == nil {
		return Incident{}, false
	}
	return s.incidents.get(id)
}

// Notice is what users read of what is stopped: the message of the open incident about it that was opened last, among those
// that have one. uai is where they are: an incident that is about certain establishments speaks to nobody else.
func (s *Snapshot) Notice(kind StopKind, id string, uai person.UAI) (w Wording, ok bool) {
	if s == nil || s.incidents.len() == 0 {
		return Wording{}, false
	}
	var last time.Time
	for _, i := range s.Incidents() {
		there := len(i.UAIs) == 0 || slices.Contains(i.UAIs, uai)
		if i.State == IncidentOpen && there && i.Message.Adulte.FR != "" && i.Concerns(kind, id) && !i.Opened.Before(last) {
			w, ok, last = i.Message, true, i.Opened
		}
	}
	return w, ok
}
