package idptest

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/audit"
	"ecluse/internal/canary"
	"ecluse/internal/idp"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// Canary looks at every message that leaves a house, through the canary that looks in production. At the end of a test it
// has found nothing, or the test says that it should have.
type Canary struct {
	real  *canary.Canary
	found *findings
	only  string // the kind of messages that it is shown; all when empty
	sent  int
	mu    sync.Mutex
}

// findings count what a canary found.
type findings struct {
	mu    sync.Mutex
	kinds []canary.Kind
}

func newCanary(tb testing.TB, r *Register, words *dictionary.Dictionary, now func() time.Time, o Options) *Canary {
	tb.Helper()
	found := new(findings)
	real, err := canary.New(canary.Config{
		Registry: r, Store: r, Words: words, Now: now, Meter: found, Log: slog.New(slog.NewTextHandler(tb.Output(), nil)), Share: 1,
	})
	if err != nil {
		tb.Fatal(err)
	}
	real.Start()
	tb.Cleanup(func() {
		if err := real.Stop(); err != nil {
			tb.Error(err)
		}
		if kinds := found.list(); len(kinds) > 0 != o.Breaches {
			tb.Errorf("the canary found %q", kinds)
		}
	})
	return &Canary{real: real, found: found, only: o.Shown}
}

// Sent implements idp.Watcher.
func (c *Canary) Sent(s idp.Sent) {
	if c.only != "" && s.Kind != c.only {
		return
	}
	c.mu.Lock()
	c.sent++
	c.mu.Unlock()
	c.real.Watch(canary.Message(s))
}

// Messages tells how many messages left, of those that it is shown.
func (c *Canary) Messages() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sent
}

// Found waits until everything that left was looked at, and lists what was wrong.
func (c *Canary) Found(tb testing.TB) []canary.Kind {
	tb.Helper()
	for end := time.Now().Add(10 * time.Second); c.real.Waiting() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			tb.Fatal("the canary does not come to an end")
		}
	}
	return c.found.list()
}

func (f *findings) list() []canary.Kind {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.kinds)
}

// Breached implements canary.Meter.
func (f *findings) Breached(_ string, k canary.Kind) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kinds = append(f.kinds, k)
}

// Watched implements canary.Meter.
func (*findings) Watched(canary.Outcome) {}

// Unwritten implements canary.Meter.
func (*findings) Unwritten(int) {}

// seen is the register as the gate sees it.
type seen struct {
	*Register
	how func(*registry.Contents)
}

// Current implements login.Registry.
func (s seen) Current() (*registry.Snapshot, error) {
	if s.how == nil {
		return s.Register.Current()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.contents
	c.Declarations = slices.Clone(c.Declarations)
	s.how(&c)
	return registry.NewSnapshot(c, time.UTC), nil
}

// Changed implements canary.Registry: nobody is told, as the canary looks at each message too.
func (r *Register) Changed() <-chan struct{} { return nil }

// Refresh implements canary.Registry.
func (r *Register) Refresh(context.Context) error { return nil }

// Apply implements canary.Store: a change of services, without a journal.
func (r *Register) Apply(_ context.Context, change registry.Change, _ audit.Entry) (int64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if change.Base != r.contents.Revision {
		return 0, registry.ErrConflict
	}
	services := slices.Clone(r.contents.Services)
	for _, next := range change.Services {
		i := slices.IndexFunc(services, func(s registry.Service) bool { return s.ID == next.ID })
		services[i] = next
	}
	r.contents.Services = services
	r.contents.Revision++
	return r.contents.Revision, nil
}

// caught lets more leave than was declared, through everything that makes a message, and sees it found. A protocol that may
// say everything in its first message says it there, too, and is not saved by a later one.
func (s *story) caught(t *testing.T) {
	s.catch(t, "")
	if s.Early != nil {
		early := *s
		early.Binding = s.Early
		early.catch(t, s.First)
	}
}

// catch shows the canary messages of one kind; of all when shown is empty.
func (s *story) catch(t *testing.T, shown string) {
	for name, c := range map[string]struct {
		service string
		options Options
		want    canary.Kind
	}{
		"a gate that takes another declaration's items": {"lire", Options{See: func(c *registry.Contents) {
			alsoDeclared(c, "lire", "uai")
		}}, canary.Undeclared},
		"a gate that takes a pseudonymous declaration for another": {"lire", Options{See: func(c *registry.Contents) {
			alsoDeclared(c, "lire", person.Mail)
			declaration("lire", nominative)(c)
		}}, canary.NamesSomeone},
		"a dictionary in which a name names nobody": {"naif", Options{Words: poisoned(t, func(e *dictionary.Entry) {
			if e.Attr == person.GivenName {
				e.Names, e.Instead = false, nil
			}
		})}, canary.NamesSomeone},
		"a dictionary that calls a word by another name": {"lire", Options{Words: poisoned(t, func(e *dictionary.Entry) {
			if e.Attr == "level" {
				e.SAML.Name, e.OIDC.Name, e.CAS = "niveauScolaire", "niveau_scolaire", "niveauScolaire"
			}
		})}, canary.Undeclared},
	} {
		t.Run(strings.TrimSpace(name+" "+shown), func(t *testing.T) {
			t.Parallel()
			c.options.Case, c.options.Ring, c.options.Breaches, c.options.Shown = s.Case, s.ring, true, shown
			h := NewHouse(t, c.options)
			p := s.enter(t, h, h.Browser(t), Ask{Service: c.service}, Lea)
			s.read(t, h, Ask{Service: c.service}, p)
			if h.Canary.Messages() == 0 {
				t.Fatal("the protocol tells of no message")
			}
			if found := h.Canary.Found(t); !slices.Contains(found, c.want) {
				t.Errorf("found %q, want %s", found, c.want)
			}
			view, err := h.Registry.Current()
			if err != nil {
				t.Fatal(err)
			}
			if service, _ := view.Service(c.service); !service.StoppedItself() {
				t.Error("the service is not suspended")
			}
		})
	}
}

func alsoDeclared(c *registry.Contents, service string, word person.Attr) {
	declaration(service, func(d *registry.Declaration) {
		d.Items = append(slices.Clone(d.Items), registry.Item{Attr: word, Justification: registry.Text{FR: "-"}})
	})(c)
}

// poisoned is the shipped dictionary, changed.
func poisoned(t *testing.T, how func(*dictionary.Entry)) *dictionary.Dictionary {
	t.Helper()
	shipped, err := dictionary.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	entries := slices.Clone(shipped.Entries())
	for i := range entries {
		how(&entries[i])
	}
	d, err := dictionary.New(entries)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
