package conformity

import (
	"slices"

	"ecluse/internal/registry"
)

// houseBound wants what the gateway's own entry must hold: the act that binds the rectorat to each establishment which it
// serves, signed and attached, and an impact assessment, whatever its criteria.
func houseBound(e *exam) {
	if e.d.ServiceID != registry.House {
		return
	}
	const rule, law = "house", "RGPD art. 28(3), 26(1)"
	s := e.d.Supplier
	if blank(s.Reference) {
		e.block(rule, "supplier.reference", "the act that binds the rectorat to each establishment it serves is missing", "the contract or the arrangement", law)
	}
	if s.Evidence != registry.ByContract && s.Evidence != registry.ByArrangement {
		e.block(rule, "supplier.evidence", "what binds the rectorat to each establishment it serves is neither a contract nor an arrangement",
			"contract where it is processor (art. 28), arrangement where it is joint controller (art. 26)", law)
	}
	e.signed(rule, "act", law)
	if e.d.DPIA.Done != registry.AnswerYes {
		e.block(rule, "dpia.done", "the gateway serves every school of an academy without an impact assessment", "yes, with its date and document", "RGPD art. 35(1)")
	}
}

// houseForgets wants to know when the gateway erases what it keeps itself: its journal, and its receipts. A delay of nought
// months would say that neither is kept.
func houseForgets(e *exam) {
	if e.d.ServiceID != registry.House {
		return
	}
	const law = "RGPD art. 30(1)(f), 5(1)(e)"
	if !e.erases("journal", "journaux", "log", "logs") {
		e.block("house", "erasure", "how long the gateway's journal is kept is missing", "a delay that names the journal, in months", law)
	}
	if !e.erases("reçu", "reçus", "receipt", "receipts") {
		e.block("house", "erasure", "how long the gateway's receipts are kept is missing", "a delay that names the receipts, in months", law)
	}
}

// erases tells whether a delay is given for what goes by one of these words.
func (e *exam) erases(words ...string) bool {
	return slices.ContainsFunc(e.d.Erasure, func(x registry.Erasure) bool {
		return x.Months > 0 && slices.ContainsFunc(words, func(word string) bool {
			return slices.Contains(tokens(x.What.FR), tokens(word)[0]) || slices.Contains(tokens(x.What.EN), tokens(word)[0])
		})
	})
}

// houseTold wants the public to be told of the gateway itself, whoever its entry counts in its audience: everybody who
// enters a service passes through it.
func houseTold(e *exam) {
	if e.d.ServiceID == registry.House && !e.informed(registry.InCharter) {
		e.block("house", "informed", "the public was not told of the gateway", "a notice of kind charter with its date or document", "RGPD art. 12 to 14")
	}
}
