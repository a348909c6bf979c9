package federation

import (
	"context"
	"sync"
	"time"
)

// firstMoment is how long after a start somebody waits for what was never had yet and is on its way, instead of being refused.
const firstMoment = 5 * time.Second

// moment is the first attempt at something, in the first moment of a gateway. Its zero value is over.
type moment struct {
	over  <-chan struct{}
	tried chan struct{}
	once  sync.Once
}

// begin says until when the moment lasts; nobody else uses it yet.
func (m *moment) begin(ctx context.Context) { m.over, m.tried = ctx.Done(), make(chan struct{}) }

// end is called behind each attempt; the first one counts.
func (m *moment) end() {
	if m.tried != nil {
		m.once.Do(func() { close(m.tried) })
	}
}

// wait waits for the first attempt, or until the moment is over.
func (m *moment) wait() {
	if m.tried == nil {
		return
	}
	select {
	case <-m.tried:
	case <-m.over:
	}
}
