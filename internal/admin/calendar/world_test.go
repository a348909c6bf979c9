package calendar_test

import (
	"context"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"ecluse/internal/admin/calendar"
	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// office is the pages on a desk of a small academy.
type office struct {
	*desktest.House
	mux *web.Mux
	who roles.Caller
	out bool // nobody is there
}

func newOffice(t testing.TB) *office {
	t.Helper()
	o := &office{House: desktest.New(t)}
	kit := webtest.NewWith(t, web.Config{
		Now: o.Now, Offices: frame.Home, Contributions: []web.Contribution{frame.Pages(), calendar.Pages()},
	})
	f := frame.New(frame.Config{
		Kit: kit, Desk: o.Desk, Live: o.Live, Now: o.Now, Enter: "/bureau/entrer", Word: "/bureau/lien",
		Who: func(*http.Request) (frame.Who, bool) {
			return frame.Who{Caller: o.who, Until: o.Now().Add(time.Hour)}, !o.out
		},
	})
	o.mux = web.NewMux(kit)
	calendar.Mount(o.mux, f, calendar.Config{Renewals: "/bureau/lot/renouvellements"})
	return o
}

// answer is what came of a request: its words as people read them.
type answer struct {
	status int
	text   string
}

func (a answer) says(words ...string) bool {
	for _, w := range words {
		if !strings.Contains(a.text, w) {
			return false
		}
	}
	return true
}

func (o *office) ask(method, path string, form url.Values) answer {
	_ = o.Live.Refresh(context.Background()) // the clock may have been put forward
	r := httptest.NewRequest(method, webtest.Origin+path, strings.NewReader(form.Encode()))
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w := httptest.NewRecorder()
	o.mux.ServeHTTP(w, r)
	text := html.UnescapeString(w.Body.String())
	text = strings.NewReplacer("\u202f", " ", "\u00a0", " ", "’", "'").Replace(text)
	return answer{w.Code, text}
}

func (o *office) get(c roles.Caller, path string) answer {
	o.who = c
	return o.ask(http.MethodGet, path, nil)
}

// handed is a text that was written and handed over.
func (o *office) handed(t *testing.T, by roles.Caller, text registry.Declaration) registry.Declaration {
	t.Helper()
	d, err := o.Begin(t.Context(), by, "", text)
	if err == nil {
		d, err = o.Submit(t.Context(), by, desk.Move{Ref: desk.Ref{ID: d.ID, Version: 1}})
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// inForce is the reading site, examined and approved by the recteur.
func (o *office) inForce(t *testing.T, text registry.Declaration) registry.Declaration {
	t.Helper()
	d := o.handed(t, o.DRANE(), text)
	m := desk.Move{Ref: desk.Ref{ID: d.ID, Version: d.Version}, Reason: "examiné"}
	if _, err := o.Opine(t.Context(), o.DPO(), m, registry.Favourable); err != nil {
		t.Fatal(err)
	}
	d, err := o.Approve(t.Context(), o.Recteur(), m)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
