package samlsp_test

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"testing"

	"ecluse/internal/upstream/upstreamtest"
	"ecluse/internal/web/webtest"
)

// discoveryAddress is where our metadata says that a discovery service answers.
func discoveryAddress(t *testing.T, g *gate) string {
	t.Helper()
	var md struct {
		At []struct {
			Binding  string `xml:"Binding,attr"`
			Location string `xml:"Location,attr"`
		} `xml:"SPSSODescriptor>Extensions>DiscoveryResponse"`
	}
	if err := xml.Unmarshal(ourMetadata(t, g), &md); err != nil {
		t.Fatal(err)
	}
	if len(md.At) != 1 || md.At[0].Binding != "urn:oasis:names:tc:SAML:profiles:SSO:idp-discovery-protocol" {
		t.Fatalf("our metadata says %+v", md.At)
	}
	return md.At[0].Location
}

func TestADiscoveryServiceBringsPeopleToTheSourceTheyChose(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	address := discoveryAddress(t, g)
	path := "/source/" + g.id + "/discovery"
	if address != webtest.Origin+path {
		t.Fatalf("its address is %s", address)
	}
	for query, want := range map[string]string{
		url.Values{"entityID": {idpEntity}}.Encode(): home + "&source=" + g.id,
		"": home, // SAML Identity Provider Discovery 2.4.3: nothing was chosen
		url.Values{"entityID": {"https://other.example/idp"}}.Encode():             home,
		url.Values{"entityID": {idpEntity, "https://other.example/"}}.Encode():     home,
		url.Values{"entityID": {idpEntity + " "}}.Encode():                         home,
		url.Values{"entityID": {"https://evil.example/&source=x"}}.Encode():        home,
		url.Values{"entityID": {""}, "return": {"https://evil.example/"}}.Encode(): home,
		"entityID=%zz": home,
	} {
		w := upstreamtest.Get(g.mux, path+"?"+query)
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != want {
			t.Errorf("%q: %d to %q, want %q", query, w.Code, w.Header().Get("Location"), want)
		}
	}
}
