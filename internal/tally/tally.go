// Package tally counts sign-ins and refusals by service, establishment and month, for statistics that tell nothing about
// anybody: what would be about so few people that it says who is hidden, and so is whatever it could be computed from.
//
// What is counted comes from the journal, in the background, month by month; pages read what was counted. A hidden number is
// nowhere but in the journal: it is not stored. It is pure but for Store, whose implementation stands in store/sqldb.
package tally

import (
	"context"
	"time"

	"ecluse/internal/person"
)

// What is counted.
type What string

// What is counted: people who were let in to a service, with data sent there or none, and people who were refused one.
const (
	SignIns  What = "sign_in"
	Refusals What = "refusal"
)

// All stands for every service, or every establishment, of an academy.
const All = "*"

// Found is what the journal has of one month.
type Found struct {
	Service string
	UAI     person.UAI // empty where it is not known
	What    What
	N       int // how many times
	People  int // how many people, as far as they can be told apart
}

// Count is one number of one month. A hidden one has no number: it is about few people, or another hidden one could be
// computed from it.
type Count struct {
	Month   string `json:"month"` // yyyy-mm
	Academy string `json:"-"`
	Service string `json:"service"` // All for every service
	UAI     string `json:"uai"`     // All for every establishment; empty where it is not known
	What    What   `json:"what"`
	N       int    `json:"n"`
	Hidden  bool   `json:"hidden,omitempty"`
}

// Query chooses counts: of months from the first to the last, of one academy, of a service and an establishment, either of
// which may be All, or Each for all but All.
type Query struct {
	From, To     string // months, both included
	Academy      string
	Service, UAI string
}

// Each chooses every single service, or every single establishment.
const Each = ""

// Store keeps counts.
type Store interface {
	// Find counts what the journal has from an instant on and before another.
	Find(ctx context.Context, from, until time.Time) ([]Found, error)
	// First is when the journal's first entry was written; zero when it has none.
	First(ctx context.Context) (time.Time, error)
	// Keep puts a month's counts in the place of those that were there.
	Keep(ctx context.Context, month string, at time.Time, counts []Count) error
	// Kept is when each month was counted.
	Kept(ctx context.Context) (map[string]time.Time, error)
	// Counts lists what was counted, by month, service and establishment.
	Counts(ctx context.Context, q Query) ([]Count, error)
}

// MonthOf is the month of an instant.
func MonthOf(at time.Time) string { return at.Format("2006-01") }
