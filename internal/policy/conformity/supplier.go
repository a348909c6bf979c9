package conformity

import (
	"fmt"
	"strings"

	"ecluse/internal/registry"
)

// relationKnown refuses a relation that is unknown, and a vendor that makes itself controller of what people do there:
// whatever else is written down, nobody here could answer for it.
func relationKnown(e *exam) {
	const rule, where = "supplier-relation", "supplier.relation"
	switch e.d.Supplier.Relation {
	case registry.Processor, registry.JointController, registry.PublicBody, registry.Internal:
	case registry.VendorController:
		e.block(rule, where, "a vendor makes itself controller of people's data", "a contract under which it is a processor, or another service",
			"RGPD art. 4(7), 5(2), 28(1), 28(10)")
	default:
		e.block(rule, where, fmt.Sprintf("the relation %q is not known", e.d.Supplier.Relation),
			"processor, joint_controller, public_controller or internal", "RGPD art. 26, 28")
	}
}

// evidenceFits refuses evidence that ties nobody to anything here: terms of use alone, and the ministry's contract for
// another gateway.
func evidenceFits(e *exam) {
	const rule, where = "supplier-evidence", "supplier.evidence"
	s := e.d.Supplier
	if s.Relation == registry.Internal || s.Relation == registry.VendorController {
		return
	}
	switch s.Evidence {
	case registry.ByGAR:
		e.block(rule, where, "the ministry's contract covers releases made through the GAR only", "a contract of the controller's own",
			"RGPD art. 28(3); arrêté du 18 décembre 2017 (GAR)")
	case registry.ByTermsOnly, "":
		e.block(rule, where, "nothing but terms of use, or nothing at all, ties the provider to the controller",
			"a contract, an arrangement, a text or a convention", "RGPD art. 28(3), 26(1)")
	default:
		e.evidenceOfRelation(rule, where)
	}
	if blank(s.Reference) {
		e.block(rule, "supplier.reference", "the contract, arrangement or text that ties the provider to the controller is missing",
			"its reference", "RGPD art. 28(3), 26(1), 6(3)")
	}
}

// evidenceOfRelation wants the kind of evidence that each relation has. A convention binds a processor where that is a
// public body too (art. 28(3): "or other legal act").
func (e *exam) evidenceOfRelation(rule, where string) {
	s := e.d.Supplier
	public := s.Kind == registry.PublicSupplier
	switch {
	case s.Relation == registry.Processor && s.Evidence != registry.ByContract && (s.Evidence != registry.ByConvention || !public):
		e.block(rule, where, fmt.Sprintf("%q does not bind a processor", s.Evidence), "contract", "RGPD art. 28(3)")
	case s.Relation == registry.JointController && s.Evidence != registry.ByArrangement:
		e.block(rule, where, fmt.Sprintf("%q is no arrangement between joint controllers", s.Evidence), "arrangement", "RGPD art. 26(1)")
	case s.Relation == registry.PublicBody && s.Evidence != registry.ByText && s.Evidence != registry.ByConvention:
		e.block(rule, where, fmt.Sprintf("%q founds no public body's own mission", s.Evidence), "text or convention", "RGPD art. 6(1)(e), 6(3)")
	}
}

// processorBound wants what shows that a contract binds the processor: its parties, its date, and the paper itself.
func processorBound(e *exam) {
	s := e.d.Supplier
	if s.Relation != registry.Processor {
		return
	}
	const rule, law = "processor-contract", "RGPD art. 28(3) and (9)"
	if blank(s.Name) {
		e.block(rule, "supplier.name", "the processor is not named", "its name in the contract", law)
	}
	if len(s.Parties) < 2 || strings.TrimSpace(strings.Join(s.Parties, "")) == "" {
		e.block(rule, "supplier.parties", "the contract's parties are missing", "the controller, or who contracts for it, and the processor", law)
	}
	if blank(s.SignedBy) {
		e.block(rule, "supplier.signed_by", "the office that signed for the controller is missing", "recteur, DASEN, chef d'établissement", law)
	}
	e.signed(rule, "contract", law)
}

// signed wants an act to be signed already, and the paper itself: what nobody signed, or nobody can show, binds nobody.
func (e *exam) signed(rule, act, law string) {
	switch signed := e.d.Supplier.Signed; {
	case signed.IsZero():
		e.block(rule, "supplier.signed", fmt.Sprintf("the date on which the %s was signed is missing", act), "yyyy-mm-dd", law)
	case e.c.Now.Before(signed.Starts(e.c.Zone)):
		e.block(rule, "supplier.signed", fmt.Sprintf("the %s is signed on %s, which is yet to come", act, signed), "the "+act+" once it is signed", law)
	}
	if !e.attached(registry.ContractPaper, "") {
		e.block(rule, "documents", fmt.Sprintf("the %s is not attached", act), "the "+act+" with its hash, as a document of kind contract", law)
	}
}

// offerFits refuses consumer terms, and wants the education terms as they were accepted.
func offerFits(e *exam) {
	s, t := e.d.Supplier, e.d.Supplier.Terms
	const rule, law = "supplier-terms", "RGPD art. 28(1) and (3)(a)"
	if s.Relation == registry.JointController && t.Offer == registry.ConsumerOffer {
		e.block(rule, "supplier.terms.offer", "consumer terms stand in place of education terms", "the education offer", law)
	}
	if s.Relation != registry.Processor {
		return
	}
	if t.Offer != registry.EducationOffer {
		e.block(rule, "supplier.terms.offer", "consumer terms, or unknown ones, stand in place of education terms", "the education offer", law)
	}
	if blank(t.Version) {
		e.block(rule, "supplier.terms.version", "the version of the terms is missing: a new one could not be told", "as the terms name it, or their date", law)
	}
	if t.Accepted.IsZero() {
		e.block(rule, "supplier.terms.accepted", "the day on which the terms were accepted is missing", "yyyy-mm-dd", law)
	}
	if blank(t.Document) {
		e.block(rule, "supplier.terms.document", "the terms as accepted are not attached", "the hash of a document of kind terms", law)
	}
}

// jointArranged wants the arrangement between joint controllers, signed and attached, who they are, and its essence as
// people can read it.
func jointArranged(e *exam) {
	s := e.d.Supplier
	if s.Relation != registry.JointController {
		return
	}
	const rule = "joint-arrangement"
	if len(e.d.Joint) == 0 {
		e.block(rule, "joint_controllers", "the other controllers are not named", "name, office and data-protection officer of each", "RGPD art. 26(1), 30(1)(a)")
	}
	if blank(s.Essence.FR) {
		e.block(rule, "supplier.essence", "the essence of the arrangement is not published", "who answers for what, as people read it", "RGPD art. 26(2)")
	}
	e.signed(rule, "arrangement", "RGPD art. 26(1), 5(2)")
}

// publicBodyFounded refuses a private vendor that makes itself controller: a supplier that nobody calls public is
// private. A text is public and needs its reference only; a convention binds from its signature, and is shown.
func publicBodyFounded(e *exam) {
	s := e.d.Supplier
	if s.Relation != registry.PublicBody {
		return
	}
	const rule, law = "public-body", "RGPD art. 6(1)(e), 6(3)"
	if s.Kind != registry.PublicSupplier {
		e.block(rule, "supplier.kind", "a private supplier, or an unknown one, makes itself controller of people's data",
			"public, where a text makes it so; otherwise a contract under which it is a processor", law+", 28(1)")
	}
	if blank(s.Name) {
		e.block(rule, "supplier.name", "the public body is not named", "its name in the text", law)
	}
	if s.Evidence == registry.ByConvention {
		e.signed(rule, "convention", law+", 5(2)")
	}
}

// internalAlone refuses a supplier where there is said to be none.
func internalAlone(e *exam) {
	if s := e.d.Supplier; s.Relation == registry.Internal && (!blank(s.Name) || len(s.Sub) > 0) && e.d.ServiceID != registry.House {
		e.block("internal", "supplier.name", "an internal service names a supplier", "the relation with that supplier, or no supplier", "RGPD art. 28(1)")
	}
}

// subProcessorsNamed wants to know who works for the processor, and what for.
func subProcessorsNamed(e *exam) {
	const rule, law = "sub-processors", "RGPD art. 28(2) and (4)"
	for i, sub := range e.d.Supplier.Sub {
		where := fmt.Sprintf("supplier.sub_processors[%d]", i)
		if blank(sub.Name) {
			e.block(rule, where+".name", "a sub-processor is not named", "its name in the contract's annex", law)
		}
		if blank(sub.For) {
			e.justify(rule, where+".for", "what the sub-processor does is missing", "hosting, support, mail", law)
		}
	}
}

// providerDeclared asks why the service is run by somebody else than the declared supplier: a service that was resold or
// renamed may have another controller, who needs a declaration of its own.
func providerDeclared(e *exam) {
	s := e.d.Supplier
	if e.c.Service.ID == "" || s.Relation == registry.Internal || blank(s.Name) || same(s.Name, e.c.Service.Provider) {
		return
	}
	e.justify("provider", "supplier.name", fmt.Sprintf("the service is registered as %s's, the declaration names %s", e.c.Service.Provider, s.Name),
		"the same provider, or why they differ", "RGPD art. 28(2), 30(1)(d)")
}

// same compares names without case, accents or punctuation.
func same(a, b string) bool { return strings.Join(tokens(a), " ") == strings.Join(tokens(b), " ") }
