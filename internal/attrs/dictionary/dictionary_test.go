package dictionary_test

import (
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
	right.Instead = nil
	if _, err := dictionary.New([]dictionary.Entry{right}); err != nil {
		t.Fatalf("a right entry alone: %v", err)
	}
	for name, change := range map[string]func(*dictionary.Entry){
		"no word": func(e *dictionary.Entry) { e.Attr = "" }, "a capital letter": func(e *dictionary.Entry) { e.Attr = "Uai" },
		"a word with a blank": func(e *dictionary.Entry) { e.Attr = "code uai" }, "a word that is a number": func(e *dictionary.Entry) { e.Attr = "1d" },
		"no French label": func(e *dictionary.Entry) { e.Label.FR = "" }, "no English label": func(e *dictionary.Entry) { e.Label.EN = "" },
		"nothing for children": func(e *dictionary.Entry) { e.Child.FR = "" }, "nothing for English children": func(e *dictionary.Entry) { e.Child.EN = "" },
		"no SAML name": func(e *dictionary.Entry) { e.SAML.Name = "" }, "no claim": func(e *dictionary.Entry) { e.OIDC.Name = "" },
		"no scope": func(e *dictionary.Entry) { e.OIDC.Scope = "" }, "no CAS name": func(e *dictionary.Entry) { e.CAS = "" },
		"no category": func(e *dictionary.Entry) { e.Category = "" }, "an unknown category": func(e *dictionary.Entry) { e.Category = "health" },
		"nobody corrects it": func(e *dictionary.Entry) { e.Corrects = "" }, "an unknown way to reveal": func(e *dictionary.Entry) { e.Reveals = "all" },
		"long for a child":    func(e *dictionary.Entry) { e.Child.FR = strings.Repeat("é", 57) },
		"a name with a blank": func(e *dictionary.Entry) { e.CAS = "code UAI" }, "a name that closes an element": func(e *dictionary.Entry) { e.CAS = "a><b" },
		"a further name with a blank": func(e *dictionary.Entry) { e.Also = []string{"rne "} },
		"an unknown word instead":     func(e *dictionary.Entry) { e.Instead = []dictionary.Name{"shoe_size"} },
		"itself instead":              func(e *dictionary.Entry) { e.Instead = []dictionary.Name{"uai"} },
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
}

func TestTwoWordsShareNoNameInAProtocol(t *testing.T) {
	t.Parallel()
	right, _ := words(t).Entry("uai")
	right.Instead, right.Also = nil, []string{"rne"}
	other := right
	other.Attr, other.SAML.Name, other.OIDC.Name, other.CAS, other.GAR, other.Also = "structure", "STRUCTURE", "structure", "STRUCTURE", "", nil
	if _, err := dictionary.New([]dictionary.Entry{right, other}); err != nil {
		t.Fatalf("two words apart: %v", err)
	}
	for name, change := range map[string]func(*dictionary.Entry){
		"claim": func(e *dictionary.Entry) { e.OIDC.Name = "uai" }, "CAS name": func(e *dictionary.Entry) { e.CAS = "UAI" },
		"SAML name": func(e *dictionary.Entry) { e.SAML.Name = "UAI" }, "GAR name": func(e *dictionary.Entry) { e.GAR = "UAI" },
		"name": func(e *dictionary.Entry) { e.Also = []string{"rne"} },
	} {
		e := other
		change(&e)
		d, err := dictionary.New([]dictionary.Entry{right, e})
		if err == nil || !strings.Contains(err.Error(), "structure: the "+name+" ") {
			t.Errorf("the %s twice: %v", name, err)
		}
		if _, ok := d.Entry("structure"); ok {
			t.Errorf("the %s twice: the second word is taken", name)
		}
	}
}

func TestWhatStandsInsteadTellsLess(t *testing.T) {
	t.Parallel()
	uai, _ := words(t).Entry("uai")
	mail, _ := words(t).Entry(person.Mail)
	uai.Instead, mail.Instead = []dictionary.Name{person.Mail}, nil
	if _, err := dictionary.New([]dictionary.Entry{uai, mail}); err == nil || !strings.Contains(err.Error(), "names a person") {
		t.Errorf("a name in the place of a school: %v", err)
	}
	mail.Names, mail.Instead = false, []dictionary.Name{"uai"}
	if _, err := dictionary.New([]dictionary.Entry{uai, mail}); err == nil || !strings.Contains(err.Error(), "stand for each other") {
		t.Errorf("two words in the place of each other: %v", err)
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
	for name, find := range map[string]func(string) (dictionary.Name, bool){"claim": d.ByClaim, "SAML name": d.BySAML} {
		if n, ok := find("unheard-of"); ok {
			t.Errorf("an unknown %s is the word %s", name, n)
		}
	}
	list := d.Words()
	list[0] = "changed"
	if d.Words()[0] == "changed" {
		t.Error("the list of words is the dictionary's own")
	}
}
