package interop_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ecluse/internal/app"
	"ecluse/internal/saml"
	"ecluse/internal/upstream/ldap/ldaptest"
)

// withDirectory puts an OpenLDAP and its school into the gateway's files.
func (g *gateway) withDirectory() {
	g.t.Helper()
	settings, err := json.Marshal(ldaptest.Start(g.t).Settings())
	if err != nil {
		g.t.Fatal(err)
	}
	g.files.fill("dunes.yaml", "dunes.yaml", map[string]string{"Settings": string(settings)})
}

// TestPysaml2CarriesARequestWithAPassword has pysaml2 as a service and as the program of somebody without a browser (ECP): Omar,
// a teacher, who read in a browser what the service gets.
func TestPysaml2CarriesARequestWithAPassword(t *testing.T) {
	wanted(t)
	t.Parallel()
	g := newGateway(t, func(o *app.DemoOptions) { o.ECP = true })
	g.withDirectory()
	site := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(site.Close)
	address := strings.Replace(site.URL, "127.0.0.1", "localhost", 1)
	p := newPysaml2(t, address, "assertion", "redirect", false)
	p.said["signed"] = false // its program writes the request anew
	metadata, _ := p.does("metadata", nil)["metadata"].(string)
	register := func(settings map[string]any) {
		g.registerAs("salle.yaml", address+"/metadata", address+"/", []byte(metadata), settings)
	}
	register(nil)
	p.write("gateway.xml", g.metadata())
	p.said["metadata"], p.said["idp"] = p.file("gateway.xml"), g.public+"/saml/metadata"
	as := func(login, password string) map[string]any {
		t.Helper()
		return p.does("carry", map[string]any{"login": login, "password": password})
	}
	if got := as("omar.leroy", ldaptest.Password); got["status"] != 500.0 || !strings.Contains(got["refused"].(string), "Fault") {
		t.Errorf("for a service that lets no program ask: %v", got)
	}
	register(map[string]any{"ecp": "dunes"})
	if got := as("omar.leroy", ldaptest.Password); got["status"] != 200.0 || got["no"] != "StatusNoPassive" {
		t.Errorf("before Omar read anything: %v", got)
	}
	b := newBrowser(t)
	b.carry(p.does("ask", nil))
	b.press("source", "dunes")
	b.fillIn(map[string]string{"login": "omar.leroy", "password": ldaptest.Password})
	b.press("act", "informed")
	got := as("omar.leroy", ldaptest.Password)
	attributes, err := json.Marshal(got["attributes"])
	if err != nil || got["status"] != 200.0 || got["issuer"] != p.said["idp"] || got["format"] != saml.NameIDPersistent ||
		!strings.Contains(string(attributes), `"UAI":["0350033W"]`) || strings.Contains(string(attributes), "Omar") {
		t.Errorf("with the right password: %v", got)
	}
	if got := as("omar.leroy", "pluie"); got["status"] != 401.0 {
		t.Errorf("with a wrong one: %v", got)
	}
	if got := as("lea.martin", ldaptest.Password); got["status"] != 200.0 || got["no"] != "StatusRequestDenied" {
		t.Errorf("a pupil: %v", got)
	}
}
