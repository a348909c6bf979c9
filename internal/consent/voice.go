package consent

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// Voice is who speaks about a person's data.
type Voice string

// The voices.
const (
	Self       Voice = "self"       // the person themself, child or grown up
	Holder     Voice = "holder"     // a holder of parental authority, for a child
	Controller Voice = "controller" // whoever answers for the service where the person is: closes it for them, opens it again
)

// Speaker is who speaks, and about whom. A person is a list of handles (person.Key.Handle), one for each key by which they
// were ever known, that of today first: what is said is looked for under all of them and filed under the first.
type Speaker struct {
	Voice Voice
	Of    []string // whom it concerns
	By    []string // the holder of parental authority; nil for the other voices

	// Authority is who named the holder. One authority names a person once, so that two holders whom it names are two
	// people; of two that different authorities name nobody knows it.
	Authority string
}

// People knows by which keys somebody was ever known.
type People interface {
	// Handles lists the handles of every key of a person, that of own first. It files nothing.
	Handles(ctx context.Context, own person.Key) ([]string, error)
}

// ErrNoAuthority says that somebody speaks for a child over whom no source says that they hold parental authority.
var ErrNoAuthority = errors.New("no source says that they hold parental authority over this child")

// Myself is a person who speaks of their own data.
func (l *Ledger) Myself(ctx context.Context, p person.Person) (Speaker, error) {
	of, err := l.handles(ctx, p.Key)
	return Speaker{Voice: Self, Of: of}, err
}

// HolderOf is a person who speaks for one of the children that their source names. It is ErrNoAuthority unless the source
// says that they hold parental authority: unknown is no.
func (l *Ledger) HolderOf(ctx context.Context, p person.Person, child person.Key) (Speaker, error) {
	if child.IsZero() || !slices.ContainsFunc(p.Wards, func(w person.Ward) bool { return w.Child == child && w.Authority == person.Yes }) {
		return Speaker{}, ErrNoAuthority
	}
	of, err := l.handles(ctx, child)
	if err != nil {
		return Speaker{}, err
	}
	by, err := l.handles(ctx, p.Key)
	return Speaker{Voice: Holder, Of: of, By: by, Authority: p.Key.Authority}, err
}

func (l *Ledger) handles(ctx context.Context, key person.Key) ([]string, error) {
	if key.IsZero() {
		return nil, errors.New("consent: nobody's key")
	}
	if l.People == nil {
		return []string{key.Handle(l.Keys)}, nil
	}
	of, err := l.People.Handles(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("consent: %w", err)
	}
	return of, nil
}

// Paper is the school's word that somebody said something on paper. It names functions and references, never a person.
type Paper struct {
	Office   string        // the function of whoever attests: chef d'établissement, directeur d'école
	By       string        // their handle at the desk
	UAI      person.UAI    // the establishment that keeps the paper
	Day      registry.Date // the day that the paper bears
	Document string        // its reference there
	Everyone bool          // all holders of parental authority signed, says the school
}

// Receipt is the trace of one act. Handle is a derivation of whom it concerns and the service, made for receipts alone:
// the table does not say who, and no service holds it. What was said under one declaration is said under no other:
// somebody who enters one service in two establishments under two declarations is told two things.
type Receipt struct {
	Handle      string
	Service     string
	Declaration string // empty for the controller's voice, which speaks of the service
	Version     int
	Substance   string
	Act         Act
	At          time.Time // when it was said: for a paper, in the course of its day
	Filed       time.Time // when it was written down here; never before At
	Voice       Voice
	Alone       bool          // a pupil of the age at which nobody else is asked; true for whoever is no pupil
	By          string        // which holder: a derivation made for this service; empty for a paper that names none
	Among       string        // who named the holder, likewise derived
	Paper       *Paper        // nil when it was said here, by sign-in
	Instead     registry.Text // of a closing: an equivalent activity, for the person to read
}

// no tells whether the act takes something away, or never gave it.
func (r Receipt) no() bool { return r.Act == Refused || r.Act == Withdrawn || r.Act == Closed }

// handle files what concerns a person at a service.
func handle(keys attrs.Deriver, of, service string) string {
	return hex.EncodeToString(keys.Derive("receipt", of, service)[:32])
}

// speaks files which holder spoke, apart for each service. It is not made for the child: one holder is one voice by whichever
// key the child is known, and must never be counted as two.
func speaks(keys attrs.Deriver, by, service string) string {
	return hex.EncodeToString(keys.Derive("receipt holder", by, service)[:16])
}

// names files which authority named a holder.
func names(keys attrs.Deriver, authority, service string) string {
	return hex.EncodeToString(keys.Derive("receipt authority", authority, service)[:16])
}
