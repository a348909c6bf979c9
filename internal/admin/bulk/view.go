package bulk

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"ecluse/internal/admin/frame"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// namedAtMost is how many establishments a page names; the others are counted.
const namedAtMost = 50

type formPage struct {
	web.Frame
	Errors                        []web.InputError
	More                          int // mistakes that are not listed
	Act, Declaration, Kind, Place web.Select
	Service, District             web.Input
	List, Reason, Message         web.Area
	Matches                       []web.Tab
	Renewals                      string
}

// mistakesAtMost is how many mistakes a page lists: a list of 2,500 establishments may have as many.
const mistakesAtMost = 20

func formed(w http.ResponseWriter, v *frame.Visit, a asked, wrong frame.Wrong) error {
	at := v.Around(v.Say("title"))
	at.Here = Home
	out := formPage{
		Frame:    at,
		Act:      web.Select{Name: "acte", Label: v.Say("act.label"), Error: wrong.At("act"), Options: []web.Option{{Label: v.Say("choose"), Chosen: a.Act == ""}}},
		Service:  web.Input{Name: "service", Label: v.Say("service.label"), Hint: v.Say("service.hint"), Value: a.Service, Error: wrong.At("service"), Autocomplete: "off"},
		List:     web.Area{Name: "uai", Label: v.Say("list.label"), Hint: v.Say("list.hint"), Value: a.List, Error: wrong.At("where")},
		District: web.Input{Name: "circonscription", Label: v.Say("district.label"), Value: a.District, Autocomplete: "off"},
		Reason:   web.Area{Name: "raison", Label: v.Say("reason.label"), Hint: v.Say("reason.hint"), Value: a.Reason, Error: wrong.At("reason")},
		Message:  web.Area{Name: "message", Label: v.Say("message.label"), Hint: v.Say("message.hint"), Value: a.Message},
		Kind:     web.Select{Name: "type", Label: v.Say("kind.label"), Options: []web.Option{{Label: v.Say("any"), Chosen: a.Kind == ""}}},
		Place:    web.Select{Name: "departement", Label: v.Say("department.label"), Options: []web.Option{{Label: v.Say("any"), Chosen: a.Department == ""}}},
		Renewals: Renewals,
	}
	for _, g := range gestures(v) {
		out.Act.Options = append(out.Act.Options, web.Option{Value: g.word, Label: v.Say("act." + g.word), Chosen: g.word == a.Act})
	}
	for _, kind := range []registry.Kind{registry.Ecole, registry.College, registry.Lycee, registry.Office, registry.Circonscription} {
		out.Kind.Options = append(out.Kind.Options, web.Option{Value: string(kind), Label: v.Say("kind." + string(kind)), Chosen: a.Kind == string(kind)})
	}
	for _, code := range departments(v) {
		out.Place.Options = append(out.Place.Options, web.Option{Value: code, Label: v.Say("department.one", "code", code), Chosen: a.Department == code})
	}
	if len(a.declarations) > 1 {
		out.Declaration = web.Select{Name: "declaration", Label: v.Say("declaration.label"), Error: wrong.At("declaration"), Options: []web.Option{{Label: v.Say("choose")}}}
		for _, id := range a.declarations {
			out.Declaration.Options = append(out.Declaration.Options, web.Option{Value: id, Label: id, Chosen: id == a.Declaration})
		}
	}
	for _, s := range a.matches {
		out.Matches = append(out.Matches, web.Tab{Label: s.Name.In(v.In()), URL: Home + "?acte=" + a.Act + "&service=" + s.ID})
	}
	out.mistakes(wrong)
	return v.Render(w, cmp.Or(wrong.Status, http.StatusOK), "lot", out)
}

// mistakes lists what stands against the act, the first of many.
func (o *formPage) mistakes(wrong frame.Wrong) {
	if n := len(wrong.Lines); n > mistakesAtMost {
		o.More, wrong.Lines = n-mistakesAtMost, wrong.Lines[:mistakesAtMost]
	}
	o.Errors = wrong.Summary(func(where string) string {
		return map[string]string{"act": "acte", "service": "service", "declaration": "service", "reason": "raison", "where": "uai"}[topOf(where)]
	})
}

func topOf(where string) string {
	for i, r := range where {
		if r == '.' || r == '[' {
			return where[:i]
		}
	}
	return where
}

// departments are those in which there are establishments.
func departments(v *frame.Visit) []string {
	seen := map[string]bool{}
	var out []string
	for _, e := range v.Snapshot.Establishments() {
		if e.Department != "" && !seen[e.Department] {
			seen[e.Department] = true
			out = append(out, e.Department)
		}
	}
	slices.Sort(out)
	return out
}

type previewPage struct {
	web.Frame
	Asked   asked
	Expect  int
	Moved   bool // the numbers are others than those that were shown before
	Title   string
	Numbers []web.Term
	What    string
	Changed names
	Same    names
	Stops   bool
	Papers  bool
}

// names lists establishments, and counts those that are too many to name.
type names struct {
	Names []string
	More  int
}

func namesOf(v *frame.Visit, uais []person.UAI) names {
	var out names
	for _, uai := range uais[:min(len(uais), namedAtMost)] {
		out.Names = append(out.Names, v.School(uai))
	}
	out.More = len(uais) - len(out.Names)
	return out
}

func previewed(w http.ResponseWriter, v *frame.Visit, status int, a asked, o outlook, moved bool) error {
	at := v.Around(v.Say("preview.title"), web.Tab{Label: v.Say("title"), URL: Home})
	at.Here = Home
	out := previewPage{
		Frame: at, Asked: a, Expect: o.Done, Moved: moved, Title: v.Say("act." + a.Act), Changed: namesOf(v, o.UAIs), Same: namesOf(v, o.Same),
		Stops: a.gesture.stops, Papers: a.Act == attests, What: v.Say("all_or_none"),
		Numbers: []web.Term{
			{Term: v.Say("preview.schools"), Text: v.Number(o.Done)},
			{Term: v.Say("preview.pupils"), Text: v.Pupils(o.Pupils, o.Done)},
		},
	}
	if a.Service != "" {
		out.Title = v.Say("preview.about", "act", out.Title, "service", v.Service(a.Service))
	}
	if o.Version > 0 && a.gesture.opens {
		out.Numbers = append(out.Numbers, web.Term{Term: v.Say("preview.version"), Text: a.Declaration + " v" + v.Number(o.Version)})
	}
	if o.Unchanged > 0 {
		out.Numbers = append(out.Numbers, web.Term{Term: v.Say("preview.same"), Text: v.Number(o.Unchanged)})
	}
	if o.Others > 0 {
		out.Numbers = append(out.Numbers, web.Term{Term: v.Say("preview.others"), Text: v.Number(o.Others)})
	}
	if a.Reason != "" {
		out.Numbers = append(out.Numbers, web.Term{Term: v.Say("reason.label"), Text: a.Reason})
	}
	return v.Render(w, status, "apercu", out)
}

type reportPage struct {
	web.Frame
	Title    string
	At       time.Time
	Numbers  []web.Term
	Changed  names
	Versions []web.Tab
	Empty    bool
}

// report says what an act of the visitor's did, from the register: nobody else's acts are in it.
func report(w http.ResponseWriter, v *frame.Visit) error {
	moment, err := time.Parse(time.RFC3339Nano, v.Query("moment"))
	if err != nil {
		return web.NotFound(err)
	}
	did, err := v.Desk.Acted(v.Context(), v.Caller, moment)
	if err != nil {
		return err
	}
	at := v.Around(v.Say("report.title"), web.Tab{Label: v.Say("title"), URL: Home})
	out := reportPage{Frame: at, Title: v.Say("report.title"), At: moment, Empty: len(did.Enablings)+len(did.Declarations) == 0}
	pupils := 0
	var uais []person.UAI
	for _, e := range did.Enablings {
		if !slices.Contains(uais, e.UAI) {
			school, _ := v.Snapshot.Establishment(e.UAI)
			pupils += school.Pupils
			uais = append(uais, e.UAI)
		}
	}
	if len(uais) > 0 {
		last := did.Enablings[0].Decisions[len(did.Enablings[0].Decisions)-1]
		out.Changed = namesOf(v, uais)
		out.Numbers = append(
			out.Numbers, web.Term{Term: v.Say("report.service"), Text: v.Service(did.Enablings[0].Service)},
			web.Term{Term: v.Say("report.state"), Text: v.Say("state." + string(did.Enablings[0].State))},
			web.Term{Term: v.Say("report.schools"), Text: v.Number(len(uais))}, web.Term{Term: v.Say("preview.pupils"), Text: v.Pupils(pupils, len(uais))},
			web.Term{Term: v.Say("report.office"), Text: v.InOffice(last.Office)},
		)
	}
	for _, d := range did.Declarations {
		out.Versions = append(out.Versions, web.Tab{Label: v.Service(d.ServiceID) + ", " + refOf(d).String(), URL: addressOf(refOf(d))})
	}
	if len(out.Versions) > 0 {
		out.Numbers = append(out.Numbers, web.Term{Term: v.Say("report.versions"), Text: v.Number(len(out.Versions))})
	}
	return v.Render(w, http.StatusOK, "fait", out)
}
