package app

import (
	"encoding/hex"
	"errors"

	"ecluse/internal/attrs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/consent"
	"ecluse/internal/login"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/portal"
	"ecluse/internal/registry"
	"ecluse/internal/store/sqldb"
)

// mountPortal adds the signed-in person's own pages.
func (g *gateway) mountPortal(reasons consent.Looks) {
	portal.Mount(g.mux, portal.Config{
		Kit: g.kit, Live: g.live, Words: g.words, Events: g.db.Audit(), Keys: histories{reasons, g.ring, g.people()},
		Visitor: g.flow.Visitor, Now: g.now,
		Favourites: &sqldb.Favourites{DB: g.db}, Would: g.would, Enter: login.ArriveAt,
		Preselect: g.flow.RememberSchool, Preselected: g.flow.School,
	})
}

// Marked implements portal.Keys.
func (h histories) Marked(handle string) string {
	return hex.EncodeToString(h.keys.Derive("favourites", handle)[:32])
}

// would tells the portal what a sign-in would let out: names alone.
func (g *gateway) would(s *registry.Snapshot, who person.Person, place policy.Place, service registry.Service) (portal.Forecast, error) {
	release, err := g.flow.Would(s, who, place, service)
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
		out.Kept = append(out.Kept, dictionary.Name(kept.Entry.Attr))
	}
	return out, nil
}

// foretold tells a no from what could not be found out.
func foretold(err error) error {
	var refusal *policy.Refusal
	var missing *attrs.Missing
	var oversize *attrs.Oversize
	if errors.As(err, &refusal) || errors.As(err, &missing) || errors.As(err, &oversize) {
		return err
	}
	return errors.Join(portal.ErrUnknown, err)
}
