package app

import (
	"context"
	"errors"
	"time"

	"ecluse/internal/accounts"
	"ecluse/internal/audit"
	"ecluse/internal/login"
	"ecluse/internal/registry"
	"ecluse/internal/store/sqldb"
	"ecluse/internal/upstream"
	"ecluse/internal/upstream/demo"
	"ecluse/internal/upstream/ldap"
	"ecluse/internal/upstream/local"
	"ecluse/internal/upstream/oidcrp"
	"ecluse/internal/upstream/samlsp"
)

// connectorKind is one kind of source: how one is set up, and what would keep it from being, without asking the source.
type connectorKind struct {
	make  connectorMaker
	check connectorChecker
}

// connectorMaker sets up one source.
type connectorMaker func(*gateway, registry.Source) (upstream.Connector, error)

// connectorChecker finds every mistake in what a source is set up with; path resolves the names of files.
type connectorChecker func(source registry.Source, path func(string) string, now time.Time) []registry.Finding

// demoKind is the source that makes people up.
const demoKind = "demo"

// connectorKinds lists every kind of source: one line each. The demo's makes people up, so it is there in the demo only.
func connectorKinds(extra sides) map[string]connectorKind {
	kinds := map[string]connectorKind{
		"ldap":             {newLDAP, checkLDAP},
		oidcrp.Name:        {newOIDC, checkOIDC},
		samlsp.Name:        {newSAML, checkSAML},
		accounts.Connector: {newLocal, checkLocal},
		demoKind:           {refuseDemo, checkDemo},
	}
	if extra.connectors != nil {
		kinds[demoKind] = connectorKind{extra.connectors, checkNothing}
	}
	return kinds
}

func checkLDAP(source registry.Source, path func(string) string, _ time.Time) []registry.Finding {
	_, found := ldap.ReadSettings(source, path)
	return found
}

func checkOIDC(source registry.Source, path func(string) string, _ time.Time) []registry.Finding {
	_, found := oidcrp.ReadSettings(source, path)
	return found
}

func checkSAML(source registry.Source, path func(string) string, now time.Time) []registry.Finding {
	_, found := samlsp.ReadSettings(source, path, now)
	return found
}

func checkLocal(source registry.Source, _ func(string) string, _ time.Time) []registry.Finding {
	return local.Check(source)
}

func checkDemo(registry.Source, func(string) string, time.Time) []registry.Finding {
	return []registry.Finding{{Where: "connector", What: errOutsideDemo.Error()}}
}

func checkNothing(registry.Source, func(string) string, time.Time) []registry.Finding { return nil }

func newLDAP(g *gateway, source registry.Source) (upstream.Connector, error) {
	return ldap.New(ldap.Config{
		Source: source, Kit: g.kit, Tickets: g.tickets, Keys: g.ring, Now: g.now, Log: g.log, Path: g.config.path,
	})
}

// signOutPage is where whoever comes back from a source's own sign-out sees whether they are signed in here.
const signOutPage = "/signout"

func newOIDC(g *gateway, source registry.Source) (upstream.Connector, error) {
	return oidcrp.New(oidcrp.Config{
		Source: source, Kit: g.kit, Tickets: g.tickets, Keys: g.ring, Now: g.now, Log: g.log, Path: g.config.path, After: signOutPage,
	})
}

func newSAML(g *gateway, source registry.Source) (upstream.Connector, error) {
	return samlsp.New(samlsp.Config{
		Source: source, Kit: g.kit, Tickets: g.tickets, Keys: g.ring, Now: g.now, Log: g.log, Path: g.config.path, Home: login.ArriveAt("sites"), About: g.config.asService(),
		Entities: g.published(),
	})
}

func newLocal(g *gateway, source registry.Source) (upstream.Connector, error) {
	return local.New(local.Config{
		Source: source, Accounts: g.accounts(), Kit: g.kit, Tickets: g.tickets, Keys: g.ring, Zone: g.zone, Now: g.now, Log: g.log,
	})
}

// accounts are the temporary accounts, the one table that names people.
func (b *base) accounts() *sqldb.Accounts {
	return &sqldb.Accounts{DB: b.db, Journal: b.journal, Zone: b.zone}
}

// removeAccounts removes temporary accounts some days after their last one.
func (b *base) removeAccounts(ctx context.Context) error {
	before := registry.DateOf(b.now().In(b.zone)).Add(-accounts.Kept)
	_, err := b.accounts().Purge(ctx, before, audit.Entry{Class: audit.ClassSystem, Action: "accounts_remove", Outcome: audit.Done})
	return err
}

// signOut signs out whoever is signed in by a temporary account that was closed, or whose password ended.
func (g *gateway) signOut(ctx context.Context, source, account string) error {
	c, ok := g.flow.Connectors[source].(*local.Connector)
	if !ok {
		return nil
	}
	return c.Ended(ctx, account)
}

func refuseDemo(*gateway, registry.Source) (upstream.Connector, error) { return nil, errOutsideDemo }

var errOutsideDemo = errors.New("the connector demo works in the demo only")

// demoConnector makes the demo's sources: the page of people, or the ENT when the source's settings say so.
func demoConnector(people demo.People, ent demo.ENT) connectorMaker {
	return func(g *gateway, source registry.Source) (upstream.Connector, error) {
		c := &demo.Connector{People: people, Kit: g.kit, Now: g.now}
		if isENT, _ := source.Settings["ent"].(bool); isENT {
			c.ENT = &ent
		}
		return c, nil
	}
}
