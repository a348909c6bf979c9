package login

import (
	"fmt"
	"sync"
	"testing"

	"ecluse/internal/store"
)

func TestMarksAreRememberedInABoundedRoomTheOldestLeaveFirst(t *testing.T) {
	t.Parallel()
	var m marks
	mark := func(i int) store.Ticket { return store.Ticket{Kind: "mark", Name: fmt.Sprint(i)} }
	var all sync.WaitGroup
	for i := range mostMarks {
		all.Go(func() {
			m.wrote(mark(i))
			m.wrote(mark(i))
		})
	}
	all.Wait()
	for i := range mostMarks {
		if !m.has(mark(i)) {
			t.Fatalf("%d is forgotten", i)
		}
	}
	first := m.ring[0]
	m.wrote(mark(mostMarks))
	if _, there := m.known[first]; there || !m.has(mark(mostMarks)) {
		t.Error("the oldest stays, or the newest is not there")
	}
	for i := range 3 * mostMarks {
		m.wrote(mark(mostMarks + i))
	}
	if len(m.known) != mostMarks || len(m.ring) != mostMarks || !m.has(mark(4*mostMarks-1)) || m.has(mark(3*mostMarks-1)) {
		t.Errorf("%d are known", len(m.known))
	}
	if m.has(store.Ticket{Kind: "other", Name: mark(4*mostMarks - 1).Name}) || (&marks{}).has(mark(0)) {
		t.Error("something is known that was never written")
	}
}
