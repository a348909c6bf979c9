package admin

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/strictyaml"
)

// Persona is an invented person who stands for many: a profile, a level, an age, and whatever makes their case hard. A
// persona belongs to no establishment and can be placed in any that is registered.
type Persona struct {
	Kind       string              `yaml:"kind"`
	ID         string              `yaml:"id"`
	Name       registry.Text       `yaml:"name"`  // as in a list: élève de CE2, 8 ans
	Usual      []registry.Kind     `yaml:"usual"` // the types of establishment in which such a person is found
	GivenName  string              `yaml:"given_name"`
	FamilyName string              `yaml:"family_name"`
	Values     map[string][]string `yaml:"values"` // what holds everywhere, by the dictionary's words
	Profile    string              `yaml:"profile"`
	Age        int                 `yaml:"age"`   // years; 0 is not known
	Adult      string              `yaml:"adult"` // O or N; empty is not known
	Here       map[string][]string `yaml:"here"`  // what holds in the establishment: level, subjects
	Classes    []string            `yaml:"classes"`
	Groups     []string            `yaml:"groups"`
	Functions  []string            `yaml:"functions"`
	Second     bool                `yaml:"second_school"` // also in another establishment of the same type
	Child      *PersonaChild       `yaml:"child"`
}

// PersonaChild is the child of a persona who is a guardian.
type PersonaChild struct {
	Name      string `yaml:"name"`
	Level     string `yaml:"level"`
	Authority string `yaml:"authority"` // yes, no; empty is unknown
}

// Personas are in the order of their file.
type Personas []Persona

// ReadPersonas reads documents of kind Persona and tells every mistake.
func ReadPersonas(file string, data []byte) (Personas, strictyaml.Problems) {
	docs, problems := strictyaml.Parse(file, data)
	var out Personas
	for _, doc := range docs {
		var p Persona
		problems = append(problems, doc.Decode(&p)...)
		profile, known := person.ParseProfile(p.Profile)
		if !known {
			problems = append(problems, doc.At("profile", fmt.Sprintf("%q is no profile", p.Profile), fmt.Sprintf("one of %q", person.Profiles())))
		}
		if p.Kind != "Persona" || p.ID == "" || p.Name.FR == "" || p.Name.EN == "" {
			problems = append(problems, doc.At("id", "a persona has kind Persona, an id and a name in French and English", ""))
		}
		if _, twice := out.Find(p.ID); twice {
			problems = append(problems, doc.At("id", fmt.Sprintf("the persona %q stands twice", p.ID), ""))
		}
		if (profile == person.Guardian) != (p.Child != nil) {
			problems = append(problems, doc.At("child", "a guardian has a child, and nobody else does", ""))
		}
		out = append(out, p)
	}
	return out, problems
}

// Find finds a persona by id.
func (p Personas) Find(id string) (Persona, bool) {
	i := slices.IndexFunc(p, func(q Persona) bool { return q.ID == id })
	if i < 0 {
		return Persona{}, false
	}
	return p[i], true
}

// IDs lists their ids, for whoever mistyped one.
func (p Personas) IDs() []string {
	out := make([]string, len(p))
	for i, q := range p {
		out[i] = q.ID
	}
	return out
}

// personas is the authority of their keys: no source has it.
const personas = "invented personas"

// At places the persona in an establishment at now, vouched for by a source that may speak there: source when it is
// named, else the first that is declared. A persona is always as old as its file says.
func (p Persona) At(view *registry.Snapshot, now time.Time, uai person.UAI, source string) person.Person {
	profile, _ := person.ParseProfile(p.Profile)
	out := person.Person{
		Key: person.Key{Authority: personas, ID: p.ID}, Values: named(p.Values),
		Authn: person.Authn{Source: vouching(view, now, uai, source), At: now},
	}
	set(out.Values, person.GivenName, p.GivenName)
	set(out.Values, person.FamilyName, p.FamilyName)
	set(out.Values, person.DisplayName, strings.TrimSpace(p.GivenName+" "+p.FamilyName))
	if p.Age > 0 {
		birthday := now.AddDate(-p.Age, 0, -90)
		out.Age.Born = time.Date(birthday.Year(), birthday.Month(), birthday.Day(), 0, 0, 0, 0, time.UTC)
		set(out.Values, person.BirthDate, out.Age.Born.Format(time.DateOnly))
	}
	out.Age.Adult = map[string]person.Tri{"O": person.Yes, "N": person.No}[p.Adult]
	for _, at := range p.places(view, uai) {
		out.Affiliations = append(out.Affiliations, person.Affiliation{
			UAI: at, Profile: profile, Functions: p.Functions, Classes: p.Classes, Groups: p.Groups, Values: named(p.Here),
		})
	}
	if p.Child != nil {
		out.Wards = []person.Ward{{
			Child: person.Key{Authority: personas, ID: "child of " + p.ID}, Level: p.Child.Level, UAI: uai, Label: p.Child.Name,
			Authority: map[string]person.Tri{"yes": person.Yes, "no": person.No}[p.Child.Authority],
		}}
	}
	return out
}

// places are the establishment, and for somebody who is in two the first other one of the same type.
func (p Persona) places(view *registry.Snapshot, uai person.UAI) []person.UAI {
	out := []person.UAI{uai}
	here, _ := view.Establishment(uai)
	if !p.Second {
		return out
	}
	for _, e := range view.Establishments() {
		if e.UAI != uai && e.Kind == here.Kind {
			return append(out, e.UAI)
		}
	}
	return out
}

// Fits chooses an establishment for the persona where none is named: one of a usual type in which the service is open to
// them, else one of a usual type, else any.
func (p Persona) Fits(view *registry.Snapshot, now time.Time, open func(person.UAI) bool) (person.UAI, bool) {
	var usual []person.UAI
	all := view.Establishments()
	for _, e := range all {
		if !e.ClosedAt(now, view.Zone()) && slices.Contains(p.Usual, e.Kind) {
			usual = append(usual, e.UAI)
		}
	}
	if i := slices.IndexFunc(usual, open); i >= 0 {
		return usual[i], true
	}
	if len(usual) > 0 {
		return usual[0], true
	}
	if len(all) > 0 {
		return all[0].UAI, true
	}
	return "", false
}

// vouching is a source that may speak for the establishment.
func vouching(view *registry.Snapshot, now time.Time, uai person.UAI, source string) string {
	if source != "" {
		return source
	}
	for _, s := range view.Sources() {
		if s.SpeaksFor(uai) && !s.Suspended && s.Declaration.InForce(now, view.Zone()) {
			return s.ID
		}
	}
	return ""
}

func named(values map[string][]string) map[person.Attr][]string {
	out := map[person.Attr][]string{}
	for name, list := range values {
		out[person.Attr(name)] = list
	}
	return out
}

func set(values map[person.Attr][]string, name person.Attr, value string) {
	if value != "" {
		values[name] = []string{value}
	}
}

// String shows the id: invented people are treated like real ones.
func (p Persona) String() string { return "[persona " + p.ID + "]" }

// GoString shows what String shows.
func (p Persona) GoString() string { return p.String() }

// LogValue shows what String shows.
func (p Persona) LogValue() slog.Value { return slog.StringValue(p.String()) }

// About is the question about a persona in an establishment: where such a person is usually found when uai is empty. The
// error lists the personas, or the establishments, that there are.
func (s *Simulator) About(view *registry.Snapshot, all Personas, id string, uai person.UAI, service string) (Question, error) {
	p, ok := all.Find(id)
	if !ok {
		return Question{}, fmt.Errorf("%w %q; there are %s", ErrNoPersona, id, strings.Join(all.IDs(), ", "))
	}
	if uai == "" {
		uai, _ = p.Fits(view, s.Now(), func(at person.UAI) bool {
			return len(policy.Places(view, s.Now(), p.At(view, s.Now(), at, ""), service)) > 0
		})
	}
	if _, known := view.Establishment(uai); !known {
		return Question{}, fmt.Errorf("%w %q; there are %s", ErrNoSchool, uai, schools(view))
	}
	return Question{Person: p.At(view, s.Now(), uai, ""), UAI: uai, Service: service, Invented: true}, nil
}

// The errors of About.
var (
	ErrNoPersona = errors.New("no persona")
	ErrNoSchool  = errors.New("no establishment")
)

// mostListed is how many establishments an error lists.
const mostListed = 12

func schools(view *registry.Snapshot) string {
	var out []string
	all := view.Establishments()
	for _, e := range all[:min(len(all), mostListed)] {
		out = append(out, string(e.UAI))
	}
	if more := len(all) - len(out); more > 0 {
		out = append(out, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(out, ", ")
}
