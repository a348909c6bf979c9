package rules

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"ecluse/internal/admin/frame"
	"ecluse/internal/charter"
	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

// A charter's form has the rules that are there and a few lines more, as far as anybody reads them.
const (
	moreLines = 3
	mostLines = 12
	mostForm  = 1 << 20 // of a posted charter: three wordings in two languages
)

type charterField = frame.Field[registry.Charter]

// terms are the fields beside the texts. What is left empty, the broader charter says.
func terms() []charterField {
	text := func(name, at string, of func(*registry.Charter) *string) charterField {
		return charterField{
			Name: name, At: at, Get: func(c registry.Charter) string { return *of(&c) },
			Set: func(c *registry.Charter, typed string) bool { *of(c) = typed; return true },
		}
	}
	one := func(name, at string, values []string, of func(registry.Charter) string, put func(*registry.Charter, string)) charterField {
		return charterField{
			Name: name, At: at, Get: of,
			Options: func(v *frame.Visit) []web.Option {
				out := []web.Option{{Label: v.Say("write." + name + ".inherited")}}
				for _, value := range values {
					out = append(out, web.Option{Value: value, Label: v.Say("write." + name + "." + value)})
				}
				return out
			},
			Set: func(c *registry.Charter, typed string) bool { put(c, typed); return true },
		}
	}
	return []charterField{
		one("mode", "mode", []string{string(registry.CharterShown), string(registry.CharterRemind), string(registry.CharterRequire)},
			func(c registry.Charter) string { return string(c.Mode) }, func(c *registry.Charter, s string) { c.Mode = registry.CharterMode(s) }),
		text("rappel", "until", func(c *registry.Charter) *string { return (*string)(&c.Until) }),
		text("annee", "begins", func(c *registry.Charter) *string { return (*string)(&c.Begins) }),
		one("parents", "guardians", []string{string(registry.AnswerYes), string(registry.AnswerNo)},
			func(c registry.Charter) string { return string(c.Guardians) }, func(c *registry.Charter, s string) { c.Guardians = registry.Answer(s) }),
		text("contact", "contact.fr", func(c *registry.Charter) *string { return &c.Contact.FR }),
		text("contact-en", "contact.en", func(c *registry.Charter) *string { return &c.Contact.EN }),
		withdrawnField(),
	}
}

func withdrawnField() charterField {
	return charterField{
		Name: "retrait", At: "withdrawn",
		Options: func(v *frame.Visit) []web.Option {
			return []web.Option{{Label: v.Say("write.retrait.no")}, {Value: "oui", Label: v.Say("write.retrait.oui")}}
		},
		Get: func(c registry.Charter) string {
			if c.Withdrawn {
				return "oui"
			}
			return ""
		},
		Set: func(c *registry.Charter, typed string) bool { c.Withdrawn = typed == "oui"; return true },
	}
}

// wordings are the three texts of a charter, by the word with which forms and package desk name them.
func wordings(c *registry.Charter) []struct {
	at   string
	word charter.Wording
	text *registry.CharterText
} {
	return []struct {
		at   string
		word charter.Wording
		text *registry.CharterText
	}{{"enfant", charter.Child, &c.Child}, {"ado", charter.Teen, &c.Teen}, {"adulte", charter.Adult, &c.Adult}}
}

// typedCharter reads a posted charter. A line without a sentence is none.
func typedCharter(v *frame.Visit, f frame.Form, into registry.Charter) registry.Charter {
	next, _ := frame.Take(v, terms(), f, into) // each of them takes what it is given
	for _, w := range wordings(&next) {
		text := registry.CharterText{Full: registry.Text{FR: plainLines(f.Get(w.at + ".texte")), EN: plainLines(f.Get(w.at + ".texte-en"))}}
		for i := range mostLines + moreLines {
			line := registry.CharterRule{
				Icon: f.Get(ruleName(w.at, i, "image")), Text: registry.Text{FR: f.Get(ruleName(w.at, i, "fr")), EN: f.Get(ruleName(w.at, i, "en"))},
			}
			if line.Text != (registry.Text{}) {
				text.Rules = append(text.Rules, line)
			}
		}
		*w.text = text
	}
	return next
}

// plainLines undoes what a browser makes of the ends of lines.
func plainLines(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

func ruleName(wording string, i int, part string) string {
	return fmt.Sprintf("%s.%d.%s", wording, i, part)
}

type writePage struct {
	web.Frame
	Name, Action, Tag string
	Terms             []web.Control
	Texts             []wordingForm
	Wrong             []web.InputError
	Theirs            *charterPage // what is registered by now, where somebody else was faster
}

// wordingForm is the form of one wording.
type wordingForm struct {
	Wording, Broader, Error string
	Open                    bool
	Rules                   [][]web.Control
	Full                    []web.Control
}

// place reads which charter the address names, and whether the visitor writes it.
func place(v *frame.Visit) (registry.Charter, error) {
	level, of := registry.Level(v.R.PathValue("level")), v.R.PathValue("of")
	if level == registry.ByEstablishment {
		of = strings.ToUpper(of)
	}
	c := registry.Charter{}.At(level, of)
	if c.Level() == "" {
		return c, &desk.NotFound{Kind: "charter", ID: string(level) + " " + of}
	}
	return c, mayWrite(v, c)
}

func mayWrite(v *frame.Visit, c registry.Charter) error {
	_, err := roles.May(v.Snapshot, v.Now, v.Caller, roles.EditCharter, roles.Target{Declaration: &registry.Declaration{Scope: c.Scope()}})
	return err
}

func charterAddress(c registry.Charter) string {
	return charters + "/" + string(c.Level()) + "/" + url.PathEscape(c.Of())
}

func writeCharter(w http.ResponseWriter, v *frame.Visit) error {
	c, err := place(v)
	if err != nil {
		return err
	}
	now, known := v.Snapshot.Charter(c.Level(), c.Of())
	if !known {
		now = c
	}
	if now.ManagedBy != "" {
		return &desk.Conflict{Code: "managed", What: now.ManagedBy}
	}
	return showWriting(w, v, now, now, known, frame.Typed(terms(), now), frame.Wrong{})
}

func putCharter(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	c, err := place(v)
	if err != nil {
		return err
	}
	now, known := v.Snapshot.Charter(c.Level(), c.Of())
	tag := f.Get("etat")
	if known && tag == "" {
		tag = "none" // somebody else wrote it first
	}
	next := typedCharter(v, f, c)
	if _, err = v.Desk.PutCharter(v.Context(), v.Caller, next, tag); err == nil {
		return v.Redirect(w, charterAddress(c)+"?fait=1")
	}
	wrong, ok := v.Wrong(err)
	if !ok {
		return err
	}
	return showWriting(w, v, next, now, known, f, inWords(v, wrong))
}

// inWords says what is wrong with one sentence as people read it.
func inWords(v *frame.Visit, wrong frame.Wrong) frame.Wrong {
	for i, l := range wrong.Lines {
		_, part, found := strings.Cut(l.Where, "].")
		if !found {
			continue
		}
		key := map[string]string{"icon": "icon", "text.fr": "fr", "text.en": "en"}[part]
		if part == "text.fr" && strings.HasPrefix(l.Where, "enfant.") {
			key = "child"
		}
		wrong.Lines[i].Text = v.Say("write.wrong." + key)
	}
	return wrong
}

func showWriting(w http.ResponseWriter, v *frame.Visit, typed, now registry.Charter, known bool, f frame.Form, wrong frame.Wrong) error {
	name := whose(v, typed.Level(), typed.Of())
	out := writePage{Name: name, Action: charterAddress(typed) + "/ecrire", Terms: frame.Controls(v, terms(), f, now, wrong)}
	up := []web.Tab{{Label: v.Say("charter.title"), URL: charters}}
	if known {
		out.Tag = desk.Tag(now)
		up = append(up, web.Tab{Label: name, URL: charterAddress(typed)})
	}
	if wrong.Code == "changed" && known {
		theirs := shownCharter(v, now)
		out.Theirs = &theirs
	}
	for _, x := range wordings(&typed) {
		out.Texts = append(out.Texts, wordingOfForm(v, typed, x.at, x.word, *x.text, wrong))
	}
	out.Wrong = wrong.Summary(inputOfCharter)
	out.Frame = v.Around(v.Say("write.title"), up...)
	return v.Render(w, max(http.StatusOK, wrong.Status), "write", out)
}

// wordingOfForm is one wording: its lines, a few more, and its full text, beside what the broader charter says.
func wordingOfForm(v *frame.Visit, c registry.Charter, at string, word charter.Wording, text registry.CharterText, wrong frame.Wrong) wordingForm {
	out := wordingForm{Wording: wordingOf(v, word), Error: wrong.At(at), Broader: broader(v, c, word)}
	out.Open = !text.IsZero() || out.Error != ""
	lines := append([]registry.CharterRule{}, text.Rules...)
	for len(lines) < min(len(text.Rules)+moreLines, max(mostLines, len(text.Rules))) {
		lines = append(lines, registry.CharterRule{})
	}
	for i, line := range lines {
		where := fmt.Sprintf("%s.rules[%d]", at, i)
		image := web.Select{Name: ruleName(at, i, "image"), Label: v.Say("write.image", "n", strconv.Itoa(i+1)), Error: wrong.At(where + ".icon")}
		for _, word := range registry.CharterIcons() {
			image.Options = append(image.Options, web.Option{Value: word, Label: v.Say("picture." + word), Chosen: word == line.Icon})
		}
		field := func(part, key, value, bad string) web.Control {
			return web.Control{Input: &web.Input{Name: ruleName(at, i, part), Label: v.Say(key, "n", strconv.Itoa(i+1)), Value: value, Error: bad, Autocomplete: "off"}}
		}
		out.Rules = append(out.Rules, []web.Control{
			{Select: &image}, field("fr", "write.sentence", line.Text.FR, wrong.At(where+".text.fr")), field("en", "write.sentence_en", line.Text.EN, wrong.At(where+".text.en")),
		})
	}
	out.Full = []web.Control{
		{Area: &web.Area{Name: at + ".texte", Label: v.Say("write.full"), Hint: v.Say("write.full_hint"), Value: text.Full.FR, Error: wrong.At(at + ".full.fr")}},
		{Area: &web.Area{Name: at + ".texte-en", Label: v.Say("write.full_en"), Value: text.Full.EN, Error: wrong.At(at + ".full.en")}},
	}
	return out
}

// broader says whose text holds where this charter has none: that of the department or of the academy around it.
func broader(v *frame.Visit, c registry.Charter, word charter.Wording) string {
	for _, e := range v.Snapshot.Establishments() {
		if !c.Reaches(e) {
			continue
		}
		for _, up := range []struct {
			level registry.Level
			of    string
		}{{registry.ByDepartment, e.Department}, {registry.ByAcademy, e.Academy}} {
			above, known := v.Snapshot.Charter(up.level, up.of)
			if !known || above.Withdrawn || c.Level() == up.level || c.Level() == registry.ByAcademy {
				continue
			}
			for _, x := range wordings(&above) {
				if x.word == word && !x.text.IsZero() {
					return v.Say("write.broader", "from", whose(v, up.level, up.of))
				}
			}
		}
		break
	}
	return v.Say("write.nothing_broader")
}

// inputOfCharter is the input of what package desk calls a field of a charter.
func inputOfCharter(at string) string {
	if name := frame.InputOf(terms())(at); name != "" {
		return name
	}
	wording, rest, _ := strings.Cut(at, ".")
	var i int
	if _, err := fmt.Sscanf(rest, "rules[%d]", &i); err == nil {
		part := "fr"
		switch {
		case strings.HasSuffix(rest, ".icon"):
			part = "image"
		case strings.HasSuffix(rest, ".en"):
			part = "en"
		}
		return ruleName(wording, i, part)
	}
	switch rest {
	case "rules":
		return ruleName(wording, 0, "fr")
	case "full.fr":
		return wording + ".texte"
	case "full.en":
		return wording + ".texte-en"
	}
	return ""
}

// oneText shows the text of one version, one that no longer holds too: what somebody has read keeps its address.
func oneText(w http.ResponseWriter, v *frame.Visit) error {
	version := v.R.PathValue("version")
	text, err := v.Desk.CharterText(v.Context(), v.Caller, version)
	if err != nil {
		return err
	}
	shown := said{Wording: v.Say("write.version_title"), Version: version[:12], Full: text.Full.In(v.In())}
	for _, r := range text.Rules {
		shown.Rules = append(shown.Rules, r.Text.In(v.In()))
	}
	out := charterPage{Frame: v.Around(shown.Wording, web.Tab{Label: v.Say("charter.title"), URL: charters}), Texts: []said{shown}}
	return v.Render(w, http.StatusOK, "text", out)
}

// ownCharter is where somebody writes the charter of an establishment; empty for who does not.
func ownCharter(v *frame.Visit, uai person.UAI) string {
	c := registry.Charter{UAI: uai}
	now, _ := v.Snapshot.Charter(c.Level(), c.Of())
	if now.ManagedBy != "" || mayWrite(v, c) != nil {
		return ""
	}
	return charterAddress(c) + "/ecrire"
}

// unwritten are the charters that the visitor may write and that nobody has written yet: of what their offices are held over.
func unwritten(v *frame.Visit) []web.Tab {
	var out []web.Tab
	seen := map[string]bool{}
	add := func(c registry.Charter) {
		if _, known := v.Snapshot.Charter(c.Level(), c.Of()); known || seen[c.Name()] || mayWrite(v, c) != nil {
			return
		}
		seen[c.Name()] = true
		out = append(out, web.Tab{Label: v.Say("write.new", "name", whose(v, c.Level(), c.Of())), URL: charterAddress(c) + "/ecrire"})
	}
	for _, h := range v.Held {
		for _, of := range h.Over.Academies {
			add(registry.Charter{Academy: of})
		}
		for _, of := range h.Over.Departments {
			add(registry.Charter{Department: of})
		}
		for _, of := range h.Over.UAIs {
			add(registry.Charter{UAI: of})
		}
	}
	return out
}
