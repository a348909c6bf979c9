package portal_test

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/audit"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/portal"
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
)

// street is an academy with a service in each state, and the browser of whoever is looked at.
type street struct {
	t        *testing.T
	contents registry.Contents
	now      time.Time
	who      person.Person
	around   web.Frame
	nobody   bool
	stale    bool
	marks    map[string]map[string]bool // subject -> service
	broken   error                      // of the favourites
	would    portal.Would
	unread   error      // of what was said of agreement
	foreseen int        // how often somebody asked what sign-ins would come to
	school   person.UAI // preselected
	mux      *web.Mux
}

type fixed struct {
	registry.Store
	s *street
}

func (f fixed) Revision(context.Context) (int64, error) { return f.s.contents.Revision, nil }
func (f fixed) Load(context.Context) (registry.Contents, error) {
	return f.s.contents, nil
}

func (f fixed) Since(context.Context, int64) (registry.Contents, error) { return f.s.contents, nil }

func (s *street) Marked(_ context.Context, subjects []string) ([]string, error) {
	var out []string
	for _, subject := range subjects {
		for service := range s.marks[subject] {
			if !slices.Contains(out, service) {
				out = append(out, service)
			}
		}
	}
	return out, s.broken
}

func (s *street) Mark(_ context.Context, subject string, all []string, service string, on bool) error {
	if on {
		if s.marks[subject] == nil {
			s.marks[subject] = map[string]bool{}
		}
		s.marks[subject][service] = true
		return s.broken
	}
	for _, one := range all {
		delete(s.marks[one], service)
	}
	return s.broken
}

// handles files each person under today's key and a former one.
type handles struct{ portal.Keys }

func (handles) Own(_ context.Context, who person.Person) ([]string, error) {
	return []string{who.Key.ID, "before " + who.Key.ID}, nil
}
func (handles) Marked(handle string) string { return "m " + handle }

func on(s string) registry.Date {
	d, err := registry.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func declared(id string, change func(*registry.Declaration)) registry.Declaration {
	d := registry.Declaration{
		ID: "d-" + id, ServiceID: id, Version: 1, State: registry.Approved,
		Controller: registry.Controller{Name: "Académie d'Exemple", Office: "recteur", DPO: "dpd@ac-exemple.fr"},
		Supplier:   registry.Supplier{Name: "Éditions du Canal"},
		Purposes:   []registry.Text{{FR: "Proposer des lectures"}},
		Scope:      registry.Scope{Level: registry.ByAcademy, Academies: []string{"exemple"}, All: true},
		Audience:   registry.Audience{Profiles: []person.Profile{person.Pupil, person.Teacher, person.Head, person.Guardian}},
		From:       on("2026-09-01"), Until: on("2027-08-31"), Decisions: []registry.Decision{{State: registry.Approved}},
	}
	if change != nil {
		change(&d)
	}
	return d
}

// offered are the services of the street and what is declared of each; nil is nothing.
func offered() map[string]func(*registry.Declaration) {
	return map[string]func(*registry.Declaration){
		"lire": func(d *registry.Declaration) {}, "classe": func(d *registry.Declaration) { d.Scope.All = false },
		"a-ouvrir": func(d *registry.Declaration) { d.Scope.All = false },
		"suspendu": func(d *registry.Declaration) {}, "arrete": func(d *registry.Declaration) { d.State = registry.Suspended },
		"ici-suspendu": func(d *registry.Declaration) {}, "refuse": func(d *registry.Declaration) {},
		"profs": func(d *registry.Declaration) {
			d.Audience.Profiles = []person.Profile{person.Teacher, person.Head}
		},
		"profs-suspendu": func(d *registry.Declaration) {
			d.Audience.Profiles = []person.Profile{person.Teacher}
		},
		"grands": func(d *registry.Declaration) { d.Audience.MinAge = 15 }, "ce2": func(d *registry.Declaration) { d.Audience.Levels = []string{"CE2"} },
		"sans-adresse": func(d *registry.Declaration) {}, "bientot": func(d *registry.Declaration) { d.Until = on("2026-12-05") },
		"fini": func(d *registry.Declaration) { d.Until = on("2026-11-01") }, "brouillon": func(d *registry.Declaration) { d.State = registry.Submitted; d.Decisions = nil },
	}
}

func newStreet(t *testing.T) *street {
	t.Helper()
	s := &street{t: t, now: time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC), marks: map[string]map[string]bool{}}
	school := func(uai person.UAI, kind registry.Kind, name string) registry.Establishment {
		return registry.Establishment{UAI: uai, Name: name, Town: "Chartres", Kind: kind, Academy: "exemple", Department: "028"}
	}
	c := &s.contents
	c.Revision = 1
	c.Establishments = []registry.Establishment{
		school(ecole, registry.Ecole, "École Jules-Ferry"), school(college, registry.College, "Collège Jean-Moulin"),
		school(other, registry.College, "Collège Simone-Veil"), school(shut, registry.Lycee, "Lycée fermé"),
	}
	c.Establishments[3].Closed = true
	c.Sources = []registry.Source{{ID: "ent", Declaration: &registry.SourceDeclaration{State: registry.Approved, From: on("2026-01-01"), Until: on("2027-12-31")}}}
	for id, change := range offered() {
		c.Services = append(c.Services, registry.Service{
			ID: id, Name: registry.Text{FR: "Service " + id}, Sentence: registry.Text{FR: "Pour " + id + "."}, Provider: "Éditions",
			Start: "https://" + id + ".example/", Suspended: strings.HasSuffix(id, "suspendu") && !strings.HasPrefix(id, "ici"),
			Bindings: []registry.Binding{{Protocol: "oidc", Handle: id}},
		})
		if id == "sans-adresse" {
			c.Services[len(c.Services)-1].Start = ""
		}
		c.Declarations = append(c.Declarations, declared(id, change))
	}
	c.Services = append(c.Services, registry.Service{ID: "rien", Name: registry.Text{FR: "Service rien"}, Start: "https://rien.example/"}, registry.Service{ID: registry.Desk, Start: "https://x.example"})
	registrytest.Cover(c)
	registrytest.Enable(c, declared("classe", nil), college)
	registrytest.Say(c, registry.Enabling{Service: "ici-suspendu", UAI: college, State: registry.SuspendedHere, Message: registry.Text{FR: "Le temps d'une vérification."}})
	registrytest.Say(c, registry.Enabling{Service: "refuse", UAI: college, State: registry.RefusedHere})
	s.would = func(_ policy.Place, service registry.Service) (portal.Forecast, error) {
		return portal.Forecast{
			Sent: []portal.Said{{Name: "level", Why: registry.Text{FR: "choisir le bon niveau"}}}, Kept: []dictionary.Name{person.FamilyName},
			Declaration: "d-" + service.ID, Version: 1, Number: true,
		}, nil
	}
	s.who, s.around = s.people()["hugo"], web.Frame{Audience: web.Teen}
	s.open()
	return s
}

func (s *street) view() *registry.Snapshot {
	return registry.NewSnapshot(s.contents, registrytest.Paris())
}

// people are those who come along.
func (s *street) people() map[string]person.Person {
	known := func(id string, places ...person.Affiliation) person.Person {
		return person.Person{Key: person.Key{Authority: "ac", ID: id}, Affiliations: places, Authn: person.Authn{Source: "ent", At: s.now}}
	}
	pupil := func(uai person.UAI, level string) person.Affiliation {
		return person.Affiliation{UAI: uai, Profile: person.Pupil, Values: map[person.Attr][]string{person.Level: {level}}}
	}
	as := func(uai person.UAI, p person.Profile) person.Affiliation {
		return person.Affiliation{UAI: uai, Profile: p}
	}
	out := map[string]person.Person{
		"lina": known("lina", pupil(ecole, "CE2")), "hugo": known("hugo", pupil(college, "5EME")), "grand": known("grand", pupil(college, "3EME")),
		"deux": known("deux", pupil(ecole, "CM2"), pupil(college, "6EME")), "claire": known("claire", as(college, person.Teacher), as(other, person.Teacher)),
		"paul": known("paul", as(college, person.Head)), "nadia": known("nadia", as(ecole, person.Guardian)), "marc": known("marc", as(ecole, person.Guardian)),
		"nulle-part": known("nulle-part"), "ferme": known("ferme", pupil(shut, "2NDE")), "parti": known("parti", person.Affiliation{UAI: college, Profile: person.Teacher, Until: s.now}),
	}
	for name, authority := range map[string]person.Tri{"nadia": person.Yes, "marc": person.No} {
		p := out[name]
		p.Wards = []person.Ward{{Child: person.Key{Authority: "ac", ID: "lina"}, UAI: ecole, Authority: authority}}
		out[name] = p
	}
	p := out["grand"]
	p.Age.Born = time.Date(2011, 1, 1, 0, 0, 0, 0, time.UTC)
	out["grand"] = p
	return out
}

// onlyKit is one kit for every street: it never changes, and making one costs more than most tests do. What webtest finds
// in the pages is looked for with the history's.
var onlyKit = sync.OnceValues(func() (*web.Kit, error) { //nolint:gochecknoglobals // made once, read only
	return web.New(web.Config{
		Product: "Écluse", PublicURL: webtest.Origin, Now: webtest.Now, NewRef: func() web.Ref { return webtest.Ref },
		Contributions: []web.Contribution{portal.Pages()},
	})
})

func (s *street) open() {
	kit, err := onlyKit()
	if err != nil {
		s.t.Fatal(err)
	}
	live := &registry.Live{Store: fixed{s: s}, Zone: registrytest.Paris(), Now: func() time.Time {
		if s.stale {
			return s.now.Add(time.Hour)
		}
		return s.now
	}}
	if err := live.Refresh(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	words, err := dictionary.Shipped()
	if err != nil {
		s.t.Fatal(err)
	}
	s.mux = web.NewMux(kit)
	portal.Mount(s.mux, portal.Config{
		Kit: kit, Live: live, Words: words, Events: noEvents{}, Keys: handles{}, Now: func() time.Time { return s.now }, Favourites: s, About: marked,
		Visitor: func(*http.Request) (person.Person, web.Frame, bool, error) { return s.who, s.around, !s.nobody, nil },
		Foresee: func(context.Context, *registry.Snapshot, person.Person) (portal.Would, error) {
			s.foreseen++
			return s.would, s.unread
		},
		Enter:       func(page string) string { return "/entrer?vers=" + page },
		Preselect:   func(_ http.ResponseWriter, uai person.UAI) { s.school = uai },
		Preselected: func(*http.Request) person.UAI { return s.school },
	})
}

// marked is what stands in an address for what may not be named there.
func marked(what string) string {
	sum := sha256.Sum256([]byte(what))
	return hex.EncodeToString(sum[:])
}

type noEvents struct{ audit.Reader }

func (s *street) do(method, path string, form url.Values) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequest(method, webtest.Origin+path, strings.NewReader(form.Encode()))
	r.TLS = &tls.ConnectionState{}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", webtest.Origin)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	w := httptest.NewRecorder()
	s.mux.ServeHTTP(w, r)
	return w
}

func (s *street) page(path string) string {
	return webtest.Straight(s.do(http.MethodGet, path, nil).Body.String())
}

// is makes somebody the visitor, in the wording that a sign-in would choose.
func (s *street) is(name string) {
	p, known := s.people()[name]
	if !known {
		s.t.Fatalf("nobody is called %s", name)
	}
	s.who, s.around = p, web.Frame{Audience: web.Adult}
	for _, a := range p.Affiliations {
		if a.Profile == person.Pupil {
			s.around.Audience = web.Teen
			if a.UAI == ecole {
				s.around.Audience = web.Child
			}
		}
	}
}

// tile cuts the tile of a service out of a page; empty when it is not there.
func tile(page, service string) string {
	_, rest, found := strings.Cut(page, `id="s-`+service+`"`)
	if !found {
		return ""
	}
	out, _, _ := strings.Cut(rest, "</li>")
	return out
}

var errAway = errors.New("the store is away")
