package app_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ecluse/internal/app"
	"ecluse/internal/audit"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/keys"
	"ecluse/internal/registry"
	"ecluse/internal/store/sqldb"
	"ecluse/internal/web/webtest"
)

// world is one demo on free ports, and an administrator beside it with a connection of their own to its data.
type world struct {
	t         testing.TB
	options   app.DemoOptions
	app       *app.App
	address   string // of the public listener
	public    string // the gateway's address
	log       *quietBuffer
	transport http.RoundTripper // how browsers reach it, where not straight

	offset atomic.Int64 // how far the demo's clock is ahead, in nanoseconds

	db      *sqldb.DB
	store   *sqldb.Registry
	ring    *keys.Ring
	journal *audit.Journal
}

// quietBuffer is a log that goroutines may write to.
type quietBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *quietBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *quietBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func newWorld(t testing.TB, o app.DemoOptions) *world {
	t.Helper()
	if o.Data == "" {
		o.Data = t.TempDir()
		desktest.LendKeys(t, o.Data)
	}
	o.Listen, o.OpsListen = "127.0.0.1:"+webtest.FreePort(t), "127.0.0.1:"+webtest.FreePort(t) // it may come back there
	w := &world{t: t, options: o, log: &quietBuffer{}}
	w.options.LogTo = w.log
	if o.Now == nil {
		w.options.Now = w.now
	}
	w.start()
	t.Cleanup(func() {
		w.stop()
		if t.Failed() {
			t.Logf("what the gateway logged:\n%s", w.log)
		}
	})
	return w
}

// now is the demo's clock, where a test gives it no other.
func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.offset.Load())) }

func (w *world) start() {
	w.t.Helper()
	a, err := app.Demo(context.Background(), w.options)
	if err != nil {
		w.t.Fatalf("the demo does not start: %v", err)
	}
	w.app, w.address = a, a.Addr().String()
	w.public = "http://" + w.address
	if w.options.TLS.CertFile != "" {
		_, port, _ := net.SplitHostPort(w.address)
		w.public = "https://localhost:" + port
	}
	w.options.Listen, w.options.OpsListen = w.address, a.OpsAddr().String()
	w.openBeside()
}

// openBeside is what another process does with the same data: commands may write while the gateway runs.
func (w *world) openBeside() {
	w.t.Helper()
	ctx := context.Background()
	fatal := func(err error) {
		if err != nil {
			w.t.Helper()
			w.t.Fatalf("beside the demo: %v", err)
		}
	}
	var err error
	w.db, err = sqldb.Open(ctx, "sqlite:"+filepath.Join(w.options.Data, "ecluse.db"), sqldb.Options{Now: time.Now})
	fatal(err)
	master, err := keys.ReadMaster(filepath.Join(w.options.Data, "master.secret"))
	fatal(err)
	w.ring, err = keys.Open(ctx, keys.Config{Store: w.db.Keys(), Master: master, Host: "127.0.0.1", Now: time.Now})
	fatal(err)
	w.journal, err = audit.New(audit.Config{
		Store: w.db.Audit(), MAC: w.ring, Writer: audit.WriterID("beside"), Class: audit.ClassAdmin, Now: time.Now,
	})
	fatal(err)
	w.store = &sqldb.Registry{DB: w.db, Journal: w.journal}
}

func (w *world) stop() {
	if w.app == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := errors.Join(w.app.Stop(ctx), w.db.Close()); err != nil {
		w.t.Errorf("the end: %v", err)
	}
	if n := w.app.Breaches(); n > 0 {
		w.t.Errorf("the canary, which looks at everything in a demo, found %d breaches", n)
	}
	w.app = nil
}

// restart ends the demo and begins it again on the same data and the same port.
func (w *world) restart() {
	w.t.Helper()
	w.stop()
	w.start()
}

func (w *world) browser() *browser {
	_, port, _ := net.SplitHostPort(w.address)
	if w.transport != nil {
		b := newBrowserWith(w.address, w.transport)
		b.host = strings.TrimPrefix(w.public, "https://")
		return b
	}
	b := newBrowser(w.address)
	if strings.HasPrefix(w.public, "https:") {
		b.host = "localhost:" + port
	}
	return b
}

// site is the address of one of the demo's sites.
func (w *world) site(id string) string {
	_, port, _ := net.SplitHostPort(w.address)
	scheme, _, _ := strings.Cut(w.public, ":")
	return scheme + "://" + id + ".localhost:" + port + "/"
}

func (w *world) contents() registry.Contents {
	w.t.Helper()
	c, err := w.store.Load(context.Background())
	if err != nil {
		w.t.Fatalf("the registry: %v", err)
	}
	return c
}

// entries are the journal's entries with a reference, oldest first.
func (w *world) entries(ref string) []audit.Row {
	w.t.Helper()
	rows, err := w.db.Audit().ByRef(context.Background(), ref)
	if err != nil {
		w.t.Fatalf("the journal: %v", err)
	}
	return rows
}

// change writes to the registry as a command would.
func (w *world) change(c registry.Change) error {
	_, err := w.store.Apply(context.Background(), c, audit.Entry{
		Class: audit.ClassAdmin, Action: "apply", Outcome: audit.Done, Actor: "command:test",
	})
	return err
}

// newest is the newest version of a declaration.
func (w *world) newest(id string) (registry.Declaration, error) {
	var found []registry.Declaration
	for _, d := range w.contents().Declarations {
		if d.ID == id {
			found = append(found, d)
		}
	}
	if len(found) == 0 {
		return registry.Declaration{}, fmt.Errorf("there is no declaration %s", id)
	}
	return slices.MaxFunc(found, func(a, b registry.Declaration) int { return a.Version - b.Version }), nil
}

// suspend stops a declaration and waits until the gateway has noticed; it says how long that took.
func (w *world) suspend(id string) (time.Duration, error) {
	d, err := w.newest(id)
	if err != nil {
		return 0, err
	}
	by := registry.Decision{At: time.Now(), State: registry.Suspended, Office: "recteur", Reason: "incident"}
	if d, err = d.Move(by); err != nil {
		return 0, err
	}
	if err := w.change(registry.Change{Declarations: []registry.Declaration{d}}); err != nil {
		return 0, err
	}
	return w.until(d.ServiceID, http.StatusForbidden)
}

// declare registers another version of a declaration, approved by the demo.
func (w *world) declare(id string, edit func(*registry.Declaration)) error {
	d, err := w.newest(id)
	if err != nil {
		return err
	}
	d.Version++
	d.State, d.Decisions = registry.Submitted, nil
	edit(&d)
	d, err = d.Move(registry.Decision{At: time.Now(), State: registry.Approved, Office: "démonstration", Demo: true})
	if err != nil {
		return err
	}
	if err := w.change(registry.Change{Declarations: []registry.Declaration{d}}); err != nil {
		return err
	}
	return w.noticed()
}

// noticed waits until the gateway acts on everything that was written.
func (w *world) noticed() error {
	revision := w.contents().Revision
	return w.eventually(func() bool {
		return strings.Contains(w.metrics(), fmt.Sprintf("ecluse_registry_revision %d\n", revision))
	})
}

// until asks for a service as a tile does, until the answer has that status.
func (w *world) until(service string, status int) (time.Duration, error) {
	began := time.Now()
	err := w.eventually(func() bool {
		p, err := w.browser().get(w.public + "/go/" + service)
		return err == nil && p.status == status
	})
	return time.Since(began), err
}

// eventually polls until it holds, for a minute at most: only what never comes about takes so long.
func (w *world) eventually(holds func() bool) error {
	deadline := time.Now().Add(time.Minute)
	for !holds() {
		if time.Now().After(deadline) {
			return errors.New("it did not come about")
		}
		time.Sleep(20 * time.Millisecond)
	}
	return nil
}

// metrics is what the ops listener counts; asking for readiness first makes it look.
func (w *world) metrics() string {
	b := w.browser()
	var text string
	for _, path := range []string{"/readyz", "/metrics"} {
		answer, err := http.Get("http://" + w.app.OpsAddr().String() + path)
		if err != nil {
			return ""
		}
		text = b.read(answer)
	}
	return text
}
