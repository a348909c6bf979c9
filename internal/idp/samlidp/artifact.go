package samlidp

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"ecluse/internal/idp"
	"ecluse/internal/saml"
	"ecluse/internal/store"
	"ecluse/internal/web"
)

const (
	kindArtifact store.Kind = "saml-artifact" // a handle -> the response that its service may fetch once

	artifactLife = time.Minute // a browser needs seconds (SAML Bindings 3.6.6.2)
)

// waiting is a response that waits for its service.
type waiting struct {
	EntityID string `json:"entity_id"`
	Message  []byte `json:"message"`
}

// answerBindings are the values of response_binding.
func answerBindings() map[string]string {
	return map[string]string{"": saml.BindingPOST, "post": saml.BindingPOST, "artifact": saml.BindingArtifact}
}

// takes tells whether an answer can go to an address of the service by a binding, by any when that is empty. One that cannot
// sign cannot fetch what an artifact stands for.
func (s *party) takes(e saml.Endpoint, binding string) bool {
	able := e.Usable() || e.Binding == saml.BindingArtifact && len(s.keys) > 0
	return able && (binding == "" || binding == e.Binding)
}

// artifactFor is whom an artifact at that address would be for; empty where the answer itself goes.
func (s *party) artifactFor(e saml.Endpoint) string {
	if e.Binding == saml.BindingArtifact {
		return s.EntityID
	}
	return ""
}

// handoff addresses a response to the return address: itself (SAML Bindings 3.5.4), or an artifact for it (3.6.3). What the
// artifact stands for has to be in the store before the browser leaves.
func (p *Provider) handoff(a asked, document []byte) (idp.Handoff, error) {
	if a.Artifact == "" {
		return a.handoff(document), nil
	}
	value, err := json.Marshal(waiting{EntityID: a.Artifact, Message: document})
	if err != nil {
		return idp.Handoff{}, err
	}
	artifact := saml.NewArtifact(p.entityID, 0)
	record := store.Ticket{
		Kind: kindArtifact, Name: hex.EncodeToString(artifact.Handle[:]), Value: value, Expires: p.cfg.Now().Add(artifactLife),
	}
	query := "SAMLart=" + url.QueryEscape(artifact.Encode())
	if a.Relay != "" {
		query += "&RelayState=" + url.QueryEscape(a.Relay)
	}
	return idp.Handoff{Location: withQuery(a.ACS, query), Before: []store.Op{{Do: store.Create, Ticket: record}}}, nil
}

// resolve gives a service the response that an artifact of its own stands for, once. An authentic request for anything else
// is answered without one (SAML Core 3.5.3), and an artifact that another service shows is gone.
func (e *endpoints) resolve(ctx context.Context, message []byte) ([]byte, error) {
	q, err := saml.ParseArtifactResolve(message)
	if err != nil {
		return nil, badMessage(err)
	}
	c, err := e.correspondent(q.Issuer)
	if err != nil {
		return nil, err
	}
	q, err = saml.VerifyArtifactResolve(message, c.party.keys)
	switch {
	case err != nil:
	case q.Issuer != c.binding.Handle:
		err = errors.New("the signed part names another issuer")
	case q.Destination != "" && q.Destination != e.cfg.Kit.URL(artifactPath):
		err = errors.New("its Destination is another address")
	}
	if err != nil {
		return nil, notTheirs(fmt.Errorf("artifact of %s: %w", c.binding.Handle, err))
	}
	if err := e.inTime(q.IssueInstant); err != nil {
		return nil, tooOld(fmt.Errorf("artifact of %s: %w", c.binding.Handle, err))
	}
	said := &saml.ArtifactResponse{ID: saml.NewID(), InResponseTo: q.ID, Issuer: e.entityID, IssueInstant: e.cfg.Now()}
	if said.Message, err = e.fetched(ctx, q); err != nil {
		return nil, err
	}
	signer, err := e.signerFor(c.party)
	if err != nil {
		return nil, err
	}
	return signer.AppendArtifactResponse(nil, said)
}

// fetched takes what an artifact stands for; nothing where there is nothing for whoever asks.
func (p *Provider) fetched(ctx context.Context, q saml.ArtifactResolve) ([]byte, error) {
	artifact, err := saml.ParseArtifact(q.Artifact)
	if err != nil || artifact.Source != saml.NewArtifact(p.entityID, 0).Source {
		return nil, nil
	}
	ticket, err := p.cfg.Tickets.Take(ctx, kindArtifact, hex.EncodeToString(artifact.Handle[:]))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, web.Unavailable(fmt.Errorf("artifact of %s: %w", q.Issuer, err))
	}
	var found waiting
	if err := json.Unmarshal(ticket.Value, &found); err != nil {
		return nil, fmt.Errorf("artifact of %s: %w", q.Issuer, err)
	}
	if found.EntityID != q.Issuer {
		p.failed(ctx, fmt.Errorf("artifact: service %s showed one that is another's", q.Issuer))
		return nil, nil
	}
	return found.Message, nil
}

// byArtifact says what is wrong with the way that answers take.
func (c *checker) byArtifact(s Settings, md saml.SPMetadata) {
	binding, known := answerBindings()[s.ResponseBinding]
	switch {
	case !known:
		c.say("settings.response_binding", fmt.Sprintf("%q is not known here", s.ResponseBinding), "post or artifact")
	case binding != saml.BindingArtifact:
	case len(md.SigningKeys) == 0:
		c.say("settings.response_binding", "the metadata has no key to verify with who fetches the answer", "metadata with a signing key, or post")
	case !slices.ContainsFunc(md.ACS, func(e saml.Endpoint) bool { return e.Binding == binding }):
		c.say("settings.response_binding", "the metadata has no AssertionConsumerService by HTTP-Artifact", "metadata with one, or post")
	}
}
