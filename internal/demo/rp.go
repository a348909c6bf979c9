package demo

import (
	"net/http"
)

// relyingParty is what the sites of all protocols share: the front page, what was received, the refusal, and the sign-out.
type relyingParty struct {
	site   Site
	pages  *pages
	visits *visits
}

// home is what the front page shows.
type home struct {
	SAML     bool
	Received *received
}

func (p *relyingParty) mount(mux *http.ServeMux) {
	p.pages.mount(mux, p.site)
	mux.HandleFunc("GET /{$}", p.front)
	mux.HandleFunc("GET /refus", p.refused)
	mux.HandleFunc("POST /deconnexion", p.signOut)
}

func (p *relyingParty) front(w http.ResponseWriter, r *http.Request) {
	data := home{SAML: p.site.Protocol == SAML}
	title := p.site.Name
	if o, ok := p.visits.current(r); ok && o.received != nil {
		data.Received = o.received
		title = "Ce que " + p.site.Name + " sait de toi"
	}
	p.pages.show(w, r, p.site, page{name: "rp", title: title, data: data})
}

// refused shows the answer that said no. It is a page like any other: the
// site asked, was answered, and works as it should.
func (p *relyingParty) refused(w http.ResponseWriter, r *http.Request) {
	o, ok := p.visits.current(r)
	if !ok || o.refusal == nil {
		redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	p.pages.show(w, r, p.site, page{name: "refusal", title: "Tu ne peux pas entrer", data: o.refusal})
}

func (p *relyingParty) signOut(w http.ResponseWriter, r *http.Request) {
	p.visits.leave(w, r)
	redirect(w, r, "/", http.StatusSeeOther)
}

// arrive opens the session and shows it.
func (p *relyingParty) arrive(w http.ResponseWriter, r *http.Request, o outcome) {
	p.visits.end(w, r, o)
	if o.refusal != nil {
		redirect(w, r, "/refus", http.StatusSeeOther)
		return
	}
	redirect(w, r, "/", http.StatusSeeOther)
}
