package store

import (
	"fmt"
	"time"
)

// MaxWrite is how many tickets one Write changes at most.
const MaxWrite = 16

// Verb is what an Op does, as the method of Tickets of that name does it.
type Verb string

// The verbs.
const (
	Put     Verb = "put"
	Create  Verb = "create"
	Replace Verb = "replace"
	Take    Verb = "take"   // the ticket, which has to be there: the error is ErrNotFound otherwise; only kind and name count
	Delete  Verb = "delete" // the ticket and its counter; only kind and name count
)

// Op is one change of Tickets.Write.
type Op struct {
	Do     Verb
	Ticket Ticket
}

// Rider is a write that is made within a transaction of somebody else in the same
// database. Only the package that gave it out can read it.
type Rider any

// Rides is what Tickets offer whose database holds other things too.
type Rides interface {
	// Ride gives a write, as Write would make it at this instant, to be made in a
	// transaction of another noun of the database: both or neither, and the error
	// of Write where the ticket's part could not be made. It is nil where there is
	// no such transaction; then Write is all there is.
	Ride(ops ...Op) (Rider, error)
}

// String shows the verb and the kind only.
func (o Op) String() string { return string(o.Do) + " " + o.Ticket.String() }

// GoString shows what String shows.
func (o Op) GoString() string { return "store.Op{" + o.String() + "}" }

// CheckWrite returns ErrInvalid, with the reason, for changes that Write never
// makes at the instant now: none or more than MaxWrite, two of one kind and
// name, an unknown verb, or a ticket that Check or CheckName refuses.
func CheckWrite(ops []Op, now time.Time) error {
	if len(ops) == 0 || len(ops) > MaxWrite {
		return fmt.Errorf("%w: a write of %d", ErrInvalid, len(ops))
	}
	for i, op := range ops {
		if err := op.check(now); err != nil {
			return err
		}
		for _, other := range ops[:i] {
			if op.Ticket.Kind == other.Ticket.Kind && op.Ticket.Name == other.Ticket.Name {
				return fmt.Errorf("%w of kind %s: changed twice in one write", ErrInvalid, op.Ticket.Kind)
			}
		}
	}
	return nil
}

func (o Op) check(now time.Time) error {
	switch o.Do {
	case Put, Create, Replace:
		return o.Ticket.Check(now)
	case Take, Delete:
		return CheckName(o.Ticket.Kind, o.Ticket.Name)
	default:
		return fmt.Errorf("%w of kind %s: a verb that is unknown", ErrInvalid, o.Ticket.Kind)
	}
}
