package oidcop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/ory/fosite"

	"ecluse/internal/attrs"
	"ecluse/internal/store"
)

// What is stored: one record per code, one per access token, and a mark for each grant whose code was shown twice. Names
// are the signature half of the token, which is worth nothing without the other half, and the grant's id.
const (
	kindCode    store.Kind = "oidc-code"
	kindToken   store.Kind = "oidc-token"
	kindRevoked store.Kind = "oidc-revoked"
)

// memory is how long a code that was shown is remembered: longer than the access token that it issued lives, and where there
// are refresh tokens as long as these.
const memory = codeLife + maxTokenLife

// grant is what a code stands for: the code itself, the PKCE challenge and the OpenID Connect session in one record. A
// code that was shown leaves a grant that is only Used, so that showing it again is noticed. An access token is a grant
// without what the code needed.
type grant struct {
	ID          string       `json:"id"`
	Service     string       `json:"service,omitempty"`
	Client      string       `json:"client"`
	Subject     string       `json:"sub,omitempty"`
	RedirectURI string       `json:"redirect_uri,omitempty"`
	Challenge   string       `json:"challenge,omitempty"`
	Nonce       string       `json:"nonce,omitempty"`
	Scopes      []string     `json:"scopes,omitempty"`
	InIDToken   []attrs.Name `json:"in_id_token,omitempty"`
	InUserinfo  []attrs.Name `json:"in_userinfo,omitempty"`
	Resume      string       `json:"resume"`
	Ends        time.Time    `json:"ends,omitzero"`      // of the right to later answers, as far as is known here
	Issued      time.Time    `json:"issued,omitzero"`    // of an access token
	Audience    string       `json:"audience,omitempty"` // of an access token that is a JWT

	// DPoPKeyThumbprint is the key that a code is bound to where the request named one (RFC 9449 10), and the key that
	// an access token is bound to (6).
	DPoPKeyThumbprint string `json:"dpop_jkt,omitempty"`

	// Certificate is the one that an access token is bound to (RFC 8705 3).
	Certificate string `json:"x5t,omitempty"`

	Used bool `json:"used,omitempty"`
}

// spent is what stays of a code that was shown.
func (g grant) spent() grant {
	s := grant{ID: g.ID, Client: g.Client, Resume: g.Resume, Used: true}
	if g.offline() {
		s.Ends = g.Ends
	}
	return s
}

// bearer is what an access token needs.
func (g grant) bearer() grant {
	g.RedirectURI, g.Challenge, g.Nonce, g.InIDToken = "", "", "", nil
	return g
}

// String shows nothing of the person.
func (g grant) String() string { return "[oidc grant]" }

// GoString shows nothing of the person.
func (g grant) GoString() string { return g.String() }

// LogValue shows nothing of the person.
func (g grant) LogValue() slog.Value { return slog.StringValue(g.String()) }

// grants reads and writes the records.
type grants struct {
	tickets store.Tickets
	now     func() time.Time
}

// creation makes a record.
func creation(kind store.Kind, signature string, g grant, end time.Time) (store.Op, error) {
	value, err := json.Marshal(g)
	if err != nil {
		return store.Op{}, fmt.Errorf("%s: %w", kind, err)
	}
	return store.Op{Do: store.Create, Ticket: store.Ticket{Kind: kind, Name: signature, Value: value, Expires: end}}, nil
}

func (s grants) get(ctx context.Context, kind store.Kind, signature string) (grant, store.Ticket, error) {
	if signature == "" || len(signature) > store.MaxName {
		return grant{}, store.Ticket{}, fosite.ErrNotFound
	}
	ticket, err := s.tickets.Get(ctx, kind, signature)
	if errors.Is(err, store.ErrNotFound) {
		return grant{}, store.Ticket{}, fosite.ErrNotFound
	}
	if err != nil {
		return grant{}, store.Ticket{}, fmt.Errorf("%s: %w", kind, err)
	}
	var g grant
	if err := json.Unmarshal(ticket.Value, &g); err != nil {
		return grant{}, store.Ticket{}, fmt.Errorf("%s: %w", kind, err)
	}
	return g, ticket, nil
}

// take turns a code into a used one and returns what it stood for. Of several takers exactly one gets it, whichever
// replica they are on: the change is a compare-and-set. The others get fosite.ErrInvalidatedAuthorizeCode and the grant
// too, because what the first one is issued has to be revoked (RFC 6749 4.1.2). What with says of the grant is written as one
// with the use of the code.
func (s grants) take(ctx context.Context, signature string, with func(grant) ([]store.Op, error)) (grant, error) {
	g, ticket, err := s.get(ctx, kindCode, signature)
	if err != nil {
		return grant{}, err
	}
	if g.Used {
		return g, fosite.ErrInvalidatedAuthorizeCode
	}
	if ticket.Value, err = json.Marshal(g.spent()); err != nil {
		return grant{}, fmt.Errorf("%s: %w", kindCode, err)
	}
	ticket.Expires = later(s.now().Add(memory), g.spent().Ends)
	ops, err := with(g)
	if err != nil {
		return grant{}, err
	}
	switch err := s.tickets.Write(ctx, append(ops, store.Op{Do: store.Replace, Ticket: ticket})...); {
	case errors.Is(err, store.ErrConflict):
		return g, fosite.ErrInvalidatedAuthorizeCode
	case errors.Is(err, store.ErrNotFound):
		return grant{}, fosite.ErrNotFound
	case err != nil:
		return grant{}, fmt.Errorf("%s: %w", kindCode, err)
	}
	return g, nil
}

// revoke marks a grant, for as long as anything of it may live. The mark stands apart from what it revokes, so that it also
// holds for a token that is being written at this moment.
func (s grants) revoke(ctx context.Context, id string, ends time.Time) error {
	return s.tickets.Put(ctx, store.Ticket{Kind: kindRevoked, Name: id, Expires: later(s.now().Add(memory), ends)})
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// revoked tells whether a grant is marked.
func (s grants) revoked(ctx context.Context, id string) (bool, error) {
	switch _, err := s.tickets.Get(ctx, kindRevoked, id); {
	case err == nil:
		return true, nil
	case errors.Is(err, store.ErrNotFound):
		return false, nil
	default:
		return false, fmt.Errorf("%s: %w", kindRevoked, err)
	}
}
