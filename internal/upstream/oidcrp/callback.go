package oidcrp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"ecluse/internal/person"
	"ecluse/internal/store"
	"ecluse/internal/upstream"
	"ecluse/internal/web"
)

// answered takes an answer that came in the query. A HEAD would spend the code and show nobody anything.
func (c *Connector) answered(w http.ResponseWriter, r *http.Request) error {
	if r.Method == http.MethodHead {
		return web.BadRequest(errors.New("an answer is asked for by GET"))
	}
	if c.settings.ResponseMode != modeQuery {
		return web.BadRequest(errors.New("an answer in the query was not asked for"))
	}
	return c.answer(w, r, r.URL.Query())
}

// posted takes an answer that the source's page posted (OAuth 2.0 Form Post Response Mode).
func (c *Connector) posted(w http.ResponseWriter, r *http.Request) error {
	if c.settings.ResponseMode != modeForm {
		return web.BadRequest(errors.New("a posted answer was not asked for"))
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	return c.answer(w, r, form)
}

// longestState and longestCode bound what is looked up and sent on.
const (
	longestState = 512
	longestCode  = 4 << 10
)

// answer tells whose question is answered before it spends anything: package login knows whether this browser was asked it.
func (c *Connector) answer(w http.ResponseWriter, r *http.Request, q url.Values) error {
	state := q.Get("state")
	challenge, _, ours := strings.Cut(state, ".")
	if !ours || len(state) > longestState || twice(q) {
		return web.BadRequest(errors.New("an answer without state, or with something twice"))
	}
	open, err := c.host.Asked(r, challenge)
	if err != nil {
		return err
	}
	asked, err := c.take(r.Context(), state)
	if errors.Is(err, store.ErrNotFound) {
		return c.host.Failed(w, r, challenge, refused("its state was used, or is of no question that is open"))
	}
	if err != nil {
		return web.Unavailable(err)
	}
	assertion, err := c.judged(r.Context(), q, asked)
	var fault *web.Fault
	switch {
	case errors.As(err, &fault):
		return err
	case err != nil:
		return c.host.Failed(w, r, challenge, err)
	}
	assertion.Answers = open
	return c.host.Finished(w, r, challenge, assertion)
}

// twice tells whether a parameter comes more than once, of which two readers might each take another.
func twice(q url.Values) bool {
	for _, values := range q {
		if len(values) > 1 {
			return true
		}
	}
	return false
}

func (c *Connector) take(ctx context.Context, state string) (request, error) {
	ticket, err := c.tickets.Take(ctx, kindRequest, c.source+" "+state)
	if err != nil {
		return request{}, err
	}
	var asked request
	if err := json.Unmarshal(ticket.Value, &asked); err != nil {
		return request{}, fmt.Errorf("request: %w", err)
	}
	return asked, nil
}

// judged makes an assertion of an answer that belongs to a question of this browser.
func (c *Connector) judged(ctx context.Context, q url.Values, asked request) (upstream.Assertion, error) {
	m, err := c.provider.about.current(ctx)
	if err != nil {
		return upstream.Assertion{}, c.provider.unknown(err)
	}
	if _, says := q["iss"]; (says || m.SaysIssuer) && q.Get("iss") != c.settings.Issuer { // RFC 9207 section 2.4
		return upstream.Assertion{}, refused("the answer is another issuer's")
	}
	if _, failed := q["error"]; failed {
		return upstream.Assertion{}, translated(q.Get("error"))
	}
	code := q.Get("code")
	if code == "" || len(code) > longestCode {
		return upstream.Assertion{}, refused("there is no code in the answer")
	}
	return c.redeemed(ctx, m, code, asked)
}

// translated says what an error of the source means (RFC 6749 4.1.2.1, OpenID Connect Core 3.1.2.6). Its description is
// not looked at.
func translated(code string) error {
	switch code {
	case "login_required", "interaction_required", "account_selection_required", "consent_required":
		return upstream.ErrNoSession
	case "access_denied":
		return upstream.ErrCancelled
	case "temporarily_unavailable", "server_error":
		return away("it says so itself")
	case "unmet_authentication_requirements":
		return fmt.Errorf("%w: %s", upstream.ErrContext, code)
	case "invalid_request", "unauthorized_client", "unsupported_response_type", "invalid_scope", "invalid_client", "invalid_grant",
		"unsupported_grant_type", "request_not_supported":
		return refused("it answers with the error " + code)
	default:
		return refused("it answers with an error")
	}
}

// redeemed turns a code into tokens, the tokens into claims, and the claims into what package person reads.
func (c *Connector) redeemed(ctx context.Context, m metadata, code string, asked request) (upstream.Assertion, error) {
	t, err := c.exchange(ctx, m, code, asked)
	if err != nil {
		return upstream.Assertion{}, err
	}
	said, err := c.identity(ctx, m, t.id, t.access, asked)
	if err != nil {
		return upstream.Assertion{}, err
	}
	more, err := c.userinfo(ctx, m, t.access, said.text("sub"))
	if err != nil {
		return upstream.Assertion{}, err
	}
	all := claims{}
	maps.Copy(all, more)
	maps.Copy(all, said) // what was signed for this very answer stands over what was not
	raw := person.Raw{Attributes: c.settings.attributes(all), Authn: c.authn(said, asked)}
	session, err := c.remember(ctx, said)
	if err != nil {
		return upstream.Assertion{}, web.Unavailable(err)
	}
	return upstream.Assertion{Raw: raw, Session: session, Context: said.text("acr")}, nil
}
