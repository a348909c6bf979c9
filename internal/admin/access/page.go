package access

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

// said is what the answer to a form adds to the page.
type said struct {
	secret string
	wrong  map[string]string // field -> text
	form   frame.Form        // what was typed
}

type mine struct {
	web.Frame
	Until    time.Time
	Mandates web.Table
	Held     bool
	Tokens   []token
	Secret   string
	Word     web.Input
	Name     web.Input
	Day      web.Input
	Scopes   []scope
	NoScope  string
	Leave    string
	API      string
}

type token struct {
	ID, Name, Scopes, Until string
}

type scope struct {
	Value, Label string
	Checked      bool
}

// at is the text of what is wrong with a field.
func (s said) at(v *frame.Visit, field string) string {
	if key := s.wrong[field]; key != "" {
		return v.Say(key)
	}
	return ""
}

func (p *page) render(w http.ResponseWriter, v *frame.Visit, status int, s said) error {
	at := v.Around(v.Say("desk.title"))
	at.Here = home
	out := mine{
		Frame: at, Until: v.Until, Held: len(v.Held) > 0, Mandates: mandates(v),
		Tokens: tokens(v), Secret: s.secret, Leave: p.Leave, API: p.API,
		Word: web.Input{
			Name: "mot", Label: v.Say("word.label"), Hint: v.Say("word.hint"), Error: s.at(v, "mot"),
			Autocomplete: "one-time-code", Required: true,
		},
		Name: web.Input{
			Name: "nom", Label: v.Say("token.name"), Hint: v.Say("token.name_hint"), Error: s.at(v, "nom"),
			Value: s.form.Get("nom"), Autocomplete: "off", Required: true,
		},
		Day: web.Input{
			Name: "jusque", Label: v.Say("token.until"), Hint: v.Say("token.until_hint"), Error: s.at(v, "jusque"),
			Value: s.form.Get("jusque"), Type: "date", Autocomplete: "off", Required: true,
		},
		NoScope: s.at(v, "portee"),
	}
	for _, word := range roles.Scopes() {
		out.Scopes = append(out.Scopes, scope{word, v.Say("scope." + word), slices.Contains(s.form.Values["portee"], word)})
	}
	return v.Render(w, status, "bureau", out)
}

func mandates(v *frame.Visit) web.Table {
	out := web.Table{
		Caption: v.Say("mandates.caption"),
		Head:    []string{v.Say("mandates.role"), v.Say("mandates.over"), v.Say("mandates.until"), v.Say("mandates.under")},
	}
	for _, h := range v.Held {
		out.Rows = append(out.Rows, []string{v.Role(h.Role), v.Over(h.Over), v.LastDay(h.Until), under(v, h)})
	}
	return out
}

// under says who or what gives a role.
func under(v *frame.Visit, h registry.Held) string {
	if id, byHand := strings.CutPrefix(h.Under, "appointment "); byHand {
		return v.Say("mandates.appointment", "id", id)
	}
	if h.Under == "" {
		return v.Say("mandates.federation")
	}
	return h.Under
}

// tokens are those that still act for a handle.
func tokens(v *frame.Visit) []token {
	var out []token
	for _, k := range v.Snapshot.Tokens() {
		if k.Holder != v.Caller.Handle || k.Revoked || !v.Now.Before(k.Until) {
			continue
		}
		var words []string
		for _, word := range k.Scopes {
			if slices.Contains(roles.Scopes(), word) {
				word = v.Say("scope." + word)
			}
			words = append(words, word)
		}
		out = append(out, token{k.ID, k.Name, strings.Join(words, ", "), v.LastDay(k.Until)})
	}
	return out
}

// wrongFields says which fields of the token's form do not fit.
func wrongFields(invalid *desk.Invalid) map[string]string {
	out := map[string]string{}
	for _, f := range invalid.Findings {
		switch {
		case f.Where == "name":
			out["nom"] = "wrong.name"
		case f.Where == "until":
			out["jusque"] = "wrong.until"
		case strings.HasPrefix(f.Where, "scopes"):
			out["portee"] = "wrong.scopes"
		}
	}
	return out
}
