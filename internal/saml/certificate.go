package saml

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"time"
)

// Certificate is a key from metadata in its container. Its validity dates are
// for operators to see; they decide nothing.
type Certificate struct {
	Key         crypto.PublicKey
	NotAfter    time.Time
	Expired     bool   // at the time metadata was parsed
	Fingerprint string // SHA-256 of the DER, lower-case hexadecimal
	DER         []byte // it must not be altered

	Methods []EncryptionMethod // how to encrypt to the key, as metadata lists them
}

// keyDescriptor reads one KeyDescriptor (SAML Metadata 2.4.1.1). A missing use
// means both uses, never that no key is needed.
func (p *spParser) keyDescriptor() error {
	use, given := p.attr("use")
	if given && use != "signing" && use != "encryption" {
		return p.wrong("KeyDescriptor: unknown use")
	}
	var certs []Certificate
	var methods []EncryptionMethod
	err := p.each(func() error {
		if p.is(nsMetadata, "EncryptionMethod") {
			m, err := p.encryptionMethod()
			methods = append(methods, m)
			return err
		}
		if !p.is(nsDSig, "KeyInfo") {
			return nil
		}
		return p.each(func() error {
			if !p.is(nsDSig, "X509Data") {
				return nil
			}
			return p.each(func() error { return p.certificate(&certs) })
		})
	})
	if err != nil {
		return err
	}
	if len(certs) == 0 {
		return p.wrong("KeyDescriptor: no X509Certificate")
	}
	for i := range certs {
		certs[i].Methods = methods
	}
	if use != "encryption" {
		p.md.SigningKeys = append(p.md.SigningKeys, certs...)
	}
	if use != "signing" {
		p.md.EncryptionKeys = append(p.md.EncryptionKeys, certs...)
	}
	return nil
}

func (p *spParser) certificate(to *[]Certificate) error {
	if !p.is(nsDSig, "X509Certificate") {
		return nil
	}
	text, err := p.content()
	if err != nil {
		return err
	}
	der, err := decodeBase64Text(text)
	if err != nil {
		return p.wrong("X509Certificate: not base64")
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return p.wrong("X509Certificate: not a certificate")
	}
	if !acceptedKey(cert.PublicKey) {
		return p.wrong("X509Certificate: neither RSA of 2048 bits or more nor ECDSA")
	}
	sum := sha256.Sum256(der)
	*to = append(*to, Certificate{
		Key: cert.PublicKey, NotAfter: cert.NotAfter, DER: der,
		Expired: p.now.After(cert.NotAfter), Fingerprint: hex.EncodeToString(sum[:]),
	})
	return nil
}

func acceptedKey(key crypto.PublicKey) bool {
	switch k := key.(type) {
	case *rsa.PublicKey:
		return k.N.BitLen() >= minRSABits
	case *ecdsa.PublicKey:
		return k.Curve.Params().BitSize >= 256
	}
	return false
}

// ReadCertificates reads PEM certificates, of which there is at least one, each of a key that may sign here. Its dates are
// not looked at, as in metadata.
func ReadCertificates(text []byte) ([]Certificate, error) {
	var out []Certificate
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("a block of type %q is no certificate", block.Type)
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, errors.New("a certificate cannot be read")
		}
		if !acceptedKey(cert.PublicKey) {
			return nil, errors.New("a key is neither RSA of 2048 bits or more nor ECDSA")
		}
		sum := sha256.Sum256(block.Bytes)
		out = append(out, Certificate{Key: cert.PublicKey, NotAfter: cert.NotAfter, Fingerprint: hex.EncodeToString(sum[:]), DER: block.Bytes})
	}
	if len(out) == 0 {
		return nil, errors.New("there is no certificate in the file")
	}
	return out, nil
}
