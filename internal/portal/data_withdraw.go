package portal

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"ecluse/internal/audit"
	"ecluse/internal/person"
	"ecluse/internal/rights"
	"ecluse/internal/web"
)

// withdrawPage asks whether an agreement is really taken back, or says that it was.
type withdrawPage struct {
	web.Frame
	Service held
	Action  string
	Proof   string
	Done    bool
	Kept    bool
	Back    string
}

// asked finds the service that an address names, among those that the person answered.
func (p *dataPages) asked(r *http.Request, o owner) (h held, ok bool, err error) {
	id := r.PathValue("service")
	f, err := p.find(r.Context(), o, 1, id)
	if err != nil {
		return held{}, false, err
	}
	all := p.services(o, f)
	i := slices.IndexFunc(all, func(h held) bool { return h.ID == id })
	if i < 0 {
		return held{}, false, nil
	}
	return all[i], true, nil
}

func (p *dataPages) askWithdrawal(w http.ResponseWriter, r *http.Request, o owner) error {
	h, ok, err := p.asked(r, o)
	if err != nil {
		return web.Unavailable(err)
	}
	done := ok && h.Withdraw == "" && h.Said.Act == "withdrawn"
	switch {
	case !ok, h.Withdraw == "" && !done: // nothing to take back
		return p.toHome(w, r, o)
	case !done && !o.Recent:
		return p.Kit.Redirect(w, r, p.Again(strings.TrimPrefix(h.Withdraw, dataHome+"/")), http.StatusSeeOther)
	}
	page := withdrawPage{Frame: o.Frame, Service: h, Action: h.Withdraw, Proof: o.Proof("withdraw", h.ID), Done: done, Kept: o.Kept, Back: dataHome}
	return p.Kit.Render(w, r, http.StatusOK, "data/withdraw", page)
}

// withdraw takes the agreement back. What was sent twice, or from a page that is no longer true, shows how it stands.
func (p *dataPages) withdraw(w http.ResponseWriter, r *http.Request, o owner) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	id := r.PathValue("service")
	if o.Recent && o.Proves(form.Get("preuve"), "withdraw", id) {
		if err := p.Answers.Withdraw(r.Context(), o.Who, id); err != nil {
			return web.Unavailable(err) // nobody is told that it is done while it is not
		}
	}
	return p.Kit.Redirect(w, r, r.URL.EscapedPath(), http.StatusSeeOther)
}

// notMePage explains, and asks.
type notMePage struct {
	web.Frame
	Line   Line
	Ref    string
	Action string
	Proof  string
}

var errNoLine = errors.New("no line of that reference in this person's history")

// line finds the release that an address names, among the person's own. Somebody else's is not told from one that is none.
func (p *dataPages) line(r *http.Request, o owner) (audit.Entry, error) {
	ref, err := web.ParseRef(r.PathValue("ref"))
	if err != nil {
		return audit.Entry{}, web.NotFound(err)
	}
	q := audit.Query{Outcome: audit.Released, Ref: string(ref), AnyOf: []string{}, Limit: 1}
	for _, s := range o.view.Services() {
		for _, handle := range o.own {
			q.AnyOf = append(q.AnyOf, p.Keys.Sent(handle, s.ID))
		}
	}
	page, err := p.Events.List(r.Context(), q)
	if err != nil {
		return audit.Entry{}, web.Unavailable(err)
	}
	if len(page.Entries) == 0 {
		return audit.Entry{}, web.NotFound(errNoLine)
	}
	return page.Entries[0], nil
}

func (p *dataPages) askNotMe(w http.ResponseWriter, r *http.Request, o owner) error {
	e, err := p.line(r, o)
	if err != nil {
		return err
	}
	service, _ := o.view.Service(e.Service)
	page := notMePage{Frame: o.Frame, Line: p.reader(o).sent(e, service), Ref: e.Ref, Action: notMeAt(e.Ref), Proof: o.Proof("not me", e.Ref)}
	return p.Kit.Render(w, r, http.StatusOK, "data/notme", page)
}

func notMeAt(ref string) string { return home + "/" + ref + "/pas-moi" }

// notMe opens the incident and ends everything, in this order: whoever is signed out could not say it again.
func (p *dataPages) notMe(w http.ResponseWriter, r *http.Request, o owner) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	e, err := p.line(r, o)
	if err != nil {
		return err
	}
	if !o.Proves(form.Get("preuve"), "not me", e.Ref) {
		return p.Kit.Redirect(w, r, notMeAt(e.Ref), http.StatusSeeOther)
	}
	made, _, err := p.Reports.Report(r.Context(), rights.Party{Own: o.own}, rights.Report{
		Ref: string(web.NewRef()), Line: e.Ref, Service: e.Service, UAI: person.UAI(e.UAI), Declaration: e.Declaration, Version: e.Version,
	})
	if err != nil {
		return web.Unavailable(err)
	}
	services, err := p.Leave(w, r, e.Ref)
	if err != nil {
		return web.Unavailable(err)
	}
	page := p.leftBy(o, services)
	page.Incident, page.Due = made.Ref, made.Opened.Add(rights.IncidentWithin)
	return p.Kit.Render(w, r, http.StatusOK, "data/left", page)
}
