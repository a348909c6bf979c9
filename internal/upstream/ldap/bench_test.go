package ldap_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"ecluse/internal/upstream/ldap/ldaptest"
)

// BenchmarkRefusal compares a wrong password with an unknown login: what differs beyond the noise would tell who has
// an account. refusal_time is 0, so that only the work itself is seen.
func BenchmarkRefusal(b *testing.B) {
	s := ldaptest.Start(b)
	for _, login := range []string{"lea.martin", "personne"} {
		b.Run(login, func(b *testing.B) {
			g := newGate(b, s, setup{})
			for i := range b.N {
				if code := g.guess(fmt.Sprintf("192.0.%d.%d", i/256%256, i%256), login); code != http.StatusUnprocessableEntity {
					b.Fatalf("status %d", code)
				}
				g.clock.advance(15 * time.Minute)
			}
		})
	}
}

func BenchmarkSignIn(b *testing.B) {
	g := newGate(b, ldaptest.Start(b), setup{})
	for b.Loop() {
		g.signsIn(b, "nadia.bernard")
	}
}
