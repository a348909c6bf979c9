package review

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

// asked is a form that was posted, and what stands against it.
type asked struct {
	step  string
	wrong frame.Wrong
	form  frame.Form
}

// change is one line of what a version says differently from the one before it.
type change struct {
	Kind                 web.Badge
	Field, Before, After string
	Comment              string
}

type paper struct{ Label, URL, Date string }

// event is one line of the version's history.
type event struct {
	At                           time.Time
	What, Office, Reason, Remark string
	Notes                        []web.Term
}

type remark struct {
	At                  time.Time
	ID, Field, Says, By string
	Stale, Mine         bool
}

// versionPage is what the template prints.
type versionPage struct {
	web.Frame
	Errors  []web.InputError
	Done    string // the text of what was done a moment ago
	Title   string
	Address string
	Tag     string
	State   web.Badge
	Change  web.Badge
	Managed *frame.Kept // the file that keeps it
	Facts   []web.Term
	Text    web.Table
	Others  []web.Tab
	Before  int

	Inside   bool // the visitor sees how it came about
	Changes  []change
	Lights   []light
	Counts   [3]int
	Untold   int // notes that the page does not tell
	Missing  []string
	Effect   []web.Term
	Papers   []paper
	Comments []remark
	Opinions []event
	History  []event
	Charge   []web.Term

	Own                                        bool // the visitor wrote it
	Takes, Opines, Says, Corrects, Decides, Up bool
	Form                                       forms
}

// forms are the fields of the page's forms.
type forms struct {
	Field, Verdict, Spot                      web.Select
	Says, Opinion, Remark, Approving, Refusal web.Area
	Below                                     string
}

func (p *pages) version(w http.ResponseWriter, v *frame.Visit) error {
	ref, err := refOf(v)
	if err != nil {
		return err
	}
	return p.show(w, v, ref, asked{})
}

func (p *pages) show(w http.ResponseWriter, v *frame.Visit, ref desk.Ref, a asked) error {
	sheet, err := v.Desk.Sheet(v.Context(), v.Caller, ref)
	if err != nil {
		return err
	}
	d := sheet.Declaration
	title := v.Service(d.ServiceID)
	at := v.Around(ref.String(), web.Tab{Label: v.Say("queue.menu"), URL: Queue})
	at.Here = addressOf(ref)
	out := versionPage{
		Frame: at, Title: title, Address: addressOf(ref), Tag: sheet.Tag, State: state(v, sheet.Standing), Managed: v.Kept(d.ManagedBy),
		Facts: facts(v, sheet), Text: text(v, d), Inside: v.May(roles.ReadDrafts, of(d)), Before: sheet.Before, Papers: p.papers(v, d),
	}
	if out.Others, err = others(v, d); err != nil {
		return err
	}
	if out.Inside {
		if err := p.inside(v, sheet, &out); err != nil {
			return err
		}
	}
	out.allow(v, sheet)
	out.fields(v, a)
	status := http.StatusOK
	if a.wrong.Status != 0 {
		status = a.wrong.Status
		out.Errors = a.wrong.Summary(func(where string) string { return inputOf(a.step, where) })
	}
	if done := v.Query("fait"); v.R.Method == http.MethodGet && slices.ContainsFunc(steps(), func(s step) bool { return s.word == done }) {
		out.Done = v.Say("done." + done)
	}
	return v.Render(w, status, "version", out)
}

// inside fills what whoever reads drafts there sees: how the version came about, and what stands against it.
func (p *pages) inside(v *frame.Visit, s desk.Sheet, out *versionPage) error {
	d := s.Declaration
	said, err := v.Desk.Comments(v.Context(), v.Caller, desk.Ref{ID: d.ID, Version: d.Version})
	if err != nil {
		return err
	}
	out.Change = changed(v, s.Change)
	for _, c := range s.Changes {
		out.Changes = append(out.Changes, changeOf(v, c, out.Address))
	}
	out.Lights = lights(v, s.Findings, func(f registry.Finding) bool { return answered(d, f) }, out.Address)
	for _, f := range s.Findings {
		out.Counts[min(max(int(f.Severity), 0), 2)]++
	}
	out.Untold = len(s.Findings) - len(out.Lights)
	out.missing(v, s)
	out.Effect = effect(v, s)
	for _, c := range said {
		out.Comments = append(out.Comments, remark{At: c.At, ID: c.ID, Field: field(v, c.Where), Says: c.Says, By: v.InOffice(c.Office), Stale: c.Stale, Mine: c.Mine})
	}
	for _, o := range d.Opinions {
		out.Opinions = append(out.Opinions, opinion(v, d, o))
	}
	for _, by := range slices.Backward(d.Decisions) {
		out.History = append(out.History, decision(v, by))
	}
	out.Charge = inCharge(v, s.Charge)
	return nil
}

// answered tells whether the controller answered a finding, at its place or wherever its rule finds something.
func answered(d registry.Declaration, f registry.Finding) bool {
	return slices.ContainsFunc(d.Justified, func(j registry.Justified) bool {
		return j.Rule == f.Rule && (j.Where == "" || j.Where == f.Where) && j.Text != ""
	})
}

// missing says what keeps a version under review from being approved, besides the findings that stand there already.
func (o *versionPage) missing(v *frame.Visit, s desk.Sheet) {
	if s.Standing != registry.Standing(registry.Submitted) && s.Standing != registry.Standing(registry.InReview) {
		return
	}
	for _, f := range s.Missing {
		line := cmp.Or(perhaps(v, "missing."+f.Rule), v.Rule(f), v.Days(f.What))
		if !slices.Contains(o.Missing, line) {
			o.Missing = append(o.Missing, line)
		}
	}
}

// allow says which forms the visitor finds. The acts ask again.
func (o *versionPage) allow(v *frame.Visit, s desk.Sheet) {
	d := s.Declaration
	has := func(act roles.Act) bool { return slices.Contains(s.Acts, act) }
	o.Own = d.Author != "" && d.Author == v.Caller.Handle
	o.Takes = d.State == registry.Submitted && has(roles.Instruct)
	o.Corrects = has(roles.Instruct)
	o.Opines = has(roles.Opine) || has(roles.OpineBeside)
	o.Decides = has(roles.Approve)
	o.Up = o.Takes || o.Corrects || o.Opines || o.Decides
	o.Says = d.State != registry.Archived && d.State != registry.Refused && (o.Up || v.May(roles.Draft, of(d)) || v.May(roles.Opine, of(d)) ||
		v.May(roles.OpineBeside, of(d)) || v.May(roles.Instruct, of(d)) || v.May(roles.Approve, of(d)))
}

// inputOf is the input that a mistake of a step is about.
func inputOf(step, where string) string {
	switch step {
	case "commentaire":
		if topOf(where) == "where" {
			return "champ"
		}
		return "commentaire"
	case "avis":
		if where == "value" {
			return "avis"
		}
		return "avis-motif"
	case "correction":
		return "remarque"
	case "approbation":
		return "approbation-motif"
	case "refus":
		return "refus-motif"
	default:
		return ""
	}
}
