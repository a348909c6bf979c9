package portal_test

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/charter"
	"ecluse/internal/consent"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/portal"
	"ecluse/internal/registry"
	"ecluse/internal/rights"
	"ecluse/internal/store/sqldb"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// drawer is an academy with the pages of one visitor's data, who may be changed.
type copyist struct {
	*desktest.House
	t        *testing.T
	mux      *web.Mux
	visitor  person.Person
	audience web.Audience
	lang     string
	nobody   bool
	stale    bool // the proof is not recent
	kept     bool
	answers  *said
	marks    *sqldb.Favourites
	charters *charter.Book
	left     []string // the references with which everything was ended
	broken   error    // of what ends it
}

// said are the answers of people, by their key.
type said struct {
	of        map[person.Key][]portal.Answer
	now       func() time.Time
	withdrawn int
	fail      error
}

func (s *said) Said(_ context.Context, who person.Person, services []string, _ string) ([]portal.Answer, error) {
	return slices.DeleteFunc(slices.Clone(s.of[who.Key]), func(a portal.Answer) bool { return !slices.Contains(services, a.Service) }), s.fail
}

func (s *said) Withdraw(_ context.Context, who person.Person, service string) error {
	if s.fail != nil {
		return s.fail
	}
	all := s.of[who.Key]
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Service == service {
			if all[i].Act == "agreed" {
				a := all[i]
				a.Act, a.At = "withdrawn", s.now()
				s.of[who.Key] = append(all, a)
				s.withdrawn++
			}
			break
		}
	}
	return nil
}

func newDrawer(t *testing.T) *copyist {
	t.Helper()
	return drawerIn(t, desktest.New(t))
}

func drawerIn(t *testing.T, h *desktest.House) *copyist {
	t.Helper()
	h.TakeRights(t)
	d := &copyist{House: h, t: t, visitor: pupilOf(desktest.College, person.Pupil), audience: web.Teen, lang: "fr", answers: &said{of: map[person.Key][]portal.Answer{}, now: h.Now}}
	h.Apply(t, registry.Change{Declarations: []registry.Declaration{entryOf("lire", registry.PublicInterest), entryOf("calcul", registry.Consent)}})
	kit := webtest.NewWith(t, web.Config{Contributions: []web.Contribution{portal.DataPages()}})
	d.mux, d.marks = web.NewMux(kit), &sqldb.Favourites{DB: h.DB}
	own := keys{consent.Looks{Keys: h.Ring}}
	d.charters = &charter.Book{
		Store: &sqldb.Charters{DB: h.DB, Journal: h.Journal}, Keys: h.Ring, Now: h.Now,
		Handles: func(ctx context.Context, key person.Key) ([]string, error) {
			return own.Own(ctx, person.Person{Key: key})
		},
	}
	proof := func(act string, about ...string) string {
		return h.Ring.MAC("test", append([]string{act}, about...)...)
	}
	portal.MountData(d.mux, portal.DataConfig{
		Kit: kit, Live: h.Live, Words: h.Words, Events: h.DB.Audit(), Keys: own, Now: h.Now, Answers: d.answers, Reports: h.Rights,
		Favourites: d.marks, Charters: d.charters, About: func(handle string) string { return rights.WhomOf(h.Ring, handle) }, Enter: "/entrer?vers=data",
		Again: func(rest string) string { return "/entrer?vers=data&suite=" + rest },
		Leave: func(_ http.ResponseWriter, _ *http.Request, ref string) ([]portal.LeftAt, error) {
			if d.broken == nil {
				d.left = append(d.left, ref)
			}
			return []portal.LeftAt{{Service: "Lire", Ended: true}, {Service: "Calcul"}}, d.broken
		},
		Sitting: func(*http.Request) (portal.Sitting, bool, error) {
			return portal.Sitting{
				Who: d.visitor, Around: web.Frame{Audience: d.audience}, Began: h.Now(), Ends: h.Now().Add(time.Hour), Last: h.Now().Add(8 * time.Hour),
				Recent: !d.stale, Kept: d.kept, Proof: proof,
				Proves: func(said, act string, about ...string) bool { return said == proof(act, about...) },
			}, !d.nobody, nil
		},
	})
	return d
}

func (d *copyist) ask(method, path string, form url.Values) *httptest.ResponseRecorder {
	d.t.Helper()
	d.Snapshot(d.t)
	r := httptest.NewRequest(method, webtest.Origin+path, strings.NewReader(form.Encode()))
	r.TLS = &tls.ConnectionState{}
	r.Header.Set("Accept-Language", d.lang)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	w := httptest.NewRecorder()
	d.mux.ServeHTTP(w, r)
	return w
}

func (d *copyist) page(path string) string {
	d.t.Helper()
	w := d.ask(http.MethodGet, path, nil)
	if w.Code != http.StatusOK {
		d.t.Fatalf("%s: %d %s %s", path, w.Code, w.Header().Get("Location"), w.Body)
	}
	return readable(w.Body.String())
}

// proof is what a form of a page carries.
func (d *copyist) proof(path string) url.Values {
	d.t.Helper()
	m := regexp.MustCompile(`name="preuve" value="([^"]+)"`).FindStringSubmatch(d.page(path))
	if m == nil {
		d.t.Fatalf("%s has no form", path)
	}
	return url.Values{"preuve": {m[1]}}
}

func (d *copyist) to(method, path string, form url.Values) string {
	d.t.Helper()
	w := d.ask(method, path, form)
	if w.Code != http.StatusSeeOther {
		d.t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	return w.Header().Get("Location")
}

func (d *copyist) answered(key person.Key, service, act string, ago time.Duration) {
	d.answers.of[key] = append(d.answers.of[key], portal.Answer{
		Service: service, Declaration: service + "-d", Version: 1, Act: act, At: d.Now().Add(-ago),
	})
}

// lived gives somebody all of what there can be.
func (d *copyist) lived() {
	t := d.t
	for _, key := range []person.Key{lina, before, stranger} {
		e := sent(d.House, key, "lire")
		e.Declaration, e.Ref = "lire-d", string(web.NewRef())
		write(t, d.House, e)
		write(t, d.House, looked(t, d.House, key, ""))
	}
	elsewhere := sent(d.House, stranger, "calcul")
	elsewhere.Attributes = []string{"mail"}
	write(t, d.House, elsewhere)
	d.answered(lina, "lire", "informed", 3*time.Hour)
	d.answered(lina, "calcul", "agreed", 2*time.Hour)
	d.answered(stranger, "calcul", "refused", time.Hour)
	for key, service := range map[person.Key]string{lina: "lire", before: "disparu", stranger: "calcul"} {
		if err := d.marks.Mark(t.Context(), "marked "+key.Handle(d.Ring), nil, service, true); err != nil {
			t.Fatal(err)
		}
	}
	for _, party := range []struct {
		key   person.Key
		words string
	}{{lina, "mes mots à moi"}, {stranger, "MARQUE des mots"}} {
		form := rights.Form{Ref: string(web.NewRef()), Kind: rights.Access, Entry: entryOf("lire", registry.PublicInterest), UAI: string(desktest.College), Words: party.words}
		if _, _, err := d.Rights.File(t.Context(), rights.Party{Own: []string{party.key.Handle(d.Ring)}}, form); err != nil {
			t.Fatal(err)
		}
	}
	d.visitor.Values = map[person.Attr][]string{person.GivenName: {"Lina-Prénom"}}
	d.visitor.Affiliations[0].Values = map[person.Attr][]string{person.Level: {"5EME-Niveau"}}
	d.visitor.Affiliations[0].Classes = []string{"5A-Classe"}
}
