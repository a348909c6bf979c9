package registry

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"ecluse/internal/person"
)

// CharterBlock is a part of a charter's full text: a heading, a paragraph or a list.
type CharterBlock struct {
	Heading string
	Text    string
	Items   []string
}

// CharterBlocks reads a full text: parts stand apart by an empty line; "# " begins a heading, "- " each item of a list;
// everything else is a paragraph. Nothing inside a line has a meaning, so that what looks like a tag or an address is shown
// as it is written.
func CharterBlocks(text string) []CharterBlock {
	var out []CharterBlock
	for _, part := range charterParts(text) {
		switch {
		case strings.HasPrefix(part[0], "# "):
			out = append(out, CharterBlock{Heading: strings.TrimSpace(part[0][2:])})
			if rest := strings.Join(part[1:], " "); rest != "" {
				out = append(out, CharterBlock{Text: rest})
			}
		case strings.HasPrefix(part[0], "- "):
			out = append(out, CharterBlock{Items: charterItems(part)})
		default:
			out = append(out, CharterBlock{Text: strings.Join(part, " ")})
		}
	}
	return out
}

// charterParts are the lines of each part, without space around them.
func charterParts(text string) [][]string {
	var out [][]string
	var part []string
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			part = append(part, line)
			continue
		}
		if len(part) > 0 {
			out, part = append(out, part), nil
		}
	}
	if len(part) > 0 {
		out = append(out, part)
	}
	return out
}

// charterItems joins lines that do not begin an item to the one before.
func charterItems(lines []string) []string {
	var out []string
	for _, line := range lines {
		if item, begins := strings.CutPrefix(line, "- "); begins {
			out = append(out, strings.TrimSpace(item))
			continue
		}
		out[len(out)-1] += " " + line
	}
	return out
}

// What a charter may hold.
const (
	mostRules       = 12
	mostRuleText    = 160   // characters of one rule
	mostChildWords  = 12    // words of one rule for a child
	mostCharterText = 20000 // characters of one full text
	mostContact     = 200
)

// tagPattern finds what would be a tag or a link if anybody read it so.
var tagPattern = regexp.MustCompile(`<[!/?a-zA-Z]|&#?[a-zA-Z0-9]+;|\]\(`)

// Check says what is wrong with the charter by itself. tenants are the UAIs of registered test tenants.
func (c Charter) Check(tenants ...person.UAI) []Finding {
	var out checker
	out.say(c.Level() == "", "", "whose charter it is is missing, or said twice", "exactly one of academy, department, uai")
	if c.UAI != "" {
		out.uai("uai", c.UAI, tenants...)
	}
	for i, where := range []string{"enfant", "ado", "adulte"} {
		out.charterText(where, c.Texts()[i], where == "enfant")
	}
	out.oneOf("mode", string(c.Mode), "", string(CharterShown), string(CharterRemind), string(CharterRequire))
	out.yearDay("until", c.Until)
	out.yearDay("begins", c.Begins)
	out.say(c.Until != "" && c.Mode != CharterRemind, "until", "only a reminder has a last day", "mode: remind")
	out.oneOf("guardians", string(c.Guardians), "", string(AnswerYes), string(AnswerNo))
	out.line("contact.fr", c.Contact.FR, mostContact)
	out.line("contact.en", c.Contact.EN, mostContact)
	out.say(c.Contact.FR == "" && c.Contact.EN != "", "contact.fr", "it is said in English only", "")
	out.say(!c.Withdrawn && c.silent(), "", "it says nothing", "a text, a mode, a day or a contact; or withdrawn: true")
	return out
}

// silent tells whether a charter leaves everything to the broader one.
func (c Charter) silent() bool {
	for _, text := range c.Texts() {
		if !text.IsZero() {
			return false
		}
	}
	return c.Mode == "" && c.Begins == "" && c.Guardians == "" && c.Contact == Text{}
}

func (c *checker) yearDay(where string, d YearDay) {
	c.say(d != "" && !d.known(), where, fmt.Sprintf("%q is no day of every year", d), "mm-dd, as 09-30")
}

func (c *checker) charterText(where string, t CharterText, child bool) {
	if t.IsZero() {
		return
	}
	c.say(len(t.Rules) == 0, where+".rules", "the short sentences are missing", "five to eight rules")
	c.say(len(t.Rules) > mostRules, where+".rules", fmt.Sprintf("%d rules are more than anybody reads", len(t.Rules)), fmt.Sprintf("%d at most", mostRules))
	for i, rule := range t.Rules {
		at := fmt.Sprintf("%s.rules[%d]", where, i)
		c.say(!slices.Contains(CharterIcons(), rule.Icon), at+".icon", fmt.Sprintf("%q is no picture", rule.Icon), "one of "+strings.Join(CharterIcons(), ", "))
		c.say(strings.TrimSpace(rule.Text.FR) == "", at+".text.fr", "the sentence is missing", "")
		for lang, text := range map[string]string{"fr": rule.Text.FR, "en": rule.Text.EN} {
			c.line(at+".text."+lang, text, mostRuleText)
			n := len(strings.Fields(text))
			c.say(child && n > mostChildWords, at+".text."+lang, fmt.Sprintf("%d words are too many for a child", n), fmt.Sprintf("%d at most", mostChildWords))
		}
	}
	c.say(t.Full.FR == "" && t.Full.EN != "", where+".full.fr", "it is said in English only", "")
	c.prose(where+".full.fr", t.Full.FR, mostCharterText)
	c.prose(where+".full.en", t.Full.EN, mostCharterText)
}

// line wants a text of one line.
func (c *checker) line(where, text string, most int) {
	c.say(strings.ContainsAny(text, "\n\r"), where, "it is more than one line", "")
	c.prose(where, text, most)
}

// prose wants a text that shows as it is written: no tag, no link, nothing invisible.
func (c *checker) prose(where, text string, most int) {
	c.say(utf8.RuneCountInString(text) > most, where, fmt.Sprintf("it is longer than %d characters", most), "say it shorter")
	c.say(!utf8.ValidString(text) || strings.ContainsFunc(text, hidden), where, "it holds characters that nobody sees", "plain text")
	c.say(tagPattern.MatchString(text), where, "tags, entities and links are not read: they would be shown as they are written", "plain sentences, # headings and - lists")
}

// hidden are characters that change how a text is shown without being seen: controls, and marks of direction. The spaces
// of French typography are none.
func hidden(r rune) bool {
	return r != '\n' && r != '\r' && r != '\t' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)) || r == utf8.RuneError
}
