package saml

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/subtle"
	"errors"
)

// Vocabulary of XML Encryption 1.1.
const (
	nsXEnc   = "http://www.w3.org/2001/04/xmlenc#"
	nsXEnc11 = "http://www.w3.org/2009/xmlenc11#"

	encElement = nsXEnc + "Element"
	encKey     = nsXEnc + "EncryptedKey"

	algCBC128 = nsXEnc + "aes128-cbc"
	algCBC192 = nsXEnc + "aes192-cbc"
	algCBC256 = nsXEnc + "aes256-cbc"
	algDES    = nsXEnc + "tripledes-cbc" // neither written nor read
	algGCM128 = nsXEnc11 + "aes128-gcm"
	algGCM192 = nsXEnc11 + "aes192-gcm"
	algGCM256 = nsXEnc11 + "aes256-gcm"

	algRSA15  = nsXEnc + "rsa-1_5" // neither written nor read
	algOAEP   = nsXEnc + "rsa-oaep-mgf1p"
	algOAEP11 = nsXEnc11 + "rsa-oaep"

	algSHA384 = "http://www.w3.org/2001/04/xmldsig-more#sha384"
	algMGF1   = nsXEnc11 + "mgf1sha1"
)

// blockCipher is one way to encrypt data (XML Encryption 1.1, 5.2).
type blockCipher struct {
	uri  string
	size int // of its key, in bytes
	gcm  bool
}

// cipherOf is the allow list of what encrypts data. Triple DES is not on it.
func cipherOf(uri string) (blockCipher, bool) {
	switch uri {
	case algGCM256, algCBC256:
		return blockCipher{uri, 32, uri == algGCM256}, true
	case algGCM192, algCBC192:
		return blockCipher{uri, 24, uri == algGCM192}, true
	case algGCM128, algCBC128:
		return blockCipher{uri, 16, uri == algGCM128}, true
	}
	return blockCipher{}, false
}

// seal encrypts with a key of its size: what it takes to begin stands before the ciphertext (5.2.1, 5.2.4).
func (c blockCipher) seal(key, plain []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	if c.gcm {
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, err
		}
		return aead.Seal(nil, nil, plain, nil), nil
	}
	pad := aes.BlockSize - len(plain)%aes.BlockSize
	out := make([]byte, aes.BlockSize+len(plain)+pad)
	_, _ = rand.Read(out[:aes.BlockSize]) // it never returns an error
	copy(out[aes.BlockSize:], plain)
	out[len(out)-1] = byte(pad)
	cipher.NewCBCEncrypter(block, out[:aes.BlockSize]).CryptBlocks(out[aes.BlockSize:], out[aes.BlockSize:])
	return out, nil
}

// open decrypts what seal makes. Of a ciphertext that is no good it gives whatever came out, and false; a padding that is no
// good costs what a good one costs.
func (c blockCipher) open(key, data []byte) ([]byte, bool) {
	block, err := aes.NewCipher(key)
	if err != nil || len(key) != c.size {
		return nil, false
	}
	if c.gcm {
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil || len(data) < aead.Overhead() {
			return nil, false
		}
		plain, err := aead.Open(nil, nil, data, nil)
		return plain, err == nil
	}
	if len(data) < 2*aes.BlockSize || len(data)%aes.BlockSize != 0 {
		return nil, false
	}
	plain := make([]byte, len(data)-aes.BlockSize)
	cipher.NewCBCDecrypter(block, data[:aes.BlockSize]).CryptBlocks(plain, data[aes.BlockSize:])
	pad := int(plain[len(plain)-1])
	good := subtle.ConstantTimeLessOrEq(1, pad) & subtle.ConstantTimeLessOrEq(pad, aes.BlockSize)
	return plain[:len(plain)-subtle.ConstantTimeSelect(good, pad, 0)], good == 1
}

// transport is one way to encrypt a key: RSA-OAEP with a digest and a mask (XML Encryption 1.1, 5.5.2).
type transport struct {
	uri          string
	digest, mask crypto.Hash
}

func (t transport) options() *rsa.OAEPOptions {
	return &rsa.OAEPOptions{Hash: t.digest, MGFHash: t.mask}
}

// newTransport is the allow list of key transports, which RSA 1.5 is not on; empty names stand for the standard's defaults.
// SHA-1 is no weakness in OAEP, whose proof asks no more of it than of a mask.
func newTransport(uri, digest, mask string) (transport, error) {
	t := transport{uri: uri, digest: crypto.SHA1, mask: crypto.SHA1}
	switch {
	case uri != algOAEP && uri != algOAEP11:
		return t, errors.New("key transport is not RSA-OAEP")
	case uri == algOAEP && mask != "":
		return t, errors.New("a mask beside the one that the key transport names")
	}
	ok := true
	if digest != "" {
		t.digest, ok = oaepDigest(digest)
	}
	if ok && mask != "" {
		t.mask, ok = maskOf(mask)
	}
	if !ok {
		return t, errors.New("digest or mask of the key transport")
	}
	return t, nil
}

func oaepDigest(uri string) (crypto.Hash, bool) {
	switch uri {
	case algSHA1:
		return crypto.SHA1, true
	case algSHA256:
		return crypto.SHA256, true
	case algSHA384:
		return crypto.SHA384, true
	case algSHA512:
		return crypto.SHA512, true
	}
	return 0, false
}

func maskOf(uri string) (crypto.Hash, bool) {
	switch uri {
	case algMGF1:
		return crypto.SHA1, true
	case nsXEnc11 + "mgf1sha256":
		return crypto.SHA256, true
	case nsXEnc11 + "mgf1sha384":
		return crypto.SHA384, true
	case nsXEnc11 + "mgf1sha512":
		return crypto.SHA512, true
	}
	return 0, false
}
