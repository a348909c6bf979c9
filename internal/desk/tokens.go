package desk

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// A token's secret is a fixed beginning, by which scanners of files recognise one that was lost, and 256 random bits.
const (
	tokenPrefix = "ecl_"
	tokenChars  = 43 // digits of base 62 that hold 256 bits
	heldHours   = 12
)

// ErrToken says that a secret is no token's, or no longer: which of the two is not told.
var ErrToken = errors.New("this token is not known, or over")

func newSecret() string {
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // it never fails, or the program ends
	text := new(big.Int).SetBytes(raw[:]).Text(62)
	return tokenPrefix + strings.Repeat("0", tokenChars-len(text)) + text
}

func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// MakeToken makes a token for the caller; its secret is given once. It lasts a year at most, and does no more than its
// scopes and its holder may at each act. Roles by federation go with it for 12 hours at most, because nobody vouches for
// them again; appointments are looked up as ever. A token makes no token. A scope that names an act which wants a step-up
// wants one here, because no token can step up later.
func (d *Desk) MakeToken(ctx context.Context, c roles.Caller, name string, scopes []string, until time.Time) (_ registry.Token, secret string, _ error) {
	return d.issue(ctx, c, "token_make", func(t *turn) (registry.Token, error) {
		if err := inPerson(c, roles.MakeToken); err != nil {
			return registry.Token{}, err
		}
		if _, err := t.may(roles.MakeToken, roles.Target{Holder: c.Handle}); err != nil {
			return registry.Token{}, err
		}
		if err := t.tokenForm(name, scopes, until); err != nil {
			return registry.Token{}, err
		}
		made := registry.Token{
			Name: plain(name), Holder: c.Handle, Held: frozen(c.Held, t.now), Scopes: slices.Compact(slices.Sorted(slices.Values(scopes))), Until: until.UTC(),
		}
		if made.Stepped = roles.StepUpScopes(made.Scopes); made.Stepped {
			t.wants(roles.MakeToken, roles.Target{Holder: c.Handle})
			t.bind(append([]string{made.Name, made.Until.Format(time.RFC3339)}, made.Scopes...)...)
		}
		t.detail("scopes", strings.Join(made.Scopes, " "))
		return made, nil
	})
}

// inPerson refuses an act to a token, and to whoever has no handle to answer for it.
func inPerson(c roles.Caller, act roles.Act) error {
	if c.Handle == "" || c.Scopes != nil {
		return &roles.Denied{Act: act, Why: "token"}
	}
	return nil
}

// issue makes the token that a form describes, with a secret of its own.
func (d *Desk) issue(ctx context.Context, c roles.Caller, word string, form func(*turn) (registry.Token, error)) (made registry.Token, secret string, _ error) {
	secret = newSecret()
	err := d.act(ctx, c, word, func(t *turn) (err error) {
		if made, err = form(t); err != nil {
			return err
		}
		made.ID, made.Hash, made.Made = newID(), hashSecret(secret), t.now
		t.detail("token", made.ID)
		t.change.Tokens = []registry.Token{made}
		return nil
	})
	if err != nil {
		return registry.Token{}, "", err
	}
	return withoutHash(made), secret, nil
}

func (t *turn) tokenForm(name string, scopes []string, until time.Time) error {
	var m mistakes
	m.text("name", name, mostName)
	m.say(len(scopes) == 0, "scopes", "what it may be used for is missing", fmt.Sprintf("some of %q", roles.Scopes()))
	for i, word := range scopes {
		m.say(!roles.KnownScope(word), fmt.Sprintf("scopes[%d]", i), fmt.Sprintf("%q is not known", word), fmt.Sprintf("some of %q", roles.Scopes()))
	}
	m.say(!until.After(t.now), "until", "its end is past", "")
	m.say(until.After(t.now.AddDate(1, 0, 0)), "until", "a token lasts a year at most", t.now.AddDate(1, 0, 0).Format(time.RFC3339))
	return m.err()
}

// frozen is what a federation vouched for, as far as a token may rely on it.
func frozen(held []registry.Held, now time.Time) []registry.Held {
	out := slices.Clone(held)
	last := now.Add(heldHours * time.Hour)
	for i, h := range out {
		if h.Until.After(last) {
			out[i].Until = last
		}
	}
	return out
}

func withoutHash(k registry.Token) registry.Token {
	k.Hash = ""
	return k
}

// RevokeToken ends a token: one's own, or one in the perimeter of whoever looks after access.
func (d *Desk) RevokeToken(ctx context.Context, c roles.Caller, id string) error {
	return d.settle(ctx, c, "token_revoke", func(t *turn) error {
		t.detail("token", id)
		all := t.Tokens()
		i := slices.IndexFunc(all, func(k registry.Token) bool { return k.ID == id })
		act, on := roles.RevokeToken, roles.Target{}
		if i >= 0 {
			act, on = ofToken(all[i])
		}
		if _, err := t.may(act, on); err != nil {
			return err
		}
		if i < 0 {
			return &NotFound{"token", id}
		}
		next := all[i]
		if next.Revoked {
			return errIdle
		}
		next.Revoked = true
		t.change.Tokens = []registry.Token{next}
		return nil
	})
}

// ByToken finds whose secret it is. ErrToken for a secret that is malformed, unknown, revoked or over, without telling
// which; it is looked up by its hash, so how long that takes says nothing of it. registry.ErrStale while the registry
// cannot be read.
func (d *Desk) ByToken(secret string) (roles.Caller, error) {
	s, err := d.Live.Current()
	if err != nil {
		return roles.Caller{}, fmt.Errorf("desk: token: %w", err)
	}
	k, ok := tokenOf(s, secret)
	now := d.Now()
	if !ok || k.Revoked || k.Holder == "" || k.Source != "" || k.Client != "" || !now.Before(k.Until) {
		return roles.Caller{}, ErrToken
	}
	held := slices.DeleteFunc(slices.Clone(k.Held), func(h registry.Held) bool { return !now.Before(h.Until) })
	scopes := append([]string{}, k.Scopes...) // never nil, which would be everything
	return roles.Caller{Handle: k.Holder, Held: held, Scopes: scopes, Stepped: k.Stepped}, nil
}

// tokenOf is the token whose secret it is, if it has the form of one.
func tokenOf(s *registry.Snapshot, secret string) (registry.Token, bool) {
	if len(secret) != len(tokenPrefix)+tokenChars || !strings.HasPrefix(secret, tokenPrefix) {
		return registry.Token{}, false
	}
	return s.TokenByHash(hashSecret(secret))
}
