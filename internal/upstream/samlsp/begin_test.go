package samlsp_test

import (
	"crypto"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ecluse/internal/keys"
	"ecluse/internal/saml"
	"ecluse/internal/upstream"
	"ecluse/internal/upstream/upstreamtest"
	"ecluse/internal/web/webtest"
)

func ourKeys(t testing.TB) []crypto.PublicKey {
	t.Helper()
	return []crypto.PublicKey{sharedRing(t).Signer(keys.UseSAML).Public()}
}

func TestARequestGoesByRedirectAndIsSigned(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	q := g.ask(t, upstream.Challenge{Login: "zoe.petit", Service: "Carnet de lecture"})
	if q.status != http.StatusOK || !strings.HasPrefix(q.target, ssoURL+"?SAMLRequest=") {
		t.Errorf("status %d to %s", q.status, q.target)
	}
	if err := q.VerifyDetached(ourKeys(t)); err != nil {
		t.Error(err)
	}
	if q.HasSignature || q.Destination != ssoURL || q.Issuer != webtest.Origin+"/source/ent/metadata" || q.ACSURL != webtest.Origin+"/source/ent/acs" ||
		q.ProtocolBinding != saml.BindingPOST || q.ForceAuthn || q.IsPassive || q.NameIDPolicy != (saml.NameIDPolicy{}) || !q.IssueInstant.Equal(g.now()) {
		t.Errorf("asked %+v", q.AuthnRequest)
	}
	if q.RelayState != q.ID || len(q.RelayState) > 80 {
		t.Errorf("RelayState %q", q.RelayState)
	}
	if said := string(q.XML); strings.Contains(said, "zoe") || strings.Contains(said, "Carnet") || strings.Contains(said, upstreamtest.Challenge) {
		t.Errorf("the request says who asks, or who is asked for: %s", said)
	}
}

func TestARequestSaysWhatTheChallengeAndTheSettingsSay(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{settings: map[string]any{
		"entity_id": "urn:fi:ecluse", "name_id": "persistent", "authn_context": []any{saml.ClassPasswordTransport}, "authn_context_comparison": "minimum",
		"idp_list": []any{"urn:fi:ac-exemple:ts:1.0"},
	}})
	q := g.ask(t, upstream.Challenge{Fresh: true, Passive: true})
	if !q.ForceAuthn || !q.IsPassive || q.Issuer != "urn:fi:ecluse" || q.NameIDPolicy.Format != saml.NameIDPersistent || !q.NameIDPolicy.AllowCreate ||
		q.AuthnContext.Comparison != "minimum" || !slices.Equal(q.IDPList, []string{"urn:fi:ac-exemple:ts:1.0"}) {
		t.Errorf("asked %+v", q.AuthnRequest)
	}
	if q.status != http.StatusFound {
		t.Errorf("a passive request shows a page: status %d", q.status)
	}
}

func TestARequestGoesByPostWhereItMust(t *testing.T) {
	t.Parallel()
	redirect := `<SingleSignOnService Binding="` + saml.BindingRedirect + `" Location="` + ssoURL + `"/>`
	for name, settings := range map[string]map[string]any{
		"as configured":  {"binding": "post"},
		"nothing else":   {"metadata": theirXML(provider(), redirect, "")},
		"not configured": nil,
	} {
		g := newGate(t, setup{settings: settings})
		q := g.ask(t, upstream.Challenge{})
		if byPost := q.Binding == saml.BindingPOST; byPost != (settings != nil) {
			t.Errorf("%s: by %s", name, q.Binding)
			continue
		}
		if settings == nil {
			continue
		}
		if _, err := saml.VerifyAuthnRequest(q.XML, ourKeys(t)); err != nil || q.target != postURL || q.Destination != postURL || q.RelayState != q.ID {
			t.Errorf("%s: %v, to %s", name, err, q.target)
		}
		xmlsec1(t, q.XML, "protocol:AuthnRequest")
		if w := g.signsIn(t, q); w.Code != http.StatusNoContent {
			t.Errorf("%s: status %d", name, w.Code)
		}
	}
}

// xmlsec1 judges the signature of a root element with the certificate that we publish.
func xmlsec1(t *testing.T, document []byte, element string) {
	t.Helper()
	dir := t.TempDir()
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: sharedRing(t).Signer(keys.UseSAML).Certificate()})
	for name, content := range map[string][]byte{"cert.pem": certificate, "doc.xml": document} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command("xmlsec1", "--verify", "--enabled-key-data", "raw-x509-cert,x509,rsa", "--pubkey-cert-pem", filepath.Join(dir, "cert.pem"),
		"--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:"+element, filepath.Join(dir, "doc.xml")).CombinedOutput()
	if err != nil {
		t.Errorf("xmlsec1 refuses it: %v\n%s", err, out)
	}
}

func TestARequestMayGoUnsignedWhereTheSettingsSaySo(t *testing.T) {
	t.Parallel()
	for _, binding := range []string{"redirect", "post"} {
		g := newGate(t, setup{settings: map[string]any{"sign_requests": false, "binding": binding}})
		q := g.ask(t, upstream.Challenge{})
		if q.Signed() || q.HasSignature {
			t.Errorf("%s: it is signed", binding)
		}
		if w := g.signsIn(t, q); w.Code != http.StatusNoContent {
			t.Errorf("%s: status %d", binding, w.Code)
		}
	}
}

func TestAnAddressWithAQueryOfItsOwnKeepsIt(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{settings: map[string]any{"metadata": theirXML(provider(), `"`+ssoURL+`"`, `"`+ssoURL+`?realm=eleves"`)}})
	q := g.ask(t, upstream.Challenge{})
	u, err := url.Parse(q.target)
	if err != nil || u.Query().Get("realm") != "eleves" || !u.Query().Has("Signature") || q.VerifyDetached(ourKeys(t)) != nil {
		t.Errorf("to %s: %v", q.target, err)
	}
}

func TestEachRequestIsAnother(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	one, two := g.ask(t, upstream.Challenge{}), g.ask(t, upstream.Challenge{})
	if one.ID == two.ID || one.RelayState == two.RelayState {
		t.Error("two requests share an ID")
	}
}

func TestNothingIsAskedThatWasNotPrepared(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	w := httptest.NewRecorder()
	err := g.Begin(w, httptest.NewRequest(http.MethodGet, webtest.Origin+"/", nil), upstream.Challenge{ID: upstreamtest.Challenge})
	if err == nil || w.Body.Len() != 0 {
		t.Errorf("%v, and a page of %d bytes", err, w.Body.Len())
	}
}
