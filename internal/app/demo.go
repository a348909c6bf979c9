package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ecluse/internal/demo"
	"ecluse/internal/idp"
	"ecluse/internal/keys"
	"ecluse/internal/registry"
	demosource "ecluse/internal/upstream/demo"
)

// DemoOptions are the flags of `gateway demo`.
type DemoOptions struct {
	Data      string // where to keep things; a temporary folder that goes with the demo when empty
	With      string // a folder of further files, applied as demo data
	Listen    string
	OpsListen string
	TLS       TLS       // everything over TLS, on the same hosts
	Certs     string    // where clients show certificates of their own, by TLS; nowhere when empty
	StepUp    bool      // approvals and what else wants it ask for a second means; without it the sign-in counts as one
	Out       io.Writer // addresses and people
	LogTo     io.Writer
	ECP       bool             // for tests: saml.ecp, programs may send passwords
	LogLevel  string           // for tests; warn when empty
	Now       func() time.Time // for tests; time.Now when nil
	Canary    float64          // for tests: the share of messages that the canary looks at; all of them when zero
}

// Demo starts a gateway that needs nothing: one SQLite file, invented people, relying parties and an ENT on sites of
// their own. It approves its own declarations, and nothing else anywhere does.
func Demo(ctx context.Context, o DemoOptions) (_ *App, err error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	var undo closers
	defer func() {
		if err != nil {
			err = errors.Join(err, undo.close())
		}
	}()
	dir, cleanup, err := demoFolder(o.Data)
	if err != nil {
		return nil, err
	}
	undo.add(cleanup)
	l, err := listen(o.Listen, o.OpsListen)
	if err != nil {
		return nil, err
	}
	undo.add(l.close)
	config, err := demoConfig(o, dir, l.public.Addr())
	if err != nil {
		return nil, err
	}
	log, err := newLogger(config.Log, o.LogTo)
	if err != nil {
		return nil, err
	}
	b, err := openBase(ctx, config, "demo", o.Now, log)
	if err != nil {
		return nil, err
	}
	undo.add(b.closers.close)
	g, world, people, err := demoGateway(ctx, b, o, l.public.Addr())
	if err != nil {
		return nil, err
	}
	a, err := start(g, l, demoHosts(g, world))
	if err != nil {
		return nil, err
	}
	a.cleanup.add(cleanup)
	if o.Out == nil {
		return a, nil // nobody looks at it
	}
	forget, err := pointAt(dir)
	if err != nil {
		return nil, errors.Join(err, a.Stop(ctx))
	}
	a.cleanup.add(forget)
	greet(o.Out, config, dir, world, people, a)
	return a, nil
}

// demoGateway fills the registry and puts the gateway and the outside world together.
func demoGateway(ctx context.Context, b *base, o DemoOptions, at net.Addr) (*gateway, *demo.World, demosource.People, error) {
	people, err := gatherPeople(b.config.dir, o.With)
	if err != nil {
		return nil, nil, nil, err
	}
	world, err := newWorld(b, people, at, o.Now)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("demo: %w", err)
	}
	if err := fillDemo(ctx, b, o, world); err != nil {
		return nil, nil, nil, err
	}
	if err := errors.Join(keepPeople(b.config.dir, people), keepAddress(b.config.dir, b.config.PublicURL)); err != nil {
		return nil, nil, nil, err
	}
	if err := appointDemo(ctx, b); err != nil {
		return nil, nil, nil, err
	}
	secret := entSecret(b)
	ent := demosource.ENT{
		Ask: func(challenge, answer string, passive, fresh bool) string {
			q := demo.HopQuery{Challenge: challenge, Answer: answer, Passive: passive, Fresh: fresh}
			return siteURL(world, "ent") + "hop?" + q.Encode()
		},
		Open: func(token, challenge string, now time.Time) (string, time.Time, error) {
			return demo.OpenHop(secret, token, challenge, now)
		},
		Quit: siteURL(world, "ent") + "deconnexion",
	}
	g, err := assemble(ctx, b, sides{demo: true, stepUp: o.StepUp, development: true, connectors: demoConnector(people, ent)})
	return g, world, people, err
}

func entSecret(b *base) []byte { return b.ring.Derive("demo ent")[:32] }

func clientSecret(b *base) string { return fmt.Sprintf("%x", b.ring.Derive("demo client classe")[:32]) }

func siteURL(w *demo.World, id string) string {
	for _, s := range w.Sites() {
		if s.ID == id {
			return s.URL
		}
	}
	return ""
}

// demoConfig is a configuration for one machine and plain HTTP on loopback; nowhere else is plain HTTP accepted.
func demoConfig(o DemoOptions, dir string, at net.Addr) (Config, error) {
	c := DefaultConfig()
	c.dir = dir
	c.Listen, c.OpsListen, c.TLS = o.Listen, o.OpsListen, o.TLS
	tcp, ok := at.(*net.TCPAddr)
	if !ok || !tcp.IP.IsLoopback() {
		return c, errors.New("listen: the demo answers on this machine only, as 127.0.0.1:8080 does: its people sign in without a password")
	}
	c.PublicURL = "http://" + at.String()
	if o.TLS.CertFile != "" { // named from where the demo was started, not from its folder
		var err error
		if c.TLS, err = o.TLS.absolute(); err != nil {
			return c, err
		}
		c.PublicURL = fmt.Sprintf("https://localhost:%d", tcp.Port)
	}
	if err := c.showCertificates(o.Certs); err != nil {
		return c, err
	}
	c.Store = Store{URL: "sqlite:ecluse.db"}
	c.MasterSecretFile = "master.secret"
	c.Log = Log{Level: cmp.Or(o.LogLevel, "warn"), Format: "text"}
	c.Canary.Sample = cmp.Or(o.Canary, 1)
	c.SAML.ECP = o.ECP
	c.Notice, c.Accessibility = demoNotices()
	c.Shutdown = Shutdown{Delay: 0, Grace: 5 * time.Second}
	_, err := keys.CreateMaster(c.path(c.MasterSecretFile), rand.Reader)
	if err != nil && !errors.Is(err, os.ErrExist) {
		return c, fmt.Errorf("demo: %w", err)
	}
	return c.withDictionary().withVoices(), nil
}

// showCertificates has clients show certificates at an address of this machine.
func (c *Config) showCertificates(at string) error {
	if at == "" {
		return nil
	}
	host, port, err := net.SplitHostPort(at)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() || c.TLS.CertFile == "" {
		return errors.New("certificates-listen: an address of this machine, as 127.0.0.1:8445 is, and with a certificate of the demo's own")
	}
	c.ClientCertificates = ClientCertificates{Listen: at, URL: "https://localhost:" + port}
	return nil
}

func newWorld(b *base, people demosource.People, at net.Addr, now func() time.Time) (*demo.World, error) {
	scheme, _, _ := strings.Cut(b.config.PublicURL, ":")
	_, port, err := net.SplitHostPort(at.String())
	if err != nil {
		return nil, err
	}
	return demo.New(demo.Config{
		Gateway: b.config.PublicURL, Scheme: scheme, Port: port, Client: localClient(at.String(), b.config), Now: now,
		Secret: entSecret(b), ClasseSecret: clientSecret(b), Log: b.log, People: visitors(people),
	})
}

// visitors are the people as the outside world shows them. Those without an establishment of their own are shown with
// their children's.
func visitors(people demosource.People) []demo.Visitor {
	var out []demo.Visitor
	for _, p := range people {
		v := demo.Visitor{ID: p.ID, Name: p.GivenName + " " + p.FamilyName, What: p.About.FR, WhatEN: p.About.In("en")}
		for _, at := range p.Places {
			v.UAIs = append(v.UAIs, at.UAI)
		}
		for _, c := range p.Children {
			v.UAIs = append(v.UAIs, c.UAI)
		}
		if len(v.UAIs) > 0 {
			out = append(out, v)
		}
	}
	return out
}

// localClient reaches the demo's own listener whatever the name: resolvers do not agree on names below localhost.
func localClient(address string, c Config) *http.Client {
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, network, address)
		},
		IdleConnTimeout: 10 * time.Second,
	}
	if c.TLS.CertFile != "" {
		transport.TLSClientConfig = trustOnly(c.path(c.TLS.CertFile))
	}
	return &http.Client{Transport: transport, Timeout: 10 * time.Second}
}

// demoHosts dispatches by host: the sites on names of their own, everything else to the gateway, whose front door shows
// the demo's start page.
func demoHosts(g *gateway, world *demo.World) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if site, ok := world.Handler(r.Host); ok {
			site.ServeHTTP(w, r)
			return
		}
		if r.URL.Path == "/" || strings.HasPrefix(r.URL.Path, "/_demo/") {
			world.Start().ServeHTTP(w, r)
			return
		}
		g.mux.ServeHTTP(w, r)
	})
}

// greet prints where to go and as whom.
func greet(out io.Writer, c Config, dir string, world *demo.World, people demosource.People, a *App) {
	fmt.Fprintf(out, "\nÉcluse %s, demo\n\n  start here   %s/\n", Version(), c.PublicURL)
	for _, site := range world.Sites() {
		fmt.Fprintf(out, "  %-11s  %-34s %s\n", site.ID, site.URL, site.WhatEN)
	}
	fmt.Fprintf(out, "  metadata     %s/saml/metadata\n  discovery    %s/.well-known/openid-configuration\n", c.PublicURL, c.PublicURL)
	greetDesk(out, c.PublicURL)
	fmt.Fprintf(out, "  health       http://%s/readyz and /metrics\n  data         %s\n\n  people (no password)\n", a.OpsAddr(), dir)
	for _, p := range people {
		fmt.Fprintf(out, "    %-7s  %s\n", p.ID, p.About.In("en"))
	}
	fmt.Fprint(out, "\n  Ctrl-C ends it.\n")
}

// fillDemo applies the demo's own files and those of --with, and approves them.
func fillDemo(ctx context.Context, b *base, o DemoOptions, world *demo.World) error {
	protocols, err := checkingProtocols(b, true)
	if err != nil {
		return err
	}
	own := filepath.Join(b.config.dir, "files")
	if err := writeDemoFiles(own, world, clientSecret(b), b.config.PublicURL, o.Now(), b.zone); err != nil {
		return err
	}
	for _, set := range []struct {
		dir  string
		keep bool // leave a declaration that is there already as it is
	}{{own, true}, {o.With, false}} {
		if set.dir == "" {
			continue
		}
		err := b.fillFrom(ctx, protocols, set.dir, set.keep)
		for i := 0; i < fillAgain && begunAgain(err); i++ {
			err = b.fillFrom(ctx, protocols, set.dir, set.keep)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fillAgain is how often a filling begins again because another process filled the same database meanwhile.
const fillAgain = 3

func begunAgain(err error) bool {
	return errors.Is(err, registry.ErrConflict) || errors.Is(err, registry.ErrApproved) || errors.Is(err, registry.ErrHistory)
}

// fillFrom applies one folder on the newest revision and approves what it brings.
func (b *base) fillFrom(ctx context.Context, protocols map[string]idp.Protocol, dir string, keep bool) error {
	before, err := b.store.Load(ctx)
	if err != nil {
		return err
	}
	loaded, problems := b.examine(os.DirFS(dir), protocols, before)
	_, bad := demosource.ReadPeople(loaded.People)
	if err := append(problems, bad...).Or(); err != nil {
		return err
	}
	if keep {
		loaded.Declarations = absent(loaded.Declarations, before.Declarations)
	}
	p, bad := planFor(os.DirFS(dir), loaded, before, intent{demo: true}, b.now())
	if err := bad.Or(); err != nil || p.idle() {
		return err
	}
	if keep {
		papers, err := demoPapers()
		if err != nil {
			return err
		}
		p.change.Files = append(p.change.Files, papers...) // beside the texts of charters, which keep their versions
	}
	change, notes := b.approveDemo(p.change, before, protocols, b.now())
	change = enableDemo(change, before, b.now())
	for _, note := range notes {
		b.log.Warn(note)
	}
	_, err = b.applied(ctx, change, "command:demo")
	return err
}

func absent(list, before []registry.Declaration) []registry.Declaration {
	known := map[string]bool{}
	for _, d := range before {
		known[fmt.Sprint(d.ID, " ", d.Version)] = true
	}
	var out []registry.Declaration
	for _, d := range list {
		if !known[fmt.Sprint(d.ID, " ", d.Version)] {
			out = append(out, d)
		}
	}
	return out
}
