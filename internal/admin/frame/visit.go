package frame

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

// Visit is one request of somebody at the desk. It prints nothing of them.
type Visit struct {
	*Frame
	Who
	R        *http.Request
	Held     []registry.Held    // the roles that the caller holds now
	Snapshot *registry.Snapshot // what the registry says, for words and look-ups; what may be read of it, package desk says
	Now      time.Time          // UTC
	Lang     web.Lang

	contribution string
	failed       *error // the first text that could not be said
}

// String says that somebody is there.
func (v *Visit) String() string { return "[visit]" }

// GoString is String.
func (v *Visit) GoString() string { return v.String() }

// Context is the request's.
func (v *Visit) Context() context.Context { return v.R.Context() }

// Query is a value of the address, without the blanks around it.
func (v *Visit) Query(key string) string { return strings.TrimSpace(v.R.URL.Query().Get(key)) }

// In is the language as texts of the registry know it.
func (v *Visit) In() string { return string(v.Lang) }

// Holds tells whether the caller holds one of these roles now.
func (v *Visit) Holds(one ...registry.Role) bool {
	return slices.ContainsFunc(v.Held, func(h registry.Held) bool { return slices.Contains(one, h.Role) })
}

// May tells whether the caller may do an act; for links and buttons. The act itself asks again.
func (v *Visit) May(act roles.Act, on roles.Target) bool {
	_, err := roles.May(v.Snapshot, v.Now, v.Caller, act, on)
	return err == nil
}

// Roles are the roles that the caller holds, each once, in the table's order.
func (v *Visit) Roles() []registry.Role {
	return slices.DeleteFunc(registry.Roles(), func(r registry.Role) bool { return !v.Holds(r) })
}

// Form is a posted form.
type Form struct{ url.Values }

// Get is a value without the blanks around it.
func (f Form) Get(key string) string { return strings.TrimSpace(f.Values.Get(key)) }

// Day reads a day. What is none is the zero date, of which package desk says that it is missing.
func (f Form) Day(key string) registry.Date {
	d, err := registry.ParseDate(f.Get(key))
	if err != nil {
		return registry.Date{}
	}
	return d
}

// Form reads the posted form.
func (v *Visit) Form() (Form, error) {
	values, err := web.Form(v.R)
	return Form{values}, err
}

// Say gives a text of the page's own contribution, or of another one as "contribution/key". A text that cannot be said
// fails the page when it is rendered.
func (v *Visit) Say(key string, args ...any) string {
	if !strings.Contains(key, "/") {
		key = v.contribution + "/" + key
	}
	text, err := v.Kit.Say(v.R, web.Frame{}, key, args...)
	if err != nil && *v.failed == nil {
		*v.failed = err
	}
	return text
}

// Around is what surrounds a page: the menu, the search field, and the crumbs. Here is what the page is called, up are the
// pages above it, without the desk's first page.
func (v *Visit) Around(here string, up ...web.Tab) web.Frame {
	office := &web.Office{Search: v.search, Here: here, Crumbs: append([]web.Tab{{Label: v.Say(name + "/home"), URL: Home}}, up...)}
	for _, task := range tasks() {
		group := web.OfficeGroup{Label: v.Say(name + "/task." + string(task))}
		for _, e := range v.entries {
			if e.Task == task && v.shows(e) {
				group.Links = append(group.Links, web.Tab{Label: v.Say(e.Key), URL: e.Path})
			}
		}
		if len(group.Links) > 0 {
			office.Groups = append(office.Groups, group)
		}
	}
	out := web.Frame{Office: office}
	if v.R.Method != http.MethodGet {
		out.Here = v.R.URL.Path // a posted page that is shown again is asked for again where it stands, if anywhere
	}
	return out
}

func (v *Visit) shows(e Entry) bool {
	if e.May == nil {
		return len(v.Held) > 0
	}
	return e.May(v)
}

// Render writes a page of the contribution, named without it.
func (v *Visit) Render(w http.ResponseWriter, status int, page string, data any) error {
	if *v.failed != nil {
		return *v.failed
	}
	return v.Kit.Render(w, v.R, status, v.contribution+"/"+page, data)
}

// Redirect sends the browser on after a form that was done (303).
func (v *Visit) Redirect(w http.ResponseWriter, path string) error {
	return v.Kit.Redirect(w, v.R, path, http.StatusSeeOther)
}
