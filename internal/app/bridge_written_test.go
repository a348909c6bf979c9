package app

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"ecluse/internal/audit"
)

// newBridge is a demo whose source is asked by SAML, and somebody who was told what leaves.
func newBridge(t *testing.T) (*bench, *provider, *between) {
	t.Helper()
	x := newBench(t)
	b := inBetween(t, x)
	p := newProvider(t, x)
	p.bridge(x.authnRequest(0))
	b.writes, b.rides = nil, 0
	return x, p, b
}

func answered(body string) bool { return strings.Contains(body, `name="SAMLResponse"`) }

// TestASignInThroughASourceIsThreeWrites: what is stored before the source is asked, what its answer does, and what the
// answer to the service stands on. The latter two go with their entries in the journal.
func TestASignInThroughASourceIsThreeWrites(t *testing.T) {
	t.Parallel()
	x, p, b := newBridge(t)
	signIns, before := entries(t, x, audit.ClassSignIn), releases(t, x)
	if w := p.bridge(x.authnRequest(1)); w.Code != http.StatusOK || !answered(w.Body.String()) {
		t.Fatalf("status %d: %.300s", w.Code, w.Body)
	}
	if entries(t, x, audit.ClassSignIn) != signIns+1 || releases(t, x) != before+1 {
		t.Error("the journal has not both entries")
	}
	b.writes = slices.DeleteFunc(b.writes, func(w string) bool { return strings.Contains(w, "roll") }) // once in many
	if b.rides != 2 || len(b.writes) != 1 {
		t.Errorf("%d writes with an entry and %q, want 2 and one", b.rides, b.writes)
	}
}

func TestASourcesAnswerWhoseWriteFailsInItsMiddleSignsNobodyInAndIsNotUsed(t *testing.T) {
	t.Parallel()
	x, p, b := newBridge(t)
	target, form := p.begins(x.authnRequest(1))
	before := entries(t, x, audit.ClassSignIn)
	b.spoil = true
	w := x.ask(http.MethodPost, target, form)
	if w.Code != http.StatusServiceUnavailable || x.cookies["session"] != "" || entries(t, x, audit.ClassSignIn) != before {
		t.Errorf("status %d, session %t, %d entries more", w.Code, x.cookies["session"] != "", entries(t, x, audit.ClassSignIn)-before)
	}
	b.spoil = false
	if w := p.goesOn(x.ask(http.MethodPost, target, form)); w.Code != http.StatusOK || !answered(w.Body.String()) {
		t.Errorf("the same once more: status %d: %.300s", w.Code, w.Body)
	}
	if entries(t, x, audit.ClassSignIn) != before+1 {
		t.Error("it was not one sign-in")
	}
}

func TestASourcesAnswerIsTakenOnceAlsoByWhoComesInBetween(t *testing.T) {
	t.Parallel()
	x, p, b := newBridge(t)
	target, form := p.begins(x.authnRequest(1))
	before := entries(t, x, audit.ClassSignIn)
	other := benchAt(t, x.host, x.serve)
	for name, value := range x.cookies {
		other.cookies[name] = value
	}
	quicker := 0
	b.first = func() { quicker = other.ask(http.MethodPost, target, form).Code }
	w := x.ask(http.MethodPost, target, form)
	if quicker != http.StatusSeeOther || w.Code != http.StatusGone || x.cookies["session"] != "" || other.cookies["session"] == "" {
		t.Errorf("the quicker: status %d, the other: %d", quicker, w.Code)
	}
	if again := other.ask(http.MethodPost, target, form); again.Code != http.StatusGone || entries(t, x, audit.ClassSignIn) != before+1 {
		t.Errorf("a replay: status %d, %d entries more", again.Code, entries(t, x, audit.ClassSignIn)-before)
	}
}
