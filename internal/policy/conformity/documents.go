package conformity

import (
	"fmt"
	"regexp"
	"slices"

	"ecluse/internal/registry"
)

var hashPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

// attached tells whether a document of a kind is attached; with a hash, that very one.
func (e *exam) attached(kind registry.DocumentKind, hash string) bool {
	return slices.ContainsFunc(e.d.Documents, func(d registry.Document) bool {
		return d.Kind == kind && hashPattern.MatchString(d.Hash) && (hash == "" || d.Hash == hash)
	})
}

// documentsAttached wants every document to be one, and every hash that the declaration refers to to be attached.
func documentsAttached(e *exam) {
	const rule, law = "documents", "RGPD art. 5(2), 24(1)"
	for i, d := range e.d.Documents {
		where := fmt.Sprintf("documents[%d]", i)
		if !hashPattern.MatchString(d.Hash) {
			e.block(rule, where+".hash", "the document's hash is missing or none", "the SHA-256 of the file: 64 small hexadecimal digits", law)
		}
		switch d.Kind {
		case registry.ContractPaper, registry.TermsPaper, registry.DPIAPaper, registry.CouncilPaper, registry.DecisionPaper, registry.OtherPaper:
		default:
			e.block(rule, where+".kind", fmt.Sprintf("the kind %q is not known", d.Kind), "contract, terms, dpia, council_act, decision or other", law)
		}
	}
	if h := e.d.Supplier.Terms.Document; h != "" && !e.attached(registry.TermsPaper, h) {
		e.block(rule, "supplier.terms.document", "the terms that are referred to are not attached", "the hash of a document of kind terms", law)
	}
	for i, n := range e.d.Informed {
		e.referred(fmt.Sprintf("informed[%d].document", i), n.Document)
	}
	for i, t := range e.d.Transfers {
		e.referred(fmt.Sprintf("transfers[%d].assessment", i), t.Assessment)
	}
}

// referred wants what has the form of a hash to be that of an attached document. Anything else is a reference.
func (e *exam) referred(where, hash string) {
	is := func(d registry.Document) bool { return d.Hash == hash }
	if hashPattern.MatchString(hash) && !slices.ContainsFunc(e.d.Documents, is) {
		e.block("documents", where, "the document that is referred to by its hash is not attached", "attach it", "RGPD art. 5(2), 24(1)")
	}
}

// paperComplete wants a decision that was signed on paper to be told from any other: its reference, date, signatory, and
// the paper itself.
func paperComplete(e *exam) {
	p := e.d.Paper
	if p == nil {
		return
	}
	const rule, law = "paper", "RGPD art. 5(2)"
	if blank(p.Act) {
		e.block(rule, "paper.act", "the reference of the act is missing", "as the act itself says it", law)
	}
	if p.Date.IsZero() || e.today().String() < p.Date.String() {
		e.block(rule, "paper.date", "the date of the act is missing, or yet to come", "yyyy-mm-dd", law)
	}
	if blank(p.Signatory) {
		e.block(rule, "paper.signatory", "the office that signed is missing", "recteur, DASEN, chef d'établissement", law)
	}
	if blank(p.Document) || !e.attached(registry.DecisionPaper, p.Document) {
		e.block(rule, "paper.document", "the paper is not attached", "the hash of a document of kind decision", law)
	}
}
