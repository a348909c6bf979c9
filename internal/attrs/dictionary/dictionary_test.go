package dictionary_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// shipped is read once: it is immutable.
var shipped = sync.OnceValues(dictionary.Shipped)

func words(t testing.TB) *dictionary.Dictionary {
	t.Helper()
	d, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestEveryWordOfTheDictionaryIsComplete(t *testing.T) {
	t.Parallel()
	d := words(t)
	if n := len(d.Words()); n < 20 {
		t.Errorf("%d words, want twenty at least", n)
	}
	saml, cas := map[string]dictionary.Name{}, map[string]dictionary.Name{}
	for _, word := range d.Words() {
		e, ok := d.Entry(word)
		if !ok || e.Attr != word {
			t.Errorf("%s is listed and not found", word)
		}
		for what, text := range map[string]string{
			"French label": e.Label.FR, "English label": e.Label.EN, "French label for children": e.Child.FR,
			"English label for children": e.Child.EN, "category": e.Category, "SAML name": e.SAML.Name, "claim": e.OIDC.Name,
			"scope": e.OIDC.Scope, "CAS name": e.CAS, "who corrects it": e.Corrects,
		} {
			if text == "" {
				t.Errorf("%s: %s is missing", word, what)
			}
		}
		if strings.HasPrefix(e.SAML.Name, "urn:oid:") != (e.SAML.Friendly != "") {
			t.Errorf("%s: an OID has a friendly name, another name none", word)
		}
		if other, twice := saml[e.SAML.Name]; twice {
			t.Errorf("%s and %s have the SAML name %s", word, other, e.SAML.Name)
		}
		if other, twice := cas[e.CAS]; twice {
			t.Errorf("%s and %s have the CAS name %s", word, other, e.CAS)
		}
		saml[e.SAML.Name], cas[e.CAS] = word, word
		if got, ok := d.ByClaim(e.OIDC.Name); !ok || got != word {
			t.Errorf("the claim %s leads to %q", e.OIDC.Name, got)
		}
	}
}

func TestDictionarySpeaksTheWordsOfGAR(t *testing.T) {
	t.Parallel()
	for word, gar := range map[dictionary.Name]string{
		"pseudonym": "IDO", "uai": "UAI", "profile": "PRO", person.GivenName: "PRE", person.FamilyName: "NOM", person.Mail: "P_MEL",
		"classes": "DIV", "groups": "GRO", person.Title: "CIV", person.LevelCode: "MEF", person.Subjects: "MAT_ENS",
	} {
		if e, _ := words(t).Entry(word); e.GAR != gar {
			t.Errorf("%s is %q at GAR, want %q", word, e.GAR, gar)
		}
	}
}

func TestWhatNamesAPersonIsMarked(t *testing.T) {
	t.Parallel()
	d := words(t)
	for _, n := range []dictionary.Name{
		person.GivenName, person.FamilyName, person.DisplayName, person.Title, person.Mail, person.Login, person.BirthDate, person.Anchor, person.INE, "initials",
	} {
		if e, ok := d.Entry(n); !ok || !e.Names {
			t.Errorf("%s would leave under a pseudonymous declaration", n)
		}
	}
}

func TestForbiddenWordsAreNoWords(t *testing.T) {
	t.Parallel()
	right, _ := words(t).Entry("uai")
	for _, word := range []dictionary.Name{
		"nir", "NIR", " Nir ", "social_security_number", "biometrics", "fingerprint", "face",
	} {
		e := right
		e.Attr = word
		d, err := dictionary.New([]dictionary.Entry{e})
		if !errors.Is(err, dictionary.ErrForbidden) {
			t.Errorf("%q: %v, want ErrForbidden", word, err)
		}
		if _, ok := d.Entry(word); ok {
			t.Errorf("%q is in the dictionary", word)
		}
		findings := words(t).Check([]registry.Item{{Attr: word}}, registry.Rules{})
		if len(findings) != 1 || findings[0].Law == "" || findings[0].Where != "items[0].attribute" {
			t.Errorf("%q in a declaration: %v, want one finding with its law (hard case 42)", word, findings)
		}
	}
}

// TestHardCase42TheINEIsDeclaredOnlyWhereTheRulesCiteAText holds for the dictionary's own spelling alone.
func TestHardCase42TheINEIsDeclaredOnlyWhereTheRulesCiteAText(t *testing.T) {
	t.Parallel()
	d, cited := words(t), registry.Rules{INE: "arrêté de l'académie, art. 2"}
	if e, ok := d.Entry(person.INE); !ok || !e.Names || e.Category != "identity" || e.Corrects != "school" {
		t.Errorf("the entry of the national pupil number: %+v", e)
	}
	if f := d.Check([]registry.Item{{Attr: person.INE}}, cited); len(f) != 0 {
		t.Errorf("a text is cited: %v", f)
	}
	for name, f := range map[string][]registry.Finding{
		"no text":          d.Check([]registry.Item{{Attr: person.INE}}, registry.Rules{}),
		"an empty text":    d.Check([]registry.Item{{Attr: person.INE}}, registry.Rules{INE: " "}),
		"another spelling": d.Check([]registry.Item{{Attr: "INE"}}, cited),
		"the NIR":          d.Check([]registry.Item{{Attr: "nir"}}, cited),
		"biometrics":       d.Check([]registry.Item{{Attr: "biometrics"}}, cited),
	} {
		if len(f) != 1 || f[0].Law == "" || f[0].Where != "items[0].attribute" || !registry.Blocks(f) {
			t.Errorf("%s: %v, want one finding with its law", name, f)
		}
	}
}

func TestDictionaryRefusesIncompleteAndDoubleWords(t *testing.T) {
	t.Parallel()
	right, _ := words(t).Entry("uai")
	for name, change := range map[string]func(*dictionary.Entry){
		"no word": func(e *dictionary.Entry) { e.Attr = "" }, "no French label": func(e *dictionary.Entry) { e.Label.FR = "" },
		"no English label": func(e *dictionary.Entry) { e.Label.EN = "" }, "nothing for children": func(e *dictionary.Entry) { e.Child.FR = "" },
		"no SAML name": func(e *dictionary.Entry) { e.SAML.Name = "" }, "no claim": func(e *dictionary.Entry) { e.OIDC.Name = "" },
		"no CAS name": func(e *dictionary.Entry) { e.CAS = "" },
	} {
		e := right
		change(&e)
		if _, err := dictionary.New([]dictionary.Entry{e}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := dictionary.New([]dictionary.Entry{right, right}); err == nil {
		t.Error("a word twice is accepted")
	}
	other := right
	other.Attr = "uai_again"
	if _, err := dictionary.New([]dictionary.Entry{right, other}); err == nil || !strings.Contains(err.Error(), "claim") {
		t.Errorf("a claim twice: %v", err)
	}
}

func TestCheckFindsUnknownAndDoubleItems(t *testing.T) {
	t.Parallel()
	d := words(t)
	if f := d.Check([]registry.Item{{Attr: "uai"}, {Attr: "mail"}}, registry.Rules{}); len(f) != 0 {
		t.Errorf("right items: %v", f)
	}
	f := d.Check([]registry.Item{{Attr: "uai"}, {Attr: "shoe_size"}, {Attr: "uai"}}, registry.Rules{})
	if len(f) != 2 || f[0].Where != "items[1].attribute" || f[1].Where != "items[2].attribute" || !registry.Blocks(f) {
		t.Errorf("an unknown item and a double one: %v", f)
	}
}

func TestScopesAskForTheirWords(t *testing.T) {
	t.Parallel()
	d := words(t)
	if got := d.ByScope("email"); !slices.Equal(got, []dictionary.Name{person.Mail, "mail_domain", "relay_mail"}) {
		t.Errorf("email asks for %v", got)
	}
	if got := d.ByScope("unheard-of"); got != nil {
		t.Errorf("an unknown scope asks for %v", got)
	}
	if _, ok := d.ByClaim("unheard-of"); ok {
		t.Error("an unknown claim is a word")
	}
	list := d.Words()
	list[0] = "changed"
	if d.Words()[0] == "changed" {
		t.Error("the list of words is the dictionary's own")
	}
}
