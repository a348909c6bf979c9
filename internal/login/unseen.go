package login

import (
	"context"
	"errors"

	"ecluse/internal/consent"
	"ecluse/internal/idp"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// hop is who enters, in which capacity, by what is registered now.
type hop struct {
	snapshot *registry.Snapshot
	who      person.Person
	place    policy.Place
}

// unseen asks gate, release, charter and book where no page can be shown, and clears what may leave then: whatever the
// person would have to read or answer first is PageNeeded. A failure without a code could not be journaled.
func (f *Flow) unseen(ctx context.Context, h hop, request idp.Request, session string, around consent.Around) (consent.Cleared, *failure) {
	no := func(kind idp.Kind, code string) (consent.Cleared, *failure) {
		return consent.Cleared{}, &failure{Kind: kind, Code: code}
	}
	broken := func(what string, err error) {
		f.Log.ErrorContext(ctx, "what nobody looks at could not be decided", "ref", around.Ref, "what", what, "error", err)
	}
	verdict, err := f.ask(h.snapshot, h.who, h.place, request, session, f.serving(ctx))
	if errors.Is(err, errNumbers) {
		broken("number", err)
		return no(idp.Internal, "key_book")
	}
	if err != nil {
		return no(idp.Denied, failed(err).Code)
	}
	missing, err := f.charterMissing(ctx, h.snapshot, h.who, h.place)
	switch {
	case err != nil:
		broken("charter", err)
		return no(idp.Internal, "internal")
	case missing:
		return no(idp.PageNeeded, "page_needed")
	}
	cleared, err := f.clear(ctx, h.who, verdict.release, consent.Said{}, around)
	switch {
	case err == nil:
		return cleared, nil
	case errors.Is(err, consent.ErrNeeded), errors.Is(err, consent.ErrDeclined):
		return no(idp.PageNeeded, "page_needed")
	case never(err):
		return no(idp.Denied, unheard(err))
	case errors.Is(err, consent.ErrOver):
		return no(idp.Denied, over(verdict.release).Code)
	}
	broken("journal", err)
	return no(idp.Internal, "")
}
