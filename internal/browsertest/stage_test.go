package browsertest_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/app"
	"ecluse/internal/audit"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/keys"
	"ecluse/internal/registry"
	"ecluse/internal/store/sqldb"
)

// stage is a demonstration before anybody comes: what a walk needs besides is put there as an office would have decided it.
type stage struct {
	*testing.T
	dir    string // its data
	with   string // a folder of files that it is started with
	app    *app.App
	broken bool             // errors in the log are wanted
	stepUp bool             // approvals and their like ask for a second means
	now    func() time.Time // what the clock says; nil for the clock on the wall
	then   []func(*stage)

	afterwards func(*stage) // the last of all
	db         *sqldb.DB
	journal    *audit.Journal
}

// startStage starts a demonstration, and prepares it.
func startStage(t *testing.T, prepare func(*stage)) (port string) {
	t.Helper()
	s := &stage{T: t, dir: t.TempDir(), with: t.TempDir()}
	desktest.LendKeys(t, s.dir)
	if prepare != nil {
		prepare(s)
	}
	var log bytes.Buffer
	options := app.DemoOptions{Data: s.dir, Listen: "127.0.0.1:0", OpsListen: "127.0.0.1:0", LogTo: &log}
	options.StepUp, options.Now = s.stepUp, s.now
	if entries, err := os.ReadDir(s.with); err == nil && len(entries) > 0 {
		options.With = s.with
	}
	var err error
	if s.app, err = app.Demo(t.Context(), options); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.app.Stop(ctx); err != nil && !s.broken {
			t.Errorf("stop the demo: %v", err)
		}
		if strings.Contains(log.String(), "level=ERROR") && !s.broken {
			t.Errorf("the demo logged errors:\n%s", log.String())
		}
	})
	if len(s.then) > 0 {
		s.openBeside()
		for _, act := range s.then {
			act(s)
		}
		s.noticed()
	}
	if s.afterwards != nil {
		s.afterwards(s)
	}
	_, port, err = net.SplitHostPort(s.app.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// file adds a file that the demonstration is started with.
func (s *stage) file(name, text string) {
	s.Helper()
	if err := os.WriteFile(filepath.Join(s.with, name), []byte(text), 0o600); err != nil {
		s.Fatal(err)
	}
}

// later puts off what needs the register filled.
func (s *stage) later(act func(*stage)) { s.then = append(s.then, act) }

// openBeside is what another process does with the same data.
func (s *stage) openBeside() {
	s.Helper()
	ctx := context.Background()
	var err error
	if s.db, err = sqldb.Open(ctx, "sqlite:"+filepath.Join(s.dir, "ecluse.db"), sqldb.Options{Now: time.Now}); err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = s.db.Close() })
	master, err := keys.ReadMaster(filepath.Join(s.dir, "master.secret"))
	if err != nil {
		s.Fatal(err)
	}
	ring, err := keys.Open(ctx, keys.Config{Store: s.db.Keys(), Master: master, Host: "127.0.0.1", Now: time.Now})
	if err != nil {
		s.Fatal(err)
	}
	s.journal, err = audit.New(audit.Config{
		Store: s.db.Audit(), MAC: ring, Writer: audit.WriterID("beside"), Class: audit.ClassAdmin, Now: time.Now,
	})
	if err != nil {
		s.Fatal(err)
	}
}

// change writes to the register as a command would.
func (s *stage) change(edit func(registry.Contents) registry.Change) {
	s.Helper()
	store := &sqldb.Registry{DB: s.db, Journal: s.journal}
	contents, err := store.Load(context.Background())
	if err == nil {
		_, err = store.Apply(context.Background(), edit(contents), audit.Entry{
			Class: audit.ClassAdmin, Action: "apply", Outcome: audit.Done, Actor: "command:test",
		})
	}
	if err != nil {
		s.Fatal(err)
	}
}

// noticed waits until the gateway acts on what was written: it looks every second.
func (s *stage) noticed() {
	s.Helper()
	contents, err := (&sqldb.Registry{DB: s.db, Journal: s.journal}).Load(context.Background())
	if err != nil {
		s.Fatal(err)
	}
	wanted := fmt.Sprintf("ecluse_registry_revision %d\n", contents.Revision)
	for deadline := time.Now().Add(time.Minute); !strings.Contains(s.ask("/metrics"), wanted); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.Fatal("the gateway does not act on what was written")
		}
		s.ask("/readyz") // has it look
	}
}

func (s *stage) ask(path string) string {
	s.Helper()
	answer, err := http.Get("http://" + s.app.OpsAddr().String() + path)
	if err != nil {
		s.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.Fatal(err)
	}
	return string(text)
}

// newest is the newest version of a declaration.
func newest(c registry.Contents, id string) registry.Declaration {
	var found registry.Declaration
	for _, d := range c.Declarations {
		if d.ID == id && d.Version > found.Version {
			found = d
		}
	}
	return found
}

// declared puts another version of a declaration in force.
func declared(s *stage, id string, edit func(*registry.Declaration)) {
	s.change(func(c registry.Contents) registry.Change {
		d := newest(c, id)
		d.Version++
		d.State, d.Decisions = registry.Submitted, nil
		edit(&d)
		d, err := d.Move(registry.Decision{At: time.Now(), State: registry.Approved, Office: "démonstration", Demo: true})
		if err != nil {
			s.Fatal(err)
		}
		return registry.Change{Declarations: []registry.Declaration{d}}
	})
}

// demoPages lists every page that the demonstration can show.
func demoPages(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	desktest.LendKeys(t, dir)
	a, err := app.Demo(t.Context(), app.DemoOptions{Data: dir, Listen: "127.0.0.1:0", OpsListen: "127.0.0.1:0", LogTo: &bytes.Buffer{}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Stop(context.Background()) }()
	return slices.Clone(a.Pages())
}
