package samlsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"ecluse/internal/saml"
	"ecluse/internal/store"
	"ecluse/internal/upstream"
	"ecluse/internal/web"
)

// question is what we asked, kept under the request's ID until it is answered.
type question struct {
	Challenge string    `json:"challenge"`
	IDP       string    `json:"idp"` // whom we asked
	Asked     time.Time `json:"asked"`
	Fresh     bool      `json:"fresh,omitempty"`
	Proof     bool      `json:"proof,omitempty"`    // it is for an act
	Contexts  []string  `json:"contexts,omitempty"` // one of which is to be answered, exactly
}

const (
	kindQuestion store.Kind = "saml-question"

	// questionLife is longer than any sign-in may take: the challenge, which ends sooner, decides.
	questionLife = 2 * time.Hour
)

// questionName keeps the questions of sources apart: an answer at the address of one opens none of another.
func (c *Connector) questionName(request string) string { return c.id + " " + request }

// prepared is a request and how it travels.
type prepared struct {
	request *saml.AuthnRequest
	binding string
}

// Prepare implements upstream.Preparing.
func (c *Connector) Prepare(ctx context.Context, challenge *upstream.Challenge) ([]store.Op, error) {
	them, err := c.theirs.soon(ctx)
	if err != nil {
		return nil, err
	}
	binding, location := c.way(them)
	request := c.request(*challenge, location)
	challenge.Prepared = prepared{request, binding}
	return c.keeping(request, them.EntityID, *challenge)
}

// Begin implements upstream.Connector, of a challenge that was prepared.
func (c *Connector) Begin(w http.ResponseWriter, r *http.Request, challenge upstream.Challenge) error {
	ready, ok := challenge.Prepared.(prepared)
	switch {
	case !ok:
		return errors.New("a challenge that was not prepared")
	case ready.binding == saml.BindingPOST:
		return c.post(w, r, ready.request, challenge)
	}
	return c.redirect(w, r, ready.request, challenge)
}

// way is how a request reaches them: as configured, else by HTTP-Redirect where they take it.
func (c *Connector) way(them *held) (binding, location string) {
	for _, binding := range []string{bindings()[c.settings.Binding], saml.BindingRedirect} {
		if location, ok := them.SignOn(binding); ok {
			return binding, location
		}
	}
	location, _ = them.SignOn(saml.BindingPOST)
	return saml.BindingPOST, location
}

// request puts a challenge into the terms of SAML Core 3.4.1. It says nothing of the service: who asks through us is not
// theirs to know.
func (c *Connector) request(challenge upstream.Challenge, location string) *saml.AuthnRequest {
	binding, acs := saml.BindingPOST, c.ours.acs
	if c.settings.Answers == byArtifact {
		binding, acs = saml.BindingArtifact, c.ours.artifactACS
	}
	context := saml.RequestedAuthnContext{Comparison: c.settings.Comparison, Classes: c.settings.AuthnContext}
	if len(challenge.Contexts) > 0 {
		context = saml.RequestedAuthnContext{Comparison: "exact", Classes: challenge.Contexts}
	}
	q := &saml.AuthnRequest{
		ID: saml.NewID(), IssueInstant: c.now(), Destination: location, Issuer: c.ours.entityID,
		ForceAuthn: challenge.Fresh || challenge.Proof, IsPassive: challenge.Passive, ProtocolBinding: binding, ACSURL: acs,
		AuthnContext: context, IDPList: c.settings.IDPList,
	}
	if format := formats()[c.settings.NameID]; format != "" {
		q.NameIDPolicy = saml.NameIDPolicy{Format: format, AllowCreate: true}
	}
	return q
}

// keeping is what an answer will be judged by.
func (c *Connector) keeping(request *saml.AuthnRequest, idp string, challenge upstream.Challenge) ([]store.Op, error) {
	value, err := json.Marshal(question{
		Challenge: challenge.ID, IDP: idp, Asked: request.IssueInstant, Fresh: challenge.Fresh || challenge.Proof, Proof: challenge.Proof, Contexts: challenge.Contexts,
	})
	if err != nil {
		return nil, fmt.Errorf("question: %w", err)
	}
	return []store.Op{{Do: store.Create, Ticket: store.Ticket{
		Kind: kindQuestion, Name: c.questionName(request.ID), Value: value, Expires: c.now().Add(questionLife),
	}}}, nil
}

// redirect sends the request in the address. A page of ours leaves for it, since browsers hold the whole way of a form to
// the policy of the page that had it; a passive request shows no page.
func (c *Connector) redirect(w http.ResponseWriter, r *http.Request, request *saml.AuthnRequest, challenge upstream.Challenge) error {
	document, err := saml.AppendAuthnRequest(nil, request)
	if err != nil {
		return err
	}
	message := saml.Outbound{XML: document, RelayState: request.ID}
	query, err := c.query(message)
	if err != nil {
		return err
	}
	target := withQuery(request.Destination, query)
	if challenge.Passive {
		return c.kit.Redirect(w, r, target, http.StatusFound)
	}
	return c.kit.Leave(w, r, target, challenge.Frame)
}

func (c *Connector) query(m saml.Outbound) (string, error) {
	if !c.settings.SignRequests {
		return m.Query()
	}
	signer, err := c.ours.signer()
	if err != nil {
		return "", err
	}
	return signer.Query(m)
}

func withQuery(location, query string) string {
	if strings.Contains(location, "?") {
		return location + "&" + query
	}
	return location + "?" + query
}

// post sends the request in a form.
func (c *Connector) post(w http.ResponseWriter, r *http.Request, request *saml.AuthnRequest, challenge upstream.Challenge) error {
	document, err := c.document(request)
	if err != nil {
		return err
	}
	return c.kit.PostForm(w, r, request.Destination, []web.Param{
		{Name: "SAMLRequest", Value: saml.EncodePost(document)}, {Name: "RelayState", Value: request.ID},
	}, challenge.Frame)
}

func (c *Connector) document(request *saml.AuthnRequest) ([]byte, error) {
	if !c.settings.SignRequests {
		return saml.AppendAuthnRequest(nil, request)
	}
	signer, err := c.ours.signer()
	if err != nil {
		return nil, err
	}
	return signer.AppendAuthnRequest(nil, request)
}
