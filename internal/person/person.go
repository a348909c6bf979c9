package person

import (
	"log/slog"
	"slices"
	"time"
)

// Person is somebody who has just signed in. Every value in it was vouched for by the source that Authn names.
type Person struct {
	Key          Key
	Also         []Key    // further keys under which other sources may know the same person; never released
	Numbers      []string // what the key book calls the person, the number of Key first; empty until the book was asked
	Affiliations []Affiliation
	Values       map[Attr][]string // what holds everywhere: names, mail
	Age          AgeFacts
	Wards        []Ward
	Authn        Authn
}

// Key names a person for good: an identifier and the authority that guarantees it, so that two sources can mean one
// person. It is never released.
type Key struct{ Authority, ID string }

// IsZero tells whether the key names nobody.
func (k Key) IsZero() bool { return k.Authority == "" || k.ID == "" }

// Affiliation is what a person is in one establishment. Profiles of two establishments are never mixed.
type Affiliation struct {
	UAI       UAI
	Profile   Profile
	Functions []string
	Classes   []string
	Groups    []string
	Values    map[Attr][]string // what holds here only: level, subjects
	From      time.Time         // zero: since always
	Until     time.Time         // zero: with no known end; the affiliation does not hold at Until
}

// Holds tells whether the affiliation holds at now.
func (a Affiliation) Holds(now time.Time) bool {
	return !now.Before(a.From) && (a.Until.IsZero() || now.Before(a.Until))
}

// Ward is a child for whom the person may or may not hold parental authority.
type Ward struct {
	Child     Key
	Number    string // what the key book calls the child; empty until the book was asked
	Level     string // the child's level, where the source says it
	UAI       UAI    // where the child goes to school
	Authority Tri    // unknown is no
	Label     string // the child's first name, shown to the guardian when there is a choice, and never released

	// Age is what the source says of the child's age; the zero value is unknown. It says until when somebody holds parental
	// authority over the child, and is never released and never shown.
	Age AgeFacts `json:",omitzero"`
}

// Authn is how and when the person proved who they are.
type Authn struct {
	Source      string    // the identity source's id in the registry
	At          time.Time // when the proof was given, not when a session was reused
	Assurance   string    // the source's assurance level in our words; empty when it says nothing
	Method      string    // SAML AuthnContextClassRef of the proof; empty when the source says nothing
	Authorities []string  // further authorities that the source relied on
}

// At returns the affiliation in force in one establishment under one profile.
func (p Person) At(uai UAI, profile Profile, now time.Time) (Affiliation, bool) {
	i := slices.IndexFunc(p.Affiliations, func(a Affiliation) bool {
		return a.UAI == uai && a.Profile == profile && a.Holds(now)
	})
	if i < 0 {
		return Affiliation{}, false
	}
	return p.Affiliations[i], true
}

// First returns the first of a person-wide value, or nothing.
func (p Person) First(a Attr) string {
	if v := p.Values[a]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// What personal types print: the name of the type, never a value and no digest of one either, because identifiers are
// short enough to be guessed from a plain hash.

// String shows nothing of the person.
func (p Person) String() string { return "[person]" }

// GoString shows nothing of the person.
func (p Person) GoString() string { return p.String() }

// LogValue shows nothing of the person.
func (p Person) LogValue() slog.Value { return slog.StringValue(p.String()) }

// String shows nothing of the key.
func (k Key) String() string { return "[person key]" }

// GoString shows nothing of the key.
func (k Key) GoString() string { return k.String() }

// LogValue shows nothing of the key.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// String shows nothing of the affiliation.
func (a Affiliation) String() string { return "[affiliation]" }

// GoString shows nothing of the affiliation.
func (a Affiliation) GoString() string { return a.String() }

// LogValue shows nothing of the affiliation.
func (a Affiliation) LogValue() slog.Value { return slog.StringValue(a.String()) }

// String shows nothing of the child.
func (w Ward) String() string { return "[ward]" }

// GoString shows nothing of the child.
func (w Ward) GoString() string { return w.String() }

// LogValue shows nothing of the child.
func (w Ward) LogValue() slog.Value { return slog.StringValue(w.String()) }
