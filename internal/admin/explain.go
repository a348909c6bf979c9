// Package admin is where administrators ask the gateway to account for itself. Today it holds the simulator: the
// decision, its reasons in order, and attribute by attribute what would leave and why, by the same gate and the same
// engine as a sign-in. It holds no consent.Book: an explanation lets nothing out.
package admin

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// Question is what is asked.
type Question struct {
	Person  person.Person
	UAI     person.UAI
	Profile person.Profile // the first in the establishment when empty
	Service string
}

// Explanation is the answer. It holds personal data: it is made for eyes, and only for those who may ask.
type Explanation struct {
	Service     string     `json:"service"`
	UAI         string     `json:"uai"`
	Profile     string     `json:"profile,omitempty"`
	Allowed     bool       `json:"allowed"`
	Reason      string     `json:"reason,omitempty"`
	Since       string     `json:"since,omitempty"`
	Missing     string     `json:"missing,omitempty"`
	Steps       []Step     `json:"steps"`
	Declaration string     `json:"declaration,omitempty"`
	Version     int        `json:"version,omitempty"`
	Mode        string     `json:"mode,omitempty"`
	Basis       string     `json:"basis,omitempty"`
	Subject     string     `json:"subject,omitempty"`    // what the service knows the person by
	SubjectIs   string     `json:"subject_is,omitempty"` // pseudonym, or the attribute whose value it is
	Released    []Released `json:"released"`
	Withheld    []Withheld `json:"withheld"`
}

// Step is one check of the gate.
type Step struct {
	Check  string `json:"check"`
	Passed bool   `json:"passed"`
	Detail string `json:"detail,omitempty"`
}

// Released is one attribute that would leave.
type Released struct {
	Attribute      string   `json:"attribute"`
	Label          string   `json:"label"`
	Declared       string   `json:"declared"` // the item of the declaration that lets it leave
	Values         []string `json:"values"`
	Transformation string   `json:"transformation"`
	Justification  string   `json:"justification"`
	Required       bool     `json:"required,omitempty"`
}

// Withheld is one attribute that would not, and why.
type Withheld struct {
	Attribute string `json:"attribute"`
	Label     string `json:"label"`
	Why       string `json:"why"`
	Neutral   string `json:"neutral,omitempty"` // where labels reveal too much: what is offered in their place
}

// Simulator answers questions on one view of the registry.
type Simulator struct {
	Engine *attrs.Engine
	Now    func() time.Time
}

// Explain asks the gate and the engine what a sign-in would. The first binding of the service says what serves as
// subject; a service asks for everything that is declared unless asked says otherwise.
func (s *Simulator) Explain(view *registry.Snapshot, q Question, asked []attrs.Name) Explanation {
	out := Explanation{Service: q.Service, UAI: string(q.UAI), Released: []Released{}, Withheld: []Withheld{}}
	place := placeOf(view, s.Now(), q)
	out.Profile = string(place.Profile)
	steps, grant, err := policy.Trace(view, s.Now(), policy.Ask{Person: q.Person, Place: place, Service: q.Service})
	for _, step := range steps {
		out.Steps = append(out.Steps, Step(step))
	}
	if refusal, ok := err.(*policy.Refusal); ok { //nolint:errorlint // Trace documents the type
		out.Reason, out.Since = string(refusal.Reason), refusal.Date.String()
		return out
	}
	d := grant.Declaration()
	out.Declaration, out.Version, out.Mode, out.Basis = d.ID, d.Version, string(d.Mode), string(d.Basis.Kind)
	release, err := s.Engine.Release(q.Person, grant, attrs.Request{Asked: asked, Subject: subjectOf(grant.Service())})
	if missing, ok := err.(*attrs.Missing); ok { //nolint:errorlint // Release documents the type
		out.Reason, out.Missing = "attribute_missing", string(missing.Entry.Attr)
		out.Steps = append(out.Steps, Step{Check: "required attributes", Detail: string(missing.Entry.Attr) + " from " + missing.Source})
		out.Withheld = append(out.Withheld, Withheld{
			Attribute: string(missing.Entry.Attr), Label: missing.Entry.Label.FR, Why: string(missing.Why), Neutral: missing.Neutral,
		})
		return out
	}
	if err != nil {
		out.Reason = "internal"
		return out
	}
	out.Allowed = true
	out.Steps = append(out.Steps, Step{Check: "required attributes", Passed: true})
	out.print(release, grant.Service())
	return out
}

func (e *Explanation) print(r attrs.Release, service registry.Service) {
	e.Subject, e.SubjectIs = r.Subject(), "pseudonym"
	if len(service.Bindings) > 0 {
		b := service.Bindings[0]
		if known := r.As(b.Protocol, b); !known.Pseudonym {
			e.Subject, e.SubjectIs = known.Subject, string(b.Subject)
		}
	}
	d := r.Declaration()
	for _, item := range r.Items() {
		i := slices.IndexFunc(d.Items, func(declared registry.Item) bool { return declared.Attr == item.Entry.Attr })
		e.Released = append(e.Released, Released{
			Attribute: string(item.Entry.Attr), Label: item.Entry.Label.FR, Values: item.Values, Transformation: cmp.Or(item.How, "as the source says it"),
			Justification: item.Justification.FR, Required: item.Required, Declared: fmt.Sprintf("%s v%d items[%d]", d.ID, d.Version, i),
		})
	}
	for _, w := range r.Withheld() {
		e.Withheld = append(e.Withheld, Withheld{Attribute: string(w.Entry.Attr), Label: w.Entry.Label.FR, Why: string(w.Why), Neutral: w.Neutral})
	}
}

func subjectOf(s registry.Service) attrs.Name {
	if len(s.Bindings) == 0 {
		return ""
	}
	return s.Bindings[0].Subject
}

// placeOf completes the question: a place that is open if there is one, else the person's first in the establishment.
func placeOf(view *registry.Snapshot, now time.Time, q Question) policy.Place {
	for _, p := range policy.Places(view, now, q.Person, q.Service) {
		if p.UAI == q.UAI && (q.Profile == "" || p.Profile == q.Profile) {
			return p
		}
	}
	for _, a := range q.Person.Affiliations {
		if a.UAI == q.UAI && (q.Profile == "" || a.Profile == q.Profile) {
			return policy.Place{UAI: a.UAI, Profile: a.Profile}
		}
	}
	return policy.Place{UAI: q.UAI, Profile: q.Profile}
}
