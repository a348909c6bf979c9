package rights

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// Book is where requests are kept and what was written in them can be read. It is safe for concurrent use, also by several
// processes.
type Book struct {
	Store Store
	Keys  Vault
	Doors Doors // nil closes nothing: what is owed stays owed
	Now   func() time.Time
	Zone  *time.Location // the academy's
}

// Party is who asks, and about whom: handles as person.Key.Handle writes them, that of today's key first.
type Party struct {
	Own   []string
	Child []string // of the child for whom a guardian asks; empty when it is about whoever asks
}

// Held is a request with what was written in it.
type Held struct {
	Request
	Contents
}

// String shows the reference and nothing else.
func (h Held) String() string { return h.Request.String() }

// GoString shows what String shows.
func (h Held) GoString() string { return h.String() }

// LogValue shows what String shows.
func (h Held) LogValue() slog.Value { return slog.StringValue(h.String()) }

// Wrong carries everything that is wrong with a form.
type Wrong struct{ Findings []registry.Finding }

// Error counts the findings.
func (e *Wrong) Error() string { return fmt.Sprintf("%d mistakes", len(e.Findings)) }

// The errors of Book.
var (
	// ErrUnknown says that there is no such request, or that it is not the caller's: the two are not told apart.
	ErrUnknown = errors.New("no such request")
	// ErrMany says that too many requests of one person wait for an answer.
	ErrMany = errors.New("too many requests wait for an answer")
	// ErrTaken says that the reference of a form was used for another request: a new form has a new one.
	ErrTaken = errors.New("the reference is taken")
)

// mostPending is how many requests of one person may wait for an answer: what schools use, four times over, fits.
const mostPending = 60

// File takes a request. It is in the journal when it returns. The same form sent twice is one request, and so is a second
// one of the same kind about the same service while the first waits for an answer: then fresh is false and it gives the one
// that waits. An objection that pauses has shut its door when it returns without error; with an error beside a request, the
// request is filed and the door is tried again by Sweep.
func (b *Book) File(ctx context.Context, p Party, f Form) (made Request, fresh bool, err error) {
	if found := f.Check(); len(found) > 0 {
		return Request{}, false, &Wrong{found}
	}
	if len(p.Own) == 0 {
		return Request{}, false, errors.New("a request is somebody's")
	}
	now := b.Now().UTC().Truncate(time.Millisecond)
	r := Request{
		Ref: f.Ref, Handle: HandleOf(b.Keys, p.Own[0]), Whom: WhomOf(b.Keys, p.about()[0]), Child: len(p.Child) > 0, Kind: f.Kind, Service: f.Entry.ServiceID, UAI: person.UAI(f.UAI),
		Declaration: f.Entry.ID, Version: f.Entry.Version, Opened: now, Due: DueOn(now, b.Zone), State: Open, Since: now, Settled: true,
	}
	if f.Pause && f.Kind == Objection {
		r.door(Paused)
	}
	for range tries {
		if same, err := b.same(ctx, p, r); err != nil || same.Ref != "" {
			return b.again(ctx, same, err)
		}
		c := Contents{Who: p.about(), Contact: f.Contact, Words: f.Words}
		entry := b.entry("right_file", r)
		if err = b.put(ctx, &r, c, &entry); !errors.Is(err, ErrConflict) {
			if err == nil {
				err = b.Settle(ctx, &r)
			}
			return r, true, err
		}
	}
	return Request{}, false, fmt.Errorf("request: %w", err)
}

// tries is how often an act is begun again on what somebody else wrote meanwhile.
const tries = 6

// again is what a form that was sent twice comes to.
func (b *Book) again(ctx context.Context, same Request, err error) (Request, bool, error) {
	if err != nil {
		return Request{}, false, err
	}
	return same, false, b.Settle(ctx, &same)
}

// same finds the request that a form has made already, or that asks the same and waits. A reference under which somebody
// else's is filed, or another request, is taken.
func (b *Book) same(ctx context.Context, p Party, r Request) (Request, error) {
	all, err := b.of(ctx, p)
	if err != nil {
		return Request{}, err
	}
	pending, about := 0, whom(b.Keys, p.about())
	for _, o := range all {
		like := slices.Contains(about, o.Whom) && o.Kind == r.Kind && o.Service == r.Service && o.UAI == r.UAI
		if like && (o.Ref == r.Ref || o.Pending()) {
			return o, nil
		}
		if o.Pending() && o.Kind != Incident {
			pending++
		}
	}
	taken, is, err := b.Store.Request(ctx, r.Ref)
	switch {
	case err != nil:
		return Request{}, err
	case is && taken.Handle == r.Handle && taken.Whom == r.Whom && taken.Kind == r.Kind && taken.Service == r.Service && taken.UAI == r.UAI:
		return taken, nil // filed a moment ago, by the same form
	case is:
		return Request{}, ErrTaken
	}
	if pending >= mostPending {
		return Request{}, ErrMany
	}
	return Request{}, nil
}

func (p Party) about() []string {
	if len(p.Child) > 0 {
		return p.Child
	}
	return p.Own
}

func (b *Book) of(ctx context.Context, p Party) ([]Request, error) {
	handles := make([]string, len(p.Own))
	for i, h := range p.Own {
		handles[i] = HandleOf(b.Keys, h)
	}
	return b.Store.Of(ctx, handles)
}

// Of lists a person's requests, those for their children among them, the newest first, with what was written.
func (b *Book) Of(ctx context.Context, p Party) ([]Held, error) {
	all, err := b.of(ctx, p)
	if err != nil {
		return nil, err
	}
	out := make([]Held, 0, len(all))
	for _, r := range all {
		h, err := b.Read(r)
		if err != nil {
			h = Held{Request: r} // what cannot be opened is shown as not there; the request and its days are
		}
		out = append(out, h)
	}
	return out, nil
}

// One finds one of a person's requests, or says ErrUnknown.
func (b *Book) One(ctx context.Context, p Party, ref string) (Held, error) {
	all, err := b.Of(ctx, p)
	if err != nil {
		return Held{}, err
	}
	i := slices.IndexFunc(all, func(h Held) bool { return h.Ref == ref })
	if i < 0 {
		return Held{}, ErrUnknown
	}
	return all[i], nil
}

// Read opens what was written in a request.
func (b *Book) Read(r Request) (Held, error) {
	c, err := read(b.Keys, r.Ref, r.Sealed)
	return Held{r, c}, err
}

// Keep writes a request, what is written in it, and the journal entry, all or nothing. Of a closed one it keeps what has to
// stay. ErrConflict when somebody else wrote it since it was read.
func (b *Book) Keep(ctx context.Context, h *Held, entry audit.Entry) error {
	return b.put(ctx, &h.Request, h.Contents, &entry)
}

func (b *Book) put(ctx context.Context, r *Request, c Contents, entry *audit.Entry) (err error) {
	if r.State == Closed {
		c = c.left(*r)
	}
	if r.Sealed, err = hide(b.Keys, r.Ref, c); err != nil {
		return fmt.Errorf("request %s: %w", r.Ref, err)
	}
	if err := b.Store.Put(ctx, *r, entry); err != nil {
		return err
	}
	r.Revision++
	return nil
}

// entry is the journal's line of a request: never what was written. Its subject is the handle of whoever asks.
func (b *Book) entry(word string, r Request) audit.Entry {
	return audit.Entry{
		Class: audit.ClassAdmin, Action: word, Outcome: audit.Done, Ref: r.Ref, Subject: r.Handle, Service: r.Service,
		Declaration: r.Declaration, Version: r.Version, UAI: string(r.UAI), Detail: Detail(r),
	}
}

// Detail is what the journal says of a request beside its references.
func Detail(r Request) map[string]string {
	out := map[string]string{"kind": string(r.Kind), "state": string(r.State), "due": r.Due.String()}
	if r.Outcome != "" {
		out["outcome"] = string(r.Outcome)
	}
	if r.Door != Untouched {
		out["door"] = string(r.Door)
	}
	if r.Child {
		out["for"] = "child"
	}
	return out
}
