package desk_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

const (
	awaitedText = `{"registration":"awaited"}`
	filledText  = `{"registration":"made","type":"public"}`
)

// awaiting is a house in which the service "dessin" waits for its client.
func awaiting(t *testing.T, h *desktest.House) {
	t.Helper()
	s := registry.Service{
		ID: "dessin", Name: registry.Text{FR: "Dessin"}, Sentence: registry.Text{FR: "Pour dessiner."}, Provider: "Éditions du Canal", Category: "arts",
		Bindings: []registry.Binding{{Protocol: "oidc", Handle: "dessin-web", Settings: json.RawMessage(awaitedText)}},
	}
	if _, err := h.Desk.PutService(t.Context(), h.Admin(), s, ""); err != nil {
		t.Fatal(err)
	}
}

func clientToken(t *testing.T, h *desktest.House) (registry.Token, string) {
	t.Helper()
	k, secret, err := h.Desk.MakeClientToken(t.Context(), h.Admin(), "dessin", "dessin-web", "Canal", h.Now().AddDate(0, 0, 30))
	if err != nil {
		t.Fatal(err)
	}
	h.Snapshot(t)
	return k, secret
}

func TestAnIntegratorsTokenRegistersItsOneClientOnce(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		awaiting(t, h)
		k, secret := clientToken(t, h)
		if k.Hash != "" || k.Holder != h.Admin().Handle || k.Client != "dessin-web" || len(k.Scopes) != 0 {
			t.Errorf("the token is %+v", k)
		}
		if _, err := h.Desk.ByToken(secret); !errors.Is(err, desk.ErrToken) {
			t.Errorf("it is somebody's at the desk: %v", err)
		}
		if _, err := h.Desk.SourceByToken(secret); !errors.Is(err, desk.ErrToken) {
			t.Errorf("it is an ENT's: %v", err)
		}
		b, manages, err := h.Desk.ClientByToken(secret)
		if err != nil || manages || b.Handle != "dessin-web" || string(b.Settings) != awaitedText {
			t.Fatalf("%+v, %v, %v", b, manages, err)
		}
		if err := h.Desk.ChangeClient(t.Context(), secret, b.Settings, json.RawMessage(filledText), false); !errors.Is(err, desk.ErrToken) {
			t.Errorf("it changes what it has not registered: %v", err)
		}
		manage := ofTwo(t, h, secret, b.Settings)
		h.Snapshot(t)
		if _, _, err := h.Desk.ClientByToken(secret); !errors.Is(err, desk.ErrToken) {
			t.Errorf("it is good a second time: %v", err)
		}
		b, manages, err = h.Desk.ClientByToken(manage)
		if err != nil || !manages || string(b.Settings) != filledText {
			t.Fatalf("%+v, %v, %v", b, manages, err)
		}
		if _, err := h.Desk.RegisterClient(t.Context(), manage, b.Settings, json.RawMessage(filledText)); !errors.Is(err, desk.ErrToken) {
			t.Errorf("the second token registers: %v", err)
		}
		i := slices.IndexFunc(h.Entries(t), func(e audit.Entry) bool { return e.Action == "client_register" })
		if i < 0 {
			t.Fatal("nothing is in the journal")
		}
		if e := h.Entries(t)[i]; e.Actor != h.Admin().Handle || e.Service != "dessin" || e.Detail["token"] != k.ID {
			t.Errorf("the journal says %+v", e)
		}
		for _, e := range h.Entries(t) {
			for _, v := range e.Detail {
				if strings.Contains(v, secret) || strings.Contains(v, manage) {
					t.Error("the journal has a secret")
				}
			}
		}
	})
}

// ofTwo has two show one token at once: one of them registers.
func ofTwo(t *testing.T, h *desktest.House, secret string, was json.RawMessage) (manage string) {
	t.Helper()
	var all sync.WaitGroup
	got, errs := make([]string, 2), make([]error, 2)
	for i := range 2 {
		all.Go(func() { got[i], errs[i] = h.Desk.RegisterClient(t.Context(), secret, was, json.RawMessage(filledText)) })
	}
	all.Wait()
	if (errs[0] == nil) == (errs[1] == nil) || got[0]+got[1] == "" || !errors.Is(errors.Join(errs...), desk.ErrToken) {
		t.Fatalf("of two, %v", errs)
	}
	return got[0] + got[1]
}

func TestWhoeverMayNotEditTheServiceMakesNoTokenForItsClient(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	awaiting(t, h)
	until := h.Now().Add(24 * time.Hour)
	for name, c := range map[string]roles.Caller{
		"the officer": h.DPO(), "a head": h.Head(desktest.College), "a teacher": h.Teacher(desktest.College), "another provider": h.Provider(),
		"a stranger": h.Stranger(), "nobody": {}, "a token": {Handle: h.Admin().Handle, Scopes: []string{"technical"}},
	} {
		var denied *roles.Denied
		if _, secret, err := h.Desk.MakeClientToken(t.Context(), c, "dessin", "dessin-web", "x", until); !errors.As(err, &denied) || secret != "" {
			t.Errorf("%s makes one: %v", name, err)
		}
	}
	for what, ask := range map[string][2]string{"no service": {"rien", "dessin-web"}, "no client": {"dessin", "autre"}, "another protocol's": {"lire", "https://lire.example/sp"}} {
		var missing *desk.NotFound
		if _, _, err := h.Desk.MakeClientToken(t.Context(), h.Admin(), ask[0], ask[1], "x", until); !errors.As(err, &missing) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, at := range map[string]time.Time{"past": h.Now(), "too far": h.Now().AddDate(0, 0, 31)} {
		var invalid *desk.Invalid
		if _, _, err := h.Desk.MakeClientToken(t.Context(), h.Admin(), "dessin", "dessin-web", "x", at); !errors.As(err, &invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestAnIntegratorsTokenEndsWithItsTimeWithItsRevocationAndWithTheOfficeOfWhoMadeIt(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	awaiting(t, h)
	k, secret := clientToken(t, h)
	if err := h.Desk.RevokeToken(t.Context(), h.Admin(), k.ID); err != nil {
		t.Fatal(err)
	}
	h.Snapshot(t)
	if _, err := h.Desk.RegisterClient(t.Context(), secret, json.RawMessage(awaitedText), json.RawMessage(filledText)); !errors.Is(err, desk.ErrToken) {
		t.Errorf("after its end: %v", err)
	}
	_, secret = clientToken(t, h)
	i := slices.IndexFunc(h.Snapshot(t).Appointments(), func(a registry.Appointment) bool { return a.Holder == h.Admin().Handle })
	if i < 0 {
		t.Fatal("the administrator holds nothing")
	}
	gone := h.Snapshot(t).Appointments()[i]
	gone.State = registry.Revoked
	h.Apply(t, registry.Change{Appointments: []registry.Appointment{gone}})
	h.Snapshot(t)
	if _, err := h.Desk.RegisterClient(t.Context(), secret, json.RawMessage(awaitedText), json.RawMessage(filledText)); !errors.Is(err, desk.ErrToken) {
		t.Errorf("whoever made it holds no office: %v", err)
	}
	h.Set(h.Now().AddDate(0, 0, 30))
	if _, _, err := h.Desk.ClientByToken(secret); !errors.Is(err, desk.ErrToken) && !errors.Is(err, registry.ErrStale) {
		t.Errorf("at its end: %v", err)
	}
}

func TestAClientIsChangedFromOutsideOnlyWhileItsDeclarationIsADraft(t *testing.T) {
	t.Parallel()
	for state, open := range map[registry.State]bool{
		registry.Draft: true, registry.ToCorrect: true, registry.Refused: true,
		registry.Submitted: false, registry.InReview: false, registry.Approved: false, registry.Suspended: false, registry.Archived: false,
	} {
		h := desktest.New(t)
		awaiting(t, h)
		_, first := clientToken(t, h)
		_, second := clientToken(t, h)
		manage, err := h.Desk.RegisterClient(t.Context(), first, json.RawMessage(awaitedText), json.RawMessage(filledText))
		if err != nil {
			t.Fatal(err)
		}
		d := desktest.Reading()
		d.ID, d.Version, d.ServiceID, d.State = "d-dessin", 1, "dessin", state
		h.Apply(t, registry.Change{Declarations: []registry.Declaration{d}})
		h.Snapshot(t)
		changed := h.Desk.ChangeClient(t.Context(), manage, json.RawMessage(filledText), json.RawMessage(awaitedText), true)
		_, registered := h.Desk.RegisterClient(t.Context(), second, json.RawMessage(awaitedText), json.RawMessage(filledText))
		_, _, made := h.Desk.MakeClientToken(t.Context(), h.Admin(), "dessin", "dessin-web", "x", h.Now().Add(time.Hour))
		for what, err := range map[string]error{"a change": changed, "a registration": registered, "a token": made} {
			var conflict *desk.Conflict
			if (err == nil) != open || (!open && !errors.As(err, &conflict)) {
				t.Errorf("%s, with a declaration in state %q: %v", what, state, err)
			}
		}
		if _, _, err := h.Desk.ClientByToken(manage); open && !errors.Is(err, desk.ErrToken) {
			t.Errorf("a token of what was taken back: %v", err)
		}
	}
}

func TestAChangeToWhatSomebodyElseHasChangedIsRefused(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	awaiting(t, h)
	_, secret := clientToken(t, h)
	var conflict *desk.Conflict
	if _, err := h.Desk.RegisterClient(t.Context(), secret, json.RawMessage(filledText), json.RawMessage(filledText)); !errors.As(err, &conflict) || conflict.Code != "changed" {
		t.Errorf("over something else than was looked at: %v", err)
	}
	h.Desk.Settings = func(registry.Service) []registry.Finding { return []registry.Finding{{Where: "x", What: "bad"}} }
	var invalid *desk.Invalid
	if _, err := h.Desk.RegisterClient(t.Context(), secret, json.RawMessage(awaitedText), json.RawMessage(filledText)); !errors.As(err, &invalid) {
		t.Errorf("what its protocol refuses: %v", err)
	}
}
