package web

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"net/url"
	"strings"
)

// maxClientCert bounds the header in which a proxy hands a certificate on.
const maxClientCert = 16 << 10

// ClientCerts tells which certificate a program showed when it connected: to a listener of ours that asks for one, or to a
// proxy that hands it on in a header. Whoever may hand one on may be anybody: the proxies are named for this alone, and have
// to remove the header from what comes in. The zero value believes no header.
type ClientCerts struct {
	// Header is the one that the proxies write: as RFC 9440 does, or PEM with percent escapes.
	Header string
	// From are those proxies.
	From Proxies
}

// Of gives the certificates of a request, the program's own first; none where none was shown, where a header comes from
// elsewhere, stands twice or cannot be read. That the program has the key was checked by whoever ended TLS; nothing else was.
func (c ClientCerts) Of(r *http.Request) []*x509.Certificate {
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		return r.TLS.PeerCertificates
	}
	if c.Header == "" || !c.From.trusts(socketAddr(r)) {
		return nil
	}
	values := r.Header.Values(c.Header)
	if len(values) != 1 || len(values[0]) > maxClientCert {
		return nil
	}
	cert, err := x509.ParseCertificate(forwardedCert(values[0]))
	if err != nil {
		return nil
	}
	return []*x509.Certificate{cert}
}

// forwardedCert reads what a proxy wrote; nil when it is neither form.
func forwardedCert(text string) []byte {
	if inner, ok := strings.CutPrefix(text, ":"); ok { // RFC 8941 3.3.5
		inner, ok = strings.CutSuffix(inner, ":")
		der, err := base64.StdEncoding.Strict().DecodeString(inner)
		if !ok || err != nil {
			return nil
		}
		return der
	}
	plain, err := url.PathUnescape(text)
	if err != nil {
		return nil
	}
	block, rest := pem.Decode([]byte(plain))
	if block == nil || block.Type != "CERTIFICATE" || strings.TrimSpace(string(rest)) != "" {
		return nil
	}
	return block.Bytes
}
