package accounts

import (
	"context"
	"errors"

	"ecluse/internal/audit"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// ErrConflict says that somebody else wrote the account since it was read.
var ErrConflict = errors.New("the account was changed by somebody else")

// Counts says how many accounts an establishment has, and nobody's name.
type Counts struct {
	Waiting int `json:"waiting" doc:"open, and not yet used by its holder"`
	Active  int `json:"active" doc:"in use"`
	Over    int `json:"over" doc:"closed or past their last day, and not yet removed"`
}

// Store is what storage owes the accounts. Package store/sqldb implements it.
type Store interface {
	// Account finds one by its id; found is false when there is none.
	Account(ctx context.Context, id string) (a Account, found bool, err error)
	// ByLogin finds one by its source and its login as Login writes it.
	ByLogin(ctx context.Context, source, login string) (a Account, found bool, err error)
	// In lists the accounts of an establishment, by id.
	In(ctx context.Context, uai person.UAI) ([]Account, error)
	// Counts counts by establishment on a day.
	Counts(ctx context.Context, today registry.Date) (map[person.UAI]Counts, error)
	// Put writes an account and its journal entry, both or neither. With Revision 0 it is new; else it must be what was
	// read, or ErrConflict. Who it is for, where and as what never changes.
	Put(ctx context.Context, a Account, entry audit.Entry) error
	// Purge removes the accounts whose LastDay is before a day, and says so in the journal when there are any.
	Purge(ctx context.Context, before registry.Date, entry audit.Entry) (removed int, err error)
}
