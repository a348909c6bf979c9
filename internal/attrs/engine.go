package attrs

import (
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
	Scope      string // the host of the gateway's address: what stands behind @ in words with a scope, which have no value without it
	Relay      Relay  // the zero Relay gives nobody an address
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

// Release says what leaves. It cannot fail on what is merely absent: less leaves. The error is a *Missing, or tells that
// grant is no grant.
func (e *Engine) Release(p person.Person, grant policy.Grant, ask Request) (Release, error) {
	if !grant.Granted() {
		return Release{}, fmt.Errorf("release without a grant")
	}
	v := &values{engine: e, person: p, grant: grant, ask: ask}
	var ok bool
	v.affiliation, ok = p.At(grant.Place().UAI, grant.Place().Profile, grant.At())
	if !ok {
		return Release{}, fmt.Errorf("release without an affiliation")
	}
	v.look()
	declared := grant.Items()
	r := Release{
		subject:  v.subject,
		scope:    e.Scope,
		session:  inHex(e.Keys.Derive("session handle", ask.Session, grant.Service().ID)[:16]),
		authn:    Authn{At: p.Authn.At, Assurance: p.Authn.Assurance, Method: p.Authn.Method, Authorities: p.Authn.Authorities},
		child:    v.child,
		grant:    grant,
		items:    make([]Item, 0, len(declared)),
		withheld: make([]Withheld, 0, usuallyWithheld),
	}
	for i := range declared {
		item := &declared[i]
		entry := e.Dictionary.Find(item.Attr)
		if entry == nil {
			continue // nothing outside the dictionary leaves, whatever was declared
		}
		found := v.of(entry)
		if found.why == "" || len(found.values) > 0 {
			r.items = append(r.items, Item{
				Entry: entry, Values: found.values, Justification: item.Justification, Required: item.Required,
				How: found.how, Said: found.said, Rule: found.rule,
			})
		} else if item.Required && found.why != NotRequested {
			return Release{}, v.missing(*entry, found)
		}
		if found.why != "" {
			r.withheld = append(r.withheld, Withheld{entry, found.why, found.neutral})
		}
	}
	r.withheld = v.undeclared(r.withheld)
	return r, v.serves(&r, ask.Subject)
}

// usuallyWithheld is how many words are held back as a rule: those that people fear most, and a few.
const usuallyWithheld = 16

// serves makes sure that a subject which carries a value is a released item like any other. Where it is not, nothing
// leaves.
func (v *values) serves(r *Release, subject Name) error {
	if subject == "" || subject == "pseudonym" {
		return nil
	}
	i := slices.IndexFunc(r.items, func(i Item) bool { return i.Entry.Attr == subject })
	if i >= 0 && len(r.items[i].Values) == 1 {
		r.valued = subject
		return nil
	}
	entry, _ := v.engine.Dictionary.Entry(subject)
	found := finding{why: NotDeclared}
	if i >= 0 {
		found.why = NotKnown // several values cannot be one subject
	}
	for _, w := range r.withheld {
		if w.Entry.Attr == subject {
			found.why, found.neutral = w.Why, w.Neutral
		}
	}
	*r = Release{}
	return v.missing(entry, found)
}

// undeclared adds what does not leave because nobody declared it: what the service asked for, and what people fear most,
// so that a page can say so.
func (v *values) undeclared(out []Withheld) []Withheld {
	if len(v.ask.Asked) == 0 {
		for _, entry := range v.engine.Dictionary.Feared() {
			out = v.unless(out, entry)
		}
		return out
	}
	entries := v.engine.Dictionary.Entries()
	for i := range entries {
		out = v.unless(out, &entries[i])
	}
	return out
}

// unless adds a word that is feared or asked for, unless it is declared here.
func (v *values) unless(out []Withheld, entry *dictionary.Entry) []Withheld {
	n := entry.Attr
	feared := entry.Feared && (n != person.INE || v.cited)
	if !feared && !slices.Contains(v.ask.Asked, n) || declares(v.grant.Items(), n) {
		return out
	}
	why := NotDeclared
	if declares(v.grant.Version().Items, n) {
		why = NotThisProfile
	}
	return append(out, Withheld{Entry: entry, Why: why})
}
