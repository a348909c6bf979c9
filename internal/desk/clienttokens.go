package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// How long the tokens of an integrator last: to register a client, and to change it while it is a draft.
const (
	clientTokenDays   = 30
	clientManagesDays = 90
)

// errClient says that a client is no draft, or no longer.
func errClient(what string) error { return &Conflict{Code: "state", What: what} }

// MakeClientToken makes the token with which the integrator of a service registers its client over the network; its secret
// is given once. The service stands in the register, with a binding of that handle. The token is used up by the first
// registration, lasts 30 days at most, and does nothing that whoever made it may not do any more. A token makes no token.
func (d *Desk) MakeClientToken(ctx context.Context, c roles.Caller, service, handle, name string, until time.Time) (_ registry.Token, secret string, _ error) {
	return d.issue(ctx, c, "client_token_make", func(t *turn) (registry.Token, error) {
		t.entry.Service = service
		if err := inPerson(c, roles.EditService); err != nil {
			return registry.Token{}, err
		}
		if _, err := t.may(roles.EditService, roles.Target{Service: service}); err != nil {
			return registry.Token{}, err
		}
		if _, _, err := t.draftClient(service, handle); err != nil {
			return registry.Token{}, err
		}
		if err := t.clientTokenForm(name, until); err != nil {
			return registry.Token{}, err
		}
		return registry.Token{
			Name: plain(name), Holder: c.Handle, Held: frozen(c.Held, t.now), Scopes: []string{}, Until: until.UTC(), Service: service, Client: handle,
		}, nil
	})
}

func (t *turn) clientTokenForm(name string, until time.Time) error {
	var m mistakes
	last := t.now.AddDate(0, 0, clientTokenDays)
	m.text("name", name, mostName)
	m.say(!until.After(t.now), "until", "its end is past", "")
	m.say(until.After(last), "until", fmt.Sprintf("such a token lasts %d days at most", clientTokenDays), last.Format(time.RFC3339))
	return m.err()
}

// draftClient finds the place of a client that may still be registered from outside: no file manages its service, and no
// declaration of it has been handed in or decided, so that nothing changes under the eyes of whoever reviews or after.
func (t *turn) draftClient(service, handle string) (registry.Service, int, error) {
	s, known := t.Service(service)
	if !known {
		return s, 0, &NotFound{"service", service}
	}
	if err := editable("service", service, s.ManagedBy); err != nil {
		return s, 0, err
	}
	i := slices.IndexFunc(s.Bindings, func(b registry.Binding) bool { return b.Protocol == "oidc" && b.Handle == handle })
	if i < 0 {
		return s, 0, &NotFound{"client", handle}
	}
	for _, d := range t.Declarations(service) {
		if !slices.Contains([]registry.State{"", registry.Draft, registry.ToCorrect, registry.Refused}, d.State) {
			return s, 0, errClient("the declaration of service " + service + " is out of its author's hands: its clients change at the desk")
		}
	}
	return s, i, nil
}

// ClientByToken finds the client that an integrator's secret is for, as it is registered now, and whether it was registered
// with it already. ErrToken for any other secret; registry.ErrStale while the registry cannot be read.
func (d *Desk) ClientByToken(secret string) (_ registry.Binding, manages bool, _ error) {
	s, err := d.Live.Current()
	if err != nil {
		return registry.Binding{}, false, fmt.Errorf("desk: token: %w", err)
	}
	k, err := clientToken(s, secret, d.Now())
	if err != nil {
		return registry.Binding{}, false, err
	}
	service, binding, ok := s.Binding("oidc", k.Client)
	if !ok || service.ID != k.Service {
		return registry.Binding{}, false, ErrToken
	}
	return binding, k.Manages, nil
}

// clientToken is the integrator's token whose secret it is, if it is still good.
func clientToken(s *registry.Snapshot, secret string, now time.Time) (registry.Token, error) {
	k, ok := tokenOf(s, secret)
	if !ok || k.Revoked || k.Holder == "" || k.Client == "" || !now.Before(k.Until) {
		return registry.Token{}, ErrToken
	}
	return k, nil
}

// RegisterClient writes the settings of a client for the first time and uses the token up, in one change; another one, to
// change them with, comes back. was is what stood there when the settings were checked.
func (d *Desk) RegisterClient(ctx context.Context, secret string, was, next json.RawMessage) (manage string, _ error) {
	manage = newSecret()
	err := d.withClientToken(ctx, secret, "client_register", func(t *turn, k registry.Token) error {
		if k.Manages {
			return ErrToken
		}
		if err := d.putClient(t, k, was, next); err != nil {
			return err
		}
		used, managing := k, k
		used.Revoked = true
		managing.ID, managing.Hash, managing.Manages = newID(), hashSecret(manage), true
		managing.Made, managing.Until = t.now, t.now.AddDate(0, 0, clientManagesDays)
		t.change.Tokens = []registry.Token{used, managing}
		return nil
	})
	if err != nil {
		return "", err
	}
	return manage, nil
}

// ChangeClient writes the settings of a client anew, while it is a draft. over ends the token with it.
func (d *Desk) ChangeClient(ctx context.Context, secret string, was, next json.RawMessage, over bool) error {
	word := "client_change"
	if over {
		word = "client_remove"
	}
	return d.withClientToken(ctx, secret, word, func(t *turn, k registry.Token) error {
		if !k.Manages {
			return ErrToken
		}
		if over {
			k.Revoked = true
			t.change.Tokens = []registry.Token{k}
		}
		return d.putClient(t, k, was, next)
	})
}

// withClientToken acts for whoever made an integrator's token, who must still be allowed to. The token is looked up again
// in the turn itself, so that of two who show it at once one is refused.
func (d *Desk) withClientToken(ctx context.Context, secret, word string, f func(*turn, registry.Token) error) error {
	s, err := d.Live.Current()
	if err != nil {
		return fmt.Errorf("desk: token: %w", err)
	}
	k, err := clientToken(s, secret, d.Now())
	if err != nil {
		return err
	}
	by := roles.Caller{Handle: k.Holder, Held: k.Held, Scopes: []string{string(roles.EditService)}}
	err = d.act(ctx, by, word, func(t *turn) error {
		k, err := clientToken(t.Snapshot, secret, t.now)
		if err != nil {
			return err
		}
		t.entry.Service = k.Service
		t.detail("token", k.ID)
		if _, err := t.may(roles.EditService, roles.Target{Service: k.Service}); err != nil {
			return err
		}
		return f(t, k)
	})
	var denied *roles.Denied
	if errors.As(err, &denied) {
		return ErrToken // whoever made it may not any more: that is theirs to know, and stands in the journal
	}
	return err
}

// putClient writes settings in the place of those that were looked at.
func (d *Desk) putClient(t *turn, k registry.Token, was, next json.RawMessage) error {
	s, i, err := t.draftClient(k.Service, k.Client)
	if err != nil {
		return err
	}
	if !bytes.Equal(s.Bindings[i].Settings, was) {
		return &Conflict{Code: "changed", What: "somebody else has changed it since you looked"}
	}
	s.Bindings = slices.Clone(s.Bindings)
	s.Bindings[i].Settings = next
	if err := d.serviceForm(t.Snapshot, s).err(); err != nil {
		return err
	}
	t.change.Services = []registry.Service{s}
	return nil
}
