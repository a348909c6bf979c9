package registry_test

import (
	"slices"
	"strings"
	"testing"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// bound is a binding that uses all that a binding may say.
func bound() registry.Binding {
	return registry.Binding{
		Protocol: "saml", Handle: "https://sp.example", Subject: "source_anchor",
		SubjectForm: registry.Form{Before: "x-", Case: "lower", Most: 64, Over: "refuse"},
		Names:       map[person.Attr]string{"mail": "IDPEmail"},
		Outputs: []registry.Output{
			{Attr: "classes", Name: "DIV", Form: registry.Form{Labelled: "##", Join: ";"}, Profiles: []person.Profile{person.Pupil}},
			{Attr: "groups", Name: "DIV", Form: registry.Form{Most: 20, Over: "cut", ASCII: true}, Profiles: []person.Profile{person.Teacher}},
			{Attr: "pairwise_id", Name: "urn:oasis:names:tc:SAML:attribute:pairwise-id", Format: registry.URIName, Friendly: "pairwise-id"},
			{Name: "vecteur", Between: "|", Parts: []registry.Part{
				{Attr: "profile", With: []person.Attr{"school_kind"}, Form: registry.Form{Values: map[string]string{"National_ELV ecole": "3"}, Others: "omit"}},
				{Text: "fr"},
				{Attr: "birth_date", Empty: true, Form: registry.Form{Date: "dd/mm/yyyy"}},
			}, Form: registry.Form{Encode: "base64"}},
		},
		Limit: registry.Limit{Bytes: 2048, Over: "drop", ASCII: true},
	}
}

func TestABindingMayUseAllThatItMaySay(t *testing.T) {
	t.Parallel()
	if found := bound().Check(); len(found) > 0 {
		t.Errorf("a whole binding: %v", found)
	}
}

// TestEveryMistakeOfABindingIsTold spoils one thing at a time and wants it told at its place.
func TestEveryMistakeOfABindingIsTold(t *testing.T) {
	t.Parallel()
	out := func(i int, spoil func(*registry.Output)) func(*registry.Binding) {
		return func(b *registry.Binding) { spoil(&b.Outputs[i]) }
	}
	part := func(i int, spoil func(*registry.Part)) func(*registry.Binding) {
		return out(3, func(o *registry.Output) { spoil(&o.Parts[i]) })
	}
	form := func(spoil func(*registry.Form)) func(*registry.Binding) {
		return out(0, func(o *registry.Output) { spoil(&o.Form) })
	}
	for name, c := range map[string]struct {
		spoil func(*registry.Binding)
		want  string
	}{
		"a subject form without subject":      {func(b *registry.Binding) { b.Subject = "" }, "subject_form: no released value"},
		"a subject form for the pseudonym":    {func(b *registry.Binding) { b.Subject = "pseudonym" }, "subject_form: no released value"},
		"a subject that values could share":   {func(b *registry.Binding) { b.SubjectForm.Values = map[string]string{"a": "b"} }, "subject_form: it could make one"},
		"a subject without accents":           {func(b *registry.Binding) { b.SubjectForm.ASCII = true }, "subject_form: it could make one"},
		"a subject that is cut":               {func(b *registry.Binding) { b.SubjectForm.Over = "cut" }, "subject_form: it could make one"},
		"a shape where a value is subject":    {func(b *registry.Binding) { b.Shape = registry.UUID }, "shape: the pseudonym is not the subject"},
		"an unknown shape":                    {func(b *registry.Binding) { b.Subject, b.SubjectForm, b.Shape = "", registry.Form{}, "round" }, `shape: "round" is not known`},
		"a name that is none":                 {func(b *registry.Binding) { b.Names["mail"] = " " }, "names.mail: the name is missing"},
		"a name with a space":                 {func(b *registry.Binding) { b.Names["mail"] = "my mail" }, `names.mail: "my mail" has a space`},
		"a name with an unseen sign":          {func(b *registry.Binding) { b.Names["mail"] = "mail\u200b" }, "names.mail:"},
		"a name that is too long":             {func(b *registry.Binding) { b.Names["mail"] = strings.Repeat("m", 513) }, "names.mail: the name is longer"},
		"two words under one name":            {func(b *registry.Binding) { b.Names["login"] = "IDPEmail" }, `names.mail: "IDPEmail" is the name of login too`},
		"an output under a word's name":       {out(1, func(o *registry.Output) { o.Name = "IDPEmail" }), `outputs[1].name: "IDPEmail" is the name of mail too`},
		"two outputs under one name":          {out(1, func(o *registry.Output) { o.Profiles = nil }), `outputs[1].name: "DIV" is the name of outputs[0] too`},
		"an output without a name":            {out(0, func(o *registry.Output) { o.Name = "" }), "outputs[0].name: the name is missing"},
		"an output without a word":            {out(0, func(o *registry.Output) { o.Attr = "" }), "outputs[0]: it speaks of no word"},
		"an output of a word and of parts":    {out(3, func(o *registry.Output) { o.Attr = "mail" }), "outputs[3]: it speaks of one word and of several"},
		"a separator without parts":           {out(0, func(o *registry.Output) { o.Between = ";" }), "outputs[0].between: there are no parts"},
		"a friendly name outside SAML":        {func(b *registry.Binding) { b.Protocol = "cas" }, "outputs[2].friendly: only SAML"},
		"a format of names outside SAML":      {func(b *registry.Binding) { b.Protocol = "oidc" }, "outputs[2].name_format: only SAML"},
		"an unknown format of names":          {out(0, func(o *registry.Output) { o.Format = "urn" }), `outputs[0].name_format: "urn" is not known`},
		"an unknown profile":                  {out(0, func(o *registry.Output) { o.Profiles = []person.Profile{"National_XXX"} }), "outputs[0].profiles"},
		"an open part with nothing between":   {out(3, func(o *registry.Output) { o.Between = "" }), "outputs[3].between: a part may be empty"},
		"a whole that is mapped":              {out(3, func(o *registry.Output) { o.Form.Values = map[string]string{"a": "b"} }), "outputs[3].form: values, date and labelled read one word"},
		"a whole that is read as a date":      {out(3, func(o *registry.Output) { o.Form.Date = "yyyymmdd" }), "outputs[3].form: values, date and labelled"},
		"a whole that is labelled":            {out(3, func(o *registry.Output) { o.Form.Labelled = "##" }), "outputs[3].form: values, date and labelled"},
		"a whole that is cut":                 {out(3, func(o *registry.Output) { o.Form = registry.Form{Most: 9, Over: "cut"} }), "outputs[3].form.over: several words that are cut"},
		"an empty part":                       {part(1, func(p *registry.Part) { p.Text = "" }), "outputs[3].parts[1]: it is empty"},
		"a part of word and text":             {part(0, func(p *registry.Part) { p.Text = "x" }), "outputs[3].parts[0]: it is a word and a fixed text"},
		"a text that may be empty":            {part(1, func(p *registry.Part) { p.Empty = true }), "outputs[3].parts[1]: only a word"},
		"words that mean nothing together":    {part(0, func(p *registry.Part) { p.Form.Values, p.Form.Others = nil, "" }), "outputs[3].parts[0].with: what the words mean"},
		"a separator in a fixed text":         {part(1, func(p *registry.Part) { p.Text = "a|b" }), `outputs[3].parts[1].text: the separator of the parts, "|"`},
		"a separator in a mapped value":       {part(0, func(p *registry.Part) { p.Form.Values["National_ENS"] = "a|b" }), "outputs[3].parts[0].form: the separator of the parts"},
		"parts without a word":                {out(3, func(o *registry.Output) { o.Parts = []registry.Part{{Text: "x"}} }), "outputs[3].parts: they hold no word"},
		"too many parts":                      {out(3, func(o *registry.Output) { o.Parts = slices.Repeat(o.Parts, 10) }), "outputs[3].parts: more than"},
		"an unknown word for others":          {part(0, func(p *registry.Part) { p.Form.Others = "guess" }), `outputs[3].parts[0].form.others: "guess" is not known`},
		"others beside nothing":               {form(func(f *registry.Form) { f.Others = "keep" }), "outputs[0].form.others: there are no values"},
		"an unknown date":                     {form(func(f *registry.Form) { f.Date = "mm/dd" }), `outputs[0].form.date: "mm/dd" is not known`},
		"an unknown case":                     {form(func(f *registry.Form) { f.Case = "camel" }), `outputs[0].form.case: "camel" is not known`},
		"an unknown encoding":                 {form(func(f *registry.Form) { f.Encode = "rot13" }), `outputs[0].form.encode: "rot13" is not known`},
		"an unknown way out":                  {form(func(f *registry.Form) { f.Most, f.Over = 9, "wrap" }), `outputs[0].form.over: "wrap" is not known`},
		"a way out of nothing":                {form(func(f *registry.Form) { f.Over = "cut" }), "outputs[0].form.over: nothing says beyond what"},
		"a negative size":                     {form(func(f *registry.Form) { f.Most = -1 }), "outputs[0].form.most: -1"},
		"a size that holds no value":          {form(func(f *registry.Form) { f.Most, f.Before = 3, "abc" }), "outputs[0].form.most: no value can hold it"},
		"an encoded value that is cut":        {form(func(f *registry.Form) { f.Most, f.Over, f.Encode = 9, "cut", "base64" }), "outputs[0].form.over: a value that is cut"},
		"values that differ by case only":     {form(func(f *registry.Form) { f.Values = map[string]string{"a": "1", "A": "2"} }), `outputs[0].form.values: "A" and "a" are one value`},
		"a value that becomes nothing":        {form(func(f *registry.Form) { f.Values = map[string]string{"a": ""} }), `outputs[0].form.values: "a" becomes nothing`},
		"a value without a text":              {form(func(f *registry.Form) { f.Values = map[string]string{"": "a"} }), "outputs[0].form.values: a value without a text"},
		"a joining text in a mapped value":    {form(func(f *registry.Form) { f.Values = map[string]string{"a": "b;c"} }), "outputs[0].form.join: the separator of the values"},
		"a joining text between code, label":  {form(func(f *registry.Form) { f.Join = "#" }), "outputs[0].form.join: the separator of the values"},
		"a text that is too long":             {form(func(f *registry.Form) { f.Before = strings.Repeat("b", 257) }), "outputs[0].form: a text is longer"},
		"an unknown way out of the limit":     {func(b *registry.Binding) { b.Limit.Over = "cut" }, `limit.over: "cut" is not known`},
		"a way out of no limit":               {func(b *registry.Binding) { b.Limit.Bytes = 0 }, "limit.over: nothing says beyond what"},
		"a negative limit":                    {func(b *registry.Binding) { b.Limit.Bytes = -2 }, "limit.bytes: -2"},
		"a limit that one name alone exceeds": {func(b *registry.Binding) { b.Limit.Bytes = 40 }, "limit.bytes: it cannot hold"},
	} {
		b := bound()
		c.spoil(&b)
		found := b.Check()
		if !slices.ContainsFunc(found, func(f registry.Finding) bool {
			return strings.HasPrefix(f.String(), c.want) && f.Severity == registry.Blocking
		}) {
			t.Errorf("%s: found %v, want %q", name, found, c.want)
		}
	}
}

func TestAllMistakesOfABindingAreToldAtOnceAndAtTheirPlaceInTheService(t *testing.T) {
	t.Parallel()
	b := bound()
	b.Outputs[0].Form.Date, b.Outputs[1].Form.Case, b.Limit.Over = "x", "x", "x"
	s := registry.Service{ID: "s", Name: registry.Text{FR: "S"}, Sentence: registry.Text{FR: "S"}, Provider: "P", Bindings: []registry.Binding{{Protocol: "saml", Handle: "h"}, b}}
	var where []string
	for _, f := range s.Check() {
		where = append(where, f.Where)
	}
	if want := []string{"bindings[1].outputs[0].form.date", "bindings[1].outputs[1].form.case", "bindings[1].limit.over"}; !slices.Equal(where, want) {
		t.Errorf("found at %q, want %q", where, want)
	}
}

func TestABindingKnowsTheWordsBehindItsNames(t *testing.T) {
	t.Parallel()
	b := bound()
	want := []person.Attr{"mail", "classes", "groups", "pairwise_id", "profile", "school_kind", "birth_date", "source_anchor"}
	if got := b.Words(); !slices.Equal(got, want) {
		t.Errorf("words %q, want %q", got, want)
	}
	for name, want := range map[string][]person.Attr{
		"DIV": {"classes", "groups"}, "IDPEmail": {"mail"}, "vecteur": {"profile", "school_kind", "birth_date"}, "sn": nil, "": nil,
	} {
		if got := b.Called(name); !slices.Equal(got, want) {
			t.Errorf("%q is the name of %q, want %q", name, got, want)
		}
	}
	for word, want := range map[person.Attr]bool{"mail": true, "school_kind": true, "birth_date": true, "classes": true, "login": false, "": false, "source_anchor": false} {
		if b.Own(word) != want {
			t.Errorf("%q has a name of its own: %v, want %v", word, !want, want)
		}
	}
}

func TestARecipeBeginsTheBindingThatItDescribes(t *testing.T) {
	t.Parallel()
	b := bound()
	b.Settings = nil
	r := registry.Recipe{
		Protocol: b.Protocol, Handle: b.Handle, Subject: b.Subject, SubjectOnly: true, SubjectForm: b.SubjectForm, Names: b.Names, Outputs: b.Outputs, Limit: b.Limit,
	}
	got := r.Binding()
	if !got.SubjectOnly || got.SubjectForm.IsZero() || len(got.Outputs) != 4 || got.Limit != b.Limit || got.Names["mail"] != "IDPEmail" {
		t.Errorf("the binding lacks something of its recipe: %+v", got)
	}
}
