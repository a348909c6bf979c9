package saml_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"slices"
	"testing"
	"time"

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

// BenchmarkRatio takes each operation and its bare cryptography in turn, so
// that a busy machine weighs on both, and reports the median of the ratios.
func BenchmarkRatio(b *testing.B) {
	who, r, buf := rsaIdentity(), plainResponse(), make([]byte, 0, 32<<10)
	doc := write(b, who, r, saml.SignAssertion)
	digest := sha256.Sum256([]byte("x"))
	sig, err := who.key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		b.Fatal(err)
	}
	public := who.key.Public().(*rsa.PublicKey)
	sign := func() error { _, err := who.key.Sign(rand.Reader, digest[:], crypto.SHA256); return err }
	verify := func() error { return rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], sig) }
	for name, c := range map[string]struct{ bare, whole func() error }{
		"response": {sign, func() error { _, err := who.signer.AppendResponse(buf, r, saml.SignAssertion); return err }},
		"read":     {verify, func() error { _, err := saml.ReadResponse(doc, who.public()); return err }},
	} {
		b.Run(name, func(b *testing.B) {
			var ratios []float64
			for b.Loop() {
				bare, whole := timed(b, c.bare), timed(b, c.whole)
				ratios = append(ratios, float64(whole)/float64(bare))
			}
			slices.Sort(ratios)
			b.ReportMetric(ratios[len(ratios)/2], "x-bare")
		})
	}
}

func timed(b *testing.B, f func() error) time.Duration {
	b.Helper()
	start := time.Now()
	if err := f(); err != nil {
		b.Fatal(err)
	}
	return max(time.Since(start), 1)
}
