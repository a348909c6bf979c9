package desk

import (
	"context"
	"fmt"
	"time"

	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// MakeSourceToken makes the token with which an ENT asks what its médiacentre may show; its secret is given once. It is
// bound to one identity source, has no holder, and so acts for nobody anywhere. It lasts a year at most. Whoever connects
// the source makes it; a token makes no token.
func (d *Desk) MakeSourceToken(ctx context.Context, c roles.Caller, source, name string, until time.Time) (_ registry.Token, secret string, _ error) {
	return d.issue(ctx, c, "source_token_make", func(t *turn) (registry.Token, error) {
		t.entry.Source = source
		if err := inPerson(c, roles.EditSource); err != nil {
			return registry.Token{}, err
		}
		if _, err := t.may(roles.EditSource, roles.Target{Source: source}); err != nil {
			return registry.Token{}, err
		}
		if _, known := t.Source(source); !known {
			return registry.Token{}, &NotFound{"source", source}
		}
		var m mistakes
		m.text("name", name, mostName)
		m.say(!until.After(t.now), "until", "its end is past", "")
		m.say(until.After(t.now.AddDate(1, 0, 0)), "until", "a token lasts a year at most", t.now.AddDate(1, 0, 0).Format(time.RFC3339))
		return registry.Token{Name: plain(name), Source: source, Scopes: []string{}, Until: until.UTC()}, m.err()
	})
}

// SourceByToken finds the identity source whose token a secret is. ErrToken for any other secret, a person's own token
// included; registry.ErrStale while the registry cannot be read. Whether the source may speak is for the caller to see.
func (d *Desk) SourceByToken(secret string) (source string, err error) {
	s, err := d.Live.Current()
	if err != nil {
		return "", fmt.Errorf("desk: token: %w", err)
	}
	k, ok := tokenOf(s, secret)
	if !ok || k.Revoked || k.Source == "" || k.Holder != "" || !d.Now().Before(k.Until) {
		return "", ErrToken
	}
	return k.Source, nil
}

// ofToken is what ends a token, and whose it is: an ENT's is ended by whoever may stop the source.
func ofToken(k registry.Token) (roles.Act, roles.Target) {
	if k.Source != "" {
		return roles.SuspendSource, roles.Target{Source: k.Source}
	}
	return roles.RevokeToken, roles.Target{Holder: k.Holder}
}
