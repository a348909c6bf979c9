package saml_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/saml"
	"ecluse/internal/saml/samltest"
)

func soleEntity(t *testing.T, text string) []byte {
	t.Helper()
	doc := samltest.Aggregate("", text)
	_, found, err := readAll(doc, saml.AggregateRules{Bytes: 1 << 20, Now: now()})
	if err != nil || len(found) != 1 {
		t.Fatalf("%v, %d entities", err, len(found))
	}
	alone, ok := found[0].Alone(doc[found[0].Offset : found[0].Offset+found[0].Length])
	if !ok {
		t.Fatal("not the bytes that were read")
	}
	return alone
}

func TestWhatAnEntitySaysOfItselfIsReadForPeople(t *testing.T) {
	t.Parallel()
	scope := `<shibmd:Scope regexp="false">Example.org</shibmd:Scope><shibmd:Scope regexp="true">.*</shibmd:Scope>`
	text := strings.Replace(samltest.Entity("https://a.example/sp"), "<mdattr:EntityAttributes>", scope+"<mdattr:EntityAttributes>", 1)
	f, err := saml.ReadEntityFacts(soleEntity(t, text))
	if err != nil {
		t.Fatal(err)
	}
	if f.EntityID != "https://a.example/sp" || f.Registrar != "https://registrar.example/" || f.Registered.Format(time.DateOnly) != "2020-01-02" {
		t.Errorf("%+v", f)
	}
	if !slices.Equal(f.Scopes, []string{"example.org"}) || len(f.Policies) != 1 || len(f.DisplayNames) != 2 || f.DisplayNames[0].Text != "A service & more" ||
		len(f.Privacy) != 1 || f.Organization[0].Text != "An organisation" {
		t.Errorf("%+v", f)
	}
	want := []string{"Research and Scholarship (REFEDS R&S)", "Data Protection Code of Conduct, version 2 (REFEDS CoCo v2)", "Security incident response (SIRTFI)"}
	if got := f.Recognised(); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestEveryCategoryOfTheFederationsHasWordsAndOthersKeepTheirAddress(t *testing.T) {
	t.Parallel()
	for uri, words := range map[string]string{
		"http://www.geant.net/uri/dataprotection-code-of-conduct/v1": "CoCo v1", "https://refeds.org/category/code-of-conduct/v2": "CoCo v2",
		"https://refeds.org/category/anonymous": "Anonymous", "https://refeds.org/category/pseudonymous": "Pseudonymous",
		"https://refeds.org/category/personalized": "Personalized", "https://refeds.org/sirtfi2": "SIRTFI 2",
		"http://refeds.org/category/research-and-scholarship": "R&S", "https://elsewhere.example/category": "https://elsewhere.example/category",
		"https://refeds.org/category/personalized/": "https://refeds.org/category/personalized/",
	} {
		f := saml.EntityFacts{Categories: []string{uri}}
		if got := f.Recognised(); len(got) != 1 || !strings.Contains(got[0], words) {
			t.Errorf("%s: %q", uri, got)
		}
	}
	supported := saml.EntityFacts{Supports: []string{"https://refeds.org/category/personalized"}}
	if got := supported.Recognised(); len(got) > 0 {
		t.Errorf("what is supported counts as being in it: %q", got)
	}
}

func TestFactsOfWhatIsNoEntityAreRefused(t *testing.T) {
	t.Parallel()
	for name, doc := range map[string][]byte{
		"an aggregate": samltest.Aggregate("", samltest.Entity("https://a.example")), "nothing": nil,
		"a document type": []byte(`<!DOCTYPE x>` + string(soleEntity(t, samltest.Entity("https://a.example")))),
		"no time":         soleEntity(t, strings.Replace(samltest.Entity("https://a.example"), "2020-01-02T", "then", 1)),
	} {
		if _, err := saml.ReadEntityFacts(doc); err == nil {
			t.Errorf("%s is read", name)
		}
	}
}
