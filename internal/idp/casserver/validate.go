package casserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"ecluse/internal/attrs"
	"ecluse/internal/idp"
	"ecluse/internal/web"
)

// version is how much a validation answers.
type version int

const (
	cas1 version = iota + 1 // yes or no, in plain text
	cas2                    // the user
	cas3                    // the user and the attributes
)

// The codes of CAS Protocol 2.5.3 and 2.7.3 that are used here.
const (
	codeRequest = "INVALID_REQUEST"
	codeTicket  = "INVALID_TICKET"
	codeService = "INVALID_SERVICE"
	codeProxy   = "UNAUTHORIZED_SERVICE_PROXY"
	codeNoProxy = "UNAUTHORIZED_SERVICE"
	codeOurs    = "INTERNAL_ERROR"
)

// no is a refusal of the addresses that programs ask. Its description repeats nothing that was sent.
type no struct{ code, description string }

func (n *no) Error() string { return n.code + ": " + n.description }

// validation answers about a ticket, always with status 200: the answer is in the body (CAS Protocol 2.5.2, 2.5.3).
func (s *Server) validation(v version) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		query, err := parameters(r, "service", "ticket", "renew", "pgtUrl", "format")
		if err != nil {
			s.spend(r)
			return s.refuse(w, r, writing{version: v}, &no{codeRequest, err.Error()})
		}
		as, err := writingOf(v, query.Get("format"))
		if err != nil {
			s.spend(r)
			return s.refuse(w, r, as, err)
		}
		release, said, err := s.validate(r.Context(), v, query)
		if err != nil {
			return s.refuse(w, r, as, err)
		}
		body, err := as.success(said)
		if err != nil {
			return s.refuse(w, r, as, err)
		}
		s.watch(release, said.handle, body)
		return as.write(w, body)
	}
}

// mostSpent is how many tickets of one question that cannot be answered are spent: an honest one has one.
const mostSpent = 4

// spend takes away the tickets of a question that cannot be answered: they were shown. A HEAD asks nothing.
func (s *Server) spend(r *http.Request) {
	if r.Method != http.MethodGet || len(r.URL.RawQuery) > maxQuery {
		return
	}
	query := r.URL.Query() // what can be read of it
	for _, ticket := range query["ticket"][:min(len(query["ticket"]), mostSpent)] {
		what, err := s.take(r.Context(), ticket)
		if what.Resume != "" {
			s.forget(r.Context(), what.Resume)
		}
		if useless := (*vain)(nil); err != nil && !errors.As(err, &useless) {
			s.cfg.Failed(r.Context(), fmt.Errorf("cas: %w", err))
		}
	}
}

// validate takes the ticket before it looks at anything else: a ticket that was shown is spent, whoever showed it, and
// so is the right to an answer.
func (s *Server) validate(ctx context.Context, v version, query url.Values) (release attrs.Release, out said, err error) {
	service, ticket := query.Get("service"), query.Get("ticket")
	if ticket == "" {
		return release, out, &no{codeRequest, "service and ticket are needed"}
	}
	what, err := s.take(ctx, ticket)
	if what.Resume != "" {
		defer s.forget(ctx, what.Resume)
	}
	if service == "" {
		return release, out, &no{codeRequest, "service and ticket are needed"}
	}
	if err := s.fits(ctx, what, err, service, query); err != nil {
		return release, out, err
	}
	cleared, err := s.gateway.Resume(ctx, what.Resume)
	if err != nil {
		return release, out, err
	}
	release = cleared.Release()
	if cleared.Empty() || release.Service().ID != what.Owner || !release.NotAfter().After(s.cfg.Now()) {
		return release, out, &no{codeTicket, "the sign-in is over"}
	}
	p, err := s.of(release.Service(), what.Handle)
	if err != nil || !p.knows(service, s.cfg.Development) {
		return release, out, &no{codeService, "the service is not registered"}
	}
	out, err = s.say(release, p, what, v)
	return release, out, err
}

// fits tells whether a ticket is this service's, and as it wants it. An address that is nobody's is said to be so whether
// the ticket was good or not; to any other service, a ticket of somebody else's is like one that never was.
func (s *Server) fits(ctx context.Context, what issued, taken error, service string, query url.Values) error {
	p, _, err := s.registered(service)
	var away *unavailable
	switch {
	case errors.As(err, &away):
		return err
	case err != nil:
		s.cfg.Refused(ctx, what.Owner, "unknown_address")
		return &no{codeService, "the service is not registered"}
	}
	vainly := func(why string) error {
		owner := what.Owner
		if owner == "" {
			owner = p.service.ID
		}
		s.cfg.Refused(ctx, owner, why)
		return &no{codeTicket, "the ticket is not good, or no longer"}
	}
	var useless *vain
	switch {
	case errors.As(taken, &useless):
		return vainly(useless.why)
	case taken != nil:
		return taken
	case what.Service != service || p.service.ID != what.Owner || p.binding.Handle != what.Handle:
		return vainly("other_address")
	case set(query.Get("renew")) && !what.New:
		s.cfg.Refused(ctx, what.Owner, "not_fresh")
		return &no{codeTicket, "the ticket did not come from a new sign-in"}
	case query.Get("pgtUrl") != "":
		return &no{codeProxy, "proxy tickets are not served"}
	}
	return nil
}

// forget ends the right to an answer. That it could not be ended is told; the ticket is spent either way.
func (s *Server) forget(ctx context.Context, resume string) {
	if err := s.gateway.Forget(context.WithoutCancel(ctx), resume); err != nil {
		s.cfg.Failed(ctx, fmt.Errorf("cas: right to an answer: %w", err))
	}
}

// refuse answers no. What the gateway refuses is a ticket that is not good, a page that would be needed too: the only
// thing that helps is a new sign-in, and that is what services do on it. Our own failures are told and say nothing.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, as writing, err error) error {
	var theirs *no
	var failure *idp.Failure
	switch {
	case errors.As(err, &theirs):
	case errors.As(err, &failure) && failure.Kind != idp.Internal:
		theirs = &no{codeTicket, withRef("the sign-in is no longer good", failure.Ref)}
	case errors.As(err, &failure):
		theirs = &no{codeOurs, withRef("the gateway could not answer", failure.Ref)}
	default:
		s.cfg.Failed(r.Context(), fmt.Errorf("cas: %w", err))
		theirs = &no{codeOurs, "the gateway could not answer"}
	}
	body, err := as.failure(theirs)
	if err != nil {
		return err
	}
	return as.write(w, body)
}

func withRef(description, ref string) string {
	if ref == "" {
		return description
	}
	return description + "; reference " + ref
}

// proxy refuses: no proxy-granting ticket was ever given out (CAS Protocol 2.7).
func (s *Server) proxy(w http.ResponseWriter, r *http.Request) error {
	answer := &no{codeNoProxy, "proxy tickets are not served"}
	as := writing{version: cas2}
	query, err := parameters(r, "pgt", "targetService", "format")
	if err == nil {
		as, err = writingOf(cas2, query.Get("format"))
	}
	if err != nil || query.Get("pgt") == "" || query.Get("targetService") == "" {
		answer = &no{codeRequest, "pgt and targetService are needed, once each"}
	}
	body, err := as.proxyFailure(answer)
	if err != nil {
		return err
	}
	return as.write(w, body)
}

// watch tells what was sent.
func (s *Server) watch(release attrs.Release, handle string, body []byte) {
	if s.cfg.Watch == nil {
		return
	}
	d := release.Declaration()
	s.cfg.Watch.Sent(idp.Sent{
		Protocol: Name, Kind: "cas", Service: release.Service().ID, Handle: handle, Declaration: d.ID, Version: d.Version,
		UAI: string(release.Establishment().UAI), Profile: string(release.Profile()), At: s.cfg.Now(), Body: body,
	})
}
