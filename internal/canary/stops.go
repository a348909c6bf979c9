package canary

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/registry"
)

// By is who stops a service in the canary's decisions and in the journal.
const By = registry.Canary

// stops are the services that the canary has stopped. One that could not be written into the registry yet is refused by
// this replica alone, until it is.
type stops struct {
	count  atomic.Int64
	mu     sync.Mutex
	byID   map[string]*stop
	edited int64 // grows with each change of byID
	over   cached
}

type stop struct {
	breach   Breach
	revision int64     // from which on the registry says it; 0 until it is written
	written  time.Time // when it was
}

// cached is the last view with the stops over it.
type cached struct {
	base, view *registry.Snapshot
	edited     int64
}

// add stops a service here and at once. It tells whether that is new.
func (s *stops) add(b Breach) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.byID[b.Service]; old != nil && old.revision == 0 {
		return false
	}
	if s.byID == nil {
		s.byID = map[string]*stop{}
	}
	s.byID[b.Service] = &stop{breach: b}
	s.changed()
	return true
}

func (s *stops) changed() {
	s.edited++
	s.count.Store(int64(len(s.byID)))
}

// unwritten lists the breaches that the registry does not hold yet.
func (s *stops) unwritten() []Breach {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Breach
	for _, one := range s.byID {
		if one.revision == 0 {
			out = append(out, one.breach)
		}
	}
	return out
}

// settle says from which revision on the registry itself speaks of a service; what is long settled is forgotten.
func (s *stops) settle(service string, revision int64, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if one := s.byID[service]; one != nil {
		one.revision, one.written = revision, now
	}
	for id, one := range s.byID {
		if one.revision != 0 && now.Sub(one.written) > longest {
			delete(s.byID, id)
		}
	}
	s.changed()
}

// lay gives a view in which every service is suspended that is stopped here and that the view does not know of.
func (s *stops) lay(view *registry.Snapshot) *registry.Snapshot {
	if view == nil || s.count.Load() == 0 {
		return view
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over.base == view && s.over.edited == s.edited {
		return s.over.view
	}
	change := registry.Contents{Revision: view.Revision()}
	for id, one := range s.byID {
		service, known := view.Service(id)
		if known && !service.Suspended && (one.revision == 0 || view.Revision() < one.revision) {
			change.Services = append(change.Services, suspended(service, one.breach, one.breach.At))
		}
	}
	s.over = cached{view, view, s.edited}
	if len(change.Services) > 0 {
		s.over.view = view.With(change)
	}
	return s.over.view
}

// suspended is a service with the canary's decision added.
func suspended(s registry.Service, b Breach, at time.Time) registry.Service {
	fr, en := b.Why()
	names := ""
	if len(b.Names) > 0 {
		names = " (" + strings.Join(b.Names, ", ") + ")"
	}
	s.Suspended = true
	s.Decisions = append(slices.Clone(s.Decisions), registry.Decision{
		At: at, State: registry.Suspended, Office: "Écluse", By: By,
		Reason: fmt.Sprintf("Arrêt automatique : %s%s. Déclaration %s, version %d, %s. / Stopped by itself: %s.", fr, names, b.Declaration, b.Version, b.Protocol, en),
	})
	return s
}

// settled tells whether nothing is to be written about a breach: the service is suspended, or a person has started it
// again after that message left, or it is not there.
func settled(view *registry.Snapshot, b Breach) bool {
	service, known := view.Service(b.Service)
	if !known || service.Suspended {
		return true
	}
	n := len(service.Decisions)
	return n > 0 && service.Decisions[n-1].State == registry.Approved && service.Decisions[n-1].At.After(b.At)
}

// write suspends a service in the registry, with its journal entry in the same transaction. Another replica that was
// quicker has done the same: it is never written twice.
func (c *Canary) write(ctx context.Context, b Breach) error {
	for {
		if err := c.cfg.Registry.Refresh(ctx); err != nil {
			return err
		}
		view, err := c.cfg.Registry.Current()
		if err != nil {
			return err
		}
		if settled(view, b) {
			c.stops.settle(b.Service, view.Revision(), c.cfg.Now())
			return nil
		}
		service, _ := view.Service(b.Service)
		change := registry.Change{Base: view.Revision(), Services: []registry.Service{suspended(service, b, c.cfg.Now().UTC())}}
		revision, err := c.cfg.Store.Apply(ctx, change, entry(b))
		switch {
		case err == nil:
			c.stops.settle(b.Service, revision, c.cfg.Now())
			return nil
		case !errors.Is(err, registry.ErrConflict) || ctx.Err() != nil:
			return err
		}
	}
}

// entry is what the journal keeps of a breach: names of attributes, never values.
func entry(b Breach) audit.Entry {
	return audit.Entry{
		Class: audit.ClassAdmin, Action: "canary_breach", Outcome: audit.Done, Reason: string(b.Kind), Actor: By,
		Service: b.Service, Declaration: b.Declaration, Version: b.Version, UAI: b.UAI, Protocol: b.Protocol, Attributes: b.Names,
	}
}
