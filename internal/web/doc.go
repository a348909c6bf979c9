// Package web is the HTTP kit of the gateway: the mux on which every route declares its limits, the headers that go
// with every answer, the page shell in French and English, the pages that hand a browser over to another site, the
// one writer of errors, cookies, and the client's true address behind proxies.
//
// It owns how pages look, how texts are found and how refusals are written. It knows nothing of sign-in, services or
// people: what a page says is contributed by the package that owns the page. It imports nothing of ours.
//
// Routes of its own, present on every [Mux]:
//
//	GET /assets/{name}     style sheet, script and icon, under names that carry a hash of their content
//	GET /favicon.ico       the icon, for browsers that ask without being told
//	GET /langue/{lang}     remembers French or English and goes back to the page one came from
//	GET /version/{version} remembers a simpler or fuller version (simple, detaillee), or forgets it (habituelle), likewise
//	GET /voix/{name}       what an academy recorded to be heard on a page
//
// # How a package contributes a page
//
// The package embeds templates and texts, and says so in one function:
//
//	//go:embed pages texts
//	var files embed.FS
//
//	func Pages() web.Contribution { return web.Contribution{Name: "login", Files: files} }
//
// pages/choose.html defines "title" and "main"; the shell (skip link, header, languages, footer) comes around them.
// In both, the dot is the value given to Render:
//
//	{{define "title"}}{{t "choose.title"}}{{end}}
//	{{define "main"}}
//	<h1>{{t "choose.heading" "service" .Service}}</h1>
//	{{template "tiles" .Sources}}
//	{{template "notice" (dict "Kind" "info" "Text" (t "choose.hint"))}}
//	{{end}}
//
// texts/fr.yaml and texts/en.yaml hold the same keys. A text may differ by audience and by number; what is not said
// for "enfant" or "ado" is said as for "adulte". Typographic spaces are put in by the kit, not by hand:
//
//	choose:
//	  title: Choisir un compte
//	  heading:
//	    enfant: Tu vas sur {service} ! Qui es-tu ?
//	    ado: Connecte-toi à {service}
//	    adulte: Connectez-vous à {service}
//	  hint: Votre mot de passe n'est jamais transmis au service.
//	faults:
//	  expired:
//	    title: La connexion a expiré
//	    what: La page est restée ouverte trop longtemps.
//	    do: Recommencez depuis le service.
//	    who: Si cela recommence, donnez la référence à votre assistance.
//
// The handler fills a value that embeds [Frame] (whom we talk to, the way back to the ENT) and renders it:
//
//	type choosePage struct {
//		web.Frame
//		Service string
//		Sources []web.Tile
//	}
//
//	func (h *Handler) choose(w http.ResponseWriter, r *http.Request) error {
//		if expired {
//			return &web.Fault{Status: http.StatusGone, Code: "SES-410", Kind: "login/expired", Cause: err}
//		}
//		return h.Kit.Render(w, r, http.StatusOK, "login/choose", choosePage{
//			Frame:   web.Frame{Audience: web.Child, WayBack: web.WayBack{Label: "Mon ENT", URL: address}},
//			Service: service, Sources: tiles,
//		})
//	}
//
//	mux.Handle(web.Route{Method: "GET", Pattern: "/login/{txn}", Handler: h.choose})
//
// app gives every contribution to [New], which refuses to start on a broken template or an unknown text key. In the
// package's own tests, webtest.New(t, login.Pages()) gives a kit with a fixed clock and fails on everything that
// [Kit.Findings] knows: missing translations, inline scripts or styles, typographic spaces typed by hand.
//
// Texts for values made in Go (labels of tiles) come from [Kit.Say]. Templates that several pages of a contribution
// share stand in a third folder, parts/*.html.
//
// # What templates may call
//
//	{{t "key" "name" value …}}     a text; every {name} in it must be given and none else
//	{{tn "key" count "name" value …}} a text with forms one and other; {n} is the count
//	{{lang}} {{audience}}            "fr" or "en"; "enfant", "ado" or "adulte": for whom the page is, whatever its version
//	{{date .At}} {{datetime .At}}  lundi 7 septembre 2026; the same à 10 h 42
//	{{iso .At}}                      for <time datetime="…">
//	{{dict "Key" value …}}          arguments of a component
//	{{asset "ecluse.css"}}           the address of an asset
//
// A page asks audience for what it shows; in whose words that is said depends on the version that was chosen on the
// browser, and is nothing a page needs to know.
//
// Components are named templates: "notice", "alert", "button", "link-button", "tiles", "tile", "table", "dl",
// "details", "field", "error-summary", "reference", "step" and "icon"; kit/components.html says what each one takes.
// Icons: school, book, shield, person, cross, check, info, arrow.
package web
