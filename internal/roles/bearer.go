package roles

import (
	"slices"
	"time"

	"ecluse/internal/registry"
)

// Bearer is a caller at one moment in one state of the registry: what they hold is looked up once, for who asks about
// thousands of things. It is for one goroutine.
type Bearer struct {
	snapshot *registry.Snapshot
	now      time.Time
	caller   Caller
	stopped  bool
	tables   map[Act]rule
	held     []inRole // nil until somebody asks
	known    bool
	over     []inRole // what would be held if a delegation were not over, or had begun; likewise
	knowOver bool
}

// inRole is one role and the ways in which it is held; of several, the last is all of them together.
type inRole struct {
	role registry.Role
	ways []registry.Held
}

// NewBearer is the caller at now.
func NewBearer(s *registry.Snapshot, now time.Time, c Caller) *Bearer {
	return &Bearer{snapshot: s, now: now, caller: c, stopped: s.Stopped(registry.StopHolder, c.Handle)}
}

// May is the package's May.
func (b *Bearer) May(act Act, on Target) (Capacity, error) {
	table := b.table(effective(act, on))
	c := &b.caller
	denied := func(why string) (Capacity, error) {
		return Capacity{}, &Denied{Act: act, Why: why, Who: who(table)}
	}
	switch {
	case len(table) == 0 || (c.Handle == "" && !c.Demo):
		return denied("role")
	case !c.scoped(act):
		return denied("token")
	case c.Demo:
		return demoCapacity(table, on), nil
	case b.stopped:
		return denied("suspended")
	}
	q := inquiry{snapshot: b.snapshot, now: b.now, handle: c.Handle, act: act, on: on}
	capacity, why := q.find(table, b.holds())
	switch {
	case why != "":
		if _, still := q.find(table, b.wouldHold()); still == "" {
			why = "delegation_over"
		}
		return denied(why)
	case ownAct(act, *c, on):
		return denied("own_act")
	}
	return capacity, nil
}

func (b *Bearer) table(act Act) rule {
	table, known := b.tables[act]
	if !known {
		if b.tables == nil {
			b.tables = map[Act]rule{}
		}
		table = policy(act)
		b.tables[act] = table
	}
	return table
}

func (b *Bearer) holds() []inRole {
	if !b.known {
		b.held, b.known = byRole(Holds(b.snapshot, b.now, b.caller)), true
	}
	return b.held
}

func (b *Bearer) wouldHold() []inRole {
	if !b.knowOver {
		b.over, b.knowOver = byRole(slices.DeleteFunc(all(b.snapshot, b.caller), func(h registry.Held) bool {
			return h.Role != registry.Deputy || b.now.Before(h.Until)
		})), true
	}
	return b.over
}

// byRole puts what is held together, in the table's order.
func byRole(held []registry.Held) []inRole {
	var out []inRole
	for _, role := range registry.Roles() {
		in := inRole{role: role}
		for _, h := range held {
			if h.Role == role {
				in.ways = append(in.ways, h)
			}
		}
		if len(in.ways) > 1 {
			in.ways = append(in.ways, together(in.ways))
		}
		if len(in.ways) > 0 {
			out = append(out, in)
		}
	}
	return out
}
