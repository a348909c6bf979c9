package desk_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

func TestAnENTsTokenIsItsSourcesAloneAndActsForNobody(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		until := h.Now().AddDate(1, 0, 0)
		k, secret, err := h.Desk.MakeSourceToken(t.Context(), h.Admin(), "ent", "médiacentre", until)
		if err != nil {
			t.Fatal(err)
		}
		if k.Source != "ent" || k.Holder != "" || k.Hash != "" || len(k.Scopes) != 0 || len(k.Held) != 0 {
			t.Errorf("the token is %+v", k)
		}
		h.Snapshot(t)
		if source, err := h.Desk.SourceByToken(secret); source != "ent" || err != nil {
			t.Errorf("%q, %v", source, err)
		}
		if _, err := h.Desk.ByToken(secret); !errors.Is(err, desk.ErrToken) {
			t.Errorf("an ENT's token is somebody's at the desk: %v", err)
		}
		_, own, err := h.Desk.MakeToken(t.Context(), h.Admin(), "script", []string{"technical"}, until)
		if err != nil {
			t.Fatal(err)
		}
		h.Snapshot(t)
		for _, other := range []string{own, "", "ecl_", secret[:len(secret)-1], secret + "0", strings.ToUpper(secret)} {
			if _, err := h.Desk.SourceByToken(other); !errors.Is(err, desk.ErrToken) {
				t.Errorf("%q is an ENT's: %v", other[:min(4, len(other))], err)
			}
		}
		for _, e := range h.Entries(t) {
			if strings.Contains(e.Action, "token") {
				for _, v := range e.Detail {
					if strings.Contains(v, secret) {
						t.Error("the journal has the secret")
					}
				}
			}
		}
		h.Set(until)
		if _, err := h.Desk.SourceByToken(secret); !errors.Is(err, desk.ErrToken) && !errors.Is(err, registry.ErrStale) {
			t.Errorf("at its end: %v", err)
		}
	})
}

func TestWhoConnectsASourceMakesItsTokenAndWhoMayStopItEndsIt(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	until := h.Now().Add(24 * time.Hour)
	for name, c := range map[string]roles.Caller{
		"the recteur": h.Recteur(), "the officer": h.DPO(), "on call": h.OnCall(), "a head": h.Head(desktest.College), "a teacher": h.Teacher(desktest.College),
		"a provider": h.Provider(), "a stranger": h.Stranger(), "nobody": {}, "a token": {Handle: h.Admin().Handle, Scopes: []string{"technical"}},
	} {
		var denied *roles.Denied
		if _, secret, err := h.Desk.MakeSourceToken(t.Context(), c, "ent", "x", until); !errors.As(err, &denied) || secret != "" {
			t.Errorf("%s makes one: %v", name, err)
		}
	}
	var missing *desk.NotFound
	var denied *roles.Denied
	if _, _, err := h.Desk.MakeSourceToken(t.Context(), h.Admin(), "nulle-part", "x", until); !errors.As(err, &missing) && !errors.As(err, &denied) {
		t.Errorf("of a source that is not registered: %v", err)
	}
	for what, at := range map[string]time.Time{"past": h.Now(), "too far": h.Now().AddDate(1, 0, 1)} {
		var invalid *desk.Invalid
		if _, _, err := h.Desk.MakeSourceToken(t.Context(), h.Admin(), "ent", "x", at); !errors.As(err, &invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	k, secret, err := h.Desk.MakeSourceToken(t.Context(), h.Admin(), "ent", "médiacentre", until)
	if err != nil {
		t.Fatal(err)
	}
	h.Snapshot(t)
	seen := func(c roles.Caller) bool {
		list, err := h.Desk.Tokens(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(list, func(o registry.Token) bool { return o.ID == k.ID && o.Hash == "" })
	}
	if !seen(h.Admin()) || seen(h.Teacher(desktest.College)) || seen(h.Provider()) {
		t.Error("the token is not in sight of whoever looks after access, or of others too")
	}
	for name, c := range map[string]roles.Caller{"a head": h.Head(desktest.College), "a teacher": h.Teacher(desktest.College), "a stranger": h.Stranger()} {
		if err := h.Desk.RevokeToken(t.Context(), c, k.ID); !errors.As(err, &denied) {
			t.Errorf("%s ends it: %v", name, err)
		}
	}
	for range 2 {
		if err := h.Desk.RevokeToken(t.Context(), h.OnCall(), k.ID); err != nil {
			t.Fatal(err)
		}
	}
	h.Snapshot(t)
	if _, err := h.Desk.SourceByToken(secret); !errors.Is(err, desk.ErrToken) {
		t.Errorf("after its end: %v", err)
	}
}
