package conformity

import (
	"fmt"
	"slices"

	"golang.org/x/text/language"

	"ecluse/internal/registry"
)

// hostingKnown wants the countries where data rests.
func hostingKnown(e *exam) {
	if len(e.d.Hosting) == 0 {
		e.block("hosting", "hosting", "the country where data rests is missing", "its ISO 3166 code", "RGPD art. 30(1)(e), 44")
	}
}

// place is somewhere that data goes or is looked at from, and whoever may receive it there.
type place struct {
	where, country, what string
	recipients           []string
}

// places lists where data rests, where the supplier and those who work for it are, remote access included.
func (e *exam) places() []place {
	s := e.d.Supplier
	var out []place
	for i, country := range e.d.Hosting {
		recipients := []string{s.Name}
		for _, sub := range s.Sub {
			if sub.Country == country {
				recipients = append(recipients, sub.Name)
			}
		}
		out = append(out, place{fmt.Sprintf("hosting[%d]", i), country, "data rests in", recipients})
	}
	if s.Relation != registry.Internal {
		out = append(out, place{"supplier.country", s.Country, "the supplier looks at data from", []string{s.Name}})
	}
	for i, sub := range s.Sub {
		what := "a sub-processor works in"
		if sub.Remote {
			what = "a sub-processor looks at data from"
		}
		out = append(out, place{fmt.Sprintf("supplier.sub_processors[%d].country", i), sub.Country, what, []string{sub.Name}})
	}
	return out
}

// countriesCovered wants a transfer, to that very recipient, for every country outside the EEA. A country that nobody
// knows is outside, and no transfer covers it.
func countriesCovered(e *exam) {
	const rule, law = "country", "RGPD art. 30(1)(e), 44"
	for _, p := range e.places() {
		switch {
		case !country(p.country):
			e.block(rule, p.where, fmt.Sprintf("%s a country that is not known: %q", p.what, p.country), "an ISO 3166 code of two capital letters", law)
		case e.inEEA(p.country):
		case !slices.ContainsFunc(e.d.Transfers, p.covered):
			e.block(rule, p.where, fmt.Sprintf("%s %s, outside the EEA, and no transfer to that recipient is declared", p.what, p.country),
				"a transfer to that country and recipient, with its instrument", "RGPD art. 44 to 49")
		}
	}
}

func (p place) covered(t registry.Transfer) bool {
	return t.Country == p.country && slices.ContainsFunc(p.recipients, func(name string) bool { return !blank(name) && same(name, t.Recipient) })
}

func (e *exam) inEEA(country string) bool { return slices.Contains(e.c.Rules.EEA, country) }

// country tells whether a code is that of a country, in its usual spelling.
func country(code string) bool {
	region, err := language.ParseRegion(code)
	return err == nil && len(code) == 2 && region.IsCountry() && region.String() == code && region.Canonicalize() == region
}

// freeSuite asks why a free suite is used that leaves the EEA, which the ministry asked schools neither to deploy nor to
// extend. Whether it is free, when unknown, counts as yes; a seat inside changes nothing when anything else is outside.
func freeSuite(e *exam) {
	s := e.d.Supplier
	if slices.Contains(e.d.Uses, suite) && s.Relation != registry.Internal && s.Free != registry.AnswerNo && e.leaves() {
		e.justify("free-suite", "supplier.free", "a free suite from outside the EEA is declared: the ministry asked schools to stop deploying and extending them",
			"why none of the suites that an academy or a collectivité offers will do",
			"ministre de l'Éducation nationale, réponse du 15 novembre 2022 à la question écrite n° 971; circulaire n° 6282-SG du 5 juillet 2021")
	}
}

// leaves tells whether anything is outside the EEA: where data rests, a seat, a sub-processor, the end of a transfer.
func (e *exam) leaves() bool {
	return slices.ContainsFunc(e.places(), func(p place) bool { return !e.inEEA(p.country) }) ||
		slices.ContainsFunc(e.d.Transfers, func(t registry.Transfer) bool { return !e.inEEA(t.Country) })
}

// suite is the word that Rules.Uses has for an office suite.
const suite = "suite"
