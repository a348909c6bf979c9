package login

import (
	"crypto/sha256"
	"sync"

	"ecluse/internal/store"
)

// mostMarks bounds what is remembered of marks: some hundred kilobytes.
const mostMarks = 2048

// marks remembers of which requests this replica knows that their mark is written, so that whoever sends one again and again
// costs no signature each time. It is never asked whether a request is new: what it does not know is for the write to say, and
// what it forgets costs that signature.
type marks struct {
	mu    sync.Mutex
	known map[[16]byte]struct{}
	ring  [][16]byte // in the order in which they came
	next  int
}

func markName(t store.Ticket) (name [16]byte) {
	sum := sha256.Sum256([]byte(string(t.Kind) + " " + t.Name))
	copy(name[:], sum[:])
	return name
}

// wrote takes a mark that is in the store.
func (m *marks) wrote(t store.Ticket) {
	name := markName(t)
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, known := m.known[name]; known {
		return
	}
	if m.known == nil {
		m.known = map[[16]byte]struct{}{}
	}
	if len(m.ring) < mostMarks {
		m.ring = append(m.ring, name)
	} else {
		delete(m.known, m.ring[m.next])
		m.ring[m.next] = name
		m.next = (m.next + 1) % mostMarks
	}
	m.known[name] = struct{}{}
}

// has tells whether a mark is known to be in the store.
func (m *marks) has(t store.Ticket) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, known := m.known[markName(t)]
	return known
}
