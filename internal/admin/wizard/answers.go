package wizard

import (
	"ecluse/internal/policy/conformity"
	"ecluse/internal/registry"
)

// answersKind is what the controller answers to findings that ask for a reason.
const answersKind kind = "answers"

// The columns of an answer.
const (
	answerRule = iota
	answerWhere
	answerText
)

// answers are the controller's. One without a text is none.
func answers() field {
	column := func(key string, k kind) field { return field{key: key, kind: k, where: []string{key}} }
	return field{
		key: "justified", kind: answersKind, where: []string{"justified"},
		columns: []field{column("rule", fixed), column("where", fixed), column("text", area)},
		get: func(d registry.Declaration) [][]string {
			var out [][]string
			for _, j := range d.Justified {
				out = append(out, []string{j.Rule, j.Where, j.Text})
			}
			return out
		},
		set: func(d *registry.Declaration, rows [][]string) {
			var next []registry.Justified
			for _, row := range rows {
				if row[answerText] != "" && row[answerRule] != "" {
					next = append(next, registry.Justified{Rule: row[answerRule], Where: row[answerWhere], Text: row[answerText]})
				}
			}
			d.Justified = next
		},
	}
}

// asked adds to the answers that are there the findings that wait for one.
func asked(rows [][]string, d registry.Declaration, findings []registry.Finding) [][]string {
	known := map[[2]string]bool{}
	for _, row := range rows {
		known[[2]string{row[answerRule], row[answerWhere]}] = true
	}
	for _, f := range conformity.Unanswered(findings, d) {
		if !known[[2]string{f.Rule, f.Where}] {
			rows = append(rows, []string{f.Rule, f.Where, ""})
		}
	}
	return rows
}
