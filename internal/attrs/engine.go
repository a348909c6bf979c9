package attrs

import (
	"encoding/hex"
	"fmt"
	"log/slog"
	"slices"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
	"ecluse/internal/policy"
)

// Name is the dictionary's word for an attribute. Protocol packages use it without knowing package person.
type Name = dictionary.Name

// Deriver computes keyed values: the same for the same purpose and parts, unrelated otherwise, 64 bytes.
type Deriver interface {
	Derive(purpose string, parts ...string) []byte
}

// Engine makes releases. It keeps no state: a release is a function of person, grant and request, and of the key.
type Engine struct {
	Dictionary *dictionary.Dictionary
	Keys       Deriver
	Scope      string // the domain behind the @ of a pairwise-id: the host of the gateway's public address
}

// Request is what a service asked for in one message.
type Request struct {
	Asked   []Name // the words asked for; nil asks for all that is declared, an empty list for none
	Subject Name   // the attribute that is to serve as subject; empty for the pseudonym
	Session string // the gateway's own session, from which the service's handle of it is derived
	Number  string // the key book's number of the person from which the pseudonym is made; empty for the first of Person.Numbers
	Former  string // the one from which the former pseudonym was made; as Number when empty
	Child   string // the one of the child for whom a guardian acts; what the person brings along when empty
}

// String shows no session.
func (r Request) String() string { return "[request]" }

// GoString shows no session.
func (r Request) GoString() string { return r.String() }

// LogValue shows no session.
func (r Request) LogValue() slog.Value { return slog.StringValue(r.String()) }

// Missing says that an attribute which the declaration requires, or which serves as subject, cannot leave.
type Missing struct {
	Entry  dictionary.Entry
	Source string // who could supply it
	Why    WhyNot

	Neutral string // where labels reveal too much: what is offered in their place
}

// Error names the attribute and the source, no value.
func (m *Missing) Error() string {
	return fmt.Sprintf("attribute %s is required and cannot be sent (%s); source %s", m.Entry.Attr, m.Why.ForJournal(), m.Source)
}

// Release says what leaves. It cannot fail on what is merely absent: less leaves. The error is a *Missing, or tells that
// grant is no grant.
func (e *Engine) Release(p person.Person, grant policy.Grant, ask Request) (Release, error) {
	if !grant.Granted() {
		return Release{}, fmt.Errorf("release without a grant")
	}
	affiliation, ok := p.At(grant.Place().UAI, grant.Place().Profile, grant.At())
	if !ok {
		return Release{}, fmt.Errorf("release without an affiliation")
	}
	r := Release{
		subject: e.Pseudonym(p, grant, ask.Number),
		scope:   e.Scope,
		session: hex.EncodeToString(e.Keys.Derive("session handle", ask.Session, grant.Service().ID)[:16]),
		authn:   Authn{At: p.Authn.At, Assurance: p.Authn.Assurance, Method: p.Authn.Method, Authorities: p.Authn.Authorities},
		child:   e.Child(p, grant, ask.Child),
		grant:   grant,
	}
	v := &values{engine: e, person: p, affiliation: affiliation, grant: grant, subject: r.subject, child: r.child, ask: ask}
	for _, item := range grant.Items() {
		entry, known := e.Dictionary.Entry(item.Attr)
		if !known {
			continue // nothing outside the dictionary leaves, whatever was declared
		}
		found := v.of(entry, ask)
		if found.why == "" || len(found.values) > 0 {
			r.items = append(r.items, Item{Entry: entry, Values: found.values, Justification: item.Justification, Required: item.Required, How: found.how})
		} else if item.Required && found.why != NotRequested {
			return Release{}, &Missing{Entry: entry, Source: grant.Source().ID, Why: found.why, Neutral: found.neutral}
		}
		if found.why != "" {
			r.withheld = append(r.withheld, Withheld{entry, found.why, found.neutral})
		}
	}
	r.withheld = append(r.withheld, e.undeclared(grant, ask)...)
	return e.withSubject(r, ask)
}

// withSubject makes sure that a subject which carries a value is a released item like any other.
func (e *Engine) withSubject(r Release, ask Request) (Release, error) {
	if ask.Subject == "" || ask.Subject == "pseudonym" {
		return r, nil
	}
	i := slices.IndexFunc(r.items, func(i Item) bool { return i.Entry.Attr == ask.Subject })
	if i >= 0 && len(r.items[i].Values) == 1 {
		r.valued = ask.Subject
		return r, nil
	}
	entry, _ := e.Dictionary.Entry(ask.Subject)
	why := NotDeclared
	if i >= 0 {
		why = NotKnown // several values cannot be one subject
	}
	for _, w := range r.withheld {
		if w.Entry.Attr == ask.Subject {
			why = w.Why
		}
	}
	return Release{}, &Missing{Entry: entry, Source: r.grant.Source().ID, Why: why}
}

// undeclared lists what does not leave because nobody declared it: what the service asked for, and what people fear
// most, so that a page can say so.
func (e *Engine) undeclared(grant policy.Grant, ask Request) []Withheld {
	var out []Withheld
	for _, entry := range e.Dictionary.Entries() {
		n := entry.Attr
		feared := entry.Feared && (n != person.INE || dictionary.Cited(grant.Rules()))
		if !feared && !slices.Contains(ask.Asked, n) {
			continue
		}
		declared, here := declaredFor(grant, n)
		switch {
		case here:
		case declared:
			out = append(out, Withheld{Entry: entry, Why: NotThisProfile})
		default:
			out = append(out, Withheld{Entry: entry, Why: NotDeclared})
		}
	}
	return out
}

func declaredFor(grant policy.Grant, n Name) (declared, here bool) {
	for _, item := range grant.Declaration().Items {
		if item.Attr == n {
			declared = true
			here = here || item.For(grant.Place().Profile)
		}
	}
	return declared, here
}
