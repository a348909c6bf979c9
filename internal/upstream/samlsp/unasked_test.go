package samlsp_test

import (
	"net/http"
	"sync/atomic"
	"testing"

	"ecluse/internal/keys"
	"ecluse/internal/saml"
	"ecluse/internal/upstream"
)

// watched counts how often the keys to decrypt with are fetched.
type watched struct {
	*keys.Ring
	fetched *atomic.Int32
}

func (w watched) Decrypters() []keys.DecryptionKey {
	w.fetched.Add(1)
	return w.Ring.Decrypters()
}

// Anybody may post something that has to be decrypted before it is known for what it is: nothing is, without a question.
func TestWhatAnswersNoOpenQuestionIsNotDecrypted(t *testing.T) {
	t.Parallel()
	ring := watched{sharedRing(t), new(atomic.Int32)}
	g := newGate(t, setup{keys: ring})
	q := g.ask(t, upstream.Challenge{})
	document := theirSealed(t, g, q, saml.SignAssertion, toUs(t, g))
	if w := g.answer(document, q.RelayState); w.Code != http.StatusNoContent || len(g.host.Signed()) != 1 {
		t.Fatalf("status %d, %v", w.Code, g.host.Failures())
	}
	before := ring.fetched.Load()
	for _, relay := range []string{q.RelayState, "", "_of-nobody"} { // the question is answered, and gone
		g.answer(document, relay)
	}
	if n := ring.fetched.Load() - before; n != 0 || len(g.host.Signed()) != 1 {
		t.Errorf("decrypted %d times", n)
	}
}
