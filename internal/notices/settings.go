package notices

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// Notice says who answers for the gateway and who publishes it, in the academy's own words, which are French. A contact is
// an address to write to, a page (https) or a mail address.
type Notice struct {
	Controller string `yaml:"controller"` // who decides what for and how (RGPD art. 4(7))
	Address    string `yaml:"address"`    // and their postal address
	DPO        string `yaml:"dpo"`        // contact of the data protection officer
	Basis      string `yaml:"basis"`      // what the law says that allows it
	Publisher  string `yaml:"publisher"`  // who publishes, with an address
	Director   string `yaml:"director"`   // who is responsible for what is published
	Host       string `yaml:"host"`       // who runs the machines, with an address and a telephone number
	Support    string `yaml:"support"`    // contact of whoever helps staff and families
}

// Level is how far the pages conform to the RGAA.
type Level string

// The levels. Without an audit there is none but the first (RGAA 4.1, declaration).
const (
	None    Level = "none"
	Partial Level = "partial"
	Total   Level = "total"
)

// Accessibility is what the academy declares of how accessible the gateway is.
type Accessibility struct {
	Level      Level    `yaml:"level"`
	Audited    string   `yaml:"audited"`    // the day of the audit, as 2026-11-30; empty for none
	Auditor    string   `yaml:"auditor"`    // who made it
	Failures   []string `yaml:"failures"`   // what does not conform
	Exemptions []string `yaml:"exemptions"` // what would be a disproportionate burden, and what the obligation leaves out
	Contact    string   `yaml:"contact"`    // of whoever helps those whom a page shuts out
}

// Mistake is one thing that cannot be said on a page.
type Mistake struct{ Where, What, Mend string }

type text struct{ where, said string }

func (n Notice) texts() []text {
	return []text{
		{"controller", n.Controller},
		{"address", n.Address},
		{"dpo", n.DPO},
		{"basis", n.Basis},
		{"publisher", n.Publisher},
		{"director", n.Director},
		{"host", n.Host},
		{"support", n.Support},
	}
}

// longest is how long a text of the configuration may be, in characters.
const longest = 500

// Check tells what cannot be shown.
func (n Notice) Check() []Mistake {
	var out []Mistake
	for _, t := range n.texts() {
		out = append(out, t.check()...)
	}
	return out
}

// Unsaid lists what people will read that nobody has filled in.
func (n Notice) Unsaid() []string { return unsaid(n.texts()) }

func unsaid(all []text) []string {
	var out []string
	for _, t := range all {
		if t.said == "" {
			out = append(out, t.where)
		}
	}
	return out
}

func (t text) check() []Mistake {
	switch {
	case len([]rune(t.said)) > longest:
		return []Mistake{{t.where, fmt.Sprintf("longer than %d characters", longest), "say the rest on a page of your own, and give its address"}}
	case strings.ContainsFunc(t.said, unicode.IsControl) || t.said != "" && strings.TrimSpace(t.said) == "":
		return []Mistake{{t.where, "one line of text is expected", "Académie d'Exemple, 1 rue de l'Exemple, 28000 Chartres"}}
	case strings.HasPrefix(t.said, "http://"):
		return []Mistake{{t.where, "a page that people are sent to is on https", "https" + strings.TrimPrefix(t.said, "http")}}
	default:
		return nil
	}
}

// Check tells what cannot be declared: a level without an audit that found it, and what contradicts itself. now is the day.
func (a Accessibility) Check(now time.Time) []Mistake {
	var out []Mistake
	say := func(bad bool, where, what, mend string) {
		if bad {
			out = append(out, Mistake{where, what, mend})
		}
	}
	known := a.Level == None || a.Level == Partial || a.Level == Total
	say(!known, "level", fmt.Sprintf("%q is no level", a.Level), "none, partial or total")
	say(known && a.Level != None && a.Audited == "", "audited", fmt.Sprintf("%q stands on an audit, and none is named", a.Level), "the day of the audit as 2026-11-30, or level: none")
	day, err := time.Parse(time.DateOnly, a.Audited)
	say(a.Audited != "" && err != nil, "audited", fmt.Sprintf("%q is no day", a.Audited), "2026-11-30")
	say(err == nil && day.After(now), "audited", "the audit is yet to come", "the day on which it was made")
	say(a.Audited != "" && a.Auditor == "", "auditor", "who made the audit is not said", "the name of the company or of the service")
	say(a.Level == Total && len(a.Failures) > 0, "failures", `"total" leaves nothing that does not conform`, "level: partial")
	for _, t := range append([]text{{"auditor", a.Auditor}, {"contact", a.Contact}}, append(listed("failures", a.Failures), listed("exemptions", a.Exemptions)...)...) {
		out = append(out, t.check()...)
		say(t.said == "" && t.where != "auditor" && t.where != "contact", t.where, "an empty line", "")
	}
	return out
}

func listed(where string, lines []string) []text {
	var out []text
	for i, line := range lines {
		out = append(out, text{fmt.Sprintf("%s.%d", where, i), line})
	}
	return out
}

// Unsaid lists what people will read that nobody has filled in.
func (a Accessibility) Unsaid() []string {
	return unsaid([]text{{"audited", a.Audited}, {"contact", a.Contact}})
}

// On is the day of the audit; the zero time for none.
func (a Accessibility) On() time.Time {
	day, err := time.Parse(time.DateOnly, a.Audited)
	if err != nil {
		return time.Time{}
	}
	return day.Add(12 * time.Hour) // a day here is that day in every zone of the schools
}
