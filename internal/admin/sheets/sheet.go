package sheets

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ecluse/internal/admin/frame"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

type sheetPage struct {
	web.Frame
	ID, Name  string
	Sentence  string
	Standing  web.Badge
	File      *frame.Kept // the file that manages the service
	Declared  string      // the version that the sheet tells of
	Version   string      // where all of it stands; empty where that page is not mounted
	About     []web.Term
	Data      []datum
	Opinion   *opinion
	Place     *place   // the establishment that is decided for
	Places    []choice // of several that the caller answers for
	Pager     web.Pager
	Bulk      string // where all of them are decided for at once
	Done      string
	Wrong     []web.InputError
	Stop      *stopForm
	UAI       web.Input // for who names an establishment
	Simulated string    // the simulator, about this service
	Connected string    // how it is connected, for who may change that
	Notices   string    // what the establishment's people are told of it
	Told      []string  // when and how they were
}

// datum is one attribute that may leave.
type datum struct {
	Name, Why string
	Required  bool
}

type opinion struct {
	Badge          web.Badge
	When, Reason   string
	Office         string
	Nothing, Taken bool // none was given; it was given on a model or an earlier version
}

type choice struct {
	Name, URL string
	Here      web.Badge
}

// place is the establishment that is decided for, and what the caller may decide there.
type place struct {
	UAI, Name string
	Here      web.Badge
	Since     string
	Reason    string // why it is refused or suspended, for who keeps the establishment's register
	Pupils    string
	Covered   bool
	Enable    string // the label of the button; empty where nothing can be enabled
	Hint      string // what keeps it from being enabled, or what enabling means
	Refuse    *area
	Suspend   *area
}

// area is a reason to be typed, and the button under it.
type area struct {
	web.Area
	Open bool
}

// stopForm stops a service everywhere, or starts it again.
type stopForm struct {
	Reason          web.Area
	Lift            bool
	Open            bool
	Schools, Pupils string
}

// posted is what an act that failed leaves on the page.
type posted struct {
	wrong  frame.Wrong
	form   frame.Form
	action string // enabled, refused, suspended, stop
}

func (p *pages) sheet(w http.ResponseWriter, v *frame.Visit) error {
	return p.show(w, v, v.R.PathValue("id"), v.Query("uai"), posted{})
}

func (p *pages) show(w http.ResponseWriter, v *frame.Visit, id, uai string, was posted) error {
	service, _, err := v.Desk.Service(v.Context(), v.Caller, id)
	if err != nil {
		return err
	}
	schools := mine(v)
	at, known := chosen(v, schools, person.UAI(strings.ToUpper(uai)))
	var in *registry.Establishment
	if known {
		in = &at
	}
	d, standing, declared := current(v, id, in)
	if !declared && in != nil {
		d, standing, declared = current(v, id, nil)
	}
	if service.Suspended {
		standing = suspended
	}
	out := sheetPage{
		ID: id, Name: service.Name.In(v.In()), Sentence: service.Sentence.In(v.In()), Standing: badgeOf(v, standing), File: v.Kept(service.ManagedBy),
		Done: done(v), Simulated: link(v, "/bureau/simulation?service="+url.QueryEscape(id)),
	}
	if v.May(roles.EditService, roles.Target{Service: id}) {
		out.Connected = link(v, home+"/"+url.PathEscape(id)+"/technique")
	}
	if declared {
		sheet, err := v.Desk.Sheet(v.Context(), v.Caller, desk.Ref{ID: d.ID, Version: d.Version})
		if err != nil {
			return err
		}
		p.tell(v, &out, service, sheet.Declaration)
		out.Stop = stopping(v, service, sheet, was)
	} else {
		out.Stop = stopping(v, service, desk.Sheet{}, was)
	}
	if known {
		out.Place = placeOf(v, service, at, d, standing, was)
		if err := out.tellOf(v, id, at.UAI); err != nil {
			return err
		}
	} else {
		out.choices(v, id, schools)
	}
	status := http.StatusOK
	if was.wrong.Status != 0 {
		status, out.Wrong = was.wrong.Status, was.summary()
	}
	out.Frame = v.Around(out.Name, web.Tab{Label: v.Say("title"), URL: home})
	if status != http.StatusOK {
		out.Here = home + "/" + url.PathEscape(id)
	}
	return v.Render(w, status, "sheet", out)
}

// tellOf says when and how people of an establishment were told of a service, to who keeps its register.
func (out *sheetPage) tellOf(v *frame.Visit, id string, uai person.UAI) error {
	if !v.May(roles.Export, roles.Target{UAIs: []person.UAI{uai}}) {
		return nil
	}
	given, err := v.Desk.Given(v.Context(), v.Caller, id, uai)
	if err != nil {
		return err
	}
	out.Notices = link(v, home+"/"+url.PathEscape(id)+"/notices?uai="+url.QueryEscape(string(uai)))
	for _, g := range given {
		out.Told = append(out.Told, v.Say("told."+string(g.To), "date", v.Date(g.On), "version", desk.Ref{ID: g.Declaration, Version: g.Version}.String()))
	}
	return nil
}

// summary leads from each mistake to the field of the form that was posted.
func (w posted) summary() []web.InputError {
	return w.wrong.Summary(func(field string) string {
		if field == "reason" && w.action != string(registry.Enabled) {
			return "motif-" + w.action
		}
		return ""
	})
}

// chosen is the one establishment that a sheet is about: the named one, where the caller may decide or stop there, or the
// only one that they answer for.
func chosen(v *frame.Visit, schools []registry.Establishment, uai person.UAI) (registry.Establishment, bool) {
	if uai == "" && len(schools) == 1 {
		return schools[0], true
	}
	e, known := v.Snapshot.Establishment(uai)
	on := roles.Target{UAIs: []person.UAI{uai}}
	return e, known && (v.May(roles.Enable, on) || v.May(roles.SuspendLocally, on))
}

func (out *sheetPage) choices(v *frame.Visit, id string, schools []registry.Establishment) {
	part, pager := frame.Part(v, schools, perPage)
	s, _ := v.Snapshot.Service(id)
	by := openers(v, s)
	for _, e := range part {
		out.Places = append(out.Places, choice{
			Name: v.School(e.UAI), URL: home + "/" + url.PathEscape(id) + "?uai=" + url.QueryEscape(string(e.UAI)), Here: here(v, id, e, by),
		})
	}
	out.Pager = pager
	if len(schools) > 1 {
		out.Bulk = link(v, "/bureau/lot?acte=activer&service="+url.QueryEscape(id))
	}
	if len(schools) == 0 && v.Holds(registry.DPO, registry.OnCall) {
		out.UAI = web.Input{Name: "uai", Label: v.Say("place.uai"), Hint: v.Say("place.uai_hint"), Autocomplete: "off", Required: true}
	}
}

// tell fills in what the declaration says: what it is, which pupils, which data, where, until when, the opinion.
func (p *pages) tell(v *frame.Visit, out *sheetPage, s registry.Service, d registry.Declaration) {
	out.Declared = desk.Ref{ID: d.ID, Version: d.Version}.String()
	out.Version = link(v, fmt.Sprintf("/bureau/declarations/%s/%d", url.PathEscape(d.ID), d.Version))
	say := func(key string, lines ...string) {
		lines = slices.DeleteFunc(lines, func(line string) bool { return line == "" })
		if len(lines) > 0 {
			out.About = append(out.About, web.Term{Term: v.Say("sheet." + key), Text: strings.Join(lines, "\n")})
		}
	}
	say("what", texts(v, d.Purposes)...)
	say("whom", p.whom(v, d)...)
	say("provider", strings.TrimSuffix(s.Provider+" ("+d.Supplier.Name+")", " ("+s.Provider+")"))
	say("where", where(v, d)...)
	say("until", v.LastDay(lastMoment(v, d)))
	say("kept", d.Retention.In(v.In()))
	say("basis", v.Say("basis."+string(d.Basis.Kind)), d.Basis.Text)
	say("controller", d.Controller.Name, d.Controller.Office)
	for _, item := range d.Items {
		out.Data = append(out.Data, datum{p.word(v, item.Attr), item.Justification.In(v.In()), item.Required})
	}
	out.Opinion = opinionOf(v, d)
}

func (p *pages) word(v *frame.Visit, a person.Attr) string {
	if e, ok := p.Words.Entry(dictionary.Name(a)); ok {
		return e.Label.In(v.In())
	}
	return string(a)
}

func (p *pages) whom(v *frame.Visit, d registry.Declaration) []string {
	var who []string
	for _, profile := range d.Audience.Profiles {
		who = append(who, v.Profile(profile))
	}
	out := []string{strings.Join(who, ", ")}
	if len(d.Audience.Levels) > 0 {
		out = append(out, v.Say("sheet.levels", "levels", strings.Join(d.Audience.Levels, ", ")))
	}
	if d.Audience.MinAge > 0 {
		out = append(out, v.Say("sheet.age", "age", fmt.Sprint(d.Audience.MinAge)))
	}
	return out
}

func where(v *frame.Visit, d registry.Declaration) []string {
	var countries []string
	for _, code := range d.Hosting {
		countries = append(countries, web.CountryOf(v.Lang, code))
	}
	out := []string{v.Say("sheet.hosting", "countries", strings.Join(countries, ", "))}
	for _, t := range d.Transfers {
		out = append(out, v.Say("sheet.transfer", "who", t.Recipient, "country", web.CountryOf(v.Lang, t.Country), "instrument", v.Say("instrument."+string(t.Instrument))))
	}
	if len(d.Transfers) == 0 {
		out = append(out, v.Say("sheet.no_transfer"))
	}
	return out
}

func texts(v *frame.Visit, all []registry.Text) []string {
	var out []string
	for _, t := range all {
		out = append(out, t.In(v.In()))
	}
	return out
}

// opinionOf is the newest opinion of the data-protection officer whom the approval rests on.
func opinionOf(v *frame.Visit, d registry.Declaration) *opinion {
	for _, o := range slices.Backward(d.Opinions) {
		if o.Beside {
			continue
		}
		kind := map[registry.Verdict]string{registry.Favourable: "success", registry.WithReservations: "warning", registry.Unfavourable: "danger"}[o.Value]
		return &opinion{
			Badge: web.Badge{Kind: kind, Text: v.Say("opinion." + string(o.Value))}, When: v.Kit.Date(v.Lang, o.At),
			Reason: o.Reason, Office: v.InOffice(o.Office), Taken: o.From != "",
		}
	}
	return &opinion{Nothing: true}
}

// link is a local path, or nothing where no page is mounted there.
func link(v *frame.Visit, path string) string {
	if v.Mounted(path) {
		return path
	}
	return ""
}
