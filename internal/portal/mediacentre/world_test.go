package mediacentre_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/portal/mediacentre"
	"ecluse/internal/registry"
	"ecluse/internal/registry/registrytest"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

const (
	ecole   = person.UAI("0280101H")
	college = person.UAI("0280202T")
	other   = person.UAI("0280303C")
	shut    = person.UAI("0280404M")
	secret  = "ecl_the-secret-of-the-ent"
)

// world is an academy with an ENT for an école and a collège.
type world struct {
	t        *testing.T
	contents registry.Contents
	now      time.Time
	stale    bool
	counts   map[string]int64
	broken   error // of the counter, the tokens and the sessions
	who      *person.Person
	would    error
	mux      *web.Mux
}

type fixed struct {
	registry.Store
	w *world
}

func (f fixed) Revision(context.Context) (int64, error) { return f.w.contents.Revision, nil }

func (f fixed) Load(context.Context) (registry.Contents, error) { return f.w.contents, nil }

func (f fixed) Since(context.Context, int64) (registry.Contents, error) { return f.w.contents, nil }

func on(s string) registry.Date {
	d, err := registry.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC), counts: map[string]int64{}}
	school := func(uai person.UAI, kind registry.Kind, ways ...registry.Way) registry.Establishment {
		return registry.Establishment{UAI: uai, Name: string(uai), Kind: kind, Academy: "exemple", Department: "028", Ways: ways}
	}
	c := &w.contents
	c.Revision = 1
	c.Establishments = []registry.Establishment{
		school(ecole, registry.Ecole), school(college, registry.College),
		school(other, registry.College, registry.Way{Label: "Autre ENT", URL: "https://autre-ent.example/"}), school(shut, registry.Lycee),
	}
	c.Establishments[3].Closed = true
	c.Sources = []registry.Source{{
		ID: "ent", UAIs: []person.UAI{ecole, college, shut}, Hidden: true, Way: &registry.Way{Label: "Mon ENT", URL: "https://ent.example/accueil"},
		Declaration: &registry.SourceDeclaration{State: registry.Approved, From: on("2026-01-01"), Until: on("2027-12-31")},
	}}
	add := func(id string, l *registry.Listing, change func(*registry.Declaration)) {
		c.Services = append(c.Services, registry.Service{
			ID: id, Name: registry.Text{FR: "Service " + id, EN: "The service " + id}, Sentence: registry.Text{FR: "Pour " + id + "."}, Provider: "Éditions du Canal",
			Start: "https://" + id + ".example/", Bindings: []registry.Binding{{Protocol: "oidc", Handle: id}}, Listing: l,
		})
		d := registry.Declaration{
			ID: "d-" + id, ServiceID: id, Version: 1, State: registry.Approved, Decisions: []registry.Decision{{State: registry.Approved}},
			Scope:    registry.Scope{Level: registry.ByAcademy, Academies: []string{"exemple"}, All: true},
			Audience: registry.Audience{Profiles: []person.Profile{person.Pupil, person.Teacher, person.Guardian}}, From: on("2026-09-01"), Until: on("2027-08-31"),
		}
		if change != nil {
			change(&d)
		}
		c.Declarations = append(c.Declarations, d)
	}
	add("lire", &registry.Listing{
		Resource: "ark:/12345/lire", Editor: "378901946_0000000000000000", Vignette: "livre", Presentation: registry.Presentation{Code: "MUL", Name: "ressource multimédia"},
		Subjects: []registry.Term{{URI: "http://data.education.fr/voc/scolomfr/concept/scolomfr-voc-015-num-1", Name: "français"}},
		Levels:   []registry.Term{{Name: "cycle 2"}}, Documents: []registry.Term{{Name: "texte"}},
		Pedagogical: []registry.Term{{Name: "exercice"}},
	}, nil)
	add("calcul", nil, nil)
	add("ce2", nil, func(d *registry.Declaration) {
		d.Audience.Levels = []string{"CE2"}
		d.Audience.Profiles = d.Audience.Profiles[:1]
	})
	add("profs", nil, func(d *registry.Declaration) { d.Audience.Profiles = []person.Profile{person.Teacher} })
	add("grands", nil, func(d *registry.Declaration) { d.Audience.MinAge = 15; d.Audience.Profiles = d.Audience.Profiles[:1] })
	add("a-ouvrir", nil, func(d *registry.Declaration) { d.Scope.All = false })
	add("sans-adresse", nil, nil)
	c.Services[len(c.Services)-1].Start = ""
	registrytest.Cover(c)
	w.open()
	return w
}

func (w *world) open() {
	kit := webtest.NewWith(w.t, web.Config{Programs: "/api/"})
	live := &registry.Live{Store: fixed{w: w}, Zone: time.UTC, Now: func() time.Time {
		if w.stale {
			return w.now.Add(time.Hour)
		}
		return w.now
	}}
	if err := live.Refresh(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	w.mux = web.NewMux(kit)
	mediacentre.Mount(w.mux, mediacentre.Config{
		Kit: kit, Live: live, Now: func() time.Time { return w.now },
		Source: func(s string) (string, error) {
			if w.broken != nil {
				return "", w.broken
			}
			if s != secret {
				return "", mediacentre.ErrToken
			}
			return "ent", nil
		},
		Visitor: func(*http.Request) (person.Person, string, bool, error) {
			if w.who == nil || w.broken != nil {
				return person.Person{}, "", false, w.broken
			}
			return *w.who, "handle", true, nil
		},
		Foresee: func(context.Context, *registry.Snapshot, person.Person) (mediacentre.Would, error) {
			return func(policy.Place, registry.Service) error { return w.would }, nil
		},
		Count: func(_ context.Context, name string) (int64, error) {
			w.counts[name]++
			return w.counts[name], nil
		},
	})
}

// change registers something anew.
func (w *world) change(what func(c *registry.Contents)) {
	what(&w.contents)
	w.contents.Revision++
	w.open()
}

func (w *world) get(path string, headers ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodGet, webtest.Origin+path, nil)
	r.TLS = &tls.ConnectionState{}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	out := httptest.NewRecorder()
	w.mux.ServeHTTP(out, r)
	return out
}

// asked is a question of the ENT.
func (w *world) asked(query string, headers ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	return w.get(mediacentre.Base+"?"+query, append([]string{"Authorization", "Bearer " + secret}, headers...)...)
}

// names are the services of an answer.
func names(t *testing.T, r *httptest.ResponseRecorder) []string {
	t.Helper()
	var out mediacentre.Answer
	if err := json.Unmarshal(r.Body.Bytes(), &out); err != nil || r.Code != http.StatusOK {
		t.Fatalf("%d %v: %s", r.Code, err, r.Body)
	}
	list := []string{}
	for _, one := range out.List.Resources {
		list = append(list, string(one.School)+" "+one.Name[len("Service "):])
	}
	return list
}

// code is the stable word of a refusal.
func code(t *testing.T, r *httptest.ResponseRecorder) string {
	t.Helper()
	var out struct{ Code string }
	if err := json.Unmarshal(r.Body.Bytes(), &out); err != nil || r.Header().Get("Content-Type") != "application/problem+json" {
		t.Fatalf("no problem details: %d %q %s", r.Code, r.Header().Get("Content-Type"), r.Body)
	}
	return out.Code
}

var errAway = errors.New("the store is away")
