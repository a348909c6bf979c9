package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"ecluse/internal/admin/api"
	"ecluse/internal/admin/frame"
	"ecluse/internal/attrs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/audit"
	"ecluse/internal/canary"
	"ecluse/internal/consent"
	"ecluse/internal/desk"
	"ecluse/internal/federation"
	"ecluse/internal/idp"
	"ecluse/internal/idp/console"
	"ecluse/internal/idp/oidcop"
	"ecluse/internal/keybook"
	"ecluse/internal/keys"
	"ecluse/internal/login"
	"ecluse/internal/notices"
	"ecluse/internal/portal/published"
	"ecluse/internal/registry"
	"ecluse/internal/stepup"
	"ecluse/internal/store"
	"ecluse/internal/store/redisdb"
	"ecluse/internal/store/sqldb"
	"ecluse/internal/upstream"
	"ecluse/internal/web"
)

// base is what every command that touches the data needs: the database, the keys, the journal, the registry. It is
// opened by openBase and closed once.
type base struct {
	config  Config
	zone    *time.Location
	now     func() time.Time
	log     *slog.Logger
	db      *sqldb.DB
	ring    *keys.Ring
	journal *audit.Journal
	store   *sqldb.Registry
	words   *dictionary.Dictionary
	shipped registry.Contents // what comes with the program
	engine  *attrs.Engine
	closers closers
}

// closers are run backwards, each once.
type closers []func() error

func (c *closers) add(f func() error) { *c = append(*c, f) }

func (c *closers) close() error {
	var problems []error
	for i := len(*c) - 1; i >= 0; i-- {
		problems = append(problems, (*c)[i]())
	}
	*c = nil
	return errors.Join(problems...)
}

// openBase opens database and keys. role names this process in the journal: serve, demo, apply.
func openBase(ctx context.Context, c Config, role string, now func() time.Time, log *slog.Logger) (_ *base, err error) {
	b := &base{config: c, now: now, log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.closers.close())
		}
	}()
	if b.zone, err = time.LoadLocation(c.TimeZone); err != nil {
		return nil, fmt.Errorf("time_zone: %w", err)
	}
	location, err := c.secretOr(c.Store.URL, c.Store.URLFile)
	if err != nil {
		return nil, fmt.Errorf("store.url_file: %w", err)
	}
	if b.db, err = sqldb.Open(ctx, c.sqlLocation(location), sqldb.Options{Now: now}); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	b.closers.add(b.db.Close)
	master, err := keys.ReadMaster(c.path(c.MasterSecretFile))
	if err != nil {
		return nil, fmt.Errorf("master_secret_file: %w", err)
	}
	if b.ring, err = keys.Open(ctx, keys.Config{Store: b.db.Keys(), Master: master, Host: host(c.PublicURL), Now: now}); err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	b.journal, err = audit.New(audit.Config{
		Store: b.db.Audit(), MAC: b.ring, Writer: audit.WriterID(role), Class: audit.ClassSystem, Now: now,
	})
	if err != nil {
		return nil, err
	}
	b.store = &sqldb.Registry{DB: b.db, Journal: b.journal}
	if b.words, err = c.words(); err != nil {
		return nil, err
	}
	if b.shipped, err = shipped(); err != nil {
		return nil, err
	}
	b.engine = &attrs.Engine{Dictionary: b.words, Keys: b.ring, Scope: host(c.PublicURL), Relay: attrs.Relay(c.Relay)}
	return b, nil
}

// sqlLocation reads a relative SQLite path beside the configuration file.
func (c Config) sqlLocation(location string) string {
	u, err := url.Parse(location)
	if err == nil && (u.Scheme == "" || u.Scheme == "sqlite") && u.Opaque+u.Path != "" && u.Host == "" {
		return "sqlite:" + c.path(u.Opaque+u.Path)
	}
	return location
}

func host(public string) string {
	u, err := url.Parse(public)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// tickets opens the store of what is short-lived and puts the sealing wrapper around it: nobody else does.
func (b *base) tickets(ctx context.Context) (store.Tickets, error) {
	location, err := b.config.secretOr(b.config.Store.TicketsURL, b.config.Store.TicketsURLFile)
	if err != nil {
		return nil, fmt.Errorf("store.tickets_url_file: %w", err)
	}
	if location == "" {
		return store.Sealed(b.db.Tickets(), b.ring), nil
	}
	redisdb.LogTo(b.log)
	redis, err := redisdb.Open(ctx, location, redisdb.Options{Now: b.now})
	if err != nil {
		return nil, fmt.Errorf("store.tickets_url: %w", err)
	}
	b.closers.add(redis.Close)
	return store.Sealed(redis, b.ring), nil
}

// gateway is the public side, assembled.
type gateway struct {
	*base
	flow    *login.Flow
	live    *registry.Live
	kit     *web.Kit
	mux     *web.Mux
	meter   *metrics
	tickets store.Tickets
	console *console.Console
	oidc    *oidcop.Provider
	canary  *canary.Canary
	desk    *desk.Desk
	frame   *frame.Frame // what the desk's pages share
	steps   *stepup.Book // by which second means somebody shows that it is them

	metadata *federation.Federation // of others; nil where none is kept

	mails *post // nil where none are sent

	chain *chainCheck // made when it is first asked for, before serving
}

// sides is what the demo adds to a gateway.
type sides struct {
	demo        bool
	stepUp      bool // the demo asks for second means, as any other gateway does
	connectors  connectorMaker
	development bool // plain http return addresses on loopback are accepted
}

// assemble makes the public side on an open base. Every interface that a package declares is filled here and nowhere else.
func assemble(ctx context.Context, b *base, extra sides) (*gateway, error) {
	g := &gateway{base: b, meter: newMetrics(Version())}
	g.live = &registry.Live{Store: b.store, Zone: b.zone, Now: b.now, Shipped: b.shipped, Failed: func(err error) {
		g.meter.stale.Inc()
		b.log.Error("the registry could not be read", "error", err)
	}}
	if err := g.live.Refresh(ctx); err != nil {
		return nil, err
	}
	var err error
	if g.tickets, err = b.tickets(ctx); err != nil {
		return nil, err
	}
	if g.kit, err = g.newKit(extra); err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	if err := g.newCanary(); err != nil {
		return nil, err
	}
	if err := g.newMetadata(extra.development); err != nil {
		return nil, err
	}
	protocols, err := newProtocols(g, extra.development)
	if err != nil {
		return nil, err
	}
	if g.steps, err = g.newSteps(); err != nil {
		return nil, err
	}
	g.desk = g.newDesk(protocols, extra)
	if g.mails, err = g.newMails(); err != nil {
		return nil, err
	}
	connectors, setUp, err := g.newConnectors(ctx, extra)
	if err != nil {
		return nil, err
	}
	shared, err := networks(b.config.SharedNetworks)
	if err != nil {
		return nil, fmt.Errorf("shared_networks: %w", err)
	}
	g.flow = g.newFlow(protocols, connectors, setUp, shared)
	g.mux = web.NewMux(g.kit)
	g.flow.Mount(g.mux)
	g.mountCharters()
	g.mountNotices()
	g.mountPublished()
	g.mountDesk()
	g.desk.Agreements = g.flow.Book.Ledger()
	if err := errors.Join(g.mountSimulator(), g.mountWizard(extra.development), g.mountHandbook()); err != nil {
		return nil, err
	}
	g.mountRights()
	g.mountGuardians()
	if err := g.mountAPI(); err != nil {
		return nil, err
	}
	return g, nil
}

// limits are how long sign-ins and sessions last.
func (b *base) limits() login.Limits {
	long := b.config.Sessions
	return login.Limits{
		Transaction: long.Transaction, Idle: long.Idle, Shared: long.Shared, Session: long.Absolute, Later: long.Later,
		Recent: login.DefaultLimits().Recent,
	}
}

// newFlow makes the thread of a sign-in.
func (g *gateway) newFlow(protocols map[string]idp.Protocol, connectors map[string]upstream.Connector, setUp map[string]registry.Source, shared []netip.Prefix) *login.Flow {
	return &login.Flow{
		Live: watched{g.live, g.canary}, Engine: g.engine,
		Book:   &consent.Book{Store: &sqldb.Receipts{DB: g.db, Journal: g.journal}, Keys: g.ring, People: g.people(), Past: g.live.Current, Now: g.now},
		People: g.people(), Charters: g.charters(), Guardians: g.guardians(),
		Journal: g.journal, Tickets: g.tickets, Keys: g.ring, Kit: g.kit, Protocols: protocols, Connectors: connectors, SetUp: setUp,
		Meter: g.meter, Log: g.log, Now: g.now, SharedNetworks: shared, Wishes: wishes{g}, Home: login.OwnPages()["sites"],
		Limits: g.limits(),
	}
}

func (g *gateway) newKit(extra sides) (*web.Kit, error) {
	proxies, err := web.ParseProxies(g.config.TrustedProxies)
	if err != nil {
		return nil, err
	}
	return web.New(web.Config{
		Product: "Écluse", PublicURL: g.config.PublicURL, Demo: extra.demo, Proxies: proxies, Zone: g.zone, Now: g.now,
		Contributions: contributions(), Programs: api.Programs, Offices: console.Home, Front: login.OwnPages()["sites"],
		Foot: append(notices.Foot(g.config.Accessibility), published.Foot()), Voices: g.config.voices(),
		Around: func(r *http.Request) web.Frame {
			switch {
			case g.flow == nil:
				return web.Frame{}
			case g.frame != nil && strings.HasPrefix(r.URL.Path, frame.Home):
				return g.frame.Surround(r, "")
			}
			return g.flow.Around(r)
		},
		Report: func(ctx context.Context, ref web.Ref, fault *web.Fault) {
			g.meter.faults.WithLabelValues(fault.Code).Inc()
			level := slog.LevelInfo
			if fault.Status >= 500 || fault.Status == 0 {
				level = slog.LevelError
			}
			g.log.Log(ctx, level, "an error page was shown", "ref", string(ref), "code", fault.Code, "error", brief(fault.Cause))
		},
		Panicked: func(context.Context, web.Ref) { g.meter.panics.Inc() },
		Observe:  g.meter.observe,
		Full:     new(room).Full,
	})
}

// newConnectors makes a connector for each registered source. A source that cannot be set up is left out and said: the
// others work on.
func (g *gateway) newConnectors(ctx context.Context, extra sides) (out map[string]upstream.Connector, setUp map[string]registry.Source, err error) {
	if err := g.live.Refresh(ctx); err != nil { // a slow start has made the view old
		return nil, nil, err
	}
	snapshot, err := g.live.Current()
	if err != nil {
		return nil, nil, err
	}
	out, setUp = map[string]upstream.Connector{}, map[string]registry.Source{}
	for _, source := range snapshot.Sources() {
		kind, known := connectorKinds(extra)[source.Connector]
		if !known {
			g.log.Error("a source's connector is not known or not allowed here", "source", source.ID, "connector", source.Connector)
			continue
		}
		connector, err := kind.make(g, source)
		if err != nil {
			g.log.Error("a source could not be set up", "source", source.ID, "error", err)
			continue
		}
		g.closers.add(connector.Close)
		out[source.ID], setUp[source.ID] = connector, source
	}
	return out, setUp, nil
}

var _ io.Closer = upstream.Connector(nil)

// protocolsOf lists protocols by name.
func protocolsOf(list ...idp.Protocol) map[string]idp.Protocol {
	out := map[string]idp.Protocol{}
	for _, p := range list {
		out[p.Name()] = p
	}
	return out
}

// longestCause bounds what one error page writes into the log, in bytes. The stack of a panic fits; the name of an
// element in a message from outside may be as long as the message.
const longestCause = 16 << 10

func brief(cause error) string {
	if cause == nil {
		return ""
	}
	text := cause.Error()
	if len(text) > longestCause {
		text = strings.ToValidUTF8(text[:longestCause], "") + "…"
	}
	return text
}

// people is the key book, whose years are the academy's school years.
func (b *base) people() *keybook.Book {
	return &keybook.Book{
		Store: &sqldb.Keybook{DB: b.db, Journal: b.journal}, Keys: b.ring,
		Now: func() time.Time { return b.now().In(b.zone) },
	}
}
