package login

import (
	"context"
	"net/http"

	"ecluse/internal/idp"
)

// Leave asks whoever is there whether they want to leave.
func (f *Flow) Leave(w http.ResponseWriter, r *http.Request, _ idp.Leaving) error {
	return f.askSignOut(w, r)
}

// End finds nothing: no participant is found without a browser yet.
func (f *Flow) End(context.Context, idp.Leaving) (idp.Outcome, error) { return idp.Outcome{}, nil }

// Told shows the page that ends a session.
func (f *Flow) Told(w http.ResponseWriter, r *http.Request, _ string, _ bool) error {
	return f.askSignOut(w, r)
}
