package oidcop

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
)

const sealedPrefix = "sealed:"

// minSealed is the shortest secret that is taken: HS256 wants a key as long as its hash (RFC 7518 3.2).
const minSealed = 32

var errSealed = errors.New("the secret does not open")

// SealSecret gives the form in which the secret of a client_secret_jwt client is registered: encrypted under a key that only
// the gateway's ring has, for this client alone. It stands in the settings like the hashes of the others, so that there is
// one place to look for what a client proves itself with, and one to end it.
func SealSecret(keys Keys, client, secret string) (string, error) {
	if len(secret) < minSealed {
		return "", errors.New("the secret is too short")
	}
	box, err := secretBox(keys)
	if err != nil {
		return "", err
	}
	nonce := make([]byte, box.NonceSize())
	_, _ = rand.Read(nonce) // never fails
	return sealedPrefix + base64.RawURLEncoding.EncodeToString(box.Seal(nonce, nonce, []byte(secret), []byte(client))), nil
}

func openSecret(keys Keys, client, sealed string) ([]byte, error) {
	box, err := secretBox(keys)
	if err != nil {
		return nil, err
	}
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(sealed, sealedPrefix))
	if err != nil || len(raw) < box.NonceSize() {
		return nil, errSealed
	}
	secret, err := box.Open(nil, raw[:box.NonceSize()], raw[box.NonceSize():], []byte(client))
	if err != nil || len(secret) < minSealed {
		return nil, errSealed
	}
	return secret, nil
}

func secretBox(keys Keys) (cipher.AEAD, error) {
	block, err := aes.NewCipher(keys.Derive("oidc client secrets")[:32])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// sealedForm tells what may be a sealed secret, without opening it: settings are also checked where the ring is not.
func sealedForm(s string) bool {
	digits, found := strings.CutPrefix(s, sealedPrefix)
	raw, err := base64.RawURLEncoding.DecodeString(digits)
	return found && err == nil && len(raw) >= 12+minSealed+16
}
