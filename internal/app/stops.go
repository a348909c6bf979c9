package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/idp"
	"ecluse/internal/idp/casserver"
	"ecluse/internal/login"
	"ecluse/internal/registry"
	"ecluse/internal/store"
)

// What follows a suspension. Nothing is issued on what is stopped from the next look at the registry on; who is signed in at
// services is signed out here, in the background. It follows the registry and not the act, so that it does not matter who
// stopped something, a person, the canary or a file, nor on which replica, nor whether one was killed meanwhile: what was not
// said to be done is begun again, and a sweep done twice is done once.
const (
	kindSwept    store.Kind = "stop-swept"    // people were signed out after one suspension
	kindSweeping store.Kind = "stop-sweeping" // a replica is at it

	sweepPause = time.Second     // after a change or a sweep that left some: whoever acted may be among them, and reads first what came of it
	sweepFor   = 5 * time.Minute // after which another replica takes over, and at which one that is not done begins again
)

// suspension is one decision by which something was stopped.
type suspension struct {
	kind registry.StopKind
	id   string
	at   time.Time
}

func (s suspension) name() string { return fmt.Sprintf("%s %s %d", s.kind, s.id, s.at.UnixMilli()) }

// suspensions lists what is stopped now and can have people signed in.
func suspensions(s *registry.Snapshot) []suspension {
	var out []suspension
	add := func(kind registry.StopKind, id string, list []registry.Decision) {
		last, _ := registry.LastStop(list) // none where a file says so
		out = append(out, suspension{kind, id, last.At})
	}
	for _, o := range s.Services() {
		if o.Suspended && o.ID != registry.House {
			add(registry.StopService, o.ID, o.Decisions)
		}
	}
	for _, o := range s.Sources() {
		if o.Suspended {
			add(registry.StopSource, o.ID, o.Decisions)
		}
	}
	for _, o := range s.Stops() {
		if o.Suspended && o.Kind == registry.StopEstablishment {
			add(o.Kind, o.ID, o.Decisions)
		}
	}
	return out
}

// sweepStops signs people out of what is stopped, a second after something is and until ctx ends. What another replica is
// at, and what failed, is looked at again.
func (g *gateway) sweepStops(ctx context.Context) {
	seen := map[string]bool{}
	for {
		changed := g.live.Changed()
		left, err := g.sweepNew(ctx, seen)
		if err != nil && ctx.Err() == nil {
			g.log.WarnContext(ctx, "people could not all be signed out of what was suspended; it is tried again", "error", err)
		}
		if !left {
			select {
			case <-ctx.Done():
				return
			case <-changed:
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(sweepPause):
		}
	}
}

// sweepNew sweeps what is stopped and not seen to be swept, and tells whether some of it is left.
func (g *gateway) sweepNew(ctx context.Context, seen map[string]bool) (left bool, err error) {
	snapshot, err := g.live.Current()
	if err != nil {
		return true, nil // said elsewhere
	}
	var failed []error
	for _, s := range suspensions(snapshot) {
		if seen[s.name()] || (!s.at.IsZero() && g.now().Sub(s.at) > g.limits().Session) { // then every session is over
			continue
		}
		done, err := g.sweepOne(ctx, s)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s %s: %w", s.kind, s.id, err))
		}
		if done {
			seen[s.name()] = true
		} else {
			left = true
		}
	}
	return left, errors.Join(failed...)
}

// sweepOne does one, unless it is done or another replica is at it.
func (g *gateway) sweepOne(ctx context.Context, s suspension) (done bool, err error) {
	_, err = g.tickets.Get(ctx, kindSwept, s.name())
	if !errors.Is(err, store.ErrNotFound) {
		return err == nil, err
	}
	err = g.tickets.Create(ctx, store.Ticket{Kind: kindSweeping, Name: s.name(), Expires: g.now().Add(sweepFor)})
	if err != nil {
		if errors.Is(err, store.ErrExists) {
			err = nil
		}
		return false, err
	}
	within, cancel := context.WithTimeout(ctx, sweepFor)
	defer cancel()
	swept, err := g.flow.Sweep(within, s.kind, s.id)
	if err == nil {
		err = g.swept(ctx, s, swept)
	}
	return err == nil, errors.Join(err, g.tickets.Delete(context.WithoutCancel(ctx), kindSweeping, s.name()))
}

// swept keeps that it is done, and what came of it.
func (g *gateway) swept(ctx context.Context, s suspension, swept login.Swept) error {
	e := audit.Entry{
		Class: audit.ClassSystem, Action: "suspension_swept", Outcome: audit.Done, Reason: string(s.kind),
		Detail: map[string]string{"told": fmt.Sprint(swept.Told), "queued": fmt.Sprint(swept.Queued), "open": fmt.Sprint(swept.Open)},
	}
	switch s.kind {
	case registry.StopService:
		e.Service = s.id
	case registry.StopSource:
		e.Source = s.id
	default:
		e.UAI = s.id
	}
	if _, err := g.journal.Append(ctx, e); err != nil {
		return err
	}
	value, err := json.Marshal(swept)
	if err != nil {
		return err
	}
	return g.tickets.Put(ctx, store.Ticket{Kind: kindSwept, Name: s.name(), Value: value, Expires: g.now().Add(g.limits().Session + time.Hour)})
}

// tells says whether a binding lets a service be told of a sign-out from here, without anybody's browser: by a SOAP endpoint
// of its metadata, by a back-channel address, or by the logout requests of CAS.
func tells(protocols map[string]idp.Protocol) func(registry.Service, registry.Binding) bool {
	return func(_ registry.Service, b registry.Binding) bool {
		p, spoken := protocols[b.Protocol]
		if !spoken {
			return false
		}
		if b.Protocol == casserver.Name {
			var settings struct{ Logout bool }
			return json.Unmarshal(b.Settings, &settings) == nil && settings.Logout
		}
		probed, err := p.Probe(context.Background(), b, nil) // reads settings alone
		return err == nil && slices.ContainsFunc(probed.Addresses, func(a idp.Address) bool {
			return a.Kind == idp.LogoutAddress && (a.Way == "SOAP" || a.Way == "backchannel_logout_uri")
		})
	}
}
