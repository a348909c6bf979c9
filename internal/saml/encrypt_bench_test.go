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

// BenchmarkEncrypted counts what an encrypted response takes, written and read.
func BenchmarkEncrypted(b *testing.B) {
	buf, r := make([]byte, 0, 64<<10), plainResponse()
	for name, listed := range map[string][]string{"cbc128": nil, "gcm256": {xmlenc11 + "aes256-gcm", oaep11}} {
		to := recipient(b, readerIdentity(), listed...)
		doc := encrypted(b, rsaIdentity(), r, saml.SignAssertion, to)
		b.Run("write-"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := rsaIdentity().signer.AppendEncrypted(buf, r, saml.SignAssertion, to); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("read-"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := reading().ReadResponse(doc, rsaIdentity().public()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkEncryptedRatio takes each beside its bare cryptography in turn, as BenchmarkRatio does: one signature for what is
// written, and one decryption for what is read.
func BenchmarkEncryptedRatio(b *testing.B) {
	who, r, buf := rsaIdentity(), plainResponse(), make([]byte, 0, 64<<10)
	digest := sha256.Sum256([]byte("x"))
	sign := func() error { _, err := who.key.Sign(rand.Reader, digest[:], crypto.SHA256); return err }
	to := recipient(b, rsaIdentity(), xmlenc11+"aes256-gcm", oaep11)
	doc := encrypted(b, who, r, saml.SignAssertion, recipient(b, readerIdentity(), xmlenc11+"aes256-gcm", oaep11))
	sealed, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, &readerIdentity().private().PublicKey, digest[:], nil)
	if err != nil {
		b.Fatal(err)
	}
	decrypt := func() error {
		_, err := readerIdentity().private().Decrypt(rand.Reader, sealed, &rsa.OAEPOptions{Hash: crypto.SHA256})
		return err
	}
	written := func(what saml.Signing) func() error {
		return func() error { _, _, err := who.signer.AppendEncrypted(buf, r, what, to); return err }
	}
	for name, c := range map[string]struct{ bare, whole func() error }{
		"assertion": {sign, written(saml.SignAssertion)}, "both": {sign, written(saml.SignBoth)},
		"read": {decrypt, func() error { _, err := reading().ReadResponse(doc, who.public()); return err }},
	} {
		b.Run(name, func(b *testing.B) {
			var ratios []float64
			quickest := [2]time.Duration{time.Hour, time.Hour} // of thousands, what other programs disturb least
			for b.Loop() {
				bare, whole := timed(b, c.bare), timed(b, c.whole)
				quickest = [2]time.Duration{min(quickest[0], bare), min(quickest[1], whole)}
				ratios = append(ratios, float64(whole)/float64(bare))
			}
			slices.Sort(ratios)
			b.ReportMetric(ratios[len(ratios)/2], "x-bare")
			b.ReportMetric(float64(quickest[1])/float64(quickest[0]), "x-quickest")
		})
	}
}
