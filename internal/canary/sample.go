package canary

import (
	"crypto/sha256"
	"encoding/json"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"ecluse/internal/registry"
)

// sampler says which messages are looked at: a share of all, and the first ones of each service, binding and version after
// each change of what is registered about them and after each start of the program. A new mapping is where mistakes are.
type sampler struct {
	share float64
	first int64

	mu    sync.RWMutex
	lines map[line]*counted
}

// line is one kind of message: what comes of one binding under one version.
type line struct {
	protocol, handle, service, declaration string
	version                                int
}

type counted struct {
	left  atomic.Int64 // how many of the first ones are still to come
	print [sha256.Size]byte
}

// mostLines bounds the lines that are remembered; beyond it all begin again.
const mostLines = 20_000

func newSampler(share float64, first int) *sampler {
	return &sampler{share: share, first: int64(first), lines: map[line]*counted{}}
}

// wants decides about one message. It allocates nothing but for the first message of a line.
func (s *sampler) wants(l line, view *registry.Snapshot) bool {
	s.mu.RLock()
	c := s.lines[l]
	s.mu.RUnlock()
	if c == nil {
		c = s.open(l, view)
	}
	if c.left.Load() > 0 && c.left.Add(-1) >= 0 {
		return true
	}
	return s.share >= 1 || s.share > 0 && rand.Float64() < s.share
}

func (s *sampler) open(l line, view *registry.Snapshot) *counted {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.lines[l]; c != nil {
		return c
	}
	if len(s.lines) >= mostLines {
		clear(s.lines)
	}
	c := &counted{print: l.print(view)}
	c.left.Store(s.first)
	s.lines[l] = c
	return c
}

// refresh begins every line again whose service or binding has changed.
func (s *sampler) refresh(view *registry.Snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for l, c := range s.lines {
		if now := l.print(view); now != c.print {
			c.print = now
			c.left.Store(s.first)
		}
	}
}

// print is a fingerprint of what is registered about a line: a suspension that was lifted changes it, too.
func (l line) print(view *registry.Snapshot) (sum [sha256.Size]byte) {
	service, _ := view.Service(l.service)
	for _, b := range service.Bindings {
		if b.Protocol != l.protocol || b.Handle != l.handle {
			continue
		}
		text, err := json.Marshal(struct {
			Binding   registry.Binding
			Narrow    registry.Mode
			Decisions int
		}{b, service.Narrow, len(service.Decisions)})
		if err == nil {
			sum = sha256.Sum256(text)
		}
	}
	return sum
}
