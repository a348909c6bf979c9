package oidcop

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"ecluse/internal/idp"
	"ecluse/internal/store"
)

// topic is that of sign-outs which a service did not take at once.
const topic = "oidc-signout"

// Bounds of what is told again: growing pauses, a day in all, and so many a day for one service, as one that is down for
// good must not fill the queue.
const (
	firstPause  = 30 * time.Second
	longPause   = time.Hour
	tellFor     = 24 * time.Hour
	mostQueued  = 5000
	leaseAtOnce = 20
	// queuePatience bounds the writing itself.
	queuePatience = time.Second
	leaseFor      = leaseAtOnce * logoutPatience * 2

	kindQueued store.Kind = "oidc-signout-queued"
)

// untold is a sign-out that waits in the queue, sealed there. No token waits: each attempt signs its own.
type untold struct {
	Service string    `json:"service"`
	Session session   `json:"session"`
	Since   time.Time `json:"since"`
	Tried   int       `json:"tried"`
}

// enqueue keeps a sign-out to be told again.
func (p *Provider) enqueue(ctx context.Context, c *client, s session) (idp.SignOutStep, error) {
	unsupported := idp.SignOutStep{Outcome: idp.Unsupported}
	if p.cfg.Queue == nil || p.cfg.Sealer == nil {
		return unsupported, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), queuePatience) // a browser that goes away loses nothing
	defer cancel()
	n, err := p.cfg.Tickets.Increment(ctx, kindQueued, c.service.ID, tellFor)
	if err != nil || n > mostQueued {
		return unsupported, err
	}
	if err := p.wait(ctx, untold{Service: c.service.ID, Session: s, Since: p.cfg.Now(), Tried: 1}); err != nil {
		return unsupported, err
	}
	return idp.SignOutStep{Outcome: idp.Queued}, nil
}

// wait puts a sign-out into the queue, the longer the oftener it was tried.
func (p *Provider) wait(ctx context.Context, u untold) error {
	plain, err := json.Marshal(u)
	if err != nil {
		return fmt.Errorf("queue a sign-out: %w", err)
	}
	id := topic + "-" + rand.Text()
	body, err := p.cfg.Sealer.Seal([]byte(id), plain)
	if err != nil {
		return fmt.Errorf("queue a sign-out: %w", err)
	}
	return p.cfg.Queue.Put(ctx, store.Delivery{ID: id, Topic: topic, Body: body, NotBefore: p.cfg.Now().Add(pause(u.Tried))})
}

func pause(tried int) time.Duration {
	if tried > 7 {
		return longPause
	}
	return min(firstPause<<(tried-1), longPause)
}

// Deliver tells the sign-outs that are due once more, and returns how many were looked at. A caller runs it again and
// again, on as many replicas as it likes; what one of them leaves is taken up by another.
func (p *Provider) Deliver(ctx context.Context) (int, error) {
	if p.cfg.Queue == nil || p.cfg.Sealer == nil || p.cfg.Client == nil || p.gateway == nil {
		return 0, nil
	}
	due, err := p.cfg.Queue.Lease(ctx, topic, leaseAtOnce, leaseFor)
	if err != nil {
		return 0, err
	}
	var failed []error
	for _, d := range due {
		if ctx.Err() != nil {
			break
		}
		if err := p.deliver(ctx, d); err != nil {
			failed = append(failed, err)
		}
	}
	return len(due), errors.Join(failed...)
}

// deliver makes one attempt. The client is looked up anew: a service that was removed, or wants to hear no more, is told
// nothing. The next attempt is in the queue before this one leaves it, so that a kill between the two tells twice and
// never not at all.
func (p *Provider) deliver(ctx context.Context, d store.Delivery) error {
	plain, err := p.cfg.Sealer.Open([]byte(d.ID), d.Body)
	var u untold
	if err == nil {
		err = json.Unmarshal(plain, &u)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("a queued sign-out cannot be read: %w", err), p.cfg.Queue.Done(ctx, d.ID))
	}
	snapshot, err := p.gateway.Registry()
	if err != nil {
		return err // leased again later
	}
	c, err := p.client(snapshot, u.Session.ClientID)
	if err != nil || c.service.ID != u.Service || c.settings.BackchannelLogoutURI == "" || p.tell(ctx, c, u.Session) == nil {
		return p.cfg.Queue.Done(ctx, d.ID)
	}
	u.Tried++
	if p.cfg.Now().Add(pause(u.Tried)).Sub(u.Since) > tellFor {
		gone := fmt.Errorf("client %s did not take a sign-out for a day; its session may be open", c.GetID())
		return errors.Join(gone, p.cfg.Queue.Done(ctx, d.ID))
	}
	if err := p.wait(ctx, u); err != nil {
		return err
	}
	return p.cfg.Queue.Done(ctx, d.ID)
}
