package annuaire

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"ecluse/internal/registry"
)

// Report writes what became of each row that is not unchanged, as CSV: line, uai, what, detail.
func (p Plan) Report(w io.Writer) error {
	out := csv.NewWriter(w)
	write := func(line int, uai, what, detail string) {
		at := ""
		if line > 0 {
			at = strconv.Itoa(line)
		}
		_ = out.Write([]string{at, plain(uai), what, plain(detail)}) // Error below tells
	}
	_ = out.Write([]string{"line", "uai", "what", "detail"})
	for _, bad := range p.Problems {
		detail := bad.What
		if bad.Mend != "" {
			detail += " (" + bad.Mend + ")"
		}
		write(bad.Line, string(bad.UAI), "bad", detail)
	}
	for _, e := range p.Created {
		write(0, string(e.UAI), "created", e.Name)
	}
	for _, c := range p.Changed {
		write(c.Line, string(c.Next.UAI), "changed", strings.Join(c.Fields, " "))
	}
	for _, e := range p.Closed {
		write(0, string(e.UAI), "closed", e.ClosedOn.String())
	}
	for _, uai := range p.Missing {
		write(0, string(uai), "missing", "no longer in the list")
	}
	for _, uai := range p.Managed {
		write(0, string(uai), "managed", "a file manages it")
	}
	out.Flush()
	return out.Error()
}

// plain keeps a spreadsheet from taking a text for a formula.
func plain(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// Summary counts, in one line.
func (p Plan) Summary() string {
	return fmt.Sprintf("%d created, %d changed, %d closed, %d unchanged, %d missing, %d managed by files, %d bad rows",
		len(p.Created), len(p.Changed), len(p.Closed), p.Unchanged, len(p.Missing), len(p.Managed), len(p.Problems))
}

// Samples gives at most n of the schools that the plan writes, for people to look at.
func (p Plan) Samples(n int) []registry.Establishment {
	all := p.Establishments()
	return slices.Clone(all[:min(n, len(all))])
}
