package app_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/configs"
	"ecluse/internal/attrs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/registry/manifest"
	"ecluse/internal/registry/registrytest"
)

// product is one recipe of the catalogue.
type product struct {
	model  registry.Model
	recipe registry.Recipe
}

func (p product) String() string { return p.model.ID + "-" + p.recipe.Protocol }

// products lists the recipes that say anything of names, forms or subject, and those that leave both to the dictionary.
func products(t testing.TB) []product {
	t.Helper()
	files, err := fs.Sub(configs.Files, "catalogue")
	if err != nil {
		t.Fatal(err)
	}
	contents, problems := manifest.Catalogue(files)
	if err := problems.Or(); err != nil {
		t.Fatal(err)
	}
	var out []product
	for _, m := range contents.Models {
		for _, r := range m.Recipes {
			if slices.Contains([]string{"saml", "oidc", "cas"}, r.Protocol) {
				out = append(out, product{m, r})
			}
		}
	}
	return out
}

const (
	productEcole   = person.UAI("0280101H")
	productCollege = person.UAI("0280202T")
)

// persona is somebody in one place.
type persona struct {
	name  string
	who   person.Person
	place policy.Place
}

func one(v string) []string { return []string{v} }

func personas() []persona {
	type said = map[person.Attr][]string
	make := func(name string, at person.UAI, as person.Profile, values said, a person.Affiliation) persona {
		a.UAI, a.Profile = at, as
		return persona{name, person.Person{
			Key: person.Key{Authority: "ac", ID: name}, Values: values, Affiliations: []person.Affiliation{a},
			Authn: person.Authn{Source: "ent", Method: "password"},
		}, policy.Place{UAI: at, Profile: as}}
	}
	var groups []string
	for i := range 30 {
		groups = append(groups, fmt.Sprintf("5EME GROUPE DE TRAVAIL ÉTENDU NUMÉRO %02d DES LANGUES ET CULTURES DE L'ANTIQUITÉ", i+1))
	}
	child := person.Key{Authority: "ac", ID: "child"}
	out := []persona{
		make("pupil of a primary school", productEcole, person.Pupil, said{
			person.GivenName: one("Léa"), person.FamilyName: one("Martin"), person.DisplayName: one("Léa Martin"), person.BirthDate: one("2017-03-04"),
			person.Login: one("lea.martin"), person.Anchor: one("5f1c0001"), person.SchoolLocalID: one("701294"),
		}, person.Affiliation{Classes: one("CE2 B"), Values: said{person.Level: one("CE2"), person.LevelCode: one("00210001310")}}),
		make("pupil of a collège, in a class for ULIS", productCollege, person.Pupil, said{
			person.GivenName: one("Noé"), person.FamilyName: one("Lœuillet"), person.DisplayName: one("Noé Lœuillet"), person.BirthDate: one("2013-11-22"),
			person.Mail: one("noe@college.example"), person.Login: one("noe.loeuillet"), person.Anchor: one("5f1c0002"), person.SchoolLocalID: one("4411"),
		}, person.Affiliation{Classes: []string{"5EME ULIS", "5E3"}, Groups: one("5E3 ALL2"), Values: said{
			person.Level: one("5EME"), person.LevelCode: one("10110001110"), person.Courses: []string{"030201", "061300"},
		}}),
		make("teacher with 30 groups", productCollege, person.Teacher, said{
			person.GivenName: one("Frédérique"), person.FamilyName: one("d'Aubigné"), person.DisplayName: one("Frédérique d'Aubigné"),
			person.Mail: one("frederique.daubigne@ac-exemple.example"), person.Login: one("fdaubigne"), person.Anchor: one("5f1c0003"), person.PrincipalName: one("fdaubigne@ac-exemple.example"),
		}, person.Affiliation{Classes: []string{"5E1", "5E2", "5E3"}, Groups: groups, Values: said{
			person.TaughtStat4: []string{"2115", "2116"}, person.SubjectCodes: []string{"020700"}, person.TaughtLevelCodes: []string{"10110001110"},
		}}),
		make("head of a collège", productCollege, person.Head, said{
			person.GivenName: one("Anne"), person.FamilyName: one("Le Goff"), person.DisplayName: one("Anne Le Goff"), person.Mail: one("anne.legoff@ac-exemple.example"),
			person.Login: one("alegoff"), person.Anchor: one(strings.Repeat("x", 65)), person.BirthDate: one("no date"),
		}, person.Affiliation{}),
		make("guardian of a pupil of a collège", productCollege, person.Guardian, said{
			person.GivenName: one("Inès"), person.FamilyName: one("Lœuillet"), person.DisplayName: one("Inès Lœuillet"), person.Mail: one("ines@famille.example"),
			person.Anchor: one("5f1c0005"), person.SchoolLocalID: one("4411"), person.Login: one("ines"),
		}, person.Affiliation{}),
		make("teacher of one name, in another script", productCollege, person.Teacher, said{
			person.FamilyName: one("Đặng|Thị"), person.DisplayName: one("李小龍"), person.Mail: one("đặng@ac-exemple.example"), person.Anchor: one("5f1c0006"),
		}, person.Affiliation{}),
	}
	out[4].place.Child = child
	out[4].who.Wards = []person.Ward{{Child: child, UAI: productCollege, Authority: person.Yes}}
	return out
}

// contents is an academy of two schools in which the product is declared.
func (p product) contents(t testing.TB, binding registry.Binding, items []registry.Item, mode registry.Mode) registry.Contents {
	t.Helper()
	rules, problems := manifest.ReadRules(configs.Files, "rules.yaml")
	if err := problems.Or(); err != nil {
		t.Fatal(err)
	}
	span := [2]registry.Date{{Year: 2020, Month: 1, Day: 1}, {Year: 2040, Month: 1, Day: 1}}
	contents := registry.Contents{
		Services: []registry.Service{{ID: p.model.ID, Name: p.model.Name, Bindings: []registry.Binding{binding}}},
		Declarations: []registry.Declaration{{
			ID: "d", ServiceID: p.model.ID, Version: 1, State: registry.Approved, Mode: mode, Items: items,
			Scope:    registry.Scope{Level: registry.ByAcademy, Academies: []string{"Exemple"}, All: true},
			Audience: registry.Audience{Profiles: person.Profiles()}, From: span[0], Until: span[1],
		}},
		Establishments: []registry.Establishment{
			{UAI: productEcole, Name: "École des Tilleuls", Kind: registry.Ecole, Academy: "Exemple", Department: "028"},
			{UAI: productCollege, Name: "Collège Molière", Kind: registry.College, Academy: "Exemple", Department: "028"},
		},
		Sources: []registry.Source{{ID: "ent", Declaration: &registry.SourceDeclaration{State: registry.Approved, From: span[0], Until: span[1]}}},
	}
	registrytest.Cover(&contents)
	contents.RuleSets = []registry.RuleSet{{Rules: rules}}
	return contents
}

// told asks gate and engine what one persona's product would be told, under a declaration of some words.
func (p product) told(t testing.TB, who persona, items []registry.Item, mode registry.Mode) (attrs.Output, error) {
	t.Helper()
	words, err := dictionary.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	binding := p.recipe.Binding()
	contents := p.contents(t, binding, items, mode)
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	grant, err := policy.Gate(registry.NewSnapshot(contents, time.UTC), now, policy.Ask{Person: who.who, Place: who.place, Service: p.model.ID})
	if err != nil {
		t.Fatalf("%s, %s: %v", p, who.name, err)
	}
	engine := attrs.Engine{Dictionary: words, Keys: sameKeys{}, Scope: "ac-exemple.example"}
	release, err := engine.Release(who.who, grant, attrs.Request{Subject: binding.Subject})
	if err == nil {
		err = release.Fits(binding.Protocol, binding)
	}
	if err != nil {
		return attrs.Output{}, err
	}
	return release.As(binding.Protocol, binding), nil
}

// everything declares each word of which the recipe speaks, and groups where there is a limit to be met.
func (p product) everything() []registry.Item {
	var out []registry.Item
	words := p.recipe.Binding().Words()
	if p.recipe.Limit.Bytes > 0 {
		words = append(words, "groups")
	}
	for _, n := range words {
		if !slices.ContainsFunc(out, func(i registry.Item) bool { return i.Attr == n }) {
			out = append(out, registry.Item{Attr: n})
		}
	}
	return out
}

// TestEveryProductGetsWhatItsRecipeSays holds what each product of the catalogue would get to one file for people to read.
// `go test ./internal/app -run TestEveryProduct -update` writes them again after a wanted change.
func TestEveryProductGetsWhatItsRecipeSays(t *testing.T) {
	t.Parallel()
	for _, p := range products(t) {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			got := p.draw(t)
			file := filepath.Join("testdata", "products", p.String()+".golden.txt")
			if *update {
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { //nolint:gosec // files for people to read
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if want, err := os.ReadFile(file); err != nil || string(want) != got {
				t.Errorf("%s: what leaves has changed (%v); -update writes the file again\n%s", file, err, got)
			}
		})
	}
}

func (p product) draw(t testing.TB) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s over %s: what it would be told, by the recipe of the catalogue. Pseudonyms are shortened.\n", p.model.Name.FR, p.recipe.Protocol)
	for _, c := range []struct {
		says  string
		items []registry.Item
		mode  registry.Mode
	}{
		{"as the model declares", p.model.Draft.Items, p.model.Draft.Mode},
		{"if all that the recipe speaks of were declared", p.everything(), registry.Nominative},
	} {
		fmt.Fprintf(&out, "\n== %s\n", c.says)
		for _, who := range personas() {
			fmt.Fprintf(&out, "\n%s\n", who.name)
			told, err := p.told(t, who, c.items, c.mode)
			if err != nil {
				fmt.Fprintf(&out, "  refused: %v\n", err)
				continue
			}
			fmt.Fprintf(&out, "  subject  %s\n", short(told.Subject))
			for _, v := range told.Values {
				for _, value := range v.Values {
					fmt.Fprintf(&out, "  %-30s  %s\n", v.Name, short(value))
				}
			}
			if len(told.Shortened) > 0 {
				fmt.Fprintf(&out, "  values were left out of %v\n", told.Shortened)
			}
		}
	}
	return out.String()
}

func short(v string) string {
	if len(v) == 128 {
		return v[:12] + "…"
	}
	return v
}

// underNames gives the values under each name.
func underNames(o attrs.Output) map[string]string {
	out := map[string]string{}
	for _, v := range o.Values {
		out[v.Name] = strings.Join(v.Values, " + ")
	}
	return out
}

// TestProductsGetTheirPublishedShapes holds the facts of each product apart from the golden files, which -update could
// change without anybody looking.
func TestProductsGetTheirPublishedShapes(t *testing.T) {
	t.Parallel()
	const primary, ulis, teacher, head, guardian, odd = 0, 1, 2, 3, 4, 5
	number := strings.Repeat("h", 128)
	for _, c := range []struct {
		product string
		who     int
		subject string
		want    map[string]string // a name with no value is not sent
	}{
		{"pronote-cas", ulis, number, map[string]string{"nom": "Lœuillet", "prenom": "Noé", "dateNaissance": "22/11/2013", "categories": "National_1", "codePostal": ""}},
		{"pronote-cas", teacher, number, map[string]string{"categories": "National_3", "dateNaissance": "", "nom": "d'Aubigné"}},
		{"pronote-cas", head, number, map[string]string{"categories": "National_4", "dateNaissance": ""}},
		{"pronote-cas", guardian, number, map[string]string{"categories": "National_2"}},
		{"google-workspace-education-saml", teacher, "frederique.daubigne@ac-exemple.example", map[string]string{"urn:oid:0.9.2342.19200300.100.1.3": ""}},
		{"microsoft-365-education-saml", teacher, "5f1c0003", map[string]string{"IDPEmail": "frederique.daubigne@ac-exemple.example", "ImmutableID": ""}},
		{"itslearning-saml", teacher, number, map[string]string{
			"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name": "frederique.daubigne@ac-exemple.example",
			"urn:oid:1.3.6.1.4.1.5923.1.1.1.6":                           "fdaubigne@ac-exemple.example",
		}},
		{"kne-cns-cas", ulis, number, map[string]string{
			"ENTPersonStructRattachUAI": "0280202T", "ENTStructureTypeStruct": "CLG", "ENTPersonProfil": "National_ELV", "ENTEleveMEF": "10110001110",
			"ENTEleveCodeEnseignement": "030201 + 061300", "ENTEleveGroupe": "5E3 ALL2", "ENTEleveClasse": "5E3", "ENTAuxEnsClasse": "", "ENTAuxEnsGroupe": "",
		}},
		{"kne-cns-cas", teacher, number, map[string]string{
			"ENTAuxEnsClasse": "5E1 + 5E2 + 5E3", "ENTEleveClasse": "", "ENTAuxEnsClassesMatiere": "020700", "ENTAuxEnsMEF": "10110001110", "ENTEleveMEF": "",
		}},
		{"kne-cns-cas", primary, number, map[string]string{"ENTStructureTypeStruct": "1ORD"}},
		{"labomep-cas", primary, number, map[string]string{"uid": number, "structures": "0280101H", "classes": "CE2 B", "profile": "National_1", "nom": "Martin", "prenom": "Léa", "email": ""}},
		{"brne-cas", teacher, "0280202T", map[string]string{"profil": "National_3", "UAI": ""}},
		{"brne-cas", primary, "0280101H", map[string]string{"profil": "National_1"}},
		{"edumedia-cas", teacher, number, map[string]string{"uid": number, "ENTPersonProfils": "National_3", "ENTNom": "d'Aubigné", "ENTPrenoms": "Frédérique", "ENTPersonMail": "frederique.daubigne@ac-exemple.example"}},
		{"edumedia-cas", ulis, number, map[string]string{"ENTPersonStructRattachRNE": "0280202T", "ENTPersonProfils": "National_1", "ENTNom": "", "ENTPrenoms": "", "ENTPersonMail": "", "sn": "", "mail": ""}},
		{"editeur-gar-saml", primary, number, map[string]string{"IDO": number, "UAI": "0280101H", "PRO": "National_elv", "DIV": "CE2 B##CE2 B", "PRE": "Léa", "NOM": "Martin", "P_MEL": ""}},
		{"editeur-gar-saml", guardian, number, map[string]string{"PRO": "", "P_MEL": ""}},
		{"editeur-gar-cas", teacher, number, map[string]string{"P_MS4": "2115 + 2116", "PRO": "National_ens", "DIV": "5E1##5E1 + 5E2##5E2 + 5E3##5E3", "P_MEL": "frederique.daubigne@ac-exemple.example"}},
		{"one-neo-cas", primary, number, map[string]string{"login": "lea.martin", "lastName": "Martin", "firstName": "Léa", "displayName": "Léa Martin", "birthDate": "2017-03-04", "profile": "Student", "schools": "0280101H", "email": ""}},
		{"zoom-education-saml", teacher, "frederique.daubigne@ac-exemple.example", map[string]string{
			"urn:oid:0.9.2342.19200300.100.1.3": "frederique.daubigne@ac-exemple.example", "urn:oid:2.5.4.4": "d'Aubigné", "urn:oid:2.5.4.42": "Frédérique",
		}},
		{"pix-saml", primary, number, map[string]string{"IDO": number, "PRE": "Léa", "NOM": "Martin", "UAI": "0280101H", "PRO": "National_ELV"}},
		{"teleservice-vecteur-saml", primary, number, map[string]string{"FrEduVecteur": "3|Martin|Léa|701294|0280101H", "urn:oid:2.5.4.4": ""}},
		{"teleservice-vecteur-saml", ulis, number, map[string]string{"FrEduVecteur": "4|Lœuillet|Noé|4411|0280202T"}},
		{"teleservice-vecteur-saml", guardian, number, map[string]string{"FrEduVecteur": "2|Lœuillet|Inès|4411|0280202T"}},
		{"teleservice-vecteur-saml", odd, number, map[string]string{"FrEduVecteur": "", "urn:oid:2.5.4.4": ""}},
	} {
		p := productOf(t, c.product)
		who := personas()[c.who]
		told, err := p.told(t, who, p.everything(), registry.Nominative)
		if err != nil {
			t.Errorf("%s, %s: %v", c.product, who.name, err)
			continue
		}
		like := func(want, got string) bool { return want == got || want == number && len(got) == 128 }
		if !like(c.subject, told.Subject) {
			t.Errorf("%s, %s: the subject is %q, want %q", c.product, who.name, told.Subject, c.subject)
		}
		got := underNames(told)
		for name, want := range c.want {
			if !like(want, got[name]) {
				t.Errorf("%s, %s: %s is %q, want %q", c.product, who.name, name, got[name], want)
			}
		}
	}
}

func productOf(t testing.TB, name string) product {
	t.Helper()
	for _, p := range products(t) {
		if p.String() == name {
			return p
		}
	}
	t.Fatalf("the catalogue has no %s", name)
	return product{}
}

// TestHardCase27AttributesOfATeacherWithThirtyGroupsStayBelowWhatGoogleTakes: values go by a rule, or the sign-in is refused
// with a reason; nothing is left to an error on the other side.
func TestHardCase27AttributesOfATeacherWithThirtyGroupsStayBelowWhatGoogleTakes(t *testing.T) {
	t.Parallel()
	p, who := productOf(t, "google-workspace-education-saml"), personas()[2]
	items := []registry.Item{{Attr: "mail", Required: true}, {Attr: "groups"}, {Attr: "classes"}}
	told, err := p.told(t, who, items, registry.Nominative)
	if err != nil {
		t.Fatal(err)
	}
	size, groups := 0, 0
	for _, v := range told.Values {
		size += len(v.Name) + len(strings.Join(v.Values, ""))
		if v.Holds("groups") {
			groups = len(v.Values)
		}
	}
	if size > 2048 || size < 1900 || groups == 0 || groups >= 30 || !slices.Equal(told.Shortened, []attrs.Name{"groups"}) {
		t.Errorf("%d bytes with %d groups, shortened %v", size, groups, told.Shortened)
	}
	p.recipe.Limit.Over = "refuse"
	var oversize *attrs.Oversize
	if _, err := p.told(t, who, items, registry.Nominative); !errors.As(err, &oversize) || oversize.Limit != 2048 || oversize.Bytes <= 2048 {
		t.Errorf("a limit that refuses: %v", err)
	}
	items[1].Required = true
	p.recipe.Limit = registry.Limit{Bytes: 60, Over: "drop"}
	if _, err := p.told(t, who, items, registry.Nominative); !errors.As(err, &oversize) {
		t.Errorf("a required word that would vanish: %v", err)
	}
}

// TestWhatAServiceCannotReadIsRefusedWithTheWord: an identifier is never shortened or rewritten until it fits.
func TestWhatAServiceCannotReadIsRefusedWithTheWord(t *testing.T) {
	t.Parallel()
	ms, google := productOf(t, "microsoft-365-education-saml"), productOf(t, "google-workspace-education-saml")
	var oversize *attrs.Oversize
	if _, err := ms.told(t, personas()[3], ms.everything(), registry.Nominative); !errors.As(err, &oversize) || oversize.Word != person.Anchor || oversize.Bytes != 65 || oversize.Limit != 64 {
		t.Errorf("an ImmutableID of 65 characters: %v", err)
	}
	var missing *attrs.Missing
	if _, err := google.told(t, personas()[5], google.everything(), registry.Nominative); !errors.As(err, &missing) || missing.Entry.Attr != person.Mail || missing.Why != attrs.Unwritten {
		t.Errorf("an address with accents as an ASCII subject: %v", err)
	}
}
