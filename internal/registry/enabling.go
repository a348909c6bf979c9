package registry

import (
	"slices"
	"time"

	"ecluse/internal/person"
)

// Enabling is where the controller of one establishment stands on one service: there is at most one of each. A service
// that an academy has examined is available; this is what opens it in a school. A refusal wins over everything else.
type Enabling struct {
	Service     string        `json:"service" yaml:"service"`
	UAI         person.UAI    `json:"uai" yaml:"uai"`
	State       EnablingState `json:"state" yaml:"state"`
	Declaration string        `json:"declaration,omitempty" yaml:"declaration"` // under which it is enabled
	Version     int           `json:"version,omitempty" yaml:"version"`         // the version that was accepted
	Before      int           `json:"before,omitempty" yaml:"-"`                // the version accepted before, which still runs until Version begins
	Message     Text          `json:"message,omitzero" yaml:"message"`          // what people read when it is refused or suspended
	Paper       *Paper        `json:"paper,omitempty" yaml:"paper"`
	Since       time.Time     `json:"since" yaml:"-"`
	Decisions   []Decision    `json:"decisions,omitempty" yaml:"-"`
	ManagedBy   string        `json:"managed_by,omitempty" yaml:"-"`
}

// Demo tells whether any decision on the enabling was the demo's own.
func (e Enabling) Demo() bool {
	return slices.ContainsFunc(e.Decisions, func(d Decision) bool { return d.Demo })
}

// EnablingState is the controller's word. Anything else than enabled opens nothing.
type EnablingState string

// The states of an enabling.
const (
	Enabled        EnablingState = "enabled"
	RefusedHere    EnablingState = "refused"   // by the controller: nobody else's decision opens it
	SuspendedHere  EnablingState = "suspended" // stopped locally; the controller lifts it
	ClaimedOnPaper EnablingState = "claimed"   // signed on paper, says a file; it counts once confirmed
	Withdrawn      EnablingState = "withdrawn" // no longer wanted; as if nobody had said anything
)

// Opening is a crisis act: the recteur opens an already examined service for every establishment of an academy for thirty days
// at most, renewable once with the data-protection officer's opinion. Local refusals still win.
type Opening struct {
	ID          string     `json:"id"`
	Service     string     `json:"service"`
	Declaration string     `json:"declaration"`
	Version     int        `json:"version"`
	Academy     string     `json:"academy"`
	Act         string     `json:"act"`
	Reason      string     `json:"reason"`
	From        Date       `json:"from"`
	Until       Date       `json:"until"`
	Renews      string     `json:"renews,omitempty"` // the opening that this one renews; a renewal is not renewed
	Opinion     *Opinion   `json:"opinion,omitempty"`
	Ended       bool       `json:"ended,omitempty"` // before Until
	Decisions   []Decision `json:"decisions,omitempty"`
}

// CrisisDays is how long one crisis opening may last.
const CrisisDays = 30

// Holds tells whether the opening is one that may be made and its dates hold at now. A renewal needs the first opening,
// of the same service and academy and no renewal itself, and the data-protection officer's opinion; of two that renew
// one opening, the one that begins first counts.
func (o Opening) Holds(s *Snapshot, now time.Time) bool {
	return !o.Ended && o.Academy != "" && !o.long() && holds(o.From, o.Until, now, s.Zone()) && o.renewsRightly(s)
}

func (o Opening) long() bool { return o.Until.String() > o.From.Add(CrisisDays-1).String() }

func (o Opening) renewsRightly(s *Snapshot) bool {
	if o.Renews == "" {
		return true
	}
	known := false
	for _, other := range s.OpeningsOf(o.Service) {
		known = known || other.ID == o.Renews && other.Renews == "" && other.Academy == o.Academy
		if other.ID != o.ID && other.Renews == o.Renews && other.From.String()+other.ID < o.From.String()+o.ID {
			return false
		}
	}
	return known && o.Opinion != nil && o.Opinion.Value.known()
}

// Wish is a request by staff for a service in their establishment: it opens nothing, and tells the controller and the
// data-protection officer.
type Wish struct {
	ID     string     `json:"id"`
	UAI    person.UAI `json:"uai"`
	About  string     `json:"about"` // a service or a model of the catalogue
	Reason string     `json:"reason"`
	By     []string   `json:"by"` // handles: the same wish of several people is one
	At     time.Time  `json:"at"`
	State  WishState  `json:"state"`
	Answer string     `json:"answer,omitempty"`
	Office string     `json:"office,omitempty"` // who answered
}

// WishState is what became of a wish.
type WishState string

// The states of a wish.
const (
	Wished   WishState = "open"
	Granted  WishState = "taken_up" // somebody made or enabled a declaration of it
	Declined WishState = "declined"
)
