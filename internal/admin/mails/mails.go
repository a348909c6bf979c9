// Package mails is the page of what offices were told by mail: to which function or school, when, and what became of it. It
// shows no address and no text; whoever looks after connections sends a mail again.
//
// Routes:
//
//	GET   /bureau/courriers           the list, the newest first; ?etat=non-remis is what failed or came back
//	POST  /bureau/courriers/renvoyer  sends one again
package mails

import (
	"embed"
	"net/http"
	"strconv"
	"time"

	"ecluse/internal/admin/frame"
	"ecluse/internal/notify"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

//go:embed pages texts
var files embed.FS

// Pages are the page and its texts.
func Pages() web.Contribution { return web.Contribution{Name: name, Files: files} }

const (
	name   = "mails"
	home   = frame.Home + "courriers"
	wrong  = "non-remis"
	onPage = 50
)

type page struct{ on bool }

// Mount adds the routes and the entry of the menu. on tells whether this gateway sends mail at all; the page says it.
func Mount(mux *web.Mux, f *frame.Frame, on bool) {
	p := &page{on}
	f.Add(frame.Entry{Task: frame.Reading, Path: home, Key: name + "/menu", May: reads})
	mux.Handle(web.Route{Method: "GET", Pattern: home, Handler: f.Page(name, p.show)})
	mux.Handle(web.Route{Method: "POST", Pattern: home + "/renvoyer", Handler: f.Page(name, p.again)})
}

// reads tells whether the visitor holds a role that reads a journal somewhere. The list asks package desk.
func reads(v *frame.Visit) bool {
	return v.Holds(registry.HeadOfSchool, registry.Deputy, registry.DASEN, registry.Recteur, registry.DPO, registry.Admin,
		registry.OnCall, registry.Support, registry.Auditor)
}

type list struct {
	web.Frame
	On    bool
	Wrong bool
	Sends bool // whether the visitor may send again
	Done  bool
	Rows  []row
	Older string // the address of the next page; empty on the last
}

type row struct {
	ID, To, What, Subject string
	Made                  time.Time
	State                 string
	Kind                  string // of the badge
	Code                  string
	Again                 bool
}

func (p *page) show(w http.ResponseWriter, v *frame.Visit) error {
	q := notify.Query{Wrong: v.Query("etat") == wrong, Limit: onPage + 1, Past: v.Query("apres")}
	if ms, err := strconv.ParseInt(v.Query("avant"), 10, 64); err == nil {
		q.Before = time.UnixMilli(ms).UTC()
	}
	found, err := v.Desk.MailsTo(v.Context(), v.Caller, q)
	if err != nil {
		return err
	}
	out := list{
		Frame: v.Around(v.Say("title")), On: p.on, Wrong: q.Wrong, Sends: p.on && v.May(roles.EditSource, roles.Target{}), Done: v.Query("fait") != "",
	}
	if len(found) > onPage {
		found = found[:onPage]
		last := found[onPage-1]
		out.Older = home + "?avant=" + strconv.FormatInt(last.Made.UnixMilli(), 10) + "&apres=" + last.ID
		if q.Wrong {
			out.Older += "&etat=" + wrong
		}
	}
	for _, m := range found {
		out.Rows = append(out.Rows, rowOf(v, m, out.Sends))
	}
	return v.Render(w, http.StatusOK, "list", out)
}

func rowOf(v *frame.Visit, m notify.Mail, sends bool) row {
	r := row{
		ID: m.ID, To: v.Role(m.To.Role), What: v.Say("kind." + string(m.Kind)), Made: m.Made, State: v.Say("state." + string(m.State)), Code: m.Code,
		Again: sends && m.State != notify.Queued,
		Kind:  map[notify.State]string{notify.Sent: "success", notify.Failed: "danger", notify.Bounced: "danger"}[m.State],
	}
	switch uai, school := m.To.UAI(); {
	case school:
		r.To += ", " + v.School(uai)
	case m.To.Role == registry.Provider:
		r.To += ", " + v.Service(m.To.Of)
	case m.To.Of != "":
		r.To += ", " + m.To.Of
	}
	r.Subject = about(v, m)
	return r
}

// about names what a mail is about, where it is about one thing that has a name.
func about(v *frame.Visit, m notify.Mail) string {
	if m.Kind == notify.ByLink {
		return ""
	}
	if _, school := v.Snapshot.Establishment(person.UAI(m.About)); school {
		return v.School(person.UAI(m.About))
	}
	return v.Service(m.About) // the name that it has where it is no service's
}

func (p *page) again(w http.ResponseWriter, v *frame.Visit) error {
	form, err := v.Form()
	if err != nil {
		return err
	}
	if err := v.Desk.MailAgain(v.Context(), v.Caller, form.Get("courrier")); err != nil {
		return err
	}
	return v.Redirect(w, home+"?fait=1")
}
