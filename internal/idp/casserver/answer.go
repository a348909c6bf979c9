package casserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"ecluse/internal/idp"
	"ecluse/internal/store"
)

// Answer makes a ticket for a cleared release and sends the browser back with it. The ticket says nothing; what the
// release says is decided again when the service shows it.
func (s *Server) Answer(_ context.Context, request idp.Request, answered idp.Answered) (idp.Handoff, idp.Participant, error) {
	handoff, participant, err := s.answer(request, answered)
	if err != nil {
		return idp.Handoff{}, idp.Participant{}, fmt.Errorf("answer to service %s: %w", request.Handle, err)
	}
	return handoff, participant, nil
}

func (s *Server) answer(request idp.Request, answered idp.Answered) (h idp.Handoff, who idp.Participant, err error) {
	release := answered.Cleared.Release()
	if answered.Cleared.Empty() || request.ServiceID == "" || release.Service().ID != request.ServiceID || answered.Resume == "" {
		return h, who, errors.New("nothing was cleared for it")
	}
	var a asked
	if err := json.Unmarshal(request.State, &a); err != nil {
		return h, who, err
	}
	p, err := s.of(release.Service(), request.Handle)
	if err != nil {
		return h, who, err
	}
	if !p.knows(a.Service, s.cfg.Development) {
		return h, who, errors.New("its address is no longer registered")
	}
	end := s.cfg.Now().Add(p.settings.life())
	if release.NotAfter().Before(end) {
		end = release.NotAfter()
	}
	at := release.Authn().At
	ticket, record, err := s.issue(issued{
		Service: a.Service, Owner: request.ServiceID, Handle: request.Handle, Resume: answered.Resume, Until: end,
		New: request.Fresh || !at.IsZero() && !at.Before(a.At),
	})
	if err != nil {
		return h, who, err
	}
	if who, err = participant(request, session{Ticket: ticket, Service: a.Service}); err != nil {
		return h, who, err
	}
	if h, err = a.handoff(ticket, s.cfg.Development); err != nil {
		return h, who, err
	}
	h.Before = []store.Op{record}
	return h, who, nil
}

// Refuse sends the browser back without a ticket, which is all that CAS can say (CAS Protocol 2.1.1, gateway). A request
// without an address gives the zero Handoff.
func (s *Server) Refuse(_ context.Context, request idp.Request, _ idp.Failure) (idp.Handoff, error) {
	if len(request.State) == 0 {
		return idp.Handoff{}, nil
	}
	var a asked
	if err := json.Unmarshal(request.State, &a); err != nil {
		return idp.Handoff{}, fmt.Errorf("refusal to service %s: %w", request.Handle, err)
	}
	return idp.Handoff{Location: a.Service}, nil
}

// handoff carries a ticket to the address that was asked for, in the way that was asked for (2.2.4).
func (a asked) handoff(ticket string, local bool) (idp.Handoff, error) {
	if a.Post {
		return idp.Handoff{Action: a.Service, Fields: []idp.Field{{Name: "ticket", Value: ticket}}}, nil
	}
	to, err := parseAddress(a.Service, local)
	if err != nil {
		return idp.Handoff{}, err
	}
	return idp.Handoff{Location: to.with("ticket", ticket)}, nil
}
