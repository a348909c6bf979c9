package rights

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ecluse/internal/person"
)

// IncidentWithin is by when whoever answers has to have looked at an incident: what puts people at risk is notified within
// 72 hours (RGPD art. 33(1)).
const IncidentWithin = 72 * time.Hour

// mostLines is how many releases one incident names; further ones of the same service are found beside them.
const mostLines = 50

// Report is what somebody says of a release that was made in their name: it was not them.
type Report struct {
	Ref     string // drawn for it, as a form's
	Line    string // the reference of the release
	Service string
	UAI     person.UAI

	Declaration string // under which the release was made, and its version
	Version     int
}

// Report opens an incident for whoever answers for the data of an establishment. It is in the journal when it returns. What
// is said twice of one release is one incident. Another release of the same service is added to the incident that waits:
// then fresh is false, and the one that waits is given. An incident is never one too many.
func (b *Book) Report(ctx context.Context, p Party, rep Report) (made Request, fresh bool, err error) {
	if len(p.Own) == 0 || rep.Service == "" || rep.Line == "" || rep.Ref == "" {
		return Request{}, false, errors.New("an incident is somebody's, and about a release")
	}
	for range tries {
		now := b.Now().UTC().Truncate(time.Millisecond)
		r := Request{
			Ref: rep.Ref, Handle: HandleOf(b.Keys, p.Own[0]), Whom: WhomOf(b.Keys, p.Own[0]), Kind: Incident, Service: rep.Service, UAI: rep.UAI,
			Declaration: rep.Declaration, Version: rep.Version, Opened: now, Due: incidentDue(now, b.Zone), State: Open, Since: now, Settled: true,
		}
		var before Held
		if before, err = b.reported(ctx, p, r, rep.Line); err != nil {
			return Request{}, false, err
		}
		switch {
		case before.Ref == "":
			entry := b.entry("right_file", r)
			err = b.put(ctx, &r, Contents{Who: p.Own, Lines: []string{rep.Line}}, &entry)
			fresh = true
		case slices.Contains(before.Lines, rep.Line), !before.Pending(), len(before.Lines) >= mostLines:
			return before.Request, false, nil
		default:
			before.Lines = append(before.Lines, rep.Line)
			err, r, fresh = b.Keep(ctx, &before, b.entry("right_add", before.Request)), before.Request, false
		}
		if err == nil || !errors.Is(err, ErrConflict) {
			return r, fresh, err
		}
	}
	return Request{}, false, fmt.Errorf("incident: %w", err)
}

// reported finds the incident that a release is in, or else the one of its service and establishment that waits. Of one that
// is closed nothing says any more which releases it was about.
func (b *Book) reported(ctx context.Context, p Party, r Request, line string) (Held, error) {
	all, err := b.Of(ctx, p)
	if err != nil {
		return Held{}, err
	}
	var waits Held
	for _, h := range all {
		if h.Kind != Incident || h.Service != r.Service || h.UAI != r.UAI || h.Child {
			continue
		}
		if slices.Contains(h.Lines, line) || h.Ref == r.Ref {
			return h, nil
		}
		if h.Pending() {
			waits = h
		}
	}
	return waits, nil
}
