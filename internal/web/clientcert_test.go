package web_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"ecluse/internal/web"
)

func clientCert(t *testing.T, serial int64) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(serial), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, form, form, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func TestACertificateIsBelievedFromTheConnectionAndFromNamedProxiesAlone(t *testing.T) {
	t.Parallel()
	proxies, err := web.ParseProxies([]string{"10.1.0.0/16"})
	if err != nil {
		t.Fatal(err)
	}
	cert, other := clientCert(t, 1), clientCert(t, 2)
	escaped := url.PathEscape(string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})))
	standard := ":" + base64.StdEncoding.EncodeToString(cert.Raw) + ":"
	behind := web.ClientCerts{Header: "Client-Cert", From: proxies}
	ask := func(c web.ClientCerts, peer string, own *x509.Certificate, values ...string) int64 {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.RemoteAddr = peer
		for _, v := range values {
			r.Header.Add("Client-Cert", v)
		}
		r.Header.Set("X-Forwarded-For", "10.1.2.3")
		if own != nil {
			r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{own}}
		}
		if certs := c.Of(r); len(certs) > 0 {
			return certs[0].SerialNumber.Int64()
		}
		return 0
	}
	const proxy, stranger = "10.1.2.3:4000", "10.2.2.3:4000"
	for what, got := range map[string][2]int64{
		"as RFC 9440 writes it":      {ask(behind, proxy, nil, standard), 1},
		"as PEM with escapes":        {ask(behind, proxy, nil, escaped), 1},
		"from a stranger":            {ask(behind, stranger, nil, standard), 0},
		"from nobody":                {ask(behind, "", nil, standard), 0},
		"where no header is named":   {ask(web.ClientCerts{From: proxies}, proxy, nil, standard), 0},
		"where no proxy is named":    {ask(web.ClientCerts{Header: "Client-Cert"}, proxy, nil, standard), 0},
		"twice":                      {ask(behind, proxy, nil, standard, standard), 0},
		"not at all":                 {ask(behind, proxy, nil), 0},
		"not closed":                 {ask(behind, proxy, nil, standard[:len(standard)-1]), 0},
		"two in one":                 {ask(behind, proxy, nil, escaped+escaped), 0},
		"something else in PEM":      {ask(behind, proxy, nil, url.PathEscape(string(pem.EncodeToMemory(&pem.Block{Type: "KEY", Bytes: cert.Raw})))), 0},
		"the connection's own":       {ask(behind, stranger, other), 2},
		"the connection's before it": {ask(behind, proxy, other, standard), 2},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: certificate %d, want %d", what, got[0], got[1])
		}
	}
}
