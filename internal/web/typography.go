package web

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// narrow is the narrow no-break space that French puts before high punctuation and inside its quotation marks.
const narrow = "\u202f"

// apostrophe is the one that French is printed with; people type the straight one.
const apostrophe = "\u2019"

// TypesetFrench puts the typographic spaces and apostrophes into a French text: narrow no-break spaces before ; : ! ? and
// », after «, before a percent sign after a figure. Where the writer typed an ordinary space it becomes a narrow one;
// before ; ! ? and around « » a missing one is added. A colon without space is left alone, as it may stand in an address or
// an hour. A straight apostrophe after a letter becomes a curved one where a word goes on or a value comes; one that a text
// ends with only where something is left out ("qu'").
func TypesetFrench(s string) string {
	var b strings.Builder
	runes := []rune(s)
	for i, r := range runes {
		switch {
		case r == ' ' && i+1 < len(runes) && strings.ContainsRune(";:!?»%", runes[i+1]):
			if runes[i+1] == '%' && (i == 0 || runes[i-1] < '0' || runes[i-1] > '9') {
				b.WriteRune(r)
			}
			// the space is written with the mark
		case r == ' ' && i > 0 && runes[i-1] == '«':
			// it was written with the mark
		case strings.ContainsRune(";!?»", r):
			b.WriteString(gapBefore(runes, i) + string(r))
		case r == ':' && i > 0 && runes[i-1] == ' ':
			b.WriteString(narrow + ":")
		case r == '%' && i > 1 && runes[i-1] == ' ' && runes[i-2] >= '0' && runes[i-2] <= '9':
			b.WriteString(narrow + "%")
		case r == '«':
			b.WriteString("«" + narrow)
		case r == '\'' && leavesOut(runes, i):
			b.WriteString(apostrophe)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// gapBefore is the space before a high mark: none at the start of a text or after another mark ("?!"), and none where
// the mark is inside a word or an address ("page?x=1").
func gapBefore(runes []rune, i int) string {
	if i == 0 || strings.ContainsRune(";:!?(", runes[i-1]) {
		return ""
	}
	inside := i+1 < len(runes) && !strings.ContainsRune(" \n;:!?»).,…\"", runes[i+1])
	if inside && runes[i-1] != ' ' && runes[i] != '»' {
		return ""
	}
	return narrow
}

// leavesOut tells an apostrophe from a mark of quotation: there is a letter before, and after it a letter, a figure, a
// quotation, or the place of a value. At the end of a text, whose rest stands in another element, only short words have one.
func leavesOut(runes []rune, i int) bool {
	if i == 0 || !unicode.IsLetter(runes[i-1]) {
		return false
	}
	if i+1 < len(runes) {
		return unicode.IsLetter(runes[i+1]) || unicode.IsDigit(runes[i+1]) || strings.ContainsRune("«{", runes[i+1])
	}
	word := i
	for word > 0 && unicode.IsLetter(runes[word-1]) {
		word--
	}
	return slices.Contains(elided(), strings.ToLower(string(runes[word:i])))
}

// elided are the words that lose their last letter.
func elided() []string {
	return []string{"c", "d", "j", "l", "m", "n", "s", "t", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu"}
}

// dateOf writes a day: "lundi 7 septembre 2026", "Monday 7 September 2026". The first is "1er" in French.
func dateOf(lang Lang, t time.Time) string {
	if lang == English {
		return t.Format("Monday 2 January 2006")
	}
	days := [...]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"}
	day := fmt.Sprint(t.Day())
	if t.Day() == 1 {
		day = "1er"
	}
	return fmt.Sprintf("%s %s %s", days[t.Weekday()], day, MonthOf(lang, t.Year(), t.Month()))
}

// MonthOf writes a month: "septembre 2026", "September 2026".
func MonthOf(lang Lang, year int, month time.Month) string {
	if lang == English {
		return fmt.Sprintf("%s %d", month, year)
	}
	months := [...]string{
		"janvier", "février", "mars", "avril", "mai", "juin",
		"juillet", "août", "septembre", "octobre", "novembre", "décembre",
	}
	return fmt.Sprintf("%s %d", months[month-1], year)
}

// CountryOf names the country of a code of ISO 3166: "Espagne", "Spain". What is no code of a country stays as it is.
func CountryOf(lang Lang, code string) string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	namer := display.Regions(language.French)
	if lang == English {
		namer = display.Regions(language.English)
	}
	return cmp.Or(namer.Name(region), code)
}

// timeOf writes an hour: "10 h 42" with narrow no-break spaces, "10:42".
func timeOf(lang Lang, t time.Time) string {
	if lang == English {
		return t.Format("15:04")
	}
	return fmt.Sprintf("%d%sh%s%02d", t.Hour(), narrow, narrow, t.Minute())
}

// Date writes the day of t where the schools are.
func (k *Kit) Date(lang Lang, t time.Time) string { return dateOf(lang, t.In(k.cfg.Zone)) }

// DateTime writes day and hour of t where the schools are: "lundi 7 septembre 2026 à 10 h 42".
func (k *Kit) DateTime(lang Lang, t time.Time) string {
	local, at := t.In(k.cfg.Zone), " à "
	if lang == English {
		at = " at "
	}
	return dateOf(lang, local) + at + timeOf(lang, local)
}
