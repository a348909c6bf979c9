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
	Like      string            `yaml:"like"`      // sdet or educonnect: the mapping that comes with the program and that this one changes; none when empty
	Authority string            `yaml:"authority"` // who guarantees the identifier: two sources that share it mean the same people
	ID        string            `yaml:"id"`        // exactly one value
	Values    map[Attr]string   `yaml:"values"`    // our word -> the source's name, person-wide
	Local     map[Attr]string   `yaml:"local"`     // our word -> the source's name, `UAI$value` or a bare value for a person of one establishment
	Structure string            `yaml:"structure"` // UAIs the person belongs to
	Profile   string            `yaml:"profile"`   // `UAI$profile`, or a bare profile for every UAI of Structure
	Functions string            `yaml:"functions"` // `UAI$code$…`
	Classes   []string          `yaml:"classes"`   // `UAI$class$…`
	Groups    []string          `yaml:"groups"`    // `UAI$group$…`
	Taught    []string          `yaml:"taught"`    // `UAI$class or group$subject code$…`
	ByFunc    map[string]string `yaml:"profile_by_function"`
	Profiles  map[string]string `yaml:"profiles"`      // the source's word for a profile, without case -> ours
	ByCode    map[string]string `yaml:"level_by_code"` // a code of level_stat4 -> the level
	Born      string            `yaml:"born"`          // dd/mm/yyyy or yyyy-mm-dd
	Adult     string            `yaml:"adult"`         // O, N
	Wards     string            `yaml:"wards"`         // `child id$UAI$respLegal$label`
	Until     string            `yaml:"until"`         // an instant (RFC 3339) from which the person belongs nowhere any more
	Mandates  Mandates          `yaml:"mandates"`
	Also      []Further         `yaml:"also"`        // identifiers of other authorities that the source knows
	Levels    string            `yaml:"ward_levels"` // `child id$UAI$level`
	WardBorn  string            `yaml:"ward_born"`   // `child id$day`, the day as Born writes it
	Vectors   string            `yaml:"vectors"`     // FrEduVecteur
}

// ErrIncomplete is the identity of somebody about whom the source does not say enough. The message names what is
// missing, never a value.
var ErrIncomplete = errors.New("the source's identity is incomplete")

// Resolve makes the Person. An attribute that cannot be read is left out, because unknown means no; what makes the
// person impossible to know (no identifier, or several) is ErrIncomplete.
func (m Mapping) Resolve(raw Raw) (Person, error) {
	m, raw, err := m.vectored(raw)
	if err != nil {
		return Person{}, err
	}
	ids := nonEmpty(raw.named(m.ID))
	if m.Authority == "" || m.ID == "" || len(ids) != 1 {
		return Person{}, fmt.Errorf("%w: exactly one value of %q is expected, there are %d", ErrIncomplete, m.ID, len(ids))
	}
	p := Person{
		Key:    Key{Authority: m.Authority, ID: ids[0]},
		Also:   m.further(raw),
		Values: map[Attr][]string{},
		Age:    m.age(raw),
		Wards:  m.wards(raw),
		Authn:  raw.Authn,
	}
	for attr, name := range m.Values {
		v := nonEmpty(raw.named(name))
		if attr == BirthDate {
			v = isoDate(v)
		}
		if len(v) > 0 {
			p.Values[attr] = v
		}
	}
	for attr, v := range map[Attr][]string{HeadsOf: m.Mandates.heads(raw), ActsFor: m.Mandates.delegations(raw)} {
		if len(v) > 0 {
			p.Values[attr] = v
		}
	}
	p.Affiliations = m.ended(raw, m.affiliations(raw, p.Wards))
	return p, nil
}

// ended gives every affiliation the first end that the source said. An end that cannot be read has passed.
func (m Mapping) ended(raw Raw, all []Affiliation) []Affiliation {
	for _, v := range raw.named(m.Until) {
		end, err := time.Parse(time.RFC3339, v)
		if err != nil {
			return nil
		}
		for i := range all {
			if all[i].Until.IsZero() || end.Before(all[i].Until) {
				all[i].Until = end
			}
		}
	}
	return all
}

func (m Mapping) age(raw Raw) AgeFacts {
	var a AgeFacts
	if v := nonEmpty(raw.named(m.Born)); len(v) == 1 {
		a.Born, _ = parseDay(v[0])
	}
	if v := nonEmpty(raw.named(m.Adult)); len(v) == 1 {
		switch strings.ToUpper(v[0]) {
		case "O", "TRUE", "1":
			a.Adult = Yes
		case "N", "FALSE", "0":
			a.Adult = No
		}
	}
	return a
}

// parseDay reads a day as directories (dd/mm/yyyy) and standards (yyyy-mm-dd) write it.
func parseDay(s string) (day time.Time, ok bool) {
	for _, layout := range []string{"02/01/2006", time.DateOnly} {
		if day, err := time.Parse(layout, s); err == nil {
			return day, true
		}
	}
	return time.Time{}, false
}

// isoDate writes the one date of birth as services expect it (OIDC Core 5.1); anything else is no date of birth.
func isoDate(values []string) []string {
	if len(values) != 1 {
		return nil
	}
	day, ok := parseDay(values[0])
	if !ok {
		return nil
	}
	return []string{day.Format(time.DateOnly)}
}

// wards lists the children, each once in each establishment. What two values say differently of one child is unknown.
func (m Mapping) wards(raw Raw) []Ward {
	var wards []Ward
	for _, v := range raw.named(m.Wards) {
		w, ok := m.ward(v)
		if !ok {
			continue
		}
		i := slices.IndexFunc(wards, func(o Ward) bool { return o.Child == w.Child && o.UAI == w.UAI })
		switch {
		case i < 0:
			wards = append(wards, w)
		case wards[i].Authority != w.Authority:
			wards[i].Authority = Unknown
		}
	}
	return m.aged(raw, m.leveled(raw, wards))
}

// aged says when each child was born, where one value says it. A child of whom two days are said, or one that cannot be
// read, is of unknown age.
func (m Mapping) aged(raw Raw, wards []Ward) []Ward {
	said := map[string][]string{}
	for _, v := range nonEmpty(raw.named(m.WardBorn)) {
		if i := strings.LastIndexByte(v, '$'); i > 0 {
			said[v[:i]] = append(said[v[:i]], v[i+1:])
		}
	}
	for i, w := range wards {
		if days := said[w.Child.ID]; len(days) == 1 {
			wards[i].Age.Born, _ = parseDay(strings.TrimSpace(days[0]))
		}
	}
	return wards
}

// leveled says in which level each child is, where one value says it of the child in that establishment.
func (m Mapping) leveled(raw Raw, wards []Ward) []Ward {
	said := map[string][]string{}
	for _, v := range nonEmpty(raw.named(m.Levels)) {
		if i := strings.LastIndexByte(v, '$'); i > 0 {
			said[v[:i]] = append(said[v[:i]], v[i+1:])
		}
	}
	for i, w := range wards {
		if levels := said[w.Child.ID+"$"+string(w.UAI)]; len(levels) == 1 {
			wards[i].Level = strings.TrimSpace(levels[0])
		}
	}
	return wards
}

// ward reads respLegal as the SDET writes it: 1 holds parental authority, 0 and 2 do not, and what is not said is
// unknown. The child's identifier may hold a $ itself (ENTPersonJointure does), so the UAI is what tells the fields
// apart; a value with two of them cannot be read.
func (m Mapping) ward(v string) (Ward, bool) {
	part := strings.Split(v, "$")
	at := -1
	for i := 1; i < len(part)-1; i++ {
		if _, err := ParseUAI(part[i]); err == nil {
			if at >= 0 {
				return Ward{}, false
			}
			at = i
		}
	}
	if at < 0 {
		return Ward{}, false
	}
	id := strings.TrimSpace(strings.Join(part[:at], "$"))
	if id == "" {
		return Ward{}, false
	}
	uai, _ := ParseUAI(part[at])
	w := Ward{Child: Key{Authority: m.Authority, ID: id}, UAI: uai, Label: strings.TrimSpace(strings.Join(part[at+2:], "$"))}
	switch strings.TrimSpace(part[at+1]) {
	case "1":
		w.Authority = Yes
	case "0", "2":
		w.Authority = No
	}
	return w, true
}

// named gives the values of a raw attribute, and none for a field of the mapping that is empty.
func (r Raw) named(name string) []string {
	if name == "" {
		return nil
	}
	return r.Attributes[name]
}

// all joins the values of several raw attributes.
func (r Raw) all(names []string) []string {
	var out []string
	for _, name := range names {
		out = append(out, r.named(name)...)
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
