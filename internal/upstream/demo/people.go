package demo

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/strictyaml"
)

// Person is an invented person as a file of the demo describes one.
type Person struct {
	Kind        string        `yaml:"kind"`
	ID          string        `yaml:"id"`
	About       registry.Text `yaml:"about"` // who it is, for whoever tries the demo
	GivenName   string        `yaml:"given_name"`
	FamilyName  string        `yaml:"family_name"`
	Title       string        `yaml:"title"`
	Mail        string        `yaml:"mail"`
	Login       string        `yaml:"login"`
	Anchor      string        `yaml:"anchor"`
	Born        registry.Date `yaml:"born"`
	Adult       string        `yaml:"adult"` // O or N; empty is unknown
	Places      []Place       `yaml:"places"`
	Children    []Child       `yaml:"children"`
	Authorities []string      `yaml:"authorities"`
	Functions   []string      `yaml:"functions"` // wherever they are, as FrEduFonctAdm says it: DIR, ADF
	Heads       []string      `yaml:"heads"`     // UAIs that they head, as FrEduRneResp says it
	Delegations []Delegation  `yaml:"delegations"`

	Says map[string][]string `yaml:"says"` // further attributes, named as a directory names them
}

// Place is what the person is in one establishment.
type Place struct {
	UAI       string   `yaml:"uai"`
	Profile   string   `yaml:"profile"`
	Level     string   `yaml:"level"`
	Classes   []string `yaml:"classes"`
	Groups    []string `yaml:"groups"`
	LevelCode string   `yaml:"level_code"`    // of a pupil (MEF)
	Courses   []string `yaml:"courses"`       // codes of what a pupil follows
	Subjects  []string `yaml:"subjects"`      // of a teacher
	Codes     []string `yaml:"subject_codes"` // of what a teacher teaches each class
	Taught    []string `yaml:"level_codes"`   // of the levels that a teacher teaches (MEF)
	Functions []string `yaml:"functions"`
}

// Child is a child of a guardian.
type Child struct {
	ID        string        `yaml:"id"`
	UAI       string        `yaml:"uai"`
	Name      string        `yaml:"name"`
	RespLegal string        `yaml:"resp_legal"` // 1 holds parental authority, 0 and 2 do not, empty is unknown
	Born      registry.Date `yaml:"born"`       // as the child's own entry says it; empty is unknown
}

// Delegation is somebody else's school for which the person may act between two days, as FrEduResDel says it.
type Delegation struct {
	UAI   string        `yaml:"uai"`
	Act   string        `yaml:"act"`
	From  registry.Date `yaml:"from"`
	Until registry.Date `yaml:"until"`
}

// People are the demo's people, in the order of their files.
type People []Person

// String shows how many there are: invented people are treated like real ones.
func (p People) String() string { return fmt.Sprintf("[%d people]", len(p)) }

// LogValue shows how many there are.
func (p People) LogValue() slog.Value { return slog.StringValue(p.String()) }

// ReadPeople reads documents of kind Person and tells every mistake.
func ReadPeople(docs []strictyaml.Document) (People, strictyaml.Problems) {
	var people People
	var problems strictyaml.Problems
	for _, doc := range docs {
		var p Person
		bad := doc.Decode(&p)
		problems = append(problems, bad...)
		if p.ID == "" || p.GivenName == "" {
			problems = append(problems, doc.At("id", "a person needs an id and a given_name", ""))
		}
		if _, twice := people.Find(p.ID); twice {
			problems = append(problems, doc.At("id", fmt.Sprintf("the person %q stands twice", p.ID), ""))
		}
		for i, place := range p.Places {
			if _, err := person.ParseUAI(place.UAI); err != nil {
				problems = append(problems, doc.At(fmt.Sprintf("places[%d].uai", i), err.Error(), ""))
			}
			if _, known := person.ParseProfile(place.Profile); !known {
				problems = append(problems, doc.At(fmt.Sprintf("places[%d].profile", i), fmt.Sprintf("%q is no profile", place.Profile), fmt.Sprintf("one of %q", person.Profiles())))
			}
		}
		problems = append(problems, p.mandates(doc)...)
		people = append(people, p)
	}
	return people, problems
}

// mandates tells every mistake in what the person heads and acts for.
func (p Person) mandates(doc strictyaml.Document) strictyaml.Problems {
	var problems strictyaml.Problems
	for i, uai := range p.Heads {
		if _, err := person.ParseUAI(uai); err != nil {
			problems = append(problems, doc.At(fmt.Sprintf("heads[%d]", i), err.Error(), ""))
		}
	}
	for i, d := range p.Delegations {
		where := fmt.Sprintf("delegations[%d]", i)
		if _, err := person.ParseUAI(d.UAI); err != nil {
			problems = append(problems, doc.At(where+".uai", err.Error(), ""))
		}
		if strings.TrimSpace(d.Act) == "" || strings.Contains(d.Act, "|") || d.From.IsZero() || d.Until.IsZero() {
			problems = append(problems, doc.At(where, "a delegation has an act, a first and a last day", "act, from and until; no | in the act"))
		}
	}
	return problems
}

// Find finds a person by id.
func (p People) Find(id string) (Person, bool) {
	i := slices.IndexFunc(p, func(q Person) bool { return q.ID == id })
	if i < 0 {
		return Person{}, false
	}
	return p[i], true
}

// Raw says of the person what a directory with the SDET's names would: invented people take the same way as real ones.
func (p Person) Raw() person.Raw {
	raw := map[string][]string{
		"ENTPersonJointure": {p.ID}, "givenName": {p.GivenName}, "sn": {p.FamilyName},
		"displayName": {p.GivenName + " " + p.FamilyName}, "personalTitle": {p.Title}, "mail": {p.Mail},
		"ENTPersonLogin": {p.Login}, "ENTPersonGARIdentifiant": {p.Anchor}, "ENTPersonDateNaissance": {p.Born.String()},
		"ENTEleveMajeur": {p.Adult},
	}
	add := func(name, uai string, values ...string) {
		for _, v := range values {
			if v != "" {
				raw[name] = append(raw[name], uai+"$"+v)
			}
		}
	}
	for _, at := range p.Places {
		add("ENTPersonProfils", at.UAI, at.Profile)
		add("ENTEleveNivFormation", at.UAI, at.Level)
		add("ENTEleveMEF", at.UAI, at.LevelCode)
		add("ENTEleveCodeEnseignements", at.UAI, at.Courses...)
		add("ENTAuxEnsMEF", at.UAI, at.Taught...)
		add("ENTEleveClasses", at.UAI, at.Classes...)
		for _, class := range at.Classes {
			for _, code := range at.Codes {
				add("ENTAuxEnsClassesMatieres", at.UAI, class+"$"+code)
			}
		}
		add("ENTEleveGroupes", at.UAI, at.Groups...)
		add("ENTAuxEnsCategoDiscipline", at.UAI, at.Subjects...)
		add("ENTPersonFonctions", at.UAI, at.Functions...)
	}
	if len(p.Children) > 0 {
		raw["ENTPersonProfils"] = append(raw["ENTPersonProfils"], string(person.Guardian))
	}
	for _, c := range p.Children {
		raw["ecluseWard"] = append(raw["ecluseWard"], c.ID+"$"+c.UAI+"$"+c.RespLegal+"$"+c.Name)
		if !c.Born.IsZero() {
			raw["ecluseWardBorn"] = append(raw["ecluseWardBorn"], c.ID+"$"+c.Born.String())
		}
	}
	for name, values := range p.Says {
		raw[name] = append(raw[name], values...)
	}
	raw["FrEduFonctAdm"] = p.Functions
	for _, uai := range p.Heads {
		raw["FrEduRneResp"] = append(raw["FrEduRneResp"], responsible(uai))
	}
	for _, d := range p.Delegations {
		raw["FrEduResDel"] = append(raw["FrEduResDel"], strings.Join([]string{
			d.Act, "/redirectionhub/redirect.jsp?applicationname=ecluse", frenchDay(d.From), frenchDay(d.Until), "",
			"FrEduRneResp=" + responsible(d.UAI), "demo", "",
		}, "|"))
	}
	return person.Raw{Attributes: raw}
}

// responsible is a value of FrEduRneResp, of which only the UAI is read.
func responsible(uai string) string { return uai + "$UAJ$PU$N$T3$CLG$340" }

func frenchDay(d registry.Date) string { return fmt.Sprintf("%02d/%02d/%04d", d.Day, d.Month, d.Year) }

// String shows nothing.
func (p Person) String() string { return "[demo person]" }

// GoString shows nothing.
func (p Person) GoString() string { return p.String() }

// LogValue shows nothing.
func (p Person) LogValue() slog.Value { return slog.StringValue(p.String()) }

// With adds a person, in the place of the one with the same id if there is one.
func (p People) With(q Person) People {
	out := slices.Clone(p)
	if i := slices.IndexFunc(out, func(o Person) bool { return o.ID == q.ID }); i >= 0 {
		out[i] = q
		return out
	}
	return append(out, q)
}
