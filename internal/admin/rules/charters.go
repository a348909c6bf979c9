package rules

import (
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

type chartersPage struct {
	web.Frame
	Rows   []charterRow
	Pager  web.Pager
	School web.Input
	New    []web.Tab // the charters that the visitor may write and that nobody has written
}

type charterRow struct {
	Name, URL, Mode string
	File            *frame.Kept
	Wordings        string
	Withdrawn       bool
}

func listCharters(w http.ResponseWriter, v *frame.Visit) error {
	if uai := v.Query("uai"); uai != "" {
		return v.Redirect(w, schools+"/"+url.PathEscape(strings.ToUpper(uai))+"/charte")
	}
	all, err := v.Desk.Charters(v.Context(), v.Caller)
	if err != nil {
		return err
	}
	part, pager := frame.Part(v, all, 50)
	out := chartersPage{
		Frame: v.Around(v.Say("charter.title")), Pager: pager, New: unwritten(v),
		School: web.Input{Name: "uai", Label: v.Say("charter.uai"), Hint: v.Say("charter.uai_hint"), Autocomplete: "off", Required: true},
	}
	for _, c := range part {
		row := charterRow{
			Name: whose(v, c.Level(), c.Of()), URL: charters + "/" + string(c.Level()) + "/" + url.PathEscape(c.Of()), Mode: modeOf(v, c.Mode), File: v.Kept(c.ManagedBy),
			Withdrawn: c.Withdrawn,
		}
		var written []string
		for i, word := range charter.Wordings() {
			if !c.Texts()[i].IsZero() {
				written = append(written, wordingOf(v, word))
			}
		}
		row.Wordings = strings.Join(written, ", ")
		out.Rows = append(out.Rows, row)
	}
	return v.Render(w, http.StatusOK, "charters", out)
}

// whose says whose charter it is.
func whose(v *frame.Visit, level registry.Level, of string) string {
	switch level {
	case registry.ByAcademy:
		return v.Over(registry.Over{Academies: []string{of}})
	case registry.ByDepartment:
		return v.Over(registry.Over{Departments: []string{of}})
	}
	return v.School(person.UAI(of))
}

func modeOf(v *frame.Visit, m registry.CharterMode) string {
	switch m {
	case registry.CharterShown, registry.CharterRemind, registry.CharterRequire:
		return v.Say("mode." + string(m))
	}
	return v.Say("mode.inherited")
}

// wordingOf says for whom a wording is.
func wordingOf(v *frame.Visit, w charter.Wording) string {
	return v.Say("written." + map[charter.Wording]string{charter.Child: "child", charter.Teen: "teen", charter.Adult: "adult"}[w])
}

// said is one wording of a charter.
type said struct {
	Wording, Version, From string
	At                     string // where this version keeps its address
	Rules                  []string
	Full                   string
	Own                    bool
}

type charterPage struct {
	web.Frame
	Name, Mode, Contact string
	File                *frame.Kept
	Texts               []said
	Withdrawn, Done     bool
	Write               string // where it is written, for who may
}

func oneCharter(w http.ResponseWriter, v *frame.Visit) error {
	level, of := registry.Level(v.R.PathValue("level")), v.R.PathValue("of")
	c, err := v.Desk.Charter(v.Context(), v.Caller, level, of)
	if err != nil {
		return err
	}
	out := shownCharter(v, c)
	if out.Done = v.Query("fait") != ""; c.ManagedBy == "" && mayWrite(v, c) == nil {
		out.Write = charterAddress(c) + "/ecrire"
	}
	out.Frame = v.Around(out.Name, web.Tab{Label: v.Say("charter.title"), URL: charters})
	return v.Render(w, http.StatusOK, "charter", out)
}

// shownCharter is a charter as it is written, without what it leaves to a broader one.
func shownCharter(v *frame.Visit, c registry.Charter) charterPage {
	out := charterPage{Name: whose(v, c.Level(), c.Of()), File: v.Kept(c.ManagedBy), Mode: modeOf(v, c.Mode), Contact: c.Contact.In(v.In()), Withdrawn: c.Withdrawn}
	for i, word := range charter.Wordings() {
		if text := c.Texts()[i]; !text.IsZero() {
			out.Texts = append(out.Texts, textOf(v, word, text))
		}
	}
	return out
}

func textOf(v *frame.Visit, word charter.Wording, text registry.CharterText) said {
	out := said{Wording: wordingOf(v, word), Version: text.Version()[:12], At: charters + "/textes/" + text.Version(), Full: text.Full.In(v.In())}
	for _, r := range text.Rules {
		out.Rules = append(out.Rules, r.Text.In(v.In()))
	}
	return out
}

type placePage struct {
	web.Frame
	UAI, Name, Mode string
	Texts           []said
	Read            []string
	Attested        []charter.Attestation
	Attest          bool
	Fields          []web.Input
	Wrong           []web.InputError
	Done            bool
	Write           string // where the establishment writes its own, for who may
}

func charterAt(w http.ResponseWriter, v *frame.Visit) error {
	return showPlace(w, v, frame.Form{Values: url.Values{}}, frame.Wrong{})
}

func showPlace(w http.ResponseWriter, v *frame.Visit, f frame.Form, wrong frame.Wrong) error {
	uai := person.UAI(strings.ToUpper(v.R.PathValue("uai")))
	a, err := v.Desk.CharterAt(v.Context(), v.Caller, uai)
	if err != nil {
		return err
	}
	out := placePage{
		UAI: string(uai), Name: v.School(uai), Write: ownCharter(v, uai), Mode: modeOf(v, a.Mode), Attested: a.Attested, Done: v.Query("fait") != "" && wrong.Status == 0,
		Attest: !a.Pupils && len(a.Texts) > 0 && v.May(roles.AttestPaper, roles.Target{UAIs: []person.UAI{uai}}),
		Wrong: wrong.Summary(func(field string) string {
			_, id, _ := strings.Cut(field, ".")
			return map[string]string{"class": "classe", "on": "jour", "read": "lus", "signed": "signes", "document": "document"}[id]
		}),
	}
	for _, t := range a.Texts {
		text := textOf(v, t.Wording, t.Text)
		text.From, text.Own = whose(v, t.Level, t.Of), t.Level == registry.ByEstablishment
		out.Texts = append(out.Texts, text)
	}
	for _, n := range a.Counts {
		out.Read = append(out.Read, countOf(v, n))
	}
	for _, id := range []struct{ name, at, kind string }{
		{"classe", "class", ""}, {"jour", "on", "date"}, {"lus", "read", ""}, {"signes", "signed", ""}, {"document", "document", ""},
	} {
		out.Fields = append(out.Fields, web.Input{
			Name: id.name, Label: v.Say("attest." + id.name), Type: id.kind, Value: f.Get(id.name), Error: wrong.At("classes[0]." + id.at), Autocomplete: "off", Required: true,
		})
	}
	out.Frame = v.Around(v.Say("charter.at", "name", out.Name), web.Tab{Label: v.Say("charter.title"), URL: charters})
	return v.Render(w, max(http.StatusOK, wrong.Status), "place", out)
}

func countOf(v *frame.Visit, n charter.Told) string {
	key := "count.line"
	switch {
	case n.Hidden:
		key = "count.hidden"
	case n.Older:
		key = "count.older"
	}
	return v.Say(key, "group", v.Say("group."+string(n.Group)), "n", v.Number(n.N))
}

func attest(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	uai := person.UAI(strings.ToUpper(v.R.PathValue("uai")))
	_, err = v.Desk.AttestCharter(v.Context(), v.Caller, uai, []desk.ReadInClass{{
		Class: f.Get("classe"), On: f.Day("jour"), Read: count(f.Get("lus")), Signed: count(f.Get("signes")), Document: f.Get("document"),
	}})
	if wrong, ok := v.Wrong(err); ok {
		return showPlace(w, v, f, wrong)
	}
	if err != nil {
		return err
	}
	return v.Redirect(w, schools+"/"+url.PathEscape(string(uai))+"/charte?fait=1")
}

// count reads a number of a form; what is none becomes one that package desk refuses.
func count(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return -1
	}
	return n
}
