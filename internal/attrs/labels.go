package attrs

import (
	"slices"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
)

// harmless holds back what says more of somebody than the attribute should: labels that reveal health, disability, origin
// or religion (RGPD art. 9). The neutral word stands in the place of a level where it is a level itself.
func (v *values) harmless(entry dictionary.Entry, f finding) finding {
	switch entry.Reveals {
	case dictionary.ByLabel:
		return v.hold(entry.Attr, f)
	case dictionary.ByLevel: // the code says what the level says
		if level := v.hold(person.Level, finding{values: v.said(person.Level)}); level.why == Reveals {
			return finding{why: Reveals, neutral: level.neutral}
		}
	}
	return f
}

// hold copies the values only where it must.
func (v *values) hold(n Name, f finding) finding {
	var kept []string
	for i, value := range f.values {
		w, revealing := v.grant.Reveals(value)
		if revealing && f.why == "" {
			f.why, f.neutral = Reveals, w.Neutral
			kept = slices.Clone(f.values[:i])
		}
		switch {
		case f.why == "":
		case !revealing:
			kept = append(kept, value)
		case n == person.Level && Cycle([]string{w.Neutral}) != "" && !slices.Contains(kept, w.Neutral):
			kept = append(kept, w.Neutral)
		}
	}
	if f.why == "" {
		return f
	}
	how := "without the labels that reveal too much"
	if f.how != "" {
		how = f.how + ", " + how
	}
	return finding{values: kept, how: how, why: Reveals, neutral: f.neutral}
}
