package charter

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/person"
)

// Group is in which quality somebody acknowledged, as far as a school counts it.
type Group string

// The groups.
const (
	Pupils    Group = "pupils"
	Staff     Group = "staff"
	Guardians Group = "guardians"
)

// groupOf is the group of a profile.
func groupOf(p person.Profile) Group {
	switch p {
	case person.Pupil:
		return Pupils
	case person.Guardian:
		return Guardians
	default:
		return Staff
	}
}

// Acknowledgement is the trace of somebody's having read a version. Handle is a derivation of the person's, made for this
// establishment and this year of the charter: the table says neither who nor what else the same person read.
type Acknowledgement struct {
	Handle  string
	UAI     person.UAI
	Year    int
	Version string
	Group   Group
	At      time.Time
}

// Store is what storage owes the charter. Every write goes with its journal entry in one transaction, durably.
type Store interface {
	// Acknowledged finds when a version was first acknowledged under one of some handles; found is false for never.
	Acknowledged(ctx context.Context, handles []string, version string) (at time.Time, found bool, err error)
	// Acknowledge files an acknowledgement. One that is there already is no error, and writes no entry.
	Acknowledge(ctx context.Context, a Acknowledgement, entry audit.Entry) error
	// Counts says how many acknowledged in an establishment in a year, by version and group.
	Counts(ctx context.Context, uai person.UAI, year int) ([]Count, error)
	// Attest files what a school attests of classes, each in the place of what was attested of it before in that year.
	Attest(ctx context.Context, list []Attestation, entry audit.Entry) error
	// Attested lists what a school attested in a year, by class.
	Attested(ctx context.Context, uai person.UAI, year int) ([]Attestation, error)
	// Purge removes the acknowledgements of before a moment, and journals how many. Without any it writes nothing.
	Purge(ctx context.Context, before time.Time, entry audit.Entry) (int, error)
}

// Deriver computes keyed values: the same for the same purpose and parts, unrelated otherwise, 64 bytes.
type Deriver interface {
	Derive(purpose string, parts ...string) []byte
}

// Book knows who acknowledged what. It is safe for concurrent use, also by several processes.
type Book struct {
	Store Store
	Keys  Deriver
	// Handles lists the handles of every key that means a person, that of today first; nil knows of one key only.
	Handles func(ctx context.Context, own person.Key) ([]string, error)
	Now     func() time.Time
}

// ErrChanged says that the version that somebody read is no longer the one that holds: it has to be shown.
var ErrChanged = errors.New("another version of the charter holds by now")

// Asks says what is left of a due: Nothing for who acknowledged this version this year in this establishment, under
// whichever of their keys. The zero time is never.
func (b *Book) Asks(ctx context.Context, who person.Key, d Due) (Duty, error) {
	if d.Duty == Nothing {
		return Nothing, nil
	}
	_, read, err := b.When(ctx, who, d)
	if err != nil || !read {
		return d.Duty, err
	}
	return Nothing, nil
}

// When finds when somebody acknowledged what is due, whether or not it is asked of them; found is false for never.
func (b *Book) When(ctx context.Context, who person.Key, d Due) (at time.Time, found bool, err error) {
	if who.IsZero() {
		return time.Time{}, false, errors.New("charter: nobody's key")
	}
	if d.Text.Version == "" {
		return time.Time{}, false, nil
	}
	own := []string{who.Handle(b.Keys)}
	if b.Handles != nil {
		if own, err = b.Handles(ctx, who); err != nil {
			return time.Time{}, false, fmt.Errorf("charter: %w", err)
		}
	}
	handles := make([]string, len(own))
	for i, handle := range own {
		handles[i] = b.handle(handle, d)
	}
	at, found, err = b.Store.Acknowledged(ctx, handles, d.Text.Version)
	if err != nil {
		return time.Time{}, false, fmt.Errorf("charter: %w", err)
	}
	return at, found, nil
}

// Acknowledge files that somebody read a version on a page, under their key of today. It is ErrChanged when that is not
// the version that is due. A second time changes nothing. ref is the reference number of the sign-in.
func (b *Book) Acknowledge(ctx context.Context, who person.Key, d Due, version, ref string) error {
	switch {
	case who.IsZero():
		return errors.New("charter: nobody's key")
	case d.Text.Version == "" || version != d.Text.Version:
		return ErrChanged
	}
	if _, read, err := b.When(ctx, who, d); err != nil || read {
		return err
	}
	own := who.Handle(b.Keys)
	entry := audit.Entry{
		Class: audit.ClassSignIn, Action: "charter_acknowledged", Outcome: audit.Done, Ref: ref, UAI: string(d.School.UAI),
		Subject: JournalSubject(b.Keys, own), Detail: d.words(),
	}
	err := b.Store.Acknowledge(ctx, Acknowledgement{
		Handle: b.handle(own, d), UAI: d.School.UAI, Year: d.Year, Version: version, Group: groupOf(d.Profile), At: b.Now(),
	}, entry)
	if err != nil {
		return fmt.Errorf("charter: %w", err)
	}
	return nil
}

// words are what the journal keeps of a text: which it was, never what it says.
func (d Due) words() map[string]string {
	return map[string]string{
		"charter": d.Text.Version, "year": strconv.Itoa(d.Year), "wording": string(d.Text.Wording), "level": string(d.Text.From), "how": "screen",
	}
}

// handle is under which an acknowledgement is filed: of this person, in this establishment, in this year.
func (b *Book) handle(own string, d Due) string {
	return hex.EncodeToString(b.Keys.Derive("charter acknowledgement", own, string(d.School.UAI), strconv.Itoa(d.Year))[:32])
}

// Mark names the putting off of what is due on one day, for a store of what is short-lived. It says nothing of the person.
func (b *Book) Mark(who person.Key, d Due, day string) string {
	return hex.EncodeToString(b.Keys.Derive("charter put off", who.Handle(b.Keys), string(d.School.UAI), d.Text.Version, day)[:32])
}

// JournalSubject is how the journal files a person's acknowledgements, from the handle of a key. No table has it, and what
// was sent of the person is filed under another.
func JournalSubject(keys Deriver, handle string) string {
	return hex.EncodeToString(keys.Derive("charter journal subject", handle)[:32])
}
