// Package incident knows what the law wants of an incident (RGPD art. 33 and 34): the 72 hours, how many people were sent
// what, which controllers are to be warned, and what the authority's notification asks. The record itself is a
// registry.Incident; what is counted comes from the journal, as numbers: nobody is listed.
//
// It is pure but for Counter, whose implementation stands in store/sqldb: no HTTP, no clock of its own. Package desk says
// who may open, read and keep a record.
package incident

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// NotifyWithin is by when the authority is told of a breach that puts people at risk, counted from when somebody became
// aware of it (RGPD art. 33(1)). Hours are hours: neither a night, a week-end nor the change of the clocks makes them more
// (regulation (EEC, Euratom) no 1182/71, art. 3).
const NotifyWithin = 72 * time.Hour

// Due is when the hours end.
func Due(i registry.Incident) time.Time { return i.Known.Add(NotifyWithin) }

// Left is how much of the hours is left at now; negative once they are over, and false for a record that is closed or whose
// authority was told: nothing runs there.
func Left(i registry.Incident, now time.Time) (left time.Duration, runs bool) {
	_, told := i.Did(registry.StepNotified)
	return Due(i).Sub(now), i.State == registry.IncidentOpen && !told
}

// Late tells whether the authority was told after the hours, or was not and they are over: then the notification says why
// (art. 33(1)).
func Late(i registry.Incident, now time.Time) bool {
	if step, told := i.Did(registry.StepNotified); told {
		now = step.At
	}
	return now.After(Due(i))
}

// Span is what is counted: releases to one of some services, or through one of some sources, in one of some establishments,
// from an instant on and before another. What is empty is not looked at.
type Span struct {
	Services    []string
	Sources     []string
	UAIs        []person.UAI
	From, Until time.Time
}

// Of is what is counted for a record: until it ended, or until now.
func Of(i registry.Incident, now time.Time) Span {
	until := i.Until
	if until.IsZero() {
		until = now
	}
	return Span{Services: i.Services, Sources: i.Sources, UAIs: i.UAIs, From: i.Since(), Until: until}
}

// Counted is how many people were sent what, at one service. People are told apart by the handle under which the journal
// files them at that service: somebody who used two services is counted at each.
type Counted struct {
	Service  string   `json:"service"`
	People   int      `json:"people"`
	Messages int      `json:"messages"`
	Sent     []Sent   `json:"sent"`    // by what was sent, the most people first
	Schools  []School `json:"schools"` // in the order of their UAI
}

// Sent is one thing that was sent: the name of an attribute, never a value.
type Sent struct {
	Name   string `json:"name"`
	People int    `json:"people"`
}

// School is how many people of one establishment were concerned.
type School struct {
	UAI    person.UAI `json:"uai"`
	People int        `json:"people"`
}

// Counter counts in the journal. It never gives anybody.
type Counter interface {
	Count(ctx context.Context, what Span) ([]Counted, error)
}

// Warned is a controller to warn: the function, and what it is held over.
type Warned struct {
	Role    registry.Role `json:"role"`
	Over    string        `json:"over"`    // a UAI for a head, a department for a DASEN, an academy for a recteur
	Schools int           `json:"schools"` // how many of the establishments concerned are theirs
	At      time.Time     `json:"at,omitzero"`
}

// Name is how a step says who was warned: head 0280202T.
func (w Warned) Name() string { return string(w.Role) + " " + w.Over }

// Controllers lists whom to warn: the controller of each establishment that the record names or whose people were sent
// something (art. 33(2): whoever processes for others tells them without delay), with when they were. An establishment that
// has none on record is its academy's.
func Controllers(s *registry.Snapshot, i registry.Incident, counted []Counted) []Warned {
	schools := slices.Clone(i.UAIs)
	for _, c := range counted {
		for _, there := range c.Schools {
			schools = append(schools, there.UAI)
		}
	}
	slices.Sort(schools)
	found := map[string]*Warned{}
	var out []*Warned
	for _, uai := range slices.Compact(schools) {
		e, known := s.Establishment(uai)
		if !known {
			continue
		}
		w := controller(e)
		if found[w.Name()] == nil {
			found[w.Name()] = &w
			out = append(out, &w)
		}
		found[w.Name()].Schools++
	}
	for _, step := range i.Steps {
		if w := found[step.To]; w != nil && step.Word == registry.StepWarned && w.At.IsZero() {
			w.At = step.At
		}
	}
	slices.SortFunc(out, func(a, b *Warned) int { return strings.Compare(a.Name(), b.Name()) })
	list := make([]Warned, len(out))
	for n, w := range out {
		list[n] = *w
	}
	return list
}

func controller(e registry.Establishment) Warned {
	role, known := roles.ControllerOf(e)
	switch {
	case known && role == registry.HeadOfSchool:
		return Warned{Role: role, Over: string(e.UAI)}
	case known && role == registry.DASEN:
		return Warned{Role: role, Over: e.Department}
	default:
		return Warned{Role: registry.Recteur, Over: e.Academy}
	}
}

// total adds up people and messages over services. People who used two of them are counted twice: it is at most so many.
func total(counted []Counted) (people, messages int) {
	for _, c := range counted {
		people += c.People
		messages += c.Messages
	}
	return people, messages
}

// sentNames lists what was sent at any of the services, the most people first; of two services the larger number, as nobody can
// tell whether they were the same people.
func sentNames(counted []Counted) []Sent {
	var out []Sent
	for _, c := range counted {
		for _, s := range c.Sent {
			n := slices.IndexFunc(out, func(o Sent) bool { return o.Name == s.Name })
			if n < 0 {
				out = append(out, s)
				continue
			}
			out[n].People = max(out[n].People, s.People)
		}
	}
	slices.SortFunc(out, func(a, b Sent) int { return cmp.Or(b.People-a.People, strings.Compare(a.Name, b.Name)) })
	return out
}

// Check says what is wrong with a record's own words; what it names is the registry's to know.
func Check(i registry.Incident, now time.Time) []registry.Finding {
	var out []registry.Finding
	say := func(wrong bool, where, what, mend string) {
		if wrong {
			out = append(out, registry.Finding{Where: where, What: what, Mend: mend})
		}
	}
	say(strings.TrimSpace(i.Title) == "", "title", "what it is called is missing", "a few words without names")
	say(len(i.Natures) == 0, "natures", "what it did to data is missing", fmt.Sprintf("some of %q", registry.Natures()))
	for n, nature := range i.Natures {
		say(!slices.Contains(registry.Natures(), nature), fmt.Sprintf("natures[%d]", n), fmt.Sprintf("%q is not known", nature), fmt.Sprintf("some of %q", registry.Natures()))
	}
	say(len(i.Services)+len(i.Sources)+len(i.UAIs) == 0, "services", "what it is about is missing", "a service, a source or an establishment")
	say(i.Known.IsZero(), "known", "when somebody became aware of it is missing", "")
	say(i.Known.After(now), "known", "it is in the future", "")
	say(!i.From.IsZero() && i.From.After(i.Known), "from", "it began after somebody became aware of it", "")
	say(!i.Until.IsZero() && i.Until.Before(i.Since()), "until", "it ended before it began", "")
	for _, f := range []struct{ where, text string }{
		{"title", i.Title}, {"what", i.What}, {"effects", i.Effects}, {"measures", i.Measures}, {"late", i.Late}, {"contact", i.Contact},
	} {
		say(len([]rune(f.text)) > MostText, f.where, fmt.Sprintf("it is longer than %d characters", MostText), "say it shorter")
	}
	return append(out, message(i.Message)...)
}

// MostText bounds each text of a record, MostMessage what users read.
const (
	MostText    = 4000
	MostMessage = 500
)

func message(w registry.Wording) []registry.Finding {
	var out []registry.Finding
	some := false
	for where, text := range map[string]registry.Text{"message.adulte": w.Adulte, "message.ado": w.Ado, "message.enfant": w.Enfant} {
		some = some || text != registry.Text{}
		if len([]rune(text.FR)) > MostMessage || len([]rune(text.EN)) > MostMessage {
			out = append(out, registry.Finding{Where: where, What: fmt.Sprintf("it is longer than %d characters", MostMessage), Mend: "say it shorter"})
		}
	}
	slices.SortFunc(out, func(a, b registry.Finding) int { return strings.Compare(a.Where, b.Where) })
	if some && strings.TrimSpace(w.Adulte.FR) == "" {
		out = append(out, registry.Finding{Where: "message.adulte", What: "the message to adults, in French, is missing", Mend: "the others fall back to it"})
	}
	return out
}
