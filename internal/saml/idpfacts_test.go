package saml_test

import (
	"encoding/base64"
	"encoding/xml"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	crewjam "github.com/crewjam/saml"

	"ecluse/internal/saml"
)

// providerXML is the metadata of an identity provider as Shibboleth writes it.
func providerXML(t testing.TB) string {
	t.Helper()
	cert := base64.StdEncoding.EncodeToString(rsaIdentity().der)
	return `<?xml version="1.0" encoding="UTF-8"?>
<!-- written by hand --><EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns:shibmd="urn:mace:shibboleth:metadata:1.0" xmlns:mdui="urn:oasis:names:tc:SAML:metadata:ui" entityID="https://ent.example.org/idp" validUntil="2026-12-01T00:00:00Z">
<Extensions><shibmd:Scope>Autre.Example.org</shibmd:Scope></Extensions>
<IDPSSODescriptor WantAuthnRequestsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:1.1:protocol urn:oasis:names:tc:SAML:2.0:protocol">
<Extensions><shibmd:Scope regexp="false"> ent.example.org </shibmd:Scope><shibmd:Scope regexp="true">^.*$</shibmd:Scope>
<mdui:UIInfo><mdui:DisplayName xml:lang="fr">Mon ENT</mdui:DisplayName></mdui:UIInfo></Extensions>
<KeyDescriptor><ds:KeyInfo><ds:X509Data><ds:X509Certificate>` + cert[:40] + "\n" + cert[40:] + `</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>
<SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://ent.example.org/slo" ResponseLocation="https://ent.example.org/slo/answer"/>
<SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://ent.example.org/slo/post"/>
<NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:transient</NameIDFormat>
<SingleSignOnService Binding="urn:mace:shibboleth:1.0:profiles:AuthnRequest" Location="https://ent.example.org/shib1"/>
<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://ent.example.org/sso"/>
<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://ent.example.org/sso/post"/>
</IDPSSODescriptor>
<AttributeAuthorityDescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><AttributeService Binding="x" Location="http://nobody"/></AttributeAuthorityDescriptor>
</EntityDescriptor>`
}

func TestAProviderIsRead(t *testing.T) {
	t.Parallel()
	got, err := saml.ParseIDPMetadata([]byte(providerXML(t)), now())
	if err != nil {
		t.Fatal(err)
	}
	if got.EntityID != "https://ent.example.org/idp" || !got.WantRequestsSigned || len(got.SigningKeys) != 1 ||
		!got.ValidUntil.Equal(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)) || len(got.SSO) != 3 || got.DisplayNames[0].Text != "Mon ENT" ||
		!slices.Equal(got.NameIDFormats, []string{saml.NameIDTransient}) {
		t.Errorf("got %+v", got)
	}
	if !slices.Equal(got.Scopes, []string{"autre.example.org", "ent.example.org"}) || got.Patterns != 1 {
		t.Errorf("scopes %v and %d patterns", got.Scopes, got.Patterns)
	}
	for binding, want := range map[string][2]string{
		saml.BindingRedirect: {"https://ent.example.org/sso", "https://ent.example.org/slo/answer"},
		saml.BindingPOST:     {"https://ent.example.org/sso/post", "https://ent.example.org/slo/post"},
	} {
		on, ok1 := got.SignOn(binding)
		out, ok2 := got.Logout(binding)
		if !ok1 || !ok2 || on != want[0] || out != want[1] {
			t.Errorf("%s: %q, %q", binding, on, out)
		}
	}
	if _, ok := got.SignOn(saml.BindingArtifact); ok {
		t.Error("an address that is not there")
	}
}

func TestAProviderThatCannotBeUsedIsRefused(t *testing.T) {
	t.Parallel()
	good := providerXML(t)
	cut := func(s, from, to string) string {
		before, rest, _ := strings.Cut(s, from)
		_, after, _ := strings.Cut(rest, to)
		return before + after
	}
	aSecond := strings.Replace(good, "<AttributeAuthorityDescriptor", `<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"></IDPSSODescriptor><AttributeAuthorityDescriptor`, 1)
	for name, c := range map[string]struct {
		doc  string
		want error
	}{
		"expired":          {strings.Replace(good, "2026-12-01", "2026-11-01", 1), saml.ErrMetadata},
		"role expired":     {strings.Replace(good, "<IDPSSODescriptor ", `<IDPSSODescriptor validUntil="2026-01-01T00:00:00Z" `, 1), saml.ErrMetadata},
		"no key":           {cut(good, "<KeyDescriptor>", "</KeyDescriptor>"), saml.ErrMetadata},
		"encryption only":  {strings.Replace(good, "<KeyDescriptor>", `<KeyDescriptor use="encryption">`, 1), saml.ErrMetadata},
		"odd use":          {strings.Replace(good, "<KeyDescriptor>", `<KeyDescriptor use="none">`, 1), saml.ErrMetadata},
		"plain http":       {strings.Replace(good, "https://ent.example.org/sso\"", "http://ent.example.org/sso\"", 1), saml.ErrMetadata},
		"script":           {strings.Replace(good, "https://ent.example.org/sso/post", "javascript:alert(1)", 1), saml.ErrMetadata},
		"no browser":       {strings.ReplaceAll(good, "<SingleSignOnService", "<X"), saml.ErrMetadata},
		"another protocol": {strings.Replace(good, "SAML:1.1:protocol urn:oasis:names:tc:SAML:2.0:protocol", "SAML:1.1:protocol", 1), saml.ErrMetadata},
		"two roles":        {aSecond, saml.ErrMetadata},
		"aggregate":        {`<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata">` + cut(good, "<?xml", "?>") + "</EntitiesDescriptor>", saml.ErrMetadata},
		"DTD":              {strings.Replace(good, "<!-- written by hand -->", "<!DOCTYPE x>", 1), saml.ErrShape},
		"two roots":        {good + "<x/>", saml.ErrSyntax},
		"no entityID":      {strings.Replace(good, `entityID="https://ent.example.org/idp"`, "", 1), saml.ErrMetadata},
	} {
		if _, err := saml.ParseIDPMetadata([]byte(c.doc), now()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestAProviderOnThisMachineIsForDevelopment(t *testing.T) {
	t.Parallel()
	local := strings.ReplaceAll(providerXML(t), "https://ent.example.org/s", "http://ent.localhost:8081/s")
	if _, err := saml.ParseIDPMetadata([]byte(local), now()); !errors.Is(err, saml.ErrMetadata) {
		t.Errorf("accepted: %v", err)
	}
	if _, err := saml.ParseIDPMetadata([]byte(local), now(), saml.AllowLocalHTTP()); err != nil {
		t.Errorf("refused in development: %v", err)
	}
}

func TestCrewjamsProviderIsUnderstood(t *testing.T) {
	t.Parallel()
	sp := crewjamSP(t)
	idp := &crewjam.IdentityProvider{Key: sp.Key, Certificate: sp.Certificate}
	idp.MetadataURL = url.URL{Scheme: "https", Host: "ent.example.org", Path: "/metadata"}
	idp.SSOURL = url.URL{Scheme: "https", Host: "ent.example.org", Path: "/sso"}
	raw, err := xml.Marshal(idp.Metadata())
	if err != nil {
		t.Fatal(err)
	}
	got, err := saml.ParseIDPMetadata(raw, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if on, ok := got.SignOn(saml.BindingRedirect); !ok || on != "https://ent.example.org/sso" || got.EntityID != "https://ent.example.org/metadata" {
		t.Errorf("got %+v", got)
	}
}

func FuzzParseIDPMetadata(f *testing.F) {
	seed(f, "metadata")
	f.Add([]byte(providerXML(f)))
	f.Fuzz(func(t *testing.T, doc []byte) {
		m, err := saml.ParseIDPMetadata(doc, now())
		if err != nil {
			return
		}
		if len(m.SigningKeys) == 0 || m.EntityID == "" {
			t.Error("accepted without a key or a name")
		}
		for _, e := range append(m.SSO, m.SingleLogout...) {
			if len(e.Location) < 9 || !strings.EqualFold(e.Location[:8], "https://") {
				t.Errorf("accepted the address %q", e.Location)
			}
		}
	})
}
