package samlsp_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/upstream"
	"ecluse/internal/upstream/samlsp"
	"ecluse/internal/upstream/upstreamtest"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// publisher is where a provider publishes its metadata.
type publisher struct {
	*httptest.Server
	mu    sync.Mutex
	doc   string
	asked []string // the If-None-Match of each request
}

func publish(t testing.TB, doc string) *publisher {
	t.Helper()
	p := &publisher{doc: doc}
	p.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.asked = append(p.asked, r.Header.Get("If-None-Match"))
		if p.doc == "" {
			http.Error(w, "closed", http.StatusBadGateway)
			return
		}
		sum := sha256.Sum256([]byte(p.doc))
		tag := `"` + hex.EncodeToString(sum[:]) + `"`
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = w.Write([]byte(p.doc))
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *publisher) says(doc string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.doc = doc
}

// followed is a source that finds its provider's metadata there.
type followed struct {
	*gate
	mu  sync.Mutex
	at  time.Time
	dir string
}

func (f *followed) clock() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.at
}

func (f *followed) advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at = f.at.Add(d)
}

func (p *publisher) follow(t testing.TB, dir string, settings map[string]any) *followed {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "ca.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "keys.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: stranger().der}), 0o600); err != nil {
		t.Fatal(err)
	}
	f := &followed{at: webtest.Now(), dir: dir}
	all := map[string]any{
		"metadata": nil, "metadata_url": p.URL + "/metadata", "idp": idpEntity, "metadata_folder": dir,
		"networks": []any{"127.0.0.0/8", "::1/128"}, "ca_file": "ca.pem",
	}
	for key, value := range settings {
		all[key] = value
	}
	c, g := prepare(t, setup{now: f.clock, settings: all, path: func(name string) string {
		if filepath.IsAbs(name) {
			return name
		}
		return filepath.Join(dir, name)
	}})
	connector, err := samlsp.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connector.Close() })
	g.Connector, f.gate = connector, g
	g.mux = web.NewMux(g.kit)
	g.Still(g.mux, "/source/ent", g.host)
	return f
}

// ready tells whether a sign-in can be begun.
func (f *followed) ready(t testing.TB) bool {
	t.Helper()
	w := httptest.NewRecorder()
	err := f.begin(w, httptest.NewRequest(http.MethodGet, webtest.Origin+"/", nil), upstream.Challenge{ID: upstreamtest.Challenge})
	if err != nil && !errors.Is(err, upstream.ErrUnavailable) {
		t.Error(err)
	}
	return err == nil
}

func TestMetadataIsFollowedAndTheLastGoodCopyStays(t *testing.T) {
	t.Parallel()
	p := publish(t, theirXML(provider()))
	f := p.follow(t, t.TempDir(), nil)
	if f.ready(t) {
		t.Error("ready before metadata was had")
	}
	if wait := f.Refresh(t.Context()); wait != samlsp.DefaultRefresh || !f.ready(t) {
		t.Fatalf("not ready, to be tried in %v: %s", wait, f.logged)
	}
	for name, bad := range map[string]string{
		"gone": "", "another's": theirXML(provider(), idpEntity, "https://autre.example"), "expired": theirXML(provider(), "2027-01-01", "2026-01-01"),
		"no XML": "<html>", "no key": theirXML(provider(), `use="signing"`, `use="encryption"`),
	} {
		p.says(bad)
		if wait := f.Refresh(t.Context()); wait != time.Minute || !f.ready(t) {
			t.Errorf("%s: ready %v, to be tried in %v", name, f.ready(t), wait)
		}
	}
	if said := f.logged.String(); strings.Count(said, "could not be refreshed") != 1 {
		t.Errorf("logged %s", said)
	}
	p.says(theirXML(provider()))
	if f.Refresh(t.Context()); !strings.Contains(f.logged.String(), "fresh again") {
		t.Errorf("logged %s", f.logged)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.asked[0] != "" || p.asked[len(p.asked)-1] == "" {
		t.Errorf("asked with %q", p.asked)
	}
}

func TestWhoeverComesBeforeTheFirstMetadataWaitsForIt(t *testing.T) {
	t.Parallel()
	p := publish(t, theirXML(provider()))
	f := p.follow(t, t.TempDir(), nil)
	p.mu.Lock() // the publisher is slow
	f.Mount(web.NewMux(f.kit), "/source/ent", f.host)
	began := make(chan bool)
	go func() { began <- f.ready(t) }()
	select {
	case <-began:
		t.Error("it did not wait")
	case <-time.After(50 * time.Millisecond):
	}
	p.mu.Unlock()
	if !<-began {
		t.Errorf("refused although the metadata was under way: %s", f.logged)
	}
}

func TestWhoeverComesAfterAFailureIsToldAtOnce(t *testing.T) {
	t.Parallel()
	p := publish(t, "")
	f := p.follow(t, t.TempDir(), nil)
	f.Mount(web.NewMux(f.kit), "/source/ent", f.host)
	if f.ready(t) {
		t.Error("ready without metadata")
	}
	if start := time.Now(); f.ready(t) || time.Since(start) > 4*time.Second {
		t.Errorf("after a failure it waited for %v", time.Since(start))
	}
}

func TestANewKeyCountsFromTheNextRefreshAndAnOldOneNoLonger(t *testing.T) {
	t.Parallel()
	p := publish(t, theirXML(provider()))
	f := p.follow(t, t.TempDir(), nil)
	f.Refresh(t.Context())
	p.says(theirXML(stranger()))
	f.Refresh(t.Context())
	for who, fits := range map[*identity]bool{at(provider()): false, at(stranger()): true} {
		q := f.ask(t, upstream.Challenge{})
		before := len(f.host.Signed())
		f.answer(signed(t, *who, theirAnswer(q.AuthnRequest, f.clock()), "Assertion"), q.RelayState)
		if got := len(f.host.Signed()) > before; got != fits {
			t.Errorf("signed in %v, want %v: %v", got, fits, f.host.Failures())
		}
	}
}

func TestAKeptCopyServesAfterARestartUntilItEnds(t *testing.T) {
	t.Parallel()
	p := publish(t, theirXML(provider(), "2027-01-01", "2026-09-10"))
	dir := t.TempDir()
	p.follow(t, dir, nil).Refresh(t.Context())
	p.says("")
	f := p.follow(t, dir, nil)
	if !f.ready(t) {
		t.Fatal("the kept copy is not used")
	}
	f.advance(2 * time.Hour)
	if findings := f.Probe(t.Context()); len(findings) != 1 || !strings.Contains(findings[0].What, "2h0m0s old") {
		t.Errorf("found %v", findings)
	}
	f.advance(72 * time.Hour)
	if f.ready(t) {
		t.Error("metadata that has ended is used")
	}
	if findings := f.Probe(t.Context()); len(findings) != 2 || !strings.Contains(findings[1].What, "ended on 2026-09-10") {
		t.Errorf("found %v", findings)
	}
	if p.follow(t, dir, nil); p.follow(t, t.TempDir(), nil).ready(t) {
		t.Error("ready with nothing kept")
	}
}

func TestMetadataThatIsFetchedIsSignedByWhomeverItMustBeAndEndsSomeDay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		doc  string
		fits bool
	}{
		"signed":           {signed(t, stranger(), theirXML(provider()), "EntityDescriptor"), true},
		"unsigned":         {theirXML(provider()), false},
		"by another":       {signed(t, provider(), theirXML(provider()), "EntityDescriptor"), false},
		"changed":          {strings.Replace(signed(t, stranger(), theirXML(provider()), "EntityDescriptor"), ssoURL, ssoURL+"2", 1), false},
		"good for ever":    {signed(t, stranger(), theirXML(provider(), ` validUntil="2027-01-01T00:00:00Z"`, ""), "EntityDescriptor"), false},
		"wrapped unsigned": {strings.Replace(signed(t, stranger(), theirXML(provider()), "EntityDescriptor"), `ID="_m"`, `ID="_n"`, 1), false},
	} {
		f := publish(t, c.doc).follow(t, t.TempDir(), map[string]any{"metadata_keys_file": "keys.pem"})
		f.Refresh(t.Context())
		if got := f.ready(t); got != c.fits {
			t.Errorf("%s: ready %v: %s", name, got, f.logged)
		}
	}
}

func TestMetadataIsFollowedFromTheMomentTheRoutesStand(t *testing.T) {
	t.Parallel()
	p := publish(t, theirXML(provider()))
	f := p.follow(t, t.TempDir(), nil)
	f.mount()
	for f.Probe(t.Context()) != nil || !f.ready(t) { // Probe asks too, so that this ends either way
		time.Sleep(time.Millisecond)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

func TestProbeSaysWhatWillEndAndWhatIsNotRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		metadata string
		says     string
	}{
		"good":            {theirXML(provider()), ""},
		"ends soon":       {theirXML(provider(), "2027-01-01", "2026-09-20"), "ends on 2026-09-20"},
		"patterns":        {theirXML(provider(), "<shibmd:Scope>", `<shibmd:Scope regexp="true">`), "patterns"},
		"key's container": {theirXML(shortLived()), "its key still counts"},
	} {
		g := newGate(t, setup{settings: map[string]any{"metadata": c.metadata}})
		findings := g.Probe(t.Context())
		if c.says == "" && len(findings) != 0 || c.says != "" && (len(findings) != 1 || !strings.Contains(findings[0].What, c.says)) {
			t.Errorf("%s: found %v", name, findings)
		}
	}
}

// An expired certificate is a container of a key that still counts (SAML V2.0 Metadata Interoperability Profile 2.6.1).
func TestAKeyInAnExpiredCertificateStillSignsIn(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{settings: map[string]any{"metadata": theirXML(shortLived())}})
	q := g.ask(t, upstream.Challenge{})
	if w := g.answer(signed(t, shortLived(), theirAnswer(q.AuthnRequest, g.now()), "Assertion"), q.RelayState); w.Code != http.StatusNoContent {
		t.Errorf("status %d, %v", w.Code, g.host.Failures())
	}
}

func TestMetadataThatEndsWhileTheGatewayRunsIsUsedNoMore(t *testing.T) {
	t.Parallel()
	f := &followed{at: webtest.Now()}
	f.gate = newGate(t, setup{now: f.clock, settings: map[string]any{"metadata": theirXML(provider(), "2027-01-01", "2026-09-08")}})
	q := f.ask(t, upstream.Challenge{})
	f.advance(24 * time.Hour)
	if f.ready(t) {
		t.Error("a sign-in was begun")
	}
	f.answer(signed(t, provider(), theirAnswer(q.AuthnRequest, f.clock()), "Assertion"), q.RelayState)
	f.nobody(t)
}
