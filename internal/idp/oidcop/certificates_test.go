package oidcop_test

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"ecluse/internal/fetch"
	"ecluse/internal/idp/oidcop"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// authority issues certificates, good for the day on which the house stands.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func certificate(t testing.TB, key *ecdsa.PrivateKey, from *authority, change func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	now := time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC)
	form := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "classe-web", Organization: []string{"Canal, SA"}, Country: []string{"FR"}},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, DNSNames: []string{"rp.example"}, EmailAddresses: []string{"x@rp.example"},
		URIs: []*url.URL{{Scheme: "https", Host: "rp.example", Path: "/client"}}, IPAddresses: []net.IP{net.ParseIP("192.0.2.7")},
	}
	if change != nil {
		change(form)
	}
	issuer, by := form, key
	if from != nil {
		issuer, by = from.cert, from.key
	}
	der, err := x509.CreateCertificate(rand.Reader, form, issuer, key.Public(), by)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	key := freshKey(t)
	cert := certificate(t, key, nil, func(c *x509.Certificate) {
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage, c.Subject = true, true, x509.KeyUsageCertSign, pkix.Name{CommonName: "issuer"}
	})
	return &authority{cert, key}
}

const aliases = "https://mtls.sso.example"

// certHouse is a house whose proxy on this machine hands certificates on.
func certHouse(t testing.TB, from *authority, more func(*oidcop.Config)) *house {
	t.Helper()
	proxies, err := web.ParseProxies([]string{"127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	return newHouseWith(t, nil, func(c *oidcop.Config) {
		c.Certificates = &oidcop.Certificates{Of: web.ClientCerts{Header: "Client-Cert", From: proxies}.Of, Alias: aliases}
		if from != nil {
			c.Certificates.Roots = x509.NewCertPool()
			c.Certificates.Roots.AddCert(from.cert)
		}
		if more != nil {
			more(c)
		}
	})
}

func forwarded(cert *x509.Certificate) string {
	return ":" + base64.StdEncoding.EncodeToString(cert.Raw) + ":"
}

const certClient = `{"redirect_uris":["` + callback + `"],"type":"confidential","refresh":true,"auth_method":%q,%s}`

func TestAClientIsKnownByACertificateOfItsAuthorityAndItsName(t *testing.T) {
	t.Parallel()
	ca, key := newAuthority(t), freshKey(t)
	h := certHouse(t, ca, nil)
	good := certificate(t, key, ca, nil)
	for name, one := range map[string][2]string{
		"subject_dn": {`CN=classe-web,O=Canal\\, SA,C=FR`, `CN=classe-web,O=Canal\\, SA`}, "san_dns": {"rp.example", "xrp.example"},
		"san_uri": {"https://rp.example/client", "https://rp.example/"}, "san_ip": {"192.0.2.7", "192.0.2.70"}, "san_email": {"x@rp.example", "y@rp.example"},
	} {
		for i, want := range []int{http.StatusOK, http.StatusUnauthorized} {
			client := fmt.Sprintf("%s-%d", name, i)
			h.register(t, client, fmt.Sprintf(certClient, "tls_client_auth", `"tls_client_auth_`+name+`":"`+one[i]+`"`))
			if r := h.to(t, "/oidc/token", redeeming(client, h.code(t, client)), "Client-Cert", forwarded(good)); r.status != want {
				t.Errorf("%s: %d %v", client, r.status, r.body)
			}
		}
	}
	h.register(t, "x", fmt.Sprintf(certClient, "tls_client_auth", `"tls_client_auth_san_dns":"rp.example"`))
	for what, cert := range map[string]*x509.Certificate{
		"another authority": certificate(t, key, newAuthority(t), nil), "itself": certificate(t, key, nil, nil),
		"over":                certificate(t, key, ca, func(c *x509.Certificate) { c.NotAfter = h.clock.Now().Add(-time.Second) }),
		"not yet":             certificate(t, key, ca, func(c *x509.Certificate) { c.NotBefore = h.clock.Now().Add(time.Second) }),
		"for servers":         certificate(t, key, ca, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }),
		"the authority's own": ca.cert,
	} {
		refused(t, what, h.to(t, "/oidc/token", redeeming("x", h.code(t, "x")), "Client-Cert", forwarded(cert)), 401, "invalid_client")
	}
	form := redeeming("x", h.code(t, "x"))
	refused(t, "no header", h.to(t, "/oidc/token", form), 401, "invalid_client")
	refused(t, "two", h.to(t, "/oidc/token", form, "Client-Cert", forwarded(good), "Client-Cert", forwarded(good)), 401, "invalid_client")
	for _, odd := range []string{"", ":", "::", ":AAAA:", "x", "%zz", strings.Trim(forwarded(good), ":"), forwarded(good) + "x", strings.Repeat("A", 20<<10)} {
		refused(t, "a header that is none", h.to(t, "/oidc/token", form, "Client-Cert", odd), 401, "invalid_client")
	}
	form.Set("client_secret", secret)
	refused(t, "a secret too", h.to(t, "/oidc/token", form, "Client-Cert", forwarded(good)), 401, "invalid_client")
	form.Del("client_secret")
	if r := h.to(t, "/oidc/token", form, "Client-Cert", forwarded(good)); r.status != http.StatusOK {
		t.Errorf("after all of them: %v", r.body)
	}
	refused(t, "another client by it", h.to(t, "/oidc/token", redeeming("poste", h.code(t, "poste")), "Client-Cert", forwarded(good)), 401, "invalid_client")
}

// withCert is a key set whose key brings its certificate.
func withCert(t testing.TB, certs ...*x509.Certificate) string {
	t.Helper()
	var set jose.JSONWebKeySet
	for _, c := range certs {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: c.PublicKey, KeyID: c.SerialNumber.String(), Use: "sig", Certificates: []*x509.Certificate{c}})
	}
	raw, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestAClientIsKnownByTheCertificateThatItRegistered(t *testing.T) {
	t.Parallel()
	key := freshKey(t)
	mine, next := certificate(t, key, nil, nil), certificate(t, key, nil, func(c *x509.Certificate) { c.SerialNumber = big.NewInt(8) })
	short := certificate(t, key, nil, func(c *x509.Certificate) { c.NotAfter = c.NotBefore.Add(time.Minute) })
	var at atomic.Pointer[string]
	put := func(s string) { at.Store(&s) }
	put(withCert(t, mine))
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(*at.Load())) }))
	t.Cleanup(site.Close)
	h := certHouse(t, nil, func(c *oidcop.Config) {
		c.Outside = fetch.New(fetch.Config{PlainHTTP: true, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	})
	h.register(t, "here", fmt.Sprintf(certClient, "self_signed_tls_client_auth", `"jwks":`+withCert(t, mine, short)))
	h.register(t, "there", fmt.Sprintf(certClient, "self_signed_tls_client_auth", `"jwks_uri":"`+site.URL+`"`))
	show := func(client string, cert *x509.Certificate) reply {
		return h.to(t, "/oidc/token", redeeming(client, h.code(t, client)), "Client-Cert", forwarded(cert))
	}
	for _, client := range []string{"here", "there"} {
		if r := show(client, mine); r.status != http.StatusOK {
			t.Errorf("%s: %v", client, r.body)
		}
		refused(t, client+", another of the same key", show(client, next), 401, "invalid_client")
		refused(t, client+", none", h.to(t, "/oidc/token", redeeming(client, h.code(t, client))), 401, "invalid_client")
	}
	refused(t, "over", show("here", short), 401, "invalid_client")
	put(withCert(t, mine, next))
	h.clock.Advance(2 * time.Minute)
	if r := show("there", next); r.status != http.StatusOK {
		t.Errorf("the next one: %v", r.body)
	}
}

func TestTokensBoundToACertificateAreGoodByThatConnectionAlone(t *testing.T) {
	t.Parallel()
	ca, key := newAuthority(t), freshKey(t)
	h := certHouse(t, ca, nil)
	h.change(lasting)
	good, other := certificate(t, key, ca, nil), certificate(t, freshKey(t), ca, nil)
	bound := `"tls_client_auth_san_dns":"rp.example","tls_client_certificate_bound_access_tokens":true`
	h.register(t, "opaque", fmt.Sprintf(certClient, "tls_client_auth", bound))
	h.register(t, "jwt", fmt.Sprintf(certClient, "tls_client_auth", bound+`,"access_token":"jwt","access_token_audience":"https://api.example"`))
	h.withSecret(t, "secretive", `,"tls_client_certificate_bound_access_tokens":true`)
	sum := sha256.Sum256(good.Raw)
	thumb := base64.RawURLEncoding.EncodeToString(sum[:])
	for _, client := range []string{"opaque", "jwt", "secretive"} {
		with := []string{"client_secret", secret}
		if client != "secretive" {
			with = nil
		}
		form := redeeming(client, h.offline(t, client), with...)
		if client == "secretive" {
			over := certificate(t, key, ca, func(c *x509.Certificate) { c.NotAfter = h.clock.Now().Add(-time.Second) })
			refused(t, "no certificate to bind to", h.to(t, "/oidc/token", form), 400, "invalid_request")
			refused(t, "one that is over", h.to(t, "/oidc/token", form, "Client-Cert", forwarded(over)), 400, "invalid_request")
		}
		r := h.to(t, "/oidc/token", form, "Client-Cert", forwarded(good))
		access := r.text("access_token")
		if r.text("token_type") != "Bearer" || access == "" {
			t.Fatalf("%s: %v", client, r.body)
		}
		if cnf, _ := payloadOf(t, client, access)["cnf"].(map[string]any); client == "jwt" && cnf["x5t#S256"] != thumb {
			t.Errorf("the token is bound to %v", cnf)
		}
		h.boundTo(t, client, access, good, other)
		ask := url.Values{"client_id": {client}, "token": {access}}
		if client == "secretive" {
			ask.Set("client_secret", secret)
		}
		about := h.to(t, "/oidc/introspect", ask, "Client-Cert", forwarded(good))
		if cnf, _ := about.body["cnf"].(map[string]any); about.body["active"] != true || cnf["x5t#S256"] != thumb || cnf["jkt"] != nil {
			t.Errorf("%s: introspection says %v", client, about.body)
		}
		again := h.to(t, "/oidc/token", renewing(client, r.text("refresh_token"), with...), "Client-Cert", forwarded(good))
		h.boundTo(t, client+" again", again.text("access_token"), good, other)
	}
}

func TestARefreshTokenIsNotExchangedWhereOnlyAKeyOfTheClientIsGoodForIt(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	h := certHouse(t, ca, nil)
	h.change(lasting)
	good, other := certificate(t, freshKey(t), ca, nil), certificate(t, freshKey(t), nil, nil)
	h.register(t, "keyed", fmt.Sprintf(certClient, "tls_client_auth", `"tls_client_auth_san_dns":"rp.example","tls_client_certificate_bound_access_tokens":true`))
	h.withSecret(t, "secretive", `,"tls_client_certificate_bound_access_tokens":true`)
	for client, with := range map[string][]string{"keyed": nil, "secretive": {"client_secret", secret}} {
		first := h.to(t, "/oidc/token", redeeming(client, h.offline(t, client), with...), "Client-Cert", forwarded(good)).text("refresh_token")
		if first == "" {
			t.Fatalf("%s: no refresh token", client)
		}
		again := func(cert *x509.Certificate) reply {
			return h.to(t, "/oidc/token", renewing(client, first, with...), "Client-Cert", forwarded(cert))
		}
		same := again(good).text("refresh_token") == first
		h.clock.Advance(time.Minute) // more than an answer may be on its way
		if later := again(good); client == "keyed" && (!same || later.status != http.StatusOK) || client != "keyed" && (same || later.status != http.StatusBadRequest) {
			t.Errorf("%s: the same token %v, and then %d", client, same, later.status)
		}
		if client == "keyed" {
			refused(t, "by another's certificate", again(other), http.StatusUnauthorized, "invalid_client")
		}
	}
}

func TestAProofMayNameAnEndpointAtTheAddressWhereCertificatesAreShown(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	h, key := certHouse(t, ca, nil), freshKey(t)
	good := certificate(t, freshKey(t), ca, nil)
	h.register(t, "both", fmt.Sprintf(certClient, "tls_client_auth", `"tls_client_auth_san_dns":"rp.example","dpop":"required"`))
	redeem := func(htu string) reply {
		proof := h.dpop(t, key, "POST", "/oidc/token", "", "htu", htu)
		return h.to(t, "/oidc/token", redeeming("both", h.code(t, "both")), "Client-Cert", forwarded(good), "DPoP", proof)
	}
	for _, htu := range []string{h.issuer + "/oidc/token", aliases + "/oidc/token"} {
		if r := redeem(htu); r.status != http.StatusOK || r.text("token_type") != "DPoP" {
			t.Errorf("%s: %d %v", htu, r.status, r.body)
		}
	}
	for _, htu := range []string{aliases, aliases + "/oidc/par", aliases + ".example/oidc/token", "https://sso.example/oidc/token", "/oidc/token"} {
		refused(t, htu, redeem(htu), http.StatusBadRequest, "invalid_dpop_proof")
	}
	bare := newHouse(t, nil)
	bare.withSecret(t, "secretive", "")
	proof := bare.dpop(t, key, "POST", "/oidc/token", "", "htu", aliases+"/oidc/token")
	refused(t, "where nobody asks for certificates",
		bare.to(t, "/oidc/token", redeeming("secretive", bare.code(t, "secretive"), "client_secret", secret), "DPoP", proof), http.StatusBadRequest, "invalid_dpop_proof")
}

func payloadOf(t *testing.T, client, token string) map[string]any {
	t.Helper()
	if client != "jwt" {
		return nil
	}
	return payload(t, token)
}

// boundTo shows an access token by several connections.
func (h *house) boundTo(t *testing.T, what, access string, good, other *x509.Certificate) {
	t.Helper()
	by := func(headers ...string) reply {
		r, err := http.NewRequest(http.MethodGet, h.issuer+"/oidc/userinfo", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+access)
		for _, v := range headers {
			r.Header.Add("Client-Cert", v)
		}
		return h.send(t, r)
	}
	if r := by(forwarded(good)); r.status != http.StatusOK {
		t.Errorf("%s: by its own connection: %d %v", what, r.status, r.body)
	}
	refused(t, what+": without", by(), 401, "invalid_token")
	refused(t, what+": by another's", by(forwarded(other)), 401, "invalid_token")
	refused(t, what+": by two", by(forwarded(good), forwarded(good)), 401, "invalid_token")
}

func TestWithoutCertificatesNothingIsSaidOrTakenOfThem(t *testing.T) {
	t.Parallel()
	h, cert := newHouse(t, nil), certificate(t, freshKey(t), nil, nil)
	for what, settings := range map[string]string{
		"tls": fmt.Sprintf(certClient, "tls_client_auth", `"tls_client_auth_san_dns":"rp.example"`), "self": fmt.Sprintf(certClient, "self_signed_tls_client_auth", `"jwks":`+withCert(t, cert)),
		"bound": fmt.Sprintf(secretAgain, oidcop.HashSecret(secret), `,"tls_client_certificate_bound_access_tokens":true`),
	} {
		if found := h.provider.CheckSettings(registry.Binding{Protocol: "oidc", Handle: what, Settings: json.RawMessage(settings)}); len(found) != 1 {
			t.Errorf("%s: %v", what, found)
		}
	}
	said := func(h *house) string {
		_, body := h.document(t, "/.well-known/openid-configuration", "")
		return string(body)
	}
	if text := said(h); strings.Contains(text, "tls") {
		t.Errorf("it says %s", text)
	}
	self, both := said(certHouse(t, nil, nil)), said(certHouse(t, newAuthority(t), nil))
	for _, text := range []string{self, both} {
		for _, word := range []string{`"self_signed_tls_client_auth"`, `"tls_client_certificate_bound_access_tokens":true`, `"token_endpoint":"` + aliases + `/oidc/token"`} {
			if !strings.Contains(text, word) {
				t.Errorf("it lacks %s", word)
			}
		}
	}
	if strings.Contains(self, `"tls_client_auth"`) || !strings.Contains(both, `"tls_client_auth"`) {
		t.Error("an authority is said to be where there is none, or the other way round")
	}
	bare := certHouse(t, nil, func(c *oidcop.Config) { c.Certificates.Alias = "" })
	if strings.Contains(said(bare), "mtls_endpoint_aliases") {
		t.Error("aliases are said to be")
	}
}

func TestSettingsOfCertificatesSayOneThing(t *testing.T) {
	t.Parallel()
	h, cert := certHouse(t, newAuthority(t), nil), certificate(t, freshKey(t), nil, nil)
	for settings, where := range map[string]string{
		fmt.Sprintf(certClient, "tls_client_auth", `"tls_client_auth_san_ip":"192.0.2.1"`):                                     "",
		fmt.Sprintf(certClient, "self_signed_tls_client_auth", `"jwks":`+withCert(t, cert)):                                    "",
		fmt.Sprintf(certClient, "tls_client_auth", `"pkce":"required"`):                                                        "settings.tls_client_auth",
		fmt.Sprintf(certClient, "tls_client_auth", `"tls_client_auth_san_dns":"x","tls_client_auth_san_uri":"y"`):              "settings.tls_client_auth",
		fmt.Sprintf(certClient, "tls_client_auth", `"tls_client_auth_san_ip":"x"`):                                             "settings.tls_client_auth_san_ip",
		fmt.Sprintf(certClient, "self_signed_tls_client_auth", `"jwks":`+jwksOf(t, "k", freshKey(t))):                          "settings.jwks",
		fmt.Sprintf(certClient, "self_signed_tls_client_auth", `"pkce":"required"`):                                            "settings.jwks",
		fmt.Sprintf(certClient, "tls_client_auth", `"tls_client_auth_san_dns":"x","secret_hashes":["sha256:00"]`):              "settings.secret_hashes",
		fmt.Sprintf(secretAgain, oidcop.HashSecret(secret), `,"tls_client_auth_san_dns":"x"`):                                  "settings.tls_client_auth",
		`{"redirect_uris":["` + callback + `"],"type":"public","tls_client_certificate_bound_access_tokens":true}`:             "settings.tls_client_certificate_bound_access_tokens",
		`{"redirect_uris":["` + callback + `"],"type":"public","auth_method":"tls_client_auth","tls_client_auth_san_dns":"x"}`: "settings.auth_method",
	} {
		found := h.provider.CheckSettings(registry.Binding{Protocol: "oidc", Handle: "x", Settings: json.RawMessage(settings)})
		if (where == "") != (len(found) == 0) || (where != "" && found[0].Where != where) {
			t.Errorf("%s: %v, want %q", settings, found, where)
		}
	}
}

func TestACertificateIsNotRegisteredFromOutside(t *testing.T) {
	t.Parallel()
	d := newDesk(t, false)
	for _, method := range []string{"tls_client_auth", "self_signed_tls_client_auth"} {
		body := metadata(`,"token_endpoint_auth_method":"` + method + `","tls_client_auth_san_dns":"rp.example"`)
		got := d.send(t, "POST", "", "token-1", body)
		refused(t, method, got, 400, "invalid_client_metadata")
		if !strings.Contains(got.text("error_description"), "at the desk") {
			t.Errorf("%v", got.body)
		}
	}
}
