package saml

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha1" // for whoever has an exception, see NewHashSigner
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"io"
	"math/big"
	"sync"
)

// Signer signs what this package writes, with one key. Everything of a
// signature that depends on the key alone is prepared once. It is safe for
// concurrent use if the key is.
type Signer struct {
	key       crypto.Signer
	random    io.Reader // nil makes ECDSA deterministic (RFC 6979)
	algorithm string
	hashed    crypto.Hash // of the signature, and of the digest
	size      int         // of the signature value in bytes
	ec        bool

	head    string // up to and including URI="#
	middle  string // from behind the ID to the digest
	tail    string // behind the digest, to the end of SignedInfo
	keyInfo string // from behind the signature value to the end

	digested []byte    // start tag of SignedInfo as it is hashed
	scratch  sync.Pool // of *signScratch
}

type signScratch struct {
	hash hash.Hash
	sum  [64]byte // the longest there is
}

const (
	signatureOpen  = `<ds:Signature xmlns:ds="` + nsDSig + `">`
	infoInside     = `<ds:SignedInfo>`
	infoDigested   = `<ds:SignedInfo xmlns:ds="` + nsDSig + `">`
	valueOpen      = `<ds:SignatureValue>`
	signatureClose = `</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>`
)

// NewSigner prepares a signer from a key and the DER of its certificate. RSA of
// at least 2048 bits signs with PKCS#1 v1.5 and SHA-256, ECDSA on P-256 with
// SHA-256; any other key is refused, and so is a certificate of another key.
func NewSigner(key crypto.Signer, certDER []byte) (*Signer, error) {
	return NewHashSigner(key, certDER, crypto.SHA256)
}

// NewHashSigner is NewSigner with another hash, of the signature and of the
// digest alike: SHA-256, SHA-512, or for an RSA key SHA-1. Nothing here accepts
// SHA-1 from others; whom to write it to, and until when, is the caller's
// question.
func NewHashSigner(key crypto.Signer, certDER []byte, hashed crypto.Hash) (*Signer, error) {
	cert, err := x509.ParseCertificate(certDER)
	if err != nil {
		return nil, fmt.Errorf("signing certificate: %w", err)
	}
	s := &Signer{key: key, random: rand.Reader, hashed: hashed}
	switch pub := key.Public().(type) {
	case *rsa.PublicKey:
		if pub.N.BitLen() < minRSABits || !pub.Equal(cert.PublicKey) {
			return nil, errors.New("signing key: too short or not the certificate's")
		}
		s.size = pub.Size()
	case *ecdsa.PublicKey:
		if pub.Curve.Params().BitSize != 256 || !pub.Equal(cert.PublicKey) {
			return nil, errors.New("signing key: not on P-256 or not the certificate's")
		}
		s.size, s.ec = 64, true
	default:
		return nil, errors.New("signing key: neither RSA nor ECDSA")
	}
	var digest string
	if s.algorithm, digest = signingAlgorithms(hashed, s.ec); digest == "" {
		return nil, errors.New("signing key: no such hash for it")
	}
	if _, ok := key.(*ecdsa.PrivateKey); ok {
		s.random = nil
	}
	s.prepare(certDER, digest)
	return s, nil
}

func (s *Signer) prepare(certDER []byte, digest string) {
	s.head = `<ds:CanonicalizationMethod Algorithm="` + nsExcC14N + `"></ds:CanonicalizationMethod>` +
		`<ds:SignatureMethod Algorithm="` + s.algorithm + `"></ds:SignatureMethod><ds:Reference URI="#`
	s.middle = `"><ds:Transforms><ds:Transform Algorithm="` + algEnvelope + `"></ds:Transform>` +
		`<ds:Transform Algorithm="` + nsExcC14N + `"></ds:Transform></ds:Transforms>` +
		`<ds:DigestMethod Algorithm="` + digest + `"></ds:DigestMethod><ds:DigestValue>`
	s.tail = `</ds:DigestValue></ds:Reference></ds:SignedInfo>`
	s.keyInfo = `</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>` +
		base64.StdEncoding.EncodeToString(certDER) + signatureClose
	s.digested = []byte(infoDigested)
	s.scratch.New = func() any { return &signScratch{hash: s.hashed.New()} }
}

// length is what a signature over the element with this ID takes: everything in
// it has a fixed size, so room for it can be left before it is known.
func (s *Signer) length(id string) int {
	return len(signatureOpen) + len(infoInside) + len(s.head) + len(id) + len(s.middle) +
		base64.StdEncoding.EncodedLen(s.hashed.Size()) + len(s.tail) + len(valueOpen) + base64.StdEncoding.EncodedLen(s.size) + len(s.keyInfo)
}

// reserve leaves room for the signature of the element with this ID.
func (s *Signer) reserve(w *writer, id string) span {
	from := len(w.b)
	n := s.length(id)
	if cap(w.b)-from < n {
		w.b = append(w.b, make([]byte, n)...)
	} else {
		w.b = w.b[:from+n]
	}
	return span{from, from + n}
}

// sign fills the room left in w for the element that starts at from and ends
// where w ends. The element is canonical as written, so its digest is taken
// over the two pieces around the room.
func (s *Signer) sign(w *writer, from int, room span, id string) {
	if w.err != nil {
		return
	}
	x := s.scratch.Get().(*signScratch)
	defer s.scratch.Put(x)
	x.hash.Reset()
	x.hash.Write(w.b[from:room.from])
	x.hash.Write(w.b[room.to:])
	digest := x.hash.Sum(x.sum[:0])

	out := w.b[room.from:room.from:room.to]
	out = append(append(out, signatureOpen...), infoInside...)
	info := len(out)
	out = append(append(append(out, s.head...), id...), s.middle...)
	out = append(base64.StdEncoding.AppendEncode(out, digest), s.tail...)

	x.hash.Reset()
	x.hash.Write(s.digested)
	x.hash.Write(out[info:])
	value, err := s.value(x.hash.Sum(x.sum[:0]))
	if err != nil {
		w.refuse("sign: %w", err)
		return
	}
	out = base64.StdEncoding.AppendEncode(append(out, valueOpen...), value)
	out = append(out, s.keyInfo...)
	if len(out) != room.to-room.from {
		w.refuse("sign: the key made a signature of an unexpected length")
	}
}

func (s *Signer) value(digest []byte) ([]byte, error) {
	sig, err := s.key.Sign(s.random, digest, s.hashed)
	if err != nil {
		return nil, err
	}
	if s.ec {
		return joinECDSA(sig)
	}
	if len(sig) != s.size {
		return nil, errors.New("unexpected length")
	}
	return sig, nil
}

// joinECDSA turns the ASN.1 form that crypto.Signer makes into r and s of 32
// bytes each, one behind the other (XML Signature 1.1, 6.4.3).
func joinECDSA(der []byte) ([]byte, error) {
	var sig struct{ R, S *big.Int }
	rest, err := asn1.Unmarshal(der, &sig)
	if err != nil || len(rest) > 0 || sig.R.Sign() <= 0 || sig.S.Sign() <= 0 ||
		sig.R.BitLen() > 256 || sig.S.BitLen() > 256 {
		return nil, errors.New("malformed ECDSA signature")
	}
	return append(sig.R.FillBytes(make([]byte, 32)), sig.S.FillBytes(make([]byte, 32))...), nil
}

// String, and with it every print of a Signer, shows the algorithm alone.
func (s *Signer) String() string { return "saml.Signer(" + s.algorithm + ")" }

// GoString is String.
func (s *Signer) GoString() string { return s.String() }
