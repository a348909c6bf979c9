package samlsp

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"ecluse/internal/saml"
	"ecluse/internal/store"
	"ecluse/internal/upstream"
	"ecluse/internal/web"
)

// answered takes a response by HTTP-POST (SAML Bindings 3.5.4). What cannot be tied to an open question of this browser
// gets a page of ours; everything after that ends the challenge, one way or the other.
func (c *Connector) answered(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	in, err := saml.DecodePost(form)
	if err == nil && !in.Response {
		err = errors.New("it is a request")
	}
	if err != nil {
		return web.BadRequest(fmt.Errorf("source %s: no response: %w", c.id, err))
	}
	a := c.newAnswer(c.ours.acs, in.RelayState)
	if a.id = cmp.Or(saml.InResponseTo(in.XML), a.relay); a.id == "" {
		return c.unasked(w, r, a, in)
	}
	if err := c.find(r, a); err != nil { // first: whoever answers nothing costs us no cryptography
		return err
	}
	bad := c.read(r.Context(), a, in)
	if bad == nil {
		bad = a.judge()
	}
	return c.conclude(w, r, a, bad)
}

// newAnswer is one that came to an address of ours.
func (c *Connector) newAnswer(acs, relay string) *answer {
	return &answer{settings: &c.settings, entityID: c.ours.entityID, acs: acs, now: c.now(), relay: relay}
}

// read verifies the message with their keys. Only what was verified is in the answer then, but for a failure, which may be
// anybody's word.
func (c *Connector) read(ctx context.Context, a *answer, in saml.Inbound) (err error) {
	if a.them, err = c.theirs.soon(ctx); err != nil {
		return err
	}
	facts, err := c.ours.decryption().ReadResponse(in.XML, a.them.keys)
	if err != nil {
		return fmt.Errorf("%w: %w", upstream.ErrRejected, err)
	}
	a.Facts = facts
	return nil
}

// find opens the question that is answered, as the message says, or else the browser, for whom it was put: one that is not
// open any more, or that another browser was given, is the host's to speak of. Whether the message is an answer to it is
// judged once it is verified.
func (c *Connector) find(r *http.Request, a *answer) error {
	ticket, err := c.tickets.Get(r.Context(), kindQuestion, c.questionName(a.id))
	switch {
	case errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrInvalid):
		if _, err = c.host.Asked(r, a.id); err == nil { // a challenge is no request's ID
			err = web.BadRequest(errors.New("an answer to no question"))
		}
		return err
	case err != nil:
		return web.Unavailable(fmt.Errorf("question: %w", err))
	}
	if err := json.Unmarshal(ticket.Value, &a.question); err != nil {
		return fmt.Errorf("question: %w", err)
	}
	a.asked, err = c.host.Asked(r, a.Challenge)
	return err
}

// conclude uses the question up and carries on. What a good answer uses up is written as one with what becomes of it.
func (c *Connector) conclude(w http.ResponseWriter, r *http.Request, a *answer, bad error) error {
	if bad == nil {
		assertion := c.assertion(r.Context(), a)
		kept, err := c.remembering(a)
		if err != nil {
			return err
		}
		assertion.With, assertion.Answers = append(kept, c.using(a)...), a.asked
		if err := c.host.Finished(w, r, a.Challenge, assertion); !errors.Is(err, upstream.ErrUsed) {
			return err
		}
		bad = refused("it was used before, or its question was answered before")
	}
	_, err := c.tickets.Take(r.Context(), kindQuestion, c.questionName(a.id))
	switch {
	case errors.Is(err, store.ErrNotFound): // another answer was quicker
		bad = refused("its question was answered before")
	case err != nil:
		return web.Unavailable(fmt.Errorf("question: %w", err))
	}
	return c.host.Failed(w, r, a.Challenge, bad)
}

const kindAssertion store.Kind = "saml-assertion"

// using takes the question, and marks the assertion as used, on all replicas and for every source of this provider, until it
// would be refused for its age in any case. A store that was emptied meanwhile has lost the question too, so that no mark is
// missed.
func (c *Connector) using(a *answer) []store.Op {
	sum := sha256.Sum256([]byte(a.Assertion.Issuer + "\n" + a.Assertion.ID))
	return []store.Op{
		{Do: store.Take, Ticket: store.Ticket{Kind: kindQuestion, Name: c.questionName(a.id)}},
		{Do: store.Create, Ticket: store.Ticket{Kind: kindAssertion, Name: hex.EncodeToString(sum[:]), Expires: a.settings.forgets(a.Assertion.IssueInstant)}},
	}
}

// forgets is when a message of an instant is too old, with a minute to spare.
func (s *Settings) forgets(issued time.Time) time.Time {
	return issued.Add(s.AnswerAge + 2*s.ClockSkew + time.Minute)
}

// unasked is an answer that says of itself that nobody asked. It signs nobody in: whoever could make a browser send one
// would choose as whom it is signed in. Where the source may, the person is brought to where they can be asked.
func (c *Connector) unasked(w http.ResponseWriter, r *http.Request, a *answer, in saml.Inbound) error {
	if !c.settings.Unsolicited {
		return web.BadRequest(fmt.Errorf("source %s: an answer that nobody asked for", c.id))
	}
	switch bad := c.read(r.Context(), a, in); {
	case bad != nil:
		return web.BadRequest(fmt.Errorf("source %s: %w", c.id, bad))
	case a.Status != saml.StatusSuccess:
		return web.BadRequest(fmt.Errorf("source %s: a failure that nobody asked for", c.id))
	}
	return c.kit.Redirect(w, r, c.home, http.StatusSeeOther)
}
