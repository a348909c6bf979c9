// Package idptest plays one story through a protocol: people sign in to services of a small invented academy, and what
// arrives at the services is compared, word by word, with what the declarations say. Every protocol runs it, so all of
// them release the same set about the same person under the same declaration, and refuse the same things.
//
// Everything between the request and the answer is the real thing: login.Flow on tickets in memory, gate, engine,
// consent.Book, a journal, a key ring. Invented are the people, the register, the sources (a link "sign in as") and the
// browser, which keeps to the rules that matter here: cookies of one host, no Lax cookie with a post from another site.
//
// A protocol brings a Case: how it is made, how a service asks, how a service reads the answer. House and Browser are
// exported because the tests of package login live in the same invented academy. No production file imports this.
package idptest

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/idp"
	"ecluse/internal/keys"
	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/web"
)

// Origin is the public address of every house.
const Origin = "https://connexion.example"

// Tools are what a protocol is made of.
type Tools struct {
	Kit     *web.Kit
	Ring    *keys.Ring
	Tickets store.Tickets
	Words   *dictionary.Dictionary
	Now     func() time.Time
	Watch   idp.Watcher // the house's canary: a protocol that tells it nothing fails the story
}

// Ask is what a service asks for, before its protocol puts it into words.
type Ask struct {
	Service string
	Passive bool
	Fresh   bool
	MaxAge  *time.Duration // only if Case.Ages
	Only    []attrs.Name   // nothing but these; only if Case.Narrows
}

// Landing is what a browser brings to a service.
type Landing struct {
	Method string
	URL    *url.URL
	Form   url.Values
}

// Result is what a service makes of a landing.
type Result struct {
	Refused    idp.Kind // what the protocol's error means; empty for a yes
	Subject    string
	Session    string // the service's handle of the session
	Attributes map[attrs.Name][]string
	Again      func() Result // asks once more for a later answer; nil when the protocol has none
}

// Case is one protocol as the story needs it.
type Case struct {
	// Protocol makes it.
	Protocol func(testing.TB, Tools) idp.Protocol
	// Pages are its pages and texts.
	Pages web.Contribution
	// Binding registers a service. Its subject is filled in by the story.
	Binding func(testing.TB, string) registry.Binding
	// Early registers a service that is told everything in its first message already, of the kind First. Nil when the
	// protocol has only one way.
	Early func(testing.TB, string) registry.Binding
	First string
	// Request is an authentic request of a service, as a browser would bring it.
	Request func(testing.TB, Tools, Ask) *http.Request
	// Read is what the service makes of what arrived. call reaches the gateway without a browser.
	Read func(t testing.TB, tools Tools, call func(*http.Request) *http.Response, ask Ask, at Landing) Result
	// Narrows tells that a request can name single attributes, Ages that it can limit the age of a sign-in.
	Narrows, Ages bool
	// Later tells that attributes come with later answers, Once that there is one such answer and no other.
	Later, Once bool
	// Mute tells that its refusals name no kind: whatever Read makes of one is right.
	Mute bool
}

// Run plays the story.
func Run(t *testing.T, c Case) {
	t.Helper()
	s := &story{Case: c, ring: NewRing(t)}
	for name, chapter := range map[string]func(*story, *testing.T){
		"releases what is declared and nothing else":             (*story).releases,
		"tells people first, once":                               (*story).informs,
		"keeps names back at pseudonymous services":              (*story).keepsNames,
		"narrows to what is requested, never widens":             (*story).narrows,
		"makes pseudonyms by family, person and declared scope":  (*story).pseudonyms,
		"sends a valued subject only when it is declared":        (*story).valuedSubject,
		"refuses on a page first, then by the way back":          (*story).refuses,
		"asks nobody for a password for a closed service":        (*story).closed,
		"answers a passive request at once":                      (*story).passive,
		"asks for a new proof when the service wants one":        (*story).fresh,
		"asks again when the proof is older than allowed":        (*story).ages,
		"answers to no zero Cleared":                             (*story).zero,
		"writes the journal before the answer":                   (*story).journalFirst,
		"lets nothing out when the journal fails":                (*story).journalFails,
		"issues nothing on a stale registry":                     (*story).stale,
		"refuses what was suspended between request and answer":  (*story).suspendedBetween,
		"refuses a service that was renamed meanwhile":           (*story).movedBetween,
		"stops later answers when the declaration is suspended":  (*story).laterSuspended,
		"stops later answers at sign-out":                        (*story).laterSignedOut,
		"stops later answers when the journal fails":             (*story).laterJournal,
		"lets a place be chosen, and releases for that one only": (*story).places,
		"asks for agreement, and does not take a child's":        (*story).agreement,
		"is caught when more leaves than was declared":           (*story).caught,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			chapter(s, t)
		})
	}
}

// story is a protocol with a key ring that its chapters share.
type story struct {
	Case
	ring *keys.Ring
}

func (s *story) house(t *testing.T) *House {
	t.Helper()
	return NewHouse(t, Options{Case: s.Case, Ring: s.ring})
}
