package admin

import (
	"cmp"
	"slices"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// Comparison is one question answered twice: on what is in force, and as if a draft were approved.
type Comparison struct {
	Draft   string        `json:"draft"` // id and version
	Persona string        `json:"persona,omitempty"`
	Name    string        `json:"name,omitempty"` // the persona's, in words
	Before  Explanation   `json:"before"`
	After   Explanation   `json:"after"`
	Changes []ChangedLine `json:"changes"` // empty when nothing changes for this person
}

// ChangedLine is one difference. What names the thing that changes: decision, need, subject, basis, or an attribute.
type ChangedLine struct {
	What   string   `json:"what"`
	Label  string   `json:"label"`
	Kind   string   `json:"kind"` // added, removed, changed
	Before []string `json:"before,omitempty"`
	After  []string `json:"after,omitempty"`
}

// Compare answers the question before and after. Messages and pages are in both.
func (s *Simulator) Compare(view *registry.Snapshot, draft registry.Declaration, q Question) Comparison {
	after := AsIf(view, s.Now(), draft, q.UAI)
	out := Comparison{Draft: draft.ID, Before: s.Explain(view, q, nil), After: s.Explain(after, q, nil)}
	out.Changes = differences(out.Before, out.After, q.Lang)
	return out
}

// Effect says what changes for whom if a draft is approved: one comparison for each persona, placed in uai, or where such
// a person is usually found when it is empty. Messages and pages are left out.
func (s *Simulator) Effect(view *registry.Snapshot, draft registry.Declaration, all Personas, uai person.UAI, in string) []Comparison {
	quick := Simulator{Engine: s.Engine, Now: s.Now, Need: s.Need, Serve: s.Serve}
	var out []Comparison
	for _, p := range all {
		at := uai
		if at == "" {
			at = p.in(view, s.Now(), draft)
		}
		c := quick.Compare(view, draft, Question{
			Person: p.At(view, s.Now(), at, ""), UAI: at, Service: draft.ServiceID, Invented: true, Lang: in,
		})
		c.Persona, c.Name = p.ID, p.Name.In(lang(in))
		out = append(out, c)
	}
	return out
}

// in is where the draft concerns the persona: an establishment of a usual type in its scope.
func (p Persona) in(view *registry.Snapshot, now time.Time, draft registry.Declaration) person.UAI {
	uai, _ := p.Fits(view, now, func(uai person.UAI) bool {
		school, known := view.Establishment(uai)
		return known && draft.Scope.Covers(school)
	})
	return uai
}

func differences(before, after Explanation, in string) []ChangedLine {
	var out []ChangedLine
	line := func(what, label, a, b string) {
		if a != b {
			out = append(out, ChangedLine{What: what, Label: label, Kind: kindOf(a, b), Before: one(a), After: one(b)})
		}
	}
	line("decision", decisionWord("decision", in), decision(before, in), decision(after, in))
	line("need", decisionWord("need", in), before.NeedSays, after.NeedSays)
	line("basis", decisionWord("basis", in), before.BasisSays, after.BasisSays)
	line("subject", decisionWord("subject", in), before.Subject, after.Subject)
	for _, b := range before.Released {
		i := slices.IndexFunc(after.Released, func(a Released) bool { return a.Attribute == b.Attribute })
		switch {
		case i < 0:
			out = append(out, ChangedLine{What: b.Attribute, Label: b.Label, Kind: "removed", Before: b.Values})
		case !slices.Equal(b.Values, after.Released[i].Values) || b.Required != after.Released[i].Required || b.Justification != after.Released[i].Justification:
			out = append(out, ChangedLine{What: b.Attribute, Label: b.Label, Kind: "changed", Before: b.Values, After: after.Released[i].Values})
		}
	}
	for _, a := range after.Released {
		if !slices.ContainsFunc(before.Released, func(b Released) bool { return a.Attribute == b.Attribute }) {
			out = append(out, ChangedLine{What: a.Attribute, Label: a.Label, Kind: "added", After: a.Values})
		}
	}
	return out
}

func kindOf(before, after string) string {
	switch {
	case before == "":
		return "added"
	case after == "":
		return "removed"
	default:
		return "changed"
	}
}

// decision is the decision in words.
func decision(e Explanation, in string) string {
	if e.Allowed {
		return decisionWord("allowed", in)
	}
	return decisionWord("refused", in) + cmp.Or(colon(in)+e.ReasonSays, e.Reason)
}

func colon(in string) string {
	if lang(in) == "en" {
		return ": "
	}
	return " : "
}

func decisionWord(word, in string) string {
	return say(map[string]registry.Text{
		"decision": {FR: "Décision", EN: "Decision"},
		"need":     {FR: "Avant l’envoi", EN: "Before anything leaves"},
		"basis":    {FR: "Base légale", EN: "Legal basis"},
		"subject":  {FR: "Identifiant", EN: "Identifier"},
		"allowed":  {FR: "autorisé", EN: "allowed"},
		"refused":  {FR: "refusé", EN: "refused"},
	}, word, in)
}
