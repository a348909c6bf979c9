package offices

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// sees tells whether the visitor holds a role that looks after access somewhere.
func sees(v *frame.Visit) bool {
	return v.Holds(registry.HeadOfSchool, registry.Recteur, registry.DPO, registry.Admin, registry.Auditor)
}

// delegates tells whether the visitor holds a role that delegates somewhere; package desk asks where.
func delegates(v *frame.Visit) bool { return v.Holds(registry.HeadOfSchool, registry.Recteur) }

type delegationsPage struct {
	web.Frame
	Rows  []delegationRow
	Pager web.Pager
	New   bool
	Done  bool
}

type delegationRow struct {
	School, URL, Function, Act, From, Until string
	File                                    *frame.Kept
	State                                   web.Badge
}

func stateOf(v *frame.Visit, g registry.Delegation) web.Badge {
	zone := v.Snapshot.Zone()
	switch {
	case !v.Now.Before(g.Until.Ends(zone)):
		return web.Badge{Kind: "info", Text: v.Say("delegation.ended")}
	case v.Now.Before(g.From.Starts(zone)):
		return web.Badge{Kind: "info", Text: v.Say("delegation.upcoming")}
	}
	return web.Badge{Kind: "success", Text: v.Say("delegation.on")}
}

func rowOf(v *frame.Visit, g registry.Delegation) delegationRow {
	return delegationRow{
		School: v.School(g.UAI), URL: delegations + "/" + url.PathEscape(g.ID), Function: g.Function, Act: g.Act,
		From: v.Date(g.From), Until: v.Date(g.Until), File: v.Kept(g.ManagedBy), State: stateOf(v, g),
	}
}

func listDelegations(w http.ResponseWriter, v *frame.Visit) error {
	all, err := v.Desk.Delegations(v.Context(), v.Caller)
	if err != nil {
		return err
	}
	part, pager := frame.Part(v, all, perPage)
	out := delegationsPage{
		Frame: v.Around(v.Say("delegation.title"), web.Tab{Label: v.Say("title"), URL: mandates}), Pager: pager, New: delegates(v), Done: v.Query("fait") != "",
	}
	for _, g := range part {
		out.Rows = append(out.Rows, rowOf(v, g))
	}
	return v.Render(w, http.StatusOK, "delegations", out)
}

type delegationPage struct {
	web.Frame
	ID                              string // empty for a new one
	Row                             delegationRow
	Edit                            bool
	UAI, Function, Act, From, Until web.Input
	Wrong                           []web.InputError
}

func fill(v *frame.Visit, f frame.Form, wrong frame.Wrong) delegationPage {
	field := func(id, at, kind string) web.Input {
		return web.Input{Name: id, Label: v.Say("delegation." + id), Hint: v.Say("delegation." + id + "_hint"), Type: kind, Value: f.Get(id), Error: wrong.At(at), Autocomplete: "off", Required: true}
	}
	return delegationPage{
		UAI: field("uai", "uai", ""), Function: field("fonction", "function", ""), Act: field("acte", "act", ""),
		From: field("des", "from", "date"), Until: field("jusque", "until", "date"), Wrong: wrong.Summary(input),
	}
}

func beginDelegation(w http.ResponseWriter, v *frame.Visit) error {
	f := frame.Form{Values: v.R.URL.Query()}
	if uai, ok := ownSchool(v); ok && !f.Has("uai") {
		f.Set("uai", string(uai))
	}
	return showDelegation(w, v, fill(v, f, frame.Wrong{}), 0)
}

func showDelegation(w http.ResponseWriter, v *frame.Visit, out delegationPage, status int) error {
	here := v.Say("delegation.new")
	if out.ID != "" {
		here = out.Row.School
	}
	out.Frame = v.Around(here, web.Tab{Label: v.Say("title"), URL: mandates}, web.Tab{Label: v.Say("delegation.title"), URL: delegations})
	return v.Render(w, max(http.StatusOK, status), "delegation", out)
}

func delegate(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	g := registry.Delegation{
		UAI: person.UAI(strings.ToUpper(f.Get("uai"))), Function: f.Get("fonction"), Act: f.Get("acte"), From: f.Day("des"), Until: f.Day("jusque"),
	}
	return putDelegation(w, v, f, g)
}

// putDelegation writes a delegation, or shows its form again with what is wrong.
func putDelegation(w http.ResponseWriter, v *frame.Visit, f frame.Form, g registry.Delegation) error {
	_, err := v.Desk.PutDelegation(v.Context(), v.Caller, g)
	if wrong, ok := v.Wrong(err); ok {
		out := fill(v, f, wrong)
		if g.ID != "" {
			out.ID, out.Row, out.Edit = g.ID, rowOf(v, g), true
		}
		return showDelegation(w, v, out, wrong.Status)
	}
	if err != nil {
		return err
	}
	return v.Redirect(w, delegations+"?fait=1")
}

func findDelegation(v *frame.Visit) (registry.Delegation, error) {
	id := v.R.PathValue("id")
	all, err := v.Desk.Delegations(v.Context(), v.Caller)
	if err != nil {
		return registry.Delegation{}, err
	}
	i := slices.IndexFunc(all, func(g registry.Delegation) bool { return g.ID == id })
	if i < 0 {
		return registry.Delegation{}, &desk.NotFound{Kind: "delegation", ID: id}
	}
	return all[i], nil
}

func oneDelegation(w http.ResponseWriter, v *frame.Visit) error {
	g, err := findDelegation(v)
	if err != nil {
		return err
	}
	f := frame.Form{Values: url.Values{"des": {g.From.String()}, "jusque": {g.Until.String()}}}
	out := fill(v, f, frame.Wrong{})
	out.ID, out.Row, out.Edit = g.ID, rowOf(v, g), delegates(v) && g.ManagedBy == ""
	return showDelegation(w, v, out, 0)
}

func redate(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	g, err := findDelegation(v)
	if err != nil {
		return err
	}
	g.From, g.Until = f.Day("des"), f.Day("jusque")
	return putDelegation(w, v, f, g)
}
