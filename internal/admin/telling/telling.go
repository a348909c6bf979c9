// Package telling is the desk's pages with which a school tells its people of a service: the notices that are made from the
// declaration, to print or to copy into an ENT, and the record of when and how they were given.
//
// Routes:
//
//	GET   /bureau/services/{id}/notices                the readers, what was recorded, and the form; ?uai=
//	POST  /bureau/services/{id}/notices                records that a notice was given
//	GET   /bureau/services/{id}/notices/{pour}         the notice to print, on A4; ?uai= ?langue=
//	GET   /bureau/services/{id}/notices/{pour}/texte   the same as a plain text; ?uai= ?langue=
//
// What may be done is package desk's to say. A notice of which anything lacks is not shown: the page says what the
// declaration does not.
package telling

import (
	"embed"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ecluse/internal/admin/frame"
	"ecluse/internal/notice"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

//go:embed pages texts
var files embed.FS

const name = "telling"

// Pages are the pages and their texts.
func Pages() web.Contribution { return web.Contribution{Name: name, Files: files} }

const base = frame.Home + "services/{id}/notices"

// Mount adds the routes. The sheets of services lead here.
func Mount(mux *web.Mux, f *frame.Frame) {
	for _, route := range []web.Route{
		{Method: http.MethodGet, Pattern: base, Handler: f.Page(name, list)},
		{Method: http.MethodPost, Pattern: base, Handler: f.Page(name, record)},
		{Method: http.MethodGet, Pattern: base + "/{pour}", Handler: f.Page(name, one)},
		{Method: http.MethodGet, Pattern: base + "/{pour}/texte", Handler: f.Page(name, text)},
	} {
		mux.Handle(route)
	}
}

// of is the address of a service's notices in an establishment.
func of(v *frame.Visit, below string, values ...string) string {
	q := url.Values{"uai": {string(where(v))}}
	for i := 0; i+1 < len(values); i += 2 {
		q.Set(values[i], values[i+1])
	}
	return sheet(v) + "/notices" + below + "?" + q.Encode()
}

func sheet(v *frame.Visit) string {
	return frame.Home + "services/" + url.PathEscape(v.R.PathValue("id"))
}

// where is the establishment that a page is about: the named one, or the only one for which the caller records.
func where(v *frame.Visit) person.UAI {
	if uai := v.Query("uai"); uai != "" {
		return person.UAI(strings.ToUpper(uai))
	}
	var own []person.UAI
	for _, h := range v.Held {
		own = append(own, h.Over.UAIs...)
	}
	if slices.Sort(own); len(slices.Compact(own)) == 1 {
		return own[0]
	}
	return ""
}

// word is a reader in addresses.
func word(to registry.Reader) string {
	switch to {
	case registry.ReadGuardians:
		return "familles"
	case registry.ReadStaff:
		return "personnels"
	case registry.ReadCouncil:
		return "conseil"
	default:
		return "collectivite"
	}
}

func readerOf(v *frame.Visit) (registry.Reader, bool) {
	i := slices.IndexFunc(registry.Readers(), func(r registry.Reader) bool { return word(r) == v.R.PathValue("pour") })
	if i < 0 {
		return "", false
	}
	return registry.Readers()[i], true
}

func langOf(v *frame.Visit) string {
	if asked := v.Query("langue"); asked == "fr" || asked == "en" {
		return asked
	}
	return v.In()
}

func written(v *frame.Visit, to registry.Reader) (notice.Notice, []notice.Lack, error) {
	return v.Desk.Notice(v.Context(), v.Caller, notice.Ask{
		Service: v.R.PathValue("id"), School: registry.Establishment{UAI: where(v)}, To: to, Lang: langOf(v),
	})
}

type listPage struct {
	web.Frame
	Service, School string
	Choose          bool // no establishment is named
	UAI             web.Input
	ID              string
	Readers         []reader
	Form            *form
	Done            bool
	Wrong           []web.InputError
	Sheet           string
}

type reader struct {
	Name, Show, Text string
	Lacks            []string
	Given            []gave
}

type gave struct{ On, How, Office, Note, Version string }

type form struct {
	Action, School string
	To, How        web.Select
	On             web.Input
	Note           web.Input
}
