package local_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"ecluse/internal/accounts"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/store/memdb"
	"ecluse/internal/upstream/local"
	"ecluse/internal/upstream/upstreamtest"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// chosen is the password of every holder, and name everybody's.
const (
	chosen = "une petite phrase bien à moi"
	name   = "MARQUEFAMILLE"
)

// door is an academy with a source of temporary accounts, and a gateway around it.
type door struct {
	*desktest.House
	*local.Connector
	mux    *web.Mux
	host   upstreamtest.Host
	logged upstreamtest.Log
}

func source() registry.Source {
	s := registry.Source{ID: "comptes", Name: registry.Text{FR: "Comptes temporaires"}, Connector: accounts.Connector, Authority: "local:comptes"}
	s.Declaration = &registry.SourceDeclaration{
		Reference: "comptes-2026", Controller: registry.Controller{Name: "Académie d'Exemple", Office: "recteur", DPO: "dpd@ac-exemple.fr"},
		Covers: "comptes temporaires", State: registry.Approved, From: desktest.Day("2026-01-01"), Until: desktest.Day("2028-12-31"),
	}
	return s
}

func newDoor(t testing.TB, h *desktest.House) *door {
	t.Helper()
	h.Apply(t, registry.Change{Sources: []registry.Source{source()}})
	d := &door{House: h}
	log := slog.New(slog.NewTextHandler(&d.logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	kit := webtest.NewWith(t, web.Config{Contributions: []web.Contribution{local.Pages()}, Report: func(_ context.Context, _ web.Ref, f *web.Fault) {
		log.Info("an error page was shown", "error", f)
	}})
	c, err := local.New(local.Config{
		Source: source(), Accounts: h.Accounts, Kit: kit, Tickets: memdb.New(h.Now), Keys: upstreamtest.Namer("test key"), Zone: h.Live.Zone, Now: h.Now, Log: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	d.Connector, d.mux = c, web.NewMux(kit)
	h.Desk.SignOut = func(ctx context.Context, _, account string) error { return c.Ended(ctx, account) }
	c.Mount(d.mux, "/source/comptes", &d.host)
	return d
}

func (d *door) get(path string) *httptest.ResponseRecorder {
	return upstreamtest.Get(d.mux, "/source/comptes"+path)
}

func (d *door) post(from, path string, fields ...string) *httptest.ResponseRecorder {
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return upstreamtest.Post(d.mux, from, "/source/comptes"+path, form)
}

// try signs in; first uses the word.
func (d *door) try(login, password string) int {
	return d.post("192.0.2.1", "/password", "login", login, "password", password).Code
}

func (d *door) first(login, word, password string) int {
	return d.post("192.0.2.1", "/first", "login", login, "word", word, "new", password, "again", password).Code
}

// asked is an account as the head of the collège asks for it.
func asked() accounts.Account {
	return accounts.Account{
		UAI: desktest.College, Profile: person.Teacher, GivenName: "Nour", FamilyName: name, Mail: "nour@exemple.fr",
		Until: desktest.Day("2026-12-31"), Reason: "contrat en attente de " + name,
	}
}

func (d *door) open(t testing.TB) (a accounts.Account, word string) {
	t.Helper()
	a, word, err := d.OpenAccount(t.Context(), d.Head(desktest.College), asked())
	if err != nil {
		t.Fatal(err)
	}
	return a, word
}

// used is an account whose holder has chosen the password.
func (d *door) used(t testing.TB) accounts.Account {
	t.Helper()
	a, word := d.open(t)
	if code := d.first(a.Login, word, chosen); code != http.StatusNoContent {
		t.Fatalf("first use: %d", code)
	}
	return a
}

func (d *door) last(t testing.TB) person.Person {
	t.Helper()
	who, err := person.SDET("local:comptes").Resolve(d.host.Last(t).Raw)
	if err != nil {
		t.Fatal(err)
	}
	who.Authn.Source = "comptes"
	return who
}

// names fails when the journal or the log names anybody or holds what lets in.
func (d *door) names(t testing.TB, secrets ...string) {
	t.Helper()
	text := d.logged.String()
	for _, e := range d.Entries(t) {
		text += fmt.Sprintf("%+v\n", e)
	}
	for _, s := range append(secrets, name, "Nour", "nour@", chosen, "phrase") {
		if strings.Contains(text, s) {
			t.Errorf("the journal or the log holds %q", s)
		}
	}
}
