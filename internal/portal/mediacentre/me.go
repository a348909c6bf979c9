package mediacentre

import (
	"net/http"
	"net/url"
	"slices"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// mine answers whoever is signed in with us on this browser about themselves. A page of another origin is answered when it
// is an ENT that the register ties to this very person: the one through which they signed in, or that of one of their
// schools; and then about the schools of that ENT alone. To any other page nobody is signed in here.
func (s *surface) mine(w http.ResponseWriter, r *http.Request) error {
	w.Header().Add("Vary", "Origin")
	view, err := s.Live.Current()
	if err != nil {
		return unavailable(err)
	}
	who, count, ok, err := s.Visitor(r)
	if err != nil {
		return unavailable(err)
	}
	if !ok {
		return web.Problem(http.StatusUnauthorized, "unauthenticated", "nobody is signed in on this browser", nil)
	}
	origin, foreign := s.asking(r)
	schools := view.SchoolsOf(who, s.Now())
	if foreign {
		if schools = s.tied(view, who, schools, origin); len(schools) == 0 {
			return web.Problem(http.StatusUnauthorized, "unauthenticated", "nobody is signed in on this browser", nil) // no page learns more
		}
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
		h.Set("Access-Control-Expose-Headers", "ETag")
		h.Set("Cross-Origin-Resource-Policy", "same-site")
	}
	if err := s.counted(w, r, "me "+count, PerMinuteMe); err != nil {
		return err
	}
	if uai := r.URL.Query().Get("uai"); uai != "" {
		schools = slices.DeleteFunc(schools, func(e registry.Establishment) bool { return string(e.UAI) != uai })
	}
	would, err := s.Foresee(r.Context(), view, who)
	if err != nil {
		return unavailable(err)
	}
	l := list{view: view, now: s.Now(), kit: s.Kit, source: who.Authn.Source, lang: string(s.Kit.Lang(r)), would: would}
	return answer(w, r, l.of(who, schools...), "private, no-cache") // the next person at this device asks anew
}

// asking is the origin of the page that asks; foreign tells that it is not a page of ours, nor somebody at the address bar.
// A browser that says that another site asks, and not which, is foreign too.
func (s *surface) asking(r *http.Request) (origin string, foreign bool) {
	origin = r.Header.Get("Origin")
	own := originOf(s.Kit.URL("/"))
	if origin != "" {
		return origin, origin != own
	}
	site := r.Header.Get("Sec-Fetch-Site")
	return "", site != "" && site != "same-origin" && site != "none"
}

// tied keeps the schools whose ENT an origin is, by the register.
func (s *surface) tied(view *registry.Snapshot, who person.Person, schools []registry.Establishment, origin string) []registry.Establishment {
	source, known := view.Source(who.Authn.Source)
	if origin == "" || !known || source.Suspended || !source.Declaration.InForce(s.Now(), view.Zone()) {
		return nil
	}
	through := source.Way != nil && originOf(source.Way.URL) == origin
	return slices.DeleteFunc(schools, func(e registry.Establishment) bool {
		theirs := slices.ContainsFunc(e.Ways, func(w registry.Way) bool { return originOf(w.URL) == origin })
		return !theirs && !(through && source.SpeaksFor(e.UAI))
	})
}

// originOf is scheme and host of an address; "null" and the like are nobody's.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
