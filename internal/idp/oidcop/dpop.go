package oidcop

import (
	"context"
	"crypto"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Bounds of a proof of possession (RFC 9449 4.3, 11.1).
const (
	proofWindow = 2 * time.Minute // on both sides of our clock
	maxProof    = 4 << 10
	nonceTurn   = 2 * time.Minute // a nonce is good in its turn and the next
)

func badProof(description string) error {
	return &answerError{http.StatusBadRequest, "invalid_dpop_proof", description}
}

// errNonce asks for the proof again with the nonce that the answer carries (RFC 9449 8, 9).
func errNonce() error {
	return &answerError{http.StatusBadRequest, "use_dpop_nonce", "the DPoP proof needs the nonce of this answer"}
}

// proofOf checks the DPoP proof of a request and gives its key's thumbprint, or nothing when there is no proof. token is
// the access token that it must belong to, at a resource.
func (p *Provider) proofOf(r *http.Request, path, token string) (proof, error) {
	headers := r.Header.Values("DPoP")
	if len(headers) == 0 {
		return proof{}, nil
	}
	if len(headers) > 1 || len(headers[0]) > maxProof {
		return proof{}, badProof("there is more than one DPoP proof, or it is too long")
	}
	alg, thumbprint, said, err := readProof(headers[0])
	if err != nil {
		return proof{}, err
	}
	switch now := p.cfg.Now(); {
	case said.Method != r.Method || !p.names(said.Address, path):
		return proof{}, badProof("the DPoP proof is for another request")
	case said.ID == "" || len(said.ID) > maxID:
		return proof{}, badProof("the DPoP proof has no jti")
	case instant(said.IssuedAt).Before(now.Add(-proofWindow)) || instant(said.IssuedAt).After(now.Add(proofWindow)):
		return proof{}, badProof("the DPoP proof is of another time: compare the clocks")
	case token != "" && subtle.ConstantTimeCompare([]byte(said.AccessToken), []byte(hashOf(token))) != 1:
		return proof{}, badProof("the DPoP proof is for another access token")
	case said.Nonce != "" && !p.nonceGood(said.Nonce):
		return proof{}, errNonce()
	}
	return proof{alg, thumbprint, said}, nil
}

// proof is a proof of possession that holds, for a request that has one.
type proof struct {
	alg        string
	thumbprint string
	said       claimsOfProof
}

// spend lets the proof be used this one time. It comes after everything else that can be wrong with it, and after the nonce
// is asked for, so that nothing is written for a message that is refused.
func (p *Provider) spend(ctx context.Context, c *client, shown proof) error {
	switch {
	case shown.thumbprint == "":
		return nil
	case !slices.Contains(c.settings.proofAlgsOf(), shown.alg):
		return badProof("the client is registered with a profile that does not allow the algorithm of the DPoP proof")
	case c.settings.DPoPNonce && shown.said.Nonce == "":
		return errNonce()
	}
	issued := instant(shown.said.IssuedAt)
	first, err := p.once(ctx, kindProof, issued, issued.Add(proofWindow+stampUnit), shown.thumbprint, shown.said.ID)
	switch {
	case err != nil:
		return err
	case !first:
		return badProof("the DPoP proof was used before")
	}
	return nil
}

// readProof checks a proof by the key that it carries, which must be a public one (RFC 9449 4.3, 4 to 7).
func readProof(token string) (alg, thumbprint string, said claimsOfProof, err error) {
	no := badProof("the DPoP proof is not good")
	jws, err := parseProof(token, proofAlgs()...)
	if err != nil || !typed(jws, "dpop+jwt") {
		return "", "", said, no
	}
	header := jws.Signatures[0].Protected
	if header.JSONWebKey == nil || !header.JSONWebKey.IsPublic() || !fits(header.JSONWebKey.Key, header.Algorithm) {
		return "", "", said, no
	}
	payload, err := jws.Verify(header.JSONWebKey.Key)
	if err != nil || json.Unmarshal(payload, &said) != nil {
		return "", "", said, no
	}
	sum, err := header.JSONWebKey.Thumbprint(crypto.SHA256)
	if err != nil {
		return "", "", said, no
	}
	return header.Algorithm, base64.RawURLEncoding.EncodeToString(sum), said, nil
}

// names says whether htu is an endpoint of ours: at our issuer, or where clients show certificates, which is the same endpoint.
func (p *Provider) names(htu, path string) bool {
	if sameAddress(htu, p.cfg.Issuer+path) {
		return true
	}
	certs := p.cfg.Certificates
	return certs != nil && certs.Alias != "" && slices.Contains(CertificatePaths(), path) && sameAddress(htu, certs.Alias+path)
}

// sameAddress compares htu with an address of ours: query and fragment do not count, nor how scheme, host and a default port
// are written (RFC 9449 4.3, 9).
func sameAddress(htu, ours string) bool {
	a, err := url.Parse(htu)
	b, err2 := url.Parse(ours)
	if err != nil || err2 != nil || a.User != nil || a.Opaque != "" {
		return false
	}
	return strings.EqualFold(a.Scheme, b.Scheme) && host(a) == host(b) && a.EscapedPath() == b.EscapedPath()
}

func host(u *url.URL) string {
	port := u.Port()
	if (strings.EqualFold(u.Scheme, "https") && port == "443") || (strings.EqualFold(u.Scheme, "http") && port == "80") {
		port = ""
	}
	return strings.ToLower(u.Hostname()) + ":" + port
}

// nonce gives the nonce of this moment. It is made of the time and needs no memory: replicas know each other's.
func (p *Provider) nonce() string {
	return p.nonceAt(p.cfg.Now().Unix() / int64(nonceTurn/time.Second))
}

func (p *Provider) nonceAt(turn int64) string {
	mac := hmac.New(sha256.New, p.nonces)
	_ = binary.Write(mac, binary.BigEndian, turn) // a hash takes everything
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

func (p *Provider) nonceGood(shown string) bool {
	turn := p.cfg.Now().Unix() / int64(nonceTurn/time.Second)
	good := 0
	for _, t := range []int64{turn, turn - 1} {
		good |= subtle.ConstantTimeCompare([]byte(shown), []byte(p.nonceAt(t)))
	}
	return good == 1
}

// offerNonce puts the nonce to use next into an answer (RFC 9449 8.2).
func (e *endpoints) offerNonce(w http.ResponseWriter) { w.Header().Set("DPoP-Nonce", e.nonce()) }

// hashOf is the hash of a token that a proof names (RFC 9449 4.2).
func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// holderOf says whether a request that shows an access token may use it: one that is bound to a key needs the proof of that
// key, and is no bearer token (RFC 9449 7.1, 7.2).
func (g grant) holderOf(scheme string, shown proof) error {
	switch {
	case g.DPoPKeyThumbprint == "" && scheme == schemeBearer:
		return nil
	case scheme != schemeDPoP, shown.thumbprint == "", shown.thumbprint != g.DPoPKeyThumbprint:
		return errToken
	}
	return nil
}

// The schemes under which an access token is shown (RFC 6750 2.1, RFC 9449 7.1).
const (
	schemeBearer = "bearer"
	schemeDPoP   = "dpop"
)
