// Package mediacentre tells an ENT which services its médiacentre may show: for a kind of people in a school, server to
// server, and for one person while that person is signed in with us. The answers have the form of the GAR's
// wsListeRessources, so that whoever reads one reads the other.
//
// Routes:
//
//	GET  /api/mediacentre/v1/ressources?uai=&profil=&niveau=   with the ENT's own token
//	GET  /api/mediacentre/v1/ressources/moi?uai=               with the person's own session
//
// It knows a school, a profile and a level, and never who uses what: nothing here reads the journal, and the first route
// knows of no person at all. Package policy says what is open; somebody invented is asked about, of whom nothing is known
// but profile and level. So a service with a minimum age is on nobody's list but a person's own.
package mediacentre

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// Base is where the routes begin.
const Base = "/api/mediacentre/v1/ressources"

// ErrToken says that a secret is no ENT's, or no longer.
var ErrToken = errors.New("this token is not known, or over")

// Fresh is for how long an answer may be shown without asking again: with the second that a change takes to reach every
// replica, it is in the médiacentre within five minutes.
const Fresh = 4 * time.Minute

// PerMinute is how many answers one ENT, or one person, gets in a minute.
const (
	PerMinute   = 1200
	PerMinuteMe = 60
)

// Config is what the routes are made of. All is required.
type Config struct {
	Kit  *web.Kit
	Live *registry.Live
	Now  func() time.Time
	// Source finds the identity source whose token a secret is. ErrToken for any other.
	Source func(secret string) (source string, err error)
	// Visitor finds who is signed in on this browser, and under which name of their own their questions are counted.
	Visitor func(*http.Request) (who person.Person, count string, ok bool, err error)
	// Foresee says, for one person, whether they could be answered at a service, beyond what the gate says.
	Foresee func(ctx context.Context, view *registry.Snapshot, who person.Person) (Would, error)
	// Count counts a question of this minute and gives how many there were under the name, on every replica.
	Count func(ctx context.Context, name string) (int64, error)
}

// Would tells whether somebody could be answered at a service; an error is a no.
type Would = func(place policy.Place, service registry.Service) error

type surface struct{ Config }

// Mount adds the routes.
func Mount(mux *web.Mux, c Config) {
	s := &surface{c}
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: Base, Handler: s.kinds})
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: Base + "/moi", Handler: s.mine})
}

// kinds answers an ENT about a kind of people.
func (s *surface) kinds(w http.ResponseWriter, r *http.Request) error {
	view, err := s.Live.Current()
	if err != nil {
		return unavailable(err)
	}
	source, fault := s.caller(r, view)
	if fault != nil {
		if fault.Status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Bearer realm="ecluse mediacentre"`)
		}
		return fault
	}
	if err := s.counted(w, r, "ent "+source.ID, PerMinute); err != nil {
		return err
	}
	who, school, fault := s.asked(r, view, source)
	if fault != nil {
		return fault
	}
	l := list{view: view, now: s.Now(), kit: s.Kit, source: source.ID, lang: string(s.Kit.Lang(r))}
	return answer(w, r, l.of(who, school), "private, max-age="+strconv.Itoa(int(Fresh/time.Second)))
}

// caller is the ENT: its token holds, and its own declaration lets it speak today.
func (s *surface) caller(r *http.Request, view *registry.Snapshot) (registry.Source, *web.Fault) {
	headers := r.Header.Values("Authorization")
	if len(headers) != 1 {
		return registry.Source{}, web.Problem(http.StatusUnauthorized, "unauthenticated", "one bearer token is needed: the ENT's own", nil)
	}
	scheme, secret, _ := strings.Cut(headers[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return registry.Source{}, web.Problem(http.StatusUnauthorized, "unauthenticated", "the Authorization header is no bearer token", nil)
	}
	id, err := s.Source(strings.TrimSpace(secret))
	if errors.Is(err, ErrToken) {
		return registry.Source{}, web.Problem(http.StatusUnauthorized, "unauthenticated", "the token is not known, has ended or was revoked", nil)
	}
	if err != nil {
		return registry.Source{}, unavailable(err)
	}
	source, known := view.Source(id)
	if !known || source.Suspended || !source.Declaration.InForce(s.Now(), view.Zone()) {
		return registry.Source{}, web.Problem(http.StatusForbidden, "source_not_open", "the ENT's own declaration is not in force, or the ENT is suspended: nothing is listed", nil)
	}
	return source, nil
}

// asked reads whom the question is about.
func (s *surface) asked(r *http.Request, view *registry.Snapshot, source registry.Source) (person.Person, registry.Establishment, *web.Fault) {
	q := r.URL.Query()
	for name, values := range q {
		switch {
		case name != "uai" && name != "profil" && name != "niveau":
			return nobody(web.Problem(http.StatusBadRequest, "unknown_parameter", "only uai, profil and niveau are known: a list is never about a person", nil))
		case len(values) > 1:
			return nobody(wrong(name, "given more than once", "each once"))
		}
	}
	school, known := view.Establishment(person.UAI(q.Get("uai")))
	if !known || school.ClosedAt(s.Now(), view.Zone()) {
		return nobody(wrong("uai", "no open establishment is registered under it", "an UAI in its usual spelling"))
	}
	if !source.SpeaksFor(school.UAI) {
		return nobody(web.Problem(http.StatusForbidden, "outside", "the establishment is none of this ENT's", nil))
	}
	profile, known := person.ParseProfile(q.Get("profil"))
	if !known {
		return nobody(wrong("profil", "no profile of the SDET", "National_ELV, National_ENS, …, whatever the case"))
	}
	level := ""
	if q.Has("niveau") {
		if level, known = view.Level(school.Kind, q.Get("niveau")); !known || profile != person.Pupil {
			return nobody(wrong("niveau", "no level of pupils there", "CE2, 5EME, … for National_ELV; leave it out for others"))
		}
	}
	return registry.Anybody(school.UAI, profile, level, source.ID), school, nil
}

func nobody(f *web.Fault) (person.Person, registry.Establishment, *web.Fault) {
	return person.Person{}, registry.Establishment{}, f
}

// answer writes a list, or nothing where the asker has it already.
func answer(w http.ResponseWriter, r *http.Request, out Answer, keep string) error {
	body, err := json.Marshal(out)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	h := w.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", keep)
	h.Add("Vary", "Authorization")
	h.Add("Vary", "Accept-Language")
	h.Add("Vary", "Cookie")
	if has(r.Header.Values("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", "application/json; charset=utf-8")
	_, err = w.Write(body)
	return err
}

// has compares weakly, any of a list (RFC 9110 13.1.2).
func has(headers []string, tag string) bool {
	for _, header := range headers {
		for part := range strings.SplitSeq(header, ",") {
			if part = strings.TrimSpace(part); part == "*" || strings.TrimPrefix(part, "W/") == tag {
				return true
			}
		}
	}
	return false
}

func (s *surface) counted(w http.ResponseWriter, r *http.Request, name string, most int64) error {
	n, err := s.Count(r.Context(), name)
	if err != nil {
		return unavailable(err)
	}
	if n > most {
		w.Header().Set("Retry-After", "60")
		return web.Problem(http.StatusTooManyRequests, "too_many", "too many questions in this minute: keep answers for as long as Cache-Control says", nil)
	}
	return nil
}

// wrong is a parameter that says nothing: 400 with which one.
func wrong(parameter, what, mend string) *web.Fault {
	return web.Problem(http.StatusBadRequest, "invalid", parameter+": "+what, nil).
		With("errors", []map[string]string{{"parameter": parameter, "message": what, "mend": mend}})
}

func unavailable(err error) *web.Fault {
	return web.Problem(http.StatusServiceUnavailable, "unavailable", "this cannot be answered at the moment", err)
}
