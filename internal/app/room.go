package app

import (
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	rt "runtime/metrics"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

const (
	roomLook    = 100 * time.Millisecond // how old what is known of the memory may be
	roomCollect = time.Second            // between two collections that nobody but us asks for
	roomFull    = 85                     // percent of the limit: above it the collector hardly does anything else any more
	roomOfAll   = 80                     // percent of what the system allows: the database's own memory is not the runtime's
)

// room tells when the memory limit (GOMEMLIMIT) is nearly used up by what is still needed, so that requests are refused
// with a page before the system ends the process. Without a limit there is always room. It is safe for concurrent use.
type room struct {
	looked, collected atomic.Int64 // when, in nanoseconds
	full              atomic.Bool
}

// Full tells whether no other request should be taken on. It answers at once.
func (r *room) Full() bool {
	now, last := time.Now().UnixNano(), r.looked.Load()
	if now-last >= int64(roomLook) && r.looked.CompareAndSwap(last, now) {
		r.look(now)
	}
	return r.full.Load()
}

func (r *room) look(now int64) {
	used, limit := memory()
	full := limit < math.MaxInt64 && used > limit/100*roomFull
	r.full.Store(full)
	// Where nothing is taken on, nothing is allocated, and nothing would ever be found to have become free.
	if last := r.collected.Load(); full && now-last >= int64(roomCollect) && r.collected.CompareAndSwap(last, now) {
		go runtime.GC()
	}
}

// memory gives what the last collection left and what the runtime has beside it (stacks, tables), and the limit on all.
func memory() (used, limit uint64) {
	s := []rt.Sample{
		{Name: "/gc/gomemlimit:bytes"},
		{Name: "/gc/heap/live:bytes"},
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"},
		{Name: "/memory/classes/heap/free:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
	}
	rt.Read(s)
	beside := s[2].Value.Uint64()
	for _, heap := range s[3:] {
		beside -= min(beside, heap.Value.Uint64())
	}
	return s[1].Value.Uint64() + beside, s[0].Value.Uint64()
}

// limitMemory has the runtime keep below what the system allows this process, where nobody gave GOMEMLIMIT.
func limitMemory() {
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	of, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return // another system
	}
	said, err := os.ReadFile(filepath.Join("/sys/fs/cgroup", groupOf(string(of)), "memory.max"))
	if err != nil {
		return // no limit
	}
	if limit := roomWithin(string(said)); limit > 0 {
		debug.SetMemoryLimit(limit)
	}
}

// groupOf is the path of this process's control group, as /proc/self/cgroup lists it for version 2: / in a container, the
// unit's under systemd.
func groupOf(listed string) string {
	for line := range strings.Lines(listed) {
		if path, ok := strings.CutPrefix(line, "0::"); ok {
			return strings.TrimSuffix(path, "\n")
		}
	}
	return "/"
}

// roomWithin is our part of a limit as control groups write it ("max" for none); 0 for none.
func roomWithin(said string) int64 {
	all, err := strconv.ParseInt(strings.TrimSpace(said), 10, 64)
	if err != nil || all <= 0 {
		return 0
	}
	return all / 100 * roomOfAll
}
