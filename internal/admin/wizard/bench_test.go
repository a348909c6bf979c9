package wizard_test

import (
	"bytes"
	"context"
	"errors"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"ecluse/configs"
	"ecluse/internal/admin"
	"ecluse/internal/admin/frame"
	"ecluse/internal/admin/wizard"
	"ecluse/internal/attrs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/idp"
	"ecluse/internal/idp/casserver"
	"ecluse/internal/idp/oidcop"
	"ecluse/internal/idp/samlidp"
	"ecluse/internal/login"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/store/memdb"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// bench is a desk with the wizard's pages, the real protocols and the real pages of a sign-in.
type bench struct {
	*desktest.House
	mux       *web.Mux
	caller    roles.Caller
	protocols map[string]idp.Protocol
	asks      []string
	served    map[string]string // what is at addresses
	lang      string            // what browsers ask for; French when empty
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{House: desktest.New(t), served: map[string]string{}}
	kit := webtest.NewWith(t, web.Config{
		Now: b.Now, Offices: frame.Home,
		Contributions: []web.Contribution{frame.Pages(), wizard.Pages(), login.Pages(), samlidp.Pages(), oidcop.Pages(), casserver.Pages()},
	})
	words := desktest.Words(t)
	saml, err := samlidp.New(samlidp.Config{Kit: kit, Keys: b.Ring, Tickets: memdb.New(b.Now), Now: b.Now, Dictionary: words, Entities: nothing{}})
	if err != nil {
		t.Fatal(err)
	}
	oidc, err := oidcop.New(oidcop.Config{Issuer: webtest.Origin, Keys: b.Ring, Tickets: memdb.New(b.Now), Dictionary: words, Kit: kit, Now: b.Now})
	if err != nil {
		t.Fatal(err)
	}
	cas, err := casserver.New(casserver.Config{Kit: kit, Tickets: memdb.New(b.Now), Dictionary: words, Now: b.Now})
	if err != nil {
		t.Fatal(err)
	}
	b.protocols = map[string]idp.Protocol{"saml": saml, "oidc": oidc, "cas": cas}
	b.Settings = b.checked
	b.mux = web.NewMux(kit)
	wizard.Mount(b.mux, b.framed(kit), b.config(t, kit, words))
	return b
}

// nothing is kept of others' metadata yet.
type nothing struct{}

func (nothing) Has(string) bool { return false }

func (nothing) Entity(string, string) ([]byte, string, error) { return nil, "", errors.New("not yet") }

func (nothing) At(string, string) ([]byte, string, error) { return nil, "", errors.New("not yet") }

func (b *bench) checked(s registry.Service) []registry.Finding {
	var out []registry.Finding
	for i, binding := range s.Bindings {
		p, ok := b.protocols[binding.Protocol]
		if !ok {
			continue
		}
		for _, f := range p.CheckSettings(binding) {
			f.Where = "bindings[" + string(rune('0'+i)) + "]." + f.Where
			out = append(out, f)
		}
	}
	return out
}

func (b *bench) framed(kit *web.Kit) *frame.Frame {
	return frame.New(frame.Config{
		Kit: kit, Desk: b.Desk, Live: b.Live, Now: b.Now, Enter: "/bureau/entrer", Word: "/bureau/lien",
		Who: func(*http.Request) (frame.Who, bool, error) {
			return frame.Who{Caller: b.caller, Until: b.Now().Add(time.Hour)}, b.caller.Handle != "", nil
		},
	})
}

func (b *bench) config(t *testing.T, kit *web.Kit, words *dictionary.Dictionary) wizard.Config {
	t.Helper()
	data, err := configs.Files.ReadFile("personas.yaml")
	if err != nil {
		t.Fatal(err)
	}
	personas, problems := admin.ReadPersonas("personas.yaml", data)
	if err := problems.Or(); err != nil {
		t.Fatal(err)
	}
	flow := &login.Flow{Kit: kit}
	return wizard.Config{
		Told: &admin.Simulator{
			Engine: &attrs.Engine{Dictionary: words, Keys: b.Ring}, Now: b.Now, Protocols: b.protocols,
			Page: func(s admin.Shown) ([]byte, error) {
				told, err := flow.Tell(login.Shown{
					View: s.View, Person: s.Person, Service: s.Service, Release: s.Release, Refused: s.Refused, Wording: web.Audience(s.Wording), Lang: web.Lang(s.Lang),
				})
				return []byte(told), err
			},
		},
		Personas: personas, Protocols: b.protocols, Asks: func(registry.Service) []string { return b.asks },
		Reach: func(_ context.Context, address string) (int, error) {
			if strings.Contains(address, "gone") {
				return 0, errors.New("no server is there")
			}
			return http.StatusMethodNotAllowed, nil
		},
		Fetch: func(_ context.Context, address string) ([]byte, error) {
			if text, ok := b.served[address]; ok {
				return []byte(text), nil
			}
			return nil, errors.New("no such document")
		},
	}
}

// answer is a page, or where it leads.
type answer struct {
	*httptest.ResponseRecorder
	root *html.Node
}

func (b *bench) send(t *testing.T, r *http.Request) answer {
	t.Helper()
	r.Header.Set("Accept-Language", b.lang)
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w := httptest.NewRecorder()
	b.mux.ServeHTTP(w, r)
	root, err := html.Parse(bytes.NewReader(w.Body.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	return answer{w, root}
}

func (b *bench) get(t *testing.T, path string) answer {
	t.Helper()
	return b.send(t, httptest.NewRequest(http.MethodGet, webtest.Origin+path, nil))
}

func (b *bench) post(t *testing.T, path string, form url.Values) answer {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, webtest.Origin+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.send(t, r)
}

// upload posts a form with a file.
func (b *bench) upload(t *testing.T, path string, form url.Values, called string, file []byte) answer {
	t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for name, values := range form {
		for _, v := range values {
			if err := m.WriteField(name, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	part, err := m.CreateFormFile("fichier", called)
	if err == nil {
		_, err = part.Write(file)
	}
	if err := errors.Join(err, m.Close()); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, webtest.Origin+path, &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return b.send(t, r)
}

// fill is what the page's form to an address holds, changed.
func (a answer) fill(t *testing.T, action string, changes url.Values) url.Values {
	t.Helper()
	for n := range a.root.Descendants() {
		if n.Data == "form" && attribute(n, "action") == action && attribute(n, "method") == "post" {
			out := held(n)
			for key, values := range changes {
				out[key] = values
			}
			return out
		}
	}
	t.Fatalf("%d: no form leads to %s:\n%s", a.Code, action, a.says())
	return nil
}

// held is what a browser would send of a form, its buttons left out.
func held(form *html.Node) url.Values {
	out := url.Values{}
	for n := range form.Descendants() {
		name := attribute(n, "name")
		switch {
		case name == "":
		case n.Data == "input" && attribute(n, "type") == "checkbox":
			if has(n, "checked") {
				out.Add(name, attribute(n, "value"))
			}
		case n.Data == "input" && attribute(n, "type") != "file":
			out.Add(name, attribute(n, "value"))
		case n.Data == "textarea":
			out.Add(name, texts(n))
		case n.Data == "select":
			for o := range n.Descendants() {
				if o.Data == "option" && has(o, "selected") {
					out.Set(name, attribute(o, "value"))
				}
			}
			if !out.Has(name) {
				out.Set(name, "")
			}
		}
	}
	return out
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	for _, a := range n.Attr {
		if a.Key == key {
			return true
		}
	}
	return false
}

func texts(n *html.Node) string {
	var out strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			out.WriteString(d.Data)
		}
	}
	return out.String()
}

// says is what a reader reads.
func (a answer) says() string {
	out := strings.NewReplacer("\u00a0", " ", "\u202f", " ", "’", "'").Replace(texts(a.root))
	return strings.Join(strings.Fields(out), " ")
}

// want holds an answer to a status and some words.
func (a answer) want(t *testing.T, status int, words ...string) answer {
	t.Helper()
	if a.Code != status {
		t.Fatalf("%d, want %d:\n%s", a.Code, status, a.says())
	}
	text := a.says()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("the page does not say %q:\n%s", w, text)
		}
	}
	return a
}

// leads is where a form that was done leads.
func (a answer) leads(t *testing.T) string {
	t.Helper()
	if a.Code != http.StatusSeeOther {
		t.Fatalf("%d:\n%s", a.Code, a.says())
	}
	return a.Header().Get("Location")
}
