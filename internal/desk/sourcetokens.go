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
	var made registry.Token
	secret = newSecret()
	err := d.act(ctx, c, "source_token_make", func(t *turn) error {
		t.entry.Source = source
		if c.Handle == "" || c.Scopes != nil {
			return &roles.Denied{Act: roles.EditSource, Why: "token"}
		}
		if _, err := t.may(roles.EditSource, roles.Target{Source: source}); err != nil {
			return err
		}
		if _, known := t.Source(source); !known {
			return &NotFound{"source", source}
		}
		var m mistakes
		m.text("name", name, mostName)
		m.say(!until.After(t.now), "until", "its end is past", "")
		m.say(until.After(t.now.AddDate(1, 0, 0)), "until", "a token lasts a year at most", t.now.AddDate(1, 0, 0).Format(time.RFC3339))
		if err := m.err(); err != nil {
			return err
		}
		made = registry.Token{ID: newID(), Hash: hashSecret(secret), Name: plain(name), Source: source, Scopes: []string{}, Made: t.now, Until: until.UTC()}
		t.detail("token", made.ID)
		t.change.Tokens = []registry.Token{made}
		return nil
	})
	if err != nil {
		return registry.Token{}, "", err
	}
	return withoutHash(made), secret, nil
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
