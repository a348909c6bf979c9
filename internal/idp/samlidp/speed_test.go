package samlidp_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"net/http/httptest"
	"testing"

	crewjam "github.com/crewjam/saml"

	"ecluse/internal/attrs"
	"ecluse/internal/idp"
	"ecluse/internal/keys"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/web"
)

func publics(key keys.SigningKey) []crypto.PublicKey { return []crypto.PublicKey{key.Public()} }

func otherRing(tb testing.TB) *keys.Ring { tb.Helper(); return keystest.Other(tb) }

func zeroRelease() attrs.Release { return attrs.Release{} }

// BenchmarkAnswer compares a whole sign-on, from the query to the form for the service, with the one RSA signature that
// nobody can leave out.
func BenchmarkAnswer(b *testing.B) {
	h := newHouse(b)
	p := newParty(b, h, "lire")
	b.Run("signature", func(b *testing.B) {
		key, digest := keystest.Ring(b).Signer(keys.UseSAML), sha256.Sum256([]byte("x"))
		for b.Loop() {
			if _, err := key.Sign(rand.Reader, digest[:], crypto.SHA256); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("answer", func(b *testing.B) {
		p.begin(b)
		_, binding, _ := h.snapshot().Binding("saml", entity("lire"))
		c, err := h.clear(context.Background(), "lire", binding)
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, _, err := h.provider.Answer(context.Background(), h.last, idp.Answered{Cleared: c}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("whole", func(b *testing.B) {
		mux := web.NewMux(h.kit)
		h.provider.Mount(mux, h.gateway)
		for b.Loop() {
			b.StopTimer()
			r := httptest.NewRequest(http.MethodGet, "/saml/sso", nil)
			r.URL.RawQuery = p.query(b, p.request(b, crewjam.HTTPRedirectBinding), "relay")
			w := httptest.NewRecorder()
			b.StartTimer()
			mux.ServeHTTP(w, r)
			if w.Code != http.StatusOK {
				b.Fatalf("status %d (%s)", w.Code, h.fault())
			}
		}
	})
}

// begin signs in once, for a benchmark.
func (p *party) begin(b *testing.B) {
	b.Helper()
	if got := p.house.get(b, p.query(b, p.request(b, crewjam.HTTPRedirectBinding), "")); got.action() == "" {
		b.Fatalf("status %d", got.status)
	}
}
