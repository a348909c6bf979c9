package login

import (
	"net/http"
	"sync"

	"ecluse/internal/audit"
	"ecluse/internal/idp"
	"ecluse/internal/web"
)

const signOutPath = "/signout"

// signOut ends the session and tells, service by service, what became of each, and what of the account at the source.
func (f *Flow) signOut(w http.ResponseWriter, r *http.Request) error {
	s, err := f.session(r)
	if err != nil {
		return web.Unavailable(err)
	}
	page := signOutPage{Ended: true, Home: f.Home}
	if s != nil {
		page.Frame = f.signOutFrame(s)
		page.SignOut = ""
		if page.Services, err = f.leave(r, s, ""); err != nil {
			return err
		}
		page.Asked, page.Account = true, f.account(w, r, s)
	}
	f.Kit.Cookies().Clear(w, sessionCookie())
	f.Kit.Cookies().Clear(w, fromCookie())
	return f.Kit.Render(w, r, http.StatusOK, "login/signout", page)
}

// leave ends a session and everything that rests on it, and says what became of it at each service. ref is that of the
// request in which somebody said that it is not them. Nobody is told that it is over while it is not.
func (f *Flow) leave(r *http.Request, s *session, ref string) ([]endedService, error) {
	services := f.endParticipants(r, s)
	if err := f.forget(r.Context(), s); err != nil {
		return nil, web.Unavailable(err)
	}
	e := audit.Entry{
		Class: audit.ClassSignIn, Action: "sign_out", Outcome: audit.Done, Ref: ref,
		Subject: f.journalSubject(s.Person.Key, ""), Source: s.Person.Authn.Source,
	}
	if ref != "" {
		e.Reason = "not_me"
	}
	if _, err := f.Journal.Append(r.Context(), e); err != nil {
		f.Log.ErrorContext(r.Context(), "a sign-out could not be journaled", "error", err)
	}
	return services, nil
}

// endParticipants asks each protocol to end its sessions, side by side, and keeps what it said of each service: one that
// has several is ended when they all are. What was not ended is said to be open.
func (f *Flow) endParticipants(r *http.Request, s *session) []endedService {
	ended := make([]bool, len(s.Participants))
	var all sync.WaitGroup
	for i, p := range s.Participants {
		if protocol, ok := f.Protocols[p.Protocol]; ok {
			all.Go(func() {
				step, err := protocol.SignOut(r.Context(), p, "")
				ended[i] = err == nil && step.Outcome == idp.Done
			})
		}
	}
	all.Wait()
	var out []endedService
	at := map[string]int{}
	for i, p := range s.Participants {
		j, known := at[p.ServiceID]
		if !known {
			j, at[p.ServiceID] = len(out), len(out)
			out = append(out, endedService{Name: f.nameOf(p.ServiceID, string(f.Kit.Lang(r))), Ended: true})
		}
		out[j].Ended = out[j].Ended && ended[i]
	}
	return out
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
	service, _ := snapshot.Service(id)
	return service.Name.In(lang)
}

// askSignOut asks before it ends anything: a link on another site must not sign a person out.
func (f *Flow) askSignOut(w http.ResponseWriter, r *http.Request) error {
	s, err := f.session(r)
	if err != nil {
		return web.Unavailable(err)
	}
	page := signOutPage{SignedIn: s != nil, Home: f.Home}
	if s != nil {
		page.Frame = f.signOutFrame(s)
		page.SignOut = ""
	}
	return f.Kit.Render(w, r, http.StatusOK, "login/signout", page)
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
