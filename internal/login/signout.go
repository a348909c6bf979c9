package login

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"ecluse/internal/idp"
	"ecluse/internal/web"
)

const signOutPath = "/signout"

// signOut ends the session and sends the browser on its way out. Somebody who has none is shown how things are.
func (f *Flow) signOut(w http.ResponseWriter, r *http.Request) error {
	s, err := f.session(r)
	if err != nil {
		return web.Unavailable(err)
	}
	if s == nil {
		return f.signedOut(w, r)
	}
	out, err := f.leave(r, s, cause{}, idp.Leaving{})
	if err != nil {
		return err
	}
	if out != nil {
		out.Asked, out.Account = true, f.account(w, r, s)
	}
	return f.seeOff(w, r, out)
}

// nameOf is what a service was last called; nothing when it is not known any more.
func (f *Flow) nameOf(id, lang string) string {
	snapshot, err := f.Live.Current()
	if err != nil {
		snapshot = f.seen.last()
	}
	if snapshot == nil {
		return ""
	}
	if source, is := strings.CutPrefix(id, ofSource); is {
		known, _ := snapshot.Source(source)
		return known.Name.In(lang)
	}
	service, _ := snapshot.Service(id)
	return service.Name.In(lang)
}

// askSignOut asks before it ends anything: a link on another site must not sign a person out. Whoever has signed out is shown
// how things are.
func (f *Flow) askSignOut(w http.ResponseWriter, r *http.Request) error {
	s, err := f.session(r)
	if err != nil {
		return web.Unavailable(err)
	}
	if s == nil {
		return f.signedOut(w, r)
	}
	page := signOutPage{Frame: f.signOutFrame(s), SignedIn: true, Action: signOutPath, Home: f.Home}
	page.SignOut = ""
	return f.Kit.Render(w, r, http.StatusOK, "login/signout", page)
}

// signedOut shows what the last sign-out of this browser came to; that nobody is signed in, when there was none.
func (f *Flow) signedOut(w http.ResponseWriter, r *http.Request) error {
	out, err := f.wayOut(r)
	if err != nil {
		return err
	}
	if out == nil {
		f.Kit.Cookies().Clear(w, sessionCookie())
		f.Kit.Cookies().Clear(w, fromCookie())
		return f.Kit.Render(w, r, http.StatusOK, "login/signout", signOutPage{Ended: r.Method == http.MethodPost, Home: f.Home})
	}
	return f.showWayOut(w, r, out)
}

// showWayOut tells the truth for each service, loads the frames of those that are told in one, and offers what is left to do.
func (f *Flow) showWayOut(w http.ResponseWriter, r *http.Request, out *wayOut) error {
	page := signOutPage{Frame: out.Around, Ended: true, Home: f.Home, Next: out.Next, Asked: out.Asked, Account: out.Account}
	lang := string(f.Kit.Lang(r))
	page.Services = f.fates(out, lang)
	if out.ID != "" && out.waits() {
		page.Rest = nextPath
	}
	if out.ID != "" && out.Leaving != nil && !f.answerTo(r.Context(), *out.Leaving, idp.Outcome{Found: true, Partial: !out.closed()}).Empty() {
		page.Reply, page.Asker = replyPath, f.nameOf(cmp.Or(out.Leaving.ServiceID, out.Leaving.Toward), lang)
	}
	var origins []string
	for _, p := range out.Partings {
		if origin := f.frames(p.To.Location); p.Fate == fateUnsaid && origin != "" {
			page.Frames, origins = append(page.Frames, p.To.Location), append(origins, origin)
		}
	}
	if len(origins) > 0 {
		slices.Sort(origins)
		h := w.Header()
		h.Set("Content-Security-Policy", h.Get("Content-Security-Policy")+"; frame-src "+strings.Join(slices.Compact(origins), " "))
	}
	return f.Kit.Render(w, r, http.StatusOK, "login/signout", page)
}

// fates says what became of each service: of one that has several sessions, what became of the worst.
func (f *Flow) fates(out *wayOut, lang string) []endedService {
	worse := []fate{fateClosed, fateUnsaid, fateQueued, fateOpen}
	rank := func(x fate) int {
		if i := slices.Index(worse, x); i >= 0 {
			return i
		}
		return len(worse) - 1 // not visited, or not come back from
	}
	var all []endedService
	at := map[string]int{}
	for _, p := range out.Partings {
		i, known := at[p.Service]
		if !known {
			i, at[p.Service] = len(all), len(all)
			all = append(all, endedService{Name: f.nameOf(p.Service, lang), Fate: fateClosed})
		}
		all[i].Fate = worse[max(rank(all[i].Fate), rank(p.Fate))]
	}
	return all
}

func (f *Flow) signOutFrame(s *session) web.Frame {
	around := web.Frame{WayBack: s.Entry.Back, Here: signOutPath, SignOut: signOutPath}
	snapshot, err := f.Live.Current()
	if err != nil {
		snapshot = f.seen.last() // how we speak to somebody does not change from one minute to the next
	}
	if snapshot != nil {
		around.Audience = audience(view{snapshot: snapshot, session: s}, &transaction{})
	}
	return around
}
