package demo

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"time"
)

// ent is the portal of a school: it knows who is there by its own sign-in,
// links to services through the gateway, and answers the gateway's hop.
type ent struct {
	site     Site
	services []Site
	people   []Visitor
	pages    *pages
	jar      cookies
	sessions *shelf[entSession]
	now      func() time.Time
	gateway  string
	source   string
	secret   []byte
}

// entSession is who is signed in at the ENT, and since when.
type entSession struct {
	person Visitor
	at     time.Time
}

func newENT(cfg Config, p *pages, s Site, sites []Site) http.Handler {
	e := &ent{
		site: s, people: cfg.People, pages: p, now: cfg.Now,
		jar:      cookies{secure: cfg.Scheme == "https"},
		sessions: newShelf[entSession](cfg.Now, sessionTime, manyVisits),
		gateway:  cfg.Gateway, source: cfg.Source, secret: cfg.Secret,
	}
	for _, other := range sites {
		if other.Protocol != "" {
			e.services = append(e.services, other)
		}
	}
	mux := http.NewServeMux()
	p.mount(mux, s)
	mux.HandleFunc("GET /{$}", e.front)
	mux.HandleFunc("GET /hop", e.hop)
	mux.HandleFunc("GET /suite", e.onward)
	mux.HandleFunc("POST /connexion", e.signIn)
	mux.HandleFunc("GET /deconnexion", e.askSignOut)
	mux.HandleFunc("POST /deconnexion", e.signOut)
	return http.NewCrossOriginProtection().Handler(mux)
}

func (e *ent) current(r *http.Request) (entSession, bool) {
	return e.sessions.get(e.jar.read(r, sessionCookie))
}

// entDesk is the page of somebody who is signed in.
type entDesk struct {
	Person  Visitor
	Schools []entSchool
	Traps   []tile
}

// entSchool is one establishment with its tiles.
type entSchool struct {
	UAI   string
	Tiles []tile
}

type tile struct {
	Name, What, WhatEN, URL string
}

// entDoor is the sign-in page; the hop is there when the gateway is waiting.
type entDoor struct {
	People []Visitor
	Hop    *HopQuery
	Cancel string
}

func (e *ent) front(w http.ResponseWriter, r *http.Request) {
	session, ok := e.current(r)
	if !ok {
		e.pages.show(w, r, e.site, page{name: "door", title: "Connexion", data: entDoor{People: e.people}})
		return
	}
	desk := entDesk{Person: session.person, Traps: e.traps(session.person)}
	for _, uai := range session.person.UAIs {
		desk.Schools = append(desk.Schools, entSchool{UAI: uai, Tiles: e.tiles(uai)})
	}
	e.pages.show(w, r, e.site, page{name: "desk", title: "Mes services", data: desk})
}

func (e *ent) tiles(uai string) []tile {
	var out []tile
	for _, s := range e.services {
		out = append(out, tile{Name: s.Name, What: s.What, WhatEN: s.WhatEN, URL: e.link(s.ID, uai, "")})
	}
	return out
}

// traps are links that the gateway must refuse, for those who want to see it.
func (e *ent) traps(p Visitor) []tile {
	return []tile{
		{
			Name: "Établissement inconnu", What: "Un code UAI que personne ne porte.",
			WhatEN: "A UAI that nobody bears.", URL: e.link("lire", "0999999F", ""),
		},
		{
			Name: "Retour inconnu", What: "Une adresse de retour qui n’est pas enregistrée.",
			WhatEN: "A return address that is not registered.", URL: e.link("lire", p.UAIs[0], "https://ailleurs.example/"),
		},
		{
			Name: "Service inconnu", What: "Un service que l’académie ne connaît pas.",
			WhatEN: "A service the academy does not know.", URL: e.link("inconnu", p.UAIs[0], ""),
		},
	}
}

func (e *ent) link(service, uai, back string) string {
	q := url.Values{"uai": {uai}, "source": {e.source}}
	if back != "" {
		q.Set("return", back)
	}
	return e.gateway + "/go/" + url.PathEscape(service) + "?" + q.Encode()
}

// signIn believes whoever says who they are: the people are invented.
func (e *ent) signIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
	if err := r.ParseForm(); err != nil {
		e.pages.problem(w, r, e.site, http.StatusBadRequest, notTrusted(""))
		return
	}
	person, ok := e.find(r.PostForm.Get("personne"))
	if !ok {
		e.pages.problem(w, r, e.site, http.StatusBadRequest, problem{
			Happened: "Choisis une personne dans la liste.", HappenedEN: "Choose a person in the list.",
		})
		return
	}
	e.sessions.drop(e.jar.read(r, sessionCookie))
	id := rand.Text()
	e.sessions.put(id, entSession{person: person, at: e.now()})
	e.jar.write(w, sessionCookie, id)
	next := "/"
	if q, err := ParseHopQuery(r.PostForm, e.gateway); err == nil {
		q.Fresh = false // this was it
		next = "/suite?" + q.Encode()
	}
	redirect(w, r, next, http.StatusSeeOther)
}

func (e *ent) find(id string) (Visitor, bool) {
	for _, p := range e.people {
		if p.ID == id {
			return p, true
		}
	}
	return Visitor{}, false
}

// askSignOut is where the gateway leads whoever ends a session there: the ENT asks before it ends its own.
func (e *ent) askSignOut(w http.ResponseWriter, r *http.Request) {
	session, ok := e.current(r)
	if !ok {
		redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	e.pages.show(w, r, e.site, page{name: "quit", title: "Quitter l’ENT", data: session.person})
}

func (e *ent) signOut(w http.ResponseWriter, r *http.Request) {
	e.sessions.drop(e.jar.read(r, sessionCookie))
	e.jar.clear(w, sessionCookie)
	redirect(w, r, "/", http.StatusSeeOther)
}

// hop answers the gateway's question (hop.go has the format).
func (e *ent) hop(w http.ResponseWriter, r *http.Request) {
	q, err := ParseHopQuery(r.URL.Query(), e.gateway)
	if err != nil {
		e.pages.problem(w, r, e.site, http.StatusBadRequest, problem{
			Happened:   "Cette demande ne vient pas d’une passerelle que l’ENT connaît.",
			HappenedEN: "This request is not from a gateway that the portal knows.",
		})
		return
	}
	session, ok := e.current(r)
	switch {
	case ok && !q.Fresh:
		token, err := SealHop(e.secret, session.person.ID, q.Challenge, session.at, e.now())
		if err != nil {
			e.pages.log.ErrorContext(r.Context(), "demo hop", "error", err)
			e.pages.problem(w, r, e.site, http.StatusInternalServerError, gatewaySilent())
			return
		}
		redirect(w, r, q.with("token", token), http.StatusFound)
	case q.Passive:
		redirect(w, r, q.with("error", HopNoSession), http.StatusFound)
	default:
		e.pages.show(w, r, e.site, page{name: "door", title: "Connexion", data: entDoor{
			People: e.people, Hop: &q, Cancel: q.with("error", HopCancelled),
		}})
	}
}

// onward leads from the sign-in form to the hop by a page that refreshes: a
// browser applies form-action to redirects after a post, and would stop there.
func (e *ent) onward(w http.ResponseWriter, r *http.Request) {
	q, err := ParseHopQuery(r.URL.Query(), e.gateway)
	if err != nil {
		redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	next := "/hop?" + q.Encode()
	e.pages.show(w, r, e.site, page{name: "onward", title: "On y va", refresh: next, data: next})
}
