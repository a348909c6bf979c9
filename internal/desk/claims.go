package desk

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// newWord makes a one-time word of 130 random bits, in groups of five that can be read aloud.
func newWord() string {
	word := rand.Text()
	var groups []string
	for ; len(word) > 5; word = word[5:] {
		groups = append(groups, word[:5])
	}
	return strings.Join(append(groups, word), "-")
}

// wordChars is how many characters a word has, without its dashes.
const wordChars = 26

// hashWord is what is kept of a word, or of two, however they were typed: case, spaces and dashes do not count.
func hashWord(word string) string {
	bare := bareWord(word)
	if isTwo(bare) {
		return joined(hashWord(bare[:wordChars]), bare[wordChars:])
	}
	sum := sha256.Sum256([]byte(bare))
	return hex.EncodeToString(sum[:])
}

// joined is what is kept of two words, from what is kept of the first: who has one of the two has nothing.
func joined(first, second string) string {
	sum := sha256.Sum256([]byte(first + " " + bareWord(second)))
	return hex.EncodeToString(sum[:])
}

func isTwo(word string) bool { return len(bareWord(word)) == 2*wordChars }

func bareWord(word string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToUpper(strings.TrimSpace(word)))
}

// errWord is the one answer to a word that does not fit, whatever the cause.
func errWord() error {
	return &Conflict{Code: "state", What: "this word is not known, was used, or is over"}
}

// Claim binds a confirmed appointment to the caller, who must be neither the one who proposed nor the one who confirmed it.
// A word works once, until the appointment's last day. It is looked up by its hash, so how long that takes says nothing of
// it. A word that is unknown, was used, waits to be confirmed or is over gives one and the same *Conflict.
func (d *Desk) Claim(ctx context.Context, c roles.Caller, word string) (registry.Appointment, error) {
	return d.claim(ctx, c, word, func(registry.Appointment) bool { return true })
}

// ClaimUnsigned is Claim for a handle that was made for the occasion, of somebody who did not sign in. Whoever proposed an
// appointment knows its word too, and could not be told from whom it is for: so it takes the words of the command line,
// those of people whom no federation of ours knows, and two words together, of which whoever proposed knows one and whoever
// confirmed the other. Any other word is one that does not fit.
func (d *Desk) ClaimUnsigned(ctx context.Context, handle, word string) (registry.Appointment, error) {
	return d.claim(ctx, roles.Caller{Handle: handle}, word, func(a registry.Appointment) bool {
		outside := []registry.Role{registry.Provider, registry.Collectivite, registry.Auditor}
		return a.Author == adminLink || isTwo(word) || slices.Contains(outside, a.Role)
	})
}

func (d *Desk) claim(ctx context.Context, c roles.Caller, word string, fits func(registry.Appointment) bool) (registry.Appointment, error) {
	var made registry.Appointment
	err := d.act(ctx, c, "appointment_claim", func(t *turn) error {
		if err := inPerson(c, "claim"); err != nil {
			return err
		}
		hash := hashWord(word)
		all := t.Appointments()
		i := slices.IndexFunc(all, func(a registry.Appointment) bool { return a.Claim == hash })
		if i < 0 {
			return errWord()
		}
		next := all[i]
		if next.State != registry.ConfirmedApp || next.Holder != "" || !fits(next) || !t.now.Before(next.Until.Ends(t.Zone())) {
			return errWord()
		}
		confirmed := slices.ContainsFunc(next.Decisions, func(by registry.Decision) bool { return by.By == c.Handle })
		if next.Author == c.Handle || confirmed {
			return &roles.Denied{Act: "claim", Why: "own_act"}
		}
		next.Holder, next.Since = c.Handle, t.now
		t.detail("appointment", next.ID)
		t.detail("role", string(next.Role))
		t.change.Appointments = []registry.Appointment{next}
		made = withoutClaim(next)
		return nil
	})
	return made, err
}

// PutDelegation registers that holders of a function act for the head of an establishment, with the act's reference and
// dates. It is the head's, who must be the head and not act for one, or the recteur's. Ending one early is a change of its
// last day.
func (d *Desk) PutDelegation(ctx context.Context, c roles.Caller, g registry.Delegation) (registry.Delegation, error) {
	if g.ID == "" {
		g.ID = newID()
	}
	g.ManagedBy = ""
	err := d.settle(ctx, c, "delegation_put", func(t *turn) error {
		t.at(g.UAI)
		t.detail("delegation", g.ID)
		all := t.Delegations()
		i := slices.IndexFunc(all, func(o registry.Delegation) bool { return o.ID == g.ID })
		if err := t.mayDelegate(g); err != nil {
			return err
		}
		if i >= 0 {
			if err := t.redelegable(all[i], g); err != nil {
				return err
			}
		}
		m := mistakes(g.Check())
		e, known := t.Establishment(g.UAI)
		m.say(!known, "uai", fmt.Sprintf("%s is not registered", g.UAI), "")
		m.say(known && e.ClosedAt(t.now, t.Zone()), "uai", fmt.Sprintf("%s is closed", g.UAI), "")
		if err := m.err(); err != nil {
			return err
		}
		t.bind(g.Function, g.Act, g.From.String(), g.Until.String())
		t.detail("until", g.Until.String())
		t.change.Delegations = []registry.Delegation{g}
		return nil
	})
	if err != nil {
		return registry.Delegation{}, err
	}
	return g, nil
}

// mayDelegate asks whether the caller may give the role of a deputy there. Who gives the technical roles does not give
// this one.
func (t *turn) mayDelegate(g registry.Delegation) error {
	deputy := registry.Appointment{Role: registry.Deputy, Over: registry.Over{UAIs: []person.UAI{g.UAI}}}
	in, err := t.may(roles.Appoint, target(deputy))
	if err != nil {
		return err
	}
	if in.Role != registry.HeadOfSchool && in.Role != registry.Recteur {
		return &roles.Denied{Act: roles.Appoint, Why: "role", Who: []registry.Role{registry.HeadOfSchool, registry.Recteur}}
	}
	return nil
}

// redelegable keeps a delegation what it was: the same establishment, function and act, other dates. What was signed under
// it cites it.
func (t *turn) redelegable(old, g registry.Delegation) error {
	if old.UAI != g.UAI {
		return &NotFound{"delegation", g.ID}
	}
	if err := editable("delegation", g.ID, old.ManagedBy); err != nil {
		return err
	}
	if old.Function != g.Function || old.Act != g.Act {
		return &Conflict{Code: "state", What: "acts were signed under this delegation: only its dates change"}
	}
	if old == g {
		return errIdle
	}
	return nil
}
