package conformity

import (
	"fmt"
	"slices"
	"time"

	"ecluse/internal/registry"
)

// transfersFounded wants, for every transfer out of the EEA, an instrument that is valid today for that very recipient.
func transfersFounded(e *exam) {
	for i, t := range e.d.Transfers {
		where := fmt.Sprintf("transfers[%d]", i)
		if !country(t.Country) {
			e.block("transfer", where+".country", fmt.Sprintf("%q is no country that is known", t.Country), "an ISO 3166 code of two capital letters", "RGPD art. 44")
			continue
		}
		if blank(t.Recipient) {
			e.block("transfer", where+".recipient", "who receives the data is missing: an instrument holds for one recipient", "the recipient's name", "RGPD art. 30(1)(e), 44")
		}
		if e.inEEA(t.Country) {
			e.note("transfer", where+".country", fmt.Sprintf("%s is in the EEA: no instrument is needed", t.Country), "", "RGPD art. 44")
			continue
		}
		e.instrument(where, t)
		if over := t.Until; !over.IsZero() && !e.c.Now.Before(over.Ends(e.c.Zone)) {
			e.block("transfer", where+".until", fmt.Sprintf("the instrument ended on %s", over), "the instrument that follows it", "RGPD art. 44")
		}
	}
}

func (e *exam) instrument(where string, t registry.Transfer) {
	switch t.Instrument {
	case registry.DPF:
		e.certified(where, t)
	case registry.Adequacy:
		e.adequate(where, t)
	case registry.SCC, registry.BCR:
		e.safeguarded(where, t)
	case registry.Derogation:
		e.block("transfer-derogation", where+".instrument", "a derogation allows no systematic transfer", "an adequacy decision, clauses or rules", "RGPD art. 49(1), recital 111")
	default:
		e.block("transfer-instrument", where+".instrument", fmt.Sprintf("no instrument that is known allows the transfer to %s", t.Country),
			"adequacy, dpf, scc or bcr", "RGPD art. 44 to 49")
	}
}

// adequate wants a decision in force whose scope reaches the recipient.
func (e *exam) adequate(where string, t registry.Transfer) {
	if t.Country == registry.Framework {
		e.certified(where, t)
		return
	}
	i := slices.IndexFunc(e.c.Rules.Adequate, func(a registry.AdequacyRule) bool { return a.Country == t.Country })
	if i < 0 || !e.within(e.c.Rules.Adequate[i].Since, e.c.Rules.Adequate[i].Until) {
		e.block("transfer-adequacy", where+".instrument", fmt.Sprintf("no adequacy decision in force covers %s", t.Country), "clauses or rules with an impact assessment", "RGPD art. 45(1)")
		return
	}
	if decision := e.c.Rules.Adequate[i]; decision.Partial && blank(t.Reference) {
		e.block("transfer-adequacy", where+".reference", fmt.Sprintf("the decision covers part of %s only: %s", t.Country, decision.Scope.In("en")),
			"what shows that this recipient is within it", "RGPD art. 45(1) and (3); "+decision.Law)
	}
}

// within tells whether now lies between two days. A missing end is open; a missing beginning is unknown, and so is what it
// begins.
func (e *exam) within(since, until registry.Date) bool {
	begun := !since.IsZero() && !e.c.Now.Before(since.Starts(e.c.Zone))
	return begun && (until.IsZero() || e.c.Now.Before(until.Ends(e.c.Zone)))
}

// certified wants the recipient's own certificate, in force today, for data that is not its own staff's.
func (e *exam) certified(where string, t registry.Transfer) {
	const rule, law = "transfer-certificate", "RGPD art. 45(1); décision d'exécution (UE) 2023/1795, art. 1"
	if t.Country != registry.Framework {
		e.block(rule, where+".instrument", fmt.Sprintf("the EU-US framework does not reach %s", t.Country), "another instrument", law)
		return
	}
	decided := slices.ContainsFunc(e.c.Rules.Adequate, func(a registry.AdequacyRule) bool {
		return a.Country == registry.Framework && e.within(a.Since, a.Until)
	})
	if !decided {
		e.block(rule, where+".instrument", "no decision in force opens the EU-US framework", "clauses or rules with an impact assessment", law)
		return
	}
	held := slices.ContainsFunc(e.c.Rules.Certified, func(c registry.Certificate) bool {
		return same(c.Organisation, t.Recipient) && !c.Until.IsZero() && e.within(c.Since, c.Until) && mentions(c.Covers, "non-HR")
	})
	if !held || blank(t.Recipient) {
		e.block(rule, where+".recipient", fmt.Sprintf("no certificate of %q that covers such data is in force today in the rules", t.Recipient),
			"check the framework's public list, then have the certificate added to the rules with its dates", law)
	}
}

// safeguarded wants the clauses or rules, and the assessment of the country's law and practice.
func (e *exam) safeguarded(where string, t registry.Transfer) {
	if blank(t.Reference) {
		e.block("transfer-safeguards", where+".reference", "the clauses or rules are not referred to", "their reference and version", "RGPD art. 46(2)(b) and (c), 47")
	}
	if blank(t.Assessment) {
		e.block("transfer-safeguards", where+".assessment", "the transfer's impact assessment is missing", "its hash or reference",
			"RGPD art. 46(1); CJUE, 16 juillet 2020, C-311/18")
	}
}

// withdrawnFlagged tells of an instrument that fell: until its deadline the controller says what comes next, after it
// nothing may rest on it. A deadline that nobody set has passed.
func withdrawnFlagged(e *exam) {
	for i, t := range e.d.Transfers {
		for _, w := range e.c.Rules.Withdrawn {
			if !w.Concerns(t) || !w.Since.IsZero() && e.c.Now.Before(w.Since.Starts(e.c.Zone)) {
				continue
			}
			where := fmt.Sprintf("transfers[%d].instrument", i)
			if w.Deadline.IsZero() || !e.c.Now.Before(w.Deadline.Ends(e.c.Zone)) {
				e.block("transfer-withdrawn", where, "the instrument fell, and the time to leave it is over: "+w.Why, "another instrument, or no transfer", "RGPD art. 44")
				continue
			}
			e.justify("transfer-withdrawn", where, fmt.Sprintf("the instrument fell, and may be relied on until %s at most: %s", w.Deadline, w.Why),
				"what will take its place, and when", "RGPD art. 44")
		}
	}
}

// today is the day of the examination in its zone.
func (e *exam) today() registry.Date { return registry.DateOf(e.c.Now.In(e.c.Zone)) }

// after is a date some years later.
func after(d registry.Date, years int) registry.Date {
	return registry.DateOf(time.Date(d.Year+years, d.Month, d.Day, 0, 0, 0, 0, time.UTC))
}
