package browsertest_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"

	"ecluse/internal/app"
)

// pair is a certificate for this machine alone.
type pair struct {
	files   app.TLS
	keyHash string // what Chromium is told to accept: the SHA-256 of the public key
}

func makePair(t *testing.T) pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		DNSNames: []string{"localhost", "*.localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IsCA: true, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	dir, hash := t.TempDir(), sha256.Sum256(public)
	p := pair{
		files:   app.TLS{CertFile: filepath.Join(dir, "cert.pem"), KeyFile: filepath.Join(dir, "key.pem")},
		keyHash: base64.StdEncoding.EncodeToString(hash[:]),
	}
	for name, block := range map[string]*pem.Block{
		p.files.CertFile: {Type: "CERTIFICATE", Bytes: cert}, p.files.KeyFile: {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// overTransportSecurity signs in where cookies are as strict as they will be in service: SAML by POST in and out, then
// OpenID Connect.
func overTransportSecurity(t *testing.T, h *house) {
	b := h.tab(t)
	b.open(h.at("lire.localhost", "/connexion?par=post"))
	b.arrive(h.gateway, "Qui se connecte")
	b.press("Lina Martin")
	b.arrive(h.gateway, "Tu vas sur Lire")
	checkCookies(b, h.at(h.gateway, "/"))
	b.press("J'ai compris, on y va")
	b.arrive("lire.localhost", "Bonjour")
	posted := b.posted()
	for _, want := range []string{h.at(h.gateway, "/saml/"), h.at("lire.localhost", "/")} {
		if !slices.ContainsFunc(posted, func(to string) bool { return strings.HasPrefix(to, want) }) {
			t.Errorf("nothing was posted below %s, only to %q", want, posted)
		}
	}
	b.open(h.at("calcul.localhost", "/connexion"))
	b.arrive(h.gateway, "Tu vas sur Calcul")
	b.press("J'ai compris, on y va")
	b.arrive("calcul.localhost", "Bonjour")
}

// gatewayCookies are those that the browser would send there.
func gatewayCookies(b *tab, address string) []*network.Cookie {
	b.Helper()
	return must(b, network.GetCookies, network.GetCookiesParams{URLs: []string{address}}).Cookies
}

// checkCookies judges the gateway's cookies as the browser keeps them: one of a transaction, one of a session.
func checkCookies(b *tab, address string) {
	b.Helper()
	sameSite := map[network.CookieSameSite]int{}
	for _, c := range gatewayCookies(b, address) {
		sameSite[c.SameSite]++
		if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HTTPOnly || c.Path != "/" {
			b.Errorf("cookie %s: secure %v, HttpOnly %v, path %s", c.Name, c.Secure, c.HTTPOnly, c.Path)
		}
		session := strings.Contains(c.Name, "session")
		if session && c.SameSite != network.CookieSameSiteLax {
			b.Errorf("session cookie %s has SameSite %s", c.Name, c.SameSite)
		}
	}
	if sameSite[network.CookieSameSiteNone] != 1 || sameSite[network.CookieSameSiteLax] < 1 {
		b.Errorf("the gateway's cookies by SameSite: %v", sameSite)
	}
}

// framingRefused puts pages of the gateway into frames of another origin, beside a page that lets itself be framed: that
// one is there, and none of ours.
func framingRefused(t *testing.T, h *house) {
	willing := serve(t, `<h1>Moi, oui</h1>`)
	willing = strings.Replace(willing, "127.0.0.1", "localhost", 1)
	for _, path := range []string{"/signout", "/nulle-part", "/go/discute", "/"} {
		framed := h.at(h.gateway, path)
		b := h.tab(t)
		b.open(serve(t, fmt.Sprintf(`<link rel="icon" href="data:,"><h1>Cadre</h1><iframe src=%q></iframe><iframe src=%q></iframe>`, willing, framed)))
		b.arrive("127.0.0.1", "Cadre")
		if refused := b.refused(); len(refused) != 1 || refused[0] != framed+" net::ERR_BLOCKED_BY_RESPONSE" {
			t.Errorf("of the two frames the browser refused %q, not %s", refused, framed)
		}
		if heard := strings.Join(b.heard(), "\n"); !strings.Contains(heard, "frame-ancestors") {
			t.Errorf("the frame with %s is empty, but not because of the content policy:\n%s", path, heard)
		}
	}
}

// serve answers every request with one page, and tells its address.
func serve(t *testing.T, body string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, `<!DOCTYPE html><html lang="fr"><title>x</title>`+body)
	}))
	t.Cleanup(s.Close)
	return s.URL
}
