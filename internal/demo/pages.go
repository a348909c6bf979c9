package demo

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
)

//go:embed page/*.html static
var files embed.FS

const (
	assets = "/_demo/"

	// basePolicy allows our own style sheet and icon, forms to ourselves, and
	// nothing else.
	basePolicy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
	pagePolicy = basePolicy + "form-action 'self'"
	// postPolicy is for the page that posts an AuthnRequest to the gateway. A
	// browser applies form-action to every redirect that follows the post, and
	// the gateway may send the person on, so only the schemes are named.
	postPolicy = basePolicy + "script-src 'self'; form-action https: http:"
)

// pages renders every page of every site.
type pages struct {
	set     *template.Template
	gateway string
	start   string
	log     *slog.Logger
}

func newPages(cfg Config, start string) (*pages, error) {
	set, err := template.New("").ParseFS(files, "page/*.html")
	if err != nil {
		return nil, err
	}
	return &pages{set: set, gateway: cfg.Gateway, start: start, log: cfg.Log}, nil
}

// view is what every page receives; Data is the page's own.
type view struct {
	Site    Site
	Title   string
	Gateway string
	Start   string
	Refresh string
	Script  bool
	Data    any
}

// page names a template, the title of the page and what it shows.
type page struct {
	name    string
	title   string
	status  int
	policy  string
	refresh string // where to go at once, without a script
	data    any
}

// show writes the page. A template that fails is a mistake in this program:
// the browser gets a bare 500 and the log the cause.
func (p *pages) show(w http.ResponseWriter, r *http.Request, s Site, pg page) {
	v := view{
		Site: s, Title: pg.title, Gateway: p.gateway, Start: p.start,
		Refresh: pg.refresh, Script: pg.policy == postPolicy, Data: pg.data,
	}
	var body bytes.Buffer
	if err := p.set.ExecuteTemplate(&body, pg.name, v); err != nil {
		p.log.ErrorContext(r.Context(), "demo page", "site", s.ID, "page", pg.name, "error", err)
		http.Error(w, "page indisponible", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	safeHeaders(h)
	h.Set("Content-Security-Policy", firstOf(pg.policy, pagePolicy))
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "text/html; charset=utf-8")
	if pg.status != 0 {
		w.WriteHeader(pg.status)
	}
	_, _ = w.Write(body.Bytes())
}

func safeHeaders(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
}

// redirect sends the browser on; neither caches nor the next site learn how it
// came there.
func redirect(w http.ResponseWriter, r *http.Request, to string, status int) {
	safeHeaders(w.Header())
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to, status)
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// mount adds what every site has: the assets, and a page for unknown paths.
func (p *pages) mount(mux *http.ServeMux, s Site) {
	mux.HandleFunc("GET "+assets+"{file}", func(w http.ResponseWriter, r *http.Request) { p.asset(w, r, s) })
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		p.show(w, r, s, page{name: "problem", title: "Page introuvable", status: http.StatusNotFound, data: notFound()})
	})
}

func (p *pages) asset(w http.ResponseWriter, r *http.Request, s Site) {
	safeHeaders(w.Header())
	w.Header().Set("Cache-Control", "no-cache")
	if r.PathValue("file") == "icon-"+s.ID+".svg" {
		w.Header().Set("Content-Type", "image/svg+xml")
		fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="%s"/>`+
			`<path d="M9 23V9h4v10h10v4z" fill="#fff"/></svg>`, accent(s.ID))
		return
	}
	http.ServeFileFS(w, r, files, "static/"+r.PathValue("file"))
}

// accent is the colour of a site; white text on each is at least 4.5:1. The
// style sheet has the same colours under [data-site].
func accent(id string) string {
	switch id {
	case "lire":
		return "#2a4bb0"
	case "calcul":
		return "#14673a"
	case "suite":
		return "#0b5394"
	case "classe":
		return "#6b2fa0"
	case "discute":
		return "#0b5f6b"
	case "ancien":
		return "#6e4700"
	case "carte":
		return "#1f5f4f"
	case "chorale":
		return "#8a2f2f"
	case entID:
		return "#9b1c5a"
	default:
		return "#3a3d4d"
	}
}

// problem is a page that says what happened and where to go.
type problem struct {
	Happened, HappenedEN string
	Code                 string
	Back, BackText       string
}

func notFound() problem {
	return problem{
		Happened: "Cette page n’existe pas.", HappenedEN: "There is no such page.",
		Back: "/", BackText: "Retour à l’accueil",
	}
}

// problem shows what went wrong on our side or in an answer we cannot trust.
func (p *pages) problem(w http.ResponseWriter, r *http.Request, s Site, status int, what problem) {
	if what.Back == "" {
		what.Back, what.BackText = "/", "Retour à l’accueil"
	}
	p.show(w, r, s, page{name: "problem", title: "Ça n’a pas marché", status: status, data: what})
}

func gatewaySilent() problem {
	return problem{
		Happened:   "La passerelle ne répond pas comme prévu. Réessaie dans un moment.",
		HappenedEN: "The gateway does not answer as expected. Try again in a moment.",
	}
}

func notAsked() problem {
	return problem{
		Happened:   "Une réponse est arrivée, mais ce site ne l’avait pas demandée dans ce navigateur. Il ne l’a pas lue.",
		HappenedEN: "An answer arrived that this site had not asked for in this browser. It did not read it.",
	}
}

func notTrusted(code string) problem {
	return problem{
		Happened:   "La réponse reçue n’est pas valable pour ce site. Il n’en a rien gardé.",
		HappenedEN: "The answer is not valid for this site. Nothing of it was kept.",
		Code:       code,
	}
}
