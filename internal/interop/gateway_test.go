package interop_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/app"
	"ecluse/internal/web/webtest"
)

// gateway is the demo on a port of its own: what everybody may run, with invented people.
type gateway struct {
	t       *testing.T
	files   *folder
	options app.DemoOptions
	app     *app.App
	log     *diary
	public  string
}

// diary is a log that goroutines write to.
type diary struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (d *diary) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.buf.Write(p)
}

func (d *diary) String() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.buf.String()
}

func newGateway(t *testing.T, more ...func(*app.DemoOptions)) *gateway {
	t.Helper()
	g := &gateway{t: t, files: newFolder(t), log: &diary{}}
	g.options = app.DemoOptions{Data: t.TempDir(), Listen: "127.0.0.1:" + webtest.FreePort(t), OpsListen: "127.0.0.1:0", LogTo: g.log}
	for _, set := range more {
		set(&g.options)
	}
	g.start()
	t.Cleanup(func() {
		g.stop()
		if t.Failed() {
			t.Logf("the gateway:\n%s", g.log)
		}
	})
	return g
}

func (g *gateway) start() {
	g.t.Helper()
	a, err := app.Demo(context.Background(), g.options)
	if err != nil {
		g.t.Fatalf("the gateway does not start: %v", err)
	}
	g.app, g.public = a, "http://"+a.Addr().String()
}

func (g *gateway) stop() {
	if g.app == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if counted := string(get(g.t, "http://"+g.app.OpsAddr().String()+"/metrics")); regexp.MustCompile(`(?m)^ecluse_canary_breaches_total(\{.*\})? [1-9]`).MatchString(counted) {
		g.t.Error("an answer held what is not declared")
	}
	if err := g.app.Stop(ctx); err != nil {
		g.t.Errorf("the gateway's end: %v", err)
	}
	g.app = nil
}

// with starts it again, at the same address and with the same keys, with the files that were written for it.
func (g *gateway) with() {
	g.t.Helper()
	g.stop()
	g.options.With = g.files.path
	g.start()
}

// service is what the files say of one.
type service struct {
	EntityID, Start, Settings string
}

// register has a service and its declaration in the files, with its metadata as the product wrote it. Settings are those of
// the binding beside metadata_file.
func (g *gateway) register(entityID, start string, metadata []byte, settings map[string]any) {
	g.t.Helper()
	g.registerAs("atelier.yaml", entityID, start, metadata, settings)
}

// registerAs is register for a service that another file of ours describes.
func (g *gateway) registerAs(described, entityID, start string, metadata []byte, settings map[string]any) {
	g.t.Helper()
	all := map[string]any{"metadata_file": "atelier.xml"}
	for name, value := range settings {
		all[name] = value
	}
	text, err := json.Marshal(all)
	if err != nil {
		g.t.Fatal(err)
	}
	g.files.write("atelier.xml", metadata)
	g.files.fill("atelier.yaml", described, service{entityID, start, string(text)})
	g.with()
}

// metadata is our metadata as it is served.
func (g *gateway) metadata() []byte {
	g.t.Helper()
	return get(g.t, g.public+"/saml/metadata")
}

// certificate is the first one in our metadata, as an administrator gets it by other ways than the metadata.
func (g *gateway) certificate() []byte {
	g.t.Helper()
	found := regexp.MustCompile(`(?s)<ds:X509Certificate>(.*?)</ds:X509Certificate>`).FindSubmatch(g.metadata())
	if found == nil {
		g.t.Fatal("no certificate in our metadata")
	}
	return pemBlock(string(found[1]))
}

func get(t *testing.T, address string) []byte {
	t.Helper()
	f := &folder{t: t}
	return f.await(&program{gone: make(chan struct{})}, address)
}

// signIn goes on from the page where the gateway asks who it is: Hugo, a pupil, who reads what his service gets.
func (b *browser) signIn() *page {
	b.t.Helper()
	b.press("person", "hugo")
	return b.press("act", "informed")
}

// signInAgain is the same for Hugo a second time, who has read it.
func (b *browser) signInAgain() *page {
	b.t.Helper()
	return b.press("person", "hugo")
}

// signOut begins a sign-out at the gateway and gives the page that says what became of it.
func (g *gateway) signOut(b *browser) *page {
	b.t.Helper()
	b.trail = nil
	b.open(g.public + "/signout")
	for _, f := range b.at.forms() {
		if f.journey.to.Path == "/signout" {
			return b.travel(f.journey)
		}
	}
	b.t.Fatalf("there is no session to end: %s", b.at)
	return nil
}

// ends begins a sign-out at the gateway, whose page must say that the site's session is over. The browser goes to the site's
// address for it unless the gateway asks by SOAP. On a busy machine an answer by SOAP may come too late, and the browser goes
// there after all: then it is tried again.
func (g *gateway) ends(b *browser, inside, address string, bySOAP bool) {
	g.t.Helper()
	p := g.signOut(b)
	for range 5 {
		if !bySOAP || !b.went(http.MethodGet, address) || !strings.Contains(g.log.String(), "deadline exceeded") {
			break
		}
		b.open(inside)
		b.signInAgain()
		p = g.signOut(b)
	}
	if !strings.Contains(p.says(), "This service is closed Workshop") || b.went(http.MethodGet, address) == bySOAP {
		g.t.Errorf("%s\n%s", p, strings.Join(b.trail, "\n"))
	}
}

// signedIn tells whether the browser has a session at the gateway.
func (g *gateway) signedIn(b *browser) bool {
	b.t.Helper()
	p := b.open(g.public + "/signout")
	if p.status != http.StatusOK {
		b.t.Fatal(p)
	}
	for _, f := range p.forms() {
		if f.journey.to.Path == "/signout" {
			return true
		}
	}
	return false
}
