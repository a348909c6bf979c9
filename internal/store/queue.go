package store

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// Delivery is one message that must reach its destination even when the
// process is restarted before: a sign-out sent to a service, for instance.
// The body is stored as it is given; whoever puts personal data into it seals
// it first.
type Delivery struct {
	ID    string // chosen by the caller, unique in the queue: putting it twice is refused
	Topic string // a lower-case word as for Kind; each worker leases one topic
	Body  []byte

	// NotBefore is the earliest instant of the first lease; zero means now.
	NotBefore time.Time
	// Attempts is set by Lease: how often the delivery was leased, this time
	// included. Put ignores it.
	Attempts int
}

// Check returns ErrInvalid, with the reason, for a delivery that no queue
// accepts.
func (d Delivery) Check() error {
	if !Kind(d.Topic).Valid() {
		return fmt.Errorf("%w: the topic of a delivery is not a word", ErrInvalid)
	}
	if d.ID == "" || len(d.ID) > MaxName {
		return fmt.Errorf("%w: delivery on %s with an id of %d bytes", ErrInvalid, d.Topic, len(d.ID))
	}
	return nil
}

// String shows the topic and the id, never the body.
func (d Delivery) String() string { return "delivery " + d.ID + " on " + d.Topic }

// GoString shows the topic and the id, never the body.
func (d Delivery) GoString() string { return "store.Delivery{" + d.String() + "}" }

// LogValue shows the topic and the id, never the body.
func (d Delivery) LogValue() slog.Value { return slog.StringValue(d.String()) }

// Queue keeps deliveries until they are done: at least once each, in no strict
// order. What Put acknowledged survives a kill.
type Queue interface {
	// Put adds d, or returns ErrExists when its id is in the queue already.
	Put(ctx context.Context, d Delivery) error
	// Lease returns deliveries of the topic that are due, the limit longest due
	// if there are more, and hides them from every other lease during d. What
	// is not done by then is leased again: d is also the pause between two
	// attempts.
	Lease(ctx context.Context, topic string, limit int, d time.Duration) ([]Delivery, error)
	// Done removes a delivery. It is no error when it is gone already.
	Done(ctx context.Context, id string) error
}
