package interop_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"ecluse/internal/web/webtest"
)

// simplesaml is SimpleSAMLphp as an identity provider with one pupil, under the server that comes with PHP.
type simplesaml struct {
	*folder
	gateway *gateway
	site    string
	says    simplesamlSays
}

// simplesamlSays is what it is told, beyond where everything is.
type simplesamlSays struct {
	Dir, Port                         string
	SP                                bool // our metadata is there
	SignResponse, Encrypted, Artifact bool
}

func newSimplesaml(t *testing.T, g *gateway, says simplesamlSays) *simplesaml {
	t.Helper()
	s := &simplesaml{folder: newFolder(t), gateway: g, says: says}
	s.says.Dir, s.says.Port = s.path, webtest.FreePort(t)
	s.site = "http://127.0.0.1:" + s.says.Port // the demo's own site: without TLS no cookie of ours comes back from another
	s.makeKey("sp")
	s.fill("config/config.php", "simplesaml_config.php", s.says)
	s.fill("config/authsources.php", "simplesaml_authsources.php", nil)
	s.fill("metadata/saml20-idp-hosted.php", "simplesaml_hosted.php", s.says)
	s.told("simplesamlphp.log", "php.out")
	p := s.run([]string{"SIMPLESAMLPHP_CONFIG_DIR=" + s.file("config")},
		"php", "-d", "error_reporting=E_ALL&~E_DEPRECATED", "-d", "opcache.enable=0", "-S", "127.0.0.1:"+s.says.Port, "-t", "/usr/share/simplesamlphp/www")
	s.await(p, s.site+"/saml2/idp/metadata.php")
	return s
}

// connect has each read the other's metadata as it is served: the gateway at its address, the product from a file.
func (s *simplesaml) connect(settings map[string]any) {
	s.t.Helper()
	all := map[string]any{
		"idp": s.site + "/idp", "metadata_url": s.site + "/saml2/idp/metadata.php", "insecure": true,
		"networks": []string{"127.0.0.0/8"},
	}
	for name, value := range settings {
		all[name] = value
	}
	text, err := json.Marshal(all)
	if err != nil {
		s.t.Fatal(err)
	}
	s.gateway.files.fill("moulin.yaml", "moulin.yaml", map[string]string{"Settings": string(text)})
	s.gateway.with()
	s.write("sp.xml", get(s.t, s.gateway.public+"/source/moulin/metadata"))
	s.says.SP = true
	s.fill("config/config.php", "simplesaml_config.php", s.says)
}

func TestSimpleSAMLphpSaysWhoSomebodyIs(t *testing.T) {
	wanted(t)
	t.Parallel()
	soon := time.Now().AddDate(0, 0, 7).UTC().Format(time.DateOnly)
	for name, c := range map[string]struct {
		says     simplesamlSays
		settings map[string]any
		asked    string
	}{
		"asked by redirect": {simplesamlSays{}, nil, http.MethodGet},
		"asked by post, assertion encrypted": {
			simplesamlSays{SignResponse: true, Encrypted: true},
			map[string]any{"binding": "post", "encryption": true, "cbc_until": soon, "cbc_reason": "it knows no other"},
			http.MethodPost,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGateway(t)
			s := newSimplesaml(t, g, c.says)
			s.connect(c.settings)
			b := newBrowser(t)
			s.signIn(b)
			if !b.went(c.asked, "/saml2/idp/SSOService.php") || !g.signedIn(b) {
				t.Fatal(strings.Join(b.trail, "\n"))
			}
			b.wants(t, c.says.Encrypted)
			s.leavesThere(b)
			s.signIn(b)
			s.leavesHere(b)
		})
	}
}

// signIn goes to a site of the demo's as Lou, whom the product knows, until the site shows what it was told.
func (s *simplesaml) signIn(b *browser) {
	s.t.Helper()
	b.trail = nil
	lire := "http://lire.localhost:" + s.port()
	b.open(lire + "/connexion")
	b.press("source", "moulin")
	if !strings.HasPrefix(b.at.url.String(), s.site) {
		s.t.Fatal(b.at)
	}
	b.fillIn(map[string]string{"username": "lou", "password": "a test"})
	if strings.HasPrefix(b.at.url.String(), s.gateway.public) {
		b.press("act", "informed")
	}
	if said := b.at.says(); !strings.HasPrefix(b.at.url.String(), lire) || !strings.Contains(said, "0280202T") || !strings.Contains(said, "5EME") {
		s.t.Fatalf("%s\n%s", b.at, strings.Join(b.trail, "\n"))
	}
	if strings.Contains(b.answers[0], "ENTPersonAdresse") {
		s.t.Error("it sends what our metadata does not ask for")
	}
}

func (s *simplesaml) port() string {
	u, err := url.Parse(s.gateway.public)
	if err != nil {
		s.t.Fatal(err)
	}
	return u.Port()
}

// leavesThere begins a sign-out at the product, which asks us to end our session and must like the answer.
func (s *simplesaml) leavesThere(b *browser) {
	s.t.Helper()
	b.trail = nil
	p := b.open(fmt.Sprintf("%s/saml2/idp/SingleLogoutService.php?ReturnTo=%s", s.site, url.QueryEscape(s.site+"/logout.php")))
	if !b.went("", "/source/moulin/logout") || p.url.Path != "/logout.php" || p.status != http.StatusOK {
		s.t.Errorf("%s\n%s", p, strings.Join(b.trail, "\n"))
	}
	if s.gateway.signedIn(b) {
		s.t.Error("our session goes on")
	}
}

// toItsSignOut is the link of our page that leads on to the product's.
var toItsSignOut = regexp.MustCompile(`href="(/signout/source/[^"]+)"`)

// leavesHere begins a sign-out at the gateway, follows its link to the product, which must like our request, and reads what
// the product answered.
func (s *simplesaml) leavesHere(b *browser) {
	s.t.Helper()
	p := s.gateway.signOut(b)
	link := toItsSignOut.FindStringSubmatch(p.body)
	if link == nil {
		s.t.Fatal(p)
	}
	b.trail = nil
	if p = b.open(s.gateway.public + link[1]); !strings.Contains(p.says(), "Your session at Accounts of Jean-Moulin is closed too") {
		s.t.Errorf("%s\n%s", p, strings.Join(b.trail, "\n"))
	}
	if s.gateway.signedIn(b) {
		s.t.Error("our session goes on")
	}
}
