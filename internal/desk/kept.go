package desk

import (
	"sync"
	"time"

	"ecluse/internal/registry"
)

// keptFor is for how long what was seen of a version is shown in a list without another look. What a service's metadata asks
// for may change meanwhile, and somebody's office end; a change of the registry ends it at once.
const keptFor = 5 * time.Minute

// kept is what close looks at versions told in one state of the registry: to examine one among thousands of services takes
// milliseconds, and a list asks about many. Lists alone read it; whoever decides has the version examined anew.
type kept struct {
	mu       sync.Mutex
	revision int64
	since    time.Time
	seen     map[Ref]sighted
}

// lately is sight, or what it gave a moment ago in the same state of the registry. Callers must not change what is in it.
func (d *Desk) lately(t *turn, v registry.Declaration) sighted {
	ref, k := Ref{v.ID, v.Version}, &d.kept
	k.mu.Lock()
	if k.revision != t.Revision() || t.now.Before(k.since) || !t.now.Before(k.since.Add(keptFor)) {
		k.revision, k.since, k.seen = t.Revision(), t.now, map[Ref]sighted{}
	}
	seen, known := k.seen[ref]
	into := k.seen
	k.mu.Unlock()
	if known {
		return seen
	}
	seen = d.sight(t, v)
	k.mu.Lock()
	into[ref] = seen
	k.mu.Unlock()
	return seen
}
