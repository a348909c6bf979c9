package audit

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// How long a page of a list is.
const (
	DefaultLimit = 100
	MaxLimit     = 500
)

// ErrCursor says that a cursor is none that a page gave.
var ErrCursor = errors.New("the place in the journal cannot be read")

// As is the detail that says in which role somebody acted.
const As = "as"

// Query chooses entries of the journal. An empty field leaves nothing out.
type Query struct {
	From  time.Time // entries at this instant or later
	Until time.Time // entries before this instant

	Class       Class
	Action      string
	Outcome     Outcome
	Actor       string
	Subject     string
	AnyOf       []string // entries of one of these subjects; nil leaves nothing out, and an empty list everything
	Service     string
	Declaration string
	UAI         string
	Ref         string

	Actions  []string // entries of one of these actions; empty leaves nothing out
	UAIs     []string // entries of one of these establishments; empty leaves nothing out
	Role     string   // entries of who acted in this role, as their detail says, or as one of Holders
	Holders  []string // handles; without Role nothing is asked of them
	Of       Chain    // one entry: its chain, with Sequence
	Sequence int64

	Limit    int    // entries on a page: DefaultLimit when it is not above 0, MaxLimit at most
	After    Cursor // Page.Next of the page before; empty for the first
	Subjects bool   // give the entries' Subject, which is empty otherwise: few have a reason to ask
}

// Page is a part of a list, the newest entry first; those of one instant come in the same order each time.
type Page struct {
	Entries []Entry
	Hashes  []Hash // of the entries, in their order
	Next    Cursor // where the next page begins; empty when there is none
}

// Reader lists the journal. Entries that are written meanwhile are on no later page but where a clock went back.
type Reader interface {
	// List returns a page. ErrCursor is the caller's mistake; every other error is the store's.
	List(ctx context.Context, q Query) (Page, error)
}

// Cursor is a place in a list, in a form for URLs: it holds the time and name of an entry and nothing of its contents.
type Cursor string

// Place is the entry after which a cursor goes on.
type Place struct {
	Chain
	At       time.Time
	Sequence int64
}

// Cursor goes on after the entry.
func (e Entry) Cursor() Cursor {
	text, err := json.Marshal([]any{e.At.UnixMilli(), e.Writer, e.Class, e.Sequence})
	if err != nil {
		return "" // these types always encode
	}
	return Cursor(base64.RawURLEncoding.EncodeToString(text))
}

// Place reads the cursor, or says ErrCursor.
func (c Cursor) Place() (Place, error) {
	var p Place
	var at int64
	parts := []any{&at, &p.Writer, &p.Class, &p.Sequence}
	text, err := base64.RawURLEncoding.DecodeString(string(c))
	if err != nil || json.Unmarshal(text, &parts) != nil || len(parts) != 4 {
		return Place{}, ErrCursor
	}
	p.At = time.UnixMilli(at).UTC()
	if !isWord(p.Writer) || !isWord(string(p.Class)) || p.Sequence < 1 {
		return Place{}, fmt.Errorf("%w: it names no entry", ErrCursor)
	}
	return p, nil
}

// Size is Limit as a reader takes it.
func (q Query) Size() int {
	if q.Limit <= 0 {
		return DefaultLimit
	}
	return min(q.Limit, MaxLimit)
}
