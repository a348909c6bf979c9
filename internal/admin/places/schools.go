package places

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

type schoolsPage struct {
	web.Frame
	Text, Place web.Input
	Kind        web.Select
	Rows        []schoolRow
	Count       int
	Pager       web.Pager
	New, Import string // where one is registered, and where a list of them is read, for who may
}

type schoolRow struct {
	Name, URL, UAI, Kind, Town string
	Badges                     []web.Badge
}

func kinds() []registry.Kind {
	return []registry.Kind{registry.Ecole, registry.College, registry.Lycee, registry.Circonscription, registry.Office}
}

func (p *pages) schools(w http.ResponseWriter, v *frame.Visit) error {
	view, err := v.Desk.Catalogue(v.Context(), v.Caller)
	if err != nil {
		return err
	}
	sought, place, kind := frame.Seek(v.Query("q")), frame.Seek(v.Query("ou")), registry.Kind(v.Query("type"))
	all := slices.DeleteFunc(view.Establishments(), func(e registry.Establishment) bool {
		return slices.Contains(kinds(), kind) && e.Kind != kind || !sought.In(e.Name, string(e.UAI)) || !place.In(e.Town, e.Department)
	})
	part, pager := frame.Part(v, all, perPage)
	out := schoolsPage{
		Frame: v.Around(v.Say("schools.title")), Count: len(all), Pager: pager,
		Text:  web.Input{Name: "q", Label: v.Say("schools.text"), Type: "search", Value: v.Query("q"), Autocomplete: "off"},
		Place: web.Input{Name: "ou", Label: v.Say("schools.place"), Type: "search", Value: v.Query("ou"), Autocomplete: "off"},
		Kind:  web.Select{Name: "type", Label: v.Say("schools.kind"), Options: []web.Option{{Label: v.Say("schools.any")}}},
	}
	if v.Desk.Importable(v.Context(), v.Caller, nil) == nil {
		out.New = begin
		if v.Mounted(lists) {
			out.Import = lists
		}
	}
	for _, k := range kinds() {
		out.Kind.Options = append(out.Kind.Options, web.Option{Value: string(k), Label: v.Say("kind." + string(k)), Chosen: k == kind})
	}
	for _, e := range part {
		out.Rows = append(out.Rows, schoolRow{
			Name: e.Name, URL: schools + "/" + url.PathEscape(string(e.UAI)), UAI: string(e.UAI), Kind: kindOf(v, e),
			Town: strings.TrimSpace(e.Town + " (" + e.Department + ")"), Badges: badges(v, e),
		})
	}
	return v.Render(w, http.StatusOK, "schools", out)
}

func kindOf(v *frame.Visit, e registry.Establishment) string {
	if !slices.Contains(kinds(), e.Kind) {
		return string(e.Kind)
	}
	if e.Private {
		return v.Say("private", "kind", v.Say("kind."+string(e.Kind)))
	}
	return v.Say("kind." + string(e.Kind))
}

// badges are what makes an establishment another than most.
func badges(v *frame.Visit, e registry.Establishment) []web.Badge {
	var out []web.Badge
	add := func(is bool, kind, key string) {
		if is {
			out = append(out, web.Badge{Kind: kind, Text: v.Say("badge." + key)})
		}
	}
	add(v.Snapshot.Stopped(registry.StopEstablishment, string(e.UAI)), "danger", "suspended")
	add(e.ClosedAt(v.Now, v.Snapshot.Zone()), "warning", "closed")
	add(e.Vacant, "warning", "vacant")
	add(e.Test, "info", "test")
	return out
}

type schoolPage struct {
	web.Frame
	Name, UAI string
	File      *frame.Kept
	Badges    []web.Badge
	About     []web.Term
	Answers   []web.Term
	Services  []openRow
	Pager     web.Pager // of the services
	Stop, Why string    // where it is suspended or started again, for who may; and why it is
	Journal   string
	Edit      string // where it is changed by hand, for who may
	Mailbox   string // where its mails go, in words
	MailFile  *frame.Kept
	Done      bool
}

type openRow struct {
	Name, URL, Level, Basis, BasisURL, Until, Reason string
	State                                            web.Badge
}

func (p *pages) school(w http.ResponseWriter, v *frame.Visit) error {
	uai := person.UAI(strings.ToUpper(v.R.PathValue("uai")))
	s, err := v.Desk.School(v.Context(), v.Caller, uai)
	if err != nil {
		return err
	}
	out := schoolPage{
		Name: s.Name, UAI: string(s.UAI), File: v.Kept(s.ManagedBy), Badges: badges(v, s.Establishment),
		About: aboutSchool(v, s.Establishment), Answers: answers(v, s),
	}
	out.Mailbox, out.MailFile = p.mailbox(v, s.Establishment)
	if out.Done = v.Query("fait") != ""; s.ManagedBy == "" && edits(v, s.Establishment) {
		out.Edit = schools + "/" + url.PathEscape(string(s.UAI)) + "/modifier"
	}
	var open []desk.OpenedHere
	open, out.Pager = frame.Part(v, s.Open, perPage)
	for _, o := range open {
		out.Services = append(out.Services, openedRow(v, o))
	}
	on := roles.Target{UAIs: []person.UAI{s.UAI}}
	stops := !s.Suspended && v.May(roles.SuspendSchool, on) || s.Suspended && v.May(roles.LiftSchool, on)
	if stops {
		out.Stop = stopAt(v, registry.StopEstablishment, string(s.UAI))
	}
	if s.Stopped != nil {
		out.Why = v.Say("school.why", "date", v.Kit.DateTime(v.Lang, s.Stopped.Decision.At), "office", v.InOffice(s.Stopped.Decision.Office), "text", s.Stopped.Decision.Reason)
	}
	if to := frame.Home + "journal?etablissement=" + url.QueryEscape(string(s.UAI)); v.May(roles.ReadJournal, on) && v.Mounted(to) {
		out.Journal = to
	}
	out.Frame = v.Around(s.Name, web.Tab{Label: v.Say("schools.title"), URL: schools})
	return v.Render(w, http.StatusOK, "school", out)
}

// mailbox says where mails to a school go, and which file says so where one does.
func (p *pages) mailbox(v *frame.Visit, e registry.Establishment) (string, *frame.Kept) {
	address, file := e.Mailbox, ""
	if p.Mailbox != nil {
		address, file = p.Mailbox(e)
	}
	switch {
	case file != "":
		return address, v.Kept(file)
	case address == "" && e.Mailbox != "": // no mail is sent at all
		return v.Say("school.mailbox_off", "address", e.Mailbox), nil
	case address == "":
		return v.Say("school.mailbox_none"), nil
	case e.Mailbox == "":
		return v.Say("school.mailbox_all", "address", address), nil
	}
	return address, nil
}

// stopAt is where something is suspended or started again; empty where that page is not mounted.
func stopAt(v *frame.Visit, kind registry.StopKind, id string) string {
	to := frame.Home + "suspendre?" + url.Values{"genre": {string(kind)}, "id": {id}}.Encode()
	if !v.Mounted(to) {
		return ""
	}
	return to
}

// terms collects what there is to say.
type terms struct {
	v    *frame.Visit
	list []web.Term
}

func (t *terms) say(key, text string) {
	if text != "" {
		t.list = append(t.list, web.Term{Term: t.v.Say(key), Text: text})
	}
}

func aboutSchool(v *frame.Visit, e registry.Establishment) []web.Term {
	t := terms{v: v}
	t.say("school.kind", kindOf(v, e))
	t.say("school.town", e.Town)
	t.say("school.department", e.Department)
	t.say("school.academy", e.Academy)
	t.say("school.district", e.District)
	t.say("school.group", e.Group)
	t.say("school.authority", e.Authority)
	t.say("school.closed", v.Date(e.ClosedOn))
	if e.Successor != "" {
		t.say("school.successor", v.School(e.Successor))
	}
	devices := "devices.personal"
	if e.SharesDevices() {
		devices = "devices.shared"
	}
	t.say("school.devices", v.Say(devices))
	t.say("school.pupils", pupils(v, e))
	return t.list
}

// pupils says how many there are: as counted where the visitor may know it, else as the ministry's list says.
func pupils(v *frame.Visit, e registry.Establishment) string {
	h, err := v.Desk.Headcount(v.Context(), v.Caller, e.UAI)
	n := 0
	for _, of := range h.Classes {
		n += of
	}
	switch {
	case err == nil && n > 0:
		return v.Say("pupils.counted", "n", v.Number(n), "classes", v.Number(len(h.Classes)), "date", v.Date(h.On))
	case e.Pupils > 0:
		return v.Say("pupils.listed", "n", v.Number(e.Pupils))
	}
	return ""
}

func answers(v *frame.Visit, s desk.School) []web.Term {
	t := terms{v: v}
	if s.Controller != "" {
		t.say("school.controller", v.Role(s.Controller))
	}
	if s.Vacant {
		t.say("school.office", v.Say("school.vacant"))
	}
	var acts []string
	for _, in := range s.StandIns {
		acts = append(acts, v.Say("school.stand_in", "act", in.Under, "date", v.Date(in.Until)))
	}
	t.say("school.stand_ins", strings.Join(acts, "\n"))
	return t.list
}

func openedRow(v *frame.Visit, o desk.OpenedHere) openRow {
	out := openRow{Name: v.Service(o.Service), Reason: o.Reason, State: stateOf(v, o)}
	if to := frame.Home + "services/" + url.PathEscape(o.Service); v.Mounted(to) {
		out.URL = to
	}
	if o.Ref.ID == "" {
		return out
	}
	out.Level, out.Basis, out.Until = v.Say("level."+string(o.Level)), o.Ref.String(), v.LastDay(o.Ends)
	if to := declarationAt(o.Ref); v.Mounted(to) {
		out.BasisURL = to
	}
	return out
}

func stateOf(v *frame.Visit, o desk.OpenedHere) web.Badge {
	switch {
	case o.Open:
		return web.Badge{Kind: "success", Text: v.Say("state.open")}
	case o.State == registry.RefusedHere:
		return web.Badge{Kind: "danger", Text: v.Say("state.refused")}
	case o.State == registry.SuspendedHere:
		return web.Badge{Kind: "danger", Text: v.Say("state.suspended")}
	case o.Ref.ID == "":
		return web.Badge{Kind: "warning", Text: v.Say("state.over")}
	}
	return web.Badge{Kind: "info", Text: v.Say("state.none")}
}
