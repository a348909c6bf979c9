// Package inquiries is the desk's pages on which a data-protection officer asks, on a written request, which services a
// person used, or which of some people a service knows by a pseudonym; a second person confirms, and both read the answer.
//
// Routes:
//
//	GET   /bureau/enquetes                 who asked what, why, and who confirmed; never about whom
//	GET   /bureau/enquetes/nouvelle        the form; POST asks
//	GET   /bureau/enquetes/{id}            one of them
//	POST  /bureau/enquetes/{id}/decision   confirms it as the second person, ends or declines it
//	POST  /bureau/enquetes/{id}/resultat   reads the answer, as a page to print or as a file; each reading is in the journal
//
// Whom an inquiry is about stands in no address and on no page but the form on which it is typed. Nothing is kept by a cache.
package inquiries

import (
	"embed"
	"net/http"
	"net/url"
	"slices"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

//go:embed pages texts
var files embed.FS

const (
	name    = "inquiries"
	home    = frame.Home + "enquetes"
	begin   = home + "/nouvelle"
	perPage = 50
)

// Pages are the pages and their texts.
func Pages() web.Contribution { return web.Contribution{Name: name, Files: files} }

// Mount adds the routes and the entry of the menu.
func Mount(mux *web.Mux, f *frame.Frame) {
	f.Add(frame.Entry{Task: frame.Deciding, Path: home, Key: name + "/title", May: takesPart})
	page := func(method, pattern string, limit int64, h frame.Handler) {
		mux.Handle(web.Route{Method: method, Pattern: pattern, BodyLimit: limit, Handler: f.Page(name, h)})
	}
	page(http.MethodGet, home, 0, list)
	page(http.MethodGet, begin, 0, beginning)
	page(http.MethodPost, begin, 1<<20, ask)
	page(http.MethodGet, home+"/{id}", 0, one)
	page(http.MethodPost, home+"/{id}/decision", 0, decide)
	page(http.MethodPost, home+"/{id}/resultat", 0, read)
}

// takesPart tells whether the visitor holds a role that asks or confirms; package desk says over what.
func takesPart(v *frame.Visit) bool { return v.Holds(registry.DPO, registry.Recteur, registry.Auditor) }

// mine refuses who neither asks nor confirms anywhere.
func mine(v *frame.Visit) error {
	if takesPart(v) {
		return nil
	}
	return &roles.Denied{Act: roles.ConfirmInquiry, Why: "role", Who: []registry.Role{registry.DPO, registry.Recteur, registry.Auditor}}
}

func at(id string) string { return home + "/" + url.PathEscape(id) }

type listPage struct {
	web.Frame
	Rows  []row
	Pager web.Pager
	New   bool
}

type row struct {
	URL, Kind, Office, Asked, Reason, Until string
	State                                   web.Badge
}

func list(w http.ResponseWriter, v *frame.Visit) error {
	if err := mine(v); err != nil {
		return err
	}
	all, err := v.Desk.Inquiries(v.Context(), v.Caller)
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b registry.Inquiry) int { return b.Until.Compare(a.Until) })
	part, pager := frame.Part(v, all, perPage)
	out := listPage{Frame: v.Around(v.Say("title")), Pager: pager, New: v.Holds(registry.DPO)}
	for _, q := range part {
		out.Rows = append(out.Rows, rowOf(v, q))
	}
	return v.Render(w, http.StatusOK, "list", out)
}

func rowOf(v *frame.Visit, q registry.Inquiry) row {
	out := row{URL: at(q.ID), Kind: kindOf(v, q), State: stateOf(v, q)}
	if q.State != registry.Archived {
		out.Until = v.Kit.DateTime(v.Lang, q.Until)
	}
	if len(q.Decisions) > 0 {
		first := q.Decisions[0]
		out.Office, out.Asked, out.Reason = first.Office, v.Kit.DateTime(v.Lang, first.At), first.Reason
	}
	return out
}

func kindOf(v *frame.Visit, q registry.Inquiry) string {
	if q.Matches() {
		return v.Say("kind.match", "n", v.Number(q.Candidates))
	}
	return v.Say("kind.uses")
}

func stateOf(v *frame.Visit, q registry.Inquiry) web.Badge {
	switch {
	case q.State == registry.Archived:
		return web.Badge{Kind: "info", Text: v.Say("state.ended")}
	case !v.Now.Before(q.Until):
		return web.Badge{Kind: "info", Text: v.Say("state.over")}
	case q.State == registry.Approved:
		return web.Badge{Kind: "success", Text: v.Say("state.confirmed")}
	default:
		return web.Badge{Kind: "warning", Text: v.Say("state.asked")}
	}
}

// found is the inquiry of the address, in the sight of who asks.
func found(v *frame.Visit) (registry.Inquiry, error) {
	id := v.R.PathValue("id")
	all, err := v.Desk.Inquiries(v.Context(), v.Caller)
	if err != nil {
		return registry.Inquiry{}, err
	}
	i := slices.IndexFunc(all, func(q registry.Inquiry) bool { return q.ID == id })
	if i < 0 {
		return registry.Inquiry{}, &desk.NotFound{Kind: "inquiry", ID: id}
	}
	return all[i], nil
}

type onePage struct {
	web.Frame
	row
	Done, Decide, Read      string
	History                 []string
	Waits, Reads, Ends, Own bool
	Reason                  web.Area
	Wrong                   []web.InputError
}

func one(w http.ResponseWriter, v *frame.Visit) error {
	return show(w, v, frame.Form{Values: url.Values{}}, frame.Wrong{})
}

func show(w http.ResponseWriter, v *frame.Visit, f frame.Form, wrong frame.Wrong) error {
	q, err := found(v)
	if err != nil {
		return err
	}
	live := v.Now.Before(q.Until)
	out := onePage{
		row: rowOf(v, q), Decide: at(q.ID) + "/decision", Read: at(q.ID) + "/resultat", History: history(v, q),
		Own: q.Asker() == v.Caller.Handle, Ends: q.State != registry.Archived,
		Reads:  q.State == registry.Approved && live && (q.Asker() == v.Caller.Handle || q.Second() == v.Caller.Handle),
		Reason: web.Area{Name: "motif", Label: v.Say("decide.why"), Hint: v.Say("decide.why_hint"), Value: f.Get("motif"), Error: wrong.At("reason")},
		Wrong:  wrong.Summary(func(at string) string { return map[string]string{"reason": "motif"}[at] }),
	}
	out.Waits = q.State == registry.Submitted && live && !out.Own
	if said := v.Query("fait"); wrong.Status == 0 && slices.Contains([]string{"demander", "confirmer", "clore"}, said) {
		out.Done = v.Say("done." + said)
	}
	out.Frame = v.Around(v.Say("one.title"), web.Tab{Label: v.Say("title"), URL: home})
	if wrong.Status != 0 {
		out.Frame.Here = at(q.ID)
	}
	return v.Render(w, max(http.StatusOK, wrong.Status), "one", out)
}

// history is who asked, confirmed and ended it, by their offices.
func history(v *frame.Visit, q registry.Inquiry) []string {
	var out []string
	for _, d := range q.Decisions {
		key := map[registry.State]string{registry.Submitted: "asked", registry.Approved: "confirmed"}[d.State]
		if key == "" {
			key = "ended"
		}
		out = append(out, v.Say("history."+key, "date", v.Kit.DateTime(v.Lang, d.At), "office", d.Office, "reason", d.Reason))
	}
	return out
}

// decide is the second person's word, or the end.
func decide(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	id, act := v.R.PathValue("id"), f.Get("acte")
	if act == "confirmer" {
		_, err = v.Desk.ConfirmInquiry(v.Context(), v.Caller, id, f.Get("motif"))
	} else {
		act = "clore"
		_, err = v.Desk.EndInquiry(v.Context(), v.Caller, id, f.Get("motif"))
	}
	if wrong, ok := v.Wrong(err); ok {
		return show(w, v, f, wrong)
	}
	if err != nil {
		return err
	}
	return v.Redirect(w, at(id)+"?fait="+act)
}
