package app_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"ecluse/internal/idp"
	"ecluse/internal/idp/idptest"
	"ecluse/internal/registry"
	"ecluse/internal/saml"
	"ecluse/internal/web"
)

// newNeedy is an ENT that is registered with what it can vouch for, and a service that needs a second factor.
func newNeedy(t *testing.T, registered ...string) *ent {
	t.Helper()
	e := newENT(t)
	mux := web.NewMux(e.Kit)
	e.Flow.Mount(mux)
	mux.Handle(web.Route{Method: "GET", Pattern: "/need", Handler: func(w http.ResponseWriter, r *http.Request) error {
		return e.Flow.Start(w, r, idp.Request{
			Protocol: "open", Handle: "lire", ServiceID: "lire", Hints: idp.Hints{Source: idptest.ENT}, Needs: []string{saml.ClassMFA, saml.ClassTimeSyncToken, "mfa"},
		})
	}})
	e.Handler = mux
	e.Registry.Change(func(c *registry.Contents) { c.Sources[0].Assurance = registered })
	return e
}

// answered tells whether the browser is on its way back to the service, and with what.
func answered(p *idptest.Page) string {
	if p.Landing == nil || p.Landing.URL.Host != "lire.example" {
		return p.Text()
	}
	return strings.TrimSuffix(p.Landing.URL.RequestURI(), "?")
}

func TestAContextThatAServiceNeedsIsAskedOfTheSourceThatIsRegisteredWithIt(t *testing.T) {
	t.Parallel()
	e := newNeedy(t, saml.ClassPassword, saml.ClassMFA)
	b := e.Browser(t)
	q := e.asked(t, b.Get("/open"))
	if len(q.AuthnContext.Classes) != 0 {
		t.Errorf("a service that needs nothing asks for %v", q.AuthnContext)
	}
	p := b.Open(e.answer(q, e.isLea(t, q)))
	if p = b.Submit(p, "inform", 0, "act", "informed"); answered(p) != "/yes" {
		t.Fatal(answered(p))
	}
	q = e.asked(t, b.Get("/need")) // a session by password does not hold it
	if q.AuthnContext.Comparison != "exact" || !slices.Equal(q.AuthnContext.Classes, []string{saml.ClassMFA}) || q.ForceAuthn {
		t.Errorf("asked %+v", q)
	}
	if p = b.Open(e.answer(q, e.isLeaBy(t, q, saml.ClassMFA))); answered(p) != "/yes" {
		t.Fatal(answered(p))
	}
	if p = b.Get("/need"); answered(p) != "/yes" {
		t.Errorf("the session holds it, and is asked again: %s", answered(p))
	}
}

func TestASourceThatDoesNotAnswerInTheContextEndsTheRequestAndKeepsTheSession(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(*testing.T, *ent, saml.AuthnRequest) []byte{
		"another class": func(t *testing.T, e *ent, q saml.AuthnRequest) []byte { return e.isLea(t, q) },
		"NoAuthnContext": func(t *testing.T, e *ent, q saml.AuthnRequest) []byte {
			document, err := saml.AppendFailure(nil, &saml.Failure{
				ID: saml.NewID(), InResponseTo: q.ID, Issuer: entEntity, Destination: q.ACSURL, IssueInstant: e.Now(), Code: saml.StatusResponder, Detail: saml.StatusNoAuthnContext,
			})
			if err != nil {
				t.Fatal(err)
			}
			return document
		},
	} {
		e := newNeedy(t, saml.ClassPassword, saml.ClassMFA)
		b := e.Browser(t)
		q := e.asked(t, b.Get("/open"))
		b.Submit(b.Open(e.answer(q, e.isLea(t, q))), "inform", 0, "act", "informed")
		q = e.asked(t, b.Get("/need"))
		p := b.Open(e.answer(q, answer(t, e, q)))
		if p = b.Submit(p, "back", 0); answered(p) != "/no?kind="+string(idp.WeakSignIn) {
			t.Errorf("%s: %s", name, answered(p))
		}
		if p = b.Get("/open"); answered(p) != "/yes" {
			t.Errorf("%s: the session is lost: %s", name, answered(p))
		}
	}
}

func TestASourceOfWhichNobodySaidAnythingIsToldNothing(t *testing.T) {
	t.Parallel()
	e := newNeedy(t)
	if q := e.asked(t, e.Browser(t).Get("/need")); len(q.AuthnContext.Classes) != 0 {
		t.Errorf("it is asked for %v", q.AuthnContext)
	}
}
