package app

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"ecluse/internal/attrs"
	"ecluse/internal/desk"
	"ecluse/internal/login"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// wishes takes to the desk what staff ask for on a refusal page. They act there under the handle they would have if they
// signed in to it, so that a wish made here and one made there are one.
type wishes struct{ *gateway }

var _ login.Wishes = wishes{}

// longestAbout is how long the name of a wish may be, in characters.
const longestAbout = 120

// Wish implements login.Wishes.
func (g wishes) Wish(ctx context.Context, who person.Person, uai person.UAI, about, reason string) error {
	snapshot, err := g.live.Current()
	if err != nil {
		return err
	}
	caller, err := g.staff(ctx, snapshot, who, uai)
	if err != nil {
		return err
	}
	if name := []rune(about); len(name) > longestAbout {
		about = string(name[:longestAbout])
	}
	_, err = g.desk.Wish(ctx, caller, uai, about, reason)
	var denied *roles.Denied
	var refused *desk.NotOffered
	var wrong *desk.Invalid
	if errors.As(err, &denied) || errors.As(err, &refused) || errors.As(err, &wrong) {
		return fmt.Errorf("%w: %w", login.ErrMayNot, err)
	}
	return err
}

// staff is somebody as the desk would know them, with what their profile in one establishment makes them there.
func (g wishes) staff(ctx context.Context, s *registry.Snapshot, who person.Person, uai person.UAI) (roles.Caller, error) {
	handle, err := g.deskHandle(ctx, s, who)
	if err != nil {
		return roles.Caller{}, err
	}
	caller := roles.Caller{Handle: handle}
	for _, a := range who.Affiliations {
		if a.UAI == uai && a.Holds(g.now()) {
			facts := map[string][]string{"uai": {string(a.UAI)}, "profile": {string(a.Profile)}, "functions": a.Functions}
			caller.Held = append(caller.Held, roles.FromFacts(facts, s, g.now())...)
		}
	}
	for i := range caller.Held {
		caller.Held[i].Source = who.Authn.Source
	}
	return caller, nil
}

// deskHandle is the pseudonym that the desk knows somebody by; one of the same kind for whoever the desk does not let in.
func (g wishes) deskHandle(ctx context.Context, s *registry.Snapshot, who person.Person) (string, error) {
	numbering := login.Numbering{People: g.people(), Engine: g.engine}
	for _, place := range policy.Places(s, g.now(), who, registry.Desk) {
		grant, err := policy.Gate(s, g.now(), policy.Ask{Person: who, Place: place, Service: registry.Desk})
		if err != nil {
			continue
		}
		request := attrs.Request{}
		if err := numbering.Serve(ctx, who, grant, &request); err != nil {
			return "", err
		}
		if release, err := g.engine.Release(who, grant, request); err == nil && release.Subject() != "" {
			return release.Subject(), nil
		}
	}
	return "staff-" + hex.EncodeToString(g.ring.Derive("desk wish", who.Key.Handle(g.ring))), nil
}
