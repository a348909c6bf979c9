//go:build libcrypto

package libcrypto

/*
#cgo LDFLAGS: -lcrypto
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

static EVP_PKEY *ecluse_key(const unsigned char *der, long n) {
	const unsigned char *p = der;
	return d2i_PrivateKey(EVP_PKEY_RSA, NULL, &p, n);
}

static const EVP_MD *ecluse_hash(int bits) {
	switch (bits) {
	case 160: return EVP_sha1();
	case 256: return EVP_sha256();
	case 512: return EVP_sha512();
	}
	return NULL;
}

static int ecluse_sign(EVP_PKEY *key, int bits, const unsigned char *digest, size_t n, unsigned char *out, size_t *len) {
	const EVP_MD *md = ecluse_hash(bits);
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(key, NULL);
	int ok = c != NULL && md != NULL && EVP_PKEY_sign_init(c) > 0 && EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_PADDING) > 0 &&
		EVP_PKEY_CTX_set_signature_md(c, md) > 0 && EVP_PKEY_sign(c, out, len, digest, n) > 0;
	EVP_PKEY_CTX_free(c);
	return ok;
}
*/
import "C"

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"io"
	"runtime"
	"unsafe"
)

// Signer signs with RSA PKCS #1 v1.5 through libcrypto, and with everything else as the key does itself. A key that libcrypto
// does not take is given back.
func Signer(key crypto.Signer) crypto.Signer {
	private, ok := key.(*rsa.PrivateKey)
	if !ok {
		return key
	}
	der := x509.MarshalPKCS1PrivateKey(private)
	defer clear(der)
	held := C.ecluse_key((*C.uchar)(unsafe.Pointer(&der[0])), C.long(len(der)))
	if held == nil {
		return key
	}
	s := &signer{PrivateKey: private, held: held}
	runtime.AddCleanup(s, func(held *C.EVP_PKEY) { C.EVP_PKEY_free(held) }, held)
	return s
}

// signer is the key in both libraries. It decrypts, and tells its public half, as the key does.
type signer struct {
	*rsa.PrivateKey
	held *C.EVP_PKEY
}

// Sign implements crypto.Signer.
func (s *signer) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	hash, plain := opts.(crypto.Hash)
	if !plain || hash != crypto.SHA1 && hash != crypto.SHA256 && hash != crypto.SHA512 {
		return s.PrivateKey.Sign(random, digest, opts)
	}
	if len(digest) != hash.Size() {
		return nil, errors.New("libcrypto: the digest has another length than its hash")
	}
	out := make([]byte, s.Size())
	n := C.size_t(len(out))
	ok := C.ecluse_sign(s.held, C.int(8*hash.Size()), (*C.uchar)(unsafe.Pointer(&digest[0])), C.size_t(len(digest)), (*C.uchar)(unsafe.Pointer(&out[0])), &n)
	runtime.KeepAlive(s)
	if ok == 0 || int(n) != len(out) {
		return nil, errors.New("libcrypto: it does not sign")
	}
	return out, nil
}
