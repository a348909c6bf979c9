package places_test

import (
	"encoding/json"
	"regexp"
	"testing"

	"ecluse/internal/admin/frame/frametest"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

var secretOf = regexp.MustCompile(`ecl_[0-9A-Za-z]{43}`)

func TestATokenOfASourceIsShownOnceAndEnds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const at = ent + "/jetons"
	frametest.Has(t, b.Get(t, b.Admin(), ent), at)
	a := b.Ask(b.Admin(), "POST", at, "nom", "Médiacentre", "jusque", "2027-08-31")
	secret := secretOf.FindString(a.Page)
	if source, err := b.Desk.SourceByToken(secret); a.Status != 200 || err != nil || source != "ent" {
		t.Fatalf("%d %v %s", a.Status, err, a.Page)
	}
	page := b.Get(t, b.Admin(), at)
	frametest.Has(t, page, "Médiacentre", "en usage", "31 août 2027")
	frametest.Lacks(t, page, secret)
	id := regexp.MustCompile(`name="jeton" value="([^"]+)"`).FindStringSubmatch(page)[1]
	b.Refused(t, b.Admin(), 404, "POST", "/bureau/services/lire/jetons/fin", "jeton", id)
	frametest.Has(t, b.Sent(t, b.Admin(), at+"/fin", "jeton", id), "Le jeton ne vaut plus", "retiré")
	if _, err := b.Desk.SourceByToken(secret); err == nil {
		t.Error("it still holds")
	}
	a = b.Ask(b.Admin(), "POST", at, "nom", " ", "jusque", "2029-01-01")
	if a.Status != 422 || secretOf.MatchString(a.Page) {
		t.Errorf("%d", a.Status)
	}
	frametest.Has(t, a.Page, `href="#nom"`, `href="#jusque"`, `value="2029-01-01"`)
	for _, who := range []roles.Caller{b.Head(desktest.College), b.DPO(), b.Recteur(), b.OnCall(), b.Stranger()} {
		for _, method := range []string{"GET", "POST"} {
			if a := b.Ask(who, method, at, "nom", "x", "jusque", "2027-08-31"); a.Status != 403 && a.Status != 404 || secretOf.MatchString(a.Page) {
				t.Errorf("%s: %d", method, a.Status)
			}
		}
	}
	b.Refused(t, b.Admin(), 404, "GET", "/bureau/sources/none/jetons")
}

func TestAnIntegratorsTokenIsForOneClientOfADraft(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := registry.Service{
		ID: "neuf", Name: registry.Text{FR: "Neuf"}, Sentence: registry.Text{FR: "Pour essayer."}, Provider: "Canal", Start: "https://neuf.example/",
		Bindings: []registry.Binding{{Protocol: "oidc", Handle: "neuf", Settings: json.RawMessage(`{}`)}},
	}
	b.Apply(t, registry.Change{Services: []registry.Service{s}})
	const at = "/bureau/services/neuf/jetons"
	a := b.Ask(b.Admin(), "POST", at, "client", "neuf", "nom", "intégrateur", "jusque", "2026-12-10")
	if binding, _, err := b.Desk.ClientByToken(secretOf.FindString(a.Page)); a.Status != 200 || err != nil || binding.Handle != "neuf" {
		t.Fatalf("%d %v %s", a.Status, err, a.Page)
	}
	frametest.Has(t, b.Get(t, b.Admin(), at), "intégrateur", "en usage")
	a = b.Ask(b.Admin(), "POST", at, "client", "neuf", "nom", "trop long", "jusque", "2027-08-31")
	frametest.Has(t, a.Page, `href="#jusque"`, `value="trop long"`)
	frametest.Has(t, b.Get(t, b.Admin(), "/bureau/services/lire/jetons"), "n'a pas de client OpenID Connect")
	if a = b.Ask(b.Admin(), "POST", at, "client", "autre", "nom", "x", "jusque", "2026-12-10"); a.Status != 404 {
		t.Errorf("a client that is not there: %d", a.Status)
	}
	b.Refused(t, b.Head(desktest.College), 403, "GET", at)
	b.Refused(t, b.Head(desktest.College), 403, "POST", at, "client", "neuf", "nom", "x", "jusque", "2026-12-10")
}
