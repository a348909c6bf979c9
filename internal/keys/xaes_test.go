package keys

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"
)

// The two vectors that the C2SP specification of XAES-256-GCM prints in full;
// they differ in the top bit of the CMAC subkey.
func TestSealerAgreesWithTheSpecification(t *testing.T) {
	t.Parallel()
	cases := []struct {
		key     byte
		ad      string
		want    string
		comment string
	}{
		{0x01, "", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271", "top bit clear"},
		{0x03, "c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d", "top bit set"},
	}
	for _, c := range cases {
		s, err := newSealer(bytes.Repeat([]byte{c.key}, 32), bytes.NewReader([]byte("ABCDEFGHIJKLMNOPQRSTUVWX")))
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := s.seal([]byte(c.ad), []byte("XAES-256-GCM"))
		if err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(sealed[sealHeader:]); got != c.want {
			t.Errorf("%s: got %s, want %s", c.comment, got, c.want)
		}
	}
}

func TestSealRefusesWithoutRandomness(t *testing.T) {
	t.Parallel()
	s, err := newSealer(make([]byte, 32), bytes.NewReader([]byte("too short")))
	if err != nil {
		t.Fatal(err)
	}
	if sealed, err := s.seal(nil, []byte("plain")); err == nil {
		t.Errorf("sealed %x with a nonce that is not random", sealed)
	}
	if _, err := newSealer(make([]byte, 16), nil); err == nil {
		t.Error("a short key was accepted")
	}
	if _, err := s.open(nil, nil); !errors.Is(err, ErrOpen) {
		t.Error(err)
	}
}
