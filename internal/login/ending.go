package login

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/idp"
	"ecluse/internal/store"
	"ecluse/internal/web"
)

const (
	// longestTelling bounds how long services are waited for that are told of a sign-out: somebody waits for the page.
	longestTelling = 3 * time.Second
	// tellingGrace is for a protocol that gives up in time and has to say so.
	tellingGrace = time.Second
	// mostVisits bounds how many services a browser visits, or loads in frames, at one sign-out.
	mostVisits = 50
)

// fate is what became of one session at a service.
type fate string

const (
	fateClosed  fate = "closed"  // it said so
	fateUnsaid  fate = "unsaid"  // it was told, in a frame, and has no way to say
	fateQueued  fate = "queued"  // it did not answer, and is told again
	fateOpen    fate = "open"    // it could not be told, or said no
	fateWaiting fate = "waiting" // the browser has to go there
	fateVisited fate = "visited" // it went, and has not come back
)

// parting is the end of one session at a service.
type parting struct {
	Protocol string      `json:"protocol"`
	Service  string      `json:"service"`
	Word     string      `json:"word,omitempty"` // the secret name of this attempt
	Fate     fate        `json:"fate"`
	To       idp.Handoff `json:"to,omitzero"` // where the browser goes, or what a frame loads
}

// cause is why a session ended, when nobody merely left: a word for the journal, and the reference of the page that led there.
type cause struct{ Reason, Ref string }

// over ends a session and every right to later answers that came from it, and gives it as it was at its end: whoever gets it
// is the one who tells the services. It is nil for whoever came second. As long as it is there, what could not be ended can be
// tried again.
func (f *Flow) over(ctx context.Context, s *session) (*session, error) {
	if err := f.end(ctx, s.Grants); err != nil {
		return nil, err
	}
	ticket, err := f.Tickets.Take(ctx, kindSession, s.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	last := &session{}
	if err := json.Unmarshal(ticket.Value, last); err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	last.ID, last.ticket = s.ID, ticket
	late := slices.DeleteFunc(slices.Clone(last.Grants), func(id string) bool { return slices.Contains(s.Grants, id) })
	if err := f.end(ctx, late); err != nil { // another tab was given one meanwhile
		return nil, errors.Join(err, f.Tickets.Put(ctx, ticket))
	}
	return last, nil
}

// leave ends a session for whoever sits at its browser, and tells the services: those that can be told from here at once, the
// others are on the way out. It is nil when it was over already. Nobody is told that it is over while it is not.
func (f *Flow) leave(r *http.Request, s *session, why cause, by idp.Leaving) (*wayOut, error) {
	last, err := f.over(r.Context(), s)
	if err != nil {
		return nil, web.Unavailable(err)
	}
	if last == nil {
		return nil, nil
	}
	f.journalSignOut(r.Context(), last, why, by)
	return f.parted(r, last, by), nil
}

// parted tells the services of a session that is over, and gives what is left to do.
func (f *Flow) parted(r *http.Request, last *session, by idp.Leaving) *wayOut {
	out := &wayOut{Around: f.signOutFrame(last), Shared: last.Shared || f.passesOn(r, last)}
	out.Around.SignOut = ""
	out.Partings = f.tell(r.Context(), last.Participants, by, true)
	return out
}

// passesOn tells whether somebody else will sit down at the device of a session.
func (f *Flow) passesOn(r *http.Request, s *session) bool {
	snapshot, err := f.Live.Current()
	if err != nil {
		snapshot = f.seen.last()
	}
	return snapshot != nil && f.shared(r, snapshot, s.Entry, s)
}

// journalSignOut keeps that a session ended, and which service asked for it: by its id, and nothing of what it said.
func (f *Flow) journalSignOut(ctx context.Context, s *session, why cause, by idp.Leaving) {
	e := audit.Entry{
		Class: audit.ClassSignIn, Action: "sign_out", Outcome: audit.Done, Reason: why.Reason, Ref: why.Ref,
		Subject: f.journalSubject(s.Person.Key, by.ServiceID), Source: s.Person.Authn.Source,
	}
	if by.ServiceID != "" {
		e.Reason, e.Service, e.Protocol = "asked_by_service", by.ServiceID, by.Protocol
	}
	if _, err := f.Journal.Append(ctx, e); err != nil {
		f.Log.ErrorContext(ctx, "a sign-out could not be journaled", "error", err)
	}
}

// tell tells the services of a session that it is over, side by side. Whoever asked for it knows. Without a browser only those
// are told that need none. What is not known to be closed is said to be open, and a browser that goes away stops nothing.
func (f *Flow) tell(ctx context.Context, participants []idp.Participant, by idp.Leaving, browser bool) []parting {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longestTelling)
	defer cancel()
	type answer struct {
		of   int
		step idp.SignOutStep
		err  error
	}
	answers := make(chan answer, len(participants))
	out, waiting := make([]parting, len(participants)), 0
	for i, p := range participants {
		out[i] = parting{Protocol: p.Protocol, Service: p.ServiceID, Fate: fateOpen}
		if knows(by, p) {
			out[i].Fate = fateClosed
			continue
		}
		protocol, spoken := f.Protocols[p.Protocol]
		if !spoken {
			continue
		}
		if browser {
			out[i].Word = rand.Text()
		}
		waiting++
		go func(word string) {
			step, err := protocol.SignOut(ctx, p, word)
			answers <- answer{i, step, err}
		}(out[i].Word)
	}
	late := time.After(longestTelling + tellingGrace)
	for visits := 0; waiting > 0; waiting-- {
		select {
		case a := <-answers:
			if a.err != nil {
				f.Log.WarnContext(ctx, "a service could not be told of a sign-out", "service", out[a.of].Service, "error", a.err)
				continue
			}
			if f.settled(&out[a.of], a.step, browser && visits < mostVisits) {
				visits++
			}
		case <-late:
			waiting = 1
		}
	}
	for _, p := range out {
		f.countParting(p)
	}
	return out
}

// knows tells whether a service needs not be told of a sign-out, because it asked for it.
func knows(by idp.Leaving, p idp.Participant) bool {
	return !by.Tell && by.ServiceID != "" && by.ServiceID == p.ServiceID && by.Protocol == p.Protocol
}

// settled notes what a protocol said, and tells whether the browser has something to do.
func (f *Flow) settled(p *parting, step idp.SignOutStep, browser bool) bool {
	switch step.Outcome {
	case idp.Done:
		p.Fate = fateClosed
	case idp.Queued:
		p.Fate = fateQueued
	case idp.Needed:
		if browser && !step.Browser.Empty() {
			p.Fate, p.To = fateWaiting, step.Browser
			return true
		}
	case idp.Framed:
		if browser && f.frames(step.Browser.Location) != "" {
			p.Fate, p.To = fateUnsaid, step.Browser
			return true
		}
	}
	return false
}

// countParting counts what became of a session at a service, once it is known.
func (f *Flow) countParting(p parting) {
	if p.Fate != fateWaiting && p.Fate != fateVisited {
		f.Meter.SignIn(p.Protocol, "sign_out_"+string(p.Fate))
	}
}

// tellWithoutBrowser is for sessions that end while nobody looks: those services are told that need no browser.
func (f *Flow) tellWithoutBrowser(ctx context.Context, s *session) {
	if s != nil && len(s.Participants) > 0 {
		f.tell(ctx, s.Participants, idp.Leaving{}, false)
	}
}
