package desk

import (
	"context"
	"time"

	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Appoint proposes an appointment and gives the one-time word with which it is claimed, shown once.
func (d *Desk) Appoint(ctx context.Context, c roles.Caller, a registry.Appointment) (_ registry.Appointment, claim string, _ error) {
	panic("not yet")
}

// AppointByLink is the command line's: a confirmed appointment, with its one-time word, for the first day and for bad
// days. Whoever runs it holds the machine; it is journaled and every auditor sees it.
func (d *Desk) AppointByLink(ctx context.Context, a registry.Appointment) (_ registry.Appointment, claim string, _ error) {
	panic("not yet")
}

// ConfirmAppointment confirms or revokes somebody else's proposal.
func (d *Desk) ConfirmAppointment(ctx context.Context, c roles.Caller, id string, state registry.AppState, reason string) (registry.Appointment, error) {
	panic("not yet")
}

// Claim binds a confirmed appointment to the caller. A word works once.
func (d *Desk) Claim(ctx context.Context, c roles.Caller, word string) (registry.Appointment, error) {
	panic("not yet")
}

// PutDelegation registers that holders of a function act for the head of an establishment.
func (d *Desk) PutDelegation(ctx context.Context, c roles.Caller, g registry.Delegation) (registry.Delegation, error) {
	panic("not yet")
}

// MakeToken makes a token for the caller; its secret is given once.
func (d *Desk) MakeToken(ctx context.Context, c roles.Caller, name string, scopes []string, until time.Time) (_ registry.Token, secret string, _ error) {
	panic("not yet")
}

// RevokeToken ends a token.
func (d *Desk) RevokeToken(ctx context.Context, c roles.Caller, id string) error { panic("not yet") }

// ByToken finds whose secret it is.
func (d *Desk) ByToken(secret string) (roles.Caller, error) { panic("not yet") }
