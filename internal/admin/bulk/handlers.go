package bulk

import (
	"net/http"
	"net/url"
	"time"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// show is the form, filled from the address.
func show(w http.ResponseWriter, v *frame.Visit) error {
	if !acts(v) {
		return denied()
	}
	a := read(v, v.Query)
	return formed(w, v, a, frame.Wrong{})
}

// denied is for somebody whose roles act nowhere.
func denied() error {
	return &roles.Denied{Act: roles.Enable, Why: "role", Who: []registry.Role{
		registry.Directeur, registry.IEN, registry.HeadOfSchool, registry.Deputy, registry.DASEN, registry.Recteur, registry.DPO, registry.OnCall,
	}}
}

// preview shows what the act would do, or the form again with all that stands against it.
func preview(w http.ResponseWriter, v *frame.Visit) error {
	a, o, err := posted(v)
	if wrong, ok := v.Wrong(err); ok {
		return formed(w, v, a, wrong)
	}
	if err != nil {
		return err
	}
	return previewed(w, v, http.StatusOK, a, o, false)
}

func posted(v *frame.Visit) (asked, outlook, error) {
	f, err := v.Form()
	if err != nil {
		return asked{}, outlook{}, err
	}
	if !acts(v) {
		return asked{}, outlook{}, denied()
	}
	a := read(v, f.Get)
	o, err := a.foresee(v)
	return a, o, err
}

// confirm does the act, where it still would do what was shown.
func confirm(w http.ResponseWriter, v *frame.Visit) error {
	a, o, err := posted(v)
	if err == nil && (a.moved(o) || o.Done == 0) {
		return previewed(w, v, http.StatusConflict, a, o, o.Done > 0)
	}
	var done desk.Report
	if err == nil {
		done, err = a.do(v, o)
	}
	if wrong, ok := v.Wrong(err); ok {
		return formed(w, v, a, wrong)
	}
	if err != nil {
		return err
	}
	return v.Redirect(w, fait(a.Act, moment(v, a, done.UAIs, o)))
}

func fait(act string, at time.Time) string {
	return Home + "/fait?" + url.Values{"acte": {act}, "moment": {at.UTC().Format(time.RFC3339Nano)}}.Encode()
}

// moment is when an act was done, as the register says it.
func moment(v *frame.Visit, a asked, uais []person.UAI, o outlook) time.Time {
	s, err := v.Live.Current()
	if err != nil || len(uais) == 0 {
		return v.Now
	}
	service := a.Service
	if a.Act == attests {
		service = o.papers[0].Service
		uais = []person.UAI{o.papers[0].UAI}
	}
	e, _ := s.Enabling(service, uais[0])
	return e.Since
}
