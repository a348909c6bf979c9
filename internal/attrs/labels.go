package attrs

import (
	"slices"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
)

// What was done to a list of labels, beside what made it.
const (
	withoutRevealing = "without the labels that reveal too much"
	withoutFew       = "without the labels that few pupils share"
	neutralPlace     = "le type d'établissement"
)

// harmless holds back what says more of somebody than the attribute should: labels that reveal health, disability, origin
// or religion (RGPD art. 9). The neutral word stands in the place of a level where it is a level itself.
func (v *values) harmless(entry *dictionary.Entry, f finding) finding {
	switch {
	case entry.Attr == "school_name":
		if f = v.hold(entry.Attr, f); f.why == Reveals {
			f.neutral = neutralPlace
		}
	case entry.Reveals == dictionary.ByLabel:
		return v.hold(entry.Attr, f)
	case entry.Reveals == dictionary.ByLevel:
		return v.holdCodes(f)
	}
	return f
}

// hold copies the values only where it must.
func (v *values) hold(n Name, f finding) finding {
	var kept []string
	for i, value := range f.values {
		w, revealing := v.grant.Reveals(value)
		if revealing && f.why != Reveals {
			f.why, f.neutral = Reveals, w.Neutral
			kept = slices.Clone(f.values[:i])
		}
		switch {
		case f.why != Reveals:
		case !revealing:
			kept = append(kept, value)
		case n == person.Level && Cycle([]string{w.Neutral}) != "" && !slices.Contains(kept, w.Neutral):
			kept = append(kept, w.Neutral)
			f.rule = NeutralWord
		}
	}
	if f.why == Reveals {
		f.shaped(kept, withoutRevealing)
	}
	return f
}

// holdCodes holds back codes that say what the level says: with a level that reveals too much, and with a level code of a
// programme that does, whatever its label is.
func (v *values) holdCodes(f finding) finding {
	levels, _ := v.said(person.Level)
	if level := v.hold(person.Level, finding{values: levels}); level.why == Reveals {
		return finding{why: Reveals, neutral: level.neutral, said: f.said}
	}
	codes, _ := v.said(person.LevelCode)
	for _, code := range codes {
		if c, revealing := v.grant.RevealsCode(code); revealing {
			return finding{why: Reveals, neutral: c.Neutral, said: f.said}
		}
	}
	return f
}

// enough holds back, under a pseudonym, the labels of classes and groups of so few pupils that school, profile and label
// together name one of them, and labels that those who counted did not know. Where nobody counted nothing is held back.
func (v *values) enough(n Name, f finding) finding {
	var counts map[string]int
	switch n {
	case "classes", "division_of_groups", "main_classes":
		counts = v.counted.Classes
	case "groups", "group_links":
		counts = v.counted.Groups
	}
	if v.few == 0 || len(counts) == 0 {
		return f
	}
	small := func(label string) bool { return counts[label] < v.few }
	if !slices.ContainsFunc(f.values, small) {
		return f
	}
	if f.why == "" {
		f.why = TooFew
	}
	f.shaped(slices.DeleteFunc(slices.Clone(f.values), small), withoutFew)
	return f
}

// shaped puts what is left in the place of the values, and says so.
func (f *finding) shaped(kept []string, how string) {
	f.values = kept
	if f.rule != NeutralWord {
		f.rule = HeldBack
	}
	if f.how != "" {
		how = f.how + ", " + how
	}
	f.how = how
}
