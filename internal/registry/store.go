package registry

import (
	"context"
	"errors"

	"ecluse/internal/audit"
)

// Why Apply writes nothing, beside storage that fails.
var (
	// ErrConflict is a change prepared on a revision that is no longer the newest.
	ErrConflict = errors.New("the registry has changed meanwhile")
	// ErrApproved is a change that would edit a version that was approved, or rules that somebody has signed.
	ErrApproved = errors.New("what was approved is never edited: make a new version")
	// ErrHistory is a change that would remove or rewrite a decision, an opinion, a confirmation or a signature.
	ErrHistory = errors.New("what was decided is never taken back: a history is only added to")
	// ErrUnfit is an object that storage does not take: without a name, twice in one change, too large, or a document
	// that is not what its hash says.
	ErrUnfit = errors.New("the registry cannot keep this")
)

// How much one object may hold. Documents are the only large ones.
const (
	MaxObject = 1 << 20
	MaxFile   = 20 << 20
)

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
	Inquiries      []Inquiry
	Appointments   []Appointment
	Tokens         []Token
	RuleSets       []RuleSet
	Families       []Family
	Headcounts     []Headcount
	Charters       []Charter
	Comments       []Comment
	Given          []Given
	Stops          []Stop
	Incidents      []Incident
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
	// once approved keeps its text, and what was decided about anything is only ever added to: Apply refuses the rest with
	// ErrApproved and ErrHistory, whoever asks. A document that is there already is no error.
	Apply(ctx context.Context, change Change, entry audit.Entry) (int64, error)
}
