package desk

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Subjects hides whom an inquiry is about, and finds them in the journal.
type Subjects interface {
	// Hide seals a person's key for one inquiry.
	Hide(inquiry string, key person.Key) (string, error)
	// Subjects gives the person's subjects in the journal at each service, in the services' order: one for each key under
	// which they were ever known.
	Subjects(ctx context.Context, inquiry, hidden string, services []string) ([][]string, error)
	// HideMatch seals what a match is asked about, and ReadMatch gives it back for the same inquiry.
	HideMatch(inquiry string, text []byte) (string, error)
	ReadMatch(inquiry, hidden string) ([]byte, error)
}

// Use is one release to a service: when, where, and the names of what left, never a value.
type Use struct {
	At         time.Time  `json:"at"`
	Service    string     `json:"service"`
	UAI        person.UAI `json:"uai"`
	Attributes []string   `json:"attributes,omitempty"`
}

// Question is what a data-protection officer asks: which services a person used, or, where it carries anything of a match,
// which of some candidates a service knows by a pseudonym. Person is the identifier at the source. All but academy, source
// and reason is kept sealed and given back to nobody.
type Question struct {
	Academy    string      `json:"academy"`
	Source     string      `json:"source,omitempty"`
	Person     string      `json:"person,omitempty"`
	Service    string      `json:"service,omitempty"`    // of a match
	Pseudonym  string      `json:"pseudonym,omitempty"`  // as the service knows it, in any shape
	Candidates []Candidate `json:"candidates,omitempty"` // 2 to 500
	Reason     string      `json:"reason"`
}

// String shows nothing of the people.
func (q Question) String() string { return "[question]" }

// GoString shows nothing of the people.
func (q Question) GoString() string { return q.String() }

// LogValue shows nothing of the people.
func (q Question) LogValue() slog.Value { return slog.StringValue(q.String()) }

// mostSubjects is how many subjects one query of the journal is asked about.
const mostSubjects = 500

// Inquire asks which services a person used in an academy, or which of some candidates a service knows by a pseudonym.
// Nothing can be read before somebody else confirms it.
func (d *Desk) Inquire(ctx context.Context, c roles.Caller, q Question) (registry.Inquiry, error) {
	if q.matches() {
		return d.askMatch(ctx, c, q)
	}
	made := registry.Inquiry{ID: newID(), Academy: q.Academy, Source: q.Source, State: registry.Submitted}
	err := d.act(ctx, c, "inquiry_ask", func(t *turn) error {
		in, err := t.may(roles.Inquire, roles.Target{Academy: q.Academy})
		if err != nil {
			return err
		}
		var bad mistakes
		bad.text("reason", q.Reason, mostReason)
		bad.text("person", q.Person, mostReason)
		bad.say(q.Academy == "", "academy", "it is missing", "")
		source, known := t.Source(q.Source)
		bad.say(!known || source.Authority == "", "source", fmt.Sprintf("%q is not a registered source", q.Source), "")
		if err := bad.err(); err != nil {
			return err
		}
		if d.Subjects == nil {
			return &Conflict{Code: "state", What: "this gateway takes no inquiries"}
		}
		if made.Person, err = d.Subjects.Hide(made.ID, person.Key{Authority: source.Authority, ID: q.Person}); err != nil {
			return fmt.Errorf("desk: inquiry: %w", err)
		}
		made.Until = t.now.AddDate(0, 0, registry.InquiryDays)
		made.Decisions = []registry.Decision{t.decision(in, registry.Submitted, q.Reason)}
		t.inquiryIs(made)
		return nil
	})
	return made.Bare(), err
}

// ConfirmInquiry is the second person's word: from then on both may read, for registry.InquiryDays.
func (d *Desk) ConfirmInquiry(ctx context.Context, c roles.Caller, id, reason string) (registry.Inquiry, error) {
	return d.inquiry(ctx, c, "inquiry_confirm", id, func(t *turn, q *registry.Inquiry) error {
		in, err := t.may(roles.ConfirmInquiry, roles.Target{Academy: q.Academy, Author: q.Asker()})
		if err != nil {
			return err
		}
		if !q.Waits(t.now) {
			return &Conflict{Code: "state", What: "the inquiry does not wait for a second person"}
		}
		q.State, q.Until = registry.Approved, t.now.AddDate(0, 0, registry.InquiryDays)
		q.Decisions = append(slices.Clone(q.Decisions), t.decision(in, registry.Approved, reason))
		return nil
	})
}

// EndInquiry ends an inquiry before its time, or declines to confirm it, and erases whom it was about. Whoever may ask or
// confirm may end it.
func (d *Desk) EndInquiry(ctx context.Context, c roles.Caller, id, reason string) (registry.Inquiry, error) {
	return d.inquiry(ctx, c, "inquiry_end", id, func(t *turn, q *registry.Inquiry) error {
		in, err := t.may(roles.Inquire, roles.Target{Academy: q.Academy})
		if err != nil {
			in, err = t.may(roles.ConfirmInquiry, roles.Target{Academy: q.Academy})
		}
		if err != nil {
			return err
		}
		if q.State == registry.Archived {
			return &Conflict{Code: "state", What: "the inquiry has ended already"}
		}
		*q = q.Bare()
		q.State = registry.Archived
		q.Decisions = append(slices.Clone(q.Decisions), t.decision(in, registry.Archived, reason))
		return nil
	})
}

// inquiry changes one that is in the caller's sight.
func (d *Desk) inquiry(ctx context.Context, c roles.Caller, word, id string, change func(*turn, *registry.Inquiry) error) (registry.Inquiry, error) {
	var made registry.Inquiry
	err := d.act(ctx, c, word, func(t *turn) error {
		q, err := t.inquirySeen(id)
		if err != nil {
			return err
		}
		t.detail("inquiry", q.ID)
		if err := change(t, &q); err != nil {
			return err
		}
		t.inquiryIs(q)
		made = q
		return nil
	})
	return made.Bare(), err
}

func (t *turn) inquiryIs(q registry.Inquiry) {
	t.change.Inquiries = append(t.overdue(q.ID), q)
	t.detail("inquiry", q.ID)
	t.detail("state", string(q.State))
}

// seesInquiry: those who may ask or confirm in its academy know that there is one, and why.
func (t *turn) seesInquiry(q registry.Inquiry) bool {
	_, ask := t.may(roles.Inquire, roles.Target{Academy: q.Academy})
	_, confirm := t.may(roles.ConfirmInquiry, roles.Target{Academy: q.Academy})
	return ask == nil || confirm == nil
}

func (t *turn) inquirySeen(id string) (registry.Inquiry, error) {
	for _, q := range t.Inquiries() {
		if q.ID == id && t.seesInquiry(q) {
			return q, nil
		}
	}
	return registry.Inquiry{}, &NotFound{"inquiry", id}
}

// Inquiries lists those in the caller's sight: who asked, why, and who confirmed; never about whom.
func (d *Desk) Inquiries(ctx context.Context, c roles.Caller) ([]registry.Inquiry, error) {
	t, err := d.begin(ctx, c, "")
	if err != nil {
		return nil, err
	}
	var out []registry.Inquiry
	for _, q := range t.Inquiries() {
		if t.seesInquiry(q) {
			out = append(out, q.Bare())
		}
	}
	return out, nil
}

// Uses answers a confirmed inquiry, to the two who stand for it and as long as each still holds the office: the newest
// release first, in the establishments of its academy. Each reading is in the journal before anything is read.
func (d *Desk) Uses(ctx context.Context, c roles.Caller, id string) ([]Use, error) {
	t, q, err := d.reading(ctx, c, "inquiry_read", id)
	if err != nil {
		return nil, err
	}
	if q.Matches() {
		return nil, &Conflict{Code: "state", What: "the inquiry asks who is known by a pseudonym, not which services are used"}
	}
	if d.Subjects == nil || d.Events == nil || d.Journal == nil {
		return nil, &Conflict{Code: "state", What: "this gateway takes no inquiries"}
	}
	if _, err := d.Journal.Append(ctx, t.entry); err != nil {
		return nil, fmt.Errorf("desk: inquiry: %w", err)
	}
	return d.uses(ctx, t, q)
}

// reading is the turn of somebody who may read a confirmed inquiry now. It reads nothing yet.
func (d *Desk) reading(ctx context.Context, c roles.Caller, word, id string) (*turn, registry.Inquiry, error) {
	var none registry.Inquiry
	t, err := d.begin(ctx, c, word)
	if err != nil {
		return nil, none, err
	}
	q, err := t.inquirySeen(id)
	if err != nil {
		return nil, none, err
	}
	t.detail("inquiry", q.ID)
	if err := t.mayReadInquiry(q); err != nil {
		return nil, none, d.keepDenial(ctx, t, err)
	}
	if q.State != registry.Approved || !t.now.Before(q.Until) {
		return nil, none, &Conflict{Code: "state", What: "the inquiry is not confirmed, or it is over"}
	}
	return t, q, nil
}

func (t *turn) mayReadInquiry(q registry.Inquiry) error {
	switch t.by.Handle {
	case q.Asker():
		_, err := t.may(roles.Inquire, roles.Target{Academy: q.Academy})
		return err
	case q.Second():
		_, err := t.may(roles.ConfirmInquiry, roles.Target{Academy: q.Academy, Author: q.Asker()})
		return err
	default:
		return &roles.Denied{Act: roles.Inquire, Why: "perimeter"}
	}
}

func (d *Desk) uses(ctx context.Context, t *turn, q registry.Inquiry) ([]Use, error) {
	var services []string
	for _, s := range t.Services() {
		services = append(services, s.ID)
	}
	subjects, err := d.Subjects.Subjects(ctx, q.ID, q.Person, services)
	if err != nil {
		return nil, fmt.Errorf("desk: inquiry: %w", err)
	}
	var out []Use
	// The journal is asked by subjects alone, of many services at once: each is one service's own, and its index finds them.
	for some := range slices.Chunk(slices.Concat(subjects...), mostSubjects) {
		query := audit.Query{Outcome: audit.Released, AnyOf: some, Limit: audit.MaxLimit}
		for more := true; more; more = query.After != "" {
			page, err := d.Events.List(ctx, query)
			if err != nil {
				return nil, fmt.Errorf("desk: inquiry: %w", err)
			}
			for _, e := range page.Entries {
				if school, ok := t.Establishment(person.UAI(e.UAI)); ok && school.Academy == q.Academy && e.Class == audit.ClassRelease {
					out = append(out, Use{At: e.At, Service: e.Service, UAI: school.UAI, Attributes: e.Attributes})
				}
			}
			query.After = page.Next
		}
	}
	slices.SortStableFunc(out, func(a, b Use) int { return b.At.Compare(a.At) })
	return out, nil
}
