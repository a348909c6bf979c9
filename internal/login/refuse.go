package login

import (
	"context"
	"net/http"

	"ecluse/internal/audit"
	"ecluse/internal/idp"
	"ecluse/internal/person"
	"ecluse/internal/web"
)

// fail marks the transaction as failed, journals why, and refuses.
func (f *Flow) fail(w http.ResponseWriter, r *http.Request, t *transaction, v view, why *failure) error {
	t.Failure = why
	return f.refuse(w, r, t, v)
}

// refuse shows our page first; the page's way back carries the protocol's error to the registered return address. A
// passive request gets that error at once.
func (f *Flow) refuse(w http.ResponseWriter, r *http.Request, t *transaction, v view) error {
	if !t.Refused {
		t.Refused = true
		f.Meter.Decision("refused", t.Failure.Code)
		var who person.Person
		if v.session != nil {
			who = v.session.Person
		}
		f.journalRefusal(r.Context(), t.Ref, t.Request, who, t.Failure.Code, false)
	}
	if t.Request.Passive || t.Back {
		return f.sendBack(w, r, t, v)
	}
	if err := f.save(r.Context(), t); err != nil {
		return err
	}
	return f.renderRefusal(w, r, t, v)
}

// journalRefusal keeps why somebody was refused. A refusal lets nothing out, so it stands even when the journal does not
// answer: that is logged instead.
func (f *Flow) journalRefusal(ctx context.Context, ref string, request idp.Request, who person.Person, reason string, later bool) {
	e := audit.Entry{
		Class: audit.ClassSignIn, Action: "refusal", Outcome: audit.Refused, Reason: reason, Ref: ref,
		Service: request.ServiceID, Protocol: request.Protocol, Source: who.Authn.Source,
	}
	if later {
		e.Action = "refusal.later"
	}
	if !who.Key.IsZero() {
		e.Subject = f.journalSubject(who.Key, request.ServiceID)
	}
	if _, err := f.Journal.Append(ctx, e); err != nil {
		f.Log.ErrorContext(ctx, "a refusal could not be journaled", "ref", ref, "reason", reason, "error", err)
	}
}

func (f *Flow) backAsked(_ *http.Request, t *transaction, _ view) error {
	t.Back = true
	if t.Failure == nil {
		t.Failure = &failure{Kind: idp.Denied, Code: "refused_by_person"}
	}
	return nil
}

// sendBack carries the protocol's error to the service.
func (f *Flow) sendBack(w http.ResponseWriter, r *http.Request, t *transaction, v view) error {
	if t.Page != "" {
		return f.showPage(w, r, t)
	}
	protocol, ok := f.Protocols[t.Request.Protocol]
	if !ok {
		return web.NotFound(errGone)
	}
	handoff, err := protocol.Refuse(r.Context(), t.Request, idp.Failure{Kind: t.Failure.Kind, Ref: t.Ref})
	if err != nil {
		return err
	}
	if handoff.Empty() {
		return gone(errGone)
	}
	return f.handOff(w, r, t, handoff, frame(t, v))
}
