package attrs_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"ecluse/internal/attrs"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// told is what a binding gets of the words of a nominative declaration.
func told(t testing.TB, b registry.Binding, spoil func(*scene)) map[string][]string {
	t.Helper()
	s := newScene(words(t).Words()...)
	s.declaration.Mode = registry.Nominative
	if spoil != nil {
		spoil(&s)
	}
	r := s.must(t)
	if err := r.Fits("saml", b); err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, v := range r.As("saml", b).Values {
		out[v.Name] = append(out[v.Name], v.Values...)
	}
	return out
}

func form(n person.Attr, f registry.Form) registry.Binding {
	return registry.Binding{Outputs: []registry.Output{{Attr: n, Name: "x", Form: f}}}
}

func TestAFormIsWrittenStepByStep(t *testing.T) {
	t.Parallel()
	groups := func(list ...string) func(*scene) {
		return func(s *scene) { s.person.Affiliations[0].Groups = list }
	}
	name := func(v string) func(*scene) {
		return func(s *scene) { s.person.Values[person.GivenName] = []string{v} }
	}
	born := func(v string) func(*scene) {
		return func(s *scene) { s.person.Values[person.BirthDate] = []string{v} }
	}
	for says, c := range map[string]struct {
		binding registry.Binding
		scene   func(*scene)
		want    []string
	}{
		"several values":               {form("groups", registry.Form{}), nil, []string{"G1", "G2"}},
		"the first alone":              {form("groups", registry.Form{First: true}), nil, []string{"G1"}},
		"listed, in any case":          {form("groups", registry.Form{Values: map[string]string{"g2": "deux"}}), nil, []string{"deux"}},
		"listed, others kept":          {form("groups", registry.Form{Values: map[string]string{"G2": "deux"}, Others: "keep"}), nil, []string{"G1", "deux"}},
		"nothing listed":               {form("groups", registry.Form{Values: map[string]string{"G9": "neuf"}}), nil, nil},
		"a day in French":              {form(person.BirthDate, registry.Form{Date: "dd/mm/yyyy"}), nil, []string{"04/03/2016"}},
		"a day in one word":            {form(person.BirthDate, registry.Form{Date: "ddmmyyyy"}), nil, []string{"04032016"}},
		"a day in one word, from year": {form(person.BirthDate, registry.Form{Date: "yyyymmdd"}), nil, []string{"20160304"}},
		"a day as it is":               {form(person.BirthDate, registry.Form{Date: "yyyy-mm-dd"}), nil, []string{"2016-03-04"}},
		"a day that there is not":      {form(person.BirthDate, registry.Form{Date: "dd/mm/yyyy"}), born("2016-02-30"), nil},
		"code and label":               {form("groups", registry.Form{Labelled: "##"}), nil, []string{"G1##G1", "G2##G2"}},
		"a label with the separator":   {form("groups", registry.Form{Labelled: "##"}), groups("G1##X", "G2"), []string{"G2##G2"}},
		"text around":                  {form("groups", registry.Form{Before: "<", After: ">"}), nil, []string{"<G1>", "<G2>"}},
		"small letters":                {form("groups", registry.Form{Case: "lower", Before: "X"}), nil, []string{"xg1", "xg2"}},
		"capital letters":              {form(person.GivenName, registry.Form{Case: "upper"}), name("Noé"), []string{"NOÉ"}},
		"without accents":              {form(person.GivenName, registry.Form{ASCII: true}), name("Zoë-Łucja d’Œuf ß"), []string{"Zoe-Lucja d'OEuf ss"}},
		"with accents":                 {form(person.GivenName, registry.Form{Before: ""}), name("Zoë"), []string{"Zoë"}},
		"no letter left":               {form(person.GivenName, registry.Form{ASCII: true}), name("李"), nil},
		"encoded":                      {form("groups", registry.Form{First: true, Encode: "base64"}), nil, []string{base64.StdEncoding.EncodeToString([]byte("G1"))}},
		"too long, left out":           {form("groups", registry.Form{Most: 2}), groups("G1", "GRAND"), []string{"G1"}},
		"too long, cut":                {form("groups", registry.Form{Most: 3, Over: "cut"}), groups("G1", "éàü"), []string{"G1", "é"}},
		"as long as it may be":         {form("groups", registry.Form{Most: 5, Over: "refuse"}), groups("GRAND"), []string{"GRAND"}},
		"joined":                       {form("groups", registry.Form{Join: ";"}), nil, []string{"G1;G2"}},
		"joined, one with separator":   {form("groups", registry.Form{Join: ";"}), groups("G1;G7", "G2"), []string{"G2"}},
		"joined by a space":            {form("groups", registry.Form{Join: " "}), groups("G 1", "G2"), []string{"G 1 G2"}},
	} {
		if got := told(t, c.binding, c.scene)["x"]; !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", says, got, c.want)
		}
	}
}

func TestACompositeHasNoHole(t *testing.T) {
	t.Parallel()
	vector := registry.Binding{Outputs: []registry.Output{{Name: "v", Between: "|", Parts: []registry.Part{
		{Attr: "profile", With: []person.Attr{"school_kind"}, Form: registry.Form{Values: map[string]string{"national_elv ECOLE": "3"}}},
		{Text: "fr"},
		{Attr: person.FamilyName},
		{Attr: person.GivenName, Empty: true},
		{Attr: "classes"},
	}}}}
	for says, c := range map[string]struct {
		spoil func(*scene)
		want  []string
	}{
		"whole":                     {nil, []string{"3|fr|Lovelace|Ada|CM2A"}},
		"one for each of a list":    {func(s *scene) { s.person.Affiliations[0].Classes = []string{"A", "B"} }, []string{"3|fr|Lovelace|Ada|A", "3|fr|Lovelace|Ada|B"}},
		"an empty part":             {func(s *scene) { delete(s.person.Values, person.GivenName) }, []string{"3|fr|Lovelace||CM2A"}},
		"a part of spaces":          {func(s *scene) { s.person.Values[person.FamilyName] = []string{"  "} }, nil},
		"a missing part":            {func(s *scene) { delete(s.person.Values, person.FamilyName) }, nil},
		"a part with the separator": {func(s *scene) { s.person.Values[person.FamilyName] = []string{"a|b"} }, nil},
		"an empty one with it":      {func(s *scene) { s.person.Values[person.GivenName] = []string{"a|b"} }, []string{"3|fr|Lovelace||CM2A"}},
		"two lists": {func(s *scene) {
			s.person.Affiliations[0].Classes = []string{"A", "B"}
			s.person.Values[person.FamilyName] = []string{"X", "Y"}
		}, nil},
		"an unlisted pair": {func(s *scene) { s.place.UAI = college }, nil},
		"an undeclared part": {func(s *scene) {
			s.declaration.Items = slices.DeleteFunc(s.declaration.Items, func(i registry.Item) bool { return i.Attr == "classes" })
		}, nil},
		"an undeclared further word": {func(s *scene) {
			s.declaration.Items = slices.DeleteFunc(s.declaration.Items, func(i registry.Item) bool { return i.Attr == "school_kind" })
		}, nil},
	} {
		got := told(t, vector, c.spoil)
		if !slices.Equal(got["v"], c.want) {
			t.Errorf("%s: %q, want %q", says, got["v"], c.want)
		}
		if len(got["DIV"])+len(got["urn:oid:2.5.4.4"]) > 0 {
			t.Errorf("%s: a word of the composite leaves by itself too: %v", says, got)
		}
	}
	onlyEmpty := registry.Binding{Outputs: []registry.Output{{Name: "v", Between: "|", Parts: []registry.Part{{Attr: "ine", Empty: true}, {Text: "x"}}}}}
	if got := told(t, onlyEmpty, nil)["v"]; got != nil {
		t.Errorf("a composite of which nothing is there: %q", got)
	}
}

func TestAWordHasEachOfItsNamesAndAnOutputItsProfiles(t *testing.T) {
	t.Parallel()
	b := registry.Binding{
		Subject: person.Mail, SubjectOnly: true, Names: map[person.Attr]string{"uai": "rne"},
		Outputs: []registry.Output{
			{Attr: "uai", Name: "UAI2"},
			{Attr: "uai", Name: "http://x/uai"},
			{Attr: person.FamilyName, Name: "nom", Profiles: []person.Profile{person.Teacher}},
		},
	}
	got := told(t, b, func(s *scene) { s.request.Subject = person.Mail })
	for name, want := range map[string]int{"rne": 1, "UAI2": 1, "http://x/uai": 1, "UAI": 0, "nom": 0, "urn:oid:2.5.4.4": 0, "urn:oid:0.9.2342.19200300.100.1.3": 0, "DIV": 1} {
		if len(got[name]) != want {
			t.Errorf("%s: %q, want %d values", name, got[name], want)
		}
	}
}

// TestHardCase28NamesLeaveInUTF8AndInASCIIOnlyWhereAServiceNeedsIt plays accents, particles, one name, and none.
func TestHardCase28NamesLeaveInUTF8AndInASCIIOnlyWhereAServiceNeedsIt(t *testing.T) {
	t.Parallel()
	family, given := "urn:oid:2.5.4.4", "urn:oid:2.5.4.42"
	for _, c := range []struct{ family, given, asciiFamily, asciiGiven string }{
		{"de La Tour-d’Auvergne", "Théophile Malo", "de La Tour-d'Auvergne", "Theophile Malo"},
		{"Đặng", "Thị Ánh", "Dang", "Thi Anh"},
		{"Øster", "", "Oster", ""},
		{"Nguye\u0302\u0303n", "Łucja", "Nguyen", "Lucja"},
		{"李", "小龍", "", ""},
	} {
		as := func(s *scene) {
			s.person.Values[person.FamilyName] = []string{c.family}
			if s.person.Values[person.GivenName] = []string{c.given}; c.given == "" {
				delete(s.person.Values, person.GivenName)
			}
		}
		plain, ascii := told(t, registry.Binding{}, as), told(t, registry.Binding{Limit: registry.Limit{ASCII: true}}, as)
		if strings.Join(plain[family], "") != c.family || strings.Join(plain[given], "") != c.given {
			t.Errorf("UTF-8: %q %q, want %q %q", plain[family], plain[given], c.family, c.given)
		}
		if strings.Join(ascii[family], "") != c.asciiFamily || strings.Join(ascii[given], "") != c.asciiGiven {
			t.Errorf("ASCII: %q %q, want %q %q", ascii[family], ascii[given], c.asciiFamily, c.asciiGiven)
		}
	}
}

// TestHardCase26ASubjectThatMayChangeIsSaidAtSave: a teacher changes name, and with it the address that a service has as NameID.
func TestHardCase26ASubjectThatMayChangeIsSaidAtSave(t *testing.T) {
	t.Parallel()
	for subject, warned := range map[person.Attr]bool{person.Mail: true, person.Login: true, person.Anchor: false, "": false, "pseudonym": false} {
		found := attrs.CheckOutputs(words(t), registry.Binding{Protocol: "saml", Subject: subject})
		if got := len(found) == 1 && found[0].Severity == registry.Note && strings.Contains(found[0].What, "new account"); got != warned || registry.Blocks(found) {
			t.Errorf("%q: %v", subject, found)
		}
	}
}

func TestWhatTheDictionaryKnowsAgainstOutputsIsTold(t *testing.T) {
	t.Parallel()
	for says, c := range map[string]struct {
		binding registry.Binding
		want    string
	}{
		"an unknown word":           {registry.Binding{Names: map[person.Attr]string{"shoe_size": "x"}}, "names.shoe_size"},
		"an unknown subject":        {registry.Binding{Subject: "shoe_size"}, "subject"},
		"a subject of many values":  {registry.Binding{Subject: "groups"}, "subject"},
		"an unknown word of parts":  {registry.Binding{Outputs: []registry.Output{{Name: "x", Parts: []registry.Part{{Text: "a"}, {Attr: "shoe_size"}}}}}, "outputs[0].parts[1].attribute"},
		"an unknown further word":   {registry.Binding{Outputs: []registry.Output{{Name: "x", Parts: []registry.Part{{Attr: "uai", With: []person.Attr{"shoe_size"}}}}}}, "outputs[0].parts[0].with[0]"},
		"a forbidden name":          {registry.Binding{Names: map[person.Attr]string{"uai": "NIR"}}, "names.uai"},
		"a forbidden name, output":  {registry.Binding{Outputs: []registry.Output{{Attr: "uai", Name: "numero_secu"}}}, "outputs[0].name"},
		"another word's name":       {registry.Binding{Protocol: "saml", Names: map[person.Attr]string{"uai": "PRO"}}, "names.uai"},
		"another word's name, oidc": {registry.Binding{Protocol: "oidc", Outputs: []registry.Output{{Attr: "uai", Name: "email"}}}, "outputs[0].name"},
	} {
		found := attrs.CheckOutputs(words(t), c.binding)
		if len(found) != 1 || found[0].Where != c.want || found[0].Severity != registry.Blocking {
			t.Errorf("%s: %v, want %s", says, found, c.want)
		}
	}
	exchanged := registry.Binding{Protocol: "oidc", Names: map[person.Attr]string{person.Mail: "name", person.DisplayName: "email"}}
	if found := attrs.CheckOutputs(words(t), exchanged); len(found) > 0 {
		t.Errorf("names exchanged: %v", found)
	}
	note := attrs.Unsent(registry.Binding{Names: map[person.Attr]string{"mail": "m"}, Outputs: []registry.Output{{Attr: "uai", Name: "u", Profiles: []person.Profile{person.Teacher}}}},
		[]registry.Item{{Attr: "uai", Profiles: []person.Profile{person.Pupil}}})
	if len(note) != 2 || registry.Blocks(note) {
		t.Errorf("a word nobody declared and one written for others: %v", note)
	}
}

func TestWhatIsRequiredAndCannotBeWrittenIsRefusedByName(t *testing.T) {
	t.Parallel()
	s := newScene("groups", "profile")
	for i := range s.declaration.Items {
		s.declaration.Items[i].Required = true
	}
	r := s.must(t)
	unlisted := form("profile", registry.Form{Values: map[string]string{"National_ENS": "prof"}})
	var missing *attrs.Missing
	if err := r.Fits("cas", unlisted); !errors.As(err, &missing) || missing.Entry.Attr != "profile" || missing.Why != attrs.Unwritten || missing.Source != "ent" {
		t.Errorf("an unlisted profile: %v", err)
	}
	if out := r.As("cas", unlisted); out.Subject != "" || out.Values != nil {
		t.Error("what does not fit is sent in part")
	}
	unlisted.Outputs[0].Profiles = []person.Profile{person.Teacher}
	if err := r.Fits("cas", unlisted); err != nil {
		t.Errorf("an output for others: %v", err)
	}
	var oversize *attrs.Oversize
	if err := r.Fits("cas", form("groups", registry.Form{Most: 1, Over: "refuse"})); !errors.As(err, &oversize) || *oversize != (attrs.Oversize{Service: "lire", Word: "groups", Bytes: 2, Limit: 1}) {
		t.Errorf("a value that is too long: %v", err)
	}
	if err := r.Fits("cas", registry.Binding{Shape: "round"}); err == nil {
		t.Error("an unknown shape of the pseudonym is written")
	}
}

// TestOutputsLetNothingOutAndHoldTheirBounds draws bindings: no value of a word that is not released, no more than the limit,
// valid UTF-8, and never a change of the release itself.
func TestOutputsLetNothingOutAndHoldTheirBounds(t *testing.T) {
	t.Parallel()
	all := append(words(t).Words(), "nir", "shoe_size")
	rapid.Check(t, func(rt *rapid.T) {
		s := newScene(rapid.SliceOfNDistinct(rapid.SampledFrom(all), 0, 8, rapid.ID[person.Attr]).Draw(rt, "declared")...)
		s.declaration.Mode = registry.Nominative
		secret := 0
		for n := range s.person.Values {
			secret++
			s.person.Values[n] = []string{fmt.Sprintf("%s-%s-%d", n, rapid.SampledFrom([]string{"é", "|", "a;b", "李", "2016-03-04"}).Draw(rt, "value"), secret)}
		}
		r := s.must(t)
		before := fmt.Sprint(values(r))
		b := drawBinding(rt, all)
		if b.Subject = ""; rapid.Bool().Draw(rt, "refuses") {
			b.Limit.Over = ""
		}
		released := r.Names()
		size := 0
		for _, v := range r.As("saml", b).Values {
			if len(v.Values) == 0 || len(v.Words) == 0 {
				rt.Fatalf("%s holds nothing", v)
			}
			for _, n := range v.Words {
				if !slices.Contains(released, string(n)) {
					rt.Fatalf("%s holds %s, which is not released", v, n)
				}
			}
			size += len(v.Name) + len(strings.Join(v.Values, ""))
			for _, value := range v.Values {
				for n := range s.person.Values {
					if strings.Contains(strings.ToLower(value), string(n)+"-") && !slices.Contains(released, string(n)) {
						rt.Fatalf("%s says %q, a value of %s", v, value, n)
					}
				}
				if !utf8.ValidString(value) || value == "" {
					rt.Fatalf("%s has the value %q", v, value)
				}
			}
		}
		if b.Limit.Bytes > 0 && size > b.Limit.Bytes {
			rt.Fatalf("%d bytes of %d", size, b.Limit.Bytes)
		}
		if after := fmt.Sprint(values(r)); after != before {
			rt.Fatal("writing changed the release")
		}
	})
}

func drawBinding(rt *rapid.T, all []person.Attr) registry.Binding {
	text := rapid.SampledFrom([]string{"", "|", ";", "##", " ", "é"})
	form := rapid.Custom(func(rt *rapid.T) registry.Form {
		return registry.Form{
			First: rapid.Bool().Draw(rt, "first"), Date: rapid.SampledFrom([]string{"", "", "dd/mm/yyyy"}).Draw(rt, "date"), Labelled: text.Draw(rt, "labelled"),
			Before: text.Draw(rt, "before"), After: text.Draw(rt, "after"), Case: rapid.SampledFrom([]string{"", "lower", "upper"}).Draw(rt, "case"),
			ASCII: rapid.Bool().Draw(rt, "ascii"), Most: rapid.IntRange(0, 30).Draw(rt, "most"), Over: rapid.SampledFrom([]string{"", "cut", "refuse"}).Draw(rt, "over"), Join: text.Draw(rt, "join"),
		}
	})
	word := rapid.SampledFrom(all)
	part := rapid.Custom(func(rt *rapid.T) registry.Part {
		return registry.Part{Attr: word.Draw(rt, "part"), Empty: rapid.Bool().Draw(rt, "empty"), Form: form.Draw(rt, "form")}
	})
	var b registry.Binding
	for i := range rapid.IntRange(0, 4).Draw(rt, "outputs") {
		o := registry.Output{Name: fmt.Sprintf("out%d", i), Form: form.Draw(rt, "form")}
		if rapid.Bool().Draw(rt, "composite") {
			o.Parts, o.Between = rapid.SliceOfN(part, 1, 3).Draw(rt, "parts"), text.Draw(rt, "between")
		} else {
			o.Attr = word.Draw(rt, "word")
		}
		b.Outputs = append(b.Outputs, o)
	}
	b.Limit = registry.Limit{Bytes: rapid.IntRange(0, 200).Draw(rt, "bytes"), Over: "drop", ASCII: rapid.Bool().Draw(rt, "all ascii")}
	return b
}

// FuzzForms writes any text in any form: nothing breaks, and a bound holds to the byte.
func FuzzForms(f *testing.F) {
	f.Add("Noé", 3, "|")
	f.Add("\xff\xfe", 1, "")
	f.Fuzz(func(t *testing.T, value string, most int, between string) {
		most = max(1, most%1000)
		b := form(person.GivenName, registry.Form{Most: most, Over: "cut", Labelled: between, ASCII: len(between)%2 == 0, Join: between})
		for _, v := range told(t, b, func(s *scene) { s.person.Values[person.GivenName] = []string{value, value} })["x"] {
			for _, one := range strings.Split(v, between) {
				if registry.Separates(between) && len(one) > most {
					t.Errorf("%q has %d bytes of %d", one, len(one), most)
				}
			}
		}
	})
}
