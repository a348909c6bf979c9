package samlsp

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"ecluse/internal/saml"
	"ecluse/internal/store"
	"ecluse/internal/web"
)

const kindArtifact store.Kind = "saml-artifact-seen"

// artifactAnswered takes an artifact by GET or POST (SAML Bindings 3.6.3). Nothing is asked of anybody before it is known that
// this browser waits for an answer: our question travels as RelayState, which comes back with every answer to it (3.6.5).
func (c *Connector) artifactAnswered(w http.ResponseWriter, r *http.Request) error {
	artifact, relay, err := artifactOf(r)
	if err != nil {
		return web.BadRequest(fmt.Errorf("source %s: no artifact: %w", c.id, err))
	}
	a := c.newAnswer(c.ours.artifactACS, relay)
	if relay == "" {
		return c.artifactUnasked(w, r)
	}
	a.id = relay
	if err := c.find(r, a); err != nil {
		return err
	}
	message, bad := c.behind(r.Context(), artifact)
	if bad == nil {
		bad = c.read(r.Context(), a, saml.Inbound{Binding: saml.BindingArtifact, Response: true, XML: message})
	}
	if bad == nil {
		bad = a.judge()
	}
	return c.conclude(w, r, a, bad)
}

// artifactUnasked is an artifact that nobody asked for. What it stands for is not looked at: whoever could make us ask would
// have us knock at a source as often as they like, and it would sign nobody in.
func (c *Connector) artifactUnasked(w http.ResponseWriter, r *http.Request) error {
	if !c.settings.Unsolicited {
		return web.BadRequest(fmt.Errorf("source %s: an artifact that nobody asked for", c.id))
	}
	return c.kit.Redirect(w, r, c.home, http.StatusSeeOther)
}

// artifactOf reads what the browser brings. An artifact is good once, so that HEAD, which some send first, takes none.
func artifactOf(r *http.Request) (artifact, relay string, err error) {
	var form url.Values
	switch r.Method {
	case http.MethodGet:
		form, err = url.ParseQuery(r.URL.RawQuery)
	case http.MethodPost:
		form, err = web.Form(r)
	default:
		err = errors.New("by " + r.Method)
	}
	switch {
	case err != nil:
		return "", "", errors.New("it cannot be read")
	case len(form["SAMLart"]) != 1 || len(form["RelayState"]) > 1:
		return "", "", errors.New("SAMLart is missing, or something stands twice")
	}
	return form.Get("SAMLart"), form.Get("RelayState"), nil
}

// behind gets the message behind an artifact of this source: at the address of its metadata that the artifact names by
// number, never at one from a message.
func (c *Connector) behind(ctx context.Context, encoded string) ([]byte, error) {
	them, err := c.theirs.soon(ctx)
	if err != nil {
		return nil, err
	}
	artifact, err := saml.ParseArtifact(encoded)
	if err != nil {
		return nil, refused("its artifact cannot be read")
	}
	if artifact.Source != saml.NewArtifact(them.EntityID, 0).Source {
		return nil, refused("its artifact is another provider's")
	}
	location, ok := them.Resolution(artifact.Endpoint)
	if !ok {
		return nil, refused("their metadata has no address for its artifact")
	}
	if err := c.firstSeen(ctx, artifact); err != nil {
		return nil, err
	}
	return c.resolve(ctx, them, location, encoded)
}

// firstSeen marks an artifact as used, on all replicas, for as long as a question may be open.
func (c *Connector) firstSeen(ctx context.Context, artifact saml.Artifact) error {
	sum := sha256.Sum256(append(artifact.Source[:], artifact.Handle[:]...))
	err := c.tickets.Create(ctx, store.Ticket{Kind: kindArtifact, Name: hex.EncodeToString(sum[:]), Expires: c.now().Add(questionLife)})
	switch {
	case errors.Is(err, store.ErrExists):
		return refused("its artifact was used before")
	case err != nil:
		return fmt.Errorf("mark of an artifact: %w", err)
	}
	return nil
}

// resolve asks for the message (SAML Core 3.5, Profiles 4.1.4 step 5). The request is signed, whatever sign_requests says: to
// anybody else they must not give it. The answer is signed too, and what is in it as well: it is read as one that came by
// HTTP-POST, so that one reading serves both ways and nobody is signed in on the word of what is around it alone.
func (c *Connector) resolve(ctx context.Context, them *held, location, artifact string) ([]byte, error) {
	signer, err := c.ours.signer()
	if err != nil {
		return nil, err
	}
	q := saml.ArtifactResolve{ID: saml.NewID(), IssueInstant: c.now(), Destination: location, Issuer: c.ours.entityID, Artifact: artifact}
	document, err := signer.AppendArtifactResolve(nil, &q)
	if err != nil {
		return nil, err
	}
	message, err := c.exchange(ctx, "its address for artifacts", location, document)
	if err != nil {
		return nil, err
	}
	said, err := saml.VerifyArtifactResponse(message, them.keys)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", refused("what its artifact stands for"), err)
	}
	return said.Message, c.resolved(said, them, q.ID)
}

// resolved: it is theirs, to this request, of now, and there is something in it (SAML Core 3.5.2 and 3.5.3).
func (c *Connector) resolved(said saml.ArtifactAnswer, them *held, request string) error {
	a := answer{settings: &c.settings, now: c.now()}
	switch {
	case said.Issuer != them.EntityID:
		return refused("another provider says what its artifact stands for")
	case said.InResponseTo != request:
		return refused("what its artifact stands for answers another request")
	case a.early(said.IssueInstant), a.older(said.IssueInstant, c.settings.AnswerAge):
		return refused("what its artifact stands for is not of now")
	case said.Status != saml.StatusSuccess:
		return refused("they do not say what its artifact stands for")
	case said.Message == nil:
		return refused("its artifact stands for nothing, or was used there before")
	}
	return nil
}
