package notify

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// Schedule is when digests are made: weekly, at an hour of the academy's own clock.
type Schedule struct {
	Day  time.Weekday
	Hour int
}

// late is how much after its hour a digest is still made. A later one would meet the next.
const late = 48 * time.Hour

// due is the last day on which a digest was to be made; ok is false once that is too long ago. An hour that a change of
// clocks leaves out is the one after it.
func (s Schedule) due(now time.Time, zone *time.Location) (day registry.Date, ok bool) {
	local := now.In(zone)
	back := (int(local.Weekday()) - int(s.Day) + 7) % 7
	for _, back := range []int{back, back + 7} {
		day = registry.DateOf(local).Add(-back)
		if at := time.Date(day.Year, day.Month, day.Day, s.Hour, 0, 0, 0, zone); !now.Before(at) {
			return day, now.Sub(at) < late
		}
	}
	return registry.Date{}, false
}

// Waits is what waits: a stable word for each part of a digest, in the order in which they stand there.
type Waits string

// The parts.
const (
	WaitsStopped   Waits = "stopped"
	WaitsEnding    Waits = "ending"
	WaitsReview    Waits = "review"
	WaitsCorrect   Waits = "correct"
	WaitsEnable    Waits = "enable"
	WaitsAccept    Waits = "accept"
	WaitsWish      Waits = "wish"
	WaitsInquiry   Waits = "inquiry"
	WaitsUndone    Waits = "undelivered"
	mostInDigest         = 20 // names in one part; the rest is counted
	endingInDigest       = 90 // days
)

func parts() []Waits {
	return []Waits{WaitsStopped, WaitsEnding, WaitsReview, WaitsCorrect, WaitsEnable, WaitsAccept, WaitsWish, WaitsInquiry, WaitsUndone}
}

// Part is one part of a digest: services by name, and for each in how many schools, or in which one.
type Part struct {
	Word  Waits
	Count int // of services, of inquiries, or of mails
	Lines []Line
	More  int // lines left out
}

// Line is one service.
type Line struct {
	Name    registry.Text
	Schools int
	School  string // its name, where it is one
}

// digests gathers what waits for each box.
type digests struct {
	*View
	boxes map[Box]map[Waits]map[string]map[person.UAI]bool
}

// Digests gives what waits for each box. A box for which nothing waits is not in it.
func (v *View) Digests(undelivered int) map[Box][]Part {
	g := digests{View: v, boxes: map[Box]map[Waits]map[string]map[person.UAI]bool{}}
	rules := v.Rules(v.now)
	for _, s := range v.Services() {
		if s.Suspended {
			g.add(WaitsStopped, s.ID, "", v.everywhere(registry.DPO)...)
			g.add(WaitsStopped, s.ID, "", v.everywhere(registry.Recteur)...)
		}
		for _, d := range v.Declarations(s.ID) {
			g.declaration(d, rules)
		}
	}
	g.stances()
	g.wishes()
	out := map[Box][]Part{}
	for box := range g.boxes {
		out[box] = g.parts(box)
	}
	for box, n := range v.inquiries() {
		out[box] = append(out[box], Part{Word: WaitsInquiry, Count: n})
	}
	if undelivered > 0 {
		for _, box := range v.everywhere(registry.Admin) {
			out[box] = append(out[box], Part{Word: WaitsUndone, Count: undelivered})
		}
	}
	return out
}

// add files a service under what waits for some boxes, in a school where one is named.
func (g *digests) add(word Waits, service string, uai person.UAI, to ...Box) {
	for _, box := range to {
		if g.boxes[box] == nil {
			g.boxes[box] = map[Waits]map[string]map[person.UAI]bool{}
		}
		if g.boxes[box][word] == nil {
			g.boxes[box][word] = map[string]map[person.UAI]bool{}
		}
		if g.boxes[box][word][service] == nil {
			g.boxes[box][word][service] = map[person.UAI]bool{}
		}
		if uai != "" {
			g.boxes[box][word][service][uai] = true
		}
	}
}

func (g *digests) declaration(d registry.Declaration, rules registry.Rules) {
	advises := boxes(registry.DPO, g.academiesOf(d))
	switch d.State {
	case registry.Submitted, registry.InReview:
		g.add(WaitsReview, d.ServiceID, "", slices.Concat(advises, boxes(registry.DRANE, g.academiesOf(d)), g.deciders(d))...)
	case registry.ToCorrect:
		g.add(WaitsCorrect, d.ServiceID, "", append(g.deciders(d), providers(d.ServiceID)...)...)
	case registry.Suspended:
		g.add(WaitsStopped, d.ServiceID, "", append(advises, g.deciders(d)...)...)
	case registry.Approved:
		if o, ok := g.ending(d, rules); ok && o.Days >= 0 && o.Days <= endingInDigest {
			g.add(WaitsEnding, d.ServiceID, "", append(advises, g.deciders(d)...)...)
		}
		if d.Scope.Level == registry.ByEstablishment && d.InForce(g.now, g.Zone()) && !g.succeeded(d) {
			g.unanswered(d)
		}
	}
}

// unanswered are the schools that a declaration names and whose controller has said nothing.
func (g *digests) unanswered(d registry.Declaration) {
	for _, e := range g.schools(d) {
		if stance, _ := g.Enabling(d.ServiceID, e.UAI); stance.State == "" || stance.State == registry.Withdrawn {
			g.add(WaitsEnable, d.ServiceID, e.UAI, controller(e))
		}
	}
}

// stances are enablings of which a newer version goes further than what was accepted.
func (g *digests) stances() {
	for _, stance := range g.Enablings() {
		e, known := g.Establishment(stance.UAI)
		if known && stance.State == registry.Enabled && !e.ClosedAt(g.now, g.Zone()) && g.wider(stance) {
			g.add(WaitsAccept, stance.Service, e.UAI, controller(e))
		}
	}
}

func (g *digests) wider(stance registry.Enabling) bool {
	versions := g.Versions(stance.Declaration) // newest first
	i := slices.IndexFunc(versions, func(d registry.Declaration) bool { return d.State == registry.Approved })
	if i < 0 || versions[i].Version <= stance.Version {
		return false
	}
	accepted, ok := g.Declaration(stance.Declaration, stance.Version)
	return ok && registry.Compare(accepted, versions[i]) == registry.Wider
}

// wishes wait for the school's controller; the data-protection officer is told too.
func (g *digests) wishes() {
	for _, w := range g.Wishes() {
		e, known := g.Establishment(w.UAI)
		if w.State == registry.Wished && known {
			g.add(WaitsWish, w.About, w.UAI, controller(e), Box{registry.DPO, e.Academy}, Box{registry.DRANE, e.Academy})
		}
	}
}

func (g *digests) parts(box Box) []Part {
	var out []Part
	for _, word := range parts() {
		named := g.boxes[box][word]
		if len(named) == 0 {
			continue
		}
		p := Part{Word: word, Count: len(named)}
		for id, schools := range named {
			p.Lines = append(p.Lines, g.line(id, schools))
		}
		slices.SortFunc(p.Lines, func(a, b Line) int {
			return cmp.Or(strings.Compare(a.Name.FR, b.Name.FR), strings.Compare(a.School, b.School))
		})
		if p.More = max(0, len(p.Lines)-mostInDigest); p.More > 0 {
			p.Lines = p.Lines[:mostInDigest]
		}
		out = append(out, p)
	}
	return out
}

func (g *digests) line(id string, schools map[person.UAI]bool) Line {
	l := Line{Name: g.service(id), Schools: len(schools)}
	if m, ok := g.Model(id); ok && l.Name.FR == id {
		l.Name = m.Name
	}
	for uai := range maps.Keys(schools) {
		if e, ok := g.Establishment(uai); ok && len(schools) == 1 {
			l.School = e.Name
		}
	}
	return l
}
