package login

import (
	"net/http"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/consent"
	"ecluse/internal/web"
)

// again is what the form says when somebody who said no wants to see the question again.
const again consent.Act = "again"

// declinedPage tells somebody that they said no, when, and that they may look at the question again. It is no question: who
// said no is not asked a second time unless they want to be.
type declinedPage struct {
	web.Frame
	Form    form
	Back    form // back to the service
	NotMe   notMe
	Service string
	At      time.Time
	Ref     string
}

func (f *Flow) renderDeclined(w http.ResponseWriter, r *http.Request, t *transaction, v view, release attrs.Release, need consent.Need) error {
	service := release.Service()
	return f.Kit.Render(w, r, http.StatusOK, "login/declined", declinedPage{
		Frame: frame(t, v), Form: f.form(t, "inform"), Back: f.form(t, "back"), Service: service.Name.In(string(f.Kit.Lang(r))),
		At: need.Declined.In(v.snapshot.Zone()), Ref: t.Ref, NotMe: f.notMe(t, v.session),
	})
}
