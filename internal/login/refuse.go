package login

import (
	"context"
	"net/http"
	"slices"

	"ecluse/internal/audit"
	"ecluse/internal/idp"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/web"
)

// fail marks the transaction as failed, journals why, and refuses.
func (f *Flow) fail(w http.ResponseWriter, r *http.Request, t *transaction, v view, why *failure) error {
	if err := f.once(r.Context(), t); err != nil {
		return err
	}
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
		f.journalRefusal(r.Context(), t.Ref, t.Request, who, t.Failure.Code, false, refusedAt(who, t.Failure.Refusal))
	}
	if t.Request.Passive || t.Back {
		return f.sendBack(w, r, t, v)
	}
	if err := f.save(r.Context(), t); err != nil {
		return err
	}
	return f.renderRefusal(w, r, t, v)
}

// refusedAt is the establishment for which somebody was refused, where it is theirs: whoever answers for it may read why. What
// a request names and the person does not belong to is in nobody's journal.
func refusedAt(who person.Person, why *policy.Refusal) person.UAI {
	belongs := func(a person.Affiliation) bool { return a.UAI == why.UAI && a.Profile != person.Guardian }
	if why == nil || !slices.ContainsFunc(who.Affiliations, belongs) {
		return ""
	}
	return why.UAI
}

// journalRefusal keeps why somebody was refused. A refusal lets nothing out, so it stands even when the journal does not
// answer: that is logged instead.
func (f *Flow) journalRefusal(ctx context.Context, ref string, request idp.Request, who person.Person, reason string, later bool, at person.UAI) {
	e := audit.Entry{
		Class: audit.ClassSignIn, Action: "refusal", Outcome: audit.Refused, Reason: reason, Ref: ref,
		Service: request.ServiceID, Protocol: request.Protocol, Source: who.Authn.Source, UAI: string(at),
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
