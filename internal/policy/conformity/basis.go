package conformity

import (
	"fmt"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// missionFounded wants the text that founds a public-interest mission or a legal obligation.
func missionFounded(e *exam) {
	founded := e.d.Basis.Kind == registry.PublicInterest || e.d.Basis.Kind == registry.LegalObligation
	if founded && blank(e.d.Basis.Text) {
		e.block("basis-text", "basis.text", "the text that founds the mission or the obligation is missing", "the article of the law or regulation", "RGPD art. 6(3)")
	}
	switch e.d.Basis.Kind {
	case registry.PublicInterest, registry.LegalObligation, registry.Consent, registry.Contract, registry.LegitimateInterest:
	default:
		e.block("basis", "basis.kind", "the legal basis is missing or not known", "one of those of art. 6(1)", "RGPD art. 6(1)")
	}
}

// interestInvoked refuses legitimate interest to a public authority in its mission. A private school must weigh it.
func interestInvoked(e *exam) {
	const rule, where, law = "legitimate-interest", "basis.kind", "RGPD art. 6(1), last sentence"
	switch {
	case e.d.Basis.Kind != registry.LegitimateInterest:
	case e.private():
		e.justify(rule, where, "legitimate interest is invoked towards people whom a school teaches", "how it was weighed against theirs", "RGPD art. 6(1)(f)")
	default:
		e.block(rule, where, "a public authority cannot invoke legitimate interest in its mission", "public_interest with the text that founds the mission", law)
	}
}

// consentFree refuses consent where a teacher prescribes the tool: whoever cannot refuse does not consent. A prescription
// of which nothing is known is one.
func consentFree(e *exam) {
	const rule, law = "consent-free", "RGPD art. 7(4), recital 43"
	switch {
	case e.d.Basis.Kind != registry.Consent:
	case e.d.Basis.Prescribed != registry.AnswerNo:
		e.block(rule, "basis.prescribed", "consent is not free where a teacher prescribes the tool", "another basis, or prescribed: no where nobody must use it", law)
	default:
		e.justify(rule, "basis.kind", "consent is hardly free between a school and its people", "how one refuses without harm", law)
	}
}

// contractWithPupils asks how a minor can be party to a contract.
func contractWithPupils(e *exam) {
	if e.d.Basis.Kind == registry.Contract && e.minors() {
		e.justify("contract-pupils", "basis.kind", "a contract with minors is the basis", "which contract, and who may sign it for them",
			"RGPD art. 6(1)(b); Code civil art. 1145 and 1146")
	}
}

// parentsAsked wants the holder of parental authority to be asked where consent is the basis. What a pupil chooses freely is
// an online service offered directly to the child, for which the law sets an age of its own; for everything else the
// limit is majority. Only the declared minimum age shows that nobody is below: a level or a class holds pupils of
// several ages, and guardians and staff answer for themselves.
func parentsAsked(e *exam) {
	if e.d.Basis.Kind != registry.Consent || e.d.Basis.Parents == registry.AnswerYes || !e.reaches(person.Pupil) {
		return
	}
	age, law := e.c.Rules.Majority, "Code civil art. 388, 371-1 and 388-1-1"
	if e.d.Basis.Prescribed == registry.AnswerNo {
		age, law = e.c.Rules.ConsentAge, "RGPD art. 8(1); loi n° 78-17 du 6 janvier 1978, art. 45"
	}
	if e.pupilsUnder(age) {
		e.block("consent-parents", "basis.parents", fmt.Sprintf("pupils under %d consent without the holder of parental authority", age),
			fmt.Sprintf("parents: yes where they are asked too, or a minimum age of %d", age), law)
	}
}
