package canary

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"ecluse/internal/registry"
)

func TestTheFirstMessagesAfterEachChangeAreAlwaysLookedAt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, academy())
	w.sampler = newSampler(0, 3)
	m := samlOf(t, "lire", attributes{"DIV": {"CE2 B"}})
	hand := func(m Message, n, want int) {
		t.Helper()
		before := len(w.queue)
		for range n {
			w.Watch(m)
		}
		if got := len(w.queue) - before; got != want {
			t.Errorf("%d of %d are looked at, want %d", got, n, want)
		}
	}
	hand(m, 10, 3)
	other := m
	other.Version = 2
	hand(other, 10, 3)
	service := w.store.service("lire")
	service.Bindings = append([]registry.Binding(nil), service.Bindings...)
	service.Bindings[1].Shape = registry.UUID
	w.store.change(registry.Contents{Services: []registry.Service{service}})
	hand(m, 10, 0) // another binding has changed
	service.Bindings = append([]registry.Binding(nil), service.Bindings...)
	service.Bindings[0].Shape = registry.UUID
	w.store.change(registry.Contents{Services: []registry.Service{service}})
	hand(m, 10, 3)
	service.Decisions = append(service.Decisions, registry.Decision{State: registry.Approved})
	w.store.change(registry.Contents{Services: []registry.Service{service}})
	hand(m, 10, 3)
	w.sampler.share = 1
	hand(m, 10, 10)
}

func TestAShareOfTheOthersIsLookedAt(t *testing.T) {
	t.Parallel()
	s, n := newSampler(0.05, 0), 0
	for range 20_000 {
		if s.wants(line{service: "lire"}, nil) {
			n++
		}
	}
	if n < 700 || n > 1300 { // fourteen standard deviations
		t.Errorf("%d of 20000, want about 1000", n)
	}
}

func TestWatchNeverWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, academy())
	m := message("lire", "oidc", "userinfo", []byte(`{}`))
	for range mostWaiting + 5 {
		w.Watch(m) // nobody empties the queue
	}
	if w.meter.outcomes[Dropped] != 5 || w.Waiting() != mostWaiting {
		t.Errorf("%d dropped, %d waiting", w.meter.outcomes[Dropped], w.Waiting())
	}
	big := newWorld(t, academy())
	m.Body = []byte(strings.Repeat(" ", mostHeld/4))
	for range 6 {
		big.Watch(m)
	}
	if big.meter.outcomes[Dropped] != 2 || big.held.Load() != mostHeld {
		t.Errorf("%d of six large ones dropped, %d bytes held", big.meter.outcomes[Dropped], big.held.Load())
	}
	w.sampler.share, w.sampler.first = 0, 0
	if err := w.Stop(); err != nil { // never started
		t.Fatal(err)
	}
	late := newWorld(t, academy())
	late.stopped()
	late.Watch(message("lire", "oidc", "userinfo", []byte(`{}`)))
	if late.meter.outcomes[Dropped] != 1 || late.Waiting() != 0 || late.held.Load() != 0 {
		t.Errorf("after the end: %v, %d waiting", late.meter.outcomes, late.Waiting())
	}
}

func TestTheEndLooksAtWhatIsLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t, academy())
	for range 200 {
		w.Watch(message("lire", "oidc", "userinfo", []byte(`{"sub":"`+number+`"}`)))
	}
	w.Watch(leak(t))
	w.stopped()
	if w.meter.outcomes[Looked] != 201 || !w.store.service("lire").Suspended || w.held.Load() != 0 {
		t.Errorf("%v looked at, suspended %v, %d bytes held", w.meter.outcomes, w.store.service("lire").Suspended, w.held.Load())
	}
}

func TestWhatStandsBetweenTwoMessagesIsRemembered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, academy())
		w.Start()
		for range 3 {
			w.store.change(registry.Contents{})
			synctest.Wait()
			if view, err := w.store.Current(); err != nil || w.views.last.Load() != view {
				t.Errorf("nobody looked at what changed, %v", err)
			}
		}
		if all := w.views.around(now()); len(all) != 4 {
			t.Errorf("%d views are remembered of 4", len(all))
		}
		if err := w.Stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestACanaryThatWouldLookAtNothingIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, academy())
	for name, how := range map[string]func(*Config){
		"nothing":      func(c *Config) { c.Share, c.First = 0, 0 },
		"less":         func(c *Config) { c.Share = -0.1 },
		"more":         func(c *Config) { c.Share = 1.1 },
		"no registry":  func(c *Config) { c.Registry = nil },
		"no words":     func(c *Config) { c.Words = nil },
		"less than no": func(c *Config) { c.First = -1 },
	} {
		c := w.cfg
		how(&c)
		if _, err := New(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestNothingOfAPersonIsPrinted(t *testing.T) {
	t.Parallel()
	m := leak(t)
	m.UAI, m.Profile = "SECRET", "SECRET"
	m.Body = []byte("SECRET")
	all := []any{m, told{subject: "SECRET", items: []item{{"SECRET@x.fr", "", []string{"SECRET"}}}}, item{"DIV", "", []string{"SECRET"}}}
	var log strings.Builder
	for _, v := range all {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			fmt.Fprintf(&log, verb, v)
		}
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", v)
	}
	if strings.Contains(log.String(), "SECRET") {
		t.Errorf("printed: %s", log.String())
	}
	b := m.breach([]finding{{Strange, "lea@ecole.example"}, {Undeclared, "1234567890A"}, {Strange, strings.Repeat("x", 200)}, {Strange, number}, {FreeLabel, "a\nb"}})
	if b.Kind != Undeclared || len(b.Names) != 1 || b.Names[0] != "(unprintable)" {
		t.Errorf("the breach tells %q, gravest %s", b.Names, b.Kind)
	}
	var many []finding
	for i := range 100 {
		many = append(many, finding{Strange, fmt.Sprint("name", i)})
	}
	if b := m.breach(many); len(b.Names) != mostNames {
		t.Errorf("%d names are told", len(b.Names))
	}
	for _, k := range Kinds() {
		if fr, en := (Breach{Kind: k}).Why(); fr == "" || en == "" {
			t.Errorf("%s has no words", k)
		}
	}
}

// FuzzRead feeds the parsers anything: they end, and what they read is judged without a stumble.
func FuzzRead(f *testing.F) {
	f.Add("saml-response", response(f, persistent(), attributes{"DIV": {"CE2 B"}}))
	f.Add("id-token", token(`{"sub":"x","classes":["a"]}`))
	f.Add("userinfo", []byte(`{"sub":"x","_claim_sources":{"a":{}}}`))
	f.Add("cas", []byte(casXML(number, "<cas:DIV>x</cas:DIV>")))
	f.Add("cas", []byte(casJSON(`,"attributes":{"DIV":["a"]}`)))
	f.Add("cas", []byte("yes\nx\n"))
	w := newWorld(f, academy())
	view, err := w.store.Current()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		for _, protocol := range []string{"saml", "oidc", "cas"} {
			m := message("lire", protocol, kind, body)
			read, err := w.read(&m)
			if err != nil {
				continue
			}
			for _, found := range compare(w.cfg.Words, &m, read, view) {
				if name := plain(found.name); len(name) > 64 || strings.ContainsAny(name, "@<>\n ") && name != "(unprintable)" {
					t.Errorf("a finding tells %q", name)
				}
			}
		}
	})
}

// BenchmarkWatch is what a message costs on the path of a sign-in.
func BenchmarkWatch(b *testing.B) {
	for name, share := range map[string]float64{"passed over": 0, "taken": 1} {
		b.Run(name, func(b *testing.B) {
			w := newWorld(b, academy())
			w.cfg.Meter, w.cfg.Log = deaf{}, slog.New(slog.NewTextHandler(io.Discard, nil))
			w.sampler = newSampler(share, 0)
			m := samlOf(b, "lire", attributes{"DIV": {"CE2 B"}})
			w.Watch(m)
			b.ReportAllocs()
			for b.Loop() {
				w.Watch(m)
				select {
				case <-w.queue:
					w.held.Add(-int64(len(m.Body)))
					w.waiting.Add(-1)
				default:
				}
			}
		})
	}
}

// BenchmarkExamine is what the worker does with one message.
func BenchmarkExamine(b *testing.B) {
	w := newWorld(b, academy())
	m := samlOf(b, "lire", attributes{"DIV": {"CE2 B"}, "UAI": {school}})
	w.look()
	b.ReportAllocs()
	for b.Loop() {
		if found := w.examine(&m); len(found) != 0 {
			b.Fatal(found)
		}
	}
}

type deaf struct{}

func (deaf) Watched(Outcome)       {}
func (deaf) Breached(string, Kind) {}
func (deaf) Unwritten(int)         {}
