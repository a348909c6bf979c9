package storetest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"ecluse/internal/store"
)

// NewSealer returns a real sealer (AES-GCM, HMAC-SHA-256) with keys of its own:
// two sealers open nothing of each other's.
func NewSealer() store.Sealer {
	key := make([]byte, 32)
	rand.Read(key) //nolint:errcheck // it never returns an error
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // only for a key of another length
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // only for a cipher of another block size
	}
	s := &sealer{aead: aead, nameKey: make([]byte, 32)}
	rand.Read(s.nameKey) //nolint:errcheck // as above
	return s
}

type sealer struct {
	aead    cipher.AEAD
	nameKey []byte
}

func (s *sealer) Name(kind, name string) string {
	mac := hmac.New(sha256.New, s.nameKey)
	mac.Write([]byte{byte(len(kind))})
	mac.Write([]byte(kind))
	mac.Write([]byte(name))
	return hex.EncodeToString(mac.Sum(nil))
}

func (s *sealer) Seal(ad, plain []byte) ([]byte, error) {
	return s.aead.Seal(nil, nil, plain, ad), nil
}

func (s *sealer) Open(ad, sealed []byte) ([]byte, error) {
	plain, err := s.aead.Open(nil, nil, sealed, ad)
	if err != nil {
		return nil, errors.New("sealed bytes do not open")
	}
	return plain, nil
}
