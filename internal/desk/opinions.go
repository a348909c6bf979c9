package desk

import (
	"context"
	"fmt"
	"slices"

	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Opine records a data-protection officer's opinion on the text as it is now. It is never an approval; another text needs
// another opinion. That of the officer of another body, which runs the service, is recorded beside: approval neither rests
// on it nor is held up by it.
func (d *Desk) Opine(ctx context.Context, c roles.Caller, m Move, value registry.Verdict) (registry.Declaration, error) {
	return d.step(ctx, c, "declaration_opine", m, func(t *turn, v registry.Declaration) (registry.Declaration, error) {
		in, err := t.may(roles.Opine, of(v))
		beside := false
		if err != nil {
			other, denied := t.may(roles.OpineBeside, of(v))
			if denied != nil {
				return v, err
			}
			in, beside = other, true
		}
		settled := []registry.State{registry.Submitted, registry.InReview, registry.Approved, registry.Suspended}
		if !slices.Contains(settled, v.State) {
			return v, &Conflict{Code: "state", What: fmt.Sprintf("%s is %s: there is no text to give an opinion on", Ref{v.ID, v.Version}, stateWord(v.State))}
		}
		opinion, err := t.opinion(in, value, m.Reason)
		if err != nil {
			return v, err
		}
		opinion.Text, opinion.Beside = v.Fingerprint(), beside
		v.Opinions = append(slices.Clone(v.Opinions), opinion)
		t.detail("opinion", string(value))
		return v, nil
	})
}

// opinionOn is the opinion that counts for a version. asked tells whether one of its own must be there at all.
type opinionOn struct {
	registry.Opinion
	given, asked bool
	from         string // the version or model whose examination is taken over, if it is
}

// opinionOn finds the opinion that counts for a version: the last one on its very text; else, where nothing changed in
// substance and it rests on the same acts, that on the version before it; else that on the model in use which it adopts unchanged.
func (t *turn) opinionOn(d registry.Declaration) opinionOn {
	if o, ok := lastOn(d.Opinions, d.Fingerprint()); ok {
		return opinionOn{Opinion: o, given: true, asked: true}
	}
	if older, ok := t.before(d); ok && keepsOpinion(older, d) {
		o := t.opinionOn(older)
		return opinionOn{Opinion: o.Opinion, given: o.given, from: Ref{older.ID, older.Version}.String()}
	}
	if m, ok := t.Model(d.Model); ok && !m.Retired && adopts(d, m) {
		if o, ok := lastOn(m.Opinions, m.Draft.Fingerprint()); ok {
			return opinionOn{Opinion: o, given: true, from: fmt.Sprintf("model %s v%d", m.ID, m.Version)}
		}
	}
	return opinionOn{asked: true}
}

// keepsOpinion tells whether a version is covered by the examination of the one before it: nothing changed in substance,
// it rests on the same acts, nothing reopened the review, and nobody stopped it.
func keepsOpinion(older, d registry.Declaration) bool {
	if older.State != registry.Approved || older.Review != nil || !restsOnTheSame(older, d) {
		return false
	}
	kind := registry.Compare(older, d) // last, as it looks at every field
	return kind == registry.Renewal || kind == registry.Narrower
}

// restsOnTheSame tells whether two versions rest on the same contract and the same terms. Others are paper to a school,
// which keeps its enabling, and not to the data-protection officer, who has read neither (RGPD art. 28(3), 39(1)(b)).
func restsOnTheSame(older, d registry.Declaration) bool {
	was, is := older.Supplier, d.Supplier
	return was.Evidence == is.Evidence && was.Reference == is.Reference &&
		was.Terms.Version == is.Terms.Version && was.Terms.Document == is.Terms.Document &&
		slices.Equal(binding(older.Documents), binding(d.Documents))
}

// binding lists the hashes of the contracts and terms among papers, whatever their order.
func binding(papers []registry.Document) []string {
	var out []string
	for _, p := range papers {
		if p.Kind == registry.ContractPaper || p.Kind == registry.TermsPaper {
			out = append(out, string(p.Kind)+" "+p.Hash)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// lastOn is the last opinion on a text that counts for approval.
func lastOn(opinions []registry.Opinion, text string) (registry.Opinion, bool) {
	for _, o := range slices.Backward(opinions) {
		if o.Text == text && text != "" && !o.Beside {
			return o, true
		}
	}
	return registry.Opinion{}, false
}

// takenOver is the opinion as the version that takes it over records it; nothing when it is the version's own.
func (o opinionOn) takenOver(t *turn, d registry.Declaration) []registry.Opinion {
	if !o.given || o.from == "" {
		return d.Opinions
	}
	kept := o.Opinion
	kept.At, kept.Text, kept.From = t.now, d.Fingerprint(), o.from
	return append(slices.Clone(d.Opinions), kept)
}
