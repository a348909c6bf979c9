package attrs

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// Release is what one service will be told of one person for one sign-in, and what it will not. Only Engine.Release
// makes one. It prints nothing by itself.
type Release struct {
	subject  string // the pseudonym
	scope    string // the domain of a pairwise-id
	authn    Authn
	session  string
	grant    policy.Grant
	items    []Item
	withheld []Withheld
	valued   Name   // the released attribute that serves as subject, when one does
	child    string // the number of the child for whom a guardian acts, for the digest
}

// Item is one attribute that leaves.
type Item struct {
	Entry         *dictionary.Entry // the dictionary's own, which nobody changes; never nil in a release
	Values        []string
	Justification registry.Text
	Required      bool
	How           string   // what was done to the source's value; empty when nothing was
	Said          []string // what the source said that it was made from; nil where it was made from nothing it said
	Rule          Rule     // what let the values leave as they are
}

// Rule is where the values of an item come from, or what shaped them: a stable word.
type Rule string

// The rules.
const (
	AsSaid      Rule = "as_said"      // the source's own values, which hold for the person everywhere
	OfThePlace  Rule = "of_the_place" // the source's own values for the establishment chosen
	Vouched     Rule = "vouched"      // those of the source's values for which it may speak
	Registered  Rule = "registered"   // what the register says of the establishment chosen
	Computed    Rule = "computed"     // computed from what the source says, and telling less
	Numbered    Rule = "numbered"     // a keyed hash
	HeldBack    Rule = "held_back"    // without the values that say too much or may not leave
	NeutralWord Rule = "neutral_word" // with the neutral word of the rules in the place of one that says too much
)

// Withheld is one attribute that does not leave, and why. Under Reveals, TooFew, NamesThem and NotAllowed some of its values may leave
// all the same: those that say no more than they should.
type Withheld struct {
	Entry   *dictionary.Entry // the dictionary's own, which nobody changes; never nil in a release
	Why     WhyNot
	Neutral string // under Reveals only: what the rules offer in the place of the label
}

// WhyNot is why an attribute does not leave.
type WhyNot string

// The reasons for withholding.
const (
	NotDeclared    WhyNot = "not_declared"
	NotNominative  WhyNot = "pseudonymous"
	NotRequested   WhyNot = "not_requested"
	NotKnown       WhyNot = "not_known"
	NotThisProfile WhyNot = "not_this_profile"
	NotAllowed     WhyNot = "not_allowed" // a number that no text allows to be sent
	Reveals        WhyNot = "reveals"     // a label reveals health, disability, origin or religion
	TooFew         WhyNot = "too_few"     // so few pupils share the label that it names them
	NamesThem      WhyNot = "names_them"  // the label holds what the person is called
)

// ForJournal is the reason as a journal or a log may keep it: that somebody's label reveals something, or that few share
// it, says it already.
func (w WhyNot) ForJournal() WhyNot {
	if w == Reveals || w == TooFew || w == NamesThem {
		return NotKnown
	}
	return w
}

// Authn is how the person proved who they are, as far as a service may know.
type Authn struct {
	At          time.Time
	Assurance   string
	Method      string
	Authorities []string
}

// Empty tells whether this is no release at all.
func (r Release) Empty() bool { return !r.grant.Granted() }

// Subject is the pseudonym: 128 hex characters, the same for this person at this family of services as long as the
// declared scope says, unrelated elsewhere.
func (r Release) Subject() string { return r.subject }

// Numbered tells whether the pseudonym leaves as the subject, rather than a released value.
func (r Release) Numbered() bool { return !r.Empty() && r.valued == "" }

// Pseudonyms lists the numbers that leave, in whatever shape: the person's own, the child's. What leaves of them later, as
// the same number at the same service, is the same; this is what must be remembered of a release.
func (r Release) Pseudonyms() []string {
	var out []string
	words := r.Names()
	has := func(n string) bool { return slices.Contains(words, n) }
	if r.Numbered() || has("pseudonym") || has("pairwise_id") || has("short_code") {
		out = append(out, r.subject)
	}
	if r.child != "" && has("child") {
		out = append(out, r.child)
	}
	return out
}

// Authn is how the person signed in.
func (r Release) Authn() Authn { return r.authn }

// Session is a handle of the sign-in that is different for every service (SAML SessionIndex, OIDC sid).
func (r Release) Session() string { return r.session }

// NotAfter is the moment from which nothing may be issued on this release.
func (r Release) NotAfter() time.Time { return r.grant.Until() }

// At is the moment of the decision.
func (r Release) At() time.Time { return r.grant.At() }

// Service is the service that is told.
func (r Release) Service() registry.Service { return r.grant.Service() }

// Declaration is the version that covers it.
func (r Release) Declaration() registry.Declaration { return r.grant.Declaration() }

// Establishment is where the person acts.
func (r Release) Establishment() registry.Establishment { return r.grant.Establishment() }

// Profile is as what the person acts.
func (r Release) Profile() person.Profile { return r.grant.Place().Profile }

// Ward is the child for whom a guardian acts: for the page, and for the journal's handle. It is never released.
func (r Release) Ward() person.Key { return r.grant.Place().Child }

// Source is the identity source behind it.
func (r Release) Source() registry.Source { return r.grant.Source() }

// Rules are the rules that held at the decision.
func (r Release) Rules() registry.Rules { return r.grant.Rules() }

// Nominative tells whether identity may leave.
func (r Release) Nominative() bool { return r.grant.Nominative() }

// Items lists what leaves, in the declaration's order. Callers must not change the slice.
func (r Release) Items() []Item { return r.items }

// Withheld lists what does not leave. Callers must not change the slice.
func (r Release) Withheld() []Withheld { return r.withheld }

// Names lists the words that leave, never their values: this is what the journal keeps.
func (r Release) Names() []string {
	out := make([]string, len(r.items))
	for i, item := range r.items {
		out[i] = string(item.Entry.Attr)
	}
	return out
}

// Digest stands for exactly what a page showed of this release: a form that carries another digest was made for
// something else, and what it asks is shown again. The declaration's version stands for its text, which is never edited
// once approved. The subject, which is unguessable, keeps the digest from giving away short values.
func (r Release) Digest() string {
	h := sha256.New()
	d, s, at := r.Declaration(), r.Service(), r.Establishment()
	fmt.Fprintf(h, "%q %q %q %q %q\n", s.ID, s.Name, s.Sentence, s.Provider, r.Source().ID)
	fmt.Fprintf(h, "%q %d %q %q %t\n", d.ID, d.Version, d.Substance(), d.Controller, r.Nominative())
	fmt.Fprintf(h, "%q %q %q %q %q %q\n", at.UAI, at.Name, r.Profile(), r.subject, r.valued, r.child)
	for _, item := range r.items {
		fmt.Fprintf(h, "%q %q\n", item.Entry.Attr, item.Values)
	}
	for _, w := range r.withheld {
		fmt.Fprintf(h, "not %q %q\n", w.Entry.Attr, w.Why)
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// String shows nothing of the person.
func (r Release) String() string { return "[release]" }

// GoString shows nothing of the person.
func (r Release) GoString() string { return r.String() }

// LogValue shows nothing of the person.
func (r Release) LogValue() slog.Value { return slog.StringValue(r.String()) }

// String shows the word and no value.
func (i Item) String() string { return "[" + string(i.Entry.Attr) + "]" }

// GoString shows what String shows.
func (i Item) GoString() string { return i.String() }

// LogValue shows what String shows.
func (i Item) LogValue() slog.Value { return slog.StringValue(i.String()) }
