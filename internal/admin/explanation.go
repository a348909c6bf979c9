package admin

import (
	"cmp"
	"fmt"
	"slices"

	"ecluse/internal/attrs"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// Explanation is the answer. It holds personal data: it is made for eyes, and only for those who may ask. Words that
// programs may rely on stand beside the same in words for people, in the language of the question.
type Explanation struct {
	Service     string     `json:"service"`
	ServiceName string     `json:"service_name,omitempty"`
	UAI         string     `json:"uai"`
	School      string     `json:"school,omitempty"`
	Profile     string     `json:"profile,omitempty"`
	Allowed     bool       `json:"allowed"`
	Reason      string     `json:"reason,omitempty"`      // a stable word; empty when allowed
	ReasonSays  string     `json:"reason_says,omitempty"` // the same in words
	Since       string     `json:"since,omitempty"`
	Office      string     `json:"office,omitempty"`  // the function that can act
	Missing     string     `json:"missing,omitempty"` // the required attribute that is not there
	Source      string     `json:"source,omitempty"`  // who could supply it
	Steps       []Step     `json:"steps"`
	Declaration string     `json:"declaration,omitempty"`
	Version     int        `json:"version,omitempty"`
	Mode        string     `json:"mode,omitempty"`
	Basis       string     `json:"basis,omitempty"`
	BasisSays   string     `json:"basis_says,omitempty"`
	Purposes    []string   `json:"purposes,omitempty"`
	Need        string     `json:"need,omitempty"`       // what comes before anything leaves: informed, agreed, passed, parents_first
	NeedSays    string     `json:"need_says,omitempty"`  // the same in words
	Subject     string     `json:"subject,omitempty"`    // what the service knows the person by, over its first binding
	SubjectIs   string     `json:"subject_is,omitempty"` // pseudonym, or the attribute whose value it is
	Subjects    []Known    `json:"subjects,omitempty"`   // the same over each binding
	Released    []Released `json:"released"`
	Withheld    []Withheld `json:"withheld"`
	Messages    []Message  `json:"messages,omitempty"`
	Pages       []Page     `json:"pages,omitempty"`
}

// Step is one check of the gate.
type Step struct {
	Check  string `json:"check"` // a stable word
	Says   string `json:"says"`
	Passed bool   `json:"passed"`
	Detail string `json:"detail,omitempty"`
}

// Released is one attribute that would leave.
type Released struct {
	Attribute      string   `json:"attribute"`
	Label          string   `json:"label"`
	Declared       string   `json:"declared"`       // the rule: the item of the declaration that lets it leave
	Said           []string `json:"said,omitempty"` // what the source says; nothing where the gateway itself makes the value
	Values         []string `json:"values"`
	Transformation string   `json:"transformation"`
	Names          []Name   `json:"names,omitempty"`
	Justification  string   `json:"justification"`
	Required       bool     `json:"required,omitempty"`
	Corrects       string   `json:"corrects,omitempty"` // who corrects it, in words
}

// Name is how one binding of the service has an attribute: under which name, and written how.
type Name struct {
	Protocol string   `json:"protocol"`
	Handle   string   `json:"handle"`
	Name     string   `json:"name,omitempty"`    // empty: it does not leave over this binding
	Values   []string `json:"values,omitempty"`  // as they are written; with those of With in a composite
	With     []string `json:"with,omitempty"`    // the other attributes that are in the same values
	Shaping  string   `json:"shaping,omitempty"` // what the binding does to the values, in words; empty when nothing
}

// Known is what the service knows the person by over one binding.
type Known struct {
	Protocol  string `json:"protocol"`
	Handle    string `json:"handle"`
	Subject   string `json:"subject"`
	SubjectIs string `json:"subject_is"` // pseudonym, or the attribute whose value it is
}

// Withheld is one attribute that would not leave, and why.
type Withheld struct {
	Attribute string   `json:"attribute"`
	Label     string   `json:"label"`
	Said      []string `json:"said,omitempty"` // for personas only
	Why       string   `json:"why"`            // a stable word
	WhySays   string   `json:"why_says,omitempty"`
	Neutral   string   `json:"neutral,omitempty"` // where labels reveal too much: what is offered in their place
	Corrects  string   `json:"corrects,omitempty"`
}

// Message is what one binding would be sent: it is not signed and signs nobody in.
type Message struct {
	Protocol string `json:"protocol"`
	Handle   string `json:"handle"`
	Text     string `json:"text,omitempty"`
	Error    string `json:"error,omitempty"` // why it cannot be printed
}

// Page is what the person would see.
type Page struct {
	Wording string `json:"wording"` // enfant, ado, adulte
	Lang    string `json:"lang"`
	HTML    string `json:"html,omitempty"`
	Error   string `json:"error,omitempty"`
}

func newExplanation(view *registry.Snapshot, q Question) Explanation {
	out := Explanation{Service: q.Service, UAI: string(q.UAI), Released: []Released{}, Withheld: []Withheld{}}
	if service, ok := view.Service(q.Service); ok {
		out.ServiceName = service.Name.In(q.Lang)
	}
	if school, ok := view.Establishment(q.UAI); ok {
		out.School = school.Name
	}
	return out
}

func (e *Explanation) refused(r *policy.Refusal, in string) {
	e.Reason, e.ReasonSays, e.Since, e.Office = string(r.Reason), ReasonWord(string(r.Reason), in), r.Date.String(), r.Office
}

func (e *Explanation) declared(g policy.Grant, in string) {
	d := g.Declaration()
	e.Declaration, e.Version, e.Mode, e.Basis = d.ID, d.Version, string(d.Mode), string(d.Basis.Kind)
	e.BasisSays = basisWord(d.Basis.Kind, in)
	if d.Basis.Text != "" {
		e.BasisSays += ", " + d.Basis.Text
	}
	for _, p := range d.Purposes {
		e.Purposes = append(e.Purposes, p.In(in))
	}
}

func (e *Explanation) missing(m *attrs.Missing, in string) {
	e.Reason, e.ReasonSays = string(m.Reason), ReasonWord(string(m.Reason), in)
	e.Missing, e.Source = string(m.Entry.Attr), m.Source
	e.Withheld = append(e.Withheld, Withheld{
		Attribute: string(m.Entry.Attr), Label: m.Entry.Label.In(in), Why: string(m.Why), WhySays: whyWord(m.Why, in), Neutral: m.Neutral,
		Corrects: correctsWord(m.Entry.Corrects, in),
	})
}

func (e *Explanation) print(r attrs.Release, q Question) {
	e.Subject, e.SubjectIs = r.Subject(), "pseudonym"
	written := writtenBy(r, q.Lang)
	for i, w := range written {
		if w.output.Subject == "" {
			continue
		}
		known := Known{w.binding.Protocol, w.binding.Handle, w.output.Subject, "pseudonym"}
		if !w.output.Pseudonym {
			known.SubjectIs = string(w.binding.Subject)
		}
		e.Subjects = append(e.Subjects, known)
		if i == 0 {
			e.Subject, e.SubjectIs = known.Subject, known.SubjectIs
		}
	}
	d, reads := r.Declaration(), newReading(q.Person, r)
	for _, item := range r.Items() {
		i := slices.IndexFunc(d.Items, func(declared registry.Item) bool {
			return declared.Attr == item.Entry.Attr && declared.For(r.Profile())
		})
		e.Released = append(e.Released, Released{
			Attribute: string(item.Entry.Attr), Label: item.Entry.Label.In(q.Lang), Said: reads.shown(item, q), Values: item.Values,
			Transformation: cmp.Or(howWord(item.How, q.Lang), unchanged(q.Lang)), Names: namesOf(written, item.Entry.Attr),
			Justification: item.Justification.In(q.Lang), Required: item.Required, Declared: declaredAt(d, i),
			Corrects: correctsWord(item.Entry.Corrects, q.Lang),
		})
	}
	for _, w := range r.Withheld() {
		line := Withheld{
			Attribute: string(w.Entry.Attr), Label: w.Entry.Label.In(q.Lang), Why: string(w.Why), WhySays: whyWord(w.Why, q.Lang),
			Neutral: w.Neutral, Corrects: correctsWord(w.Entry.Corrects, q.Lang),
		}
		if !q.Real {
			line.Said = reads.said(w.Entry.Attr)
		}
		e.Withheld = append(e.Withheld, line)
	}
}

// declaredAt names the item of a version that lets a word leave.
func declaredAt(d registry.Declaration, i int) string {
	return fmt.Sprintf("%s v%d items[%d]", d.ID, d.Version, i)
}
