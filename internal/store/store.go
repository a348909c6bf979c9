// Package store is the contract for everything short-lived: sign-in
// transactions, sessions, codes, replay marks, guess counters (Tickets), and
// for deliveries that must survive a restart (Queue).
//
// It owns the interfaces, the rules every implementation keeps, and the
// sealing wrapper. It does not own durable rows (their types and interfaces
// stand with the package whose nouns they are), nor keys: the key ring
// implements Sealer. Implementations are sqldb, redisdb and memdb; the suite
// in storetest says in tests what this page says in words.
//
// Secondary look-ups are pointer tickets: a ticket whose value is the name of
// another one. There is no search.
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// The errors a caller may act upon; compare with errors.Is. Any other error
// means that the store could not do what was asked, and the only safe answer
// to it is a refusal.
var (
	// ErrNotFound says that there is no such ticket, or that it has expired.
	ErrNotFound = errors.New("no such ticket")
	// ErrExists says that Create found a live ticket of that kind and name.
	ErrExists = errors.New("ticket exists already")
	// ErrConflict says that the stored version is not the one given to Replace.
	ErrConflict = errors.New("ticket was changed meanwhile")
	// ErrInvalid says that the arguments can never be stored: a kind that is
	// not a word, an empty or overlong name, an end that is missing or past.
	ErrInvalid = errors.New("invalid ticket")
	// ErrUnsealed says that a stored value does not open: it was changed, moved
	// to another kind, name or end, or sealed with a key that is gone.
	ErrUnsealed = errors.New("ticket does not open")
)

// MaxName is the length in bytes of the longest name. Names that come from
// outside may be longer and must be refused or hashed by the caller.
const MaxName = 1024

// maxKind bounds a kind, which stands in clear in keys and log lines.
const maxKind = 32

// Kind says what a ticket is for. Each caller declares its own as constants
// ("session", "code", "replay"); tickets of different kinds never meet, even
// under one name. A kind is a lower-case word: letters, digits, hyphens.
type Kind string

// Valid reports whether k is a lower-case word of at most 32 bytes that begins
// with a letter.
func (k Kind) Valid() bool {
	if k == "" || len(k) > maxKind || k[0] < 'a' || k[0] > 'z' {
		return false
	}
	for _, c := range []byte(k) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// Ticket is one short-lived value. Name may be any bytes and is usually a
// secret; Value may be empty. Both are kept out of logs and error texts.
type Ticket struct {
	Kind  Kind
	Name  string
	Value []byte

	// Version is set by the store: never zero, different after every write, and
	// not used again for the same name. Callers hand back what Get gave them
	// and may rely on one thing more: after a successful Replace the stored
	// version is the given one plus one. Put and Create ignore it.
	Version int64

	// Expires is the instant from which the ticket is gone. It is kept to the
	// millisecond, rounded down.
	Expires time.Time
}

// Check returns ErrInvalid, with the reason, for a ticket that no store accepts
// at the instant now. A ticket that has already ended is refused rather than
// silently dropped: a replay mark that is gone at once would let a replay in.
func (t Ticket) Check(now time.Time) error {
	if err := CheckName(t.Kind, t.Name); err != nil {
		return err
	}
	if t.Expires.IsZero() {
		return fmt.Errorf("%w of kind %s: no end", ErrInvalid, t.Kind)
	}
	if t.Expires.UnixMilli() <= now.UnixMilli() {
		return fmt.Errorf("%w of kind %s: its end has passed", ErrInvalid, t.Kind)
	}
	return nil
}

// CheckName returns ErrInvalid, with the reason, for a kind that is not a
// lower-case word or a name that is empty or too long.
func CheckName(kind Kind, name string) error {
	if !kind.Valid() {
		return fmt.Errorf("%w: its kind is not a word", ErrInvalid)
	}
	if name == "" || len(name) > MaxName {
		return fmt.Errorf("%w of kind %s: a name of %d bytes", ErrInvalid, kind, len(name))
	}
	return nil
}

// CheckCounter returns ErrInvalid, with the reason, for arguments that Increment
// never accepts: those of CheckName, and a life under one millisecond, which
// would let every increment be the first.
func CheckCounter(kind Kind, name string, ttl time.Duration) error {
	if err := CheckName(kind, name); err != nil {
		return err
	}
	if ttl < time.Millisecond {
		return fmt.Errorf("%w: counter of kind %s for %s", ErrInvalid, kind, ttl)
	}
	return nil
}

// String shows the kind only.
func (t Ticket) String() string { return "ticket of kind " + string(t.Kind) }

// GoString shows the kind only.
func (t Ticket) GoString() string { return "store.Ticket{Kind:" + string(t.Kind) + "}" }

// LogValue shows the kind only.
func (t Ticket) LogValue() slog.Value { return slog.StringValue(t.String()) }

// Tickets holds short-lived values. Every operation is atomic, also between
// processes that share the store, and is done or not done: an operation whose
// context had ended before the call changes nothing and returns the context's
// error; when the context ends during the call, or the store goes away, the
// outcome is unknown and an error is returned. An expired ticket behaves in
// all respects as one that does not exist.
type Tickets interface {
	// Put stores t, over any ticket of that kind and name.
	Put(ctx context.Context, t Ticket) error
	// Create stores t if there is no live ticket of that kind and name, and
	// returns ErrExists otherwise. Of several at once exactly one succeeds.
	Create(ctx context.Context, t Ticket) error
	// Get returns the ticket, or ErrNotFound.
	Get(ctx context.Context, kind Kind, name string) (Ticket, error)
	// Replace stores t's value and end if the stored version is t.Version, and
	// returns ErrConflict if it is another, ErrNotFound if there is none. The
	// new version is t.Version+1.
	Replace(ctx context.Context, t Ticket) error
	// Increment adds one to the counter of that kind and name and returns the
	// sum. A counter begins at one and ends ttl after its first increment;
	// later ttls are not looked at. Counters and tickets of one kind and name
	// do not meet, except that Delete removes both. The least ttl is 1 ms.
	Increment(ctx context.Context, kind Kind, name string, ttl time.Duration) (int64, error)
	// Take returns the ticket and removes it: of several takers exactly one
	// gets it, the others get ErrNotFound.
	Take(ctx context.Context, kind Kind, name string) (Ticket, error)
	// Delete removes the ticket and the counter of that kind and name, which need
	// not go in the same instant. It is no error when there is neither.
	Delete(ctx context.Context, kind Kind, name string) error
	// Write makes several changes, of which CheckWrite says which may stand
	// together: all of them at one instant, or none and the error of one that
	// could not be made. Nobody sees some of them, and none is lost without the
	// others. On a disk they cost one wait.
	Write(ctx context.Context, ops ...Op) error
	// Epoch returns the instant since which this store has forgotten nothing.
	// The mark is made on first use and stays; whatever empties the store
	// removes it too, and the next call makes a later one. Replay marks for
	// messages that no ticket of ours binds are worth nothing for messages
	// issued before it, so these are refused. Read the epoch after the replay
	// mark was created, never before: the other order lets a flush between the
	// two calls go unseen.
	Epoch(ctx context.Context) (time.Time, error)
}
