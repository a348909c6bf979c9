package idptest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/upstream"
	"ecluse/internal/web"
)

// The sources of the story. Hidden is reached by a hint only.
const (
	ENT    = "ent"
	Desk   = "guichet"
	Hidden = "cache"
)

// Source is an identity source that believes whoever says a name: GET {prefix}/as?challenge=…&who=….
type Source struct {
	Kit    *web.Kit
	Now    func() time.Time
	People map[string]map[string][]string

	prefix string
	host   upstream.Host

	mu     sync.Mutex
	asked  []upstream.Challenge
	shown  map[string]upstream.Challenge // as the host gave them for the page
	broken error
	leave  func(context.Context, person.Authn) (string, error)
}

var _ upstream.Connector = (*Source)(nil)

// Mount implements upstream.Connector.
func (s *Source) Mount(mux *web.Mux, prefix string, host upstream.Host) {
	s.prefix, s.host = prefix, host
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: prefix + "/ask", Handler: s.ask})
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: prefix + "/as", Handler: s.as})
}

// Begin implements upstream.Connector.
func (s *Source) Begin(w http.ResponseWriter, r *http.Request, challenge upstream.Challenge) error {
	s.mu.Lock()
	s.asked = append(s.asked, challenge)
	broken := s.broken
	s.mu.Unlock()
	if broken != nil {
		return broken
	}
	return s.Kit.Redirect(w, r, s.prefix+"/ask?"+url.Values{"challenge": {challenge.ID}}.Encode(), http.StatusSeeOther)
}

// ask is the source's own page.
func (s *Source) ask(w http.ResponseWriter, r *http.Request) error {
	challenge, err := s.host.Asked(r, r.URL.Query().Get("challenge"))
	if err != nil {
		return err
	}
	s.mu.Lock()
	if s.shown == nil {
		s.shown = map[string]upstream.Challenge{}
	}
	s.shown[challenge.ID] = challenge
	s.mu.Unlock()
	_, err = fmt.Fprintf(w, "who are you, for %s?", challenge.Service)
	return err
}

// as signs somebody in. age is how old the proof is, negative for the future; fail is why there is none; session is the
// source's own name for its session, lasts how long it goes on; kept hands over the challenge as it was for the page.
func (s *Source) as(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	challenge := q.Get("challenge")
	causes := map[string]error{
		"unavailable": upstream.ErrUnavailable, "cancelled": upstream.ErrCancelled, "rejected": upstream.ErrRejected,
	}
	if cause, ok := causes[q.Get("fail")]; ok {
		return s.host.Failed(w, r, challenge, fmt.Errorf("test: %w", cause))
	}
	attributes, known := s.People[q.Get("who")]
	if !known {
		return errors.New("nobody has that name")
	}
	var age time.Duration
	if raw := q.Get("age"); raw != "" {
		var err error
		if age, err = time.ParseDuration(raw); err != nil {
			return err
		}
	}
	a := upstream.Assertion{
		Raw:     person.Raw{Attributes: attributes, Authn: person.Authn{At: s.Now().Add(-age)}},
		Session: q.Get("session"),
	}
	if raw := q.Get("lasts"); raw != "" {
		lasts, err := time.ParseDuration(raw)
		if err != nil {
			return err
		}
		a.Ends = s.Now().Add(lasts)
	}
	if q.Get("kept") != "" {
		s.mu.Lock()
		a.Answers = s.shown[challenge]
		s.mu.Unlock()
	}
	return s.host.Finished(w, r, challenge, a)
}

// Break makes the source fail before it shows anything; nil mends it.
func (s *Source) Break(cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = cause
}

// Asked lists the challenges that the source was given.
func (s *Source) Asked() []upstream.Challenge {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]upstream.Challenge(nil), s.asked...)
}

// EndSession is the source's own sign-out of one of its sessions.
func (s *Source) EndSession(ctx context.Context, session string) error {
	return s.host.SignedOut(ctx, "", session)
}

// SignOut implements upstream.Connector: it says what Leaves was told.
func (s *Source) SignOut(ctx context.Context, authn person.Authn) (string, error) {
	s.mu.Lock()
	leave := s.leave
	s.mu.Unlock()
	if leave == nil {
		return "", nil
	}
	return leave(ctx, authn)
}

// Leaves sets where the source's own session is ended.
func (s *Source) Leaves(leave func(context.Context, person.Authn) (string, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leave = leave
}

// Probe implements upstream.Connector.
func (s *Source) Probe(context.Context) []registry.Finding { return nil }

// Close implements upstream.Connector.
func (s *Source) Close() error { return nil }
