package stepup_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"testing"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"

	"ecluse/internal/stepup"
)

// device makes keys and signs with them as a browser's device does (Web Authentication section 6), and counts.
type device struct {
	t     *testing.T
	key   *ecdsa.PrivateKey
	id    []byte
	count uint32
	at    string // the origin that the browser shows
}

func newDevice(t *testing.T) *device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &device{t: t, key: key, id: []byte(rand.Text()), count: 1, at: "https://ecluse.example"}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (d *device) challenge(options []byte) string {
	d.t.Helper()
	var asked struct {
		PublicKey struct {
			Challenge string `json:"challenge"`
		} `json:"publicKey"`
	}
	if err := json.Unmarshal(options, &asked); err != nil || asked.PublicKey.Challenge == "" {
		d.t.Fatalf("%v: %s", err, options)
	}
	return asked.PublicKey.Challenge
}

// said is what the browser says about a ceremony, and the device's own data about it.
func (d *device) said(kind string, options []byte, more []byte) (client, auth []byte) {
	d.t.Helper()
	client, err := json.Marshal(map[string]any{"type": kind, "challenge": d.challenge(options), "origin": d.at, "crossOrigin": false})
	if err != nil {
		d.t.Fatal(err)
	}
	party := sha256.Sum256([]byte("ecluse.example"))
	flags := byte(0x05) // somebody was there, and was recognised
	if more != nil {
		flags |= 0x40
	}
	auth = append(party[:], flags)
	auth = binary.BigEndian.AppendUint32(auth, d.count)
	return client, append(auth, more...)
}

func (d *device) answer(fields map[string]string) []byte {
	d.t.Helper()
	text, err := json.Marshal(map[string]any{"id": b64(d.id), "rawId": b64(d.id), "type": "public-key", "response": fields, "clientExtensionResults": map[string]any{}})
	if err != nil {
		d.t.Fatal(err)
	}
	return text
}

// create answers a registration with a key of its own and no attestation.
func (d *device) create(options []byte) []byte {
	d.t.Helper()
	public, err := d.key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		d.t.Fatal(err)
	}
	cose, err := webauthncbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: public[1:33], -3: public[33:]})
	if err != nil {
		d.t.Fatal(err)
	}
	data := append(make([]byte, 16), byte(len(d.id)>>8), byte(len(d.id)))
	client, auth := d.said("webauthn.create", options, append(append(data, d.id...), cose...))
	object, err := webauthncbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": auth})
	if err != nil {
		d.t.Fatal(err)
	}
	return d.answer(map[string]string{"clientDataJSON": b64(client), "attestationObject": b64(object)})
}

// show signs a challenge.
func (d *device) show(options []byte) []byte {
	d.t.Helper()
	d.count++
	client, auth := d.said("webauthn.get", options, nil)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte{}, auth...), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, digest[:])
	if err != nil {
		d.t.Fatal(err)
	}
	return d.answer(map[string]string{"clientDataJSON": b64(client), "authenticatorData": b64(auth), "signature": b64(signature)})
}

func enrolledKey(t *testing.T, b *stepup.Book, w stepup.Who) *device {
	t.Helper()
	d := newDevice(t)
	id, options, err := b.BeginKey(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	f, err := b.EnrolKey(t.Context(), w, id, d.create(options), "clé", entry())
	if err != nil || f.Means != stepup.Key {
		t.Fatalf("%v, %v", f, err)
	}
	return d
}

func TestAKeyOfADeviceConfirmsOneActOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	one, two := h.replica(t, "one"), h.replica(t, "two")
	d := enrolledKey(t, one, me)
	id, options, err := one.AskKey(t.Context(), me, "act")
	if err != nil {
		t.Fatal(err)
	}
	answer := d.show(options)
	if err := two.ShowKey(t.Context(), me, id, "act", answer); err != nil {
		t.Fatal(err)
	}
	if err := one.ShowKey(t.Context(), me, id, "act", answer); !errors.Is(err, stepup.ErrOver) {
		t.Errorf("the same answer again: %v", err)
	}
	if spends(t, one, me, "another act") || !spends(t, one, me, "act") || spends(t, two, me, "act") {
		t.Error("it does not count for this act, once")
	}
}

func TestAKeyIsRefusedThatDoesNotFit(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.replica(t, "one")
	mine, theirs := enrolledKey(t, b, me), enrolledKey(t, b, another)
	ask := func() (string, []byte) {
		t.Helper()
		id, options, err := b.AskKey(t.Context(), me, "act")
		if err != nil {
			t.Fatal(err)
		}
		return id, options
	}
	for name, answer := range map[string]func([]byte) []byte{
		"the key of somebody else": theirs.show,
		"not JSON":                 func([]byte) []byte { return []byte("no") },
		"empty":                    func([]byte) []byte { return nil },
		"another challenge": func([]byte) []byte {
			_, other := ask()
			return mine.show(other)
		},
		"another site": func(options []byte) []byte {
			mine.at = "https://ecluse.example.evil.test"
			defer func() { mine.at = "https://ecluse.example" }()
			return mine.show(options)
		},
		"a count that goes back": func(options []byte) []byte {
			mine.count = 0 // as a copy made before it was enrolled would say
			defer func() { mine.count = 100 }()
			return mine.show(options)
		},
	} {
		id, options := ask()
		if err := b.ShowKey(t.Context(), me, id, "act", answer(options)); !errors.Is(err, stepup.ErrWrong) {
			t.Errorf("%s: %v", name, err)
		}
	}
	id, options := ask()
	if err := b.ShowKey(t.Context(), me, id, "another act", mine.show(options)); !errors.Is(err, stepup.ErrOver) {
		t.Errorf("for another act: %v", err)
	}
	id, options = ask()
	if err := b.ShowKey(t.Context(), another, id, "act", mine.show(options)); !errors.Is(err, stepup.ErrOver) {
		t.Errorf("in another session: %v", err)
	}
	if spends(t, b, me, "act") {
		t.Error("something of that counts")
	}
	if _, _, err := b.AskKey(t.Context(), stepup.Who{Handle: "h-none", Session: "s"}, "act"); !errors.Is(err, stepup.ErrNone) {
		t.Errorf("somebody without a key: %v", err)
	}
}

func TestAKeyIsEnrolledOnceForItsOwnCeremony(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.replica(t, "one")
	d := newDevice(t)
	id, options, err := b.BeginKey(t.Context(), me)
	if err != nil {
		t.Fatal(err)
	}
	answer := d.create(options)
	if _, err := b.EnrolKey(t.Context(), another, id, answer, "x", entry()); !errors.Is(err, stepup.ErrOver) {
		t.Errorf("another session: %v", err)
	}
	if _, err := b.EnrolKey(t.Context(), me, id, answer, "x", entry()); !errors.Is(err, stepup.ErrOver) {
		t.Errorf("a ceremony that somebody else spoilt is begun anew: %v", err)
	}
	if all, _ := b.Factors(t.Context(), me.Handle); len(all) != 0 {
		t.Errorf("%d keys", len(all))
	}
	id, _, err = b.BeginKey(t.Context(), me)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.EnrolKey(t.Context(), me, id, answer, "x", entry()); !errors.Is(err, stepup.ErrWrong) {
		t.Errorf("the answer of another ceremony: %v", err)
	}
}
