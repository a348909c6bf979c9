package dictionary_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
)

func TestEveryWordOfTheDictionaryIsComplete(t *testing.T) {
	t.Parallel()
	d := words(t)
	if n := len(d.Words()); n < 60 {
		t.Errorf("%d words, want sixty at least", n)
	}
	for i, word := range d.Words() {
		e, ok := d.Entry(word)
		if !ok || e.Attr != word || d.Entries()[i].Attr != word {
			t.Errorf("%s is listed and not found", word)
		}
		if strings.HasPrefix(e.SAML.Name, "urn:oid:") != (e.SAML.Friendly != "") {
			t.Errorf("%s: an OID has a friendly name, another name none", word)
		}
		for what, find := range map[string]func(string) (dictionary.Name, bool){
			e.OIDC.Name: d.ByClaim, e.SAML.Name: d.BySAML,
		} {
			if got, ok := find(what); !ok || got != word {
				t.Errorf("the name %s of %s leads to %q", what, word, got)
			}
		}
		for _, name := range e.Also {
			if got, ok := d.BySAML(name); !ok || got != word {
				t.Errorf("the further name %s of %s leads to %q", name, word, got)
			}
		}
		if e.SDET != "" && !strings.HasPrefix(e.SDET, "ENT") && !strings.HasPrefix(e.SDET, "PersEducNat") &&
			!slices.Contains([]string{"givenName", "sn", "displayName", "personalTitle", "mail"}, e.SDET) {
			t.Errorf("%s: %q is no attribute of the SDET", word, e.SDET)
		}
	}
}

func TestDictionarySpeaksTheWordsOfGAR(t *testing.T) {
	t.Parallel()
	want := map[dictionary.Name]string{
		"pseudonym": "IDO", "uai": "UAI", "profile": "PRO", person.GivenName: "PRE", person.FamilyName: "NOM", person.Mail: "P_MEL",
		"classes": "DIV", "groups": "GRO", person.Title: "CIV", person.LevelCode: "MEF", person.Subjects: "MAT_ENS",
		"division_of_groups": "DIV_APP", "group_links": "GRO_APP", "courses": "E_MAT", "subject_codes": "P_MAT", "ent_project": "idENT",
		"level_stat1": "E_MS1", "level_stat2": "E_MS2", "level_stat3": "E_MS3", "level_stat4": "E_MS4",
		"taught_stat1": "P_MS1", "taught_stat2": "P_MS2", "taught_stat3": "P_MS3", "taught_stat4": "P_MS4",
	}
	for _, e := range words(t).Entries() {
		if e.GAR != want[e.Attr] {
			t.Errorf("%s is %q at GAR, want %q", e.Attr, e.GAR, want[e.Attr])
		}
		delete(want, e.Attr)
	}
	if len(want) > 0 {
		t.Errorf("%v are no words", want)
	}
}

func TestDictionarySpeaksTheNamesOfFederations(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]dictionary.Name{
		"urn:oid:1.3.6.1.4.1.5923.1.1.1.1": "affiliation", "urn:oid:1.3.6.1.4.1.5923.1.1.1.5": "affiliation",
		"urn:oid:1.3.6.1.4.1.5923.1.1.1.6": "principal_name", "urn:oid:1.3.6.1.4.1.5923.1.1.1.7": "entitlement",
		"urn:oid:1.3.6.1.4.1.5923.1.1.1.9": "scoped_affiliation", "urn:oid:1.3.6.1.4.1.5923.1.1.1.10": "pseudonym",
		"urn:oasis:names:tc:SAML:attribute:subject-id": "subject_id", "urn:oasis:names:tc:SAML:attribute:pairwise-id": "pairwise_id",
		"urn:oid:1.3.6.1.4.1.7135.1.2.1.4": person.Title, "supannEtablissement": "uai", "schacDateOfBirth": person.BirthDate,
		"ENTPersonStructRattachRNE": "uai", "ENTEleveClasses": "classes", "ctemail": person.Mail, "FrEduCodeMEF": person.LevelCode,
	} {
		if got, ok := words(t).BySAML(name); !ok || got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// TestStandardClaimsAreWordsWhereASchoolKnowsThem goes through OpenID Connect Core 5.1: the others can never be filled.
func TestStandardClaimsAreWordsWhereASchoolKnowsThem(t *testing.T) {
	t.Parallel()
	for claim, want := range map[string]dictionary.Name{
		"name": person.DisplayName, "given_name": person.GivenName, "family_name": person.FamilyName, "middle_name": "other_names",
		"preferred_username": person.Login, "email": person.Mail, "birthdate": person.BirthDate,
		"nickname": "", "profile": "", "picture": "", "website": "", "email_verified": "", "gender": "", "zoneinfo": "", "locale": "",
		"phone_number": "", "phone_number_verified": "", "address": "", "updated_at": "", "sub": "",
	} {
		if got, _ := words(t).ByClaim(claim); got != want {
			t.Errorf("%s is %q, want %q", claim, got, want)
		}
	}
}

func TestWhatNamesAPersonIsMarked(t *testing.T) {
	t.Parallel()
	want := []dictionary.Name{
		person.GivenName, person.FamilyName, person.DisplayName, person.Title, person.Mail, person.Login, person.BirthDate, person.Anchor,
		person.INE, "initials", "other_names", "birth_name", "principal_name", "subject_id", "school_local_id", "entitlement", "main_classes",
	}
	for _, e := range words(t).Entries() {
		if e.Names != slices.Contains(want, e.Attr) {
			t.Errorf("%s names: %v", e.Attr, e.Names)
		}
		if e.Names && len(e.Instead) == 0 {
			t.Errorf("%s names a person, and nothing is offered in its place", e.Attr)
		}
	}
}

func TestWhatTellsWhereSomebodyIsHasSomethingThatTellsLess(t *testing.T) {
	t.Parallel()
	for word, want := range map[dictionary.Name][]dictionary.Name{
		"uai": {"school_kind"}, "classes": {"cycle", "level", "class_levels"}, person.Mail: {"mail_domain", "relay_mail"},
		person.BirthDate: {"adult", "age_band", "cycle", "level"}, person.GivenName: {"pseudonym", "initials"}, person.Level: {"cycle", "neutral_level"},
	} {
		if e, _ := words(t).Entry(word); !slices.Equal(e.Instead, want) {
			t.Errorf("in the place of %s: %v, want %v", word, e.Instead, want)
		}
	}
}

// TestLabelsThatPeopleWroteAreHeldBackWhereTheyReveal names the words whose values are numbers of ours, names of people
// or words of a closed list; every other value is looked at before it leaves.
func TestLabelsThatPeopleWroteAreHeldBackWhereTheyReveal(t *testing.T) {
	t.Parallel()
	for _, e := range words(t).Entries() {
		harmless := e.Category != "schooling" || slices.Contains([]dictionary.Name{
			"profile", "affiliation", "scoped_affiliation", "before_pupils", "cycle", "neutral_level",
		}, e.Attr)
		if harmless != (e.Reveals == dictionary.NoLabel) {
			t.Errorf("%s (%s) reveals %q", e.Attr, e.Category, e.Reveals)
		}
	}
	for _, n := range []dictionary.Name{person.LevelCode, "level_stat1", "level_stat4"} {
		if e, _ := words(t).Entry(n); e.Reveals != dictionary.ByLevel {
			t.Errorf("%s says what the level says, and is held back by %q", n, e.Reveals)
		}
	}
}

func TestChildrenAreSpokenToInShortWordsOfTheirOwn(t *testing.T) {
	t.Parallel()
	legal := []string{
		"donnée", "rgpd", "traitement", "pseudonym", "opaque", "déclar", "consent", "identit", "attribut", "code uai", "affiliation", "profil",
		"data", "process", "declar", "attribute", "identif", "principal", "statist", "mef",
	}
	allowed := map[dictionary.Name]string{person.Login: "identifiant", "principal_name": "identifiant"} // what children call it too
	for _, e := range words(t).Entries() {
		for _, text := range []string{e.Child.FR, e.Child.EN} {
			first, _ := utf8.DecodeRuneInString(text)
			if !unicode.IsLower(first) || strings.ContainsAny(text, "().;:") || utf8.RuneCountInString(text) > 56 {
				t.Errorf("%s: %q is no short wording in the middle of a sentence", e.Attr, text)
			}
			plain := strings.ToLower(text)
			if word := allowed[e.Attr]; word != "" {
				plain = strings.ReplaceAll(plain, word, "")
			}
			for _, word := range legal {
				if strings.Contains(plain, word) {
					t.Errorf("%s: a child does not say %q (%q)", e.Attr, word, text)
				}
			}
		}
	}
}

// TestFearedWordsAreFew: they are the lines of a page that a child reads.
func TestFearedWordsAreFew(t *testing.T) {
	t.Parallel()
	var got []dictionary.Name
	for _, e := range words(t).Entries() {
		if e.Feared {
			got = append(got, e.Attr)
		}
	}
	want := []dictionary.Name{
		"uai", "classes", "initials", person.GivenName, person.FamilyName, person.DisplayName, person.Title, person.Mail, person.Login, person.BirthDate, person.INE, person.Anchor,
	}
	if !slices.Equal(got, want) {
		t.Errorf("feared are %v, want %v", got, want)
	}
}
