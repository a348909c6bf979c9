// Package admin is where administrators ask the gateway to account for itself: the simulator. It tells the decision with
// its reasons in order, attribute by attribute what would leave and why, what the person would be shown, and the message
// as each protocol would print it, by the same gate and the same engine as a sign-in; under what is in force, and as if a
// draft were approved. For a sign-in that is past it tells the same from the journal, without a value.
//
// It holds no consent.Book: an explanation lets nothing out. Who may ask is package desk's to say.
package admin

import (
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/idp"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// Question is what is asked.
type Question struct {
	Person  person.Person
	UAI     person.UAI
	Profile person.Profile // the first in the establishment when empty
	Service string

	Invented bool   // a persona: its numbers are made for a purpose of their own and are nobody's
	Real     bool   // somebody real: of what would not leave, the source's value is not shown either
	Lang     string // fr or en, of what is told in words; when empty, French, with transformations in the engine's own words
	Protocol string // the messages of this protocol alone; of all when empty
	Page     string // the page in this wording (enfant, ado, adulte) and Lang; in every wording and language when "all", none when empty
}

// Simulator answers questions on one view of the registry.
type Simulator struct {
	Engine    *attrs.Engine
	Now       func() time.Time
	Protocols map[string]idp.Protocol // who print previews; nil prints none
	// Need says what the person would have to be shown or asked before anything leaves, if nothing was before: a word of
	// package consent, or parents_first. Nil says nothing.
	Need func(person.Person, attrs.Release, time.Time) string
	// Serve fills in which numbers of somebody who is no persona serve at the service, as a sign-in asks the key book, and
	// writes nothing. Nil leaves the first to the engine.
	Serve func(person.Person, policy.Grant, *attrs.Request) error
	// Page prints the page that the person would see, in HTML. Nil prints none.
	Page func(Shown) ([]byte, error)
}

// Shown is what a page is about.
type Shown struct {
	View    *registry.Snapshot
	Person  person.Person
	Service string
	Release attrs.Release // empty when Refused is set
	Refused error         // a *policy.Refusal, an *attrs.Missing or an *attrs.Oversize
	Need    string        // what Simulator.Need says
	Wording string        // enfant, ado, adulte
	Lang    string        // fr, en
}

// Explain asks the gate and the engine what a sign-in would. The first binding of the service says what serves as
// subject; a service asks for everything that is declared unless asked says otherwise.
func (s *Simulator) Explain(view *registry.Snapshot, q Question, asked []attrs.Name) Explanation {
	out := newExplanation(view, q)
	place := placeOf(view, s.Now(), q)
	out.Profile = string(place.Profile)
	steps, grant, err := policy.Trace(view, s.Now(), policy.Ask{Person: q.Person, Place: place, Service: q.Service})
	for _, step := range steps {
		out.Steps = append(out.Steps, Step{Check: step.Check, Says: checkWord(step.Check, q.Lang), Passed: step.Passed, Detail: step.Detail})
	}
	shown := Shown{View: view, Person: q.Person, Service: q.Service}
	if refusal, ok := err.(*policy.Refusal); ok { //nolint:errorlint // Trace documents the type
		out.refused(refusal, q.Lang)
		shown.Refused = refusal
		s.pages(&out, q, shown)
		return out
	}
	out.declared(grant, q.Lang)
	release, err := s.release(q, grant, attrs.Request{Asked: asked, Subject: subjectOf(grant.Service())})
	if err == nil {
		err = fits(release, grant.Service())
	}
	required := Step{Check: "required attributes", Says: checkWord("required attributes", q.Lang), Passed: err == nil}
	missing, lacks := err.(*attrs.Missing) //nolint:errorlint // Release documents the type
	if lacks {
		required.Detail = string(missing.Entry.Attr) + " from " + missing.Source
	}
	out.Steps = append(out.Steps, required)
	oversize, exceeds := err.(*attrs.Oversize) //nolint:errorlint // Fits documents the type
	switch {
	case lacks:
		out.missing(missing, q.Lang)
		shown.Refused = missing
	case exceeds:
		out.Reason, out.ReasonSays = "too_large", ReasonWord("too_large", q.Lang)
		out.Steps[len(out.Steps)-1].Detail = oversize.Error()
		shown.Refused = oversize
	case err != nil:
		out.Reason, out.ReasonSays = "internal", ReasonWord("internal", q.Lang)
		return out
	default:
		out.Allowed = true
		out.print(release, q)
		if s.Need != nil {
			out.Need = s.Need(q.Person, release, s.Now())
			out.NeedSays = needWord(out.Need, q.Lang)
		}
		out.Messages = s.messages(release, q)
		shown.Release, shown.Need = release, out.Need
	}
	s.pages(&out, q, shown)
	return out
}

func (s *Simulator) release(q Question, grant policy.Grant, request attrs.Request) (attrs.Release, error) {
	if s.Serve != nil && !q.Invented {
		if err := s.Serve(q.Person, grant, &request); err != nil {
			return attrs.Release{}, err
		}
	}
	return s.engine(q).Release(q.Person, grant, request)
}

// engine is the one that signs people in; for a persona it derives for a purpose of its own, so that no persona has the
// number of anybody.
func (s *Simulator) engine(q Question) *attrs.Engine {
	if !q.Invented {
		return s.Engine
	}
	apart := *s.Engine
	apart.Keys = invented{s.Engine.Keys}
	return &apart
}

// invented derives what no sign-in can.
type invented struct{ keys attrs.Deriver }

func (i invented) Derive(purpose string, parts ...string) []byte {
	return i.keys.Derive("invented persona", append([]string{purpose}, parts...)...)
}

// fits asks what a sign-in asks: whether the first binding can say the release as it wants it said.
func fits(release attrs.Release, s registry.Service) error {
	if len(s.Bindings) == 0 {
		return nil
	}
	return release.Fits(s.Bindings[0].Protocol, s.Bindings[0])
}

func subjectOf(s registry.Service) attrs.Name {
	if len(s.Bindings) == 0 {
		return ""
	}
	return s.Bindings[0].Subject
}

// messages prints what each binding of the service would be sent.
func (s *Simulator) messages(release attrs.Release, q Question) []Message {
	var out []Message
	for _, b := range release.Service().Bindings {
		protocol, spoken := s.Protocols[b.Protocol]
		if s.Protocols == nil || q.Protocol != "" && q.Protocol != b.Protocol {
			continue
		}
		m := Message{Protocol: b.Protocol, Handle: b.Handle}
		if !spoken {
			m.Error = "the protocol is not spoken"
		} else if err := release.Fits(b.Protocol, b); err != nil {
			m.Error = err.Error()
		} else if text, err := protocol.Preview(release, b); err != nil {
			m.Error = err.Error()
		} else {
			m.Text = string(text)
		}
		out = append(out, m)
	}
	return out
}

// pages prints what the person would see.
func (s *Simulator) pages(out *Explanation, q Question, shown Shown) {
	if s.Page == nil || q.Page == "" {
		return
	}
	wordings, langs := []string{q.Page}, []string{lang(q.Lang)}
	if q.Page == "all" {
		wordings, langs = Wordings(), []string{"fr", "en"}
	}
	for _, shown.Wording = range wordings {
		for _, shown.Lang = range langs {
			p := Page{Wording: shown.Wording, Lang: shown.Lang}
			if html, err := s.Page(shown); err != nil {
				p.Error = err.Error()
			} else {
				p.HTML = string(html)
			}
			out.Pages = append(out.Pages, p)
		}
	}
}

// Wordings lists whom a page may speak to: a child, a teenager, an adult.
func Wordings() []string { return []string{"enfant", "ado", "adulte"} }

// placeOf completes the question: a place that is open if there is one, else the person's first in the establishment.
func placeOf(view *registry.Snapshot, now time.Time, q Question) policy.Place {
	for _, p := range policy.Places(view, now, q.Person, q.Service) {
		if p.UAI == q.UAI && (q.Profile == "" || p.Profile == q.Profile) {
			return p
		}
	}
	for _, a := range q.Person.Affiliations {
		if a.UAI == q.UAI && (q.Profile == "" || a.Profile == q.Profile) {
			return policy.Place{UAI: a.UAI, Profile: a.Profile}
		}
	}
	return policy.Place{UAI: q.UAI, Profile: q.Profile}
}
