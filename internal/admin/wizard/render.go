package wizard

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

// shown is one field on the page.
type shown struct {
	Kind       kind
	Name       string
	Label      string
	Hint       string
	Value      string
	Reads      string // what the value says, where nobody types
	Options    []web.Option
	Head       []shown // of a table: the columns
	Rows       []shownRow
	Groups     []wordGroup
	Said       []remark
	Theirs     string // what somebody else has saved meanwhile, where it is something else
	HasTheirs  bool
	Attributes string
}

// shownRow is one row of a table.
type shownRow struct {
	Cells []shown
	Out   string // the name of the box that takes it out; empty for an empty row
	Said  []remark
}

type shownGroup struct {
	Key, Label, Lead string
	Fields           []shown
}

// stepPage is what the template prints.
type stepPage struct {
	web.Frame
	Title, Service string
	Step           int
	Label, Lead    string
	Steps          []stepLink
	Standing       web.Badge
	Writable       bool
	Again          bool // the version is approved, and the next one may be begun
	Groups         []shownGroup
	Others         []remark // of the step, and of no field on it
	State, Version string
	Problem        string
	Saved, Sent    bool
	Unsaved        bool
	Refused        *refusedTool
	Summary        []web.InputError
	Told           told
	Connection     *connection
	Trial          trial
	Findings       []stepRemarks
	Ready          bool
	Attach         attaching
	Here, Back     string
	Next           string
	Submit         string
	NextVersion    string
}

func (p *pages) render(w http.ResponseWriter, st *state) error {
	title := st.Say("title", "service", st.Service(st.text.ServiceID), "id", st.ref.ID, "version", st.ref.Version)
	page := stepPage{
		Title: title, Service: st.Service(st.text.ServiceID), Step: st.step, Label: st.Say(fmt.Sprintf("step.%d", st.step)),
		Lead: st.Say(fmt.Sprintf("lead.%d", st.step)), Steps: st.stepLinks(), Writable: st.writable, State: part(st.step, st.saved),
		Version: tagOf(st.saved), Problem: st.problem, Saved: st.Query("enregistre") != "" && !st.unsaved, Sent: st.Query("soumise") != "",
		Unsaved: st.unsaved, Here: at(st.ref, st.step), Told: p.told(st),
	}
	base := strings.TrimSuffix(at(st.ref, 0), "/etape/0")
	page.Submit, page.NextVersion = base+"/soumettre", base+"/suivante"
	page.Standing = st.standing()
	page.Again = !st.writable && st.saved.WasApproved() && st.May(roles.Draft, roles.Target{Service: st.saved.ServiceID, Declaration: &st.saved})
	page.Frame = st.Around(page.Label, web.Tab{Label: st.ref.ID + " v" + strconv.Itoa(st.ref.Version), URL: at(st.ref, stepService)})
	page.Frame.Here = page.Here
	if st.step > stepService {
		page.Back = at(st.ref, st.step-1)
	}
	if st.step < stepSubmit {
		page.Next = at(st.ref, st.step+1)
	}
	if st.refused != nil {
		page.Refused = refusedOf(st.scene, st.refused.Tool)
	}
	for _, g := range groups(st.step) {
		page.Groups = append(page.Groups, st.shownGroup(g))
	}
	p.special(st, &page)
	step := st.step
	page.Others = st.remarks(func(where string) bool { return stepOf(where) == step || strings.HasPrefix(where, typing) })
	for _, f := range st.wrong {
		page.Summary = append(page.Summary, web.InputError{Name: st.inputOf(f.Where), Text: st.remarkOf(f).Text})
	}
	return st.Render(w, st.status, "step", page)
}

// special is what only some steps have.
func (p *pages) special(st *state, page *stepPage) {
	switch st.step {
	case stepTechnique:
		page.Connection = p.connected(st.scene, st.service, nil)
		page.Trial = p.tried(st)
	case stepPapers:
		page.Attach = attachingOf(st.scene)
	case stepSubmit:
		page.Findings = st.elsewhere()
		for i := range st.told {
			st.told[i] = true
		}
		page.Ready = st.writable && !slices.ContainsFunc(st.found, func(f registry.Finding) bool { return f.Rule == "" && f.Severity == registry.Blocking })
	}
}

func (st *state) standing() web.Badge {
	word := string(st.saved.State)
	if word == "" {
		word = string(registry.Draft)
	}
	kinds := map[string]string{"approved": "success", "refused": "danger", "suspended": "danger", "to_correct": "warning"}
	return web.Badge{Kind: kinds[word], Text: st.Say("state." + word)}
}

func (st *state) shownGroup(g group) shownGroup {
	out := shownGroup{Key: g.key, Label: st.Say("group." + g.key), Lead: st.maybe("group_lead." + g.key)}
	for _, f := range g.fields {
		out.Fields = append(out.Fields, st.shown(f))
	}
	return out
}

// values are what a field shows: what was typed, else what is kept.
func (st *state) values(f field) [][]string {
	if st.typed != nil {
		return f.typed(st.saved, st.typed)
	}
	return f.get(st.text)
}

func (st *state) shown(f field) shown {
	rows := st.values(f)
	out := shown{Kind: f.kind, Name: f.key, Label: st.Say("field." + f.key), Hint: st.maybe("hint." + f.key)}
	switch f.kind {
	case table:
		st.tableShown(f, rows, &out)
	case answersKind:
		st.answersShown(f, rows, &out)
	case words:
		out.Groups = st.wordsShown(f, rows)
	case ticks:
		out.Options = chosen(f.options(st.scene), rows[0])
		out.Reads = reading(out.Options)
	default:
		st.single(f, first(rows), &out)
	}
	out.Said = append(out.Said, st.remarks(f.claims)...)
	if st.theirs {
		if now := f.get(st.saved); !same(now, rows) {
			out.HasTheirs, out.Theirs = true, st.reads(f, now)
		}
	}
	return out
}

func (st *state) single(f field, value string, out *shown) {
	out.Value, out.Reads = value, value
	switch f.kind {
	case choice:
		out.Options = chosen(f.options(st.scene), []string{value})
		out.Reads = reading(out.Options)
		if value == "" {
			out.Reads = ""
		}
	case day:
		if d, err := registry.ParseDate(value); err == nil {
			out.Reads = st.Date(d)
		}
	case tick:
		out.Reads = ""
		if value != "" {
			out.Reads = st.Say("choice.answer.yes")
		}
	}
}

func (st *state) tableShown(f field, rows [][]string, out *shown) {
	for _, c := range f.columns {
		out.Head = append(out.Head, shown{Kind: c.kind, Label: st.Say("column." + f.key + "." + c.key)})
	}
	grows := f.grows
	if !st.writable || st.typed != nil {
		grows = 0
	}
	for i := range len(rows) + grows {
		row, empty := make([]string, len(f.columns)), i >= len(rows)
		if !empty {
			row = rows[i]
		}
		shownAs := shownRow{}
		if !blank(row) {
			shownAs.Out = f.cell(i, "out")
		}
		for j, c := range f.columns {
			cell := shown{Kind: c.kind, Name: f.cell(i, c.key), Label: out.Head[j].Label, Hint: ""}
			st.single(c, row[j], &cell)
			cell.Said = st.remarks(field{where: []string{f.where[0] + "[" + strconv.Itoa(i) + "]." + c.where[0]}}.claims)
			shownAs.Cells = append(shownAs.Cells, cell)
		}
		shownAs.Said = st.remarksAt(f.where[0], i)
		out.Rows = append(out.Rows, shownAs)
	}
	out.Value = strconv.Itoa(len(out.Rows))
}

// answersShown are the findings that ask for a reason, each with its answer.
func (st *state) answersShown(f field, rows [][]string, out *shown) {
	if st.typed == nil {
		rows = asked(rows, st.text, st.found)
	}
	for i, row := range rows {
		if row[answerRule] == "" {
			continue
		}
		line := shownRow{}
		for _, found := range st.found {
			if found.Rule == row[answerRule] && (row[answerWhere] == "" || found.Where == row[answerWhere]) {
				line.Said = append(line.Said, st.remarkOf(found))
				break
			}
		}
		for j, c := range f.columns {
			line.Cells = append(line.Cells, shown{Kind: c.kind, Name: f.cell(i, c.key), Value: row[j], Reads: row[j], Label: st.Say("answers.text")})
		}
		out.Rows = append(out.Rows, line)
	}
	out.Value = strconv.Itoa(len(rows))
}

// reads says in a line what a field holds.
func (st *state) reads(f field, rows [][]string) string {
	var out []string
	for _, row := range rows {
		for j, cell := range row {
			one := shown{}
			switch {
			case f.kind == table && j < len(f.columns):
				st.single(f.columns[j], cell, &one)
			case f.kind == ticks:
				one.Reads = reading(chosen(f.options(st.scene), []string{cell}))
			case f.kind == table || f.kind == words || f.kind == answersKind:
				one.Reads = cell
			default:
				st.single(f, cell, &one)
			}
			if one.Reads != "" {
				out = append(out, one.Reads)
			}
		}
	}
	if len(out) == 0 {
		return st.Say("nothing")
	}
	return st.List(out...)
}

func chosen(options []web.Option, values []string) []web.Option {
	for i := range options {
		options[i].Chosen = slices.Contains(values, options[i].Value)
	}
	return options
}

func reading(options []web.Option) string {
	var out []string
	for _, o := range options {
		if o.Chosen && o.Value != "" {
			out = append(out, o.Label)
		}
	}
	return strings.Join(out, ", ")
}

// same compares values without empty rows.
func same(a, b [][]string) bool {
	full := func(rows [][]string) [][]string { return slices.DeleteFunc(slices.Clone(rows), blank) }
	return slices.EqualFunc(full(a), full(b), slices.Equal)
}

// inputOf is the input that a finding is about; the content of the page where it is about none.
func (st *state) inputOf(where string) string {
	for _, f := range fieldsOf(st.step) {
		if !f.claims(where) {
			continue
		}
		if f.kind != table {
			return f.key
		}
		var i int
		for _, c := range f.columns {
			if rest, ok := strings.CutPrefix(where, f.where[0]+"["); ok {
				if n, _ := fmt.Sscanf(rest, "%d]", &i); n == 1 && strings.HasSuffix(rest, "]."+c.where[0]) {
					return f.cell(i, c.key)
				}
			}
		}
		return f.key
	}
	return "contenu"
}

func joined(values []string) string {
	if len(values) == 0 {
		return "–"
	}
	return strings.Join(values, " | ")
}
