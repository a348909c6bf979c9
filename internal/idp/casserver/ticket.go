package casserver

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"ecluse/internal/store"
)

// What is stored: one record for each ticket, and a mark for each that was shown, so that a second showing can be told
// from a guess.
const (
	kindTicket store.Kind = "cas-ticket"
	kindShown  store.Kind = "cas-shown"
)

// memory is how long a ticket is remembered after it was made: it serves nobody then, but it is known to be late or
// shown again.
const memory = 10 * time.Minute

const (
	ticketPrefix = "ST-"
	maxTicket    = 256 // CAS Protocol 3.1.1 wants no more to be accepted
)

// issued is what a ticket stands for.
type issued struct {
	Service string    `json:"service"` // the address, letter for letter
	Owner   string    `json:"owner"`   // the service's id
	Handle  string    `json:"handle"`
	Resume  string    `json:"resume"`
	New     bool      `json:"new,omitempty"` // the person proved who they are for this very sign-in
	Until   time.Time `json:"until"`
}

// String shows nothing that could be used.
func (i issued) String() string { return "[cas ticket]" }

// GoString shows what String shows.
func (i issued) GoString() string { return i.String() }

// LogValue shows what String shows.
func (i issued) LogValue() slog.Value { return slog.StringValue(i.String()) }

// issue makes a ticket of 130 random bits, and the record of it that has to be in the store before the ticket leaves.
func (s *Server) issue(what issued) (ticket string, record store.Op, err error) {
	value, err := json.Marshal(what)
	if err != nil {
		return "", store.Op{}, fmt.Errorf("ticket: %w", err)
	}
	ticket = ticketPrefix + rand.Text()
	return ticket, store.Op{Do: store.Create, Ticket: store.Ticket{Kind: kindTicket, Name: ticket, Value: value, Expires: s.cfg.Now().Add(memory)}}, nil
}

// vain is why a ticket is good for nothing.
type vain struct{ why string }

func (v *vain) Error() string { return "ticket: " + v.why }

// take takes a ticket away and says what it stood for. Of several who show it at once exactly one gets it. The error is a
// *vain for a ticket that serves nobody; what it stood for comes beside it where that is known.
func (s *Server) take(ctx context.Context, ticket string) (issued, error) {
	if !strings.HasPrefix(ticket, ticketPrefix) || len(ticket) > maxTicket {
		return issued{}, &vain{"not_a_ticket"}
	}
	record, err := s.cfg.Tickets.Take(ctx, kindTicket, ticket)
	if errors.Is(err, store.ErrNotFound) {
		return s.shown(ctx, ticket)
	}
	if err != nil {
		return issued{}, fmt.Errorf("ticket: %w", err)
	}
	var what issued
	if err := json.Unmarshal(record.Value, &what); err != nil {
		return issued{}, fmt.Errorf("ticket: %w", err)
	}
	mark := store.Ticket{Kind: kindShown, Name: ticket, Value: []byte(what.Owner), Expires: s.cfg.Now().Add(memory)}
	if err := s.cfg.Tickets.Put(ctx, mark); err != nil {
		return what, fmt.Errorf("ticket: %w", err)
	}
	if !s.cfg.Now().Before(what.Until) {
		return what, &vain{"late"}
	}
	return what, nil
}

// shown tells a ticket that was shown before from one that never was.
func (s *Server) shown(ctx context.Context, ticket string) (issued, error) {
	mark, err := s.cfg.Tickets.Get(ctx, kindShown, ticket)
	switch {
	case err == nil:
		return issued{Owner: string(mark.Value)}, &vain{"shown_before"}
	case errors.Is(err, store.ErrNotFound):
		return issued{}, &vain{"unknown"}
	default:
		return issued{}, fmt.Errorf("ticket: %w", err)
	}
}
