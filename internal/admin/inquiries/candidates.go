package inquiries

import (
	"slices"
	"strconv"
	"strings"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/web"
)

// fields of the candidates, one for each source: a prefix and the source.
const ofSource = "candidats-"

// people are those whom one source is asked about, as they were typed, and where each stands.
type people struct {
	source, label, typed string
	list                 []desk.Candidate
	lines                []int // of each of the list, from 1
}

// everybody are the people typed at each source, in the sources' order; then those typed at a source that is gone by now, so
// that it is told and nobody is lost.
func everybody(v *frame.Visit, f frame.Form) []people {
	var out []people
	for _, s := range v.Snapshot.Sources() {
		if s.Authority != "" {
			out = append(out, peopleOf(s.ID, s.Name.In(v.In()), f))
		}
	}
	var gone []string
	for key := range f.Values {
		id, ours := strings.CutPrefix(key, ofSource)
		if ours && f.Get(key) != "" && !slices.ContainsFunc(out, func(p people) bool { return p.source == id }) {
			gone = append(gone, id)
		}
	}
	slices.Sort(gone)
	for _, id := range gone {
		out = append(out, peopleOf(id, id, f))
	}
	return out
}

// peopleOf reads one on each line, with the identifiers of one apart by semicolons.
func peopleOf(source, label string, f frame.Form) people {
	out := people{source: source, label: label, typed: f.Values.Get(ofSource + source)}
	n := 0
	for line := range strings.Lines(out.typed) {
		n++
		var ids []string
		for id := range strings.SplitSeq(line, ";") {
			if id = strings.TrimSpace(id); id != "" {
				ids = append(ids, id)
			}
		}
		if len(ids) > 0 {
			out.list, out.lines = append(out.list, desk.Candidate{Source: source, Identifiers: ids}), append(out.lines, n)
		}
	}
	return out
}

// candidates are everybody as one list.
func candidates(all []people) []desk.Candidate {
	var out []desk.Candidate
	for _, p := range all {
		out = append(out, p.list...)
	}
	return out
}

// areas are the fields in which candidates are typed. What is wrong with one stands at its source, and leaves the others.
func areas(v *frame.Visit, all []people, wrong frame.Wrong) []web.Area {
	var out []web.Area
	for i, p := range all {
		a := web.Area{Name: ofSource + p.source, Label: v.Say("ask.candidats_of", "source", p.label), Value: p.typed, Error: wrong.At(ofSource + p.source), Required: len(all) == 1}
		if a.Error == "" && i == 0 {
			a.Error = wrong.At("candidates")
		}
		out = append(out, a)
	}
	return out
}

// placed brings what is wrong with candidates to the field and the line where they were typed; once, where it is wrong with
// their source.
func placed(v *frame.Visit, all []people, wrong frame.Wrong) frame.Wrong {
	var lines []frame.Line
	for _, l := range wrong.Lines {
		if source, line, ok := typedAt(all, l.Where); ok {
			l.Where = ofSource + source
			if line > 0 {
				l.Text = v.Say("ask.at_line", "n", v.Number(line), "text", l.Text)
			}
		}
		if !slices.Contains(lines, l) {
			lines = append(lines, l)
		}
	}
	wrong.Lines = lines
	return wrong
}

// typedAt finds the source and the line of what package desk calls candidates[3].identifiers[0]; line 0 for all of a source.
func typedAt(all []people, where string) (source string, line int, ok bool) {
	place, below := strings.CutPrefix(where, "candidates[")
	number, rest, closed := strings.Cut(place, "]")
	i, err := strconv.Atoi(number)
	if !below || !closed || err != nil {
		return "", 0, false
	}
	for _, p := range all {
		if i < len(p.list) {
			if rest != ".source" {
				line = p.lines[i]
			}
			return p.source, line, true
		}
		i -= len(p.list)
	}
	return "", 0, false
}
