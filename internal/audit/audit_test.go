package audit_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/audit/audittest"
)

var testNow = time.Date(2026, 11, 22, 8, 0, 0, 123456789, time.UTC)

func clock() time.Time { return testNow }

// mac is a MAC that only this test knows; the key ring's is tested with it in
// store/sqldb.
type mac struct{ key string }

func (m mac) MAC(purpose string, parts ...string) string {
	h := audit.Entry{Writer: m.key, Action: purpose, Attributes: parts}.Link(audit.Hash{})
	return hex.EncodeToString(h[:])
}

func (m mac) CheckMAC(given, purpose string, parts ...string) bool {
	return given == m.MAC(purpose, parts...)
}

var right = mac{"right"}

func appendN(t *testing.T, j *audit.Journal, n int) {
	t.Helper()
	for i := range n {
		if _, err := j.Append(t.Context(), audittest.Entry(i)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAppendNumbersEachChainFromOne(t *testing.T) {
	t.Parallel()
	store := new(audittest.Store)
	a := audittest.Journal(t, store, right, "a", clock)
	b := audittest.Journal(t, store, right, "b", clock)
	other := audittest.Entry(1)
	other.Class = audit.ClassAdmin
	for i, step := range []struct {
		j    *audit.Journal
		e    audit.Entry
		want string
	}{
		{a, audittest.Entry(1), "a/sign_in/1"},
		{a, audittest.Entry(2), "a/sign_in/2"},
		{b, audittest.Entry(3), "b/sign_in/1"},
		{a, other, "a/admin/1"},
		{a, audittest.Entry(4), "a/sign_in/3"},
	} {
		got, err := step.j.Append(t.Context(), step.e)
		if err != nil || got.ID() != step.want {
			t.Errorf("step %d: %s, %v; want %s", i, got.ID(), err, step.want)
		}
		if !got.At.Equal(testNow.Truncate(time.Millisecond)) {
			t.Errorf("step %d: at %s", i, got.At)
		}
	}
	if found, _ := store.ByRef(t.Context(), audittest.Entry(3).Ref); len(found) != 1 || found[0].Writer != "b" {
		t.Errorf("by reference: %v", found)
	}
}

func TestAppendReturnsTheStoresFailure(t *testing.T) {
	t.Parallel()
	store := new(audittest.Store)
	j := audittest.Journal(t, store, right, "a", clock)
	full := errors.New("disk full")
	store.Fail(full)
	if _, err := j.Append(t.Context(), audittest.Entry(1)); !errors.Is(err, full) {
		t.Errorf("err = %v, want the store's", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	store.Fail(nil)
	if _, err := j.Append(ended, audittest.Entry(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want context.Canceled", err)
	}
	if n := len(store.Entries()); n != 0 {
		t.Errorf("%d entries written", n)
	}
}

func TestAppendRefusesWhatMustNotStandInTheJournal(t *testing.T) {
	t.Parallel()
	store := new(audittest.Store)
	j := audittest.Journal(t, store, right, "a", clock)
	cases := map[string]func(*audit.Entry){
		"no action":               func(e *audit.Entry) { e.Action = "" },
		"no outcome":              func(e *audit.Entry) { e.Outcome = "" },
		"subject is a name":       func(e *audit.Entry) { e.Subject = "Zoé Martin" },
		"subject is an account":   func(e *audit.Entry) { e.Subject = "demo:eleve-ce2" },
		"subject is too short":    func(e *audit.Entry) { e.Subject = "martinz" },
		"actor is a mail address": func(e *audit.Entry) { e.Actor = "a.martin@ac-test.fr" },
		"attribute with a value":  func(e *audit.Entry) { e.Attributes = []string{"mail=a@b.fr"} },
		"attribute with a blank":  func(e *audit.Entry) { e.Attributes = []string{"Zoé Martin"} },
		"too many attributes":     func(e *audit.Entry) { e.Attributes = make([]string, 300) },
		"NUL":                     func(e *audit.Entry) { e.Service = "a\x00b" },
		"not UTF-8":               func(e *audit.Entry) { e.Detail = map[string]string{"a": "\xff"} },
		"detail without a word":   func(e *audit.Entry) { e.Detail = map[string]string{"": "x"} },
		"too long":                func(e *audit.Entry) { e.Ref = strings.Repeat("x", 5000) },
		"reason is a sentence":    func(e *audit.Entry) { e.Reason = "because of Zoé" },
		"negative version":        func(e *audit.Entry) { e.Version = -1 },
	}
	for name, change := range cases {
		e := audittest.Entry(1)
		change(&e)
		_, err := j.Append(t.Context(), e)
		if !errors.Is(err, audit.ErrEntry) {
			t.Errorf("%s: err = %v, want ErrEntry", name, err)
		}
		if err != nil && strings.Contains(strings.ToLower(err.Error()), "martin") {
			t.Errorf("%s: the error repeats a name: %v", name, err)
		}
	}
	if n := len(store.Entries()); n != 0 {
		t.Errorf("%d entries written", n)
	}
}

func TestNewRefusesIncompleteConfigurations(t *testing.T) {
	t.Parallel()
	good := audit.Config{Store: new(audittest.Store), MAC: right, Writer: "w", Class: "c", Now: clock}
	for name, change := range map[string]func(*audit.Config){
		"no store":      func(c *audit.Config) { c.Store = nil },
		"no MAC":        func(c *audit.Config) { c.MAC = nil },
		"no clock":      func(c *audit.Config) { c.Now = nil },
		"no writer":     func(c *audit.Config) { c.Writer = "" },
		"writer blanks": func(c *audit.Config) { c.Writer = "a b" },
		"no class":      func(c *audit.Config) { c.Class = "" },
	} {
		c := good
		change(&c)
		if _, err := audit.New(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := audit.New(good); err != nil {
		t.Error(err)
	}
	if a, b := audit.WriterID("serve"), audit.WriterID("serve"); a == b || !strings.HasPrefix(a, "serve-") {
		t.Errorf("writer ids %s and %s", a, b)
	}
}

func TestEveryFieldIsInTheHash(t *testing.T) {
	t.Parallel()
	base := audittest.Entry(1)
	base.Writer, base.Class, base.Sequence, base.At = "w", "c", 1, testNow
	seen := map[audit.Hash]string{base.Link(audit.Hash{}): "nothing"}
	for name, change := range changes() {
		e := base
		change(&e)
		h := e.Link(audit.Hash{})
		if other, ok := seen[h]; ok {
			t.Errorf("changing %s gives the hash of changing %s", name, other)
		}
		seen[h] = name
	}
	if base.Link(audit.Hash{1}) == base.Link(audit.Hash{}) {
		t.Error("the hash before is not in the hash")
	}
}

// changes alters one field each, also by moving bytes over a border.
func changes() map[string]func(*audit.Entry) {
	return map[string]func(*audit.Entry){
		"writer":          func(e *audit.Entry) { e.Writer += "x" },
		"class":           func(e *audit.Entry) { e.Class += "x" },
		"sequence":        func(e *audit.Entry) { e.Sequence++ },
		"at":              func(e *audit.Entry) { e.At = e.At.Add(time.Millisecond) },
		"action":          func(e *audit.Entry) { e.Action += "x" },
		"outcome":         func(e *audit.Entry) { e.Outcome = audit.Refused },
		"reason":          func(e *audit.Entry) { e.Reason += "x" },
		"ref":             func(e *audit.Entry) { e.Ref += "x" },
		"actor":           func(e *audit.Entry) { e.Actor += "x" },
		"subject":         func(e *audit.Entry) { e.Subject += "0" },
		"service":         func(e *audit.Entry) { e.Service += "x" },
		"declaration":     func(e *audit.Entry) { e.Declaration += "x" },
		"version":         func(e *audit.Entry) { e.Version++ },
		"uai":             func(e *audit.Entry) { e.UAI += "x" },
		"source":          func(e *audit.Entry) { e.Source += "x" },
		"protocol":        func(e *audit.Entry) { e.Protocol += "x" },
		"attribute":       func(e *audit.Entry) { e.Attributes = []string{"profile", "clasz"} },
		"attribute order": func(e *audit.Entry) { e.Attributes = []string{"class", "profile"} },
		"attribute gone":  func(e *audit.Entry) { e.Attributes = []string{"profile"} },
		"attribute split": func(e *audit.Entry) { e.Attributes = []string{"profilec", "lass"} },
		"detail value":    func(e *audit.Entry) { e.Detail = map[string]string{"withheld": "", "note": "première fois"} },
		"detail gone":     func(e *audit.Entry) { e.Detail = nil },
		"border":          func(e *audit.Entry) { e.Service, e.Declaration = "lirel", "ire-2026" },
	}
}

// The bytes are a promise: a journal written today must verify in ten years.
func TestCanonicalFormIsAsDocumented(t *testing.T) {
	t.Parallel()
	e := audit.Entry{
		Writer: "w", Class: "c", Sequence: 2, At: time.UnixMilli(258).UTC(), Action: "a", Outcome: "o",
		Version: 3, Attributes: []string{"é"}, Detail: map[string]string{"b": "2", "a": "1"},
	}
	text := func(s string) string { return fmt.Sprintf("%08x%x", len(s), s) }
	eight := func(n int) string { return fmt.Sprintf("%016x", n) }
	want := hex.EncodeToString([]byte("ecluse-audit-1\n")) + text("w") + text("c") + eight(2) + eight(258) +
		text("a") + text("o") + strings.Repeat("00000000", 6) + eight(3) + strings.Repeat("00000000", 3) +
		"00000001" + text("é") + "00000002" + text("a") + text("1") + text("b") + text("2")
	if got := hex.EncodeToString(e.Canonical(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	h := e.Link(e.Chain().Genesis())
	const known = "7cf1fb484ff287470086157d7b9a31542606e410b07c8edb63a5d162f25c7831"
	if got := hex.EncodeToString(h[:]); got != known {
		t.Errorf("hash %s, want %s", got, known)
	}
}

func TestWriterRefusesToGoOnFromATamperedHead(t *testing.T) {
	t.Parallel()
	cases := map[string]func(s *audittest.State, early audittest.State){
		"head forged":      func(s *audittest.State, _ audittest.State) { s.Heads[0].Last = 1 },
		"hash forged":      func(s *audittest.State, _ audittest.State) { s.Heads[0].Hash[0] ^= 1 },
		"head removed":     func(s *audittest.State, _ audittest.State) { s.Heads = nil },
		"everything gone":  func(s *audittest.State, _ audittest.State) { *s = audittest.State{} },
		"put back to then": func(s *audittest.State, early audittest.State) { *s = early },
	}
	for name, tamper := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := new(audittest.Store)
			j := audittest.Journal(t, store, right, "a", clock)
			appendN(t, j, 2)
			early := store.State()
			appendN(t, j, 2)
			now := store.State()
			tamper(&now, early)
			store.Set(now)
			if _, err := j.Append(t.Context(), audittest.Entry(9)); !errors.Is(err, audit.ErrTampered) {
				t.Errorf("err = %v, want ErrTampered", err)
			}
		})
	}
}

func TestForgedRootOpensNoChain(t *testing.T) {
	t.Parallel()
	store := new(audittest.Store)
	appendN(t, audittest.Journal(t, store, right, "a", clock), 1)
	s := store.State()
	s.Root.Chains = 0
	store.Set(s)
	b := audittest.Journal(t, store, right, "b", clock)
	if _, err := b.Append(t.Context(), audittest.Entry(1)); !errors.Is(err, audit.ErrTampered) {
		t.Errorf("err = %v, want ErrTampered", err)
	}
}

func TestZeroDraftIsRefused(t *testing.T) {
	t.Parallel()
	var d audit.Draft
	if _, _, err := d.Open(audit.Root{}); !errors.Is(err, audit.ErrEntry) {
		t.Errorf("Open: %v", err)
	}
	if _, _, err := d.Link(audit.Head{}); !errors.Is(err, audit.ErrEntry) {
		t.Errorf("Link: %v", err)
	}
}

func TestConcurrentAppendsMakeOneChain(t *testing.T) {
	t.Parallel()
	store := new(audittest.Store)
	j := audittest.Journal(t, store, right, "a", clock)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 25 {
				if _, err := j.Append(context.Background(), audittest.Entry(i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if r, err := audit.Verify(t.Context(), store, right); err != nil || !r.OK() || r.Entries != 200 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestLogShowsNoSubject(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	e := audittest.Entry(1)
	slog.New(slog.NewJSONHandler(&b, nil)).Info("m", "entry", e)
	if strings.Contains(b.String(), e.Subject) || !strings.Contains(b.String(), e.Ref) {
		t.Errorf("logged %s", b.String())
	}
}

func BenchmarkLink(b *testing.B) {
	e := audittest.Entry(1)
	var h audit.Hash
	b.ReportAllocs()
	for b.Loop() {
		h = e.Link(h)
	}
}
