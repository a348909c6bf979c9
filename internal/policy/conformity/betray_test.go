package conformity_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
	"ecluse/internal/policy/conformity"
	"ecluse/internal/registry"
)

// knowing adds words to the dictionary, or what is said of them.
func knowing(t *testing.T, names bool, words ...person.Attr) func(*conformity.Case) {
	t.Helper()
	return func(c *conformity.Case) {
		entries := slices.Clone(c.Words.Entries())
		for _, word := range words {
			e, known := c.Words.Entry(word)
			if known {
				entries = slices.DeleteFunc(entries, func(o dictionary.Entry) bool { return o.Attr == word })
			} else {
				e, _ = c.Words.Entry("uai")
				name := string(word)
				e.SAML.Name, e.SAML.Friendly, e.OIDC.Name, e.CAS, e.GAR = name, "", name, name, ""
			}
			e.Attr, e.Names = word, names
			entries = append(entries, e)
		}
		d, err := dictionary.New(entries)
		if err != nil {
			t.Error(err)
		}
		c.Words = d
	}
}

func usual(c *conformity.Case) {
	for i := range c.Rules.Uses {
		c.Rules.Uses[i].Items = append(c.Rules.Uses[i].Items[:len(c.Rules.Uses[i].Items):len(c.Rules.Uses[i].Items)],
			"school_local_id", "mail_domain", "relay_mail", "pairwise_id", "age_band", "former_pseudonym", "classes", "groups", "mail", "ine", "birth_date", "login", "display_name", "source_anchor")
	}
}

func given(changes ...func(*conformity.Case)) func(*conformity.Case) {
	return func(c *conformity.Case) {
		for _, change := range changes {
			change(c)
		}
	}
}

func per(scope registry.PseudonymScope) func(*registry.Declaration) {
	return func(d *registry.Declaration) { d.Pseudonym = scope }
}

func noItem(attrs ...person.Attr) func(*registry.Declaration) {
	return func(d *registry.Declaration) {
		d.Items = slices.DeleteFunc(d.Items, func(i registry.Item) bool { return slices.Contains(attrs, i.Attr) })
	}
}

func overlap(days int) func(*registry.Declaration) {
	return func(d *registry.Declaration) { d.Overlap = days }
}

func TestWhatNamesBesideAPseudonymBetraysIt(t *testing.T) {
	t.Parallel()
	var law []sentence
	for _, word := range []person.Attr{"mail", "login", "source_anchor", "display_name"} {
		law = append(law,
			sentence{says: fmt.Sprintf("%s under a nominative declaration is told", word), change: both(item(word), nominative), given: usual, want: []string{"note pseudonym-betrayed items[4]"}, law: "art. 4(5)"},
			sentence{says: fmt.Sprintf("%s under a pseudonymous one is refused", word), change: item(word), given: usual, want: []string{"blocking nominative items[4].attribute"}, law: "4(5)"},
			sentence{says: fmt.Sprintf("%s beside no number betrays none", word), change: both(item(word), nominative, noItem("pseudonym")), given: usual, want: nothing()})
	}
	read(t, law)
}

func TestWhatIsTheSameEverywhereLinksPseudonyms(t *testing.T) {
	t.Parallel()
	local, domain := given(usual, knowing(t, false, "school_local_id")), given(usual, knowing(t, false, "mail_domain", "relay_mail"))
	read(t, []sentence{
		{says: "the school's own number of a pupil", change: item("school_local_id"), given: local, want: []string{"to-justify pseudonym-linked items[4]"}, law: "4(5)"},
		{says: "where the dictionary says that it names, it is refused", change: item("school_local_id"), given: given(usual, knowing(t, true, "school_local_id")), want: []string{"blocking nominative items[4].attribute"}, law: "4(5)"},
		{says: "under a nominative declaration it is told", change: both(item("school_local_id"), nominative), given: local, want: []string{"note pseudonym-betrayed items[4]"}, law: "4(5)"},
		{says: "the domain of an address beside a pseudonym", change: item("mail_domain"), given: domain, want: []string{"to-justify pseudonym-linked items[4]"}, law: "4(5)"},
		{says: "the domain beside a relay address", change: both(noItem("pseudonym"), item("mail_domain"), item("relay_mail")), given: domain, want: []string{"to-justify pseudonym-linked items[3]"}, law: "4(5)"},
		{says: "the domain beside nothing", change: both(noItem("pseudonym"), item("mail_domain")), given: domain, want: nothing()},
		{says: "the domain where names leave", change: both(item("mail_domain"), nominative), given: domain, want: nothing()},
		{says: "a relay address outlasts the pseudonym", change: item("relay_mail"), given: domain, want: []string{"note pseudonym-linked items[4]"}, law: "4(5)"},
		{says: "a relay address outlasts no stable one", change: both(item("relay_mail"), noItem("uai", "level"), func(d *registry.Declaration) {
			d.Pseudonym, d.Why.FR = registry.Stable, "portfolio"
		}), given: domain, want: nothing()},
		{says: "a relay address alone outlasts none", change: both(noItem("pseudonym"), item("relay_mail")), given: domain, want: nothing()},
	})
}

func TestAgeSchoolAndClassTogetherLeaveFewPeople(t *testing.T) {
	t.Parallel()
	band := given(usual, knowing(t, false, "age_band"))
	read(t, []sentence{
		{says: "an age band, a school and a level", change: item("age_band"), given: band, want: []string{"to-justify pseudonym-crossed items[4]"}, law: "considérant 26"},
		{says: "without the level it stands", change: both(item("age_band"), noItem("level")), given: band, want: nothing()},
		{says: "without the school it stands", change: both(item("age_band"), noItem("uai")), given: band, want: nothing()},
		{says: "where names leave it hides nobody", change: both(item("age_band"), nominative), given: band, want: nothing()},
		{says: "a date of birth with the school is nearly a name", change: both(item("birth_date"), nominative), given: usual, want: []string{"note pseudonym-crossed items[4]"}, law: "considérant 26"},
		{says: "a date of birth without the school", change: both(item("birth_date"), nominative, noItem("uai")), given: usual, want: nothing()},
		{says: "a date of birth under a pseudonymous declaration is refused", change: both(item("birth_date"), noItem("level")), given: usual, want: []string{"blocking nominative items[3].attribute"}, law: "4(5)"},
	})
}

func TestAnOverlapOfNumbersIsDeclaredAndShort(t *testing.T) {
	t.Parallel()
	former := given(usual, knowing(t, false, "former_pseudonym"))
	read(t, []sentence{
		{says: "the item and the days fit", change: both(item("former_pseudonym"), overlap(30)), given: former, want: nothing()},
		{says: "a term is not too long", change: both(item("former_pseudonym"), overlap(120)), given: former, want: nothing()},
		{says: "days without the item", change: overlap(30), given: former, want: []string{"note pseudonym-overlap pseudonym_overlap"}, law: "art. 5(1)(c)"},
		{says: "the item without days", change: item("former_pseudonym"), given: former, want: []string{"note pseudonym-overlap items[4]"}, law: "art. 5(1)(c)"},
		{says: "longer than a term is justified", change: both(item("former_pseudonym"), overlap(121)), given: former, want: []string{"to-justify pseudonym-overlap pseudonym_overlap"}, law: "(e)"},
	})
}

// counted gives cases a directory of two schools and the headcounts of some.
func counted(list ...registry.Headcount) func(*conformity.Case) {
	return func(c *conformity.Case) {
		c.Schools = func() []*registry.Establishment {
			return []*registry.Establishment{
				{UAI: "0280101H", Name: "École Jules-Ferry", Kind: registry.Ecole, Academy: "exemple"},
				{UAI: "0280202T", Name: "Collège Simone-Veil", Kind: registry.College, Academy: "exemple"},
				{UAI: "0280303C", Name: "Collège d'ailleurs", Kind: registry.College, Academy: "ailleurs"},
				{UAI: "0280404M", Name: "Collège fermé", Kind: registry.College, Academy: "exemple", Closed: true},
				{UAI: "0289999Z", Name: "Collège d'essai", Kind: registry.College, Academy: "exemple", Test: true},
			}
		}
		c.Headcount = func(uai person.UAI) (registry.Headcount, bool) {
			i := slices.IndexFunc(list, func(h registry.Headcount) bool { return h.UAI == uai })
			if i < 0 {
				return registry.Headcount{}, false
			}
			return list[i], true
		}
	}
}

func count(uai person.UAI, classes, groups map[string]int) registry.Headcount {
	return registry.Headcount{UAI: uai, On: day("2026-09-15"), Classes: classes, Groups: groups}
}

func TestAClassOfFewIsToldByNumber(t *testing.T) {
	t.Parallel()
	large := count("0280101H", map[string]int{"CE2 B": 24, "CM1": 5, "vide": 0}, map[string]int{"latin": 12})
	few := count("0280202T", map[string]int{"6E 1": 25, "6E 2": 4}, map[string]int{"grec": 1})
	old := few
	old.On = day("2025-09-01")
	holdNothing := func(c *conformity.Case) { c.Rules.SmallGroup = 0 }
	unknown := []string{"to-justify pseudonym-alone items[4]", "note label-names items[4]", "note labels items[4]"}
	read(t, []sentence{
		{says: "where nobody counted, why it must is said", change: item("classes"), given: usual, want: unknown},
		{says: "where one school was not counted, too", change: item("classes"), given: given(usual, counted(large)), want: unknown},
		{says: "an old headcount counts nobody", change: item("classes"), given: given(usual, counted(large, old)), want: unknown},
		{says: "where all are large, nothing is told", change: item("classes"), given: given(usual, counted(large, count("0280202T", map[string]int{"6E 1": 25}, nil))), want: []string{"note labels items[4]"}},
		{says: "small classes are told, and held back", change: item("classes"), given: given(usual, counted(large, few)), want: []string{"note pseudonym-few items[4]", "note labels items[4]"}},
		{says: "rules that hold none back want the reason", change: item("classes"), given: given(usual, counted(large, few), holdNothing), want: []string{"to-justify pseudonym-few items[4]", "note labels items[4]"}},
		{says: "small groups are told as classes are", change: item("groups"), given: given(usual, counted(large, few)), want: []string{"note pseudonym-few items[4]", "note labels items[4]"}},
		{says: "a class without a school singles nobody out", change: both(item("classes"), noItem("uai")), given: given(usual, counted(large, few)), want: []string{"note labels items[3]"}},
		{says: "where names leave, it is told of no pseudonym", change: both(item("classes"), nominative), given: given(usual, counted(large, few)), want: []string{"note labels items[4]"}},
	})
}

// few is the finding of small classes in a declaration of classes.
func few(t *testing.T, list ...registry.Headcount) registry.Finding {
	t.Helper()
	d, c := conforming(), newCase(t)
	item("classes")(&d)
	given(usual, counted(list...))(&c)
	found := conformity.Examine(d, c)
	i := slices.IndexFunc(found, func(f registry.Finding) bool { return f.Rule == "pseudonym-few" })
	if i < 0 {
		t.Fatalf("%v", found)
	}
	return found[i]
}

func TestSmallClassesAreNamedTheSmallestFirstAndAFewOfMany(t *testing.T) {
	t.Parallel()
	two := few(t, count("0280202T", map[string]int{"6E 2": 4, "6E 1": 1, "5E": 20}, nil), count("0280101H", map[string]int{"M. Dupont": 1}, nil))
	const want = "with uai and profile, classes single out pupils: in 2 establishments, 3 classes have fewer than 5 pupils: " +
		"0280101H [a label like a name] (1), 0280202T 6E 1 (1), 0280202T 6E 2 (4); these labels are held back"
	if two.What != want {
		t.Errorf("%s\nwant %s", two.What, want)
	}
	one := few(t, count("0280202T", map[string]int{"6E 2": 4}, nil), count("0280101H", map[string]int{"CM1": 20}, nil))
	if !strings.Contains(one.What, "in 1 establishment, 1 class has fewer than 5 pupils: 0280202T 6E 2 (4);") {
		t.Error(one.What)
	}
	many := map[string]int{}
	for i := range 40 {
		many[fmt.Sprintf("G%02d", i)] = 2
	}
	if f := few(t, count("0280202T", many, nil)); !strings.Contains(f.What, "G09 (2), and 30 more;") || strings.Contains(f.What, "G10") {
		t.Error(f.What)
	}
}

func TestALabelThatMayHoldANameIsLookedAt(t *testing.T) {
	t.Parallel()
	plain := count("0280101H", map[string]int{"CM1": 20}, map[string]int{"latin": 12})
	named := count("0280202T", map[string]int{"6E 1": 20}, map[string]int{"GR M. Dupont": 14, "Aide J. Martin": 9, "grec": 20})
	read(t, []sentence{
		{says: "a label like a name wants a reason", change: both(item("groups"), noItem("uai")), given: given(usual, counted(plain, named)), want: []string{"to-justify label-names items[3]", "note labels items[3]"}},
		{says: "labels of classes are looked at apart", change: both(item("classes"), noItem("uai")), given: given(usual, counted(plain, named)), want: []string{"note labels items[3]"}},
		{says: "labels that nobody knows are told of", change: both(item("groups"), noItem("uai")), given: given(usual, counted(plain)), want: []string{"note label-names items[3]", "note labels items[3]"}},
		{says: "where names leave, a name in a label is no betrayal", change: both(item("groups"), nominative), given: given(usual, counted(plain, named)), want: []string{"note labels items[4]"}},
	})
	t.Run("the finding says where and repeats no name", func(t *testing.T) {
		t.Parallel()
		d, c := conforming(), newCase(t)
		both(item("groups"), noItem("uai"))(&d)
		given(usual, counted(plain, named))(&c)
		for _, f := range conformity.Examine(d, c) {
			if strings.Contains(f.String(), "Dupont") || strings.Contains(f.String(), "Martin") {
				t.Error(f)
			}
			if f.Rule == "label-names" && f.What != "2 labels of groups are written as a person is called: 0280202T (2)" {
				t.Error(f.What)
			}
		}
	})
}

func TestWhatRevealsIsCountedWhereLabelsAreKnown(t *testing.T) {
	t.Parallel()
	d, c := conforming(), newCase(t)
	both(item("classes"), nominative)(&d)
	given(usual, counted(count("0280101H", map[string]int{"CM1": 20, "ULIS": 9}, nil), count("0280202T", map[string]int{"6E SEGPA": 14, "6ULIS": 9}, map[string]int{"UPE2A": 6})))(&c)
	found := conformity.Examine(d, c)
	if len(found) != 1 || !strings.HasSuffix(found[0].What, "are held back: 3 of those known, 0280101H (1), 0280202T (2)") {
		t.Errorf("%v", found)
	}
}

func TestANameOfASchoolMayRevealWhoIsThere(t *testing.T) {
	t.Parallel()
	special := func(c *conformity.Case) {
		counted()(c)
		list := append(c.Schools(), &registry.Establishment{UAI: "0280707W", Name: "EREA François-Truffaut", Academy: "exemple"},
			&registry.Establishment{UAI: "0280708X", Name: "EREA d'ailleurs", Academy: "ailleurs"})
		c.Schools = func() []*registry.Establishment { return list }
	}
	read(t, []sentence{
		{says: "where the school leaves", given: special, want: []string{"note place-reveals scope"}, law: "art. 9(1)"},
		{says: "where it does not, nothing is told", given: special, change: noItem("uai"), want: nothing()},
		{says: "schools like any other reveal nothing", given: counted(), want: nothing()},
	})
}

func TestEveryFindingAboutAPseudonymSaysWhatWouldMendIt(t *testing.T) {
	t.Parallel()
	d, c := conforming(), newCase(t)
	for _, word := range []person.Attr{"classes", "groups", "mail", "login", "birth_date", "source_anchor", "display_name", "title"} {
		item(word)(&d)
	}
	per(registry.Stable)(&d)
	overlap(200)(&d)
	for _, f := range conformity.Examine(d, c) {
		if f.Mend == "" || f.Where == "" {
			t.Errorf("%+v: where, or what would be right, is missing", f)
		}
	}
}
