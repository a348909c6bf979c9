package web_test

import (
	"embed"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

//go:embed testdata
var testdata embed.FS

// showcase is a contribution that uses every component.
func showcase(t testing.TB) web.Contribution {
	t.Helper()
	files, err := fs.Sub(testdata, "testdata/showcase")
	if err != nil {
		t.Fatal(err)
	}
	return web.Contribution{Name: "showcase", Files: files}
}

// showcasePage is the value of its page.
type showcasePage struct {
	web.Frame
	Service string
	Count   int
	Sources []web.Tile
	Items   web.Table
	Terms   []web.Term
	Account web.Input
	Errors  []web.InputError
}

func sampleShowcase(audience web.Audience) any {
	return showcasePage{
		Frame: web.Frame{
			Audience: audience, WayBack: web.WayBack{Label: "ENT Exemple", URL: "https://ent.example/accueil"},
		},
		Service: "Liretou", Count: 2,
		Sources: []web.Tile{
			{Label: "Mon ENT", Detail: "École Jules-Ferry, Chartres", Icon: "school", URL: "/login/ent"},
			{Label: "Guichet de l'académie", Icon: "person", Name: "source", Value: "ldap"},
			{Label: "ÉduConnect", Icon: "shield", Badge: "Ne répond pas depuis 10 h 42", Disabled: true},
		},
		Items: web.Table{
			Caption: "Ce qui est envoyé", Head: []string{"Quoi", "Valeur", "Pourquoi"},
			Rows: [][]string{
				{"Prénom", "Camille", "vous accueillir"},
				{"Identifiant", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "vous reconnaître"},
			},
		},
		Terms:   []web.Term{{Term: "Prénom", Text: "Camille", Icon: "person"}, {Term: "Classe", Text: "CE2 B"}},
		Account: web.Input{Name: "login", Label: "Identifiant", Hint: "Celui de l'école", Error: "Manquant", Autocomplete: "username"},
		Errors:  []web.InputError{{Name: "login", Text: "Indiquez votre identifiant"}},
	}
}

// contribution makes one from file contents, French texts at least.
func contribution(name string, files map[string]string) web.Contribution {
	m := fstest.MapFS{}
	for file, text := range files {
		m[file] = &fstest.MapFile{Data: []byte(text)}
	}
	return web.Contribution{Name: name, Files: m}
}

// serve sends one request through a mux with the routes and gives the answer.
func serve(t testing.TB, kit *web.Kit, r *http.Request, routes ...web.Route) *httptest.ResponseRecorder {
	t.Helper()
	mux := web.NewMux(kit)
	for _, route := range routes {
		mux.Handle(route)
	}
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	return w
}

// request makes one that arrived over TLS at the public address of a test kit.
func request(method, target, body string) *http.Request {
	r := httptest.NewRequest(method, webtest.Origin+target, strings.NewReader(body))
	r.Header.Set("Accept", "text/html")
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r
}
