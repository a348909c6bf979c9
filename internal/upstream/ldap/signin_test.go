package ldap_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecluse/internal/person"
	"ecluse/internal/upstream/ldap/ldaptest"
	"ecluse/internal/upstream/typed"
)

// place is what tests look at of an affiliation.
type place struct {
	UAI       person.UAI
	Profile   person.Profile
	Functions []string
	Classes   []string
	Groups    []string
}

func places(p person.Person) []place {
	var out []place
	for _, a := range p.Affiliations {
		out = append(out, place{a.UAI, a.Profile, a.Functions, a.Classes, a.Groups})
	}
	return out
}

func TestPupilIsKnownAsTheDirectoryHasThem(t *testing.T) {
	t.Parallel()
	g := newGate(t, ldaptest.Start(t), setup{})
	who := g.signsIn(t, "lea.martin")
	if want := (person.Key{Authority: "ac-rennes", ID: "AC-RENNES$1001"}); who.Key != want {
		t.Errorf("another key than %s", want.ID)
	}
	want := []place{{UAI: ldaptest.College, Profile: person.Pupil, Classes: []string{"4A"}, Groups: []string{"4AGL1"}}}
	if diff := cmp.Diff(want, places(who)); diff != "" {
		t.Error(diff)
	}
	if who.First(person.GivenName) != "Léa" || who.Age.Adult != person.No || who.Age.Born.Year() != 2012 {
		t.Error("name or age differ")
	}
	if got := who.Affiliations[0].Values[person.Level]; !slices.Equal(got, []string{"4EME"}) {
		t.Errorf("level %q", got)
	}
	if who.Authn.At != g.clock.now() || who.Authn.Method != typed.Method {
		t.Errorf("proof at %v by %q", who.Authn.At, who.Authn.Method)
	}
}

func TestPeopleAreKnownAsTheDirectoryHasThem(t *testing.T) {
	t.Parallel()
	s := ldaptest.Start(t)
	for _, way := range []struct {
		name     string
		settings map[string]any
	}{
		{"ldaps", nil},
		{"StartTLS", map[string]any{"url": s.PlainURL(), "start_tls": true}},
		{"loopback without TLS", map[string]any{"url": s.PlainURL(), "insecure": true, "ca_file": nil}},
	} {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			g := newGate(t, s, setup{settings: way.settings})
			for login, want := range map[string][]place{
				// A function at a structure without a UAI, or at one outside the base, holds nowhere.
				"nadia.bernard": {
					{UAI: ldaptest.College, Profile: person.Teacher, Functions: []string{"ENS"}, Classes: []string{"4A"}},
					{UAI: ldaptest.Lycee, Profile: person.Teacher, Functions: []string{"ENS"}, Classes: []string{"2DE1"}},
				},
				"omar.leroy":   {{UAI: ldaptest.Dunes, Profile: person.Teacher, Classes: []string{"6B", "5C"}}},
				"helene.petit": {{UAI: ldaptest.Lycee, Profile: person.Head, Functions: []string{"DIR"}}},
				"tom.martin":   {{UAI: ldaptest.Lycee, Profile: person.Pupil}},
			} {
				if diff := cmp.Diff(want, places(g.signsIn(t, login))); diff != "" {
					t.Errorf("%s: %s", login, diff)
				}
			}
		})
	}
}

func TestGuardiansHoldAuthorityOnlyWhereTheDirectorySaysSo(t *testing.T) {
	t.Parallel()
	g := newGate(t, ldaptest.Start(t), setup{})
	// Léa's own entry says when she was born, and Tom's does not.
	born := map[string]person.AgeFacts{"Léa": {Born: time.Date(2012, time.March, 14, 0, 0, 0, 0, time.UTC)}}
	ward := func(id string, uai person.UAI, authority person.Tri, label, level string) person.Ward {
		return person.Ward{Child: person.Key{Authority: "ac-rennes", ID: id}, UAI: uai, Authority: authority, Label: label, Level: level, Age: born[label]}
	}
	for login, want := range map[string][]person.Ward{
		// Zoé's guardian is AC-RENNES$20010; of Tom too little is said, and too much of somebody whose key begins likewise.
		"paul.martin": {ward("AC-RENNES$1001", ldaptest.College, person.Yes, "Léa", "4EME"), ward("AC-RENNES$1002", ldaptest.Lycee, person.Unknown, "Tom", "")},
		"rose.durand": {ward("AC-RENNES$1001", ldaptest.College, person.No, "Léa", "4EME")},
	} {
		got := g.signsIn(t, login).Wards
		slices.SortFunc(got, func(a, b person.Ward) int { return strings.Compare(a.Child.ID, b.Child.ID) })
		if !slices.Equal(got, want) {
			t.Errorf("%s: other children or another authority (%d, want %d)", login, len(got), len(want))
		}
	}
	if g.signsIn(t, "lea.martin").Wards != nil {
		t.Error("a pupil has children")
	}
}

func TestNothingIsAskedForThatTheMappingDoesNotRead(t *testing.T) {
	t.Parallel()
	g := newGate(t, ldaptest.Start(t), setup{})
	g.signsIn(t, "lea.martin")
	raw := g.last(t).Attributes
	for _, never := range []string{"ENTEleveBoursier", "ENTEleveRegime", "ENTEleveTransport", "ENTPersonAdresse", "homePhone", "userPassword", "uid"} {
		if _, there := raw[never]; there {
			t.Errorf("%s was read", never)
		}
	}
	if len(raw["ENTPersonJointure"]) != 1 {
		t.Error("and nothing else was")
	}
}

func TestLoginIsFoundWhateverItsCase(t *testing.T) {
	t.Parallel()
	g := newGate(t, ldaptest.Start(t), setup{})
	g.signsIn(t, " Lea.MARTIN ")
}

func TestWrongLoginsAndPasswordsAreRefusedAlike(t *testing.T) {
	t.Parallel()
	s := ldaptest.Start(t)
	g := newGate(t, s, setup{settings: map[string]any{"decoy_dn": ldaptest.Decoy}})
	for name, c := range map[string]struct{ login, password string }{
		"wrong password":            {"lea.martin", "lune-43"},
		"unknown login":             {"personne", ldaptest.Password},
		"two entries":               {"double", ldaptest.Password},
		"the decoy's password":      {"personne", ldaptest.DecoyPassword},
		"star":                      {"*", ldaptest.Password},
		"star at the end":           {"lea*", ldaptest.Password},
		"another filter":            {"lea.martin)(objectClass=*", ldaptest.Password},
		"injection":                 {")(uid=*", ldaptest.Password},
		"any of two":                {"x)(|(uid=eleve1", ldaptest.Password},
		"NUL":                       {"lea.martin\x00", ldaptest.Password},
		"escaped NUL":               {`lea.martin\00`, ldaptest.Password},
		"long":                      {strings.Repeat("a", 3000), ldaptest.Password},
		"not UTF-8":                 {"lea\xff", ldaptest.Password},
		"name of an entry":          {"uid=eleve1," + ldaptest.Base, ldaptest.Password},
		"password with other space": {"lea.martin", ldaptest.Password + " "},
	} {
		w := g.try(c.login, c.password)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "Identifiant ou mot de passe incorrect.") {
			t.Errorf("%s: status %d", name, w.Code)
		}
		if strings.Contains(w.Body.String(), c.password) {
			t.Errorf("%s: the password stands on the page", name)
		}
	}
	if len(g.host.Signed()) != 0 {
		t.Errorf("%d were signed in", len(g.host.Signed()))
	}
}

func TestEmptyPasswordNeverReachesTheDirectory(t *testing.T) {
	t.Parallel()
	s := ldaptest.Start(t)
	proxy := ldaptest.NewProxy(t, s)
	g := newGate(t, s, setup{settings: map[string]any{"url": "ldap://" + proxy.Addr, "insecure": true}})
	for _, fields := range []url.Values{{"login": {"lea.martin"}, "password": {""}}, {"login": {"lea.martin"}}, {"password": {"x"}}, {"login": {"  "}, "password": {"x"}}} {
		w := g.post("192.0.2.1", fields)
		if w.Code != http.StatusUnprocessableEntity || strings.Contains(w.Body.String(), "incorrect") {
			t.Errorf("status %d", w.Code)
		}
	}
	if asked := proxy.Asked(); len(asked) != 0 || len(g.host.Signed()) != 0 {
		t.Errorf("the directory was asked: %v", asked)
	}
}

func TestLogsAndErrorsHoldNoLoginAndNoPassword(t *testing.T) {
	t.Parallel()
	s := ldaptest.Start(t)
	g := newGate(t, s, setup{})
	g.signsIn(t, "lea.martin")
	for _, login := range []string{"lea.martin", "personne", "double"} {
		g.try(login, "lune-43")
	}
	s.Stop()
	for range 4 {
		g.try("lea.martin", "lune-43")
	}
	logged := g.logged.String()
	if !strings.Contains(logged, "several entries have one login") || !strings.Contains(logged, "nobody can sign in") {
		t.Errorf("too little was logged: %s", logged)
	}
	for _, secret := range []string{"lea.martin", "personne", "double", "eleve1", "Léa", "1001", "lune-43", ldaptest.Password, ldaptest.ServicePassword, "192.0.2.1"} {
		if strings.Contains(logged, secret) {
			t.Errorf("%q stands in the log: %s", secret, logged)
		}
	}
}

func TestUnknownLoginTakesTheWayOfAWrongPassword(t *testing.T) {
	t.Parallel()
	s := ldaptest.Start(t)
	proxy := ldaptest.NewProxy(t, s)
	g := newGate(t, s, setup{settings: map[string]any{"url": "ldap://" + proxy.Addr, "insecure": true}})
	g.try("lea.martin", "lune-43") // opens the connections
	proxy.Asked()
	g.try("lea.martin", "lune-43")
	want := proxy.Asked()
	if diff := cmp.Diff([]string{"search Whole Subtree", "bind"}, want); diff != "" {
		t.Fatal(diff)
	}
	for _, login := range []string{"personne", "double", "*"} {
		g.try(login, "lune-43")
		if diff := cmp.Diff(want, proxy.Asked()); diff != "" {
			t.Errorf("%s: %s", login, diff)
		}
	}
}
