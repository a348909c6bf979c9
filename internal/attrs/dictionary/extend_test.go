package dictionary_test

import (
	"slices"
	"strings"
	"testing"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
)

// library is a word of one's own, whole; others are made from it by changing one line.
const library = `- attribute: library_card
  label: {fr: "Numéro de carte de bibliothèque", en: "Library card number"}
  child: {fr: "le numéro de ta carte de bibliothèque", en: "your library card number"}
  category: identity
  names: true
  saml: {name: carteBibliotheque}
  oidc: {claim: library_card, scope: library}
  cas: carteBibliotheque
  corrects: source
  instead: [pseudonym]
`

func TestAFileAddsAWord(t *testing.T) {
	t.Parallel()
	d, problems := words(t).With("mots.yaml", []byte(library))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	e, ok := d.Entry("library_card")
	if !ok || !e.Names || e.Derived || e.Reveals != dictionary.ByLabel || len(d.Words()) != len(words(t).Words())+1 {
		t.Errorf("the word that was added: %+v", e)
	}
	if n, _ := d.ByClaim("library_card"); n != "library_card" {
		t.Errorf("its claim leads to %q", n)
	}
	if _, there := words(t).Entry("library_card"); there {
		t.Error("the shipped dictionary has changed")
	}
	if same, problems := words(t).With("vide.yaml", []byte("# rien\n")); len(problems) > 0 || len(same.Words()) != len(words(t).Words()) {
		t.Errorf("an empty file: %v", problems)
	}
}

func TestAFileChangesWordsOfOursAsFarAsItMay(t *testing.T) {
	t.Parallel()
	d, problems := words(t).With("mots.yaml", []byte(`- attribute: uai
  label: {fr: "Code de l'école"}
  saml: {name: RNE_ACADEMIE}
  oidc: {claim: rne}
  cas: rne
- attribute: school_kind
  names: true
`))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	before, _ := words(t).Entry("uai")
	e, _ := d.Entry("uai")
	if e.Label.FR != "Code de l'école" || e.Label.EN != before.Label.EN || e.SAML.Name != "RNE_ACADEMIE" || e.OIDC.Name != "rne" || e.OIDC.Scope != "school" || e.CAS != "rne" {
		t.Errorf("the word after: %+v", e)
	}
	if e.Child != before.Child || e.Category != before.Category || e.Derived != before.Derived || !e.Feared || e.GAR != "UAI" {
		t.Errorf("what the file does not say has changed: %+v", e)
	}
	if n, still := d.ByClaim("uai"); still {
		t.Errorf("the former name leads to %q", n)
	}
	if kind, _ := d.Entry("school_kind"); !kind.Names {
		t.Error("a word is not made stricter")
	}
	if slices.Contains(e.Instead, "school_kind") {
		t.Error("a word that names somebody now stands in the place of a school")
	}
	if !slices.Equal(d.Words(), words(t).Words()) {
		t.Error("the words are not the same, or in another order")
	}
}

// TestEachMistakeOfADictionaryIsToldWithItsLine changes the file that adds a word, or is a file of its own.
func TestEachMistakeOfADictionaryIsToldWithItsLine(t *testing.T) {
	t.Parallel()
	change := func(old, with string) string {
		if !strings.Contains(library, old) {
			t.Fatalf("%q is not there", old)
		}
		return strings.Replace(library, old, with, 1)
	}
	for name, c := range map[string]struct {
		file string
		line int
		want string
	}{
		"it does not say whether it names":             {change("  names: true\n", ""), 1, "whether it names"},
		"computed by nobody":                           {change("names: true", "derived: true\n  names: true"), 5, "computes"},
		"an unknown key":                               {change("category:", "categorie:"), 4, "unknown key"},
		"no category":                                  {change("  category: identity\n", ""), 1, "category"},
		"a claim of ours":                              {change("claim: library_card", "claim: email"), 7, "mail"},
		"a claim about the token":                      {change("claim: library_card", "claim: sub"), 7, "token"},
		"a SAML name of ours":                          {change("saml: {name: carteBibliotheque}", "saml: {name: UAI}"), 6, "uai"},
		"a further name of ours":                       {change("corrects:", "also: [ENTEleveClasses]\n  corrects:"), 9, "classes"},
		"the NIR":                                      {change("attribute: library_card", "attribute: nir"), 1, "never"},
		"the NIR as a CAS name":                        {change("cas: carteBibliotheque", "cas: numeroSecu"), 8, "never"},
		"biometrics as a SAML name":                    {change("saml: {name: carteBibliotheque}", "saml: {name: fingerprint}"), 6, "never"},
		"the INE under another word":                   {change("saml: {name: carteBibliotheque}", "sdet: ENTEleveINE\n  saml: {name: carteBibliotheque}"), 6, "ine"},
		"the INE under another claim":                  {change("claim: library_card", "claim: code_ine"), 7, "ine"},
		"an unknown word in its place":                 {change("[pseudonym]", "[shoe_size]"), 10, "shoe_size"},
		"the word twice":                               {library + library, 11, "twice"},
		"no list":                                      {"attribute: x\n", 1, "list"},
		"two documents":                                {library + "---\n- attribute: x\n", 12, "one document"},
		"a category of ours":                           {"- attribute: uai\n  category: technical\n", 2, "stays as it is"},
		"a word of ours that names nobody":             {"- attribute: mail\n  names: false\n", 2, "names a person"},
		"a word of ours computed otherwise":            {"- attribute: mail\n  derived: true\n", 2, "stays as it is"},
		"a word of ours that reveals less":             {"- attribute: classes\n  reveals: level\n", 2, "stays as it is"},
		"a word of ours in the place of":               {"- attribute: mail\n  instead: [uai]\n", 2, "stays as it is"},
		"a word of ours that is feared less":           {"- attribute: mail\n  feared: false\n", 2, "does not leave"},
		"a word of ours under a forbidden name":        {"- attribute: mail\n  cas: ssn\n", 2, "never"},
		"a word of ours that says the INE":             {"- attribute: login\n  cas: ENTEleveINE\n", 2, "ine"},
		"a word of ours under the name of a later one": {"- attribute: uai\n  cas: mail\n", 0, "mail"},
		"a long wording":                               {"- attribute: uai\n  child: {fr: \"" + strings.Repeat("a", 60) + "\"}\n", 2, "long"},
	} {
		d, problems := words(t).With("mots.yaml", []byte(c.file))
		if !slices.Equal(d.Words(), words(t).Words()) {
			t.Errorf("%s: the words changed all the same", name)
		}
		told := false
		for _, p := range problems {
			told = told || p.File == "mots.yaml" && p.Line == c.line && strings.Contains(p.Error(), c.want)
		}
		if !told {
			t.Errorf("%s: want line %d with %q; told:\n%v", name, c.line, c.want, problems)
		}
	}
}

func TestAllMistakesOfADictionaryAreToldAtOnce(t *testing.T) {
	t.Parallel()
	_, problems := words(t).With("mots.yaml", []byte(library+"- attribute: mail\n  names: false\n- attribute: nir\n- attribute: uai\n  category: x\n  derived: false\n"))
	for _, want := range []string{":12:", ":13:", ":15:", ":16:"} {
		if !strings.Contains(problems.Error(), "mots.yaml"+want) {
			t.Errorf("nothing is told of %s:\n%v", want, problems)
		}
	}
}

func TestAMappingFillsWordsAndReadsNothingForbidden(t *testing.T) {
	t.Parallel()
	d := words(t)
	if f := d.CheckMapping(person.SDET("ac")); len(f) != 0 {
		t.Errorf("the SDET's: %v", f)
	}
	if f := d.CheckMapping(person.EduConnect("e")); len(f) != 0 {
		t.Errorf("EduConnect's: %v", f)
	}
	for name, c := range map[string]struct {
		m     person.Mapping
		where string
	}{
		"an unknown word":            {person.Mapping{Values: map[person.Attr]string{"shoe_size": "pointure"}}, "mapping.values.shoe_size"},
		"an unknown word of a place": {person.Mapping{Local: map[person.Attr]string{"shoe_size": "pointure"}}, "mapping.local.shoe_size"},
		"a word that is computed":    {person.Mapping{Values: map[person.Attr]string{"pseudonym": "uid"}}, "mapping.values.pseudonym"},
		"the NIR":                    {person.Mapping{Values: map[person.Attr]string{person.Login: "NIR"}}, "mapping.values.login"},
		"the NIR as identifier":      {person.Mapping{ID: "numeroSecu"}, "mapping"},
		"biometrics":                 {person.Mapping{Classes: []string{"fingerprint"}}, "mapping"},
		"the INE under another word": {person.Mapping{Values: map[person.Attr]string{person.Login: "ENTEleveINE"}}, "mapping.values.login"},
		"the NIR as a further key":   {person.Mapping{Also: []person.Further{{Authority: "x", Attribute: "numeroSecu", Digest: "sha256"}}}, "mapping"},
		"a name as a level":          {person.Mapping{Values: map[person.Attr]string{person.Level: "SN"}}, "mapping.values.level"},
		"an address as a stream":     {person.Mapping{Local: map[person.Attr]string{person.Stream: "mail"}}, "mapping.local.stream"},
		"a claim that names":         {person.Mapping{Local: map[person.Attr]string{person.Stream: "family_name"}}, "mapping.local.stream"},
		"an OID that names":          {person.Mapping{Values: map[person.Attr]string{person.Level: "urn:oid:2.5.4.42"}}, "mapping.values.level"},
		"the identifier as a level":  {person.Mapping{ID: "cn", Values: map[person.Attr]string{person.Level: "CN"}}, "mapping.values.level"},
		"an identifier of what it is like": {
			person.Mapping{Like: "sdet", Values: map[person.Attr]string{person.Level: "ENTPersonJointure"}}, "mapping.values.level",
		},
		"the day of birth as a level": {person.Mapping{Born: "born", Values: map[person.Attr]string{person.Level: "born"}}, "mapping.values.level"},
		"a login twice": {
			person.Mapping{Values: map[person.Attr]string{person.Login: "compte", person.Level: "compte"}}, "mapping.values.level",
		},
	} {
		if f := d.CheckMapping(c.m); len(f) != 1 || f[0].Where != c.where {
			t.Errorf("%s: %v, want one finding at %s", name, f, c.where)
		}
	}
	if f := d.CheckMapping(person.Mapping{Values: map[person.Attr]string{person.INE: "ENTEleveINE"}}); len(f) != 0 {
		t.Errorf("the INE under its own word: %v", f)
	}
}
