package login

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/web"
)

// places lists where this person may enter this service now, narrowed by the establishment that a hint names. The
// choice is made for each issuance and never kept beyond it.
func (f *Flow) places(t *transaction, v view) []policy.Place {
	open := policy.Places(v.snapshot, f.Now(), v.session.Person, t.Request.ServiceID)
	if uai := t.hintedUAI(); uai != "" {
		open = slices.DeleteFunc(open, func(p policy.Place) bool { return p.UAI != uai })
	}
	return open
}

// choosePlace skips the page when there is nothing to choose.
func (f *Flow) choosePlace(w http.ResponseWriter, r *http.Request, t *transaction, v view) error {
	open := f.places(t, v)
	switch {
	case len(open) == 0:
		return f.fail(w, r, t, v, denied(f.whyNowhere(t, v)))
	case len(open) == 1:
		t.Place = &open[0]
		return f.charter(w, r, t, v)
	case t.Request.Passive:
		return f.refusePassive(w, r, t, v)
	}
	if err := f.save(r.Context(), t); err != nil {
		return err
	}
	return f.renderPlaces(w, r, t, v, open)
}

// whyNowhere explains the establishment that a hint names, or else the one that came furthest through the gate.
func (f *Flow) whyNowhere(t *transaction, v view) error {
	p := v.session.Person
	if uai := t.hintedUAI(); uai != "" {
		p.Affiliations = slices.DeleteFunc(slices.Clone(p.Affiliations), func(a person.Affiliation) bool { return a.UAI != uai })
		if len(p.Affiliations) == 0 {
			return &policy.Refusal{Reason: policy.NotMember, Service: t.Request.ServiceID, UAI: uai}
		}
	}
	return policy.Why(v.snapshot, f.Now(), p, t.Request.ServiceID)
}

func (f *Flow) placeChosen(r *http.Request, t *transaction, v view) error {
	if v.session == nil {
		return nil // signed out in another tab: the dispatcher starts over
	}
	i, err := strconv.Atoi(r.PostFormValue("place"))
	open := f.places(t, v)
	if err != nil || i < 0 || i >= len(open) {
		return web.BadRequest(errors.New("a place that is not offered"))
	}
	if !f.Keys.CheckMAC(r.PostFormValue("which"), "login place", t.ID, v.session.ID, placeKey(open[i])) {
		return nil // the list changed meanwhile, or somebody else was shown it: the chooser is shown again
	}
	t.Place = &open[i]
	return nil
}

// placeKey names a place unmistakably; it leaves this process only under a MAC.
func placeKey(p policy.Place) string {
	return string(p.UAI) + " " + string(p.Profile) + " " + p.Child.Authority + " " + p.Child.ID
}
