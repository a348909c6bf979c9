package desk

import (
	"context"

	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// PutService registers or changes a service; its bindings are checked by their protocols.
func (d *Desk) PutService(ctx context.Context, c roles.Caller, s registry.Service, match string) (registry.Service, error) {
	panic("not yet")
}

// SuspendService stops a service, or lifts that.
func (d *Desk) SuspendService(ctx context.Context, c roles.Caller, id string, stop bool, reason string) (registry.Service, error) {
	panic("not yet")
}

// SuspendSource stops a source, or lifts that.
func (d *Desk) SuspendSource(ctx context.Context, c roles.Caller, id string, stop bool, reason string) (registry.Source, error) {
	panic("not yet")
}

// ApproveSource approves the declaration of a source, or refuses it.
func (d *Desk) ApproveSource(ctx context.Context, c roles.Caller, id string, state registry.State, reason string) (registry.Source, error) {
	panic("not yet")
}

// PutModel changes a model of the catalogue for this academy; PutAssessed an assessed tool. OpineModel records the one
// examination that adopting the model unchanged needs.
func (d *Desk) PutModel(ctx context.Context, c roles.Caller, m registry.Model, match string) (registry.Model, error) {
	panic("not yet")
}

// PutAssessed changes an assessed tool for this academy.
func (d *Desk) PutAssessed(ctx context.Context, c roles.Caller, a registry.Assessed, match string) (registry.Assessed, error) {
	panic("not yet")
}

// OpineModel records an opinion on a model.
func (d *Desk) OpineModel(ctx context.Context, c roles.Caller, id string, value registry.Verdict, reason string) (registry.Model, error) {
	panic("not yet")
}
