package notify

import (
	"context"
	"slices"
	"time"

	"ecluse/internal/registry"
)

// Notifier looks what is due and puts it into the outbox. Any number of replicas run one each.
type Notifier struct {
	Outbox   Outbox
	Writer   *Writer
	Schedule Schedule
	Now      func() time.Time
	// Reaches tells whether a box has an address. Digests for one that has none are not made; all else is, and shows as
	// failed, because somebody was to be told and could not be.
	Reaches func(Box) bool
}

// Look puts what is due into the outbox. What fails is due again at the next look.
func (n *Notifier) Look(ctx context.Context, s *registry.Snapshot) error {
	v := NewView(s, n.Now().UTC())
	if err := n.atOnce(ctx, v.AtOnce()); err != nil {
		return err
	}
	if err := n.endings(ctx, v); err != nil {
		return err
	}
	return n.digests(ctx, v)
}

// atOnce puts each occasion by itself: the mails about one never wait for another.
func (n *Notifier) atOnce(ctx context.Context, list []Occasion) error {
	list, err := n.unknown(ctx, list)
	if err != nil {
		return err
	}
	for _, o := range list {
		mails, err := n.Writer.Tell(o, n.Now())
		if err == nil {
			_, err = n.Outbox.Put(ctx, []string{o.Mark}, mails, n.Now())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// endings puts everything that has reached a stage since the last look, one mail to each box.
func (n *Notifier) endings(ctx context.Context, v *View) error {
	list, err := n.unknown(ctx, v.Endings())
	if err != nil || len(list) == 0 {
		return err
	}
	mails, err := n.Writer.Remind(list, n.Now())
	if err != nil {
		return err
	}
	_, err = n.Outbox.Put(ctx, marksOf(list), mails, n.Now())
	return err
}

// digests puts the week's digests, all at once: a week in which nothing waits is a week that was looked at.
func (n *Notifier) digests(ctx context.Context, v *View) error {
	day, due := n.Schedule.due(v.now, v.Zone())
	mark := "digest " + day.String()
	if !due {
		return nil
	}
	if left, err := n.Outbox.Unknown(ctx, []string{mark}); err != nil || len(left) == 0 {
		return err
	}
	counts, err := n.Outbox.Count(ctx, n.Now().AddDate(0, 0, -7))
	if err != nil {
		return err
	}
	waiting := v.Digests(counts[Failed] + counts[Bounced])
	for box := range waiting {
		if !n.Reaches(box) {
			delete(waiting, box)
		}
	}
	mails, err := n.Writer.Digest(waiting, n.Now())
	if err != nil {
		return err
	}
	_, err = n.Outbox.Put(ctx, []string{mark}, mails, n.Now())
	return err
}

func (n *Notifier) unknown(ctx context.Context, list []Occasion) ([]Occasion, error) {
	if len(list) == 0 {
		return nil, nil
	}
	left, err := n.Outbox.Unknown(ctx, marksOf(list))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(list, func(o Occasion) bool { return !slices.Contains(left, o.Mark) }), nil
}

func marksOf(list []Occasion) []string {
	out := make([]string, len(list))
	for i, o := range list {
		out[i] = o.Mark
	}
	return out
}
