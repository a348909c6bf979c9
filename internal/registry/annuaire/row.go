package annuaire

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// errNotOurs is a row of a kind that the register does not have (a hospital school, a training body), or of a school that
// has not opened yet.
var errNotOurs = errors.New("no kind of establishment that is registered here")

// school makes an establishment of a row, with everything that is wrong with it.
func (c columns) school(row []string) (registry.Establishment, []error, error) {
	if state := fold(c.of(row, colState)); state == "a ouvrir" || state == "en projet" {
		return registry.Establishment{}, nil, errNotOurs
	}
	kind, err := kindOf(c.of(row, colType), c.of(row, colNature))
	if err != nil {
		return registry.Establishment{}, nil, err
	}
	e := registry.Establishment{
		Name: c.of(row, colName), Town: c.of(row, colTown), Kind: kind, Academy: slug(c.of(row, colAcademy)),
		District: c.of(row, colDistrict),
	}
	var wrong []error
	say := func(err error) {
		if err != nil {
			wrong = append(wrong, err)
		}
	}
	if e.UAI, err = person.ParseUAI(c.of(row, colUAI)); err != nil {
		say(mistake{TellUAI(c.of(row, colUAI)), err.Error()})
	}
	e.Private, err = private(c.of(row, colSector), kind)
	say(err)
	e.Department, err = department(c.of(row, colDepartment))
	say(err)
	e.Closed, err = closed(c.of(row, colState))
	say(err)
	e.Pupils, err = count(c.of(row, colPupils))
	say(err)
	if e.Private {
		e.Contract = c.of(row, colContract)
	}
	if e.Name == "" {
		say(lacking("name", "the name is missing"))
	}
	if e.Academy == "" {
		say(lacking("academy", "the academy is missing"))
	}
	return e, wrong, nil
}

// kindOf reads the list's word for a type. What it does not have a word for is no school of ours.
func kindOf(word, nature string) (registry.Kind, error) {
	if strings.Contains(fold(nature), "circonscription") {
		return registry.Circonscription, nil
	}
	switch fold(word) {
	case "ecole":
		return registry.Ecole, nil
	case "college":
		return registry.College, nil
	case "lycee", "erea": // an EREA is a lycée for adapted teaching
		return registry.Lycee, nil
	case "service administratif", "information et orientation":
		return registry.Office, nil
	case "":
		return "", lacking("type", "the type is missing")
	default:
		return "", fmt.Errorf("%q: %w", word, errNotOurs)
	}
}

// private decides who is controller, so that an unknown word is a mistake; services of the State have none.
func private(word string, kind registry.Kind) (bool, error) {
	switch fold(word) {
	case "public":
		return false, nil
	case "prive":
		return true, nil
	case "", "-":
		if kind == registry.Office || kind == registry.Circonscription {
			return false, nil
		}
	}
	return false, wrongly("sector", word, "is neither Public nor Privé")
}

// department writes a department's code in three characters: 28, 028 and 0028 are 028, 2A is 02A.
func department(code string) (string, error) {
	plain := strings.TrimLeft(strings.ToUpper(code), "0")
	corsican := plain == "2A" || plain == "2B"
	number, err := strconv.Atoi(plain)
	if !corsican && (err != nil || number < 1 || number > 989) {
		return "", wrongly("department", code, "is no department")
	}
	return strings.Repeat("0", 3-len(plain)) + plain, nil
}

// closed reads the state. Whatever is not said to be open is closed.
func closed(state string) (bool, error) {
	switch fold(state) {
	case "ouvert", "a fermer":
		return false, nil
	case "ferme":
		return true, nil
	default:
		return true, wrongly("state", state, "is no state of a school")
	}
}

func count(s string) (int, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(strings.TrimSuffix(s, ".0"))
	if err != nil || n < 0 {
		return 0, wrongly("pupils", s, "is no number of pupils")
	}
	return n, nil
}

// fold is a word without case and accents.
func fold(s string) string {
	plain, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn))), strings.TrimSpace(s))
	if err != nil {
		return s
	}
	return strings.ToLower(plain)
}

// slug is the name under which declarations know an academy: Orléans-Tours is orleans-tours.
func slug(s string) string {
	return strings.Join(strings.FieldsFunc(fold(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), "-")
}
