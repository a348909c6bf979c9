package conformity_test

import (
	"testing"

	"ecluse/internal/person"
	"ecluse/internal/policy/conformity"
	"ecluse/internal/registry"
)

func item(attr person.Attr) func(*registry.Declaration) {
	return func(d *registry.Declaration) {
		d.Items = append(d.Items, registry.Item{Attr: attr, Justification: registry.Text{FR: "parce que"}})
	}
}

func uses(ids ...string) func(*registry.Declaration) {
	return func(d *registry.Declaration) { d.Uses = append(d.Uses, ids...) }
}

func nominative(d *registry.Declaration) { d.Mode = registry.Nominative }

func TestEachItemIsNeededForItsPurpose(t *testing.T) {
	t.Parallel()
	read(t, []sentence{
		{says: "why is said", change: func(d *registry.Declaration) { d.Items[1].Justification.FR = " " }, want: []string{"blocking item-justified items[1].justification"}, law: "art. 5(1)(c)"},
		{says: "what is beyond the usual is justified", change: item("school_name"), want: []string{"to-justify item-usual items[4]"}, law: "art. 5(1)(c)"},
		{says: "what another declared use usually needs is usual", change: both(uses("resources"), item("school_kind")), want: nothing()},
		{says: "an item stands once", change: item("uai"), want: []string{"blocking item-word items[4].attribute"}, law: "art. 5(1)(c)"},
		{
			says: "a word that the dictionary does not know is refused", change: item("shoe_size"),
			want: []string{"blocking item-word items[4].attribute", "to-justify item-usual items[4]"}, law: "art. 5(1)(c)",
		},
		{
			says: "an item without a word is one mistake", change: item(""),
			want: []string{"blocking item-word items[4].attribute"}, law: "art. 5(1)(c)",
		},
		{
			says: "without a dictionary no word is known", given: func(c *conformity.Case) { c.Words = nil }, law: "art. 5(1)(c)",
			want: []string{"blocking item-word items[0].attribute", "blocking item-word items[1].attribute", "blocking item-word items[2].attribute", "blocking item-word items[3].attribute"},
		},
	})
}

func TestDeclaredAndAskedAreCompared(t *testing.T) {
	t.Parallel()
	asks := func(attrs ...person.Attr) func(*conformity.Case) { return func(c *conformity.Case) { c.Asked = attrs } }
	read(t, []sentence{
		{says: "what is asked and declared is nothing to tell", given: asks("pseudonym", "uai", "profile", "level"), want: nothing()},
		{says: "what is never asked for is told", given: asks("pseudonym", "uai", "profile"), want: []string{"note item-asked items[3]"}, law: "art. 5(1)(c)"},
		{says: "what is asked for and not declared is told", given: asks("pseudonym", "uai", "profile", "level", "mail"), want: []string{"note item-asked items"}, law: "art. 5(1)(c)"},
		{says: "the name of the person is asked for by the binding", given: func(c *conformity.Case) {
			c.Asked = []person.Attr{"uai", "profile", "level"}
			c.Service = registry.Service{ID: "lire", Provider: "Éditions du Canal", Bindings: []registry.Binding{{}}}
		}, want: nothing()},
	})
	t.Run("asking for nothing makes every item one too many", func(t *testing.T) {
		t.Parallel()
		d, c := conforming(), newCase(t)
		c.Asked = []person.Attr{}
		if n := len(conformity.Examine(d, c)); n != 4 {
			t.Errorf("%d findings", n)
		}
	})
}

// TestHardCase42NIRBiometricsAndINEAreRefusedAtEntry holds for what a declaration says and for what a service asks.
func TestHardCase42NIRBiometricsAndINEAreRefusedAtEntry(t *testing.T) {
	t.Parallel()
	usual := "to-justify item-usual items[4]"
	allow := func(c *conformity.Case) { c.Rules.INE = "arrêté de l'académie, art. 2" }
	asks := func(attr person.Attr) func(*conformity.Case) {
		return func(c *conformity.Case) { c.Asked = []person.Attr{"pseudonym", "uai", "profile", "level", attr} }
	}
	told := "note item-asked items"
	read(t, []sentence{
		{says: "the social security number", change: item("nir"), want: []string{"blocking item-forbidden items[4].attribute", usual}},
		{says: "the social security number, spelled otherwise", change: item("NIR"), want: []string{"blocking item-forbidden items[4].attribute", usual}},
		{says: "biometrics", change: item("biometrics"), want: []string{"blocking item-forbidden items[4].attribute", usual}},
		{says: "the national pupil number", change: both(item("ine"), nominative), want: []string{"blocking ine items[4].attribute", usual, "note pseudonym-betrayed items[4]"}},
		{says: "the national pupil number under a pseudonymous declaration", change: item("ine"), want: []string{"blocking ine items[4].attribute", usual, "blocking nominative items[4].attribute"}},
		{says: "the NIR, whatever text the rules cite", change: item("nir"), given: allow, want: []string{"blocking item-forbidden items[4].attribute", usual}},
		{says: "the national pupil number in capitals", change: item("INE"), want: []string{"blocking ine items[4].attribute", usual}},
		{says: "a text that allows it here is cited and answered", change: both(item("ine"), nominative), given: allow, want: []string{"to-justify ine items[4].attribute", usual, "note pseudonym-betrayed items[4]"}},
		{says: "a service that asks for the NIR", given: asks("nir"), want: []string{"blocking item-forbidden items", told}},
		{says: "a service that asks for the INE", given: asks("ine"), want: []string{"blocking ine items", told}},
		{says: "a service that asks for a word of its own", given: asks("shoe_size"), want: []string{told}},
		{
			says: "a category of data that names them", change: func(d *registry.Declaration) { d.Data[0].FR = "Numéro de sécurité sociale" },
			want: []string{"to-justify data-taboo data[0]"}, law: "art. 9, 87",
		},
	})
}

func TestNamesLeaveUnderANominativeDeclarationOnly(t *testing.T) {
	t.Parallel()
	read(t, []sentence{
		{says: "under a pseudonymous one they are refused", change: both(uses("suite"), item("given_name")), want: []string{"blocking nominative items[4].attribute"}, law: "art. 4(5)"},
		{says: "an unsaid mode is pseudonymous", change: both(uses("suite"), item("given_name"), func(d *registry.Declaration) { d.Mode = "" }), want: []string{"blocking nominative items[4].attribute"}, law: "art. 4(5)"},
		{says: "under a nominative one they may leave", change: both(uses("suite"), item("given_name"), nominative), want: nothing()},
		{says: "an address beside a pseudonym betrays it", change: both(uses("suite"), item("mail"), nominative), want: []string{"note pseudonym-betrayed items[4]"}, law: "art. 4(5)"},
		{says: "an address without a pseudonym betrays none", change: both(uses("suite"), item("mail"), nominative, func(d *registry.Declaration) { d.Items = d.Items[1:] }), want: nothing()},
	})
}

func TestAStablePseudonymIsExamined(t *testing.T) {
	t.Parallel()
	stable := func(why string) func(*registry.Declaration) {
		return func(d *registry.Declaration) { d.Pseudonym, d.Why = registry.Stable, registry.Text{FR: why} }
	}
	alone := func(d *registry.Declaration) { d.Items = []registry.Item{d.Items[0], d.Items[2]} }
	follows := []string{"to-justify pseudonym-follows items[1]", "to-justify pseudonym-follows items[3]"}
	read(t, []sentence{
		{says: "why it must outlast a cycle is said", change: both(stable(""), alone), want: []string{"to-justify pseudonym-stable pseudonym_why"}, law: "art. 25(2)"},
		{says: "said, it stands", change: both(stable("portfolio de plusieurs années"), alone), want: nothing()},
		{says: "with school or level it follows moves and repeated years", change: stable("portfolio"), want: follows, law: "art. 25(1)"},
		{says: "one per cycle shows a repeated year", change: func(d *registry.Declaration) { d.Pseudonym = "" }, want: []string{"note pseudonym-follows pseudonym"}, law: "art. 25(1)"},
		{says: "one per cycle beside no level does not", change: both(alone, func(d *registry.Declaration) { d.Pseudonym = registry.PerCycle }), want: nothing()},
		{says: "one per cycle follows no teacher", change: func(d *registry.Declaration) {
			d.Pseudonym, d.Audience.Profiles = registry.PerCycle, []person.Profile{person.Teacher}
		}, want: nothing()},
		{says: "one per cycle follows no pupil whose level does not leave", change: func(d *registry.Declaration) {
			d.Pseudonym, d.Items[3].Profiles = registry.PerCycle, []person.Profile{person.Teacher}
		}, want: nothing()},
		{says: "one per school year follows nobody", change: func(d *registry.Declaration) { d.Pseudonym = registry.PerSchoolYear }, want: nothing()},
		{says: "school_kind is a trace too", change: both(stable("portfolio"), alone, uses("resources"), item("school_kind")), want: []string{"to-justify pseudonym-follows items[2]"}, law: "art. 25(1)"},
	})
}

func TestLabelsThatRevealAreHeldBack(t *testing.T) {
	t.Parallel()
	read(t, []sentence{
		{says: "classes go with their neutral level", change: both(uses("assessment"), item("classes"), nominative), want: []string{"note labels items[4]"}, law: "art. 9(1)"},
		{says: "groups do", change: both(uses("notebook"), item("groups"), nominative), want: []string{"note labels items[4]"}, law: "art. 9(1)"},
		{says: "subjects do", change: both(uses("school_life"), item("subjects")), want: []string{"note labels items[4]"}, law: "art. 9(1)"},
		{says: "functions do", change: both(uses("notebook"), item("functions")), want: []string{"to-justify item-usual items[4]", "note labels items[4]"}, law: "art. "},
		{says: "an audience of one label reveals it", change: func(d *registry.Declaration) { d.Audience.Levels = []string{"6e", "6e Ulis"} }, want: []string{"blocking audience-reveals audience.levels[1]"}, law: "art. 9(1)"},
		{says: "a level is no such label", change: func(d *registry.Declaration) { d.Audience.Levels = []string{"6e", "CM2"} }, want: nothing()},
		{says: "persons said by such a word are justified", change: func(d *registry.Declaration) { d.Persons[0].FR = "élèves allophones" }, want: []string{"to-justify data-reveals persons[0]"}, law: "art. 9(1)"},
		{says: "data said by such a word are justified", change: func(d *registry.Declaration) { d.Data[1].FR = "P.A.I., handicap" }, want: []string{"to-justify data-reveals data[1]"}, law: "art. 9(1)"},
	})
}

func TestRevealsReadsWholeWordsWhateverTheirSpelling(t *testing.T) {
	t.Parallel()
	r := shipped(t)
	for label, want := range map[string]string{
		"6e ULIS": "ULIS", "ulis2": "ULIS", "6ULIS": "ULIS", "6EULIS": "ULIS", "5ÈME-ULIS": "ULIS", "4ème_ulis.B": "ULIS", "6IEMEULIS": "ULIS",
		"UPE2A": "UPE2A", "upe2a-nsa": "UPE2A", "GR UPE2A1": "UPE2A", "6E SEGPA": "SEGPA", "3ESEGPA2": "SEGPA", "E.L.C.O.": "", "ELCO turc": "ELCO",
		"EREA": "EREA", "3EREA": "EREA", "UEMA Nord": "UEMA", "Élèves ALLOPHONES": "allophones", "Dispositif  RELAIS": "dispositif relais",
		"Aumonerie": "aumônerie", "hopital de jour": "hôpital", "santé des élèves": "santé des élèves", "IME": "IME", "ITEP": "ITEP", "DAR 1": "DAR",
		"6e 1": "", "Éducation musicale": "", "Ulisse": "", "RADAR": "", "dar-es-salam": "DAR", "2nde GT 4": "", "CM2 B": "", "relais 4x100": "", "": "",
		"ＵＬＩＳ": "ULIS", "Upe 2 a": "UPE2A", "6e": "", "6e e": "",
	} {
		w, found := r.Reveals(label)
		if w.Word != want || found != (want != "") {
			t.Errorf("%q: %q, want %q", label, w.Word, want)
		}
		if found && (w.Neutral == "" || w.Reveals == "") {
			t.Errorf("%q: nothing is offered in the place of %q", label, w.Word)
		}
	}
	empty := registry.Rules{Sensitive: []registry.SensitiveWord{{Word: ""}, {Word: " - "}}}
	if _, found := empty.Reveals("ULIS"); found {
		t.Error("an empty word is in every label")
	}
}
