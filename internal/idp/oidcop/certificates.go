package oidcop

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Certificates is what is needed to know clients by the certificates of their connections (RFC 8705).
type Certificates struct {
	// Of gives the certificates of the connection that a request came by, the client's own first. That the client has the
	// key was checked; nothing else was.
	Of func(*http.Request) []*x509.Certificate
	// Roots issue the certificates of tls_client_auth, which is not spoken without any.
	Roots *x509.CertPool
	// Alias is the address at which certificates are asked for, where it is not the issuer: without trailing slash, or empty.
	Alias string
}

// CertificateSettings is the part of Settings about a client that is known by a certificate, or whose tokens are bound to one.
type CertificateSettings struct {
	// With tls_client_auth exactly one of these says which certificate is the client's (RFC 8705 2.1.2). The subject is
	// written as RFC 4514 does, the last part first, and compared letter by letter.
	CertSubject string `json:"tls_client_auth_subject_dn,omitempty"`
	CertDNS     string `json:"tls_client_auth_san_dns,omitempty"`
	CertURI     string `json:"tls_client_auth_san_uri,omitempty"`
	CertIP      string `json:"tls_client_auth_san_ip,omitempty"`
	CertEmail   string `json:"tls_client_auth_san_email,omitempty"`

	// CertBound binds access tokens to the certificate of the token request (RFC 8705 3).
	CertBound bool `json:"tls_client_certificate_bound_access_tokens,omitempty"`
}

// The two ways of RFC 8705 among those of Settings.AuthMethod.
const (
	authTLS        = "tls_client_auth"
	authSelfSigned = "self_signed_tls_client_auth"
)

// certified tells a client that is known by its certificate.
func (s Settings) certified() bool { return s.AuthMethod == authTLS || s.AuthMethod == authSelfSigned }

// names are those of CertificateSettings that say whose a certificate is.
func (s CertificateSettings) names() []string {
	return slices.DeleteFunc([]string{s.CertSubject, s.CertDNS, s.CertURI, s.CertIP, s.CertEmail}, func(n string) bool { return n == "" })
}

// certificateMethods are those that are spoken here.
func (p *Provider) certificateMethods() []string {
	switch certs := p.cfg.Certificates; {
	case certs == nil:
		return nil
	case certs.Roots == nil:
		return []string{authSelfSigned}
	}
	return []string{authTLS, authSelfSigned}
}

// certificates says what is wrong with how a client's certificate is to be known.
func (c *checker) certificates(s Settings) {
	switch names := s.names(); {
	case s.AuthMethod != authTLS && len(names) > 0:
		c.say("settings.tls_client_auth", "a name of a certificate means nothing with this auth_method", "remove it, or tls_client_auth")
	case s.AuthMethod == authTLS && len(names) != 1:
		c.say("settings.tls_client_auth", "exactly one name says which certificate is the client's (RFC 8705 2.1.2)", "tls_client_auth_subject_dn, or one of tls_client_auth_san_…")
	}
	if s.CertIP != "" && net.ParseIP(s.CertIP) == nil {
		c.say("settings.tls_client_auth_san_ip", "it is no address of a network", "192.0.2.1")
	}
	if s.AuthMethod == authSelfSigned && s.JWKSURI == "" {
		if keys, _ := parseKeySet(s.JWKS, true); !slices.ContainsFunc(keys, func(k jose.JSONWebKey) bool { return len(k.Certificates) > 0 }) {
			c.say("settings.jwks", "there is no certificate in it", "the client's certificate as x5c of its key (RFC 8705 2.2.2), or jwks_uri")
		}
	}
	if s.CertBound && s.Type == typePublic {
		c.say("settings.tls_client_certificate_bound_access_tokens", "a public client has nothing that binds its refresh tokens", "remove it, or make the client confidential")
	}
	if s.CertBound && len(c.certMethods) == 0 {
		c.say("settings.tls_client_certificate_bound_access_tokens", "this gateway asks for no certificates", "client_certificates in its configuration")
	}
}

// shownCertificate gives the certificate of a request, or nil.
func (p *Provider) shownCertificate(r *http.Request) *x509.Certificate {
	if p.cfg.Certificates == nil {
		return nil
	}
	if chain := p.cfg.Certificates.Of(r); len(chain) > 0 {
		return chain[0]
	}
	return nil
}

// proveByCertificate has a client prove itself by the certificate of its connection, which is good today in any case.
func (p *Provider) proveByCertificate(r *http.Request, c *client) error {
	no := noClient("the client is not known by these credentials")
	cert := p.shownCertificate(r)
	if cert == nil || !inTime(cert, p.cfg.Now()) {
		return no
	}
	if c.settings.AuthMethod == authSelfSigned {
		if p.selfSigned(r.Context(), c, cert) {
			return nil
		}
		return no
	}
	if p.cfg.Certificates.Roots == nil || cert.IsCA || !c.settings.named(cert) {
		return no
	}
	options := x509.VerifyOptions{
		Roots: p.cfg.Certificates.Roots, Intermediates: x509.NewCertPool(), CurrentTime: p.cfg.Now(),
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	for _, other := range p.cfg.Certificates.Of(r)[1:] {
		options.Intermediates.AddCert(other)
	}
	if _, err := cert.Verify(options); err != nil {
		return no
	}
	return nil
}

// selfSigned looks for a certificate among the client's keys, each of which may bring its own (RFC 8705 2.2.2). One that is not
// known is a reason to look at their address again, as an unknown kid is.
func (p *Provider) selfSigned(ctx context.Context, c *client, cert *x509.Certificate) bool {
	among := func(keys []jose.JSONWebKey) bool {
		return slices.ContainsFunc(keys, func(k jose.JSONWebKey) bool { return len(k.Certificates) > 0 && k.Certificates[0].Equal(cert) })
	}
	if c.settings.JWKSURI == "" {
		return among(p.read(c.binding).keys)
	}
	if p.remote == nil {
		return false
	}
	remote := p.remote.of(c.settings.JWKSURI)
	if among(remote.current(p.cfg.Now())) {
		return true
	}
	if err := remote.lookAgain(context.WithoutCancel(ctx), p.cfg.Now()); err != nil {
		p.cfg.Failed(ctx, fmt.Errorf("oidc client %s: keys: %w", c.GetID(), err))
	}
	return among(remote.current(p.cfg.Now()))
}

func inTime(cert *x509.Certificate, now time.Time) bool {
	return !now.Before(cert.NotBefore) && !now.After(cert.NotAfter)
}

// named tells whether a certificate has the one registered name.
func (s CertificateSettings) named(cert *x509.Certificate) bool {
	if len(s.names()) != 1 {
		return false
	}
	switch {
	case s.CertSubject != "":
		return subject(cert) == s.CertSubject
	case s.CertDNS != "":
		return slices.ContainsFunc(cert.DNSNames, func(n string) bool { return strings.EqualFold(n, s.CertDNS) })
	case s.CertEmail != "":
		return slices.Contains(cert.EmailAddresses, s.CertEmail)
	case s.CertIP != "":
		return slices.ContainsFunc(cert.IPAddresses, net.ParseIP(s.CertIP).Equal)
	}
	for _, u := range cert.URIs {
		if u.String() == s.CertURI {
			return true
		}
	}
	return false
}

// subject writes the subject of a certificate part by part as it stands there, the last one first (RFC 4514 2.1).
func subject(cert *x509.Certificate) string {
	var parts pkix.RDNSequence
	if rest, err := asn1.Unmarshal(cert.RawSubject, &parts); err != nil || len(rest) > 0 {
		return ""
	}
	return parts.String()
}

// certThumbprint is the name by which a token is bound to a certificate (RFC 8705 3.1).
func certThumbprint(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.Raw)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// bindCertificate finds the certificate that the access token will be bound to, where the client is registered so.
func (x *exchange) bindCertificate(r *http.Request) error {
	if !x.only.settings.CertBound {
		return nil
	}
	cert := x.shownCertificate(r)
	if cert == nil || !inTime(cert, x.cfg.Now()) {
		return &answerError{http.StatusBadRequest, "invalid_request", "the client is registered with tokens bound to its certificate: none was shown"}
	}
	x.certificate = certThumbprint(cert)
	return nil
}

// shownBy says whether a request that shows an access token came by the connection that it may come by (RFC 8705 3).
func (g grant) shownBy(cert *x509.Certificate) error {
	if g.Certificate == "" {
		return nil
	}
	if cert == nil || subtle.ConstantTimeCompare([]byte(certThumbprint(cert)), []byte(g.Certificate)) != 1 {
		return errToken
	}
	return nil
}

// certificateMetadata is what discovery says of certificates (RFC 8705 3.3, 5).
func (p *Provider) certificateMetadata() map[string]any {
	certs := p.cfg.Certificates
	if certs == nil {
		return nil
	}
	said := map[string]any{"tls_client_certificate_bound_access_tokens": true}
	if certs.Alias == "" {
		return said
	}
	aliases := map[string]string{}
	for name, path := range map[string]string{
		"token_endpoint": tokenPath, "revocation_endpoint": revokePath, "introspection_endpoint": introspectPath, "userinfo_endpoint": userinfoPath,
		"pushed_authorization_request_endpoint": parPath, "device_authorization_endpoint": devicePath,
	} {
		aliases[name] = certs.Alias + path
	}
	said["mtls_endpoint_aliases"] = aliases
	return said
}

// CertificatePaths are the paths below Certificates.Alias. Nothing else is served there: no page, and nobody signs in.
func CertificatePaths() []string {
	return []string{tokenPath, revokePath, introspectPath, userinfoPath, parPath, devicePath}
}
