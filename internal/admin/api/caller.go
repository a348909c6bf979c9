package api

import (
	"errors"
	"mime"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"ecluse/internal/desk"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

// byHand is the header that shows a script of our own pages at work: no form and no link of another site can send it
// without asking first, and nobody who asks is let in.
const byHand = "X-Requested-With"

// authenticate finds out who calls before anything of the request is read. A token that is shown decides alone: one that
// does not hold is not made good by a session.
func (s *surface) authenticate(ctx huma.Context, next func(huma.Context)) {
	at := callOf(ctx.Context())
	if public(ctx.Operation()) {
		next(ctx)
		return
	}
	caller, fault := s.whoCalls(at.r)
	if fault != nil {
		at.Header().Set("WWW-Authenticate", `Bearer realm="ecluse"`)
		at.fault = fault
		return
	}
	at.caller = caller
	next(ctx)
}

func public(op *huma.Operation) bool { return op.Security != nil && len(op.Security) == 0 }

func (s *surface) whoCalls(r *http.Request) (roles.Caller, *web.Fault) {
	if headers := r.Header.Values("Authorization"); len(headers) > 0 {
		scheme, secret, _ := strings.Cut(headers[0], " ")
		if len(headers) > 1 || !strings.EqualFold(scheme, "Bearer") {
			return roles.Caller{}, unknownCaller("the Authorization header is no single bearer token", nil)
		}
		c, err := s.Desk.ByToken(strings.TrimSpace(secret))
		if err != nil {
			return roles.Caller{}, tokenFault(err)
		}
		return c, nil
	}
	if s.Sessions == nil {
		return roles.Caller{}, unknownCaller("a token is needed", nil)
	}
	c, ok, err := s.Sessions.Caller(r)
	if err != nil {
		return roles.Caller{}, web.Problem(http.StatusServiceUnavailable, "unavailable", "sessions cannot be read at the moment", err)
	}
	if !ok {
		return roles.Caller{}, unknownCaller("a token, or a sign-in at the desk, is needed", nil)
	}
	if !sentByScript(r) {
		return roles.Caller{}, web.Problem(http.StatusForbidden, "cross_site", "a change by session needs JSON or the header "+byHand, nil)
	}
	return c, nil
}

// sentByScript tells whether a request that changes something could not have come from another site's form. The mux has
// compared origins already; this holds for browsers that tell no origin.
func sentByScript(r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead || r.Header.Get(byHand) != "" {
		return true
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/json"
}

func unknownCaller(detail string, cause error) *web.Fault {
	if cause == nil {
		cause = errors.New(detail)
	}
	return web.Problem(http.StatusUnauthorized, "unauthenticated", detail, cause)
}

// tokenFault tells a token that does not hold from a registry that cannot be read, in which no token can be looked up.
func tokenFault(err error) *web.Fault {
	if errors.Is(err, desk.ErrToken) {
		return unknownCaller("the token is not known, has ended or was revoked", err)
	}
	return web.Problem(http.StatusServiceUnavailable, "unavailable", "the registry cannot be read at the moment", err)
}
