package login

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"ecluse/internal/idp"
	"ecluse/internal/store"
	"ecluse/internal/web"
)

const (
	kindLeaving     store.Kind = "leaving"     // a service's wish, until the person said yes or no
	kindParticipant store.Kind = "participant" // what a service may call a session of its own -> ours

	askedPath = signOutPath + "/asked/"

	// mostNames bounds how many names of a wish are looked up.
	mostNames = 20
)

// wanted is a service's wish to end a sign-in. It belongs to no browser until one asks for it: a cross-site post shows no
// cookie of ours.
type wanted struct {
	ID      string      `json:"-"`
	Browser string      `json:"browser,omitempty"`
	Leaving idp.Leaving `json:"leaving"`
}

// Leave ends a sign-in as a service asked. One that came by a post first comes back by GET, because only then does the browser
// show its cookies.
func (f *Flow) Leave(w http.ResponseWriter, r *http.Request, leaving idp.Leaving) error {
	switch r.Method {
	case http.MethodHead:
		return web.BadRequest(errHead)
	case http.MethodGet:
		return f.leaveAsked(w, r, &wanted{Leaving: leaving})
	}
	wish := &wanted{Leaving: leaving}
	if err := f.keepWanted(r.Context(), wish); err != nil {
		return web.Unavailable(err)
	}
	return f.Kit.Redirect(w, r, askedPath+wish.ID, http.StatusSeeOther)
}

// leaveAsked ends the sign-in at once when the service is sure, and asks the person otherwise: a link on another site must not
// sign anybody out. A wish that names no session of this browser changes nothing.
func (f *Flow) leaveAsked(w http.ResponseWriter, r *http.Request, wish *wanted) error {
	s, err := f.session(r)
	if err != nil {
		return web.Unavailable(err)
	}
	leaving := wish.Leaving
	if s == nil || !concerns(leaving, s) {
		return f.leftAlready(w, r, leaving)
	}
	if leaving.Sure && leaving.ServiceID != "" {
		return f.leaveNow(w, r, s, wish)
	}
	wish.Browser = f.browser(w, r)
	if wish.ID == "" {
		if err := f.keepWanted(r.Context(), wish); err != nil {
			return web.Unavailable(err)
		}
	}
	page := signOutPage{Frame: f.signOutFrame(s), SignedIn: true, Action: askedPath + wish.ID, Home: f.Home}
	page.SignOut, page.Here = "", askedPath+wish.ID
	page.Asker = f.nameOf(leaving.ServiceID, string(f.Kit.Lang(r)))
	return f.Kit.Render(w, r, http.StatusOK, "login/signout", page)
}

// leftAlready answers a wish for the end of what is not here. The same wish twice goes on with what the first began.
func (f *Flow) leftAlready(w http.ResponseWriter, r *http.Request, leaving idp.Leaving) error {
	out, err := f.wayOut(r)
	if err != nil {
		return err
	}
	if out != nil && out.Leaving != nil && same(*out.Leaving, leaving) {
		return f.Kit.Redirect(w, r, nextPath, http.StatusSeeOther)
	}
	return f.reply(w, r, leaving, idp.Outcome{}, f.Around(r))
}

func same(a, b idp.Leaving) bool {
	return a.Protocol == b.Protocol && a.ServiceID == b.ServiceID && string(a.State) == string(b.State) && slices.Equal(a.Names, b.Names)
}

// leaveNow ends the session. The wish is used up first, so that whoever asks for it again is shown how things are.
func (f *Flow) leaveNow(w http.ResponseWriter, r *http.Request, s *session, wish *wanted) error {
	out, err := f.leave(r, s, cause{}, wish.Leaving)
	if err != nil {
		return err
	}
	if wish.ID != "" {
		if err := f.Tickets.Delete(r.Context(), kindLeaving, wish.ID); err != nil {
			f.Log.WarnContext(r.Context(), "a wish to sign out could not be deleted", "error", err)
		}
	}
	if out != nil {
		out.Leaving = &wish.Leaving
	}
	return f.seeOff(w, r, out)
}

// leaveGet comes back to a wish, or shows how things are when it is used up or of another browser.
func (f *Flow) leaveGet(w http.ResponseWriter, r *http.Request) error {
	if r.Method == http.MethodHead {
		return web.BadRequest(errHead)
	}
	wish, err := f.wanted(w, r)
	if err != nil {
		return err
	}
	if wish == nil {
		return f.Kit.Redirect(w, r, signOutPath, http.StatusSeeOther)
	}
	return f.leaveAsked(w, r, wish)
}

// leavePost takes what the person said.
func (f *Flow) leavePost(w http.ResponseWriter, r *http.Request) error {
	wish, err := f.wanted(w, r)
	if err != nil {
		return err
	}
	s, err := f.session(r)
	if err != nil {
		return web.Unavailable(err)
	}
	switch {
	case wish == nil:
		return f.Kit.Redirect(w, r, signOutPath, http.StatusSeeOther)
	case s == nil || !concerns(wish.Leaving, s):
		return f.leftAlready(w, r, wish.Leaving)
	case r.PostFormValue("act") == "yes":
		return f.leaveNow(w, r, s, wish)
	}
	if err := f.Tickets.Delete(r.Context(), kindLeaving, wish.ID); err != nil {
		return web.Unavailable(err)
	}
	return f.reply(w, r, wish.Leaving, idp.Outcome{Found: true, Cancelled: true}, f.signOutFrame(s))
}

// reply answers the service that asked, and leaves the person on our own page where there is no answer.
func (f *Flow) reply(w http.ResponseWriter, r *http.Request, leaving idp.Leaving, outcome idp.Outcome, around web.Frame) error {
	to := f.answerTo(r.Context(), leaving, outcome)
	if to.Empty() {
		if outcome.Cancelled && f.Home != "" {
			return f.Kit.Redirect(w, r, f.Home, http.StatusSeeOther)
		}
		return f.Kit.Redirect(w, r, signOutPath, http.StatusSeeOther)
	}
	return f.carry(w, r, to, around)
}

// answerTo is how the service that asked is answered; nowhere when its protocol cannot.
func (f *Flow) answerTo(ctx context.Context, leaving idp.Leaving, outcome idp.Outcome) idp.Handoff {
	if source, is := strings.CutPrefix(leaving.Protocol, ofSource); is {
		return f.toSource(ctx, source, leaving, outcome.Partial)
	}
	protocol, spoken := f.Protocols[leaving.Protocol]
	if !spoken {
		return idp.Handoff{}
	}
	to, err := protocol.Left(ctx, leaving, outcome)
	if err != nil {
		f.Log.WarnContext(ctx, "a service that asked for a sign-out could not be answered", "service", leaving.ServiceID, "error", err)
		return idp.Handoff{}
	}
	return to
}

// replyGet answers the service that asked, after the person read what stays open.
func (f *Flow) replyGet(w http.ResponseWriter, r *http.Request) error {
	if r.Method == http.MethodHead {
		return web.BadRequest(errHead)
	}
	out, err := f.wayOut(r)
	if err != nil {
		return err
	}
	if out == nil || out.Leaving == nil {
		return f.Kit.Redirect(w, r, signOutPath, http.StatusSeeOther)
	}
	return f.reply(w, r, *out.Leaving, idp.Outcome{Found: true, Partial: !out.closed()}, out.Around)
}

// concerns tells whether a wish is about a session: about one of its participants, or about whatever there is when nobody
// proved who asks.
func concerns(l idp.Leaving, s *session) bool {
	if l.ServiceID == "" && len(l.Names) == 0 {
		return true
	}
	return slices.ContainsFunc(s.Participants, func(p idp.Participant) bool { return meant(l, p) })
}

func meant(l idp.Leaving, p idp.Participant) bool {
	if p.Protocol != l.Protocol || l.ServiceID != "" && p.ServiceID != l.ServiceID {
		return false
	}
	return len(l.Names) == 0 || slices.ContainsFunc(l.Names, func(name string) bool { return name != "" && slices.Contains(p.Names, name) })
}

func (f *Flow) keepWanted(ctx context.Context, wish *wanted) error {
	value, err := json.Marshal(wish)
	if err != nil {
		return fmt.Errorf("wish to sign out: %w", err)
	}
	wish.ID = rand.Text()
	if err := f.Tickets.Put(ctx, store.Ticket{Kind: kindLeaving, Name: wish.ID, Value: value, Expires: f.Now().Add(wayOutTime)}); err != nil {
		return fmt.Errorf("wish to sign out: %w", err)
	}
	return nil
}

// wanted reads the wish that an address names; nil when there is none for this browser. The first browser that asks has it.
func (f *Flow) wanted(w http.ResponseWriter, r *http.Request) (*wanted, error) {
	ticket, err := f.Tickets.Get(r.Context(), kindLeaving, r.PathValue("leaving"))
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return nil, nil
	}
	wish := &wanted{ID: r.PathValue("leaving")}
	if err == nil {
		err = json.Unmarshal(ticket.Value, wish)
	}
	if err != nil {
		return nil, web.Unavailable(fmt.Errorf("wish to sign out: %w", err))
	}
	browser := f.browser(w, r)
	if wish.Browser == "" && r.Method == http.MethodGet {
		wish.Browser = browser
		if ticket.Value, err = json.Marshal(wish); err == nil {
			err = f.Tickets.Replace(r.Context(), ticket)
		}
		if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrNotFound) { // another was faster
			return nil, nil
		}
		if err != nil {
			return nil, web.Unavailable(fmt.Errorf("wish to sign out: %w", err))
		}
	}
	if wish.Browser != browser {
		return nil, nil
	}
	return wish, nil
}

// End ends the sign-ins that a service names, without a browser. Services that need one stay open.
func (f *Flow) End(ctx context.Context, leaving idp.Leaving) (idp.Outcome, error) {
	var outcome idp.Outcome
	if leaving.ServiceID == "" {
		return outcome, nil
	}
	for _, name := range leaving.Names[:min(len(leaving.Names), mostNames)] {
		s, err := f.reached(ctx, leaving, name)
		if err != nil {
			return outcome, err
		}
		if s == nil {
			continue
		}
		last, err := f.over(ctx, s)
		if err != nil {
			return outcome, err
		}
		outcome.Found = true
		if last == nil { // ended at the same moment: whoever did tells the others
			continue
		}
		f.journalSignOut(ctx, last, cause{}, leaving)
		for _, p := range f.tell(ctx, last.Participants, leaving, false) {
			outcome.Partial = outcome.Partial || p.Fate != fateClosed
		}
	}
	return outcome, nil
}

// reached finds the session that a service calls by a name; nil when there is none.
func (f *Flow) reached(ctx context.Context, leaving idp.Leaving, name string) (*session, error) {
	if name == "" {
		return nil, nil
	}
	ticket, err := f.Tickets.Get(ctx, kindParticipant, f.reachName(leaving.Protocol, leaving.ServiceID, name))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("participant: %w", err)
	}
	s, err := f.sessionByID(ctx, string(ticket.Value))
	if err != nil || s == nil {
		return nil, err
	}
	one := leaving
	one.Names = []string{name}
	if !concerns(one, s) {
		return nil, nil
	}
	return s, nil
}

// reachName keeps the name that a service gives a session out of the store.
func (f *Flow) reachName(protocol, service, name string) string {
	return hex.EncodeToString(f.Keys.Derive("participant of a session", protocol, service, name)[:32])
}

// point makes a participant found by its first name, where its service may ask without a browser.
func (f *Flow) point(ctx context.Context, s *session, p idp.Participant) error {
	for _, op := range f.pointer(s, p) {
		if err := f.Tickets.Put(ctx, op.Ticket); err != nil {
			return fmt.Errorf("participant: %w", err)
		}
	}
	return nil
}

// pointer is what point writes.
func (f *Flow) pointer(s *session, p idp.Participant) []store.Op {
	if !p.Reachable || len(p.Names) == 0 || p.Names[0] == "" {
		return nil
	}
	return []store.Op{{Do: store.Put, Ticket: store.Ticket{
		Kind: kindParticipant, Name: f.reachName(p.Protocol, p.ServiceID, p.Names[0]), Value: []byte(s.ID),
		Expires: s.Began.Add(f.Limits.Session),
	}}}
}
