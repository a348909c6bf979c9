package interop_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"ecluse/internal/web/webtest"
)

// mellon is mod_auth_mellon under Apache, whose SAML is the library Lasso.
type mellon struct {
	*folder
	gateway  *gateway
	site     string
	metadata []byte
}

// newMellon starts it with the metadata that it writes of itself, or with what edit makes of that: its handbook has no
// other switch for what stands there.
func newMellon(t *testing.T, g *gateway, edit func(*testing.T, []byte) []byte) *mellon {
	t.Helper()
	m := &mellon{folder: newFolder(t), gateway: g}
	port := webtest.FreePort(t)
	m.site = "http://localhost:" + port
	m.makeKey("sp")
	m.write("gateway.xml", g.metadata())
	page, err := os.ReadFile("testdata/env.shtml")
	if err != nil {
		t.Fatal(err)
	}
	m.write("site/inside/page.shtml", page)
	m.write("site/outside.html", []byte("<!DOCTYPE html><title>outside</title><p>outside"))
	m.told("apache.log", "apache2.out")
	first := m.start(port, "")
	m.metadata = m.await(first, m.site+"/mellon/metadata")
	if edit != nil {
		first.stop()
		m.metadata = edit(t, m.metadata)
		m.write("sp.xml", m.metadata)
		m.await(m.start(port, fmt.Sprintf("MellonSPMetadataFile %q", m.file("sp.xml"))), m.site+"/outside.html")
	}
	return m
}

func (m *mellon) start(port, more string) *program {
	m.t.Helper()
	m.fill("apache.conf", "apache.conf", map[string]string{
		"Dir": m.path, "Port": port,
		"Module": "LoadModule auth_mellon_module /usr/lib/apache2/modules/mod_auth_mellon.so",
		"Guard": fmt.Sprintf(`MellonLockFile "%[1]s/mellon.lock"
<Location />
  MellonEnable info
  MellonEndpointPath /mellon
  MellonSPentityId %[2]s/mellon/metadata
  MellonSPPrivateKeyFile "%[1]s/sp.key"
  MellonSPCertFile "%[1]s/sp.pem"
  MellonIdPMetadataFile "%[1]s/gateway.xml"
  MellonSecureCookie Off
  %[3]s
</Location>
<Location /inside>
  AuthType Mellon
  MellonEnable auth
  Require valid-user
</Location>`, m.path, m.site, more),
	})
	return m.run(nil, "apache2", "-DFOREGROUND", "-f", m.file("apache.conf"))
}

// inside wants the page that only Hugo sees.
func (m *mellon) inside(p *page) {
	m.t.Helper()
	for _, said := range []string{"MELLON_UAI=0280202T", "MELLON_ENTEleveNivFormation=5EME", "MELLON_NAME_ID="} {
		if p.status != http.StatusOK || !strings.Contains(p.body, said) {
			m.t.Fatalf("%s is not on the page: %s", said, p)
		}
	}
}

func TestMellonSignsInAndOutWithOurMetadataAsItIs(t *testing.T) {
	wanted(t)
	t.Parallel()
	for name, c := range map[string]struct {
		settings map[string]any
		edit     func(*testing.T, []byte) []byte
		answered string // where our answer goes
		bySOAP   bool   // and sign-outs
	}{
		"assertion signed":               {nil, nil, "/mellon/postResponse", true},
		"both signed, by artifact":       {map[string]any{"sign": "both"}, artifactAlone, "/mellon/artifactResponse", true},
		"both signed, out by browser":    {map[string]any{"sign": "both", "require_signed": true, "hash": "sha512"}, withoutSOAP, "/mellon/postResponse", false},
		"asks for post, set to artifact": {map[string]any{"response_binding": "artifact"}, nil, "/mellon/postResponse", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGateway(t)
			m := newMellon(t, g, c.edit)
			g.register(m.site+"/mellon/metadata", m.site+"/inside/page.shtml", m.metadata, c.settings)
			b := newBrowser(t)
			b.open(m.site + "/inside/page.shtml")
			m.inside(b.signIn())
			if !b.went("", c.answered) || !g.signedIn(b) {
				t.Fatal(b.trail)
			}
			m.leavesThere(b)
			b.open(m.site + "/inside/page.shtml")
			m.inside(b.signInAgain())
			m.leavesHere(b, c.bySOAP)
		})
	}
}

// withoutSOAP is metadata without an address for sign-outs by SOAP.
func withoutSOAP(t *testing.T, metadata []byte) []byte {
	return without(t, metadata, `(?s)<SingleLogoutService\s[^>]*bindings:SOAP"[^>]*/>`)
}

// artifactAlone is metadata whose answers are fetched.
func artifactAlone(t *testing.T, metadata []byte) []byte {
	return without(t, metadata, `(?s)<AssertionConsumerService\s[^>]*bindings:(HTTP-POST|PAOS)"[^>]*/>`)
}

func without(t *testing.T, metadata []byte, what string) []byte {
	t.Helper()
	found := regexp.MustCompile(what)
	if !found.Match(metadata) {
		t.Fatalf("there is none in\n%s", metadata)
	}
	return found.ReplaceAll(metadata, nil)
}

// leavesThere begins a sign-out at the site, which brings the browser back when it heard that all is over.
func (m *mellon) leavesThere(b *browser) {
	m.t.Helper()
	b.trail = nil
	p := b.open(m.site + "/mellon/logout?ReturnTo=" + url.QueryEscape(m.site+"/outside.html"))
	if p.url.Path != "/outside.html" || !b.went(http.MethodGet, "/saml/slo") {
		m.t.Errorf("%s\n%s", p, strings.Join(b.trail, "\n"))
	}
	if m.gateway.signedIn(b) {
		m.t.Error("our session goes on")
	}
}

// leavesHere begins a sign-out at the gateway, which must say that the site's session is over, and it must be.
func (m *mellon) leavesHere(b *browser, bySOAP bool) {
	m.t.Helper()
	m.gateway.ends(b, m.site+"/inside/page.shtml", "/mellon/logout", bySOAP)
	if p := b.open(m.site + "/inside/page.shtml"); !strings.HasPrefix(p.url.String(), m.gateway.public) {
		m.t.Errorf("the site's session goes on: %s", p)
	}
}
