package admin_test

import (
	"encoding/json"
	"encoding/xml"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/admin"
	"ecluse/internal/attrs"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// TestTheSimulatorSaysWhatASignInWouldIn1000Cases asks gate and engine by themselves, as package login does, and compares.
func TestTheSimulatorSaysWhatASignInWouldIn1000Cases(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Protocols = nil
	r := rand.New(rand.NewPCG(7, 7)) //nolint:gosec // the same cases in every run
	allowed, refused, lacking := 0, 0, 0
	for range 1000 {
		w.declaration.Items = declared(some(r, w.words)...)
		w.declaration.Mode = []registry.Mode{registry.Pseudonymous, registry.Nominative}[r.IntN(2)]
		if len(w.declaration.Items) > 0 {
			w.declaration.Items[0].Required = r.IntN(3) == 0
		}
		w.declaration.Audience.MinAge = []int{0, 0, 15}[r.IntN(3)]
		who, uai := somebody(r, w.words)
		view := w.view()
		e := w.Explain(view, admin.Question{Person: who, UAI: uai, Service: "lire"}, nil)
		place := policy.Place{UAI: uai, Profile: who.Affiliations[0].Profile}
		if len(who.Wards) > 0 && who.Wards[0].Authority == person.Yes {
			place.Child = who.Wards[0].Child
		}
		grant, err := policy.Gate(view, noon(), policy.Ask{Person: who, Place: place, Service: "lire"})
		if err != nil {
			if e.Allowed || len(e.Released) > 0 || e.Reason != string(err.(*policy.Refusal).Reason) {
				t.Fatalf("the gate says %v, the simulator %v %s", err, e.Allowed, e.Reason)
			}
			refused++
			continue
		}
		release, err := w.Engine.Release(who, grant, attrs.Request{})
		if err != nil {
			if e.Allowed || e.Missing != string(err.(*attrs.Missing).Entry.Attr) || len(e.Released) > 0 {
				t.Fatalf("the engine says %v, the simulator %v %s", err, e.Allowed, e.Missing)
			}
			lacking++
			continue
		}
		allowed++
		same(t, release, e)
	}
	if allowed < 100 || refused < 100 || lacking < 5 {
		t.Errorf("%d allowed, %d refused, %d lack something: the cases are not mixed", allowed, refused, lacking)
	}
}

func same(t *testing.T, release attrs.Release, e admin.Explanation) {
	t.Helper()
	if !e.Allowed || e.Subject != release.Subject() || len(e.Released) != len(release.Items()) || len(e.Withheld) != len(release.Withheld()) {
		t.Fatalf("released %d and withheld %d, want %d and %d", len(e.Released), len(e.Withheld), len(release.Items()), len(release.Withheld()))
	}
	for i, item := range release.Items() {
		if e.Released[i].Attribute != string(item.Entry.Attr) || !slices.Equal(e.Released[i].Values, item.Values) {
			t.Fatalf("%s: %v, want %s %v", e.Released[i].Attribute, e.Released[i].Values, item.Entry.Attr, item.Values)
		}
	}
	for i, w := range release.Withheld() {
		if e.Withheld[i].Attribute != string(w.Entry.Attr) || e.Withheld[i].Why != string(w.Why) || e.Withheld[i].WhySays == string(w.Why) {
			t.Fatalf("%s is withheld as %s, want %s, in words", e.Withheld[i].Attribute, e.Withheld[i].Why, w.Why)
		}
	}
}

// assertion is what a reader of the SAML message finds in it.
type assertion struct {
	NameID     string `xml:"Assertion>Subject>NameID"`
	Attributes []struct {
		Name   string   `xml:"Name,attr"`
		Values []string `xml:"AttributeValue"`
	} `xml:"Assertion>AttributeStatement>Attribute"`
}

// TestTheTableIsWhatTheWireSends reads the messages as a service would and compares each with the table.
func TestTheTableIsWhatTheWireSends(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "pseudonym", "uai", "profile", "classes", "groups", "level", person.GivenName, person.Mail)
	w.declaration.Mode = registry.Nominative
	w.service.Bindings[0].Names = map[person.Attr]string{"uai": "RNE"}
	form := registry.Form{Values: map[string]string{"National_ELV": "student", "National_ENS": "teacher", "National_DIR": "head"}, Case: "upper"}
	outputs := []registry.Output{
		{Attr: "profile", Name: "role", Form: form},
		{Parts: []registry.Part{{Attr: "uai"}, {Attr: "level", Empty: true}}, Between: "$", Name: "place"},
		{Attr: "groups", Name: "groupes", Form: registry.Form{Join: "; "}},
	}
	w.service.Bindings[1].Outputs = outputs
	w.service.Bindings[1].Shape = registry.UUID
	w.service.Bindings = append(w.service.Bindings, registry.Binding{
		Protocol: "cas", Handle: "https://lire.example/cas", Outputs: outputs, Limit: registry.Limit{Bytes: 400, Over: "drop", ASCII: true},
	})
	shortened := 0
	for _, c := range []struct {
		persona string
		uai     person.UAI
	}{{"eleve-6e", college}, {"enseignant-30-groupes", college}, {"eleve-nom-accentue", ecole}, {"direction", lycee}} {
		e := w.Explain(w.view(), w.persona(t, c.persona, c.uai), nil)
		if !e.Allowed || len(e.Messages) != 3 || len(e.Subjects) != 3 {
			t.Fatalf("%s: allowed %v because %s, %d messages", c.persona, e.Allowed, e.Reason, len(e.Messages))
		}
		compareSAML(t, e)
		compareOIDC(t, e)
		compareCAS(t, e)
		for _, r := range e.Released {
			for _, n := range r.Names {
				if strings.Contains(n.Shaping, "400") {
					shortened++
				}
				shaped := n.Protocol != "saml" && (r.Attribute == "profile" || r.Attribute == "uai" || r.Attribute == "level")
				if shaped && n.Name != "" && n.Shaping == "" {
					t.Errorf("%s over %s: nothing says what is done to it", r.Attribute, n.Protocol)
				}
				if r.Attribute == "uai" && n.Name == "place" && len(n.With) > 1 {
					t.Errorf("uai stands with %v", n.With)
				}
			}
		}
	}
	if shortened == 0 {
		t.Error("no value was left out for want of space")
	}
}

func compareCAS(t *testing.T, e admin.Explanation) {
	t.Helper()
	var sent struct {
		User       string `xml:"authenticationSuccess>user"`
		Attributes struct {
			All []struct {
				XMLName xml.Name
				Value   string `xml:",chardata"`
			} `xml:",any"`
		} `xml:"authenticationSuccess>attributes"`
	}
	if err := xml.Unmarshal([]byte(e.Messages[2].Text), &sent); err != nil || e.Messages[2].Protocol != "cas" {
		t.Fatalf("%v %s\n%s", err, e.Messages[2].Error, e.Messages[2].Text)
	}
	got, want := map[string][]string{}, byName(e, "cas")
	for _, a := range sent.Attributes.All {
		switch a.XMLName.Local {
		case "authenticationDate", "longTermAuthenticationRequestTokenUsed", "isFromNewLogin": // CAS's own
		default:
			got[a.XMLName.Local] = append(got[a.XMLName.Local], a.Value)
		}
	}
	if !reflect.DeepEqual(got, want) || sent.User != e.Subjects[2].Subject || sent.User == "" {
		t.Errorf("the CAS answer says %v of %s, the table %v", got, sent.User, want)
	}
}

// byName is the table as one protocol names it.
func byName(e admin.Explanation, protocol string) map[string][]string {
	out := map[string][]string{}
	for _, r := range e.Released {
		for _, n := range r.Names {
			if n.Protocol == protocol {
				if n.Name != "" {
					out[n.Name] = n.Values
				}
			}
		}
	}
	return out
}

func compareSAML(t *testing.T, e admin.Explanation) {
	t.Helper()
	var sent assertion
	if err := xml.Unmarshal([]byte(e.Messages[0].Text), &sent); err != nil || e.Messages[0].Protocol != "saml" {
		t.Fatalf("%v %s", err, e.Messages[0].Error)
	}
	got := map[string][]string{}
	for _, a := range sent.Attributes {
		got[a.Name] = a.Values
	}
	if want := byName(e, "saml"); !reflect.DeepEqual(got, want) || len(got) != len(e.Released) || got["RNE"] == nil {
		t.Errorf("the SAML message says %v, the table %v", got, want)
	}
	if sent.NameID != e.Subject {
		t.Errorf("the SAML subject is %s, the table says %s", sent.NameID, e.Subject)
	}
	if strings.Contains(e.Messages[0].Text, "Signature") {
		t.Error("a preview is signed")
	}
}

func compareOIDC(t *testing.T, e admin.Explanation) {
	t.Helper()
	var sent struct {
		UserInfo map[string]any `json:"userinfo"`
	}
	if err := json.Unmarshal([]byte(e.Messages[1].Text), &sent); err != nil || e.Messages[1].Protocol != "oidc" {
		t.Fatalf("%v %s", err, e.Messages[1].Error)
	}
	if sent.UserInfo["sub"] != e.Subjects[1].Subject || e.Subjects[1].Subject == e.Subject {
		t.Errorf("the sub is %v, the table says %s", sent.UserInfo["sub"], e.Subject)
	}
	delete(sent.UserInfo, "sub")
	want := byName(e, "oidc")
	for name, value := range sent.UserInfo {
		var got []string
		switch v := value.(type) {
		case string:
			got = []string{v}
		case []any:
			for _, one := range v {
				got = append(got, one.(string))
			}
		}
		if !slices.Equal(got, want[name]) {
			t.Errorf("userinfo says %s is %v, the table %v", name, value, want[name])
		}
	}
	if len(sent.UserInfo) != len(want) {
		t.Errorf("userinfo has %d claims, the table %d", len(sent.UserInfo), len(want))
	}
}

func TestNoPersonaHasTheNumberOfAnybody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "pseudonym")
	q := w.persona(t, "eleve-6e", college)
	invented := w.Explain(w.view(), q, nil)
	q.Invented = false // somebody whose key a source spelled like a persona's
	real := w.Explain(w.view(), q, nil)
	if !invented.Allowed || invented.Subject == real.Subject || invented.Released[0].Values[0] == real.Released[0].Values[0] {
		t.Error("a persona has the number of a person")
	}
	if again := w.Explain(w.view(), w.persona(t, "eleve-6e", college), nil); again.Subject != invented.Subject {
		t.Error("a persona has another number each time")
	}
}

func TestASourcesValueStandsBesideWhatLeavesAndNotBesideSomebodyReals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "initials", "level", "cycle")
	w.declaration.Mode = registry.Nominative
	q := w.persona(t, "eleve-ce2", ecole)
	e := w.Explain(w.view(), q, nil)
	if got := e.Released[0]; got.Attribute != "initials" || !slices.Equal(got.Said, []string{"Zoé", "Exemple"}) || got.Values[0] != "ZE" {
		t.Errorf("initials: %v", got)
	}
	i := slices.IndexFunc(e.Withheld, func(w admin.Withheld) bool { return w.Attribute == "family_name" })
	if i < 0 || !slices.Equal(e.Withheld[i].Said, []string{"Exemple"}) || e.Withheld[i].Corrects == "" {
		t.Errorf("withheld: %v", e.Withheld)
	}
	q.Real = true
	e = w.Explain(w.view(), q, nil)
	for _, held := range e.Withheld {
		if held.Said != nil {
			t.Errorf("%s: what does not leave is shown of somebody real", held.Attribute)
		}
	}
	for _, r := range e.Released {
		if (r.Attribute == "level") != (r.Said != nil) {
			t.Errorf("%s: the source says %v", r.Attribute, r.Said)
		}
	}
}

func TestEveryCheckAndReasonHasWordsInBothLanguages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	view := w.view()
	for _, in := range []string{"fr", "en"} {
		q := w.persona(t, "parent-sans-autorite", ecole)
		q.Lang = in
		e := w.Explain(view, q, nil)
		if e.Reason != "no_parental_authority" || e.ReasonSays == e.Reason || e.ReasonSays == "" {
			t.Errorf("%s: %q says %q", in, e.Reason, e.ReasonSays)
		}
		for _, step := range e.Steps {
			if step.Says == "" || in == "fr" && step.Says == step.Check {
				t.Errorf("%s: the check %q has no words", in, step.Check)
			}
		}
	}
	for _, reason := range policy.Reasons() {
		for _, in := range []string{"fr", "en"} {
			if says := admin.ReasonWord(string(reason), in); says == string(reason) {
				t.Errorf("%s has no words in %s", reason, in)
			}
		}
	}
}

func TestEveryPersonaCanBePlacedEverywhereAndKeepsItsAge(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "uai")
	view := w.view()
	if len(w.personas) < 16 {
		t.Errorf("%d personas", len(w.personas))
	}
	for _, p := range w.personas {
		for _, uai := range []person.UAI{ecole, college, lycee} {
			for _, now := range []time.Time{noon(), noon().AddDate(7, 3, 1)} {
				who := p.At(view, now, uai, "")
				if _, ok := who.At(uai, who.Affiliations[0].Profile, now); !ok || who.Authn.Source != "ent" {
					t.Errorf("%s at %s: %v from %s", p.ID, uai, ok, who.Authn.Source)
				}
				if who.Age.AtLeast(p.Age+1, now) && p.Adult == "" || !who.Age.AtLeast(p.Age, now) {
					t.Errorf("%s is not %d on %s", p.ID, p.Age, now)
				}
			}
		}
		if uai, ok := p.Fits(view, noon(), func(person.UAI) bool { return false }); !ok || uai == "" {
			t.Errorf("%s fits nowhere", p.ID)
		}
	}
	second, _ := w.personas.Find("enseignant-deux-colleges")
	if who := second.At(view, noon(), college, ""); len(who.Affiliations) != 2 || who.Affiliations[1].UAI != college2 {
		t.Error("the teacher with two schools has one")
	}
}
