package canary

import (
	"sync"
	"sync/atomic"
	"time"

	"ecluse/internal/registry"
)

// views remembers what the registry said lately. A message is compared with every view that it may have been made under:
// who changes a binding while somebody signs in has done nothing wrong, and neither has the gateway.
type views struct {
	last atomic.Pointer[registry.Snapshot]
	mu   sync.Mutex
	seen []seen // oldest first
}

type seen struct {
	view *registry.Snapshot
	from time.Time
}

// How much is remembered.
const (
	longest  = 2 * time.Minute
	mostSeen = 64
)

// note keeps a view. It costs one comparison when the view is still the last one.
func (v *views) note(s *registry.Snapshot, now time.Time) (fresh bool) {
	if s == nil || v.last.Load() == s {
		return false
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.last.Load() == s || len(v.seen) > 0 && s.Revision() < v.seen[len(v.seen)-1].view.Revision() && now.Sub(v.seen[len(v.seen)-1].from) < late {
		return false // somebody who looked earlier comes later
	}
	v.last.Store(s)
	v.seen = append(v.seen, seen{s, now})
	for len(v.seen) > mostSeen || len(v.seen) > 1 && now.Sub(v.seen[1].from) > longest {
		v.seen = v.seen[1:]
	}
	return true
}

// around lists the views that a message of a moment may rest on, the one of that moment first. There may be none.
func (v *views) around(moment time.Time) []*registry.Snapshot {
	v.mu.Lock()
	defer v.mu.Unlock()
	var out []*registry.Snapshot
	for i := len(v.seen) - 1; i >= 0; i-- {
		ended := i+1 < len(v.seen) && !v.seen[i+1].from.After(moment.Add(-late))
		if ended && len(out) > 0 {
			break
		}
		if v.seen[i].from.After(moment.Add(late)) && i > 0 {
			continue // it was not there yet
		}
		out = append(out, v.seen[i].view)
		if ended {
			break
		}
	}
	return out
}
