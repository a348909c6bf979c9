package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"ecluse/internal/consent"
	"ecluse/internal/login"
	"ecluse/internal/person"
	"ecluse/internal/portal"
	"ecluse/internal/registry"
	"ecluse/internal/rights"
	"ecluse/internal/store/sqldb"
)

// Rights says how long a record is kept of what people asked of whoever answers for their data.
type Rights struct {
	KeepYears int `yaml:"keep_years"` // after the request was closed; what was written goes at once
}

// requests is where what people ask is kept. doors may be nil for whoever only looks.
func (b *base) requests(doors rights.Doors) *rights.Book {
	return &rights.Book{Store: &sqldb.Rights{DB: b.db, Journal: b.journal}, Keys: b.ring, Doors: doors, Now: b.now, Zone: b.zone}
}

// doors close and open services by the receipts that sign-ins look at.
type doors struct {
	login.Doors
	live *registry.Live
}

// Shut implements rights.Doors. Another service is told by its name.
func (d doors) Shut(ctx context.Context, who []string, service string, uai person.UAI, instead rights.Instead) error {
	text := registry.Text{FR: instead.Text, EN: instead.Text}
	if instead.Service != "" {
		view, err := d.live.Current()
		if err != nil {
			return err
		}
		if s, ok := view.Service(instead.Service); ok {
			text = s.Name
		}
	}
	return d.Doors.Shut(ctx, who, service, uai, text)
}

// mountRights adds the pages on which people ask, and has the desk answer.
func (g *gateway) mountRights() {
	book := g.requests(doors{g.flow.Doors(), g.live})
	sent := func(handle, service string) string { return consent.SubjectOf(g.ring, handle, service) }
	g.desk.Rights, g.desk.Sent = book, sent
	portal.MountRights(g.mux, portal.RightsConfig{
		Kit: g.kit, Live: g.live, Words: g.words, Events: g.db.Audit(), Visitor: g.flow.Visitor, Now: g.now, Requests: book,
		Own: g.people().Handles, Sent: sent, About: g.aboutWhom,
		Children: children, Enter: login.ArriveAt("requests"), Withdraw: withdrawAt,
	})
}

// children are those for whom somebody may ask: over whom they hold parental authority today, as login.Visitor gives them.
func children(_ context.Context, who person.Person) ([]person.Ward, error) {
	return slices.DeleteFunc(slices.Clone(who.Wards), func(w person.Ward) bool { return w.Authority != person.Yes }), nil
}

// aboutWhom is what a request holds of whom it is about.
func (g *gateway) aboutWhom(handle string) string { return rights.WhomOf(g.ring, handle) }

// sweepRights does what is due by itself, and counts what waits.
func (g *gateway) sweepRights(ctx context.Context) error {
	err := g.desk.Rights.Sweep(ctx, cmp.Or(g.config.Rights.KeepYears, DefaultConfig().Rights.KeepYears))
	counts, failed := g.desk.Rights.Store.Count(ctx, registry.DateOf(g.now().In(g.zone)), g.now())
	if failed == nil {
		g.meter.asked(counts)
	}
	return errors.Join(err, failed)
}

// RightsDue prints which requests of people wait for an answer, the overdue first: references, never what anybody wrote.
func RightsDue(ctx context.Context, c Config, out, logTo io.Writer) error {
	return onBase(ctx, c, "rights", logTo, func(b *base) error { return b.printRightsDue(ctx, out) })
}

func (b *base) printRightsDue(ctx context.Context, out io.Writer) error {
	book := b.requests(nil)
	list, err := book.Store.Current(ctx, b.now())
	if err != nil {
		return err
	}
	contents, err := b.store.Load(ctx)
	if err != nil {
		return err
	}
	names := map[person.UAI]registry.Establishment{}
	for _, e := range contents.Establishments {
		names[e.UAI] = e
	}
	slices.SortFunc(list, rights.ByUrgency)
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "DUE\t\tREFERENCE\tKIND\tSERVICE\tUAI\tWHO ANSWERS\tSTATE")
	waiting, late := 0, 0
	for _, r := range list {
		if !r.Pending() {
			continue
		}
		waiting++
		mark := ""
		if r.Overdue(b.now(), b.zone) {
			mark = "overdue"
			late++
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Due, mark, r.Ref, r.Kind, r.Service, r.UAI, names[r.UAI].Controller(), r.State)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%d requests wait for an answer, %d of them overdue\n", waiting, late)
	return err
}
