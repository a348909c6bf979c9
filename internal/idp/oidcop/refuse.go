package oidcop

import (
	"context"
	"encoding/json"
	"fmt"

	"ecluse/internal/idp"
)

// errorOf is the one table from our kinds of failure to the protocol's errors (RFC 6749 4.1.2.1, OpenID Connect Core
// 3.1.2.6, OpenID Connect Core Error Code unmet_authentication_requirements). A service is not told who said no, nor why.
func errorOf(kind idp.Kind) (code, description string) {
	switch kind {
	case idp.Denied:
		return "access_denied", "the request was denied"
	case idp.SignInFailed:
		return "access_denied", "nobody signed in"
	case idp.PassiveFailed:
		return "login_required", "a page is needed"
	case idp.PageNeeded:
		return "interaction_required", "a page is needed"
	case idp.WeakSignIn:
		return "unmet_authentication_requirements", "no sign-in as strong as asked for"
	case idp.BadRequest:
		return "invalid_request", "the request cannot be answered"
	default:
		return "server_error", "the gateway could not answer"
	}
}

// Refuse turns a failure into an error at the return address of the request. A request that never had a registered one
// gives the zero Handoff.
func (p *Provider) Refuse(ctx context.Context, request idp.Request, failure idp.Failure) (idp.Handoff, error) {
	if len(request.State) == 0 {
		return idp.Handoff{}, nil
	}
	var a asked
	if err := json.Unmarshal(request.State, &a); err != nil {
		return idp.Handoff{}, fmt.Errorf("refusal to client %s: %w", request.Handle, err)
	}
	if a.Device != "" {
		return p.noScreen(ctx, a.Device)
	}
	if a.RedirectURI == "" {
		return idp.Handoff{}, nil
	}
	code, description := errorOf(failure.Kind)
	return a.handoff(p.refused(code, withRef(description, failure.Ref), a.State)), nil
}

func withRef(description, ref string) string {
	if ref == "" {
		return description
	}
	return description + "; reference " + ref
}

// refused are the fields of an error answer.
func (p *Provider) refused(code, description, state string) []idp.Field {
	fields := []idp.Field{{Name: "error", Value: code}, {Name: "error_description", Value: printable(description)}}
	return append(fields, asked{State: state}.repeated(p.cfg.Issuer)...)
}

// printable keeps to the characters that a description may have (RFC 6749 A.8).
func printable(s string) string {
	out := []byte(s)
	for i, c := range out {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			out[i] = '?'
		}
	}
	return string(out)
}
