package rights

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ecluse/internal/audit"
)

// Drop ends a request that waits for an answer, as the person wishes, and erases what was written. One that was dropped
// stays so.
func (b *Book) Drop(ctx context.Context, p Party, ref string) (Request, error) {
	return b.mine(ctx, p, ref, "right_drop", func(h *Held, now time.Time) (bool, error) {
		if h.Outcome == Dropped {
			return true, nil
		}
		return false, h.Request.Drop(now)
	})
}

// Done ends an answered request: the person has read the answer and what was written is erased. One that is closed stays so.
func (b *Book) Done(ctx context.Context, p Party, ref string) (Request, error) {
	return b.mine(ctx, p, ref, "right_done", func(h *Held, now time.Time) (bool, error) {
		if h.State == Closed {
			return true, nil
		}
		return false, h.Request.Close(now)
	})
}

// TakeBack takes back an objection that was accepted: the service is as it was before. One that was taken back stays so.
func (b *Book) TakeBack(ctx context.Context, p Party, ref string) (Request, error) {
	return b.mine(ctx, p, ref, "right_take_back", func(h *Held, now time.Time) (bool, error) {
		if h.Door == Reopened {
			return true, nil
		}
		if !slices.Contains(whom(b.Keys, p.about()), h.Whom) {
			return false, ErrUnknown // whose door it is has to be said by whoever opens it
		}
		h.Who = p.about()
		return false, h.Request.TakeBack(now)
	})
}

// mine does one act on one of the person's requests. f says whether it was done before, and else does it.
func (b *Book) mine(ctx context.Context, p Party, ref, word string, f func(*Held, time.Time) (bool, error)) (Request, error) {
	var err error
	for range tries {
		var h Held
		if h, err = b.One(ctx, p, ref); err != nil {
			return Request{}, err
		}
		before := h.Request
		done, bad := f(&h, b.Now().UTC().Truncate(time.Millisecond))
		if done {
			return before, b.Settle(ctx, &before)
		}
		if bad != nil {
			return before, bad
		}
		if err = b.Keep(ctx, &h, b.entry(word, h.Request)); err == nil {
			return h.Request, b.Settle(ctx, &h.Request)
		}
		if !errors.Is(err, ErrConflict) {
			return Request{}, err
		}
	}
	return Request{}, fmt.Errorf("request %s: %w", ref, err)
}

// Settle makes the receipts say what the request's door says, where they do not yet. Done twice it is done once.
func (b *Book) Settle(ctx context.Context, r *Request) error {
	if r.Settled {
		return nil
	}
	if b.Doors == nil {
		return fmt.Errorf("request %s: nobody can close or open a service here", r.Ref)
	}
	h, err := b.Read(*r)
	if err != nil {
		return fmt.Errorf("request %s: %w", r.Ref, err)
	}
	if err := b.move(ctx, h); err != nil {
		return fmt.Errorf("request %s: %w", r.Ref, err)
	}
	h.Settled = true
	err = b.put(ctx, &h.Request, h.Contents, nil) // what the receipts say has an entry of its own
	if errors.Is(err, ErrConflict) {
		return nil // somebody went on from there, and settles what they made of it
	}
	if err == nil {
		*r = h.Request
	}
	return err
}

// move closes or opens the service. It stays closed where another request about the same person keeps it so: of somebody
// else who may ask for them, or in another establishment.
func (b *Book) move(ctx context.Context, h Held) error {
	if len(h.Who) == 0 {
		return errContents
	}
	if h.Door == Paused || h.Door == Shut {
		return b.Doors.Shut(ctx, h.Who, h.Service, h.UAI, h.Instead)
	}
	others, err := b.Store.Behind(ctx, whom(b.Keys, h.Who), h.Service)
	if err != nil || len(others) > 0 {
		return err
	}
	if err := b.Doors.Open(ctx, h.Who, h.Service, h.UAI); err != nil {
		return err
	}
	others, err = b.Store.Behind(ctx, whom(b.Keys, h.Who), h.Service)
	if err != nil || len(others) == 0 {
		return err
	}
	again, err := b.Read(others[0]) // it was shut meanwhile, and stays so
	if err != nil {
		return err
	}
	return b.Doors.Shut(ctx, h.Who, h.Service, h.UAI, again.Instead)
}

// schooling is for how many years an objection that stands is kept at most: longer than anybody is at school.
const schooling = 15

// Sweep does what is due by itself: it settles doors, closes answered requests whose answer could be read long enough, and
// removes what was closed keep years ago. It goes on after an error and gives all of them.
func (b *Book) Sweep(ctx context.Context, keep int) error {
	now := b.Now().UTC().Truncate(time.Millisecond)
	var problems []error
	list, err := b.Store.Unsettled(ctx, now.AddDate(0, -ReadMonths, 0).AddDate(0, 0, 1))
	problems = append(problems, err)
	for _, r := range list {
		problems = append(problems, b.Settle(ctx, &r), b.lapse(ctx, r, now))
	}
	_, err = b.Store.Purge(ctx, now.AddDate(-keep, 0, 0), now.AddDate(-schooling, 0, 0), audit.Entry{
		Class: audit.ClassSystem, Action: "right_purge", Outcome: audit.Done,
	})
	return errors.Join(append(problems, err)...)
}

// lapse closes an answered request whose answer could be read long enough.
func (b *Book) lapse(ctx context.Context, r Request, now time.Time) error {
	if r.State != Answered || now.Before(ReadUntil(r.AnsweredAt, b.Zone).Ends(b.Zone)) {
		return nil
	}
	h, err := b.Read(r)
	if err != nil {
		h = Held{Request: r} // what cannot be read can be erased
	}
	if err := h.Request.Close(now); err != nil {
		return err
	}
	entry := b.entry("right_lapse", h.Request)
	entry.Class, entry.Subject = audit.ClassSystem, r.Handle
	if err := b.Keep(ctx, &h, entry); err != nil && !errors.Is(err, ErrConflict) {
		return err
	}
	return nil
}
