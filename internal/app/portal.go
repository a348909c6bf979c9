package app

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/consent"
	"ecluse/internal/desk"
	"ecluse/internal/login"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/portal"
	"ecluse/internal/portal/mediacentre"
	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/store/sqldb"
)

// mountPortal adds the signed-in person's own pages, and what an ENT may show of them.
func (g *gateway) mountPortal(reasons consent.Looks) {
	portal.Mount(g.mux, portal.Config{
		Kit: g.kit, Live: g.live, Words: g.words, Events: g.db.Audit(), Keys: histories{reasons, g.ring, g.people()},
		Visitor: g.flow.Visitor, Now: g.now,
		Favourites: &sqldb.Favourites{DB: g.db}, About: g.aboutWhom, Foresee: g.foresee, Enter: login.ArriveAt,
		Preselect: g.flow.RememberSchool, Preselected: g.flow.School,
	})
	mediacentre.Mount(g.mux, mediacentre.Config{
		Kit: g.kit, Live: g.live, Now: g.now, Visitor: g.asksForThemselves, Count: g.asksThisMinute,
		Source: func(secret string) (string, error) {
			source, err := g.desk.SourceByToken(secret)
			if errors.Is(err, desk.ErrToken) {
				err = mediacentre.ErrToken
			}
			return source, err
		},
		Foresee: g.enters,
	})
}

// kindAsked counts the questions of a médiacentre in one minute, for all replicas together.
const kindAsked store.Kind = "mediacentre"

func (g *gateway) asksThisMinute(ctx context.Context, name string) (int64, error) {
	return g.tickets.Increment(ctx, kindAsked, name+" "+g.now().UTC().Format("200601021504"), 2*time.Minute)
}

// asksForThemselves is who is signed in, under a name that counts their questions and says nothing of them.
func (g *gateway) asksForThemselves(r *http.Request) (who person.Person, count string, ok bool, err error) {
	if who, _, ok, err = g.flow.Visitor(r); ok && err == nil {
		count = hex.EncodeToString(g.ring.Derive("mediacentre count", who.Key.Handle(g.ring))[:32])
	}
	return who, count, ok, err
}

// Marked implements portal.Keys.
func (h histories) Marked(handle string) string {
	return hex.EncodeToString(h.keys.Derive("favourites", handle)[:32])
}

// foresee tells the portal what sign-ins would let out: names alone.
func (g *gateway) foresee(ctx context.Context, s *registry.Snapshot, who person.Person) (portal.Would, error) {
	ask, err := g.flow.Foresee(ctx, s, who)
	if err != nil {
		return nil, err
	}
	return func(place policy.Place, service registry.Service) (portal.Forecast, error) {
		release, err := ask(place, service)
		if err != nil {
			return portal.Forecast{}, foretold(err)
		}
		d := release.Declaration()
		out := portal.Forecast{Declaration: d.ID, Version: d.Version, Number: release.Numbered() || !release.Nominative()}
		for _, item := range release.Items() {
			if item.Entry.Attr != "pseudonym" {
				out.Sent = append(out.Sent, portal.Said{Name: item.Entry.Attr, Why: item.Justification})
			}
		}
		for _, kept := range release.Withheld() {
			out.Kept = append(out.Kept, kept.Entry.Attr)
		}
		return out, nil
	}, nil
}

// enters tells a médiacentre whether somebody could be answered, and no more.
func (g *gateway) enters(ctx context.Context, s *registry.Snapshot, who person.Person) (func(policy.Place, registry.Service) error, error) {
	ask, err := g.flow.Foresee(ctx, s, who)
	if err != nil {
		return nil, err
	}
	return func(place policy.Place, service registry.Service) error {
		_, err := ask(place, service)
		return err
	}, nil
}

// foretold tells a no from what could not be found out.
func foretold(err error) error {
	var refusal *policy.Refusal
	var missing *attrs.Missing
	var oversize *attrs.Oversize
	switch {
	case errors.Is(err, consent.ErrClosed):
		return portal.ErrClosed
	case errors.Is(err, consent.ErrParents):
		return portal.ErrParents
	}
	if errors.As(err, &refusal) || errors.As(err, &missing) || errors.As(err, &oversize) {
		return err
	}
	return errors.Join(portal.ErrUnknown, err)
}
