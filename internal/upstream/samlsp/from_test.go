package samlsp_test

import (
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/federation"
	"ecluse/internal/fetch"
	"ecluse/internal/registry"
	"ecluse/internal/saml"
	"ecluse/internal/upstream"
	"ecluse/internal/upstream/samlsp"
	"ecluse/internal/upstream/upstreamtest"
	"ecluse/internal/web/webtest"
)

const anotherEntity = "https://autre.example/idp"

// aggregate is a federation's document with the provider among others, signed; until is its own end.
func aggregate(t testing.TB, signer identity, until string, change ...string) string {
	t.Helper()
	provider := theirXML(provider(), append([]string{` ID="_m"`, ""}, change...)...)
	other := strings.ReplaceAll(theirXML(stranger(), ` ID="_m"`, ""), idpEntity, anotherEntity)
	return signed(t, signer, `<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" ID="_fed" validUntil="`+until+`">`+"\n"+other+provider+"</EntitiesDescriptor>", "EntitiesDescriptor")
}

// union is a gateway's metadata of others with one source of it, and a connector whose provider stands there.
type union struct {
	*federation.Federation
	*gate
	mu sync.Mutex
	at time.Time
}

func (u *union) clock() time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.at
}

func (u *union) advance(d time.Duration) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.at = u.at.Add(d)
}

func (u *union) ready(t testing.TB) bool { return (&followed{gate: u.gate}).ready(t) }

func (u *union) wanted() []federation.Pair {
	return []federation.Pair{{Source: "renater", EntityID: idpEntity}}
}

// certificates are those whose keys count: of several signers any one.
func certificates(t testing.TB, of ...identity) []saml.Certificate {
	t.Helper()
	var text []byte
	for _, i := range of {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.der})...)
	}
	list, err := saml.ReadCertificates(text)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// unite opens the federation in a folder; mdq asks entity by entity.
func (p *publisher) unite(t testing.TB, dir string, mdq bool) *union {
	t.Helper()
	u := &union{at: webtest.Now()}
	roots := x509.NewCertPool()
	roots.AddCert(p.Certificate())
	source := federation.Source{
		Name: "renater", URL: p.URL + "/fed.xml", Signers: certificates(t, shortLived(), stranger()),
		Refresh: federation.DefaultRefresh, MaxAge: federation.DefaultMaxAge, MaxBytes: federation.DefaultMaxBytes, MaxValidity: federation.DefaultMaxValidity,
		Outside: fetch.Config{Roots: roots, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}},
	}
	if mdq {
		source.URL, source.MDQ = "", p.URL
	}
	logged := &upstreamtest.Log{}
	var err error
	u.Federation, err = federation.New(federation.Config{
		Folder: dir, Sources: []federation.Source{source}, Now: u.clock, Log: slog.New(slog.NewTextHandler(logged, nil)), Wanted: u.wanted,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = u.Federation.Close() })
	c, g := prepare(t, setup{now: u.clock, settings: map[string]any{"metadata": nil, "metadata_from": "renater", "idp": idpEntity}})
	c.Entities = u.Federation
	if g.Connector, err = samlsp.New(c); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.Connector.Close() })
	u.gate = g
	g.mount()
	return u
}

func (u *union) signs(t testing.TB, who identity) bool {
	t.Helper()
	q := u.ask(t, upstream.Challenge{})
	before := len(u.host.Signed())
	u.answer(signed(t, who, theirAnswer(q.AuthnRequest, u.clock()), "Assertion"), q.RelayState)
	return len(u.host.Signed()) > before
}

// probed is the one thing that is found.
func (u *union) probed(t testing.TB) string {
	t.Helper()
	found := u.gate.Probe(t.Context())
	if len(found) == 0 {
		return ""
	}
	if found[0].Where != "settings.metadata_from" || len(found) > 1 {
		t.Errorf("found %v", found)
	}
	return found[0].What
}

const untilSoon, untilLater = "2026-09-20T00:00:00Z", "2026-09-30T00:00:00Z"

func TestASourceOfAFederationIsFollowedWithTheFederation(t *testing.T) {
	t.Parallel()
	p := publish(t, aggregate(t, stranger(), untilSoon))
	dir := t.TempDir()
	u := p.unite(t, dir, false)
	if u.ready(t) || !strings.Contains(u.probed(t), "nothing of the source has been had yet") {
		t.Errorf("before it was had: %s", u.probed(t))
	}
	if err := u.Refresh(t.Context()); err != nil || !u.ready(t) || !u.signs(t, provider()) || u.signs(t, stranger()) || u.probed(t) != "" {
		t.Fatalf("%v, %s, %v", err, u.probed(t), u.host.Failures())
	}
	p.says(aggregate(t, shortLived(), untilLater, provider().base64(), stranger().base64())) // by the other signer, and with another key
	if err := u.Refresh(t.Context()); err != nil || !u.signs(t, stranger()) || u.signs(t, provider()) {
		t.Errorf("a new key: %v, %v", err, u.host.Failures())
	}
	last := len(p.asked)
	for name, bad := range map[string]string{
		"gone": "", "by nobody's key": aggregate(t, provider(), untilLater), "expired": aggregate(t, stranger(), "2026-09-01T00:00:00Z"),
		"without an end": strings.Replace(aggregate(t, stranger(), untilLater), ` validUntil="`+untilLater+`"`, "", 1),
		"changed":        strings.Replace(aggregate(t, stranger(), untilLater), ssoURL, ssoURL+"2", 1),
	} {
		p.says(bad)
		u.advance(time.Hour)
		if err := u.Refresh(t.Context()); err == nil || !u.signs(t, stranger()) {
			t.Errorf("%s: %v, %v", name, err, u.host.Failures())
		}
	}
	if p.asked[last] == "" {
		t.Error("asked without the ETag")
	}
	if said := u.probed(t); !strings.Contains(said, "could not be refreshed") || !strings.Contains(said, "5h0m0s old") {
		t.Errorf("probed %s", said)
	}
	p.says("")
	again := p.unite(t, dir, false)
	if !again.signs(t, stranger()) {
		t.Error("after a restart the last good copy does not serve")
	}
	again.advance(8 * 24 * time.Hour)
	if again.ready(t) || !strings.Contains(again.probed(t), "last confirmed on") {
		t.Errorf("what nobody confirmed for a week is used: %s", again.probed(t))
	}
	p.says(aggregate(t, stranger(), "2026-09-08T12:00:00Z"))
	brief := p.unite(t, t.TempDir(), false)
	if err := brief.Refresh(t.Context()); err != nil || !brief.ready(t) {
		t.Fatal(err)
	}
	if brief.advance(48 * time.Hour); brief.ready(t) || !strings.Contains(brief.probed(t), "expired on 2026-09-08") {
		t.Errorf("what has ended is used: %s", brief.probed(t))
	}
}

func TestASourceThatItsFederationDropsSignsNobodyIn(t *testing.T) {
	t.Parallel()
	p := publish(t, aggregate(t, stranger(), untilSoon))
	u := p.unite(t, t.TempDir(), false)
	if err := u.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	q := u.ask(t, upstream.Challenge{})
	p.says(aggregate(t, stranger(), untilSoon, idpEntity, "https://parti.example/idp"))
	if err := u.Refresh(t.Context()); err != nil || u.ready(t) || !strings.Contains(u.probed(t), "does not name this entity") {
		t.Errorf("%v, %s", err, u.probed(t))
	}
	u.answer(signed(t, provider(), theirAnswer(q.AuthnRequest, u.clock()), "Assertion"), q.RelayState)
	u.nobody(t)
	p.says(aggregate(t, stranger(), untilSoon, `use="signing"`, `use="encryption"`))
	if err := u.Refresh(t.Context()); err != nil || u.ready(t) || !strings.Contains(u.probed(t), "no signing key") {
		t.Errorf("without a key: %v, %s", err, u.probed(t))
	}
}

func TestASourceIsAskedForAtAnMDQServer(t *testing.T) {
	t.Parallel()
	p := publish(t, signed(t, stranger(), theirXML(provider(), "2027-01-01T00:00:00Z", untilSoon), "EntityDescriptor"))
	path := make(chan string, 10)
	inner := p.Config.Handler
	p.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path <- r.URL.EscapedPath()
		inner.ServeHTTP(w, r)
	})
	u := p.unite(t, t.TempDir(), true)
	if u.ready(t) || len(path) != 0 {
		t.Error("ready, or asked, before it was had")
	}
	if err := u.Refresh(t.Context()); err != nil || !u.signs(t, provider()) || <-path != "/entities/"+url.QueryEscape(idpEntity) {
		t.Errorf("%v, %v", err, u.host.Failures())
	}
	p.says("")
	u.advance(90 * time.Minute)
	if err := u.Refresh(t.Context()); err == nil || !u.signs(t, provider()) || !strings.Contains(u.probed(t), "1h30m0s old") {
		t.Errorf("%v, %s", err, u.probed(t))
	}
}

func TestMetadataThatNobodyKeepsKeepsASourceFromBeingSetUp(t *testing.T) {
	t.Parallel()
	p := publish(t, "")
	u := p.unite(t, t.TempDir(), false)
	for name, c := range map[string]struct {
		from     string
		entities samlsp.Entities
		fits     bool
	}{"kept": {"renater", u.Federation, true}, "another name": {"edugain", u.Federation, false}, "none is kept": {"renater", nil, false}} {
		config, _ := prepare(t, setup{settings: map[string]any{"metadata": nil, "metadata_from": c.from, "idp": idpEntity}})
		config.Entities = c.entities
		connector, err := samlsp.New(config)
		if (err == nil) != c.fits || err != nil && !strings.Contains(err.Error(), "no source of metadata is called") {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			_ = connector.Close()
		}
	}
	at := newGate(t, setup{})
	config, _ := prepare(t, setup{})
	config.Entities = u.Federation // which has nothing, and is not asked for what is pasted
	connector, err := samlsp.New(config)
	if err != nil || len(connector.Probe(t.Context())) != 0 || len(at.Probe(t.Context())) != 0 {
		t.Error(err)
	}
	_ = connector.Close()
}

func TestSettingsOfASourceOfAFederationAreHeldToIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		settings map[string]any
		want     []string
	}{
		"right":       {map[string]any{"metadata_from": "renater", "idp": idpEntity}, nil},
		"whose":       {map[string]any{"metadata_from": "renater"}, []string{"settings.idp"}},
		"twice":       {map[string]any{"metadata_from": "renater", "idp": idpEntity, "metadata": theirXML(provider())}, []string{"settings.metadata"}},
		"its own too": {map[string]any{"metadata_from": "renater", "idp": idpEntity, "metadata_folder": t.TempDir()}, []string{"settings.metadata_folder"}},
	} {
		source := registry.Source{ID: "ent", Connector: "saml", Authority: "ac", Settings: c.settings}
		_, found := samlsp.ReadSettings(source, func(s string) string { return s }, webtest.Now())
		var where []string
		for _, f := range found {
			where = append(where, f.Where)
		}
		if strings.Join(where, " ") != strings.Join(c.want, " ") {
			t.Errorf("%s: %v", name, found)
		}
	}
	from, entityID := samlsp.Kept(registry.Source{Connector: "saml", Settings: map[string]any{"metadata_from": "renater", "idp": idpEntity}})
	if from != "renater" || entityID != idpEntity {
		t.Errorf("kept in %q as %q", from, entityID)
	}
	for _, other := range []registry.Source{{Connector: "oidc", Settings: map[string]any{"metadata_from": "renater"}}, {Connector: "saml", Settings: map[string]any{"metadata_from": 7}}} {
		if from, _ := samlsp.Kept(other); from != "" {
			t.Errorf("kept in %q", from)
		}
	}
}

func TestTheRoleOfASourceInAFederationMayEndBeforeTheRest(t *testing.T) {
	t.Parallel()
	p := publish(t, aggregate(t, stranger(), untilSoon, "<IDPSSODescriptor ", `<IDPSSODescriptor validUntil="2026-09-08T12:00:00Z" `))
	u := p.unite(t, t.TempDir(), false)
	if err := u.Refresh(t.Context()); err != nil || !u.ready(t) {
		t.Fatalf("%v, %s", err, u.probed(t))
	}
	if u.advance(48 * time.Hour); u.ready(t) || !strings.Contains(u.probed(t), "its metadata has ended") {
		t.Errorf("a role that has ended is used: %s", u.probed(t))
	}
}
