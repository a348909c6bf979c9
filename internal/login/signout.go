package login

import (
	"net/http"

	"ecluse/internal/audit"
	"ecluse/internal/idp"
	"ecluse/internal/web"
)

// signOut ends the session and tells, service by service, what became of each.
func (f *Flow) signOut(w http.ResponseWriter, r *http.Request) error {
	s, err := f.session(r)
	if err != nil {
		return web.Unavailable(err)
	}
	page := signOutPage{Ended: true}
	if s != nil {
		page.Frame = f.signOutFrame(s)
		page.Services = f.endParticipants(r, s)
		if err := f.forget(r.Context(), s); err != nil {
			return web.Unavailable(err) // nobody is told that it is over while it is not
		}
		_, err := f.Journal.Append(r.Context(), audit.Entry{
			Class: audit.ClassSignIn, Action: "sign_out", Outcome: audit.Done,
			Subject: f.journalSubject(s.Person.Key, ""), Source: s.Person.Authn.Source,
		})
		if err != nil {
			f.Log.ErrorContext(r.Context(), "a sign-out could not be journaled", "error", err)
		}
	}
	f.Kit.Cookies().Clear(w, sessionCookie())
	return f.Kit.Render(w, r, http.StatusOK, "login/signout", page)
}

// endParticipants asks each protocol to end its session and keeps what it said. What was not ended is said to be open.
func (f *Flow) endParticipants(r *http.Request, s *session) []endedService {
	var out []endedService
	snapshot, _ := f.Live.Current()
	for _, p := range s.Participants {
		service, _ := snapshot.Service(p.ServiceID)
		name := service.Name.In(string(f.Kit.Lang(r)))
		ended := false
		if protocol, ok := f.Protocols[p.Protocol]; ok {
			step, err := protocol.SignOut(r.Context(), p)
			ended = err == nil && step.Outcome == idp.Done
		}
		out = append(out, endedService{Name: name, Ended: ended})
	}
	return out
}

// askSignOut asks before it ends anything: a link on another site must not sign a person out.
func (f *Flow) askSignOut(w http.ResponseWriter, r *http.Request) error {
	s, err := f.session(r)
	if err != nil {
		return web.Unavailable(err)
	}
	page := signOutPage{SignedIn: s != nil}
	if s != nil {
		page.Frame = f.signOutFrame(s)
	}
	return f.Kit.Render(w, r, http.StatusOK, "login/signout", page)
}

func (f *Flow) signOutFrame(s *session) web.Frame {
	snapshot, err := f.Live.Current()
	if err != nil {
		return web.Frame{WayBack: s.Entry.Back, Here: "/signout"}
	}
	v := view{snapshot: snapshot, session: s}
	return web.Frame{Audience: audience(v, &transaction{}), WayBack: s.Entry.Back, Here: "/signout"}
}
