package desk

import (
	"context"
	"fmt"
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
	// Subjects gives the person's subject in the journal at each service, in the services' order.
	Subjects(inquiry, hidden string, services []string) ([]string, error)
}

// Use is one release to a service: when, where, and the names of what left, never a value.
type Use struct {
	At         time.Time  `json:"at"`
	Service    string     `json:"service"`
	UAI        person.UAI `json:"uai"`
	Attributes []string   `json:"attributes,omitempty"`
}

// Question is what a data-protection officer asks. Person is the identifier at the source; it is kept sealed and given back
// to nobody.
type Question struct {
	Academy string `json:"academy"`
	Source  string `json:"source"`
	Person  string `json:"person"`
	Reason  string `json:"reason"`
}

// Inquire asks which services a person used in an academy. Nothing can be read before somebody else confirms it.
func (d *Desk) Inquire(ctx context.Context, c roles.Caller, q Question) (registry.Inquiry, error) {
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
	return withoutPerson(made), err
}

// ConfirmInquiry is the second person's word: from then on both may read, for registry.InquiryDays.
func (d *Desk) ConfirmInquiry(ctx context.Context, c roles.Caller, id, reason string) (registry.Inquiry, error) {
	return d.inquiry(ctx, c, "inquiry_confirm", id, func(t *turn, q *registry.Inquiry) error {
		in, err := t.may(roles.ConfirmInquiry, roles.Target{Academy: q.Academy, Author: q.Asker()})
		if err != nil {
			return err
		}
		if q.State != registry.Submitted || !t.now.Before(q.Until) {
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
		q.State, q.Person = registry.Archived, ""
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
	return withoutPerson(made), err
}

func (t *turn) inquiryIs(q registry.Inquiry) {
	t.change.Inquiries = []registry.Inquiry{q}
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
			out = append(out, withoutPerson(q))
		}
	}
	return out, nil
}

func withoutPerson(q registry.Inquiry) registry.Inquiry {
	q.Person = ""
	return q
}

// Uses answers a confirmed inquiry, to the two who stand for it and as long as each still holds the office: the newest
// release first, in the establishments of its academy. Each reading is in the journal before anything is read.
func (d *Desk) Uses(ctx context.Context, c roles.Caller, id string) ([]Use, error) {
	t, err := d.begin(ctx, c, "inquiry_read")
	if err != nil {
		return nil, err
	}
	q, err := t.inquirySeen(id)
	if err != nil {
		return nil, err
	}
	t.detail("inquiry", q.ID)
	if err := t.mayReadInquiry(q); err != nil {
		return nil, d.keepDenial(ctx, t, err)
	}
	if q.State != registry.Approved || !t.now.Before(q.Until) {
		return nil, &Conflict{Code: "state", What: "the inquiry is not confirmed, or it is over"}
	}
	if d.Subjects == nil || d.Events == nil || d.Journal == nil {
		return nil, &Conflict{Code: "state", What: "this gateway takes no inquiries"}
	}
	if _, err := d.Journal.Append(ctx, t.entry); err != nil {
		return nil, fmt.Errorf("desk: inquiry: %w", err)
	}
	return d.uses(ctx, t, q)
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
	subjects, err := d.Subjects.Subjects(q.ID, q.Person, services)
	if err != nil {
		return nil, fmt.Errorf("desk: inquiry: %w", err)
	}
	var out []Use
	for i, service := range services {
		query := audit.Query{Class: audit.ClassRelease, Outcome: audit.Released, Service: service, Subject: subjects[i], Limit: audit.MaxLimit}
		for more := true; more; more = query.After != "" {
			page, err := d.Events.List(ctx, query)
			if err != nil {
				return nil, fmt.Errorf("desk: inquiry: %w", err)
			}
			for _, e := range page.Entries {
				if school, ok := t.Establishment(person.UAI(e.UAI)); ok && school.Academy == q.Academy {
					out = append(out, Use{At: e.At, Service: e.Service, UAI: school.UAI, Attributes: e.Attributes})
				}
			}
			query.After = page.Next
		}
	}
	slices.SortStableFunc(out, func(a, b Use) int { return b.At.Compare(a.At) })
	return out, nil
}
