package libcrypto_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	_ "crypto/sha512"
	"sync"
	"testing"

	"ecluse/internal/keys/libcrypto"
)

func newKey(tb testing.TB, bits int) *rsa.PrivateKey {
	tb.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

func TestSignaturesAreTheSameByteForByte(t *testing.T) {
	t.Parallel()
	for _, bits := range []int{2048, 3072} {
		key := newKey(t, bits)
		signer := libcrypto.Signer(key)
		for _, hash := range []crypto.Hash{crypto.SHA1, crypto.SHA256, crypto.SHA384, crypto.SHA512} {
			for i := range 20 {
				digest := bytes.Repeat([]byte{byte(i * 13)}, hash.Size())
				want, err := key.Sign(nil, digest, hash)
				if err != nil {
					t.Fatal(err)
				}
				if got, err := signer.Sign(rand.Reader, digest, hash); err != nil || !bytes.Equal(got, want) {
					t.Errorf("%d bits, %s: another signature, %v", bits, hash, err)
				}
			}
		}
		if !key.PublicKey.Equal(signer.Public()) {
			t.Error("it tells another key")
		}
	}
}

func TestWhatIsNoSuchSignatureIsAsTheKeyDoesIt(t *testing.T) {
	t.Parallel()
	key := newKey(t, 2048)
	signer := libcrypto.Signer(key)
	digest := sha256.Sum256([]byte("x"))
	pss := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256}
	signature, err := signer.Sign(rand.Reader, digest[:], pss)
	if err != nil || rsa.VerifyPSS(&key.PublicKey, crypto.SHA256, digest[:], signature, pss) != nil {
		t.Errorf("PSS: %v", err)
	}
	for _, short := range [][]byte{nil, digest[:31]} {
		if _, err := signer.Sign(rand.Reader, short, crypto.SHA256); err == nil {
			t.Errorf("a digest of %d bytes is signed", len(short))
		}
	}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if libcrypto.Signer(ec) != crypto.Signer(ec) {
		t.Error("a key on a curve is another")
	}
	if _, decrypts := signer.(crypto.Decrypter); !decrypts {
		t.Error("the key decrypts no more")
	}
}

func TestManySignAtOnce(t *testing.T) {
	t.Parallel()
	key := newKey(t, 2048)
	signer, digest := libcrypto.Signer(key), sha256.Sum256([]byte("x"))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				signature, err := signer.Sign(rand.Reader, digest[:], crypto.SHA256)
				if err != nil || rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], signature) != nil {
					t.Errorf("%v", err)
					return
				}
			}
		})
	}
	all.Wait()
}

// BenchmarkSigner compares a signature of the build with one in Go.
func BenchmarkSigner(b *testing.B) {
	key := newKey(b, 2048)
	digest := sha256.Sum256([]byte("x"))
	for name, signer := range map[string]crypto.Signer{"go": key, "build": libcrypto.Signer(key)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := signer.Sign(rand.Reader, digest[:], crypto.SHA256); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
