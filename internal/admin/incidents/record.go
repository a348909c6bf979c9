package incidents

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/incident"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

// listPage is the records in one's sight.
type listPage struct {
	web.Frame
	Rows  []line
	Opens bool
	Pager web.Pager
}

type line struct {
	URL, Title, About, State, Kind, Clock string
}

func showList(w http.ResponseWriter, v *frame.Visit) error {
	all, err := v.Desk.Incidents(v.Context(), v.Caller)
	if err != nil {
		return err
	}
	part, pager := frame.Part(v, all, 50)
	page := listPage{Frame: v.Around(v.Say("list.title")), Pager: pager, Opens: keeps(v)}
	for _, i := range part {
		l := line{URL: list + "/" + url.PathEscape(i.ID), Title: i.Title, About: about(v, i), State: v.Say("state." + string(i.State)), Clock: clock(v, i)}
		if i.State == registry.IncidentOpen {
			l.Kind = "warning"
		}
		page.Rows = append(page.Rows, l)
	}
	return v.Render(w, http.StatusOK, "list", page)
}

// keeps tells whether the visitor holds a role that opens records; the act asks again.
func keeps(v *frame.Visit) bool {
	return v.Holds(registry.HeadOfSchool, registry.Deputy, registry.DASEN, registry.Recteur, registry.DPO, registry.OnCall)
}

func about(v *frame.Visit, i registry.Incident) string {
	var out []string
	for _, id := range i.Services {
		out = append(out, v.Service(id))
	}
	out = append(out, i.Sources...)
	for _, uai := range i.UAIs {
		out = append(out, v.School(uai))
	}
	return strings.Join(out, ", ")
}

// clock says how the hours stand: how many are left, or that they are over.
func clock(v *frame.Visit, i registry.Incident) string {
	left, runs := incident.Left(i, v.Now)
	due := v.Kit.DateTime(v.Lang, incident.Due(i))
	switch {
	case !runs && incident.Late(i, v.Now):
		return v.Say("clock.told_late")
	case !runs:
		return v.Say("clock.still")
	case left < 0:
		return v.Say("clock.over", "due", due)
	default:
		return v.Say("clock.left", "hours", int(left/time.Hour), "due", due)
	}
}

// newPage is the form of a record.
type newPage struct {
	web.Frame
	Wrong   []web.InputError
	Action  string
	Fresh   bool
	Match   string
	Title   web.Input
	Natures []option
	About   []web.Input
	Moments []web.Input
	Texts   []web.Area
	Words   []web.Area
}

type option struct {
	Value, Label string
	Chosen       bool
}

func showNew(w http.ResponseWriter, v *frame.Visit) error {
	i := registry.Incident{Known: v.Now, Services: words(v.Query("service")), Sources: words(v.Query("source")), Natures: []registry.Nature{registry.Confidentiality}}
	for _, uai := range words(v.Query("uai")) {
		i.UAIs = append(i.UAIs, person.UAI(uai))
	}
	if uai, one := ownSchool(v); one && len(i.UAIs) == 0 {
		i.UAIs = []person.UAI{uai}
	}
	return v.Render(w, http.StatusOK, "new", form(v, i, "", frame.Form{}, frame.Wrong{}, v.Around(v.Say("new.title"), at(list, v.Say("list.title")))))
}

// form shows a record. Moments are shown as they were typed, which a record cannot hold of those that are none.
func form(v *frame.Visit, i registry.Incident, match string, typed frame.Form, wrong frame.Wrong, around web.Frame) newPage {
	page := newPage{Frame: around, Action: list, Fresh: i.ID == "", Match: match}
	if i.ID != "" {
		page.Action = list + "/" + url.PathEscape(i.ID)
	}
	input := func(name, field, value, kind string, required bool) web.Input {
		return web.Input{Name: name, Label: v.Say("field." + name), Hint: v.Say("hint." + name), Value: value, Type: kind, Error: wrong.At(field), Autocomplete: "off", Required: required}
	}
	area := func(name, field, value string) web.Area {
		return web.Area{Name: name, Label: v.Say("field." + name), Hint: v.Say("hint." + name), Value: value, Error: wrong.At(field)}
	}
	for _, n := range registry.Natures() {
		page.Natures = append(page.Natures, option{string(n), v.Say("nature." + string(n)), slices.Contains(i.Natures, n)})
	}
	var uais []string
	for _, uai := range i.UAIs {
		uais = append(uais, string(uai))
	}
	page.Title = input("titre", "title", i.Title, "", true)
	page.About = []web.Input{
		input("services", "services", strings.Join(i.Services, " "), "", false), input("sources", "sources", strings.Join(i.Sources, " "), "", false),
		input("uais", "uais", strings.Join(uais, " "), "", false),
	}
	moment := func(name, field string, t time.Time, required bool) web.Input {
		text := local(v, t)
		if typed.Values != nil {
			text = typed.Get(name)
		}
		return input(name, field, text, "", required)
	}
	page.Moments = []web.Input{
		moment("constat", "known", i.Known, true), moment("debut", "from", i.From, false), moment("fin", "until", i.Until, false),
	}
	page.Texts = []web.Area{
		area("faits", "what", i.What), area("consequences", "effects", i.Effects), area("mesures", "measures", i.Measures),
		area("retard", "late", i.Late), area("contact", "contact", i.Contact),
	}
	page.Words = []web.Area{
		area("adulte", "message.adulte", i.Message.Adulte.FR), area("ado", "message.ado", i.Message.Ado.FR), area("enfant", "message.enfant", i.Message.Enfant.FR),
	}
	page.Wrong = wrong.Summary(fieldOf)
	return page
}

// fieldOf names the input of what package desk says is wrong.
func fieldOf(field string) string {
	field, _, _ = strings.Cut(field, "[")
	return map[string]string{
		"title": "titre", "natures": "nature-confidentiality", "services": "services", "sources": "sources", "uais": "uais", "known": "constat", "from": "debut", "until": "fin",
		"what": "faits", "effects": "consequences", "measures": "mesures", "late": "retard", "contact": "contact",
		"message.adulte": "adulte", "message.ado": "ado", "message.enfant": "enfant", "text": "texte", "word": "fait", "to": "qui", "reason": "motif",
	}[field]
}

// localForm is how a moment is typed: a browser's own field for it cannot be gone through by keyboard in one step.
const localForm = "02/01/2006 15:04"

func local(v *frame.Visit, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(v.Snapshot.Zone()).Format(localForm)
}

// moments reads what somebody typed, where the academy is; nothing is no moment. What cannot be read is said.
type moments struct {
	v     *frame.Visit
	f     frame.Form
	wrong []registry.Finding
}

func (m *moments) read(name, field string) time.Time {
	text := m.f.Get(name)
	for _, form := range []string{localForm, "2006-01-02 15:04", "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(form, text, m.v.Snapshot.Zone()); err == nil {
			return t
		}
	}
	if text != "" || name == "constat" {
		m.wrong = append(m.wrong, registry.Finding{Where: field, What: "it is no moment", Mend: localForm})
	}
	return time.Time{}
}

func words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,;\t\r\n", r) })
}

// typed reads a record off the form. English messages, which the form does not have, stay as they were.
func typed(v *frame.Visit, f frame.Form, was registry.Incident) (registry.Incident, error) {
	m := &moments{v: v, f: f}
	i := registry.Incident{
		ID: was.ID, Title: f.Get("titre"), Services: words(f.Get("services")), Sources: words(f.Get("sources")), Academy: was.Academy,
		Known: m.read("constat", "known"), From: m.read("debut", "from"), Until: m.read("fin", "until"), What: f.Get("faits"), Effects: f.Get("consequences"),
		Measures: f.Get("mesures"), Late: f.Get("retard"), Contact: f.Get("contact"), Message: was.Message,
	}
	for _, uai := range words(f.Get("uais")) {
		i.UAIs = append(i.UAIs, person.UAI(uai))
		if _, known := v.Snapshot.Establishment(person.UAI(uai)); !known { // a slip of the hand, not somebody else's school
			m.wrong = append(m.wrong, registry.Finding{Where: "uais", What: "it is not registered", Mend: "the UAI of an establishment"})
		}
	}
	for _, n := range f.Values["nature"] {
		i.Natures = append(i.Natures, registry.Nature(n))
	}
	i.Message.Adulte.FR, i.Message.Ado.FR, i.Message.Enfant.FR = f.Get("adulte"), f.Get("ado"), f.Get("enfant")
	if len(m.wrong) > 0 {
		return i, &desk.Invalid{Findings: m.wrong}
	}
	return i, nil
}

func open(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	var made registry.Incident
	i, err := typed(v, f, registry.Incident{})
	if err == nil {
		made, err = v.Desk.OpenIncident(v.Context(), v.Caller, i)
	}
	if wrong, ok := v.Wrong(err); ok {
		return v.Render(w, wrong.Status, "new", form(v, i, "", f, wrong, v.Around(v.Say("new.title"), at(list, v.Say("list.title")))))
	}
	if err != nil {
		return err
	}
	return v.Redirect(w, list+"/"+url.PathEscape(made.ID))
}

// onePage is a record with what is known about it.
type onePage struct {
	newPage
	ID, Name, Clock string
	Late, Keeps     bool
	Over            bool
	Counted         []counted
	Warned          []warned
	Steps           []taken
	Stops           []press
	Text            web.Area
	Reason          web.Area
}

type counted struct {
	Service          string
	People, Messages int
	Schools          int
	Sent             web.Table
}

type warned struct{ To, Who, At string }

type taken struct{ At, Word, Office, To, Text string }

type press struct{ URL, Label string }

func showOne(w http.ResponseWriter, v *frame.Visit) error {
	return renderOne(w, v, nil, frame.Form{}, frame.Wrong{})
}

// renderOne shows a record; change, and what else stands in the form, is what was typed and is wrong.
func renderOne(w http.ResponseWriter, v *frame.Visit, change *registry.Incident, f frame.Form, wrong frame.Wrong) error {
	seen, tag, err := v.Desk.Incident(v.Context(), v.Caller, v.R.PathValue("ref"))
	if err != nil {
		return err
	}
	i := seen.Incident
	shown, typed := i, frame.Form{}
	if change != nil {
		shown, typed = *change, f
	}
	around := v.Around(i.Title, at(list, v.Say("list.title")))
	page := onePage{
		newPage: form(v, shown, tag, typed, wrong, around), ID: i.ID, Name: i.Title, Clock: clock(v, i), Late: seen.Late, Over: i.State == registry.IncidentClosed,
		Keeps:  i.State == registry.IncidentOpen && v.May(roles.KeepIncident, target(i)),
		Text:   web.Area{Name: "texte", Label: v.Say("step.text"), Value: f.Get("texte"), Error: wrong.At("text")},
		Reason: web.Area{Name: "motif", Label: v.Say("close.reason"), Value: f.Get("motif"), Error: wrong.At("reason"), Required: true},
	}
	for _, c := range seen.Counted {
		page.Counted = append(page.Counted, countedOf(v, c))
	}
	for _, c := range seen.Warned {
		one := warned{To: c.Name(), Who: controller(v, c)}
		if !c.At.IsZero() {
			one.At = v.Kit.DateTime(v.Lang, c.At)
		}
		page.Warned = append(page.Warned, one)
	}
	for _, s := range seen.Timeline {
		page.Steps = append(page.Steps, taken{v.Kit.DateTime(v.Lang, s.At), v.Say("step.word." + string(s.Word)), v.InOffice(s.Office), s.To, s.Text})
	}
	for _, b := range seen.Stopped {
		page.Stops = append(page.Stops, press{button + "?" + url.Values{"genre": {string(b.Kind)}, "id": {b.ID}}.Encode(), buttonLabel(v, b)})
	}
	return v.Render(w, max(http.StatusOK, wrong.Status), "one", page)
}

func target(i registry.Incident) roles.Target {
	if len(i.UAIs) > 0 {
		return roles.Target{UAIs: i.UAIs}
	}
	return roles.Target{Academy: i.Academy}
}

func buttonLabel(v *frame.Visit, b desk.Button) string {
	switch b.Kind {
	case registry.StopService:
		return v.Service(b.ID)
	case registry.StopEstablishment:
		return v.School(person.UAI(b.ID))
	default:
		return b.ID
	}
}

func controller(v *frame.Visit, w incident.Warned) string {
	if w.Role == registry.HeadOfSchool {
		return v.Role(w.Role) + ", " + v.School(person.UAI(w.Over))
	}
	return v.Role(w.Role) + ", " + w.Over
}

func countedOf(v *frame.Visit, c incident.Counted) counted {
	out := counted{Service: v.Service(c.Service), People: c.People, Messages: c.Messages, Schools: len(c.Schools)}
	out.Sent = web.Table{Caption: v.Say("counted.caption", "service", out.Service), Head: []string{v.Say("counted.data"), v.Say("counted.people")}}
	for _, s := range c.Sent {
		out.Sent.Rows = append(out.Sent.Rows, []string{s.Name, v.Say("counted.n", "n", s.People)})
	}
	return out
}

func revise(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	was, _, err := v.Desk.Incident(v.Context(), v.Caller, v.R.PathValue("ref"))
	if err != nil {
		return err
	}
	next, err := typed(v, f, was.Incident)
	if err == nil {
		_, err = v.Desk.ReviseIncident(v.Context(), v.Caller, next, f.Get("etat"))
	}
	return done(w, v, &next, f, err)
}

func step(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	s := registry.IncidentStep{Word: registry.StepWord(f.Get("fait")), To: f.Get("qui"), Text: f.Get("texte")}
	_, err = v.Desk.StepIncident(v.Context(), v.Caller, v.R.PathValue("ref"), s)
	return done(w, v, nil, f, err)
}

func closing(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	_, err = v.Desk.CloseIncident(v.Context(), v.Caller, v.R.PathValue("ref"), f.Get("motif"))
	return done(w, v, nil, f, err)
}

// done shows the record anew, or with what is wrong.
func done(w http.ResponseWriter, v *frame.Visit, change *registry.Incident, f frame.Form, err error) error {
	if wrong, ok := v.Wrong(err); ok {
		return renderOne(w, v, change, f, wrong)
	}
	if err != nil {
		return err
	}
	return v.Redirect(w, list+"/"+url.PathEscape(v.R.PathValue("ref")))
}
