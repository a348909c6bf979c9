package login_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"ecluse/internal/idp/idptest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/upstream"
)

const theirExit = "https://sortie.example/deconnexion?client_id=ecluse"

// leads has a source say where its own session is ended.
func leads(h *idptest.House, location string, err error) {
	h.Sources[idptest.ENT].Leaves(func(context.Context, person.Authn) (string, error) { return location, err })
}

// exit is the link to the source's own sign-out; empty when there is none.
func exit(p *idptest.Page) string {
	return regexp.MustCompile(`/signout/source/[A-Z0-9]+`).FindString(p.Body)
}

// follow asks for a page and gives where it leads.
func follow(b *idptest.Browser, method, path string) (int, string) {
	p := b.Do(httptest.NewRequest(method, idptest.Origin+path, nil))
	return p.Status, p.Header.Get("Location")
}

func TestAfterASignOutALinkLeadsToTheSourcesOwn(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := signedIn(t, h, idptest.Lea)
	var asked person.Authn
	h.Sources[idptest.ENT].Leaves(func(_ context.Context, a person.Authn) (string, error) {
		asked = a
		return theirExit, nil
	})
	p := b.Post("/signout", nil)
	page(t, "sign-out", p, http.StatusOK)
	link := exit(p)
	if link == "" || strings.Contains(p.Body, "sortie.example") || strings.Contains(strings.ToLower(p.Body), "http-equiv") {
		t.Fatalf("no link of ours, or one that is followed by itself: %s", p.Body)
	}
	if asked.Source != idptest.ENT || asked.At.IsZero() {
		t.Errorf("the source is asked about %+v", asked)
	}
	if b.Cookie("session") != "" {
		t.Error("the session goes on")
	}
	for i, method := range []string{http.MethodHead, http.MethodGet, http.MethodGet} { // two clicks, or back and again
		if status, to := follow(b, method, link); status != http.StatusSeeOther || to != theirExit {
			t.Errorf("%d: %s leads to %d %q", i, method, status, to)
		}
	}
	for what, again := range map[string]*idptest.Page{"a second click": b.Post("/signout", nil), "a reload": b.Get("/signout")} {
		if exit(again) != link {
			t.Errorf("%s does not show how things are: %s", what, again.Text())
		}
	}
	if p := h.Browser(t).Post("/signout", nil); exit(p) != "" {
		t.Error("another browser is led to the source")
	}
}

func TestTheWayToTheSourcesSignOutIsThisBrowsersAndShort(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := signedIn(t, h, idptest.Lea)
	leads(h, theirExit, nil)
	link := exit(b.Post("/signout", nil))
	other := signedIn(t, h, idptest.Nour)
	for who, c := range map[string]struct {
		b    *idptest.Browser
		path string
	}{
		"another browser":        {h.Browser(t), link},
		"somebody else's":        {other, link},
		"a link that nobody has": {b, "/signout/source/NOBODYS"},
	} {
		if status, to := follow(c.b, http.MethodGet, c.path); status != http.StatusSeeOther || to != "/signout" {
			t.Errorf("%s: %d %q", who, status, to)
		}
	}
	if status, _ := follow(b, http.MethodPost, link); status != http.StatusMethodNotAllowed {
		t.Errorf("a post: %d", status)
	}
	h.Clock.Advance(10*time.Minute + time.Second)
	if _, to := follow(b, http.MethodGet, link); to != "/signout" {
		t.Errorf("after its time it leads to %q", to)
	}
}

func TestASourceThatIsNotConnectedAnyMoreIsNotLedTo(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := signedIn(t, h, idptest.Lea)
	leads(h, theirExit, nil)
	link := exit(b.Post("/signout", nil))
	delete(h.Flow.Connectors, idptest.ENT)
	if _, to := follow(b, http.MethodGet, link); to != "/signout" {
		t.Errorf("it leads to %q", to)
	}
}

func TestASourceThatCannotSayWhereIsSaidToBeOpenAndOurSessionEnds(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for name, c := range map[string]struct {
		location string
		err      error
		want     string
		never    string
	}{
		"it fails":              {"", upstream.ErrUnavailable, "ne répond pas", "Fermer aussi"},
		"it fails and says so":  {theirExit, errors.New("half"), "ne répond pas", "Fermer aussi"},
		"it has no way":         {"", nil, "Ce compte reste peut-être ouvert", "ne répond pas"},
		"it keeps no session":   {"", upstream.ErrNoSession, "Déconnexion faite", "ompte"},
		"it leads to its pages": {theirExit, nil, "Fermer aussi votre session à", "ne répond pas"},
	} {
		leads(h, c.location, c.err)
		b := signedIn(t, h, idptest.Paul)
		p := b.Post("/signout", nil)
		page(t, name, p, http.StatusOK)
		if text := p.Text(); !strings.Contains(text, c.want) || strings.Contains(text, c.never) {
			t.Errorf("%s: %s", name, text)
		}
		if b.Cookie("session") != "" || (exit(p) != "") != (c.location != "" && c.err == nil) {
			t.Errorf("%s: the session goes on, or the link is wrong: %s", name, p.Body)
		}
		offers(t, name, b.Open(byGet(t, request("lire"))), "source")
	}
}

func TestASourceThatDoesNotAnswerIsNotWaitedForLong(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := signedIn(t, h, idptest.Lea)
	h.Sources[idptest.ENT].Leaves(func(ctx context.Context, _ person.Authn) (string, error) {
		if until, bounded := ctx.Deadline(); !bounded || time.Until(until) > 5*time.Second {
			t.Error("it may take as long as it wants")
		}
		if offered := b.Open(byGet(t, request("lire"))); !offered.Offers("source") {
			t.Error("our session waits for the source")
		}
		return "", context.DeadlineExceeded
	})
	page(t, "sign-out", b.Post("/signout", nil), http.StatusOK)
}

// noAccounts is a store that keeps no way to a source's sign-out, and cannot look for one.
type noAccounts struct{ store.Tickets }

func (n noAccounts) Put(ctx context.Context, t store.Ticket) error {
	if t.Kind == "account" {
		return errors.New("the store does not answer")
	}
	return n.Tickets.Put(ctx, t)
}

func (n noAccounts) Get(ctx context.Context, kind store.Kind, name string) (store.Ticket, error) {
	if kind == "account" {
		return store.Ticket{}, errors.New("the store does not answer")
	}
	return n.Tickets.Get(ctx, kind, name)
}

func TestOurSignOutIsDoneWhenTheWayToTheSourcesCannotBeKept(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(inner store.Tickets) store.Tickets { return noAccounts{inner} })
	b := signedIn(t, h, idptest.Paul)
	leads(h, theirExit, nil)
	p := b.Post("/signout", nil)
	page(t, "sign-out", p, http.StatusOK)
	if exit(p) != "" || !strings.Contains(p.Text(), "ne répond pas") || b.Cookie("session") != "" {
		t.Errorf("%s", p.Text())
	}
	if status, _ := follow(b, http.MethodGet, "/signout/source/ANY"); status != http.StatusServiceUnavailable {
		t.Errorf("a store that does not answer: %d", status)
	}
}

func TestOnASharedDeviceTheSourcesSignOutComesFirst(t *testing.T) {
	t.Parallel()
	for _, shared := range []bool{false, true} {
		h := newHouse(t, nil)
		if shared {
			h = sharing(h)
		}
		leads(h, theirExit, nil)
		b := signedIn(t, h, idptest.Lea)
		p := b.Post("/signout", nil)
		primary := strings.Contains(p.Body, `class="button button-primary" href="/signout/source/`)
		before := strings.Index(p.Body, "/signout/source/") < strings.Index(p.Body, `<ul class="list`)
		if primary != shared || before != shared {
			t.Errorf("shared %v: first %v, primary %v", shared, before, primary)
		}
	}
}

func TestADeviceThatBecameASharedOneIsTakenForOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	leads(h, theirExit, nil)
	b := signedIn(t, h, idptest.Paul) // at home
	h.Flow.SharedNetworks = []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")}
	if p := b.Post("/signout", nil); !strings.Contains(p.Body, `class="button button-primary" href="/signout/source/`) {
		t.Errorf("%s", p.Text())
	}
}

func TestASourceThatIsNotRegisteredAnyMoreIsNotNamed(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := signedIn(t, h, idptest.Paul)
	leads(h, theirExit, nil)
	h.Registry.Change(func(c *registry.Contents) { c.Sources = nil })
	p := b.Post("/signout", nil)
	page(t, "sign-out", p, http.StatusOK)
	if exit(p) != "" || !strings.Contains(p.Text(), "votre ENT par exemple") {
		t.Errorf("%s", p.Text())
	}
}
