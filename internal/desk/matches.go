package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"ecluse/internal/attrs"
	"ecluse/internal/keybook"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Pseudonyms knows under which numbers services can know somebody. It remembers nothing of having been asked.
type Pseudonyms interface {
	// Known gives what the key book calls the person of some keys, and files nothing.
	Known(ctx context.Context, own person.Key, also ...person.Key) ([]string, error)
	// Spans gives every pseudonym of one such number at a family in a generation, for the school years that began in first
	// to last.
	Spans(number, family string, generation, first, last int) []string
}

// Candidate is somebody who may be behind a pseudonym: a source, and what the person is called there.
type Candidate struct {
	Source      string   `json:"source"`
	Identifiers []string `json:"identifiers"`
}

// String shows nothing of the person.
func (c Candidate) String() string { return "[candidate]" }

// GoString shows nothing of the person.
func (c Candidate) GoString() string { return c.String() }

// LogValue shows nothing of the person.
func (c Candidate) LogValue() slog.Value { return slog.StringValue(c.String()) }

// What a match may ask. One candidate alone would be a question about one person; a whole school is more than a suspicion.
const (
	fewestCandidates = 2
	mostCandidates   = 500
	mostIdentifiers  = 5   // of one candidate
	longest          = 200 // characters of a pseudonym, or of an identifier
	schooling        = 15  // school years, for which a number can be looked for
)

// asked is what a match is about. It is stored sealed.
type asked struct {
	Service    string        `json:"service"`
	Pseudonym  string        `json:"pseudonym"`
	Candidates [][][2]string `json:"candidates"` // of each the keys: authority and identifier
}

// String shows nothing of the people.
func (a asked) String() string { return "[match]" }

// GoString shows nothing of the people.
func (a asked) GoString() string { return a.String() }

// LogValue shows nothing of the people.
func (a asked) LogValue() slog.Value { return slog.StringValue(a.String()) }

// errMatch says nothing of what could not be read.
var errMatch = errors.New("what the match is about cannot be read")

func (q Question) matches() bool {
	return q.Service != "" || q.Pseudonym != "" || len(q.Candidates) > 0
}

// askMatch asks which of some candidates a service knows by a pseudonym.
func (d *Desk) askMatch(ctx context.Context, c roles.Caller, q Question) (registry.Inquiry, error) {
	made := registry.Inquiry{ID: newID(), Academy: q.Academy, Candidates: len(q.Candidates), State: registry.Submitted}
	err := d.act(ctx, c, "inquiry_ask", func(t *turn) error {
		in, err := t.may(roles.Inquire, roles.Target{Academy: q.Academy})
		if err != nil {
			return err
		}
		about, err := t.match(q)
		if err != nil {
			return err
		}
		if d.Subjects == nil || d.Pseudonyms == nil {
			return &Conflict{Code: "state", What: "this gateway takes no matches"}
		}
		text, err := json.Marshal(about)
		if err != nil {
			return errMatch
		}
		if made.Match, err = d.Subjects.HideMatch(made.ID, text); err != nil {
			return fmt.Errorf("desk: match: %w", err)
		}
		made.Until = t.now.AddDate(0, 0, registry.InquiryDays)
		made.Decisions = []registry.Decision{t.decision(in, registry.Submitted, q.Reason)}
		t.inquiryIs(made)
		t.matching(q.Service, made)
		return nil
	})
	return made.Bare(), err
}

// matching fills the journal entry: the service and how many candidates, nothing else.
func (t *turn) matching(service string, q registry.Inquiry) {
	t.entry.Service = service
	t.detail("candidates", fmt.Sprint(q.Candidates))
}

// match is what a question asks, or *Invalid with all its mistakes, which repeat nothing of the people.
func (t *turn) match(q Question) (asked, error) {
	var bad mistakes
	bad.text("reason", q.Reason, mostReason)
	bad.say(q.Academy == "", "academy", "it is missing", "")
	bad.say(q.Person != "" || q.Source != "", "person", "a match is about candidates, not about one person", "ask the two apart")
	_, known := t.Service(q.Service)
	bad.say(!known, "service", fmt.Sprintf("%q is not a registered service", q.Service), "")
	bad.text("pseudonym", q.Pseudonym, longest)
	_, shaped := attrs.ReadKnown(q.Pseudonym)
	bad.say(q.Pseudonym != "" && !shaped, "pseudonym", "it has none of the shapes in which pseudonyms are given", "write it as the service has it")
	n := len(q.Candidates)
	bad.say(n < fewestCandidates || n > mostCandidates, "candidates", fmt.Sprintf("there are %d", n), fmt.Sprintf("name %d to %d", fewestCandidates, mostCandidates))
	out := asked{Service: q.Service, Pseudonym: q.Pseudonym}
	if n > mostCandidates {
		return out, bad.err()
	}
	seen := map[[2]string]bool{}
	for i, c := range q.Candidates {
		out.Candidates = append(out.Candidates, t.candidate(&bad, fmt.Sprintf("candidates[%d]", i), q.Academy, c, seen))
	}
	return out, bad.err()
}

// candidate is one candidate's keys.
func (t *turn) candidate(bad *mistakes, where, academy string, c Candidate, seen map[[2]string]bool) [][2]string {
	source, known := t.Source(c.Source)
	bad.say(!known || source.Authority == "", where+".source", fmt.Sprintf("%q is not a registered source", c.Source), "")
	bad.say(known && !t.speaksIn(source, academy), where+".source", fmt.Sprintf("%q speaks for no establishment of the academy", c.Source), "")
	n := len(c.Identifiers)
	bad.say(n == 0 || n > mostIdentifiers, where+".identifiers", fmt.Sprintf("there are %d", n), fmt.Sprintf("name 1 to %d", mostIdentifiers))
	if n > mostIdentifiers {
		return nil
	}
	var keys [][2]string
	for j, id := range c.Identifiers {
		at := fmt.Sprintf("%s.identifiers[%d]", where, j)
		bad.text(at, id, longest)
		key := [2]string{source.Authority, id}
		bad.say(seen[key], at, "it was named before", "name everybody once")
		seen[key] = true
		keys = append(keys, key)
	}
	return keys
}

// speaksIn tells whether a source may speak somewhere in an academy. It goes through the source's list rather than through
// the academy's schools: one without a list speaks in every academy, also in one of which no school is registered yet.
func (t *turn) speaksIn(s registry.Source, academy string) bool {
	return len(s.UAIs) == 0 || slices.ContainsFunc(s.UAIs, func(uai person.UAI) bool {
		school, ok := t.Establishment(uai)
		return ok && school.Academy == academy
	})
}

// Matches answers a confirmed match, to the two who stand for it and as long as each still holds the office: the positions,
// from 0, of the candidates whom the service can have known by the pseudonym, in the present generation of its numbers or
// the one before; empty when it is none of them. Each reading is in the journal before anybody is looked for.
func (d *Desk) Matches(ctx context.Context, c roles.Caller, id string) ([]int, error) {
	t, q, err := d.reading(ctx, c, "inquiry_match", id)
	if err != nil {
		return nil, err
	}
	if !q.Matches() {
		return nil, &Conflict{Code: "state", What: "the inquiry asks which services are used, not who is known by a pseudonym"}
	}
	if d.Subjects == nil || d.Pseudonyms == nil || d.Journal == nil {
		return nil, &Conflict{Code: "state", What: "this gateway takes no matches"}
	}
	about, err := d.about(q)
	if err != nil {
		return nil, err
	}
	t.matching(about.Service, q)
	service, known := t.Service(about.Service)
	if !known {
		return nil, &Conflict{Code: "state", What: "the service is no longer registered"}
	}
	if _, err := d.Journal.Append(ctx, t.entry); err != nil {
		return nil, fmt.Errorf("desk: match: %w", err)
	}
	return d.found(ctx, t, service.Family(), about)
}

func (d *Desk) about(q registry.Inquiry) (asked, error) {
	var out asked
	text, err := d.Subjects.ReadMatch(q.ID, q.Match)
	if err != nil {
		return out, fmt.Errorf("desk: match: %w", err)
	}
	if json.Unmarshal(text, &out) != nil || len(out.Candidates) != q.Candidates {
		return asked{}, errMatch
	}
	return out, nil
}

func (d *Desk) found(ctx context.Context, t *turn, family string, about asked) ([]int, error) {
	known, ok := attrs.ReadKnown(about.Pseudonym)
	if !ok {
		return nil, errMatch
	}
	out := []int{}
	for i, keys := range about.Candidates {
		hit := false
		for _, key := range keys {
			numbers, err := d.Pseudonyms.Known(ctx, person.Key{Authority: key[0], ID: key[1]})
			if err != nil {
				return nil, fmt.Errorf("desk: match: %w", err)
			}
			for _, number := range numbers {
				hit = d.has(t, family, number, known) || hit
			}
		}
		if hit {
			out = append(out, i)
		}
	}
	return out, nil
}

// has tells whether a number's pseudonyms hold one, in the present generation of the family or the one before.
func (d *Desk) has(t *turn, family, number string, known attrs.Known) bool {
	last, now := keybook.SchoolYear(t.now.In(t.Zone())), t.Family(family).Generation
	for generation := max(0, now-1); generation <= now; generation++ {
		if slices.ContainsFunc(d.Pseudonyms.Spans(number, family, generation, last-schooling, last), known.Is) {
			return true
		}
	}
	return false
}
