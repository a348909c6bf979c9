package desk

import (
	"context"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Where chooses establishments: a list, or all of those that fit every field that is set.
type Where struct {
	UAIs       []person.UAI  `json:"uais,omitempty"`
	Kind       registry.Kind `json:"type,omitempty"`
	District   string        `json:"circonscription,omitempty"`
	Department string        `json:"department,omitempty"`
	Academy    string        `json:"academy,omitempty"`
}

// Stance is what a controller decides for establishments about a service.
type Stance struct {
	Service     string                 `json:"service"`
	Declaration string                 `json:"declaration,omitempty"` // required to enable
	Version     int                    `json:"version,omitempty"`     // the newest approved when 0
	Where       Where                  `json:"where"`
	State       registry.EnablingState `json:"state"` // enabled, refused, suspended, withdrawn
	Reason      string                 `json:"reason,omitempty"`
	Message     registry.Text          `json:"message,omitzero"`
}

// Report says what became of each establishment of a bulk act.
type Report struct {
	Done      int          `json:"done"`
	Unchanged int          `json:"unchanged"`
	UAIs      []person.UAI `json:"uais,omitempty"`
}

// Decide enables, refuses, suspends or withdraws in one attributable act, all or none: an establishment outside the
// caller's perimeter refuses the whole, and *Invalid names each.
func (d *Desk) Decide(ctx context.Context, c roles.Caller, s Stance) (Report, error) {
	panic("not yet")
}

// Enablings lists the enablings in the caller's sight.
func (d *Desk) Enablings(ctx context.Context, c roles.Caller, service string, uai person.UAI) ([]registry.Enabling, error) {
	panic("not yet")
}

// Open opens an examined service for an academy in a crisis. Renews names the opening that it prolongs.
func (d *Desk) Open(ctx context.Context, c roles.Caller, o registry.Opening) (registry.Opening, error) {
	panic("not yet")
}

// EndOpening ends one before its time.
func (d *Desk) EndOpening(ctx context.Context, c roles.Caller, id, reason string) (registry.Opening, error) {
	panic("not yet")
}

// Wish records that staff would like a service; the same wish of several people is one. *NotOffered for a tool that was
// assessed and refused.
func (d *Desk) Wish(ctx context.Context, c roles.Caller, uai person.UAI, about, reason string) (registry.Wish, error) {
	panic("not yet")
}

// AnswerWish takes a wish up or declines it.
func (d *Desk) AnswerWish(ctx context.Context, c roles.Caller, id string, state registry.WishState, answer string) (registry.Wish, error) {
	panic("not yet")
}

// PutEstablishment adds or changes a school; what applies by level is inherited by that alone.
func (d *Desk) PutEstablishment(ctx context.Context, c roles.Caller, e registry.Establishment, match string) (registry.Establishment, error) {
	panic("not yet")
}

// ImportEstablishments writes many at once, all or none, after a preview.
func (d *Desk) ImportEstablishments(ctx context.Context, c roles.Caller, list []registry.Establishment, source string) (Report, error) {
	panic("not yet")
}
