package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"io"
)

const (
	sealVersion = 1
	nonceSize   = 24
	sealHeader  = 1 + nonceSize
	sealTag     = 16
)

// sealer is XAES-256-GCM: AES-256-GCM under a key derived from the main key and
// the first half of a random 192-bit nonce (C2SP, XAES-256-GCM: the key
// derivation is AES-CMAC in counter mode, NIST SP 800-108r1 section 4.1).
//
// Plain AES-256-GCM with random 96-bit nonces must stop after 2^32 messages (NIST
// SP 800-38D section 8.3), which a busy gateway seals in weeks; this one need not
// count.
//
// Sealed bytes are: version 1, nonce, ciphertext, tag. It is safe for concurrent use.
type sealer struct {
	block  cipher.Block
	k1     [aes.BlockSize]byte // the CMAC subkey, NIST SP 800-38B section 6.1
	random io.Reader
}

func newSealer(key []byte, random io.Reader) (*sealer, error) {
	if len(key) != 32 {
		return nil, errors.New("a sealing key has 32 bytes")
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	s := &sealer{block: block, random: random}
	block.Encrypt(s.k1[:], s.k1[:])
	var carry byte
	for i := len(s.k1) - 1; i >= 0; i-- {
		carry, s.k1[i] = s.k1[i]>>7, s.k1[i]<<1|carry
	}
	s.k1[len(s.k1)-1] ^= carry * 0x87
	return s, nil
}

// aead derives the message's own AES-256-GCM from the first 12 bytes of its nonce.
func (s *sealer) aead(nonce []byte) (cipher.AEAD, error) {
	key := make([]byte, 32) // does not escape
	for i := range 2 {
		m := key[i*16 : i*16+16]
		m[0], m[1], m[2], m[3] = 0, byte(i+1), 'X', 0
		copy(m[4:], nonce[:12])
		for j := range m {
			m[j] ^= s.k1[j]
		}
		s.block.Encrypt(m, m)
	}
	block, err := aes.NewCipher(key)
	clear(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// seal encrypts plain and binds it to ad.
func (s *sealer) seal(ad, plain []byte) ([]byte, error) {
	out := make([]byte, sealHeader, sealHeader+len(plain)+sealTag)
	out[0] = sealVersion
	nonce := out[1:sealHeader]
	if _, err := io.ReadFull(s.random, nonce); err != nil {
		return nil, err
	}
	aead, err := s.aead(nonce)
	if err != nil {
		return nil, err
	}
	return aead.Seal(out, nonce[12:], plain, ad), nil
}

// open is the inverse of seal; any other input is ErrOpen.
func (s *sealer) open(ad, sealed []byte) ([]byte, error) {
	if len(sealed) < sealHeader+sealTag || sealed[0] != sealVersion {
		return nil, ErrOpen
	}
	nonce := sealed[1:sealHeader]
	aead, err := s.aead(nonce)
	if err != nil {
		return nil, ErrOpen
	}
	plain, err := aead.Open(nil, nonce[12:], sealed[sealHeader:], ad)
	if err != nil {
		return nil, ErrOpen
	}
	return plain, nil
}
