package telling

import (
	"fmt"
	"net/http"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/notice"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

func list(w http.ResponseWriter, v *frame.Visit) error {
	return show(w, v, where(v), frame.Form{}, frame.Wrong{})
}

// show is the list, with what is wrong with a form that was posted.
func show(w http.ResponseWriter, v *frame.Visit, uai person.UAI, was frame.Form, wrong frame.Wrong) error {
	id := v.R.PathValue("id")
	service, _, err := v.Desk.Service(v.Context(), v.Caller, id)
	if err != nil {
		return err
	}
	out := listPage{Service: service.Name.In(v.In()), ID: id, Sheet: sheet(v), Choose: uai == "", Done: v.Query("fait") != ""}
	status := http.StatusOK
	if out.Choose {
		out.UAI = web.Input{Name: "uai", Label: v.Say("uai"), Hint: v.Say("uai_hint"), Autocomplete: "off", Required: true}
	} else {
		given, err := v.Desk.Given(v.Context(), v.Caller, id, uai)
		if err != nil {
			return err
		}
		out.School, out.Sheet = v.School(uai), sheet(v)+"?uai="+string(uai)
		whole := true
		for _, to := range registry.Readers() {
			r, err := readerFor(v, uai, to, given)
			if err != nil {
				return err
			}
			whole = whole && len(r.Lacks) == 0
			out.Readers = append(out.Readers, r)
		}
		if v.May(roles.RecordNotice, roles.Target{UAIs: []person.UAI{uai}}) && (whole || someone(out.Readers)) {
			out.Form = formOf(v, uai, was, wrong)
		}
	}
	if wrong.Status != 0 {
		status = wrong.Status
		out.Wrong = wrong.Summary(func(field string) string {
			return map[string]string{"to": "pour", "on": "jour", "how": "maniere", "note": "preuve"}[field]
		})
	}
	out.Frame = v.Around(v.Say("title"), web.Tab{Label: v.Say("sheets"), URL: frame.Home + "services"}, web.Tab{Label: out.Service, URL: out.Sheet})
	if status != http.StatusOK {
		out.Here = of(v, "")
	}
	return v.Render(w, status, "list", out)
}

// someone tells whether there is a notice for anybody.
func someone(all []reader) bool {
	for _, r := range all {
		if len(r.Lacks) == 0 {
			return true
		}
	}
	return false
}

func readerFor(v *frame.Visit, uai person.UAI, to registry.Reader, given []registry.Given) (reader, error) {
	out := reader{Name: v.Say("to." + string(to))}
	_, lacks, err := v.Desk.Notice(v.Context(), v.Caller, notice.Ask{
		Service: v.R.PathValue("id"), School: registry.Establishment{UAI: uai}, To: to, Lang: v.In(),
	})
	if err != nil {
		return reader{}, err
	}
	out.Lacks = said(v, lacks)
	if len(lacks) == 0 {
		at := sheet(v) + "/notices/" + word(to)
		out.Show, out.Text = at+"?uai="+string(uai), at+"/texte?uai="+string(uai)
	}
	for _, g := range given {
		if g.To == to {
			out.Given = append(out.Given, gave{v.Date(g.On), v.Say("how." + string(g.How)), v.InOffice(g.Office), g.Note, desk.Ref{ID: g.Declaration, Version: g.Version}.String()})
		}
	}
	return out, nil
}

func said(v *frame.Visit, lacks []notice.Lack) []string {
	var out []string
	for _, l := range lacks {
		out = append(out, fmt.Sprintf("%s (%s)", l.What.In(v.In()), l.Law))
	}
	return out
}

func formOf(v *frame.Visit, uai person.UAI, was frame.Form, wrong frame.Wrong) *form {
	out := &form{
		Action: sheet(v) + "/notices", School: string(uai),
		To:   web.Select{Name: "pour", Label: v.Say("form.to"), Error: wrong.At("to")},
		How:  web.Select{Name: "maniere", Label: v.Say("form.how"), Error: wrong.At("how")},
		On:   web.Input{Name: "jour", Label: v.Say("form.on"), Hint: v.Say("form.on_hint"), Type: "date", Error: wrong.At("on"), Required: true, Value: registry.DateOf(v.Now.In(v.Snapshot.Zone())).String()},
		Note: web.Input{Name: "preuve", Label: v.Say("form.note"), Hint: v.Say("form.note_hint"), Error: wrong.At("note"), Autocomplete: "off"},
	}
	if was.Values != nil {
		out.On.Value, out.Note.Value = was.Get("jour"), was.Get("preuve")
	}
	for _, to := range registry.Readers() {
		out.To.Options = append(out.To.Options, web.Option{Value: string(to), Label: v.Say("to." + string(to)), Chosen: was.Get("pour") == string(to)})
	}
	for _, how := range registry.Manners() {
		out.How.Options = append(out.How.Options, web.Option{Value: string(how), Label: v.Say("how." + string(how)), Chosen: was.Get("maniere") == string(how)})
	}
	return out
}

// record takes the form.
func record(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	uai := person.UAI(f.Get("uai"))
	day, dayErr := registry.ParseDate(f.Get("jour"))
	if dayErr != nil {
		day = registry.Date{} // the desk says that it is missing
	}
	_, err = v.Desk.Give(v.Context(), v.Caller, v.R.PathValue("id"), desk.Giving{
		UAI: uai, To: registry.Reader(f.Get("pour")), On: day, How: registry.Manner(f.Get("maniere")), Note: f.Get("preuve"),
	})
	if wrong, ok := v.Wrong(err); ok {
		return show(w, v, uai, f, wrong)
	}
	if err != nil {
		return err
	}
	return v.Redirect(w, sheet(v)+"/notices?fait=1&uai="+string(uai))
}

type onePage struct {
	web.Frame
	notice.Notice
	Lines  []section
	Lacks  []string
	School string
	On     string
	Text   string
	Other  string // the same in the other language
	French bool
	Back   string
}

type section struct {
	Heading string
	Lines   []string
}

// one is a notice to print.
func one(w http.ResponseWriter, v *frame.Visit) error {
	to, known := readerOf(v)
	if !known {
		return &desk.NotFound{Kind: "notice", ID: v.R.PathValue("pour")}
	}
	told, lacks, err := written(v, to)
	if err != nil {
		return err
	}
	lang := langOf(v)
	other := map[string]string{"fr": "en", "en": "fr"}[lang]
	out := onePage{
		Notice: told, Lacks: said(v, lacks), School: v.School(where(v)), French: lang == "fr", Back: of(v, ""),
		On: v.Kit.Date(web.Lang(lang), v.Now), Text: of(v, "/"+word(to)+"/texte", "langue", lang), Other: of(v, "/"+word(to), "langue", other),
	}
	typeset := func(s string) string {
		if out.French {
			return web.TypesetFrench(s)
		}
		return s
	}
	out.Title = typeset(told.Title)
	for _, s := range told.Sections {
		set := section{Heading: typeset(s.Heading)}
		for _, line := range s.Lines {
			set.Lines = append(set.Lines, typeset(line))
		}
		out.Lines = append(out.Lines, set)
	}
	out.Frame = v.Around(v.Say("to."+string(to)), web.Tab{Label: v.Say("title"), URL: out.Back})
	status := http.StatusOK
	if len(lacks) > 0 {
		status = http.StatusConflict
	}
	return v.Render(w, status, "one", out)
}

// text is the same for the ENT.
func text(w http.ResponseWriter, v *frame.Visit) error {
	to, known := readerOf(v)
	if !known {
		return &desk.NotFound{Kind: "notice", ID: v.R.PathValue("pour")}
	}
	told, lacks, err := written(v, to)
	if err != nil {
		return err
	}
	if len(lacks) > 0 {
		return v.Redirect(w, of(v, "/"+word(to)))
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="notice-`+word(to)+`.txt"`)
	_, err = w.Write([]byte(told.Text()))
	return err
}
