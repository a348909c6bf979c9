package person

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
)

// Vector is one value of FrEduVecteur, by which the federation of the families' online services says who somebody is:
// `type|family name|given name|number|UAI`. The number is the child's in the school's own base, for a guardian too; the
// names are a guardian's own, and a pupil may have none.
type Vector struct {
	Guardian bool
	Family   string
	Given    string
	Number   string
	UAI      UAI
}

// String shows nothing of the person.
func (v Vector) String() string { return "[vector]" }

// GoString shows nothing of the person.
func (v Vector) GoString() string { return v.String() }

// LogValue shows nothing of the person.
func (v Vector) LogValue() slog.Value { return slog.StringValue(v.String()) }

// ErrVector is a FrEduVecteur that says too little, or contradicts itself. The message never repeats a value.
var ErrVector = errors.New("FrEduVecteur cannot be read")

// ParseVectors reads the values of FrEduVecteur, several of which may stand in one with ; between. A guardian has one for
// each child in each school, a pupil exactly one. Nothing is guessed: one value that is incomplete refuses all, because
// names alone are nobody (homonyms, twins), and a guardian whose name is missing could be the other parent.
func ParseVectors(values []string) ([]Vector, error) {
	var out []Vector
	for i, text := range apart(values) {
		v, err := parseVector(text)
		if err != nil {
			return nil, fmt.Errorf("%w: value %d: %w", ErrVector, i+1, err)
		}
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	for _, v := range out {
		first := out[0]
		switch {
		case v.Guardian != first.Guardian:
			return nil, fmt.Errorf("%w: it speaks of a pupil and of a guardian", ErrVector)
		case v.Guardian && (v.Family != first.Family || v.Given != first.Given):
			return nil, fmt.Errorf("%w: it names two guardians", ErrVector)
		}
	}
	if len(out) > 1 && !out[0].Guardian {
		return nil, fmt.Errorf("%w: a pupil has one value, there are %d", ErrVector, len(out))
	}
	return out, nil
}

// apart takes apart what was joined on the way.
func apart(values []string) []string {
	var out []string
	for _, v := range values {
		out = append(out, strings.Split(v, ";")...)
	}
	return nonEmpty(out)
}

func parseVector(text string) (Vector, error) {
	part := strings.Split(text, "|")
	if len(part) != 5 {
		return Vector{}, fmt.Errorf("five fields are expected, there are %d", len(part))
	}
	for i := range part {
		part[i] = strings.TrimSpace(part[i])
	}
	v := Vector{Guardian: part[0] == "1" || part[0] == "2", Family: part[1], Given: part[2], Number: part[3]}
	if !v.Guardian && part[0] != "3" && part[0] != "4" {
		return Vector{}, errors.New("the first field is no type: 1 to 4")
	}
	if v.Number == "" || strings.Contains(v.Number, "$") {
		return Vector{}, errors.New("the pupil's number is missing, or cannot be one")
	}
	uai, err := ParseUAI(part[4])
	if err != nil {
		return Vector{}, errors.New("the last field is no UAI")
	}
	if v.UAI = uai; v.Guardian && (v.Family == "" || v.Given == "") {
		return Vector{}, errors.New("the guardian's names are missing")
	}
	return v, nil
}

// child is the identifier of the pupil that a vector names: the number is one in its school only.
func (v Vector) child() string { return v.Number + "@" + string(v.UAI) }

// What vectors say is added to what the source says under these names, which no source uses.
const (
	vectorProfile = "ecluseVectorProfile"
	vectorWards   = "ecluseVectorWard"
	vectorNumber  = "ecluseVectorNumber"
)

// vectored adds what FrEduVecteur says to the rest, where the mapping reads one: where a pupil is, whose guardian somebody
// may be, and the number in the school's base. It never gives the identifier of whoever signs in. That a guardian holds
// parental authority is not said by a vector, and so is unknown.
func (m Mapping) vectored(raw Raw) (Mapping, Raw, error) {
	said := raw.named(m.Vectors)
	if len(nonEmpty(said)) == 0 {
		return m, raw, nil
	}
	vectors, err := ParseVectors(said)
	if err != nil {
		return m, raw, fmt.Errorf("%w: %w", ErrIncomplete, err)
	}
	add := map[string][]string{}
	take := func(field *string, own, value string) {
		if *field == "" {
			*field = own
		}
		if add[*field] == nil {
			add[*field] = slices.Clone(raw.Attributes[*field])
		}
		add[*field] = append(add[*field], value)
	}
	for _, p := range raw.named(m.Profile) {
		if p, known := m.profile(p); known && (p == Guardian) != vectors[0].Guardian {
			return m, raw, fmt.Errorf("%w: %w: the profile says otherwise", ErrIncomplete, ErrVector)
		}
	}
	number := m.Local[SchoolLocalID]
	for _, v := range vectors {
		if v.Guardian {
			take(&m.Profile, vectorProfile, string(Guardian))
			take(&m.Wards, vectorWards, v.child()+"$"+string(v.UAI)+"$$")
			continue
		}
		take(&m.Profile, vectorProfile, string(v.UAI)+"$"+string(Pupil))
		take(&number, vectorNumber, string(v.UAI)+"$"+v.Number)
	}
	m.Local = laid(m.Local, map[Attr]string{SchoolLocalID: number})
	out := Raw{Attributes: map[string][]string{}, Authn: raw.Authn}
	for name, values := range raw.Attributes {
		out.Attributes[name] = values
	}
	for name, values := range add {
		out.Attributes[name] = values
	}
	return m, out, nil
}
