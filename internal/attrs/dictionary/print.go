package dictionary

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"text/template"

	"ecluse/internal/registry"
)

// line is a word as JSON has it.
type line struct {
	Attr     Name          `json:"attribute"`
	Label    registry.Text `json:"label"`
	Child    registry.Text `json:"child"`
	Category string        `json:"category"`
	Names    bool          `json:"names"`
	Many     bool          `json:"many"`
	Derived  bool          `json:"derived"`
	Reveals  Revealing     `json:"reveals,omitempty"`
	SAML     string        `json:"saml"`
	Friendly string        `json:"saml_friendly,omitempty"`
	Claim    string        `json:"claim"`
	Scope    string        `json:"scope"`
	CAS      string        `json:"cas"`
	GAR      string        `json:"gar,omitempty"`
	SDET     string        `json:"sdet,omitempty"`
	Also     []string      `json:"also,omitempty"`
	Corrects string        `json:"corrects"`
	Instead  []Name        `json:"instead,omitempty"`
}

// JSON writes the words as a list, in the dictionary's order.
func (d *Dictionary) JSON(w io.Writer) error {
	lines := make([]line, len(d.entries))
	for i, e := range d.entries {
		lines[i] = line{
			Attr: e.Attr, Label: e.Label, Child: e.Child, Category: e.Category, Names: e.Names, Many: e.Many, Derived: e.Derived, Reveals: e.Reveals,
			SAML: e.SAML.Name, Friendly: e.SAML.Friendly, Claim: e.OIDC.Name, Scope: e.OIDC.Scope, CAS: e.CAS, GAR: e.GAR, SDET: e.SDET,
			Also: e.Also, Corrects: e.Corrects, Instead: e.Instead,
		}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(lines)
}

// Table writes one line for each word: what it is called where, and what kind of data it is.
func (d *Dictionary) Table(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "WORD\tNAMES\tCATEGORY\tSAML\tCLAIM (SCOPE)\tCAS\tGAR\tCORRECTS\tINSTEAD")
	for _, e := range d.entries {
		names := "no"
		if e.Names {
			names = "yes"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s (%s)\t%s\t%s\t%s\t%s\n",
			e.Attr, names, e.Category, or(e.SAML.Friendly, e.SAML.Name), e.OIDC.Name, e.OIDC.Scope, e.CAS, or(e.GAR, "-"), e.Corrects, or(joined(e.Instead), "-"))
	}
	return t.Flush()
}

func joined(words []Name) string {
	out := make([]string, len(words))
	for i, n := range words {
		out[i] = string(n)
	}
	return strings.Join(out, " ")
}

//go:embed page.md.tmpl
var page string

// Markdown writes the dictionary as a page for people: docs/dictionary.md is that of the words that come with the program.
func (d *Dictionary) Markdown(w io.Writer) error {
	t, err := template.New("page").Funcs(template.FuncMap{
		"in": d.in, "code": code[string], "words": code[Name], "list": func(names ...string) []string { return names },
	}).Parse(page)
	if err != nil {
		return fmt.Errorf("dictionary: %w", err)
	}
	return t.Execute(w, Categories())
}

// in lists the words of a category.
func (d *Dictionary) in(category string) []Entry {
	var out []Entry
	for _, e := range d.entries {
		if e.Category == category {
			out = append(out, e)
		}
	}
	return out
}

// code writes names as code, with nothing for those that are empty.
func code[T ~string](names []T) string {
	var out []string
	for _, n := range names {
		if n != "" {
			out = append(out, "`"+strings.ReplaceAll(string(n), "|", "\\|")+"`")
		}
	}
	return strings.Join(out, " ")
}
