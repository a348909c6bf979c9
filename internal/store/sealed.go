package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"
)

// Sealer hides names and values from whoever can read or write the store
// behind. The key ring implements it; keys and their rotation are its affair.
type Sealer interface {
	// Name returns a keyed hash of kind and name, printable, at most 128 bytes,
	// the same for the same pair as long as tickets must be found.
	Name(kind, name string) string
	// Seal encrypts and authenticates plain, and authenticates ad with it.
	Seal(ad, plain []byte) ([]byte, error)
	// Open returns what Seal was given, or an error if sealed or ad differ in
	// any bit from what went in.
	Open(ad, sealed []byte) ([]byte, error)
}

// Sealed returns a store that keeps its tickets in inner with names hashed and
// values sealed. The seal binds kind, name and end: a value that was moved to
// another place, or given a longer life, returns ErrUnsealed. It does not see
// that inner brought back an older value of the same ticket. Counters are
// stored as they are, under hashed names.
func Sealed(inner Tickets, sealer Sealer) Tickets {
	return &sealed{inner: inner, sealer: sealer}
}

type sealed struct {
	inner  Tickets
	sealer Sealer
}

func (s *sealed) Put(ctx context.Context, t Ticket) error {
	return s.write(ctx, t, s.inner.Put)
}

func (s *sealed) Create(ctx context.Context, t Ticket) error {
	return s.write(ctx, t, s.inner.Create)
}

func (s *sealed) Replace(ctx context.Context, t Ticket) error {
	return s.write(ctx, t, s.inner.Replace)
}

func (s *sealed) Get(ctx context.Context, kind Kind, name string) (Ticket, error) {
	return s.read(ctx, kind, name, s.inner.Get)
}

func (s *sealed) Take(ctx context.Context, kind Kind, name string) (Ticket, error) {
	return s.read(ctx, kind, name, s.inner.Take)
}

func (s *sealed) Increment(ctx context.Context, kind Kind, name string, ttl time.Duration) (int64, error) {
	if err := CheckCounter(kind, name, ttl); err != nil {
		return 0, err
	}
	return s.inner.Increment(ctx, kind, s.sealer.Name(string(kind), name), ttl)
}

func (s *sealed) Delete(ctx context.Context, kind Kind, name string) error {
	if err := CheckName(kind, name); err != nil {
		return err
	}
	return s.inner.Delete(ctx, kind, s.sealer.Name(string(kind), name))
}

func (s *sealed) Epoch(ctx context.Context) (time.Time, error) { return s.inner.Epoch(ctx) }

// write hands the sealed copy of t to one of inner's writing operations.
func (s *sealed) write(ctx context.Context, t Ticket, op func(context.Context, Ticket) error) error {
	// The zero instant asks for everything but the end, which inner compares
	// with its own clock.
	if err := t.Check(time.Time{}); err != nil {
		return err
	}
	t, err := s.seal(t)
	if err != nil {
		return err
	}
	return op(ctx, t)
}

// seal returns the copy of t that inner may see.
func (s *sealed) seal(t Ticket) (Ticket, error) {
	value, err := s.sealer.Seal(associated(t.Kind, t.Name, t.Expires), t.Value)
	if err != nil {
		return Ticket{}, fmt.Errorf("seal %s: %w", t, err)
	}
	t.Name, t.Value = s.sealer.Name(string(t.Kind), t.Name), value
	return t, nil
}

func (s *sealed) Write(ctx context.Context, ops ...Op) error {
	behind, err := s.behind(ops)
	if err != nil {
		return err
	}
	return s.inner.Write(ctx, behind...)
}

// Ride implements Rides where the store behind does.
func (s *sealed) Ride(ops ...Op) (Rider, error) {
	inner, ok := s.inner.(Rides)
	if !ok {
		return nil, nil
	}
	behind, err := s.behind(ops)
	if err != nil {
		return nil, err
	}
	return inner.Ride(behind...)
}

// behind returns the changes that inner may see.
func (s *sealed) behind(ops []Op) ([]Op, error) {
	if err := CheckWrite(ops, time.Time{}); err != nil {
		return nil, err
	}
	behind := make([]Op, len(ops))
	for i, op := range ops {
		if op.Do == Take || op.Do == Delete {
			name := s.sealer.Name(string(op.Ticket.Kind), op.Ticket.Name)
			behind[i] = Op{op.Do, Ticket{Kind: op.Ticket.Kind, Name: name}}
			continue
		}
		t, err := s.seal(op.Ticket)
		if err != nil {
			return nil, err
		}
		behind[i] = Op{op.Do, t}
	}
	return behind, nil
}

// read opens what one of inner's reading operations returned.
func (s *sealed) read(ctx context.Context, kind Kind, name string,
	op func(context.Context, Kind, string) (Ticket, error),
) (Ticket, error) {
	if err := CheckName(kind, name); err != nil {
		return Ticket{}, err
	}
	t, err := op(ctx, kind, s.sealer.Name(string(kind), name))
	if err != nil {
		return Ticket{}, err
	}
	value, err := s.sealer.Open(associated(kind, name, t.Expires), t.Value)
	if err != nil {
		return Ticket{}, fmt.Errorf("%s: %w: %w", t, ErrUnsealed, err)
	}
	t.Name, t.Value = name, value
	return t, nil
}

// associated is the data that a sealed value is bound to. Lengths come first,
// so that no two triples give the same bytes.
func associated(kind Kind, name string, expires time.Time) []byte {
	const mark = "ticket"
	ad := make([]byte, 0, len(mark)+1+len(kind)+4+len(name)+8)
	ad = append(append(ad, mark...), byte(len(kind)))
	ad = append(ad, kind...)
	ad = binary.BigEndian.AppendUint32(ad, uint32(len(name)))
	ad = append(ad, name...)
	return binary.BigEndian.AppendUint64(ad, uint64(expires.UnixMilli()))
}
