package access

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

type form struct{ url.Values }

func (f form) Get(name string) string { return strings.TrimSpace(f.Values.Get(name)) }

// nobody is the page for who is not signed in.
type nobody struct {
	web.Frame
	Enter, Word string
	Over        bool // a form was posted, and its session had ended
}

// said is what the answer to a form adds to the page.
type said struct {
	secret string
	wrong  map[string]string // field -> text
	form   form              // what was typed
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

// teller says texts in the language of a request.
type teller struct {
	kit *web.Kit
	r   *http.Request
	err error
}

func (t *teller) say(key string, args ...any) string {
	text, err := t.kit.Say(t.r, web.Frame{}, "access/"+key, args...)
	if err != nil && t.err == nil {
		t.err = err
	}
	return text
}

func (t *teller) wrong(s said, field string) string {
	if key := s.wrong[field]; key != "" {
		return t.say(key)
	}
	return ""
}

func (p *page) render(w http.ResponseWriter, r *http.Request, status int, v Visitor, s said) error {
	snapshot, err := p.Live.Current()
	if err != nil {
		return web.Unavailable(err)
	}
	t := &teller{kit: p.Kit, r: r}
	now := p.Now()
	held := roles.Holds(snapshot, now, v.Caller)
	out := mine{
		Frame: web.Frame{Here: home}, Until: v.Until, Held: len(held) > 0, Mandates: p.mandates(t, snapshot, held),
		Tokens: p.tokens(t, snapshot, now, v.Caller.Handle), Secret: s.secret, Leave: p.Leave, API: p.API,
		Word: web.Input{
			Name: "mot", Label: t.say("word.label"), Hint: t.say("word.hint"), Error: t.wrong(s, "mot"),
			Autocomplete: "one-time-code", Required: true,
		},
		Name: web.Input{
			Name: "nom", Label: t.say("token.name"), Hint: t.say("token.name_hint"), Error: t.wrong(s, "nom"),
			Value: s.form.Get("nom"), Autocomplete: "off", Required: true,
		},
		Day: web.Input{
			Name: "jusque", Label: t.say("token.until"), Hint: t.say("token.until_hint"), Error: t.wrong(s, "jusque"),
			Value: s.form.Get("jusque"), Type: "date", Autocomplete: "off", Required: true,
		},
		NoScope: t.wrong(s, "portee"),
	}
	for _, word := range roles.Scopes() {
		out.Scopes = append(out.Scopes, scope{word, t.say("scope." + word), slices.Contains(s.form.Values["portee"], word)})
	}
	if t.err != nil {
		return t.err
	}
	return p.Kit.Render(w, r, status, "access/bureau", out)
}

func (p *page) mandates(t *teller, s *registry.Snapshot, held []registry.Held) web.Table {
	out := web.Table{
		Caption: t.say("mandates.caption"),
		Head:    []string{t.say("mandates.role"), t.say("mandates.over"), t.say("mandates.until"), t.say("mandates.under")},
	}
	lang := p.Kit.Lang(t.r)
	for _, h := range held {
		out.Rows = append(out.Rows, []string{t.say("role." + string(h.Role)), over(t, s, h.Over), p.last(lang, s, h.Until), under(t, h)})
	}
	return out
}

// under says who or what gives a role.
func under(t *teller, h registry.Held) string {
	if id, byHand := strings.CutPrefix(h.Under, "appointment "); byHand {
		return t.say("mandates.appointment", "id", id)
	}
	if h.Under == "" {
		return t.say("mandates.federation")
	}
	return h.Under
}

// last is an end as people say it: the last day, where it is the end of one.
func (p *page) last(lang web.Lang, s *registry.Snapshot, end time.Time) string {
	before := end.Add(-time.Nanosecond)
	if registry.DateOf(end.In(s.Zone())) != registry.DateOf(before.In(s.Zone())) {
		return p.Kit.Date(lang, before)
	}
	return p.Kit.DateTime(lang, end)
}

// over says in words what a role is held over.
func over(t *teller, s *registry.Snapshot, o registry.Over) string {
	var out []string
	for _, id := range o.Academies {
		out = append(out, t.say("over.academy", "name", id))
	}
	for _, code := range o.Departments {
		out = append(out, t.say("over.department", "name", code))
	}
	for _, name := range o.Circonscriptions {
		out = append(out, t.say("over.circonscription", "name", name))
	}
	for _, uai := range o.UAIs {
		e, _ := s.Establishment(uai)
		out = append(out, strings.TrimSpace(e.Name+" ("+string(uai)+")"))
	}
	out = append(out, append(slices.Clone(o.Services), o.Sources...)...)
	return strings.Join(out, ", ")
}

// tokens are those that still act for a handle.
func (p *page) tokens(t *teller, s *registry.Snapshot, now time.Time, handle string) []token {
	var out []token
	for _, k := range s.Tokens() {
		if k.Holder != handle || k.Revoked || !now.Before(k.Until) {
			continue
		}
		var words []string
		for _, word := range k.Scopes {
			if slices.Contains(roles.Scopes(), word) {
				word = t.say("scope." + word)
			}
			words = append(words, word)
		}
		out = append(out, token{k.ID, k.Name, strings.Join(words, ", "), p.last(p.Kit.Lang(t.r), s, k.Until)})
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
