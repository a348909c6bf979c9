package upstream

import (
	"context"
	"errors"

	"ecluse/internal/person"
)

// Finder is a connector that can say of somebody what it would say if they signed in, without a proof from them. It is
// for explanations alone: nobody is signed in by it, and whoever asks is journaled before anything is shown.
type Finder interface {
	// Find gives the one person whose identifier at the source, as its mapping reads it, is id. The error is ErrNobody when
	// there is none or are several, ErrUnavailable when the source does not answer.
	Find(ctx context.Context, id string) (person.Raw, error)
}

// ErrNobody says that a source knows nobody, or not one alone, by an identifier.
var ErrNobody = errors.New("the source knows nobody by this identifier")
