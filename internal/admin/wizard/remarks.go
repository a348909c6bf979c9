package wizard

import (
	"fmt"
	"slices"
	"strings"

	"ecluse/internal/policy/conformity"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// remark is a finding in words, beside the field that it is about.
type remark struct {
	Kind   string // danger, warning, info
	Text   string
	More   string // as package conformity says it, where Text says it shorter
	Mend   string
	Law    string
	Fields string // that it is about, where it stands beside none
}

// remarkOf says a finding in the visitor's words where there are any.
func (st *state) remarkOf(f registry.Finding) remark {
	out := remark{Kind: "danger", Text: st.Days(f.What), Mend: st.Days(f.Mend), Law: st.Law(f.Law)}
	switch {
	case f.Severity == registry.Note:
		out.Kind = "info"
	case f.Severity == registry.ToJustify && len(conformity.Unanswered([]registry.Finding{f}, st.text)) == 0:
		out.Kind = "success"
	case f.Severity == registry.ToJustify:
		out.Kind = "warning"
	}
	if own := st.maybe("rule." + f.Rule); own != "" {
		out.Text, out.Mend, out.More = own, "", inDetail(f)
	}
	if f.Rule == "" {
		st.form(f, &out)
	}
	return out
}

// form says what is wrong with the form of a field. The register says it in English.
func (st *state) form(f registry.Finding, out *remark) {
	own := st.maybe("form." + f.Where)
	switch {
	case own != "":
		out.Text, out.Mend = own, ""
	case strings.HasPrefix(f.What, `""`): // nothing was chosen: the list of words says nothing to people
		out.Text, out.Mend = st.Say("missing"), ""
	case st.Lang == web.English:
	case strings.HasSuffix(f.What, "is missing"):
		out.Text, out.Mend = st.Say("blank"), ""
	default:
		out.Text, out.Mend, out.More = st.Say("unfit"), "", inDetail(f)
	}
}

// inDetail is a finding as it was found.
func inDetail(f registry.Finding) string {
	return strings.TrimSuffix(f.What+" ("+f.Mend+")", " ()")
}

// maybe is a text that may not be there.
func (s *scene) maybe(key string) string {
	text, err := s.Kit.Say(s.R, web.Frame{}, name+"/"+key)
	if err != nil {
		return ""
	}
	return text
}

// remarksAt are those about one entry of a list, and what stands below it.
func (st *state) remarksAt(where string, i int) []remark {
	return st.remarks(field{where: []string{fmt.Sprintf("%s[%d]", where, i)}}.claims)
}

// remarks are those whose place is claimed, each told once on the page.
func (st *state) remarks(claims func(string) bool) []remark {
	var out []remark
	for i, f := range st.found {
		if !st.told[i] && claims(f.Where) {
			st.told[i] = true
			out = append(out, st.remarkOf(f))
		}
	}
	return out
}

// stepLink is one step in the list of them.
type stepLink struct {
	web.Tab
	N, Blocking, Open int // what keeps the declaration from being approved, and what waits for an answer
	Current           bool
}

// stepLinks are the seven steps, with what is to be mended in each.
func (st *state) stepLinks() []stepLink {
	out := make([]stepLink, stepSubmit)
	for i := range out {
		out[i] = stepLink{Tab: web.Tab{Label: st.Say(fmt.Sprintf("step.%d", i+1)), URL: at(st.ref, i+1)}, N: i + 1, Current: i+1 == st.step}
	}
	for _, f := range st.found {
		to := &out[stepOf(f.Where)-1]
		switch {
		case f.Severity == registry.Blocking:
			to.Blocking++
		case len(conformity.Unanswered([]registry.Finding{f}, st.text)) > 0:
			to.Open++
		}
	}
	return out
}

// stepRemarks are what is found in one step, for the last one: what blocks first, and what is the same of several fields
// once, with their names.
type stepRemarks struct {
	Step, URL string
	Remarks   []listedRemark
}

type listedRemark struct {
	remark
	names []string
	mores []string
}

// elsewhere lists what is found step by step.
func (st *state) elsewhere() []stepRemarks {
	var out []stepRemarks
	for step := stepService; step <= stepSubmit; step++ {
		one := stepRemarks{Step: st.Say(fmt.Sprintf("step.%d", step))}
		if step != stepSubmit {
			one.URL = at(st.ref, step)
		}
		for _, f := range st.found {
			if stepOf(f.Where) == step {
				one.add(st.remarkOf(f), st.fieldAt(step, f.Where))
			}
		}
		if len(one.Remarks) > 0 {
			out = append(out, one.told(st))
		}
	}
	return out
}

// add keeps a remark, or the name of its field where the same is said of others.
func (s *stepRemarks) add(r remark, field string) {
	i := slices.IndexFunc(s.Remarks, func(o listedRemark) bool { return o.Kind == r.Kind && o.Text == r.Text && o.Law == r.Law })
	if i < 0 {
		i = len(s.Remarks)
		s.Remarks = append(s.Remarks, listedRemark{remark: r})
	}
	at := &s.Remarks[i]
	if field != "" && !slices.Contains(at.names, field) {
		at.names = append(at.names, field)
	}
	if r.More != "" && !slices.Contains(at.mores, r.More) {
		at.mores = append(at.mores, r.More)
	}
}

func (s stepRemarks) told(st *state) stepRemarks {
	for i := range s.Remarks {
		r := &s.Remarks[i]
		r.Fields, r.More = st.List(r.names...), strings.Join(r.mores, "; ")
	}
	rank := map[string]int{"danger": 0, "warning": 1, "success": 2, "info": 3}
	slices.SortStableFunc(s.Remarks, func(a, b listedRemark) int { return rank[a.Kind] - rank[b.Kind] })
	return s
}

// fieldAt is what the field is called that a finding is about; empty where it is about none.
func (st *state) fieldAt(step int, where string) string {
	for _, f := range fieldsOf(step) {
		if f.claims(where) {
			return st.maybe("field." + f.key)
		}
	}
	return ""
}
