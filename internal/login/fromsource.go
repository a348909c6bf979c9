package login

import (
	"context"
	"errors"
	"net/http"

	"ecluse/internal/idp"
	"ecluse/internal/store"
	"ecluse/internal/upstream"
	"ecluse/internal/web"
)

// ofSource marks a wish to sign out as a source's, where a protocol's name stands otherwise. No protocol has a blank in it.
const ofSource = "source "

// SignedOut ends the session that rests on a source's session, and tells the services that need no browser.
func (h host) SignedOut(ctx context.Context, _, session string) error {
	last, err := h.endNamed(ctx, session)
	h.flow.tellWithoutBrowser(ctx, last)
	return err
}

// endNamed ends the session that rests on a source's, and gives it to whoever ended it. The pointer goes last, so that the
// source may try again.
func (h host) endNamed(ctx context.Context, named string) (*session, error) {
	if named == "" {
		return nil, nil
	}
	name := h.source + " " + named
	ticket, err := h.flow.Tickets.Get(ctx, kindUpstream, name)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s, err := h.flow.sessionByID(ctx, string(ticket.Value))
	if err == nil && s != nil {
		s, err = h.flow.over(ctx, s)
	}
	if err != nil {
		return nil, err
	}
	if s != nil {
		h.flow.journalSignOut(ctx, s, cause{Reason: "asked_by_source"}, idp.Leaving{})
	}
	return s, h.flow.Tickets.Delete(ctx, kindUpstream, name)
}

// Leave ends the sessions that a source names. The browser that brought the message visits the services that need one only
// where it is the one of the session and shows a page: many sources send their messages through frames, in which no page of
// ours may stand.
func (h host) Leave(w http.ResponseWriter, r *http.Request, leaving upstream.Leaving) error {
	f := h.flow
	own := ""
	if r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Dest") == "document" {
		own, _ = f.Kit.Cookies().Read(r, sessionCookie())
	}
	var out *wayOut
	open := false
	for _, name := range leaving.Sessions {
		last, err := h.endNamed(r.Context(), name)
		if err != nil {
			f.Log.ErrorContext(r.Context(), "a session that its source ended goes on", "source", h.source, "error", err)
			open = true
		}
		switch {
		case last == nil:
		case last.ID == own:
			out = f.parted(r, last, idp.Leaving{})
		default:
			there := wayOut{Partings: f.tell(r.Context(), last.Participants, idp.Leaving{}, false)}
			open = open || !there.closed()
		}
	}
	wish := idp.Leaving{Protocol: ofSource + h.source, Toward: ofSource + h.source, State: leaving.State}
	if out == nil {
		return f.answerSource(w, r, wish, open)
	}
	out.Leaving, out.Open, out.Asked = &wish, open, true // the source ends its own
	return f.seeOff(w, r, out)
}

// answerSource answers at once, and without a page of ours where a redirect will do.
func (f *Flow) answerSource(w http.ResponseWriter, r *http.Request, wish idp.Leaving, open bool) error {
	to := f.answerTo(r.Context(), wish, idp.Outcome{Found: true, Partial: open})
	switch {
	case to.Empty():
		return f.Kit.Redirect(w, r, signOutPath, http.StatusSeeOther)
	case to.Action == "":
		return f.Kit.Redirect(w, r, to.Location, http.StatusSeeOther)
	}
	return f.carry(w, r, to, web.Frame{})
}

// toSource is the answer of a source's connector; nowhere when it cannot.
func (f *Flow) toSource(ctx context.Context, source string, wish idp.Leaving, open bool) idp.Handoff {
	leaver, can := f.Connectors[source].(upstream.Leaver)
	if !can {
		return idp.Handoff{}
	}
	said, err := leaver.Answer(ctx, wish.State, open)
	if err != nil {
		f.Log.WarnContext(ctx, "a source that asked for a sign-out could not be answered", "source", source, "error", err)
		return idp.Handoff{}
	}
	to := idp.Handoff{Location: said.Location, Action: said.Action}
	for _, field := range said.Fields {
		to.Fields = append(to.Fields, idp.Field(field))
	}
	return to
}

// Left notes what a source said of its own session, on the way out of the browser that was sent there.
func (h host) Left(w http.ResponseWriter, r *http.Request, word string, ended bool) error {
	if r.Method == http.MethodHead {
		return web.BadRequest(errHead)
	}
	if err := h.flow.accountSays(r, word, account{Closed: ended, Stays: !ended}); err != nil {
		return err
	}
	return h.flow.Kit.Redirect(w, r, signOutPath, http.StatusSeeOther)
}

// exit asks a source where its own session ends: that very one, where its connector can name it. word comes back with the
// browser then (Left).
func exit(ctx context.Context, connector upstream.Connector, s *session, word string) (upstream.Exit, error) {
	leaver, can := connector.(upstream.Leaver)
	if !can || s.Upstream == "" {
		location, err := connector.SignOut(ctx, s.Person.Authn)
		return upstream.Exit{Browser: upstream.Handoff{Location: location}}, err
	}
	return leaver.SignOutOf(ctx, s.Upstream, word)
}
