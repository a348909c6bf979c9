package oidcrp_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/upstream"
)

// resolved signs somebody in through a preset and reads what came as package login does.
func resolved(t *testing.T, preset string, mapping *person.Mapping, userinfo map[string]any, token map[string]any) person.Person {
	t.Helper()
	p, err := tried(t, preset, mapping, userinfo, token)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func tried(t *testing.T, preset string, mapping *person.Mapping, userinfo map[string]any, token map[string]any) (person.Person, error) {
	t.Helper()
	read := registry.Source{Authority: "op", Mapping: mapping}.Reading()
	g := newGate(t, setup{settings: map[string]any{"preset": preset}, mapping: &read})
	g.set(func(o *op) {
		o.claims = token
		o.signed = preset == "proconnect" || preset == "franceconnect"
		o.info = map[string]any{"given_name": nil, "family_name": nil, "email": nil}
		for name, v := range userinfo {
			o.info[name] = v
		}
	})
	g.begin(t, upstream.Challenge{})
	return read.Resolve(g.signsIn(t, upstream.Challenge{}).Raw)
}

func roles(p person.Person) []string {
	var out []string
	for _, a := range p.Affiliations {
		out = append(out, string(a.UAI)+" "+string(a.Profile))
	}
	slices.Sort(out)
	return out
}

func educonnect() *person.Mapping { return &person.Mapping{Like: "educonnect"} }

func TestAnEduConnectPupilIsAPupilOfTheirSchool(t *testing.T) {
	t.Parallel()
	p := resolved(t, "educonnect", educonnect(), map[string]any{
		"FrEduCtId": "0f", "FrEduCtPersonAffiliation": []string{"eleve2d"}, "FrEduCtEleveUAI": "0280202T", "FrEduCtEleveNiveau": "2115",
		"FrEduCtEleveINE": "1234567890A", "FrEduCtDateNaissance": "2012-03-04", "family_name": "Petit", "given_name": "Zoé",
	}, nil)
	if p.Key != (person.Key{Authority: "op", ID: "0f"}) || !slices.Equal(roles(p), []string{"0280202T National_ELV"}) {
		t.Errorf("%v, %v", p.Key, roles(p))
	}
	want := map[person.Attr][]string{person.GivenName: {"Zoé"}, person.FamilyName: {"Petit"}, person.BirthDate: {"2012-03-04"}}
	if diff := cmp.Diff(want, p.Values); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	if !slices.Equal(p.Affiliations[0].Values[person.Level], []string{"4EME"}) || len(p.Also) != 0 {
		t.Error("the level is not read, or a number is believed that nobody vouched for")
	}
	if p.Age.Band(time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)) != person.Under15 {
		t.Error("the age is not read")
	}
}

func TestWhatEduConnectSaysOtherwiseGivesNobodyAnything(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]map[string]any{
		"a guardian, of no child": {"FrEduCtPersonAffiliation": []string{"resp2d"}}, "an unknown word": {"FrEduCtPersonAffiliation": "directeur"},
		"numbers": {"FrEduCtPersonAffiliation": 7}, "an object": {"FrEduCtPersonAffiliation": map[string]any{"eleve2d": true}},
		"nothing": {"FrEduCtPersonAffiliation": nil}, "no school": {"FrEduCtEleveUAI": "paris"}, "lists in lists": {"FrEduCtEleveUAI": []any{[]any{map[string]any{}}}},
		"a huge value": {"FrEduCtEleveUAI": strings.Repeat("0280202T", 2000)},
	} {
		said := over(map[string]any{"FrEduCtId": "0f", "FrEduCtPersonAffiliation": "eleve2d", "FrEduCtEleveUAI": "0280202T"}, change)
		if p := resolved(t, "educonnect", educonnect(), said, nil); len(p.Affiliations) != 0 || p.Key.ID != "0f" {
			t.Errorf("%s: %v", name, roles(p))
		}
	}
	if p, err := tried(t, "educonnect", educonnect(), map[string]any{"FrEduCtPersonAffiliation": "eleve2d"}, nil); err == nil {
		t.Errorf("without FrEduCtId somebody is %v", p.Key)
	}
}

func TestAProConnectAgentIsNobodysHead(t *testing.T) {
	t.Parallel()
	p := resolved(t, "proconnect", nil, map[string]any{
		"given_name": "Anne", "usual_name": "Martin", "email": "anne@ac.example", "uid": "42", "siret": "13002526500013", "idp_id": "x",
		"belonging_population": "chef d'établissement", "organizational_unit": "0280202T",
	}, nil)
	if p.Key.ID != subject || len(p.Affiliations) != 0 || len(p.Values[person.HeadsOf]) != 0 {
		t.Errorf("%v, %v", roles(p), p.Values[person.HeadsOf])
	}
	want := map[person.Attr][]string{person.GivenName: {"Anne"}, person.FamilyName: {"Martin"}, person.Mail: {"anne@ac.example"}, person.Login: {"42"}}
	if diff := cmp.Diff(want, p.Values); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func TestAFranceConnectCitizenIsReadByTheNameInUse(t *testing.T) {
	t.Parallel()
	p := resolved(t, "franceconnect", nil, map[string]any{
		"given_name": "Angela Claire", "family_name": "Dubois", "preferred_username": "Martin", "birthdate": "1962-08-24", "gender": "female",
	}, map[string]any{"acr": "eidas1"})
	if !slices.Equal(p.Values[person.FamilyName], []string{"Martin"}) || !slices.Equal(p.Values[person.BirthName], []string{"Dubois"}) || p.Authn.Assurance != "eidas1" {
		t.Errorf("%v, %q", p.Values, p.Authn.Assurance)
	}
	p = resolved(t, "franceconnect", nil, map[string]any{"given_name": "A", "family_name": "Dubois", "preferred_username": ""}, map[string]any{"acr": "eidas2"})
	if !slices.Equal(p.Values[person.FamilyName], []string{"Dubois"}) {
		t.Errorf("without a name in use: %v", p.Values)
	}
}

func TestAnENTOfEntcoreTellsSchoolsAndWhoIsWho(t *testing.T) {
	t.Parallel()
	for name, said := range map[string]map[string]any{
		"the OAuth adapter": {"type": "ELEVE", "uai": []string{"0280202T"}, "firstName": "Zoé", "lastName": "Petit", "login": "zoe.petit", "birthDate": "2012-03-04"},
		"the CAS envelope":  {"profile": "Student", "schools": []any{map[string]any{"externalId": "0280202T", "main": true}}, "given_name": "Zoé", "family_name": "Petit", "preferred_username": "zoe.petit", "birthdate": "2012-03-04"},
	} {
		p := resolved(t, "entcore", nil, said, map[string]any{"auth_time": nil})
		if !slices.Equal(roles(p), []string{"0280202T National_ELV"}) || p.Key.ID != subject || p.Values[person.Login][0] != "zoe.petit" || p.Values[person.BirthDate][0] != "2012-03-04" {
			t.Errorf("%s: %v, %v", name, roles(p), p.Values)
		}
	}
	for _, unknown := range []any{"SUPERADMIN", "", nil, []any{}, "directeur"} {
		if p := resolved(t, "entcore", nil, map[string]any{"type": unknown, "uai": "0280202T"}, nil); len(p.Affiliations) != 0 {
			t.Errorf("%v: %v", unknown, roles(p))
		}
	}
	p := resolved(t, "entcore", nil, map[string]any{"type": "ENSEIGNANT", "uai": []string{"0280202T", "0280101H"}}, nil)
	if !slices.Equal(roles(p), []string{"0280101H National_ENS", "0280202T National_ENS"}) {
		t.Errorf("a teacher of two schools: %v", roles(p))
	}
}

func TestAKeycloakRealmKeepsTheNamesOfTheDirectoryBehindIt(t *testing.T) {
	t.Parallel()
	p := resolved(t, "keycloak", nil, map[string]any{
		"preferred_username": "zoe", "given_name": "Zoé", "family_name": "Petit", "email": "zoe@example.org", "name": "Zoé Petit",
		"ENTPersonStructRattach": "0280202T", "ENTPersonProfils": "National_ELV", "ENTEleveClasses": []string{"0280202T$4A"},
		"ENTPersonJointure": "somebody else", // what the preset picks is not what the source calls so
	}, nil)
	if !slices.Equal(roles(p), []string{"0280202T National_ELV"}) || p.Key.ID != subject || !slices.Equal(p.Affiliations[0].Classes, []string{"4A"}) {
		t.Errorf("%v, %v, %v", p.Key, roles(p), p.Affiliations)
	}
}

func TestAnAcademysStaffAreHeadsWhereTheFederationSaysSo(t *testing.T) {
	t.Parallel()
	p := resolved(t, "keycloak", nil, map[string]any{
		"FrEduRneResp": []string{"0280202T$UAJ$PU$N$T3$LYC$340", "X", "nonsense"}, "FrEduFonctAdm": "DIR",
		"FrEduRne": []string{"0280202T$UAJ$PU$DIR$UAJ$T3$LYC$340"},
	}, nil)
	if !slices.Equal(p.Values[person.HeadsOf], []string{"0280202T"}) {
		t.Errorf("heads %v", p.Values[person.HeadsOf])
	}
}

func TestAttributesArePickedAsTheSettingsSay(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{settings: map[string]any{"attributes": map[string]any{
		"first": []any{"none", "b", "c"}, "deep": "address.country", "whole": "https://claims.example/uai", "each": map[string]any{"each": "schools", "join": []any{"uai", "classes.name"}},
		"words": map[string]any{"claim": []any{"types"}, "words": map[string]any{"x": "X"}}, "gone": "nowhere", "sub": "b", "one": map[string]any{"each": "school", "join": []any{"uai"}},
	}}})
	g.set(func(o *op) {
		o.claims = map[string]any{
			"b": []any{" two ", 2, true, nil, ""}, "c": "three", "address": map[string]any{"country": "FR", "x": map[string]any{"y": "z"}},
			"https://claims.example/uai": "0280202T", "types": []string{"x", "y"}, "gone": "here", "school": map[string]any{"uai": "0280202T"},
			"schools": []any{
				map[string]any{"uai": "0280202T", "classes": []any{map[string]any{"name": "4A"}, map[string]any{"name": "4$B"}}},
				map[string]any{"uai": "0750001A$National_DIR", "classes": []any{map[string]any{"name": "6A"}}}, // a field that would be read as two
				map[string]any{"classes": []any{map[string]any{"name": "6A"}}},
				map[string]any{"uai": "0280101H"},
				"nonsense", 7, nil,
			},
		}
	})
	a := g.signsIn(t, upstream.Challenge{})
	for name, want := range map[string][]string{
		"first": {"two", "2", "true"}, "deep": {"FR"}, "address.country": {"FR"}, "address.x.y": {"z"}, "whole": {"0280202T"}, "each": {"0280202T$4A", "0280202T$4$B"},
		"words": {"X", "y"}, "gone": nil, "sub": {"two", "2", "true"}, "one": {"0280202T"}, "given_name": {"Zoé"},
	} {
		if !slices.Equal(a.Attributes[name], want) {
			t.Errorf("%s is %q, want %q", name, a.Attributes[name], want)
		}
	}
}

func TestAnIdentityHoldsNoMoreThanAnyoneNeeds(t *testing.T) {
	t.Parallel()
	many := make([]any, 3000)
	for i := range many {
		many[i] = map[string]any{"uai": "0280202T", "classes": []any{"a", "b", "c"}}
	}
	deep := any("x")
	for range 50 {
		deep = map[string]any{"d": deep}
	}
	g := newGate(t, setup{settings: map[string]any{"attributes": map[string]any{"each": map[string]any{"each": "many", "join": []any{"uai", "classes"}}}}})
	g.set(func(o *op) { o.info = map[string]any{"many": many, "deep": deep} })
	a := g.signsIn(t, upstream.Challenge{})
	if len(a.Attributes["each"]) != 500 || len(a.Attributes) > 20 {
		t.Errorf("%d values, %d attributes", len(a.Attributes["each"]), len(a.Attributes))
	}
}
