package oidcop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/ory/fosite"

	"ecluse/internal/attrs"
	"ecluse/internal/idp"
	"ecluse/internal/registry"
	"ecluse/internal/store"
)

// Answer makes a code for a cleared release and sends it to the return address of the request. An error that is an
// *idp.Failure is one for the service: the person who signed in is not the one whom it expects.
func (p *Provider) Answer(ctx context.Context, request idp.Request, answered idp.Answered) (idp.Handoff, idp.Participant, error) {
	no := func(err error) (idp.Handoff, idp.Participant, error) {
		return idp.Handoff{}, idp.Participant{}, fmt.Errorf("answer to client %s: %w", request.Handle, err)
	}
	release := answered.Cleared.Release()
	if answered.Cleared.Empty() || release.Service().ID != request.ServiceID {
		return no(errors.New("nothing was cleared for it"))
	}
	var a asked
	if err := json.Unmarshal(request.State, &a); err != nil {
		return no(err)
	}
	if a.coded() && answered.Resume == "" {
		return no(errors.New("no later answer was cleared for it"))
	}
	c, err := p.clientOf(release.Service(), request.Handle)
	if err != nil {
		return no(err)
	}
	if a.Device == "" && !slices.Contains(c.settings.RedirectURIs, a.RedirectURI) {
		return no(errors.New("its return address is no longer registered"))
	}
	output := release.As(attrs.ForOIDC, c.binding)
	subject := output.Subject
	if subject == "" {
		return no(errors.New("what is released cannot be written as it wants"))
	}
	if a.Subject != "" && a.Subject != subject {
		return no(&idp.Failure{Kind: idp.PassiveFailed}) // OpenID Connect Core 3.1.2.1, id_token_hint
	}
	if len(a.Assurance) > 0 && !slices.Contains(a.Assurance, release.Authn().Assurance) {
		return no(&idp.Failure{Kind: idp.WeakSignIn})
	}
	x := p.exchange(c, nil)
	x.grant = grant{
		Service: c.service.ID, Client: c.GetID(), Subject: subject, Nonce: a.Nonce, Resume: answered.Resume,
		InIDToken: a.InIDToken, InUserinfo: a.InUserinfo, Ends: endOf(release, p.cfg.Now()),
	}
	x.grant.DPoPKeyThumbprint, x.release, x.output = a.DPoP, release, output
	handoff, err := x.handOver(ctx, a)
	if err != nil {
		return no(err)
	}
	who, err := participant(c.service.ID, session{ClientID: c.GetID(), Session: release.Session(), Subject: subject})
	if err != nil {
		return no(err)
	}
	handoff.Before = x.before
	return handoff, who, nil
}

// handOver says where the browser goes, and what has to be written before.
func (x *exchange) handOver(ctx context.Context, a asked) (idp.Handoff, error) {
	switch d := x.only.settings.Device; {
	case a.Device != "" && d == nil:
		return idp.Handoff{}, errScreen()
	case a.Device != "":
		return x.toward(worded(donePath, d.For)), x.allow(ctx, a)
	}
	fields, err := x.answer(ctx, a)
	if err == nil {
		err = x.answering(a.Pushed)
	}
	return a.handoff(append(fields, a.repeated(x.cfg.Issuer)...)), err
}

// answer makes what the response type names.
func (x *exchange) answer(ctx context.Context, a asked) (fields []idp.Field, err error) {
	code := ""
	if a.coded() {
		if code, err = x.issue(ctx, a, x.release.NotAfter()); err != nil {
			return nil, err
		}
		fields = append(fields, idp.Field{Name: "code", Value: code})
	}
	if a.front() {
		token, err := x.frontToken(a, code)
		if err != nil {
			return nil, err
		}
		fields = append(fields, idp.Field{Name: "id_token", Value: token})
	}
	return fields, nil
}

// clientOf is the client as the service of a decision has it.
func (p *Provider) clientOf(service registry.Service, handle string) (*client, error) {
	i := slices.IndexFunc(service.Bindings, func(b registry.Binding) bool { return b.Protocol == Name && b.Handle == handle })
	if i < 0 {
		return nil, errNoClient
	}
	return p.newClient(service, service.Bindings[i])
}

// issue lets fosite make the code from the parameters of the request, and hands over the one record of the grant.
func (x *exchange) issue(ctx context.Context, a asked, notAfter time.Time) (string, error) {
	address, err := url.Parse(a.RedirectURI)
	if err != nil {
		return "", errors.New("return address does not parse")
	}
	ar := fosite.NewAuthorizeRequest()
	ar.ResponseTypes, ar.RedirectURI, ar.Client = fosite.Arguments{"code"}, address, x.only
	ar.Form = grantForm(a.RedirectURI, a.Challenge)
	ar.SetRequestedScopes(a.Scopes)
	for _, scope := range a.Scopes {
		ar.GrantScope(scope)
	}
	resp, err := x.engine().NewAuthorizeResponse(ctx, asking{ar}, newState(x.grant.Subject))
	if err != nil {
		return "", fmt.Errorf("code: %w", err)
	}
	if x.signature == "" || !x.openid || x.grant.Challenge != a.Challenge {
		return "", errors.New("code: fosite left something out")
	}
	end := x.cfg.Now().Add(codeLife)
	if notAfter.Before(end) {
		end = notAfter
	}
	op, err := creation(kindCode, x.signature, x.grant, end)
	x.before = []store.Op{op}
	return resp.GetCode(), err
}

// The response modes (OAuth 2.0 Multiple Response Types 2.1, Form Post Response Mode 2).
const (
	modeQuery    = "query"
	modeFragment = "fragment"
	modeFormPost = "form_post"
)

// mode is how the answer travels. Before anything else is checked it is already needed, for errors: a mode that nobody
// knows travels as its response type would, and one that would put a token into the query is not followed either.
func mode(form parameters) string {
	tokens := slices.ContainsFunc(form.list("response_type"), func(t string) bool { return t == "token" || t == typeToken })
	switch m := form.get("response_mode"); {
	case m == modeFragment || m == modeFormPost:
		return m
	case tokens:
		return modeFragment
	default:
		return modeQuery
	}
}

// repeated are the fields that stand in every answer (RFC 6749 4.1.2, RFC 9207 2).
func (a asked) repeated(issuer string) []idp.Field {
	if a.State == "" {
		return []idp.Field{{Name: "iss", Value: issuer}}
	}
	return []idp.Field{{Name: "state", Value: a.State}, {Name: "iss", Value: issuer}}
}

// handoff addresses fields to the return address, in the way the service asked for. The address stays as registered,
// its own query included.
func (a asked) handoff(fields []idp.Field) idp.Handoff {
	if a.Mode == modeFormPost {
		return idp.Handoff{Action: a.RedirectURI, Fields: fields}
	}
	if a.Mode == modeFragment {
		return idp.Handoff{Location: a.RedirectURI + "#" + encode(fields)}
	}
	return idp.Handoff{Location: withQuery(a.RedirectURI, fields)}
}
