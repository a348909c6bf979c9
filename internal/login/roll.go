package login

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"ecluse/internal/idp"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/store"
)

// Who is signed in at a service.
//
// A store has no search, and a service that is stopped has thousands of sessions. Each session that a service gets is given a
// place on the service's roll: a ticket of its own, written as one with what the session writes anyway. Places come in blocks
// that a process reserves for an hour; only the reservation touches the roll itself, so that sign-ins never wait for each
// other. Whoever walks the roll reads block by block; a place whose session is over is empty.
const (
	kindRoll  store.Kind = "roll"       // of a service: the blocks of places that were reserved
	kindPlace store.Kind = "roll-place" // the session that has a place
)

const (
	blockSize  = 256
	blockFor   = time.Hour
	mostBlocks = 4096 // of one service: a million sign-ins within the life of a session
	walkers    = 8    // how many sessions are ended side by side
)

// block is some places of a roll. Until is the end of the last session that can have one of them.
type block struct {
	Name  string `json:"name"`
	Until int64  `json:"until"`
}

// rolls are the blocks in which this process gives places.
type rolls struct {
	mu sync.Mutex
	at map[string]*given
}

type given struct {
	name string
	next int
	till time.Time
}

func placeName(block string, n int) string { return block + " " + strconv.Itoa(n) }

// place gives a session a place on a service's roll: what has to be written for it. There is no session at a service that
// nobody finds when the service is stopped.
func (f *Flow) place(ctx context.Context, s *session, service string) ([]store.Op, error) {
	f.rolls.mu.Lock()
	defer f.rolls.mu.Unlock()
	now := f.Now()
	at := f.rolls.at[service]
	if at == nil || at.next == blockSize || !now.Before(at.till) {
		name, err := f.reserve(ctx, service)
		if err != nil {
			return nil, err
		}
		if f.rolls.at == nil {
			f.rolls.at = map[string]*given{}
		}
		at = &given{name: name, till: now.Add(blockFor)}
		f.rolls.at[service] = at
	}
	at.next++
	return []store.Op{{Do: store.Put, Ticket: store.Ticket{
		Kind: kindPlace, Name: placeName(at.name, at.next), Value: []byte(s.ID), Expires: now.Add(f.Limits.Session),
	}}}, nil
}

// enroll gives a place to a session that takes another's services over.
func (f *Flow) enroll(ctx context.Context, s *session, service string) error {
	placed, err := f.place(ctx, s, service)
	if err != nil {
		return err
	}
	return f.Tickets.Write(ctx, placed...)
}

// reserve writes a new block on a service's roll, and strikes out those that are over.
func (f *Flow) reserve(ctx context.Context, service string) (string, error) {
	for range maxTabs {
		all, ticket, err := f.roll(ctx, service)
		if err != nil {
			return "", err
		}
		end := f.Now().Add(blockFor + f.Limits.Session)
		fresh := block{Name: rand.Text(), Until: end.UnixMilli()}
		all = append(all[max(0, len(all)-mostBlocks+1):], fresh)
		value, err := json.Marshal(all)
		if err != nil {
			return "", fmt.Errorf("roll: %w", err)
		}
		next := store.Ticket{Kind: kindRoll, Name: service, Value: value, Version: ticket.Version, Expires: end}
		if ticket.Version == 0 {
			err = f.Tickets.Create(ctx, next)
		} else {
			err = f.Tickets.Replace(ctx, next)
		}
		switch {
		case err == nil:
			return fresh.Name, nil
		case errors.Is(err, store.ErrConflict), errors.Is(err, store.ErrExists), errors.Is(err, store.ErrNotFound): // another process was faster
		default:
			return "", fmt.Errorf("roll: %w", err)
		}
	}
	return "", fmt.Errorf("roll: %w", store.ErrConflict)
}

// roll reads a service's blocks, those that are over left out; it is empty, of version 0, where there is none.
func (f *Flow) roll(ctx context.Context, service string) (all []block, ticket store.Ticket, err error) {
	ticket, err = f.Tickets.Get(ctx, kindRoll, service)
	if errors.Is(err, store.ErrNotFound) {
		return nil, store.Ticket{}, nil
	}
	if err == nil {
		err = json.Unmarshal(ticket.Value, &all)
	}
	if err != nil {
		return nil, ticket, fmt.Errorf("roll: %w", err)
	}
	now := f.Now().UnixMilli()
	return slices.DeleteFunc(all, func(b block) bool { return b.Until <= now }), ticket, nil
}

// Swept is what became of the sessions at services that a suspension ended.
type Swept struct {
	Told   int // the service said that its session is over
	Queued int // it did not answer, and is told again
	Open   int // it could not be told, or said no
}

// Sweep signs people out after a suspension: of a service, everybody there; of a source or an establishment, whoever came
// through it or belongs to it, everywhere, whose sign-in here ends too. Services are told that need no browser. Their rights
// to later answers go as well. Done twice it is done once: a session that was ended is not found again. It names nobody.
func (f *Flow) Sweep(ctx context.Context, kind registry.StopKind, id string) (Swept, error) {
	snapshot, err := f.Live.Current()
	if err != nil {
		return Swept{}, err
	}
	services := []string{id}
	if kind != registry.StopService {
		services = nil
		for _, s := range snapshot.Services() {
			services = append(services, s.ID)
		}
	}
	w := &walk{f: f, kind: kind, id: id}
	for _, service := range services {
		blocks, _, err := f.roll(ctx, service)
		if err != nil {
			return w.swept, err
		}
		for _, b := range blocks {
			if err := w.block(ctx, b); err != nil {
				return w.swept, err
			}
		}
	}
	return w.swept, nil
}

// walk is one sweep under way.
type walk struct {
	f    *Flow
	kind registry.StopKind
	id   string

	mu    sync.Mutex
	swept Swept
	err   error
}

func (w *walk) block(ctx context.Context, b block) error {
	var all sync.WaitGroup
	turns := make(chan struct{}, walkers)
	for n := 1; n <= blockSize && ctx.Err() == nil; n++ {
		turns <- struct{}{}
		all.Go(func() {
			defer func() { <-turns }()
			if err := w.one(ctx, placeName(b.Name, n)); err != nil {
				w.mu.Lock()
				w.err = err
				w.mu.Unlock()
			}
		})
	}
	all.Wait()
	return errors.Join(w.err, ctx.Err())
}

// one ends what the session in one place has that the suspension is about.
func (w *walk) one(ctx context.Context, place string) error {
	ticket, err := w.f.Tickets.Get(ctx, kindPlace, place)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("roll: %w", err)
	}
	s, err := w.f.stored(ctx, string(ticket.Value))
	if err != nil || s == nil {
		return err
	}
	var participants []idp.Participant
	switch {
	case w.kind == registry.StopService:
		participants, err = w.f.without(ctx, s, w.id)
	case w.kind == registry.StopSource && s.Person.Authn.Source == w.id, w.kind == registry.StopEstablishment && belongs(s.Person, person.UAI(w.id)):
		var last *session
		if last, err = w.f.over(ctx, s); last != nil {
			participants = last.Participants
		}
	}
	if err != nil || len(participants) == 0 {
		return err
	}
	w.count(w.f.tell(ctx, participants, idp.Leaving{}, false))
	return nil
}

func belongs(p person.Person, uai person.UAI) bool {
	return slices.ContainsFunc(p.Affiliations, func(a person.Affiliation) bool { return a.UAI == uai })
}

func (w *walk) count(partings []parting) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range partings {
		switch p.Fate {
		case fateClosed:
			w.swept.Told++
		case fateQueued:
			w.swept.Queued++
		default:
			w.swept.Open++
		}
	}
}

// without takes a service out of a session, with the rights to later answers there, and gives what the service had of it.
// Whoever comes second gets nothing, so that nobody is told twice. The session's rest does not begin anew.
func (f *Flow) without(ctx context.Context, s *session, service string) ([]idp.Participant, error) {
	for range maxTabs {
		at := func(p idp.Participant) bool { return p.ServiceID == service }
		var mine []idp.Participant
		for _, p := range s.Participants {
			if at(p) {
				mine = append(mine, p)
			}
		}
		if len(mine) == 0 {
			return nil, nil
		}
		next := *s
		next.Person, next.Participants = s.source(), slices.DeleteFunc(slices.Clone(s.Participants), at)
		value, err := json.Marshal(next)
		if err != nil {
			return nil, fmt.Errorf("session: %w", err)
		}
		ticket := s.ticket
		ticket.Value = value
		err = f.Tickets.Replace(ctx, ticket)
		switch {
		case err == nil:
			return mine, f.forgetAt(ctx, s, service)
		case errors.Is(err, store.ErrNotFound):
			return nil, nil
		case !errors.Is(err, store.ErrConflict):
			return nil, fmt.Errorf("session: %w", err)
		}
		if s, err = f.stored(ctx, s.ID); err != nil || s == nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("session: %w", store.ErrConflict)
}
