package person

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// Raw is what a source said, before we understand it: attribute names and values as the source wrote them.
type Raw struct {
	Attributes map[string][]string
	Authn      Authn
}

// String shows nothing of the values.
func (r Raw) String() string { return "[raw identity]" }

// GoString shows nothing of the values.
func (r Raw) GoString() string { return r.String() }

// LogValue shows nothing of the values.
func (r Raw) LogValue() slog.Value { return slog.StringValue(r.String()) }

// Mapping turns what a source said into a Person. It is data: one per source, shipped as SDET() or written in
// configuration. A field that is empty is not read.
//
// Values that belong to one establishment are written `UAI$rest`, as the SDET does; a connector replaces the directory
// names that stand in the place of the UAI before it hands the values over.
type Mapping struct {
	Authority string            `yaml:"authority"` // who guarantees the identifier: two sources that share it mean the same people
	ID        string            `yaml:"id"`        // exactly one value
	Values    map[Attr]string   `yaml:"values"`    // our word -> the source's name, person-wide
	Local     map[Attr]string   `yaml:"local"`     // our word -> the source's name, `UAI$value` or a bare value for a person of one establishment
	Structure string            `yaml:"structure"` // UAIs the person belongs to
	Profile   string            `yaml:"profile"`   // `UAI$profile`, or a bare profile for every UAI of Structure
	Functions string            `yaml:"functions"` // `UAI$code$…`
	Classes   []string          `yaml:"classes"`   // `UAI$class$…`
	Groups    []string          `yaml:"groups"`    // `UAI$group$…`
	ByFunc    map[string]string `yaml:"profile_by_function"`
	Born      string            `yaml:"born"`  // dd/mm/yyyy or yyyy-mm-dd
	Adult     string            `yaml:"adult"` // O, N
	Wards     string            `yaml:"wards"` // `child id$UAI$respLegal$label`
}

// ErrIncomplete is the identity of somebody about whom the source does not say enough. The message names what is
// missing, never a value.
var ErrIncomplete = errors.New("the source's identity is incomplete")

// Resolve makes the Person. An attribute that cannot be read is left out, because unknown means no; what makes the
// person impossible to know (no identifier, or several) is ErrIncomplete.
func (m Mapping) Resolve(raw Raw) (Person, error) {
	ids := nonEmpty(raw.Attributes[m.ID])
	if m.Authority == "" || m.ID == "" || len(ids) != 1 {
		return Person{}, fmt.Errorf("%w: exactly one value of %q is expected, there are %d", ErrIncomplete, m.ID, len(ids))
	}
	p := Person{
		Key:    Key{Authority: m.Authority, ID: ids[0]},
		Values: map[Attr][]string{},
		Age:    m.age(raw),
		Wards:  m.wards(raw),
		Authn:  raw.Authn,
	}
	for attr, name := range m.Values {
		if v := nonEmpty(raw.Attributes[name]); len(v) > 0 {
			p.Values[attr] = v
		}
	}
	p.Affiliations = m.affiliations(raw, p.Wards)
	return p, nil
}

func (m Mapping) age(raw Raw) AgeFacts {
	var a AgeFacts
	if v := nonEmpty(raw.Attributes[m.Born]); len(v) == 1 {
		for _, layout := range []string{"02/01/2006", time.DateOnly} {
			if born, err := time.Parse(layout, v[0]); err == nil {
				a.Born = born
			}
		}
	}
	if v := nonEmpty(raw.Attributes[m.Adult]); len(v) == 1 {
		switch strings.ToUpper(v[0]) {
		case "O", "TRUE", "1":
			a.Adult = Yes
		case "N", "FALSE", "0":
			a.Adult = No
		}
	}
	return a
}

// wards reads respLegal as the SDET writes it: 1 holds parental authority, anything else that is said does not, and
// what is not said is unknown.
func (m Mapping) wards(raw Raw) []Ward {
	var wards []Ward
	for _, v := range raw.Attributes[m.Wards] {
		part := strings.SplitN(v, "$", 4)
		if len(part) < 3 || part[0] == "" {
			continue
		}
		uai, err := ParseUAI(part[1])
		if err != nil {
			continue
		}
		w := Ward{Child: Key{Authority: m.Authority, ID: part[0]}, UAI: uai}
		switch part[2] {
		case "1":
			w.Authority = Yes
		case "0", "2":
			w.Authority = No
		}
		if len(part) == 4 {
			w.Label = part[3]
		}
		wards = append(wards, w)
	}
	return wards
}

// all joins the values of several raw attributes.
func (r Raw) all(names []string) []string {
	var out []string
	for _, name := range names {
		out = append(out, r.Attributes[name]...)
	}
	return out
}

func nonEmpty(in []string) []string {
	var out []string
	for _, v := range in {
		if v = strings.TrimSpace(v); v != "" && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}
