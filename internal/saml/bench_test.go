package saml_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"testing"

	"ecluse/internal/saml"
)

// BenchmarkBare is the measure of all others: one signature, one verification.
func BenchmarkBare(b *testing.B) {
	digest := sha256.Sum256([]byte("x"))
	for name, who := range identities() {
		b.Run("sign-"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := who.key.Sign(rand.Reader, digest[:], crypto.SHA256); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	who := rsaIdentity()
	sig, err := who.key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("verify-rsa", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := rsa.VerifyPKCS1v15(who.key.Public().(*rsa.PublicKey), crypto.SHA256, digest[:], sig); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkResponse(b *testing.B) {
	r := plainResponse()
	buf := make([]byte, 0, 32<<10)
	for key, who := range identities() {
		for name, what := range signings() {
			b.Run(key+"-"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := who.signer.AppendResponse(buf, r, what); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkReadResponse(b *testing.B) {
	who := rsaIdentity()
	for name, what := range signings() {
		doc := write(b, who, plainResponse(), what)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(doc)))
			for b.Loop() {
				if _, err := saml.ReadResponse(doc, who.public()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParseAuthnRequest(b *testing.B) {
	query := "SAMLRequest=" + redirectValue(b, requestXML) + "&RelayState=r"
	b.Run("parse", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := saml.ParseAuthnRequest([]byte(requestXML)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("redirect", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			m, err := saml.DecodeRedirect(query)
			if err == nil {
				_, err = saml.ParseAuthnRequest(m.XML)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}
