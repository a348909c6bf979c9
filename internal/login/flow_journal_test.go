package login_test

import (
	"testing"

	"ecluse/internal/idp/idptest"
)

// Whoever reads the journal without the key must not be able to follow a person from one service to the next.
func TestJournalOfTwoServicesDoesNotTellThatItIsOnePerson(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := signedIn(t, h, idptest.Paul)
	through(t, b, b.Open(byGet(t, request("calcul"))))
	page(t, "closed", b.Open(byGet(t, request("ferme"))), 403)
	page(t, "undeclared", b.Open(byGet(t, request("muette"))), 403)
	of := map[string]string{}
	for _, e := range h.Journal.Entries() {
		if other, seen := of[e.Subject]; e.Subject != "" && seen && other != e.Service {
			t.Errorf("%s at %q is filed as at %q", e.Action, e.Service, other)
		}
		of[e.Subject] = e.Service
	}
	if len(of) < 4 {
		t.Errorf("%d subjects at four services", len(of))
	}
}
