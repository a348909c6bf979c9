package interop_test

import (
	"os"
	"strings"
	"testing"

	"ecluse/internal/saml"
	"ecluse/internal/web/webtest"
)

// shibboleth is Shibboleth's Service Provider 3 under Apache: mod_shib in front, shibd behind it.
type shibboleth struct {
	*folder
	gateway *gateway
	site    string
	shibd   *program
}

// shibbolethSays is what one installation is told, beyond where everything is.
type shibbolethSays struct {
	Dir, Port, Gateway string

	Ask, Leave string // the bindings by which it asks for a sign-in and for a sign-out
	Consumer   string // the index of the address where it wants its answer; its own default when empty
	Plain      bool   // messages by SOAP may go without TLS
	Encrypted  bool   // its metadata has a key to encrypt for
	bySOAP     bool   // its metadata has an address for sign-outs by SOAP
	signer     []byte // the certificate that our metadata is verified with; the right one when empty
}

func newShibboleth(t *testing.T, g *gateway, says shibbolethSays) *shibboleth {
	t.Helper()
	s := &shibboleth{folder: newFolder(t), gateway: g}
	says.Dir, says.Port, says.Gateway = s.path, webtest.FreePort(t), g.public
	s.site = "http://localhost:" + says.Port
	s.makeKey("sp")
	if says.signer == nil {
		says.signer = g.certificate()
	}
	s.write("gateway.pem", says.signer)
	s.fill("shibboleth2.xml", "shibboleth2.xml", says)
	s.fill("shibboleth.logger", "shibboleth.logger", map[string]string{"Log": s.file("shibd.log")})
	s.fill("module.logger", "shibboleth.logger", map[string]string{"Log": s.file("module.log")})
	s.fill("attribute-map.xml", "attribute-map.xml", nil)
	s.protocols(says)
	s.fill("apache.conf", "apache.conf", map[string]string{
		"Dir": s.path, "Port": says.Port,
		"Module": "LoadModule mod_shib /usr/lib/apache2/modules/mod_shib.so\nShibConfig \"" + s.file("shibboleth2.xml") + "\"",
		"Guard": "<Location /inside>\n  AuthType shibboleth\n  ShibRequestSetting requireSession 1\n  Require shib-session\n</Location>\n" +
			"<Location /Shibboleth.sso>\n  AuthType None\n  SetHandler shib\n  Require all granted\n</Location>",
	})
	page, err := os.ReadFile("testdata/env.shtml")
	if err != nil {
		t.Fatal(err)
	}
	s.write("site/inside/page.shtml", page)
	s.told("shibd.log", "module.log", "shibd.out", "apache.log", "apache2.out")
	s.shibd = s.run(nil, "shibd", "-F", "-f", "-c", s.file("shibboleth2.xml"), "-p", s.file("shibd.pid"))
	s.await(s.run(nil, "apache2", "-DFOREGROUND", "-f", s.file("apache.conf")), s.site+"/Shibboleth.sso/Status")
	return s
}

// protocols are the package's own, with or without the line of sign-outs by SOAP.
func (s *shibboleth) protocols(says shibbolethSays) {
	s.t.Helper()
	text, err := os.ReadFile("/etc/shibboleth/protocols.xml")
	if err != nil {
		s.t.Fatal(err)
	}
	const line = `<Binding id="urn:oasis:names:tc:SAML:2.0:bindings:SOAP" path="/SLO/SOAP" />`
	if !strings.Contains(string(text), line) {
		s.t.Fatal("this Shibboleth lists its bindings otherwise")
	}
	if !says.bySOAP {
		text = []byte(strings.Replace(string(text), line, "", 1))
	}
	s.write("protocols.xml", text)
}

// register puts the metadata that it writes of itself into the gateway's files, as it is.
func (s *shibboleth) register(settings map[string]any) {
	s.t.Helper()
	s.gateway.register(s.site+"/shibboleth", s.site+"/inside/page.shtml", get(s.t, s.site+"/Shibboleth.sso/Metadata"), settings)
}

// inside wants the page that only Hugo sees.
func (s *shibboleth) inside(p *page) {
	s.t.Helper()
	for _, said := range []string{"uai=0280202T", "level=5EME", "REMOTE_USER=", "Shib-Identity-Provider=" + s.gateway.public + "/saml/metadata"} {
		if p.status != 200 || !strings.Contains(p.body, said) {
			s.t.Fatalf("%s is not on the page: %s", said, p)
		}
	}
}

func TestShibbolethSignsInAndOutWithOurMetadataAsItIs(t *testing.T) {
	wanted(t)
	t.Parallel()
	for name, c := range map[string]struct {
		says     shibbolethSays
		settings map[string]any
		asked    string // the way of its request
		answered string // where our answer goes
		left     string // the way of its sign-out
	}{
		"by redirect, answered by post": {
			shibbolethSays{Ask: saml.BindingRedirect, Leave: saml.BindingRedirect}, nil, "GET", "/SAML2/POST", "GET",
		},
		"by post, answered by artifact": {
			shibbolethSays{Ask: saml.BindingPOST, Leave: saml.BindingPOST, Consumer: "3", Plain: true, bySOAP: true},
			map[string]any{"sign": "both"},
			"POST", "/SAML2/Artifact", "POST",
		},
		"with a key to encrypt for": {
			shibbolethSays{Ask: saml.BindingRedirect, Leave: saml.BindingRedirect, Encrypted: true}, nil, "GET", "/SAML2/POST", "GET",
		},
		"leaving by soap": {
			shibbolethSays{Ask: saml.BindingRedirect, Leave: saml.BindingSOAP, Plain: true, bySOAP: true},
			map[string]any{"sign": "response", "hash": "sha512", "require_signed": true},
			"GET", "/SAML2/POST", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGateway(t)
			s := newShibboleth(t, g, c.says)
			s.register(c.settings)
			b := newBrowser(t)
			if b.open(s.site + "/inside/page.shtml"); !b.went(c.asked, "/saml/sso") {
				t.Fatal(b.trail)
			}
			s.inside(b.signIn())
			if !b.went("", "/Shibboleth.sso"+c.answered) || !g.signedIn(b) {
				t.Fatal(b.trail)
			}
			if c.answered == "/SAML2/POST" {
				b.wants(t, c.says.Encrypted)
			}
			s.leavesThere(b, c.left)
			b.open(s.site + "/inside/page.shtml")
			s.inside(b.signInAgain())
			s.leavesHere(b, c.says.bySOAP)
		})
	}
}

// leavesThere begins a sign-out at the site, which must hear that all is over; our session must be.
func (s *shibboleth) leavesThere(b *browser, way string) {
	s.t.Helper()
	b.trail = nil
	p := b.open(s.site + "/Shibboleth.sso/Logout")
	if !strings.Contains(p.says(), "Logout completed successfully") || b.went(way, "/saml/slo") != (way != "") {
		s.t.Errorf("%s\n%s", p, strings.Join(b.trail, "\n"))
	}
	if s.gateway.signedIn(b) {
		s.t.Error("our session goes on")
	}
}

// leavesHere begins a sign-out at the gateway, which must say that the site's session is over, and it must be.
func (s *shibboleth) leavesHere(b *browser, bySOAP bool) {
	s.t.Helper()
	s.gateway.ends(b, s.site+"/inside/page.shtml", "/SLO/Redirect", bySOAP)
	if p := b.open(s.site + "/inside/page.shtml"); !strings.HasPrefix(p.url.String(), s.gateway.public) {
		s.t.Errorf("the site's session goes on: %s", p)
	}
}

func TestShibbolethTakesOurMetadataByTheSignatureOfOurKeyAlone(t *testing.T) {
	wanted(t)
	t.Parallel()
	g, other := newGateway(t), newGateway(t)
	for name, c := range map[string]struct {
		certificate []byte
		taken       bool
	}{"our key": {g.certificate(), true}, "another gateway's": {other.certificate(), false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShibboleth(t, g, shibbolethSays{Ask: saml.BindingRedirect, Leave: saml.BindingRedirect, signer: c.certificate})
			b := newBrowser(t)
			p := b.open(s.site + "/inside/page.shtml")
			if b.went("GET", "/saml/sso") != c.taken || !c.taken && !strings.Contains(p.says(), "Unable to locate metadata") {
				t.Error(p)
			}
		})
	}
}
