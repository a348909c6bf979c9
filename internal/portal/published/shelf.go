package published

import (
	"sync"
	"time"

	"ecluse/internal/web"
)

// shelf holds documents that were made for one revision of the register. The zero shelf is empty; it is safe for concurrent
// use. A place that is asked for twice at once may be made twice.
type shelf struct {
	mu   sync.Mutex
	made map[key]kept
}

// key names a document: an address in a language, of a revision.
type key struct {
	address  string
	revision int64
}

type kept struct {
	web.Document
	until time.Time
}

// How long a document holds, as days begin and declarations end in the night, and how much the shelf holds.
const (
	holds    = 15 * time.Minute
	mostKept = 400
)

// get gives the document of a key, made now where there is none.
func (s *shelf) get(k key, now time.Time, mk func() (web.Document, error)) (web.Document, error) {
	s.mu.Lock()
	found, ok := s.made[k]
	s.mu.Unlock()
	if ok && now.Before(found.until) {
		return found.Document, nil
	}
	d, err := mk()
	if err != nil {
		return web.Document{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.made == nil || len(s.made) >= mostKept {
		s.made = map[key]kept{} // also of revisions that are past
	}
	s.made[k] = kept{d, now.Truncate(holds).Add(holds)}
	return d, nil
}
