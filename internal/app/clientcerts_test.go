package app_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"ecluse/internal/app"
)

// pairIn is a certificate of its own making, with its key.
func pairIn(t *testing.T, number int64) tls.Certificate {
	t.Helper()
	dir := t.TempDir()
	certify(t, dir, number)
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// certified is a service with one client that is known by a certificate.
func certified(t *testing.T, cert *x509.Certificate) string {
	t.Helper()
	set, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: cert.PublicKey, Certificates: []*x509.Certificate{cert}}}})
	if err != nil {
		t.Fatal(err)
	}
	return firstService + `  - protocol: oidc
    handle: lire-api
    settings:
      type: confidential
      redirect_uris: ["https://lire.example/api/cb"]
      auth_method: self_signed_tls_client_auth
      jwks: ` + string(set) + "\n"
}

func TestAListenerOfOurOwnAsksClientsForCertificates(t *testing.T) {
	t.Parallel()
	c, dir, mine := servable(t), t.TempDir(), pairIn(t, 7)
	write(t, filepath.Join(dir, "lire.yaml"), certified(t, mine.Leaf))
	certs := t.TempDir()
	certify(t, certs, 1)
	c.TrustedProxies, c.TLS = nil, app.TLS{CertFile: filepath.Join(certs, "cert.pem"), KeyFile: filepath.Join(certs, "key.pem")}
	c.ClientCertificates = app.ClientCertificates{Listen: "127.0.0.1:0", URL: "https://mtls.localhost"}
	var out bytes.Buffer
	if err := app.Apply(t.Context(), c, app.ApplyOptions{Dir: dir}, &out, &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	a, err := app.Serve(t.Context(), c, &quietBuffer{})
	if err != nil {
		t.Fatal(err)
	}
	defer stopApp(t, a)
	door, public := "https://"+a.CertificatesAddr().String(), "https://"+a.Addr().String()
	ask := func(at, path, method string, header string, pairs ...tls.Certificate) (int, string) {
		r, err := http.NewRequest(method, at+path, strings.NewReader("client_id=lire-api&token=x"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if header != "" {
			r.Header.Set("Client-Cert", header)
		}
		client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, Certificates: pairs}}} //nolint:gosec // whose it is, is not asked here
		defer client.CloseIdleConnections()
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(body)
	}
	if status, body := ask(door, "/oidc/introspect", http.MethodPost, "", mine); status != http.StatusOK || !strings.Contains(body, `"active":false`) {
		t.Errorf("by its certificate: %d %s", status, body)
	}
	spoofed := ":" + base64.StdEncoding.EncodeToString(mine.Leaf.Raw) + ":"
	for what, status := range map[string]int{
		"without":               statusOf(ask(door, "/oidc/introspect", http.MethodPost, "")),
		"by another's":          statusOf(ask(door, "/oidc/introspect", http.MethodPost, "", pairIn(t, 8))),
		"by a header":           statusOf(ask(door, "/oidc/introspect", http.MethodPost, spoofed)),
		"where nobody is asked": statusOf(ask(public, "/oidc/introspect", http.MethodPost, spoofed, mine)),
	} {
		if status != http.StatusUnauthorized {
			t.Errorf("%s: %d", what, status)
		}
	}
	for _, path := range []string{"/", "/oidc/authorize", "/oidc/jwks", "/saml/metadata", "/bureau/", "/oidc/introspect/"} {
		if status, _ := ask(door, path, http.MethodGet, "", mine); status != http.StatusNotFound {
			t.Errorf("%s: %d at the door for certificates", path, status)
		}
	}
	if _, body := ask(public, "/.well-known/openid-configuration", http.MethodGet, ""); !strings.Contains(body, `"token_endpoint":"https://mtls.localhost/oidc/token"`) {
		t.Errorf("discovery says %s", body)
	}
}

func statusOf(status int, _ string) int { return status }

func TestCertificatesAreBelievedFromNobodyByDefault(t *testing.T) {
	t.Parallel()
	a, err := app.Serve(t.Context(), servable(t), &quietBuffer{})
	if err != nil {
		t.Fatal(err)
	}
	defer stopApp(t, a)
	if at := a.CertificatesAddr(); at != nil {
		t.Errorf("somebody asks for certificates at %s", at)
	}
}
