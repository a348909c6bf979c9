package samlsp

import (
	"context"
	"time"

	"ecluse/internal/upstream"
	"ecluse/internal/web"
)

// Refresh asks for newer metadata now, as the clock does from time to time, and gives how long to wait for the next time.
func (c *Connector) Refresh(ctx context.Context) time.Duration { return c.theirs.once(ctx) }

// AnswersAt moves the address of answers, for messages that were written for another one.
func (c *Connector) AnswersAt(address string) { c.ours.acs = address }

// Still is Mount without a clock: metadata is refreshed when a test says so.
func (c *Connector) Still(mux *web.Mux, prefix string, host upstream.Host) {
	c.routes(mux, prefix, host)
}
