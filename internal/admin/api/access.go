package api

import (
	"context"
	"net/http"
	"time"

	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Appointed is a proposal with the word with which it is claimed.
type Appointed struct {
	Appointment registry.Appointment `json:"appointment"`
	Claim       string               `json:"claim" doc:"the one-time word, shown this once: it goes to whoever is appointed"`
}

// Confirmation confirms an appointment or revokes it.
type Confirmation struct {
	State  registry.AppState `json:"state" enum:"confirmed,revoked"`
	Reason string            `json:"reason,omitempty" doc:"required to revoke"`
}

// ClaimWord is the one-time word.
type ClaimWord struct {
	Word string `json:"word"`
}

func (s *surface) mountAccess() {
	add(s, kind{
		method: http.MethodGet, path: "/appointments", id: "list-appointments", tag: "access", summary: "Appointments in one's sight, one's own among them",
	}, func(ctx context.Context, c roles.Caller, in *Paging) (*listed[registry.Appointment], error) {
		all, err := s.Desk.Appointments(ctx, c)
		if err != nil {
			return nil, err
		}
		return paged(all, func(a registry.Appointment) string { return a.ID }, *in)
	})
	add(s, kind{
		method: http.MethodPost, path: "/appointments", id: "appoint", tag: "access", status: http.StatusCreated, summary: "Propose an appointment",
		about: "It counts for nothing until somebody else has confirmed it and whoever holds the word has claimed it.",
	}, func(ctx context.Context, c roles.Caller, in *Made[registry.Appointment]) (*plain[Appointed], error) {
		a, word, err := s.Desk.Appoint(ctx, c, in.Body)
		if err != nil {
			return nil, err
		}
		return &plain[Appointed]{http.StatusCreated, Appointed{a, word}}, nil
	})
	add(s, kind{
		method: http.MethodPost, path: "/appointments/{id}/confirm", id: "confirm-appointment", tag: "access",
		summary: "Confirm somebody else's proposal, or revoke an appointment",
	}, func(ctx context.Context, c roles.Caller, in *struct {
		ByID
		Body Confirmation
	},
	) (*single[registry.Appointment], error) {
		a, err := s.Desk.ConfirmAppointment(ctx, c, in.ID, in.Body.State, in.Body.Reason)
		return appointed(a, err)
	})
	add(s, kind{
		method: http.MethodPost, path: "/appointments/{id}/confirm-with-word", id: "confirm-appointment-with-word", tag: "access",
		summary: "Confirm somebody else's proposal for somebody who cannot sign in yet, with a second one-time word",
		about:   "It is then claimed with both words, the proposer's first: neither of the two can claim it.",
	}, func(ctx context.Context, c roles.Caller, in *struct {
		ByID
		Body Because
	},
	) (*plain[Appointed], error) {
		a, word, err := s.Desk.ConfirmWithWord(ctx, c, in.ID, in.Body.Reason)
		if err != nil {
			return nil, err
		}
		return &plain[Appointed]{http.StatusOK, Appointed{a, word}}, nil
	})
	add(s, kind{
		method: http.MethodPost, path: "/appointments/claim", id: "claim-appointment", tag: "access",
		summary: "Claim a confirmed appointment with its one-time word; not with a token",
	}, func(ctx context.Context, c roles.Caller, in *Made[ClaimWord]) (*single[registry.Appointment], error) {
		a, err := s.Desk.Claim(ctx, c, in.Body.Word)
		return appointed(a, err)
	})
	s.mountDelegations()
}

func appointed(a registry.Appointment, err error) (*single[registry.Appointment], error) {
	if err != nil {
		return nil, err
	}
	return wrote(http.StatusOK, a, desk.Tag(a)), nil
}

func (s *surface) mountDelegations() {
	add(s, kind{
		method: http.MethodGet, path: "/delegations", id: "list-delegations", tag: "access", summary: "Delegations in one's establishments",
	}, func(ctx context.Context, c roles.Caller, in *Paging) (*listed[registry.Delegation], error) {
		all, err := s.Desk.Delegations(ctx, c)
		if err != nil {
			return nil, err
		}
		return paged(all, func(d registry.Delegation) string { return d.ID }, *in)
	})
	add(s, kind{
		method: http.MethodPut, path: "/delegations/{id}", id: "put-delegation", tag: "access",
		summary: "Register that holders of a function act for the head of an establishment between two dates",
		about:   "What was signed under it stays valid; later only its dates change.",
	}, func(ctx context.Context, c roles.Caller, in *struct {
		ByID
		Body registry.Delegation
	},
	) (*single[registry.Delegation], error) {
		in.Body.ID = in.ID
		d, err := s.Desk.PutDelegation(ctx, c, in.Body)
		if err != nil {
			return nil, err
		}
		return wrote(http.StatusOK, d, desk.Tag(d)), nil
	})
}

// Token is a token without anything of its secret.
type Token struct {
	ID      string          `json:"id"`
	Name    string          `json:"name"`
	Holder  string          `json:"holder"`
	Source  string          `json:"source,omitempty" doc:"of an ENT's own token, which has no holder and acts for nobody"`
	Service string          `json:"service,omitempty" doc:"of an integrator's token, which registers one client of this service"`
	Client  string          `json:"client,omitempty" doc:"that client"`
	Held    []registry.Held `json:"held,omitempty" doc:"roles by federation that go with it, and until when"`
	Scopes  []string        `json:"scopes"`
	Made    time.Time       `json:"made"`
	Until   time.Time       `json:"until"`
	Revoked bool            `json:"revoked,omitempty"`
}

func tokenOf(k registry.Token) Token {
	return Token{ID: k.ID, Name: k.Name, Holder: k.Holder, Source: k.Source, Service: k.Service, Client: k.Client, Held: k.Held, Scopes: k.Scopes, Made: k.Made, Until: k.Until, Revoked: k.Revoked}
}

// TokenMade is a new token with its secret.
type TokenMade struct {
	Token  Token  `json:"token"`
	Secret string `json:"secret" doc:"shown this once"`
}

// TokenWanted is a token as it is asked for.
type TokenWanted struct {
	Name   string    `json:"name"`
	Scopes []string  `json:"scopes" doc:"read, draft, decide, technical, access"`
	Until  time.Time `json:"until" doc:"a year away at most"`
}

// SourceTokenWanted is an ENT's token as it is asked for.
type SourceTokenWanted struct {
	Name  string    `json:"name"`
	Until time.Time `json:"until" doc:"a year away at most"`
}

// ClientTokenWanted is an integrator's token as it is asked for.
type ClientTokenWanted struct {
	Client string    `json:"client" doc:"the handle of the binding that the integrator fills in: the client_id"`
	Name   string    `json:"name"`
	Until  time.Time `json:"until" doc:"30 days away at most"`
}

func (s *surface) mountClientTokens() {
	add(s, kind{
		method: http.MethodPost, path: "/services/{id}/tokens", id: "make-client-token", tag: "access", status: http.StatusCreated,
		summary: "Make the token with which a service's integrator registers its client at /oidc/register; not with a token",
		about:   "It is used up by the registration, which makes a draft: nobody signs in there before a declaration is approved.",
	}, func(ctx context.Context, c roles.Caller, in *struct {
		ByID
		Body ClientTokenWanted
	},
	) (*plain[TokenMade], error) {
		k, secret, err := s.Desk.MakeClientToken(ctx, c, in.ID, in.Body.Client, in.Body.Name, in.Body.Until)
		if err != nil {
			return nil, err
		}
		return &plain[TokenMade]{http.StatusCreated, TokenMade{tokenOf(k), secret}}, nil
	})
}

func (s *surface) mountTokens() {
	s.mountClientTokens()
	add(s, kind{
		method: http.MethodGet, path: "/tokens", id: "list-tokens", tag: "access", summary: "One's own tokens, and those that one looks after",
	}, func(ctx context.Context, c roles.Caller, in *Paging) (*listed[Token], error) {
		all, err := s.Desk.Tokens(ctx, c)
		if err != nil {
			return nil, err
		}
		var out []Token
		for _, k := range all {
			out = append(out, tokenOf(k))
		}
		return paged(out, func(k Token) string { return k.ID }, *in)
	})
	add(s, kind{
		method: http.MethodPost, path: "/tokens", id: "make-token", tag: "access", status: http.StatusCreated,
		summary: "Make a token for oneself; not with a token",
	}, func(ctx context.Context, c roles.Caller, in *Made[TokenWanted]) (*plain[TokenMade], error) {
		k, secret, err := s.Desk.MakeToken(ctx, c, in.Body.Name, in.Body.Scopes, in.Body.Until)
		if err != nil {
			return nil, err
		}
		return &plain[TokenMade]{http.StatusCreated, TokenMade{tokenOf(k), secret}}, nil
	})
	add(s, kind{
		method: http.MethodPost, path: "/sources/{id}/tokens", id: "make-source-token", tag: "access", status: http.StatusCreated,
		summary: "Make the token with which an ENT asks what its médiacentre may show; not with a token",
		about:   "It is good for /api/mediacentre/v1 alone, and for the establishments for which the source may speak.",
	}, func(ctx context.Context, c roles.Caller, in *struct {
		ByID
		Body SourceTokenWanted
	},
	) (*plain[TokenMade], error) {
		k, secret, err := s.Desk.MakeSourceToken(ctx, c, in.ID, in.Body.Name, in.Body.Until)
		if err != nil {
			return nil, err
		}
		return &plain[TokenMade]{http.StatusCreated, TokenMade{tokenOf(k), secret}}, nil
	})
	add(s, kind{
		method: http.MethodDelete, path: "/tokens/{id}", id: "revoke-token", tag: "access", status: http.StatusNoContent, summary: "End a token",
	}, func(ctx context.Context, c roles.Caller, in *ByID) (*none, error) {
		return &none{http.StatusNoContent}, s.Desk.RevokeToken(ctx, c, in.ID)
	})
}
