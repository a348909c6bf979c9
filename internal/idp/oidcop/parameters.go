package oidcop

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// parameters are those of one request, with their repetitions.
type parameters url.Values

// maxParameters bounds what is read of an address; forms are bounded by their route.
const maxParameters = 64 << 10

var errForm = errors.New("the parameters cannot be read")

// readParameters reads the query of a GET and the form of a POST, never both: a parameter has one place to come from.
func readParameters(r *http.Request) (parameters, error) {
	if r.Method != http.MethodPost {
		if len(r.URL.RawQuery) > maxParameters {
			return nil, errForm
		}
		values, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil {
			return nil, errForm
		}
		return parameters(values), nil
	}
	if !isForm(r) {
		return nil, errForm
	}
	if err := r.ParseForm(); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return nil, tooLarge
		}
		return nil, errForm
	}
	return parameters(r.PostForm), nil
}

func isForm(r *http.Request) bool {
	const form = "application/x-www-form-urlencoded"
	said := r.Header.Get("Content-Type")
	if said == form { // what nearly every client says
		return true
	}
	kind, _, err := mime.ParseMediaType(said)
	return err == nil && kind == form
}

// get gives the value of a parameter that stands once. An empty value is an absent one (RFC 6749 3.1), and so is one
// that stands twice, which sane refuses.
func (p parameters) get(name string) string {
	if v := p[name]; len(v) == 1 && sane(v[0]) {
		return v[0]
	}
	return ""
}

// list splits a space-separated value.
func (p parameters) list(name string) []string { return strings.Fields(p.get(name)) }

// spoilt names the first of the given parameters that stands twice (RFC 6749 3.1) or is no text.
func (p parameters) spoilt(names ...string) string {
	for _, name := range names {
		if v := p[name]; len(v) > 1 || (len(v) == 1 && !sane(v[0])) {
			return name
		}
	}
	return ""
}

// sane: text without NUL, since what is no UTF-8 could not be given back unchanged.
func sane(v string) bool { return utf8.ValidString(v) && !strings.Contains(v, "\x00") }
