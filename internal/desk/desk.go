// Package desk is where the register is worked on: one method for each act, whoever calls it (API, pages, commands). Each
// asks package roles first, then the nouns and package conformity, and writes the change with its journal entry in one
// transaction on the revision it was prepared on. It knows no HTTP and no SQL.
package desk

import (
	"context"
	"fmt"
	"sync"
	"time"

	"ecluse/internal/accounts"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/audit"
	"ecluse/internal/charter"
	"ecluse/internal/guardian"
	"ecluse/internal/incident"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/rights"
	"ecluse/internal/stepup"
	"ecluse/internal/tally"
)

// Desk works on one registry. It is safe for concurrent use.
type Desk struct {
	Store      registry.Store
	Live       *registry.Live // refreshed after each act, so that whoever acted sees it
	Words      *dictionary.Dictionary
	Settings   func(registry.Service) []registry.Finding // what protocols say about a service's bindings; nil says nothing
	Asked      func(registry.Service) []person.Attr      // what a service's own metadata asks for; nil says nothing
	Says       func(registry.Service) []string           // and what it says it keeps to; nil says nothing
	Now        func() time.Time
	Journal    *audit.Journal                                          // keeps what was denied; what was done is journaled with its change. Nil keeps none
	Events     audit.Reader                                            // lists the journal; nil lists nothing
	Subjects   Subjects                                                // for inquiries; nil takes none
	Pseudonyms Pseudonyms                                              // for matches; nil takes none
	Looks      Looks                                                   // for explanations about somebody real; nil gives none
	Accounts   accounts.Store                                          // temporary accounts; nil has none
	Readers    charter.Store                                           // who read a charter, by numbers; nil has none
	SignOut    func(ctx context.Context, source, session string) error // ends what rests on a sign-in at a source; nil ends nothing
	Rights     *rights.Book                                            // requests of people; nil takes none
	Guardians  *guardian.Book                                          // views of guardians that schools close; nil closes none
	Mails      Mails                                                   // what offices were told by mail; nil sends none
	Agreements Agreements                                              // what was signed on paper; nil files none
	Sent       func(handle, service string) string                     // under which the journal files what was sent of somebody; nil lists nothing
	StepUps    StepUps                                                 // who stepped up for what. Nil refuses every act that wants it
	Counter    incident.Counter                                        // counts for incidents; nil counts nothing
	Tells      func(registry.Service, registry.Binding) bool           // whether a service can be told of a sign-out without the person's browser; nil tells none
	Tally      *tally.Book                                             // counts for statistics; nil counts nothing
	Factors    *stepup.Book                                            // second means; nil keeps none
	Demo       bool                                                    // the demo's own decisions are marked so

	kept   kept       // what was found for lists a moment ago
	turns  sync.Mutex // the acts of one process take turns, so that only those of other replicas collide
	denied denials
}

// Called is what people call data that may leave; its word where the dictionary has none.
func (d *Desk) Called(a person.Attr, lang string) string {
	if d.Words != nil {
		if e, known := d.Words.Entry(dictionary.Name(a)); known {
			return e.Label.In(lang)
		}
	}
	return string(a)
}

// Ref names one version of a declaration.
type Ref struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
}

// String is id and version.
func (r Ref) String() string { return fmt.Sprintf("%s v%d", r.ID, r.Version) }

// NotFound says that an object is not registered, or not for the caller to see: the two are not told apart.
type NotFound struct{ Kind, ID string }

// Error names it.
func (e *NotFound) Error() string { return e.Kind + " " + e.ID + ": not found" }

// Invalid carries everything that is wrong with an input.
type Invalid struct{ Findings []registry.Finding }

// Error counts the findings.
func (e *Invalid) Error() string { return fmt.Sprintf("%d mistakes", len(e.Findings)) }

// Conflict says that an act does not fit what is there: another state, another writer, a file that manages it.
type Conflict struct {
	Code string // a stable word: changed, state, taken, managed, late, author, findings, justify, opinion, reservations, level, joint, over, full, none, too_many, retired
	What string
	Need []registry.Finding // what stands in the way, where it can be listed
}

// Error says what.
func (e *Conflict) Error() string { return e.What }

// NotOffered says that a tool was assessed and refused: the reason and the alternatives come before any form.
type NotOffered struct{ Tool registry.Assessed }

// Error names the tool.
func (e *NotOffered) Error() string { return e.Tool.ID + ": assessed and refused" }
