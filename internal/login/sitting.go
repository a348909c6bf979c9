package login

import (
	"net/http"
	"regexp"
	"strings"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/web"
)

// Sitting is somebody who is signed in on this browser, for the pages on which they do something about themself.
type Sitting struct {
	Who    person.Person
	Around web.Frame
	Began  time.Time
	Ends   time.Time // when the session ends of itself, if nobody uses it before
	Last   time.Time // when it ends in any case
	Shared bool      // on a device that passes from hand to hand
	Recent bool      // whoever is there has proved it a short while ago, as far as their source can ask for it
	Kept   bool      // their source was asked for a proof and could not ask again

	proof func(act string, about ...string) string
	check func(proof, act string, about ...string) bool
}

// Proof is for a form that does something: it is good for this session, this act and what it is about.
func (s Sitting) Proof(act string, about ...string) string { return s.proof(act, about...) }

// Proves tells whether a form was made for this session, this act and what it is about.
func (s Sitting) Proves(proof, act string, about ...string) bool {
	return s.check(proof, act, about...)
}

// Sitting finds who is there, with the authority over children that they hold today; ok is false for nobody.
func (f *Flow) Sitting(r *http.Request) (_ Sitting, ok bool, err error) {
	s, err := f.session(r)
	if err == nil {
		s, err = f.today(r.Context(), s)
	}
	if err != nil || s == nil {
		return Sitting{}, false, err
	}
	around, err := f.ownFrame(r, s, "")
	if err != nil {
		return Sitting{}, false, err
	}
	last := s.Began.Add(f.Limits.Session)
	if !s.Ends.IsZero() && s.Ends.Before(last) {
		last = s.Ends
	}
	parts := func(act string, about []string) []string { return append([]string{s.ID, act}, about...) }
	return Sitting{
		Who: s.Person, Around: around, Began: s.Began, Ends: s.ticket.Expires, Last: last, Shared: s.Shared, Kept: s.Kept, Recent: f.recent(s),
		proof: func(act string, about ...string) string { return f.Keys.MAC("login sitting", parts(act, about)...) },
		check: func(proof, act string, about ...string) bool {
			return f.Keys.CheckMAC(proof, "login sitting", parts(act, about)...)
		},
	}, true, nil
}

// recent tells whether a proof is recent enough for what nobody else may do at a screen that somebody left. A source that
// cannot ask again has vouched anew, which is all that it can.
func (f *Flow) recent(s *session) bool {
	at := s.Person.Authn.At
	if s.Kept {
		at = s.Began
	}
	return f.Now().Sub(at) <= f.Limits.Recent
}

// AgainAt is the address at which somebody proves once more who they are, and comes back to a page below one of ours. rest is
// what follows the page's path: words between slashes.
func AgainAt(word, rest string) string { return ArriveAt(word) + "&suite=" + rest + "&preuve=recente" }

var restOfPath = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*){0,2}$`)

// onward is the page to which a sign-in for a page of ours leads; ok is false for one that nobody may be brought to.
func onward(word, rest string) (path string, ok bool) {
	path, known := ownPage(word)
	switch {
	case !known || rest != "" && !restOfPath.MatchString(rest):
		return "", false
	case rest == "":
		return path, true
	default:
		return strings.TrimSuffix(path, "/") + "/" + rest, true
	}
}

// proveAgain has a sign-in for a page of ours ask for a recent proof, of the source that vouches for whoever is there.
func (f *Flow) proveAgain(t *transaction, v view) {
	recent := f.Limits.Recent
	t.Request.MaxAge = &recent
	if v.session == nil {
		return
	}
	chosen := t.Entry.Source
	if t.Entry.Source = v.session.Person.Authn.Source; len(f.sources(t, v)) == 0 {
		t.Entry.Source = chosen
	}
}

// makeDo goes on with what a source gave that was asked for a fresh proof and gave an old one, where it is for a page of ours
// and for no service: the page says so. Anything else is refused.
func (t *transaction) makeDo(s *session, now time.Time) {
	if t.Page != "" && t.Request.MaxAge != nil && !t.accepts(s, now) {
		s.Kept, t.Request.MaxAge = true, nil
	}
}
