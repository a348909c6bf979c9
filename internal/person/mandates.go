package person

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
)

// The words that tell what somebody may answer for, beside their functions. Each is a value like any other: it reaches the desk by a release,
// under a declaration, and no other way.
const (
	HeadsOf Attr = "heads_of" // UAIs of the establishments that the person heads
	ActsFor Attr = "acts_for" // `UAI begin end reference`, dates as yyyy-mm-dd: a delegation by somebody who heads the UAI
)

// Mandates names the attributes in which an academic federation says who heads what. Each may be spelled in several ways;
// what is malformed in them is left out.
type Mandates struct {
	Schools     []string `yaml:"schools"`     // FrEduRne: `UAI$UAJ$category$function$UAJ$T3$LYC$340`, eight parts
	Heads       []string `yaml:"heads"`       // FrEduRneResp: `UAI$UAJ$category$N$T3$LP$320`, seven parts; X for none
	Functions   []string `yaml:"functions"`   // FrEduFonctAdm: the function wherever the person is
	Delegations []string `yaml:"delegations"` // FrEduResDel: eight parts between pipes
	Application string   `yaml:"application"` // our own name in a delegation's address; a delegation for another does not count
}

// federation is how ARENA, and its CAS spelling, name them.
func federation() Mandates {
	return Mandates{
		Schools: []string{"FrEduRne", "fr_edu_rne"}, Heads: []string{"FrEduRneResp", "fr_edu_rne_resp"},
		Functions: []string{"FrEduFonctAdm", "fr_edu_fonct_adm"}, Delegations: []string{"FrEduResDel", "fr_edu_res_del"},
		Application: "ecluse",
	}
}

// Names lists the attributes that are read.
func (m Mandates) Names() []string {
	return slices.Concat(m.Schools, m.Heads, m.Functions, m.Delegations)
}

const none = "X" // how the federation writes that there is nothing

// schools are the functions that the federation places in establishments, as `UAI$function`.
func (m Mandates) schools(raw Raw) []string {
	var out []string
	for _, v := range raw.all(m.Schools) {
		part := strings.Split(v, "$")
		uai, err := ParseUAI(part[0])
		if len(part) != 8 || err != nil || !isCode(strings.TrimSpace(part[3])) {
			continue
		}
		out = append(out, string(uai)+"$"+strings.TrimSpace(part[3]))
	}
	return nonEmpty(out)
}

func (m Mandates) heads(raw Raw) []string { return headed(raw.all(m.Heads)) }

// headed reads values of FrEduRneResp into UAIs.
func headed(values []string) []string {
	var out []string
	for _, v := range values {
		part := strings.Split(v, "$")
		if uai, err := ParseUAI(part[0]); err == nil && len(part) == 7 {
			out = append(out, string(uai))
		}
	}
	return nonEmpty(out)
}

func (m Mandates) functions(raw Raw) []string {
	return nonEmpty(slices.DeleteFunc(slices.Clone(raw.all(m.Functions)), func(v string) bool { return !isCode(strings.TrimSpace(v)) }))
}

// isCode keeps what is written like a code; X says that there is none.
func isCode(s string) bool {
	return s != "" && s != none && len(s) <= 16 && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_'
	})
}

// delegations reads FrEduResDel: name, address, begin, end, delegator, `FrEduRneResp=a;b`, server, module. Who delegated is
// not kept: the reference is the delegation's name.
func (m Mandates) delegations(raw Raw) []string {
	var out []string
	for _, v := range raw.all(m.Delegations) {
		part := strings.Split(v, "|")
		if len(part) != 8 || !m.ours(part[1]) {
			continue
		}
		begin, err := time.Parse("02/01/2006", strings.TrimSpace(part[2]))
		end, err2 := time.Parse("02/01/2006", strings.TrimSpace(part[3]))
		list, named := strings.CutPrefix(strings.TrimSpace(part[5]), "FrEduRneResp=")
		reference := printable(part[0])
		if err != nil || err2 != nil || end.Before(begin) || !named || reference == "" {
			continue
		}
		for _, uai := range headed(strings.Split(list, ";")) {
			out = append(out, strings.Join([]string{uai, begin.Format(time.DateOnly), end.Format(time.DateOnly), reference}, " "))
		}
	}
	return nonEmpty(out)
}

// ours tells whether a delegation's address names our application.
func (m Mandates) ours(address string) bool {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || m.Application == "" {
		return false
	}
	var named []string
	for name, values := range u.Query() {
		if strings.EqualFold(name, "applicationname") {
			named = append(named, values...)
		}
	}
	return len(named) == 1 && strings.EqualFold(named[0], m.Application)
}

const longestReference = 80 // characters of a delegation's name; one that is longer is cut

// printable makes one line of a name.
func printable(s string) string {
	words := strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) })
	line := []rune(strings.ToValidUTF8(strings.Join(words, " "), ""))
	return strings.TrimSpace(string(line[:min(len(line), longestReference)]))
}

// place adds to an affiliation what the federation says of its establishment. A function that it says without a place
// holds where the person heads an establishment, or in their only one: not in a second school where they teach.
func (m Mandates) place(raw Raw, a *Affiliation, heads []string, only bool) {
	if only || slices.Contains(heads, string(a.UAI)) {
		a.Functions = nonEmpty(append(a.Functions, m.functions(raw)...))
	}
}
