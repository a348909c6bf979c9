package app

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"io"
	"strings"
	"testing"
	"time"
)

// TestASealedClientSecretOpensWithTheRingOfTheStoreAndForItsClientAlone draws one as the command does, and opens it as another
// process of the same gateway.
func TestASealedClientSecretOpensWithTheRingOfTheStoreAndForItsClientAlone(t *testing.T) {
	t.Parallel()
	c := onDisk(t)
	var out bytes.Buffer
	if err := ClientSecret(t.Context(), c, "lire", true, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	if len(lines) != 5 {
		t.Fatalf("it says %q", lines)
	}
	secret, found := strings.TrimSpace(lines[1]), strings.TrimSpace(lines[3])
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(found, "sealed:"))
	if err != nil || !strings.HasPrefix(found, "sealed:") || strings.Contains(found, secret) {
		t.Fatalf("it prints %q: %v", found, err)
	}
	log, err := newLogger(c.Log, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	b, err := openBase(t.Context(), c, "test", time.Now, log)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.closers.close() }()
	block, err := aes.NewCipher(b.ring.Derive("oidc client secrets")[:32])
	if err != nil {
		t.Fatal(err)
	}
	box, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	nonce, sealed := raw[:box.NonceSize()], raw[box.NonceSize():]
	if plain, err := box.Open(nil, nonce, sealed, []byte("lire")); err != nil || string(plain) != secret {
		t.Errorf("its own client: %v", err)
	}
	if _, err := box.Open(nil, nonce, sealed, []byte("autre")); err == nil {
		t.Error("it opens for another client")
	}
}
