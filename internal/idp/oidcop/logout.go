package oidcop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ecluse/internal/idp"
	"ecluse/internal/web"
)

const logoutPath = "/oidc/logout"

// left is what a sign-out that a service asked for leaves for its end. It travels as idp.Leaving.State.
type left struct {
	Client  string `json:"client_id"`
	Address string `json:"post_logout_redirect_uri,omitempty"`
	State   string `json:"state,omitempty"`
}

// ended lists the parameters of OpenID Connect RP-Initiated Logout 1.0, section 2.
func ended() []string {
	return []string{"id_token_hint", "logout_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales"}
}

// logout takes the wish of a service that the person be signed out (RP-Initiated Logout 2). Nobody has to be asked when the
// service shows the id token of the session; which session of this browser that is, if any, is for the gateway to say. A
// request that is wrong gives our page and ends nothing: it may be anybody's.
func (e *endpoints) logout(w http.ResponseWriter, r *http.Request) error {
	form, err := readParameters(r)
	if err != nil {
		return web.BadRequest(err)
	}
	leaving, err := e.leaving(form)
	if errors.Is(err, errLeaving) {
		return &web.Fault{Status: http.StatusBadRequest, Code: "OIC-404", Kind: "oidc/leaving", Told: idp.ToldOf(err), Cause: err}
	}
	if err != nil {
		return err
	}
	return e.gateway.Leave(w, r, leaving)
}

// errLeaving is a wish that cannot be granted as it stands.
var errLeaving = errors.New("sign-out request")

// noLeaving names the parameter that is wrong, and why.
func noLeaving(parameter, why string) error {
	return fmt.Errorf("%w: %w", errLeaving, idp.Told(parameter+": "+why))
}

// leaving reads the wish. The logout_hint is not looked at: the browser's own cookie says who is there.
func (e *endpoints) leaving(form parameters) (idp.Leaving, error) {
	if name := form.spoilt(ended()...); name != "" {
		return idp.Leaving{}, noLeaving(name, "it stands more than once, or is no text")
	}
	out := idp.Leaving{Protocol: Name, Language: language(form.list("ui_locales"))}
	l := left{Client: form.get("client_id"), Address: form.get("post_logout_redirect_uri"), State: form.get("state")}
	if len(l.State) > maxKept {
		return idp.Leaving{}, noLeaving("state", "it is too long")
	}
	hinted := form.get("id_token_hint")
	if l.Client == "" && hinted == "" {
		if l.Address != "" {
			return idp.Leaving{}, noLeaving("post_logout_redirect_uri", "neither id_token_hint nor client_id says whose address it is")
		}
		return out, nil
	}
	h, err := e.hinted(hinted, l.Client)
	if err != nil {
		return idp.Leaving{}, err
	}
	if h.Audience != "" {
		l.Client = h.Audience
	}
	snapshot, err := e.gateway.Registry()
	if err != nil {
		return idp.Leaving{}, web.Unavailable(err)
	}
	c, err := e.client(snapshot, l.Client)
	if err != nil {
		return idp.Leaving{}, noLeaving("client_id", "no such client is registered")
	}
	if l.Address != "" && !slices.Contains(c.settings.PostLogoutRedirectURIs, l.Address) {
		return idp.Leaving{}, noLeaving("post_logout_redirect_uri", "it is none of those that the client has registered, letter for letter")
	}
	if l.Address != "" {
		out.Toward = c.service.ID
	}
	if h.Session != "" {
		out.ServiceID, out.Names, out.Sure = c.service.ID, []string{sessionName(h.Session)}, true
		out.Tell = c.settings.BackchannelLogoutURI != "" || c.settings.FrontchannelLogoutURI != "" // whoever asks waits to be told too
	}
	out.State, err = json.Marshal(l)
	return out, err
}

// hinted reads the id_token_hint: ours, expired or not, and made for the client that is named beside it.
func (e *endpoints) hinted(token, client string) (hint, error) {
	if token == "" {
		return hint{}, nil
	}
	h, err := e.signer.verify(token)
	switch {
	case err != nil || h.Issuer != e.cfg.Issuer || h.Audience == "":
		return hint{}, noLeaving("id_token_hint", "it is no ID token of this issuer, or its signature is not good")
	case client != "" && client != h.Audience:
		return hint{}, noLeaving("id_token_hint", "it was made for another client than client_id names")
	}
	return h, nil
}

// Left sends the browser to the address that the service asked for, when it is still registered. Whoever stayed signed in
// is not sent back as if they had left.
func (p *Provider) Left(_ context.Context, leaving idp.Leaving, outcome idp.Outcome) (idp.Handoff, error) {
	if len(leaving.State) == 0 || outcome.Cancelled {
		return idp.Handoff{}, nil
	}
	var l left
	if err := json.Unmarshal(leaving.State, &l); err != nil {
		return idp.Handoff{}, fmt.Errorf("sign-out asked by %s: %w", leaving.ServiceID, err)
	}
	if l.Address == "" || p.gateway == nil {
		return idp.Handoff{}, nil
	}
	snapshot, err := p.gateway.Registry()
	if err != nil {
		return idp.Handoff{}, err
	}
	c, err := p.client(snapshot, l.Client)
	if err != nil || !slices.Contains(c.settings.PostLogoutRedirectURIs, l.Address) {
		return idp.Handoff{}, nil // it was removed meanwhile: our own page says that the person has left
	}
	if l.State == "" {
		return idp.Handoff{Location: l.Address}, nil
	}
	return idp.Handoff{Location: withQuery(l.Address, []idp.Field{{Name: "state", Value: l.State}})}, nil
}

// withQuery adds fields to the query of an address, which stays as registered.
func withQuery(address string, fields []idp.Field) string {
	separator := "?"
	switch {
	case strings.HasSuffix(address, "?") || strings.HasSuffix(address, "&"):
		separator = ""
	case strings.Contains(address, "?"):
		separator = "&"
	}
	return address + separator + encode(fields)
}

// encode writes fields as application/x-www-form-urlencoded, in their order.
func encode(fields []idp.Field) string {
	var encoded strings.Builder
	for i, f := range fields {
		if i > 0 {
			encoded.WriteByte('&')
		}
		encoded.WriteString(url.QueryEscape(f.Name) + "=" + url.QueryEscape(f.Value))
	}
	return encoded.String()
}
