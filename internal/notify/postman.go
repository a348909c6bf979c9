package notify

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// How the relay is tried: pauses that grow, for four days in all (RFC 5321 section 4.5.4.1).
const (
	firstPause  = time.Minute
	longPause   = time.Hour
	mostTries   = 100 // about four days
	leaseAtOnce = 10
	// leaseFor is longer than so many mails can take.
	leaseFor = 15 * time.Minute
	// leaseRoom is how much of a lease must be left for a mail to be begun.
	leaseRoom = 2 * time.Minute
)

// The codes of failures that are not a relay's.
const (
	CodeNoAddress = "no address"
	CodeGivenUp   = "given up"
)

// Carrier hands one mail to a relay. A refusal for good is told from one that may pass by errors.As to Refusal.
type Carrier interface {
	Carry(ctx context.Context, address string, m Mail) error
}

// Refusal is an error of a Carrier that says more than that it failed.
type Refusal interface {
	error
	Word() string  // numbers and a step, never an address
	ForGood() bool // the same mail would be refused again
}

// Meter counts.
type Meter interface {
	Mailed(outcome string) // sent, later, failed
}

// Postman takes mails from the outbox to the relay. Any number of replicas run one each: a mail is leased by one. One that is
// killed between the relay's word and its own note sends that mail again, under the same Message-ID.
type Postman struct {
	Outbox  Outbox
	Carrier Carrier
	Address func(Box) (string, bool)
	Now     func() time.Time
	Log     *slog.Logger
	Meter   Meter
}

// Deliver takes what is due, and returns how many mails were tried.
func (p *Postman) Deliver(ctx context.Context) (int, error) {
	until := p.Now().Add(leaseFor)
	due, err := p.Outbox.Lease(ctx, leaseAtOnce, p.Now(), until)
	if err != nil {
		return 0, err
	}
	for i, m := range due {
		if ctx.Err() != nil || p.Now().After(until.Add(-leaseRoom)) {
			return i, ctx.Err() // the rest is leased again
		}
		// What is begun is ended: a mail that was cut would be sent twice.
		if err := p.deliver(context.WithoutCancel(ctx), m); err != nil {
			return i, err
		}
	}
	return len(due), nil
}

func (p *Postman) deliver(ctx context.Context, m Mail) error {
	m.Settled = p.Now()
	address, ok := p.Address(m.To)
	if !ok {
		m.State, m.Code = Failed, CodeNoAddress
		p.tell(m, "failed")
		return p.Outbox.Settle(ctx, m, time.Time{})
	}
	err := p.Carrier.Carry(ctx, address, m)
	m.Settled = p.Now()
	var refusal Refusal
	known := errors.As(err, &refusal)
	if m.Code = ""; known {
		m.Code = refusal.Word()
	}
	switch {
	case err == nil:
		m.State = Sent
		p.tell(m, "sent")
	case known && refusal.ForGood():
		m.State = Failed
		p.tell(m, "failed")
	case m.Attempts >= mostTries:
		if m.State = Failed; m.Code == "" {
			m.Code = CodeGivenUp
		}
		p.tell(m, "failed")
	default:
		p.tell(m, "later")
		return p.Outbox.Settle(ctx, m, p.Now().Add(pause(m.Attempts)))
	}
	return p.Outbox.Settle(ctx, m, time.Time{})
}

// tell counts and logs one attempt: the function and the numbers, no address.
func (p *Postman) tell(m Mail, outcome string) {
	p.Meter.Mailed(outcome)
	if outcome != "sent" {
		p.Log.Warn("a mail was not taken", "mail", m.ID, "kind", string(m.Kind), "to", m.To.String(), "outcome", outcome, "code", m.Code)
	}
}

// pause is how long after so many attempts the next one is made.
func pause(attempts int) time.Duration {
	if attempts < 1 || attempts > 6 {
		return longPause
	}
	return min(firstPause<<(attempts-1), longPause)
}
