package saml_test

import (
	"encoding/base64"
	"math/rand/v2"
	"slices"
	"testing"

	"ecluse/internal/saml"
)

func TestTheFieldOfAFormIsPlainBase64OfAnyLength(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // any bytes will do
	message := make([]byte, 4000)
	for i := range message {
		message[i] = byte(random.Uint32())
	}
	lengths := []int{0, 1, 2, 3, 766, 767, 768, 769, 770, 1535, 1536, 1537, 4000}
	for _, n := range lengths {
		if got, want := saml.EncodePost(message[:n]), base64.StdEncoding.EncodeToString(message[:n]); got != want {
			t.Errorf("%d bytes: %q for %q", n, got, want)
		}
	}
}

// What is posted to a service holds a person's data, several kilobytes of them, and is written at each sign-in: once as XML
// and once as the field of a form, neither of them piecemeal.
func TestAnAnswerIsWrittenIntoOnePieceOfMemoryAndItsFieldIntoAnother(t *testing.T) {
	if raced {
		t.Skip("the race detector allocates")
	}
	r, signer := plainResponse(), rsaIdentity().signer
	document, err := signer.AppendResponse(nil, r, saml.SignAssertion)
	if err != nil {
		t.Fatal(err)
	}
	if room := cap(document); room > 2*len(document) {
		t.Errorf("%d bytes of room for %d", room, len(document))
	}
	with := slices.Grow([]byte(nil), 2*cap(document))
	write := func(dst []byte) func() {
		return func() {
			if _, err := signer.AppendResponse(dst, r, saml.SignAssertion); err != nil {
				t.Fatal(err)
			}
		}
	}
	alone, given := testing.AllocsPerRun(100, write(nil)), testing.AllocsPerRun(100, write(with))
	if alone > given+1 {
		t.Errorf("%v allocations, %v where the room is there", alone, given)
	}
	if n := testing.AllocsPerRun(100, func() { saml.EncodePost(document) }); n > 1 {
		t.Errorf("the field took %v allocations", n)
	}
}
