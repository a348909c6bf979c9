package upstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"ecluse/internal/store"
	"ecluse/internal/web"
)

// The limits on guesses: in any GuessWindow no account is tried more than AccountLimit times, and no address tries
// more than AddressLimit times, nor one account more than VisitorLimit times. That one is the smaller, so that whoever
// guesses from one place keeps nobody elsewhere out. A password that was right is no guess: a whole school stands behind
// one address. Where an account was signed in before, other limits hold (Familiar).
const (
	GuessWindow  = 15 * time.Minute
	AccountLimit = 10
	VisitorLimit = 8
	AddressLimit = 100
	maxRaces     = 32 // replicas that write one record at the same moment
)

// Namer makes names from which nobody without its key learns what they were made of. The key ring is one.
type Namer interface {
	MAC(purpose string, parts ...string) string
}

// TooManyError says for how long no more guesses are taken.
type TooManyError struct{ Wait time.Duration }

// Error says only that.
func (e TooManyError) Error() string { return "too many guesses" }

// Guesses counts wrong passwords, for the connectors that ask for one themselves. It is safe for concurrent use. A guess is written down before it is evaluated, so that guesses made side by side
// are counted, and taken back if the password was right or nobody evaluated it. That is why records are tickets with
// the instant of each guess and not bare counters, which only go up.
type Guesses struct {
	kind    string // "ldap": the records are kept and named for one kind of source
	tickets store.Tickets
	keys    Namer
	now     func() time.Time
	locks   []chan struct{} // one writer per record in this process; other replicas meet in Replace
}

// NewGuesses counts for one kind of source, such as "ldap". The tickets are shared by all replicas, and so are the limits.
func NewGuesses(kind string, tickets store.Tickets, keys Namer, now func() time.Time) Guesses {
	g := Guesses{kind: kind, tickets: tickets, keys: keys, now: now, locks: make([]chan struct{}, 64)}
	for i := range g.locks {
		g.locks[i] = make(chan struct{}, 1)
	}
	return g
}

// Subject is whose guesses are counted.
type Subject struct {
	name  string // keyed, so that neither logins nor addresses stand in the store
	limit int
}

// Account counts what is tried against an entry, or against a login that nobody has. All spellings of a login that a
// directory takes for one are one: case, spaces and compatibility forms do not count (RFC 4518 section 2).
func (g Guesses) Account(source, login string) Subject {
	return Subject{name: g.keys.MAC(g.kind+"/guess/account", source, plain(login)), limit: AccountLimit}
}

// Visitor counts what one address tries against one account. It is asked before Account, so that what it refuses does not
// count there.
func (g Guesses) Visitor(source, login string, addr netip.Addr) Subject {
	return Subject{name: g.keys.MAC(g.kind+"/guess/visitor", source, plain(login), web.Network(addr)), limit: VisitorLimit}
}

func plain(login string) string {
	folded := cases.Fold().String(norm.NFKC.String(login))
	visible := strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cf, unicode.Cc) {
			return -1
		}
		return r
	}, folded)
	return strings.Join(strings.Fields(visible), " ")
}

// Address counts what comes from one address; of IPv6 from one /64, as that is what one customer is given.
func (g Guesses) Address(addr netip.Addr) Subject {
	return Subject{name: g.keys.MAC(g.kind+"/guess/address", web.Network(addr)), limit: AddressLimit}
}

// Add writes a guess down and gives its mark, or a TooManyError.
func (g Guesses) Add(ctx context.Context, s Subject) (mark int64, err error) {
	err = g.change(ctx, s, func(at []int64, now time.Time) ([]int64, error) {
		if len(at) >= s.limit {
			free := time.UnixMilli(at[len(at)-s.limit]).Add(GuessWindow)
			return nil, TooManyError{Wait: free.Sub(now)}
		}
		mark = now.UnixMilli()
		return append(at, mark), nil
	})
	return mark, err
}

// TakeBack removes a guess that was none.
func (g Guesses) TakeBack(ctx context.Context, s Subject, mark int64) error {
	return g.change(ctx, s, func(at []int64, _ time.Time) ([]int64, error) {
		if i := slices.Index(at, mark); i >= 0 {
			return slices.Delete(at, i, i+1), nil
		}
		return at, nil
	})
}

// change applies what do makes of the guesses that still count. A store that does not answer is an error, and no
// guess is evaluated then.
func (g Guesses) change(ctx context.Context, s Subject, do func([]int64, time.Time) ([]int64, error)) error {
	unlock, err := g.lock(ctx, s.name)
	if err != nil {
		return err
	}
	defer unlock()
	for range maxRaces {
		err := g.once(ctx, s, do)
		if !errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrExists) && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return errors.New("guesses: too many writers at once")
}

func (g Guesses) once(ctx context.Context, s Subject, do func([]int64, time.Time) ([]int64, error)) error {
	var at []int64
	ticket, err := g.tickets.Get(ctx, store.Kind(g.kind+"-guesses"), s.name)
	fresh := errors.Is(err, store.ErrNotFound)
	if err != nil && !fresh {
		return fmt.Errorf("guesses: %w", err)
	}
	if !fresh {
		if err := json.Unmarshal(ticket.Value, &at); err != nil {
			return errors.New("guesses: the record cannot be read")
		}
	}
	now := g.now()
	at = slices.DeleteFunc(at, func(ms int64) bool { return !now.Before(time.UnixMilli(ms).Add(GuessWindow)) })
	slices.Sort(at) // the clocks of replicas differ a little
	at, err = do(at, now)
	if err != nil {
		return err
	}
	value, err := json.Marshal(at)
	if err != nil {
		return fmt.Errorf("guesses: %w", err)
	}
	next := store.Ticket{Kind: store.Kind(g.kind + "-guesses"), Name: s.name, Value: value, Version: ticket.Version, Expires: now.Add(GuessWindow)}
	if fresh {
		err = g.tickets.Create(ctx, next)
	} else {
		err = g.tickets.Replace(ctx, next)
	}
	if err != nil {
		return fmt.Errorf("guesses: %w", err)
	}
	return nil
}

func (g Guesses) lock(ctx context.Context, name string) (unlock func(), err error) {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name)) // a hash never fails
	lock := g.locks[h.Sum32()%uint32(len(g.locks))]
	select {
	case lock <- struct{}{}:
		return func() { <-lock }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("guesses: %w", ctx.Err())
	}
}
