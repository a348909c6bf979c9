package registry

import (
	"context"
	"errors"

	"ecluse/internal/audit"
)

// ErrConflict is a change prepared on a revision that is no longer the newest.
var ErrConflict = errors.New("the registry has changed meanwhile")

// Change is a set of objects to register or replace, all or none.
type Change struct {
	Base           int64 // the revision the change was prepared on; 0 does not care
	Services       []Service
	Declarations   []Declaration
	Establishments []Establishment
	Sources        []Source
	Delegations    []Delegation
	Enablings      []Enabling
	Openings       []Opening
	Wishes         []Wish
	Appointments   []Appointment
	Tokens         []Token
	RuleSets       []RuleSet
	Models         []Model
	Assessments    []Assessed
	Files          []File // the content of documents; written once under their hash
}

// File is the content of a document.
type File struct {
	Hash string // SHA-256, 64 hex
	Type string // media type
	Body []byte
}

// Store is what storage owes the registry. A change and its journal entry are written in one transaction: what is
// acknowledged is both there and answered for. That is why the registry knows the journal's entry type.
type Store interface {
	// Revision is the number of the newest change; it costs one read.
	Revision(ctx context.Context) (int64, error)
	// Load reads everything at one revision.
	Load(ctx context.Context) (Contents, error)
	// Since reads what changed after a revision, and the newest revision, in one consistent view.
	Since(ctx context.Context, revision int64) (Contents, error)
	// File reads the content of a document; ok is false when there is none of that hash.
	File(ctx context.Context, hash string) (file File, ok bool, err error)
	// Apply writes the change and the entry, all or none, and returns the new revision. A declaration version that was
	// once approved keeps its substance: Apply refuses to edit it, whoever asks.
	Apply(ctx context.Context, change Change, entry audit.Entry) (int64, error)
}
