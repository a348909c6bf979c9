package web

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
)

// Form reads the body of a posted form, and only the body: the query is not mixed in. Unlike r.PostFormValue it says
// when the body is too large, broken or of another kind; handlers return its error as it is.
func Form(r *http.Request) (url.Values, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, BadRequest(errors.New("form: the body is no form"))
	}
	if err := r.ParseForm(); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return nil, TooLarge(fmt.Errorf("form: %w", err))
		}
		return nil, BadRequest(errors.New("form: the query or the body is badly escaped"))
	}
	return r.PostForm, nil
}
