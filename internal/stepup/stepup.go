// Package stepup keeps by which second means somebody at the desk shows that it is them, and for which act they did. A
// means is a code of the hour from a telephone (TOTP, RFC 6238), a key of the person's device (Web Authentication, W3C), or
// the identity source's own strong factor. What was shown counts for one act, in one session, for a few minutes, once.
//
// A handle names nobody: it is the pseudonym under which the desk knows a person. The secrets of means are sealed with the
// key ring. Guesses are counted for all replicas together, a code is taken once by all of them together.
//
// Who may do what is package desk's to say, and what the pages look like package factors'. The package knows no HTTP.
package stepup

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"ecluse/internal/audit"
	"ecluse/internal/store"
)

// Means is how somebody shows that it is them. It stands in the journal beside the act.
type Means string

// The means.
const (
	TOTP   Means = "totp"     // a code of six digits
	Key    Means = "webauthn" // a key that a device or a stick holds
	Source Means = "source"   // the identity source's own strong factor
)

// Most is how many means somebody may enrol.
const Most = 10

// Factor is a means that somebody enrolled here.
type Factor struct {
	ID     string
	Handle string
	Means  Means
	Name   string    // what its holder calls it
	Made   time.Time //
	Used   time.Time // zero for never

	// Step orders its uses: the time step of the last code (RFC 6238 section 5.2), the count that a key gives of its
	// signatures, which is 0 for keys that do not count.
	Step   int64
	Sealed []byte // its secret, or the key's public half; opens with the key ring only
}

// String shows what kind it is, and nothing else.
func (f Factor) String() string { return "[factor " + string(f.Means) + "]" }

// GoString shows what String shows.
func (f Factor) GoString() string { return f.String() }

// LogValue shows what String shows.
func (f Factor) LogValue() slog.Value { return slog.StringValue(f.String()) }

// Store keeps the means of all. A change and its journal entry are one transaction.
type Store interface {
	// Of lists somebody's, the oldest first.
	Of(ctx context.Context, handle string) ([]Factor, error)
	// Add enrols one more, and gives ErrFull where the handle has Most already, also when two are enrolled at once.
	Add(ctx context.Context, f Factor, entry audit.Entry) error
	// Remove deletes one of somebody's, or all of them where id is empty, and gives how many there were. Where there was
	// none nothing is journaled.
	Remove(ctx context.Context, handle, id string, entry audit.Entry) (int, error)
	// Use records a use, unless the same one or a later one was recorded: of several at once exactly one is. A step of 0
	// orders nothing, and is taken as long as no other was.
	Use(ctx context.Context, handle, id string, step int64, at time.Time) (bool, error)
}

// Errors that pages tell apart.
var (
	// ErrWrong says that what was shown is not right, was used already, or is somebody else's: which of them is not told.
	ErrWrong = errors.New("this is not the code, or it was used already")
	// ErrTooMany says that too many were wrong; none is looked at for a while.
	ErrTooMany = errors.New("too many wrong codes")
	// ErrNone says that nothing is enrolled that could be shown.
	ErrNone = errors.New("nothing is enrolled")
	// ErrNoKeys says that keys cannot be bound to this gateway's address.
	ErrNoKeys = errors.New("keys cannot be enrolled at a bare address")
	// ErrFull says that Most means are enrolled already.
	ErrFull = errors.New("no more means can be enrolled")
	// ErrOver says that what was begun is over, was finished, or is another session's.
	ErrOver = errors.New("this was finished, or took too long")
)

// Lives of what is short-lived.
const (
	askedFor   = 30 * time.Minute // what was typed, while it waits to be confirmed
	grantedFor = 5 * time.Minute  // between showing a means and the act
	enrolling  = 15 * time.Minute
	ceremony   = 5 * time.Minute
	lostFor    = 24 * time.Hour // the word that a second administrator is told
)

// Config is what a book is made of. All is required.
type Config struct {
	Store   Store
	Tickets store.Tickets // sealed
	Keys    store.Sealer
	Journal *audit.Journal // keeps that somebody guesses
	Now     func() time.Time
	Issuer  string // the name under which a telephone lists the code: the host of the gateway
	Origin  string // scheme and host of the gateway's pages, to which keys are bound
}

// Book keeps means and what was shown. It is safe for concurrent use, and several replicas may have one on one store.
type Book struct {
	Config
	web *webauthn.WebAuthn // nil where keys cannot be bound to the gateway's address
}

// New checks the configuration.
func New(c Config) (*Book, error) {
	if c.Store == nil || c.Tickets == nil || c.Keys == nil || c.Journal == nil || c.Now == nil {
		return nil, errors.New("stepup: store, tickets, keys, journal and clock are required")
	}
	if net.ParseIP(c.Issuer) != nil {
		return &Book{Config: c}, nil // keys are bound to a name (Web Authentication section 5.1.2)
	}
	w, err := webauthn.New(&webauthn.Config{RPID: c.Issuer, RPDisplayName: c.Issuer, RPOrigins: []string{c.Origin}})
	if err != nil {
		return nil, err
	}
	return &Book{Config: c, web: w}, nil
}

// OffersKeys tells whether keys of devices can be enrolled: a gateway that is asked for by a bare address has none.
func (b *Book) OffersKeys() bool { return b.web != nil }

// Who is whoever shows something: a handle, in one session of the desk.
type Who struct{ Handle, Session string }

// known tells whether a step-up can be held at all by them.
func (w Who) known() bool { return w.Handle != "" && w.Session != "" }

// Factors lists what somebody enrolled, the oldest first, without secrets.
func (b *Book) Factors(ctx context.Context, handle string) ([]Factor, error) {
	all, err := b.Store.Of(ctx, handle)
	for i := range all {
		all[i].Sealed = nil
	}
	return all, err
}

// ad binds a sealed secret to its place: it opens for no other handle and no other factor.
func ad(handle, id string) []byte { return []byte("stepup factor\x00" + handle + "\x00" + id) }
