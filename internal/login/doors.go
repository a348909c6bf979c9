package login

import (
	"context"
	"fmt"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/consent"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// Doors closes a service for one person, as its controller decided or the person asked while they wait for an answer, and
// opens it again. From then on nothing leaves, later answers of running sign-ins included; what the service has stays
// there. Nobody but the person reads that it is closed.
type Doors struct {
	Ledger *consent.Ledger
	Keys   Keys
}

// Doors are those of the receipts that sign-ins look at.
func (f *Flow) Doors() Doors { return Doors{Ledger: f.Book.Ledger(), Keys: f.Keys} }

// actDoor is the journal's word for it.
const actDoor = "right_door"

// Shut closes the service for the person whose handles are given, that of today first. instead is what they read that they
// may do in its place. Where it is closed already in the same words nothing is filed.
func (d Doors) Shut(ctx context.Context, who []string, service string, uai person.UAI, instead registry.Text) error {
	last, err := d.last(ctx, who, service)
	if err != nil || last.Act == consent.Closed && last.Instead == instead {
		return err
	}
	return d.file(ctx, who, uai, last, d.Ledger.Close(who[0], service, instead))
}

// Open takes back what Shut did. Where it is open nothing is filed.
func (d Doors) Open(ctx context.Context, who []string, service string, uai person.UAI) error {
	last, err := d.last(ctx, who, service)
	if err != nil || last.Act != consent.Closed {
		return err
	}
	return d.file(ctx, who, uai, last, d.Ledger.Open(who[0], service))
}

// last is the newest that a controller did; zero when there is nothing.
func (d Doors) last(ctx context.Context, who []string, service string) (consent.Receipt, error) {
	if len(who) == 0 {
		return consent.Receipt{}, fmt.Errorf("service %s: nobody to close it for", service)
	}
	said, err := d.Ledger.Said(ctx, who, service)
	if err != nil {
		return consent.Receipt{}, err
	}
	var last consent.Receipt
	for _, r := range said {
		if r.Voice == consent.Controller {
			last = r
		}
	}
	return last, nil
}

// file writes it after what was done last, whatever the clocks of two replicas say: of one moment the closing would count.
func (d Doors) file(ctx context.Context, who []string, uai person.UAI, last, next consent.Receipt) error {
	if after := last.At.Add(time.Millisecond); next.At.Before(after) {
		next.At, next.Filed = after, after
	}
	return d.Ledger.File(ctx, audit.Entry{
		Class: audit.ClassRelease, Action: actDoor, Outcome: audit.Done, Reason: string(next.Act),
		Subject: consent.SubjectOf(d.Keys, who[0], next.Service), Service: next.Service, UAI: string(uai),
	}, next)
}
