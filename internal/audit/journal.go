package audit

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Config is what a Journal is made of.
type Config struct {
	Store  Store
	MAC    MAC
	Writer string           // this run's name: WriterID
	Class  Class            // of entries that name none
	Now    func() time.Time // the clock
}

// Journal writes one process's entries. It is safe for concurrent use.
type Journal struct {
	config Config

	mu   sync.Mutex
	last map[Chain]int64 // the last sequence known to be durable
}

// New makes a journal for one run of a process. Two journals must never share a
// writer.
func New(c Config) (*Journal, error) {
	if c.Store == nil || c.MAC == nil || c.Now == nil {
		return nil, errors.New("journal: store, MAC and clock are required")
	}
	if !isWord(c.Writer) {
		return nil, fmt.Errorf("journal: writer %q is no word", c.Writer)
	}
	if !isWord(string(c.Class)) {
		return nil, fmt.Errorf("journal: class %q is no word", c.Class)
	}
	return &Journal{config: c, last: make(map[Chain]int64)}, nil
}

// Append writes an entry and returns it, with its place in the chain, when it is
// durable. When it returns an error the caller must act as if nothing had been
// written, and release nothing.
func (j *Journal) Append(ctx context.Context, e Entry) (Entry, error) {
	d, err := j.Draft(e)
	if err != nil {
		return Entry{}, err
	}
	row, err := j.config.Store.Append(ctx, d)
	if err != nil {
		return Entry{}, fmt.Errorf("journal entry %s: %w", e.Action, err)
	}
	return row.Entry, nil
}

// AppendWith is Append for what is written together with something else in the same database, both or neither: with is
// Joint's.
func (j *Journal) AppendWith(ctx context.Context, e Entry, with any) (Entry, error) {
	joint, can := j.config.Store.(Joint)
	if !can {
		return Entry{}, fmt.Errorf("journal entry %s: nothing can be written with it here", e.Action)
	}
	d, err := j.Draft(e)
	if err != nil {
		return Entry{}, err
	}
	row, err := joint.AppendWith(ctx, d, with)
	if err != nil {
		return Entry{}, fmt.Errorf("journal entry %s: %w", e.Action, err)
	}
	return row.Entry, nil
}

// Draft checks an entry and prepares it for a store that writes it together with
// a row of its own, in one transaction: sqldb.DB.AppendAudit. A draft is good
// for one entry.
func (j *Journal) Draft(e Entry) (Draft, error) {
	e.Writer = j.config.Writer
	if e.Class == "" {
		e.Class = j.config.Class
	}
	e.Sequence = 0
	if e.At.IsZero() {
		e.At = j.config.Now()
	}
	e.At = e.At.UTC().Truncate(time.Millisecond)
	if err := e.check(); err != nil {
		return Draft{}, fmt.Errorf("journal entry %s: %w", e.Action, err)
	}
	return Draft{entry: e, journal: j}, nil
}

// Draft is an entry on its way into a store. The zero value is refused by Open
// and Link.
type Draft struct {
	entry   Entry
	journal *Journal
}

// Chain names the chain that the entry goes to.
func (d Draft) Chain() Chain { return d.entry.Chain() }

// Open makes the head of a new chain and the root that counts it. It refuses a
// root that is not sealed, and a chain that this journal has written to before:
// then its head was removed.
func (d Draft) Open(root Root) (Head, Root, error) {
	if d.journal == nil {
		return Head{}, Root{}, fmt.Errorf("%w: empty draft", ErrEntry)
	}
	mac, chain := d.journal.config.MAC, d.Chain()
	if root != (Root{}) && !root.sealed(mac) {
		return Head{}, Root{}, fmt.Errorf("opening %s: %w: the root's seal does not fit", chain, ErrTampered)
	}
	if d.journal.durable(chain) > 0 {
		return Head{}, Root{}, fmt.Errorf("%s: %w: its head is gone", chain, ErrTampered)
	}
	root = Root{Chains: root.Chains + 1}.seal(mac)
	head := Head{Chain: chain, Number: root.Chains, BaseHash: chain.Genesis(), Hash: chain.Genesis()}
	return head.seal(mac), root, nil
}

// Link places the entry after the head that the store holds and returns its row
// and the new head. It may be called again when a transaction is tried again. It
// refuses a head that is not sealed, or that is behind what this journal was told
// is durable.
func (d Draft) Link(head Head) (Row, Head, error) {
	if d.journal == nil {
		return Row{}, Head{}, fmt.Errorf("%w: empty draft", ErrEntry)
	}
	mac, chain := d.journal.config.MAC, d.Chain()
	if head.Chain != chain || !head.sealed(mac) {
		return Row{}, Head{}, fmt.Errorf("%s: %w: its head's seal does not fit", chain, ErrTampered)
	}
	if known := d.journal.durable(chain); head.Last < known {
		return Row{}, Head{}, fmt.Errorf("%s: %w: it ends at %d and had %d entries", chain, ErrTampered, head.Last, known)
	}
	row := Row{Entry: d.entry}
	row.Sequence = head.Last + 1
	row.Hash = row.Link(head.Hash)
	head.Last, head.Hash = row.Sequence, row.Hash
	return row, head.seal(mac), nil
}

// Durable tells the journal that the row that Link made is on disk.
func (d Draft) Durable(row Row) {
	d.journal.mu.Lock()
	defer d.journal.mu.Unlock()
	chain := d.Chain()
	d.journal.last[chain] = max(d.journal.last[chain], row.Sequence)
}

func (j *Journal) durable(c Chain) int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.last[c]
}
