package api_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"ecluse/internal/accounts"
	"ecluse/internal/admin/api"
	"ecluse/internal/audit"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// temporary is the name of everybody who has a temporary account here.
const temporary = "MARQUE-TEMPORAIRE"

// few is an accounts.Store that begins with one account of the collège. What storage owes accounts is tried where storage
// is.
type few struct{ all map[string]accounts.Account }

func aFew() *few {
	return &few{map[string]accounts.Account{"c-1": {
		ID: "c-1", Login: "TMP-AAAA-BBBB", Source: "comptes", UAI: desktest.College, Profile: person.Teacher, FamilyName: temporary,
		From: desktest.Day("2026-11-01"), Until: desktest.Day("2026-12-31"), Reason: "contrat", Author: author, State: accounts.Active,
		Word: accounts.HashWord("AAAA"), WordEnds: desktest.Start().AddDate(0, 0, 3), Password: "kept", Revision: 1,
	}}}
}

func (f *few) Account(_ context.Context, id string) (accounts.Account, bool, error) {
	a, ok := f.all[id]
	return a, ok, nil
}

func (f *few) ByLogin(context.Context, string, string) (accounts.Account, bool, error) {
	return accounts.Account{}, false, nil
}

func (f *few) In(_ context.Context, uai person.UAI) (out []accounts.Account, _ error) {
	for _, a := range f.all {
		if a.UAI == uai {
			out = append(out, a)
		}
	}
	return out, nil
}

func (f *few) Counts(context.Context, registry.Date) (map[person.UAI]accounts.Counts, error) {
	out := map[person.UAI]accounts.Counts{}
	for _, a := range f.all {
		n := out[a.UAI]
		n.Active++
		out[a.UAI] = n
	}
	return out, nil
}

func (f *few) Put(_ context.Context, a accounts.Account, _ audit.Entry) error {
	a.Revision++
	f.all[a.ID] = a
	return nil
}

func (f *few) Purge(context.Context, registry.Date, audit.Entry) (int, error) { return 0, nil }

// temporaryAccounts is their source.
func temporaryAccounts() registry.Source {
	s := registry.Source{ID: "comptes", Name: registry.Text{FR: "Comptes temporaires"}, Connector: accounts.Connector, Authority: accounts.Authority("comptes")}
	s.Declaration = &registry.SourceDeclaration{
		Reference: "comptes-2026", Controller: registry.Controller{Name: "Académie d'Exemple", Office: "recteur", DPO: "dpd@ac-exemple.fr"},
		Covers: "comptes temporaires", State: registry.Approved, From: desktest.Day("2026-01-01"), Until: desktest.Day("2028-12-31"),
	}
	return s
}

func TestWhoseTemporaryAccountsAreIsForTheirOwnSchoolAlone(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	names := []string{"head", "deputy", "assistant"}
	counts := []string{"recteur", "dpo", "admin", "auditor"}
	for _, c := range s.columns() {
		if c.name == "anonymous" {
			continue
		}
		body := s.get(t, c.name, "/accounts").Body.String()
		if got, want := strings.Contains(body, temporary), slices.Contains(names, c.name); got != want {
			t.Errorf("%s reads the name: %v", c.name, got)
		}
		if got, want := strings.Contains(body, `"active":1`), slices.Contains(names, c.name) || slices.Contains(counts, c.name); got != want {
			t.Errorf("%s reads how many: %v: %s", c.name, got, body)
		}
		for _, never := range []string{"TMP-", "kept", accounts.HashWord("AAAA")} {
			if strings.Contains(body, never) {
				t.Errorf("%s reads %q, which lets in", c.name, never)
			}
		}
	}
}

func TestLoginAndWordAreGivenOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	w := s.ask(t, "head", "POST", api.Base+"/accounts", jsonOf(accountFor(desktest.College)))
	made := read[api.OpenedAccount](t, w, 201)
	if !strings.HasPrefix(made.Login, "TMP-") || len(made.Word) != 19 || made.Account.FamilyName != temporary || made.Account.Source != "comptes" ||
		!made.Account.WordUntil.Equal(desktest.Start().Add(accounts.WordLife)) || made.Account.From.String() != "2026-11-22" {
		t.Errorf("%+v", made)
	}
	later := s.get(t, "head", "/accounts").Body.String()
	if strings.Contains(later, made.Login) || strings.Contains(later, made.Word) || !strings.Contains(later, made.Account.ID) {
		t.Errorf("the list afterwards: %s", later)
	}
	reset := read[api.OpenedAccount](t, s.ask(t, "deputy", "POST", api.Base+"/accounts/"+made.Account.ID+"/reset", ""), 200)
	if reset.Login != made.Login || reset.Word == made.Word || reset.Word == "" {
		t.Errorf("reset: %+v", reset)
	}
	for range 2 {
		closed := read[api.Account](t, s.ask(t, "head", "POST", api.Base+"/accounts/"+made.Account.ID+"/close", ""), 200)
		if closed.State != accounts.Closed || !closed.WordUntil.IsZero() {
			t.Errorf("closed: %+v", closed)
		}
	}
	if w := s.ask(t, "head", "POST", api.Base+"/accounts/"+made.Account.ID+"/reset", ""); w.Code != 409 || code(t, w) != "state" {
		t.Errorf("a closed account was reset: %d %s", w.Code, w.Body)
	}
}

func TestMistakesOfATemporaryAccountAreToldAtTheirPlace(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bad := accountFor(desktest.College)
	bad["until"], bad["reason"], bad["mail"], bad["source"] = "2030-01-01", " ", "Marque", "ent"
	w := s.ask(t, "head", "POST", api.Base+"/accounts", jsonOf(bad))
	problem := problemOf(t, w)
	var at []string
	for _, m := range problem.Errors {
		at = append(at, m.Pointer)
	}
	if w.Code != 422 || !slices.Equal(at, []string{"/reason", "/mail", "/until", "/source"}) {
		t.Errorf("%d %q: %s", w.Code, at, w.Body)
	}
	for _, profile := range []string{"National_DIR", "National_ACA", "National_TUT", "National_COL", ""} {
		bad := accountFor(desktest.College)
		bad["profile"] = profile
		if w := s.ask(t, "head", "POST", api.Base+"/accounts", jsonOf(bad)); w.Code != 422 {
			t.Errorf("%q: %d", profile, w.Code)
		}
	}
}
