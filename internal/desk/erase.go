package desk

import (
	"context"
	"errors"
	"fmt"

	"ecluse/internal/audit"
	"ecluse/internal/registry"
)

// EraseInquiries erases what is sealed in inquiries whose time is over, and journals of how many. It is for the gateway
// itself, from time to time; each act on an inquiry does the same. Nothing to erase is no entry.
func (d *Desk) EraseInquiries(ctx context.Context) error {
	d.turns.Lock()
	defer d.turns.Unlock()
	s, err := d.view(ctx)
	if err != nil {
		return err
	}
	t := &turn{Snapshot: s, now: d.Now().UTC()}
	over := t.overdue("")
	if len(over) == 0 {
		return nil
	}
	entry := audit.Entry{
		Class: audit.ClassSystem, Action: "inquiry_erase", Outcome: audit.Done, Detail: map[string]string{"inquiries": fmt.Sprint(len(over))},
	}
	revision, err := d.Store.Apply(ctx, registry.Change{Base: s.Revision(), Inquiries: over}, entry)
	if errors.Is(err, registry.ErrConflict) {
		return nil // somebody else wrote: it is looked at again next time
	}
	if err != nil {
		return fmt.Errorf("desk: inquiry_erase: %w", err)
	}
	_, _ = d.Live.After(ctx, revision) // it is written: a look that fails now is made again by whoever reads next
	return nil
}

// overdue are the inquiries but one whose time is over and that still hold what is sealed, without it.
func (t *turn) overdue(but string) []registry.Inquiry {
	var out []registry.Inquiry
	for _, q := range t.Inquiries() {
		if bare := q.Bare(); q.ID != but && !t.now.Before(q.Until) && (q.Person != "" || q.Match != "") {
			bare.State = registry.Archived
			out = append(out, bare)
		}
	}
	return out
}
