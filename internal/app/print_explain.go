package app

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"ecluse/internal/admin"
)

func writeExplanation(b *strings.Builder, e admin.Explanation) {
	decision := "REFUSED: " + e.Reason
	if e.Allowed {
		decision = "ALLOWED"
	}
	fmt.Fprintf(b, "%s\n  service %s, establishment %s, profile %s\n", decision, e.Service, e.UAI, e.Profile)
	if e.ReasonSays != "" {
		fmt.Fprintf(b, "  %s\n", e.ReasonSays)
	}
	if e.Since != "" {
		fmt.Fprintf(b, "  date %s\n", e.Since)
	}
	if e.Missing != "" {
		fmt.Fprintf(b, "  missing attribute %s, from %s\n", e.Missing, e.Source)
	}
	fmt.Fprint(b, "\nChecks, in order\n")
	widest := 0
	for _, s := range e.Steps {
		widest = max(widest, utf8.RuneCountInString(s.Check))
	}
	for _, s := range e.Steps {
		mark := "no "
		if s.Passed {
			mark = "yes"
		}
		fmt.Fprintln(b, strings.TrimRight(fmt.Sprintf("  %s  %-*s  %s", mark, widest, s.Check, s.Detail), " "))
	}
	if e.Allowed {
		writeReleased(b, e)
	}
	if len(e.Withheld) > 0 {
		fmt.Fprint(b, "\nWhat would not\n")
		for _, w := range e.Withheld {
			fmt.Fprintf(b, "  %-14s %s: %s", w.Attribute, w.Why, w.WhySays)
			if w.Neutral != "" {
				fmt.Fprintf(b, " (offered instead: %s)", w.Neutral)
			}
			fmt.Fprintln(b)
		}
	}
	for _, m := range e.Messages {
		fmt.Fprintf(b, "\nThe %s message to %s\n%s\n", m.Spoken(), m.Handle, cmp.Or(m.Text, m.Error))
	}
	for _, p := range e.Pages {
		fmt.Fprintf(b, "\nThe page (%s, %s)\n%s\n", p.Wording, p.Lang, cmp.Or(p.HTML, p.Error))
	}
}

func writeReleased(b *strings.Builder, e admin.Explanation) {
	fmt.Fprintf(b, "\nUnder declaration %s v%d (%s), known by its %s\n  %s\n", e.Declaration, e.Version, e.Mode,
		strings.ReplaceAll(e.SubjectIs, "_", " "), e.Subject)
	for _, k := range e.Subjects {
		if k.Subject != e.Subject {
			fmt.Fprintf(b, "  over %s to %s by its %s %s\n", strings.ToUpper(k.Protocol), k.Handle, strings.ReplaceAll(k.SubjectIs, "_", " "), k.Subject)
		}
	}
	for _, p := range e.Purposes {
		fmt.Fprintf(b, "  purpose: %s\n", p)
	}
	fmt.Fprintf(b, "  legal basis: %s\n", cmp.Or(e.BasisSays, e.Basis))
	if e.NeedSays != "" {
		fmt.Fprintf(b, "  before that: %s\n", e.NeedSays)
	}
	fmt.Fprint(b, "\nWhat would be sent\n")
	for _, r := range e.Released {
		fmt.Fprintf(b, "  %-14s %s\n  %14s why: %s; how: %s; declared: %s\n", r.Attribute, strings.Join(r.Values, " | "), "",
			r.Justification, r.Transformation, r.Declared)
		if len(r.Said) > 0 {
			fmt.Fprintf(b, "  %14s source: %s\n", "", strings.Join(r.Said, " | "))
		}
		for _, n := range r.Names {
			fmt.Fprintf(b, "  %14s %s\n", "", sentAs(n, r.Values))
		}
	}
}

// sentAs says how one binding has a word; values are repeated only where they are written otherwise.
func sentAs(n admin.Name, released []string) string {
	text := strings.TrimSpace(n.Spoken() + " " + n.Name)
	if n.Name != "" {
		text = "sent as " + text
	}
	if n.Name != "" && !slices.Equal(n.Values, released) {
		text += " = " + strings.Join(n.Values, " | ")
	}
	if n.Shaping != "" {
		text += " (" + n.Shaping + ")"
	}
	return text
}

func writeComparison(b *strings.Builder, c admin.Comparison) {
	fmt.Fprint(b, "In force, and as if the draft were approved\n")
	writeChanges(b, c)
	fmt.Fprint(b, "\nIN FORCE\n\n")
	writeExplanation(b, c.Before)
	fmt.Fprint(b, "\nAS IF APPROVED\n\n")
	writeExplanation(b, c.After)
}

func writeChanges(b *strings.Builder, c admin.Comparison) {
	if len(c.Changes) == 0 {
		fmt.Fprint(b, "  nothing changes\n")
	}
	for _, l := range c.Changes {
		fmt.Fprintf(b, "  %-8s %-14s %s -> %s\n", l.Kind, l.What, cmp.Or(strings.Join(l.Before, " | "), "-"), cmp.Or(strings.Join(l.After, " | "), "-"))
	}
}

// writeEffect says what changes for whom.
func writeEffect(b *strings.Builder, list []admin.Comparison) {
	for _, c := range list {
		fmt.Fprintf(b, "%s (%s) at %s\n", c.Persona, c.Name, c.After.UAI)
		writeChanges(b, c)
	}
}

func writePast(b *strings.Builder, p admin.Past) {
	fmt.Fprintf(b, "%s, from the journal: names of attributes, never values\n", p.Ref)
	for _, e := range p.Events {
		fmt.Fprintf(b, "\n%s  %s (%s)\n", e.At.Format(time.RFC3339), e.Action, e.ActionSays)
		for _, line := range [][2]string{
			{"outcome", strings.TrimSpace(e.Outcome + " " + e.Reason)},
			{"", e.ReasonSays},
			{"service", e.Service},
			{"establishment", strings.TrimSpace(e.UAI + " " + e.School)},
			{"profile", e.Profile},
			{"source", e.Source},
			{"protocol", e.Protocol},
		} {
			if line[1] != "" {
				fmt.Fprintf(b, "  %-14s %s\n", line[0], line[1])
			}
		}
		if e.Declaration != "" {
			fmt.Fprintf(b, "  %-14s %s v%d (%s today), %s\n", "declaration", e.Declaration, e.Version, e.State, e.Basis)
		}
		for _, i := range e.Released {
			fmt.Fprintf(b, "  sent           %-14s %s; declared: %s\n", i.Attribute, i.Justification, i.Declared)
		}
		for _, i := range e.Withheld {
			fmt.Fprintf(b, "  not sent       %-14s %s\n", i.Attribute, i.WhySays)
		}
	}
}
