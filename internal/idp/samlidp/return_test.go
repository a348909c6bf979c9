package samlidp_test

import (
	"net/http"
	"strings"
	"testing"

	crewjam "github.com/crewjam/saml"

	"ecluse/internal/idp/samlidp"
)

// mod_auth_mellon names an address and no binding, whatever the service's settings are.
func TestAnAddressWithoutABindingSaysHowTheAnswerComes(t *testing.T) {
	t.Parallel()
	asking := func(address string) func(*crewjam.AuthnRequest) {
		return func(r *crewjam.AuthnRequest) { r.ProtocolBinding, r.AssertionConsumerServiceURL = "", address }
	}
	h := newHouse(t)
	for name, change := range map[string]func(*samlidp.Settings){"post": func(*samlidp.Settings) {}, "artifact": byArtifact} {
		l := newLeaver(t, h, "cle", "", change)
		if got := h.posted(t, document(t, l.request(t, crewjam.HTTPPostBinding, asking(acs("cle")))), ""); got.action() != acs("cle") {
			t.Errorf("set to %s, asked for the other: status %d (%s)", name, got.status, h.fault())
		}
		got := h.posted(t, document(t, l.request(t, crewjam.HTTPPostBinding, asking(acs("cle")+"/artifact"))), "")
		if got.status != http.StatusSeeOther || !strings.HasPrefix(got.header.Get("Location"), acs("cle")+"/artifact?SAMLart=") {
			t.Errorf("set to %s, asked for artifacts: status %d (%s)", name, got.status, h.fault())
		}
		if got := h.posted(t, document(t, l.request(t, crewjam.HTTPPostBinding, asking(acs("cle")+"/nowhere"))), ""); got.status != http.StatusBadRequest {
			t.Errorf("set to %s, asked for what is not registered: status %d", name, got.status)
		}
	}
}

// The handbook of mod_auth_mellon puts the one address in the place of the other.
func TestAServiceThatOnlyFetchesGetsArtifactsWithoutASetting(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	l := newLeaver(t, h, "cle", "", func(s *samlidp.Settings) {
		s.Metadata = strings.ReplaceAll(s.Metadata, "bindings:HTTP-POST", "bindings:PAOS")
	})
	got := h.posted(t, document(t, l.request(t, crewjam.HTTPPostBinding, func(r *crewjam.AuthnRequest) {
		r.ProtocolBinding, r.AssertionConsumerServiceURL = "", ""
	})), "")
	if got.status != http.StatusSeeOther || !strings.HasPrefix(got.header.Get("Location"), acs("cle")+"/artifact?SAMLart=") {
		t.Errorf("status %d (%s)", got.status, h.fault())
	}
	without := strings.ReplaceAll(metadata("cle", plainMD), "bindings:HTTP-POST", "bindings:PAOS")
	found := h.provider.CheckSettings(bind(t, entity("cle"), samlidp.Settings{Metadata: without}))
	if len(found) != 1 || !strings.Contains(found[0].What, "signing key") {
		t.Errorf("without a key to fetch with: %v", found)
	}
}
