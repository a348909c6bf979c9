// Package audit is the journal: entries are only ever added, each is linked to
// the one before it, and the end of each chain is sealed apart, so that a row
// that was changed, removed, inserted or moved is found, also at the end.
//
// There is one chain for each writer and class. A writer is one run of one
// process (WriterID): a restart, another replica and an administrator's command
// each open chains of their own, so writers never wait for each other and no
// chain can fork. Classes are kept apart because they are kept for different
// times. What stands in the store:
//
//	entries  (writer, class, sequence) ... hash = SHA-256(hash before, canonical entry)
//	heads    one per chain: number, base, last sequence, last hash, seal
//	root     one: how many chains were ever opened, seal
//
// Entry, head and root are written in one transaction. The seals are MACs of the
// key ring: who can write the tables but does not have the ring can neither cut a
// chain nor drop one. He can put back an older state of a chain, head included,
// if he kept a copy; a running writer refuses to go on from it, and against the
// rest only copies of the heads kept elsewhere help.
//
// Purging by whole periods moves a head's base: entries up to it may be gone,
// and BaseHash takes their place. Nothing may refer to an entry by foreign key.
//
// The package owns the entry, its canonical form, the linking and the check. It
// does not own rows (Store, implemented in store/sqldb), the words in Action and
// Reason, nor who may read. It imports nothing of ours.
package audit

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Class groups entries that are kept for the same time.
type Class string

// The classes. They are words of the callers; these are the ones of the gateway.
const (
	ClassSignIn  Class = "sign_in" // sign-ins, refusals, sign-outs
	ClassRelease Class = "release" // releases and receipts
	ClassAdmin   Class = "admin"   // changes to what is registered; commands
	ClassSystem  Class = "system"  // starts, key rotations, refreshed metadata
)

// Outcome says how it ended.
type Outcome string

// The outcomes.
const (
	Done     Outcome = "done"
	SignedIn Outcome = "signed_in"
	Released Outcome = "released"
	Refused  Outcome = "refused"
	Failed   Outcome = "failed"
)

// Entry is one event. Nothing in it names a person: Subject is a derivation of
// its own purpose, Attributes are names, never values. The journal sets Writer and
// Sequence, and Class and At when they are empty.
type Entry struct {
	Writer   string
	Class    Class
	Sequence int64     // 1, 2, 3 ... in its chain
	At       time.Time // UTC, whole milliseconds

	Action      string            // what happened: a word of the caller's package
	Outcome     Outcome           // how it ended
	Reason      string            // why, when refused or failed: a word
	Ref         string            // the reference number that a page showed
	Actor       string            // who did it, when not the subject: a handle, or "command:apply"
	Subject     string            // whom it is about: a handle, at least 128 bits in hexadecimal or URL-safe base64; or empty
	Service     string            // the service's id
	Declaration string            // the declaration's id
	Version     int               // the declaration's version
	UAI         string            // the establishment
	Source      string            // the identity source's id
	Protocol    string            // the protocol spoken to the service
	Attributes  []string          // names of what was released, in order
	Detail      map[string]string // anything else that is no personal data
}

// Chain names the entry's chain.
func (e Entry) Chain() Chain { return Chain{Writer: e.Writer, Class: e.Class} }

// ID names the entry in one word.
func (e Entry) ID() string { return fmt.Sprintf("%s/%s/%d", e.Writer, e.Class, e.Sequence) }

// LogValue shows what happened and the reference, not to whom.
func (e Entry) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", e.ID()), slog.String("action", e.Action),
		slog.String("outcome", string(e.Outcome)), slog.String("reason", e.Reason), slog.String("ref", e.Ref))
}

// Chain is one writer's entries of one class.
type Chain struct {
	Writer string
	Class  Class
}

// String is the chain's name as reports print it.
func (c Chain) String() string { return c.Writer + "/" + string(c.Class) }

// Row is an entry with its link.
type Row struct {
	Entry
	Hash Hash
}

// Head is the sealed end of a chain.
type Head struct {
	Chain
	Number   int64 // the chain's place among all chains ever opened: 1, 2, 3 ...
	Base     int64 // entries up to this sequence may have been purged
	BaseHash Hash  // the hash of the entry at Base; Genesis when nothing was purged
	Last     int64 // the sequence of the last entry
	Hash     Hash  // its hash
	Seal     string
}

// Root seals how many chains there are. The zero value stands for a journal that
// was never written.
type Root struct {
	Chains int64
	Seal   string
}

// MAC authenticates heads and root. The key ring implements it; its key must
// live as long as the journal.
type MAC interface {
	MAC(purpose string, parts ...string) string
	CheckMAC(mac, purpose string, parts ...string) bool
}

// Store keeps the journal's rows.
type Store interface {
	// Append writes one entry and returns when it is durable. In one
	// transaction it reads the head of d.Chain(), or calls d.Open with the root
	// when there is none, calls d.Link, and writes row, head and, if opened,
	// root. Calls for one chain take their turns; many may share a commit.
	// After the commit, and only then, it calls d.Durable. Head numbers and
	// (chain, sequence) are unique in the store.
	Append(ctx context.Context, d Draft) (Row, error)
	// Rows returns entries of a chain with a sequence above after, in order, at
	// most limit of them.
	Rows(ctx context.Context, c Chain, after int64, limit int) ([]Row, error)
	// Chains returns the chains that have rows, whether or not they have a head.
	Chains(ctx context.Context) ([]Chain, error)
	// Heads returns all heads.
	Heads(ctx context.Context) ([]Head, error)
	// Head returns the head of a chain, or ErrNoHead.
	Head(ctx context.Context, c Chain) (Head, error)
	// Root returns the root; its zero value when there is none.
	Root(ctx context.Context) (Root, error)
	// ByRef returns the entries that carry a reference number, oldest first.
	ByRef(ctx context.Context, ref string) ([]Row, error)
}

// Joint is a Store in whose database there are other things too.
type Joint interface {
	// AppendWith is Append in one transaction with a write that this database gave out, whose error it returns.
	AppendWith(ctx context.Context, d Draft, with any) (Row, error)
}

var (
	// ErrNoHead means that a chain has no head.
	ErrNoHead = errors.New("the chain has no head")
	// ErrTampered means that the journal cannot be continued because what stands
	// in the store is not what this or another writer left there.
	ErrTampered = errors.New("the journal was tampered with")
	// ErrEntry means that an entry may not be written as it is.
	ErrEntry = errors.New("the journal entry is not valid")
)

// WriterID makes a name for one run of a process: its role and 128 random bits.
func WriterID(role string) string { return role + "-" + strings.ToLower(rand.Text()) }
