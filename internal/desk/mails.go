package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/notify"
	"ecluse/internal/person"
	"ecluse/internal/roles"
)

// Mails is where mails to offices are kept.
type Mails interface {
	// List gives the newest first, as notify.Outbox does.
	List(ctx context.Context, q notify.Query) ([]notify.Mail, error)
	// Again puts a mail that is settled into the queue once more, with its journal entry in one transaction, or gives
	// notify.ErrNone.
	Again(ctx context.Context, id string, now time.Time, entry audit.Entry) error
}

// MailsTo lists the mails that were sent or wait, the newest first: all of them for whoever reads the journal of the whole,
// else those to the schools whose journal the caller may read. A query's own UAIs are not asked. It names functions and
// schools, no address and no person.
func (d *Desk) MailsTo(ctx context.Context, c roles.Caller, q notify.Query) ([]notify.Mail, error) {
	g, err := d.glance(ctx, c)
	if err != nil {
		return nil, err
	}
	q.UAIs = nil
	if denied := g.may(roles.ReadJournal, roles.Target{}); denied != nil {
		q.UAIs = []person.UAI{}
		for _, e := range g.Establishments() {
			if g.may(roles.ReadJournal, roles.Target{UAIs: []person.UAI{e.UAI}}) == nil {
				q.UAIs = append(q.UAIs, e.UAI)
			}
		}
		if len(q.UAIs) == 0 {
			return nil, denied
		}
	}
	if d.Mails == nil {
		return nil, nil
	}
	list, err := d.Mails.List(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("desk: %w", err)
	}
	return list, nil
}

// How far back, and how many at most, mails that could not be delivered are counted.
const (
	undelivered     = 30 * 24 * time.Hour
	mostUndelivered = 100
)

// Undelivered counts the mails of the last thirty days that failed or came back, of those that the caller may read: 100 stands
// for that many or more.
func (d *Desk) Undelivered(ctx context.Context, c roles.Caller) (int, error) {
	list, err := d.MailsTo(ctx, c, notify.Query{Wrong: true, Limit: mostUndelivered})
	var denied *roles.Denied
	if errors.As(err, &denied) {
		return 0, nil
	}
	n := 0
	for _, m := range list {
		if d.Now().Sub(m.Made) < undelivered {
			n++
		}
	}
	return n, err
}

// MailAgain sends a mail once more that was sent, failed or came back. Its mailbox is looked up anew. It is for whoever looks
// after connections: who is told of what is nobody's to choose here.
func (d *Desk) MailAgain(ctx context.Context, c roles.Caller, id string) error {
	t, err := d.begin(ctx, c, "mail_again")
	if err != nil {
		return err
	}
	if _, err := t.may(roles.EditSource, roles.Target{}); err != nil {
		return d.keepDenial(ctx, t, err)
	}
	if d.Mails == nil {
		return &Conflict{Code: "state", What: "this gateway sends no mail"}
	}
	t.detail("mail", id)
	err = d.Mails.Again(ctx, id, t.now, t.entry)
	if errors.Is(err, notify.ErrNone) {
		return &NotFound{"mail", id}
	}
	if err != nil {
		return fmt.Errorf("desk: %w", err)
	}
	return nil
}
