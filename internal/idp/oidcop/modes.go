package oidcop

import (
	"slices"
	"strings"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/idp"
)

// responseType writes a response type in its one order (OAuth 2.0 Multiple Response Types 3: the order means nothing).
func responseType(form parameters) string {
	words := form.list("response_type")
	slices.Sort(words)
	return strings.Join(words, " ")
}

// front tells a request whose answer brings an id token in the browser.
func (a asked) front() bool { return a.Type == typeHybrid || a.Type == typeToken }

// coded tells a request whose answer brings a code.
func (a asked) coded() bool { return a.Type != typeToken }

// readType reads the response type. Anything but a code is an exception of the client's (RFC 9700 2.1.2); then there is a
// nonce, as nothing else ties the id token to the request (OpenID Connect Core 3.2.2.1, 3.3.2.1), and the answer is never
// in the query (OAuth 2.0 Multiple Response Types 3).
func readType(c *client, form parameters, a *asked, now time.Time, zone *time.Location) error {
	a.Type = responseType(form)
	switch {
	case !c.settings.may(a.Type, now, zone):
		return &refusal{"unsupported_response_type", "the client may not ask for this response_type"}
	case !a.front():
		return nil
	case form.get("nonce") == "":
		return badRequest("an id token in the browser needs a nonce")
	case form.get("response_mode") == modeQuery:
		return badRequest("an id token does not travel in a query")
	}
	return nil
}

// narrow says which words an id token in the browser may hold: none. Addresses are kept in histories, so that with a code
// the words come by the other way (OpenID Connect Core 3.3.3.6), and without one only in a form post.
func (a *asked) narrow(request *idp.Request) {
	if a.coded() {
		return
	}
	words := []attrs.Name{} // never nil, which would ask for everything
	if a.Mode == modeFormPost {
		words = union(union(words, a.InIDToken), a.InUserinfo) // OpenID Connect Core 5.4
	}
	a.InIDToken, a.InUserinfo = words, nil
	request.Asked, request.Later = slices.Clone(a.InIDToken), false
}

// frontToken prints the id token that goes through the browser (OpenID Connect Core 3.2.2.10, 3.3.2.11).
func (x *exchange) frontToken(a asked, code string) (string, error) {
	var claims map[string]any
	if !a.coded() {
		claims = x.wording(x.only.binding).pick(x.output, a.InIDToken)
	}
	t := x.idTokenBase(x.only, x.release, x.output.Subject, x.cfg.Now())
	t.Nonce = a.Nonce
	if code != "" {
		t.CodeHash = halfHash(x.only.settings.IDTokenAlg, code)
	}
	payload, err := t.beside(claims)
	if err != nil {
		return "", err
	}
	token, err := x.signer.sign(x.only.settings.signingUse(), payload)
	if err == nil {
		x.watch("id-token", token)
	}
	return token, err
}
