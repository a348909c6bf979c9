package attrs

import (
	"regexp"
	"slices"
	"strings"

	"ecluse/internal/person"
)

// ofTheLevel computes what tells less than a class or a level does.
func (v *values) ofTheLevel(n Name) finding {
	if n == "class_levels" {
		classes := v.affiliation.Classes
		return computed(classLevels(classes), classes, "the class without its number or letter")
	}
	levels, _ := v.said(person.Level)
	if n == "cycle" {
		return computed(one(Cycle(v.neutral(levels))), levels, "the cycle of the level")
	}
	return finding{values: v.neutral(levels), said: levels, rule: NeutralWord, how: "the level in neutral words"}
}

// neutral puts the neutral word of the rules in the place of a level that reveals too much. Where that word is no level,
// the level with which the value begins stands there alone, or nothing.
func (v *values) neutral(levels []string) []string {
	var out []string
	for _, said := range levels {
		level := said
		if w, revealing := v.grant.Reveals(said); revealing {
			if level = w.Neutral; Cycle([]string{level}) == "" {
				level, _, _ = strings.Cut(strings.TrimSpace(said), " ")
				if Cycle([]string{level}) == "" {
					level = ""
				}
			}
		}
		if level != "" && !slices.Contains(out, level) {
			out = append(out, level)
		}
	}
	return out
}

// How the label of a class is written: one level or two, then a number or a letter. What is written otherwise may say
// anything (6E SEGPA), and gives nothing.
const (
	ordinalLevel = `[3-6](?:EME|E)|2(?:NDE|ND|DE)|1(?:ERE|RE)`
	letterLevel  = `TPS|PS|MS|GS|CP|SECONDE|PREMIERE|TERMINALE|TERM|TLE`
	digitLevel   = `C[EM][12]`
	byNumber     = `[0-9]{1,2}[A-Z]?`
	byLetter     = `[A-Z][0-9]?`
	gap          = `[ ._°-]`
)

var classLabel = regexp.MustCompile(`^(?:(` + ordinalLevel + `|` + letterLevel + `|` + digitLevel + `)[ /+-]+)?(?:` +
	`(` + ordinalLevel + `)` + gap + `*(?:` + byNumber + `|` + byLetter + `)?|` +
	`(` + letterLevel + `)(?:` + gap + `*` + byNumber + `|` + gap + `+` + byLetter + `)?|` +
	`(` + digitLevel + `)(?:` + gap + `*` + byLetter + `|` + gap + `+` + byNumber + `)?|` +
	`([3-6])` + gap + `*` + byLetter + `)$`)

// classLevels takes number and letter off the labels of classes: CE2 B is CE2, 5E3 is 5E, CM1-CM2 is both.
func classLevels(classes []string) []string {
	var out []string
	for _, label := range classes {
		found := classLabel.FindStringSubmatch(inCapitals(label))
		for _, level := range found[min(1, len(found)):] {
			if level = levelWord(level); level != "" && !slices.Contains(out, level) {
				out = append(out, level)
			}
		}
	}
	return out
}

// levelWord is a level in one spelling.
func levelWord(level string) string {
	switch level {
	case "", "TPS", "PS", "MS", "GS", "CP", "CE1", "CE2", "CM1", "CM2":
		return level
	case "SECONDE":
		return "2NDE"
	case "PREMIERE":
		return "1ERE"
	case "TERMINALE", "TERM", "TLE":
		return "TLE"
	}
	switch level[0] {
	case '2':
		return "2NDE"
	case '1':
		return "1ERE"
	}
	return level[:1] + "E"
}

// inCapitals writes a label in capitals without the accents that levels are written with.
func inCapitals(label string) string {
	return strings.Map(func(r rune) rune {
		if r == 'È' || r == 'É' {
			return 'E'
		}
		return r
	}, strings.ToUpper(strings.TrimSpace(label)))
}
