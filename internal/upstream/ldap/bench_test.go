package ldap_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"ecluse/internal/upstream/ldap/ldaptest"
)

// BenchmarkRefusal compares a wrong password with an unknown login, in turn and by their medians: what differs beyond
// the noise would tell who has an account. refusal_time is 0, so that only the work itself is seen.
func BenchmarkRefusal(b *testing.B) {
	g := newGate(b, ldaptest.Start(b), setup{})
	logins := []string{"lea.martin", "personne"}
	took := make([][]time.Duration, len(logins))
	for i := range max(b.N, 2) {
		for j, login := range logins {
			begun := time.Now()
			if code := g.guess(fmt.Sprintf("192.0.%d.%d", i/256%256, i%256), login); code != http.StatusUnprocessableEntity {
				b.Fatalf("status %d", code)
			}
			took[j] = append(took[j], time.Since(begun))
		}
		g.clock.advance(15 * time.Minute)
	}
	for j, name := range []string{"wrong-µs", "unknown-µs"} {
		slices.Sort(took[j])
		b.ReportMetric(float64(took[j][len(took[j])/2].Microseconds()), name)
	}
}

func BenchmarkSignIn(b *testing.B) {
	g := newGate(b, ldaptest.Start(b), setup{})
	for b.Loop() {
		g.signsIn(b, "nadia.bernard")
	}
}
