package offices

import (
	"net/http"
	"strings"

	"ecluse/internal/admin/frame"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

type newPage struct {
	web.Frame
	Role, Kind              web.Select
	Names, Act, From, Until web.Input
	Reason                  web.Area
	Wrong                   []web.InputError
}

// The words for what an appointment is held over, as the form has them.
func perimeters() []string {
	return []string{"uais", "academies", "departments", "circonscriptions", "services", "sources"}
}

// overOf reads what is typed: names apart by commas or blanks; a circonscription's name has blanks, so commas alone part
// those.
func overOf(kind, typed string) registry.Over {
	apart := func(r rune) bool {
		return r == ',' || r == ';' || r == '\n' || kind != "circonscriptions" && (r == ' ' || r == '\t' || r == '\r')
	}
	var names []string
	for _, n := range strings.FieldsFunc(typed, apart) {
		if n = strings.TrimSpace(n); n != "" {
			names = append(names, n)
		}
	}
	var out registry.Over
	switch kind {
	case "academies":
		out.Academies = names
	case "departments":
		out.Departments = names
	case "circonscriptions":
		out.Circonscriptions = names
	case "services":
		out.Services = names
	case "sources":
		out.Sources = names
	case "uais":
		for _, n := range names {
			out.UAIs = append(out.UAIs, person.UAI(strings.ToUpper(n)))
		}
	}
	return out
}

func begin(w http.ResponseWriter, v *frame.Visit) error {
	f := frame.Form{Values: v.R.URL.Query()}
	if uai, ok := ownSchool(v); ok && !f.Has("noms") {
		f.Set("noms", string(uai))
	}
	return showNew(w, v, f, frame.Wrong{})
}

// ownSchool is the one establishment that the visitor heads.
func ownSchool(v *frame.Visit) (person.UAI, bool) {
	var found []person.UAI
	for _, h := range v.Held {
		if h.Role == registry.HeadOfSchool {
			found = append(found, h.Over.UAIs...)
		}
	}
	if len(found) != 1 {
		return "", false
	}
	return found[0], true
}

func showNew(w http.ResponseWriter, v *frame.Visit, f frame.Form, wrong frame.Wrong) error {
	field := func(id, at, kind string) web.Input {
		return web.Input{Name: id, Label: v.Say("new." + id), Hint: v.Say("new." + id + "_hint"), Type: kind, Value: f.Get(id), Error: wrong.At(at), Autocomplete: "off"}
	}
	out := newPage{
		Frame: v.Around(v.Say("new.title"), web.Tab{Label: v.Say("title"), URL: mandates}),
		Role:  web.Select{Name: "role", Label: v.Say("new.role"), Error: wrong.At("role")},
		Kind:  web.Select{Name: "sur", Label: v.Say("new.kind")},
		Names: field("noms", "over", ""), Act: field("acte", "act", ""), From: field("des", "from", "date"), Until: field("jusque", "until", "date"),
		Reason: web.Area{Name: "motif", Label: v.Say("new.motif"), Hint: v.Say("new.motif_hint"), Value: f.Get("motif"), Error: wrong.At("reason"), Required: true},
		Wrong:  wrong.Summary(input),
	}
	out.Names.Required, out.Until.Required = true, true
	for _, r := range registry.Roles() {
		out.Role.Options = append(out.Role.Options, web.Option{Value: string(r), Label: v.Role(r), Chosen: string(r) == f.Get("role")})
	}
	for _, k := range perimeters() {
		out.Kind.Options = append(out.Kind.Options, web.Option{Value: k, Label: v.Say("new.over." + k), Chosen: k == f.Get("sur")})
	}
	return v.Render(w, max(http.StatusOK, wrong.Status), "new", out)
}

// input is the input of a field of an appointment or of a delegation.
func input(field string) string {
	if strings.HasPrefix(field, "over") {
		return "noms"
	}
	return map[string]string{
		"role": "role", "act": "acte", "from": "des", "until": "jusque", "reason": "motif", "uai": "uai", "function": "fonction",
	}[field]
}

type wordPage struct {
	web.Frame
	Word, Role, Over, URL string
	Second                bool // the confirmer's, which goes after the proposer's
}

func propose(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	made, word, err := v.Desk.Appoint(v.Context(), v.Caller, registry.Appointment{
		Role: registry.Role(f.Get("role")), Over: overOf(f.Get("sur"), f.Get("noms")), Act: f.Get("acte"), Reason: f.Get("motif"),
		From: f.Day("des"), Until: f.Day("jusque"),
	})
	if wrong, ok := v.Wrong(err); ok {
		return showNew(w, v, f, wrong)
	}
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	out := wordPage{Frame: v.Around(v.Say("word.title"), web.Tab{Label: v.Say("title"), URL: mandates}), Word: word, Role: v.Role(made.Role), Over: v.Over(made.Over), URL: mandates + "/" + made.ID}
	return v.Render(w, http.StatusOK, "word", out)
}
