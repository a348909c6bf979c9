package login

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// fromCookie names the ENT and the school that somebody came from, in the words of the register and until the browser is
// closed: a page that needs no store leads back there. It says nothing of the person.
func fromCookie() web.Cookie { return web.Cookie{Name: "from"} }

// rememberFrom keeps where somebody came from, when that is somewhere to go back to.
func (f *Flow) rememberFrom(w http.ResponseWriter, e entry) {
	if e.Back == (web.WayBack{}) {
		return
	}
	f.Kit.Cookies().Set(w, fromCookie(), strings.Join([]string{e.Source, string(e.UAI), strconv.Itoa(e.Way)}, "/"))
}

// from reads it. What is not registered any more, and what somebody else wrote there, is nothing.
func (f *Flow) from(r *http.Request, s *registry.Snapshot) entry {
	said, _ := f.Kit.Cookies().Read(r, fromCookie())
	parts := strings.Split(said, "/")
	if s == nil || len(parts) != 3 {
		return entry{}
	}
	e, ways, _ := cameFrom(s, parts[0], parts[1])
	if i, err := strconv.Atoi(parts[2]); err == nil && i >= 0 && i < len(ways) {
		e.Way, e.Back = i, web.WayBack(ways[i])
	}
	return e
}

// lastSeen is the newest view of the register there was. It decides nothing: it lends names and the ways back to the pages
// of a register that cannot be read now.
type lastSeen struct {
	view atomic.Pointer[registry.Snapshot]
}

func (l *lastSeen) keep(s *registry.Snapshot) { l.view.Store(s) }
func (l *lastSeen) last() *registry.Snapshot  { return l.view.Load() }

// Around is what surrounds an error page: the wording of whoever is signed in, or of the school they came from, and the
// way back there. A store that does not answer within half a second is nobody's session here.
func (f *Flow) Around(r *http.Request) web.Frame {
	ctx, cancel := context.WithTimeout(r.Context(), 500*time.Millisecond)
	defer cancel()
	snapshot, err := f.Live.Current()
	if err != nil {
		snapshot = f.seen.last()
	}
	came := f.from(r, snapshot)
	around := web.Frame{WayBack: came.Back}
	if s, err := f.session(r.WithContext(ctx)); err == nil && s != nil {
		around = f.signOutFrame(s)
		around.Here = ""
		if around.WayBack == (web.WayBack{}) {
			around.WayBack = came.Back
		}
		return around
	}
	if snapshot != nil && came.UAI != "" {
		around.Audience = audience(view{snapshot: snapshot}, &transaction{Entry: came})
	}
	return around
}

// cameFrom is what a source and an establishment by these names say of the ways back: the ENT's own first, then the
// school's. One that is not registered is a reason to refuse.
func cameFrom(s *registry.Snapshot, source, uai string) (e entry, ways []registry.Way, reason policy.Reason) {
	if source != "" {
		found, known := s.Source(source)
		if !known {
			reason = policy.UnknownSource
		} else if e.Source = source; found.Way != nil {
			ways = append(ways, *found.Way)
		}
	}
	if uai != "" {
		school, known := s.Establishment(person.UAI(uai))
		if !known {
			reason = policy.UnknownPlace
		} else {
			e.UAI = school.UAI
			ways = append(ways, school.Ways...)
		}
	}
	if len(ways) > 0 {
		e.Back = web.WayBack(ways[0])
	}
	return e, ways, reason
}
