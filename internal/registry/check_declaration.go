package registry

import (
	"fmt"
	"slices"

	"ecluse/internal/person"
)

// Check says what is wrong with the declaration's form: what it names must exist and fit. Whether it may be approved is
// package conformity's to say, and whether its items are words of the dictionary is attrs' to say. tenants are the UAIs of
// registered test tenants, which may carry a wrong letter.
func (d Declaration) Check(tenants ...person.UAI) []Finding {
	var c checker
	c.id("id", d.ID)
	c.id("service", d.ServiceID)
	c.say(d.Version < 1, "version", "versions are counted from 1", "")
	c.own(d)
	c.controller("controller", d.Controller)
	for i, joint := range d.Joint {
		c.controller(fmt.Sprintf("joint_controllers[%d]", i), joint)
	}
	c.supplier(d.Supplier)
	c.oneOf("basis.kind", string(d.Basis.Kind), string(PublicInterest), string(LegalObligation), string(Consent), string(Contract), string(LegitimateInterest))
	c.answer("basis.prescribed", d.Basis.Prescribed)
	c.answer("basis.parents", d.Basis.Parents)
	c.answer("basis.all_holders", d.Basis.AllHolders)
	c.oneOf("mode", string(d.Mode), string(Pseudonymous), string(Nominative))
	c.oneOf("pseudonym", string(d.Pseudonym), "", string(PerCycle), string(PerSchoolYear), string(Stable))
	c.say(d.Overlap < 0 || d.Overlap > 366, "pseudonym_overlap", fmt.Sprintf("a former number cannot be sent for %d days", d.Overlap), "0 to 366")
	c.say(d.MaxSession < 0, "max_session", "a span cannot be negative", "")
	c.span("", d.From, d.Until)
	c.scope(d.Scope, tenants)
	c.paper("paper", d.Paper)
	c.profiles("audience.profiles", d.Audience.Profiles)
	c.say(len(d.Audience.Profiles) == 0, "audience.profiles", "for whom is missing: nobody is declared", "[National_ELV]")
	c.say(d.Audience.MinAge < 0 || d.Audience.MinAge > 99, "audience.min_age", "no age", "")
	for i, item := range d.Items {
		c.profiles(fmt.Sprintf("items[%d].profiles", i), item.Profiles)
	}
	c.abroad(d)
	c.evidence(d)
	return c
}

func (c *checker) supplier(s Supplier) {
	relations := []string{string(Processor), string(JointController), string(PublicBody), string(Internal), string(VendorController)}
	c.oneOf("supplier.relation", string(s.Relation), relations...)
	c.oneOf("supplier.kind", string(s.Kind), "", string(PublicSupplier), string(PrivateSupplier))
	c.oneOf("supplier.evidence", string(s.Evidence), "", string(ByContract), string(ByArrangement), string(ByText), string(ByConvention), string(ByTermsOnly), string(ByGAR))
	c.oneOf("supplier.terms.offer", string(s.Terms.Offer), "", string(EducationOffer), string(ConsumerOffer))
	c.answer("supplier.free", s.Free)
	c.iso("supplier.country", s.Country, true)
	bad := !s.Signed.IsZero() && !s.Until.IsZero() && s.Until.String() < s.Signed.String()
	c.say(bad, "supplier.until", fmt.Sprintf("the contract ends on %s, before it was signed", s.Until), "")
	for i, sub := range s.Sub {
		where := fmt.Sprintf("supplier.sub_processors[%d]", i)
		c.say(sub.Name == "", where+".name", "who it is, is missing", "")
		c.iso(where+".country", sub.Country, false)
	}
}

func (c *checker) answer(where string, a Answer) {
	c.oneOf(where, string(a), "", string(AnswerYes), string(AnswerNo))
}

// iso wants a country's code; only the seat of a supplier may be unsaid.
func (c *checker) iso(where, code string, optional bool) {
	if optional && code == "" {
		return
	}
	c.say(!countryPattern.MatchString(code), where, fmt.Sprintf("%q is no country", code), "an ISO 3166 code of two capital letters")
}

// abroad looks at where data rests and goes. That an instrument is missing is package conformity's to say.
func (c *checker) abroad(d Declaration) {
	for i, code := range d.Hosting {
		c.iso(fmt.Sprintf("hosting[%d]", i), code, false)
	}
	instruments := []string{"", string(Adequacy), string(DPF), string(SCC), string(BCR), string(Derogation)}
	for i, t := range d.Transfers {
		where := fmt.Sprintf("transfers[%d]", i)
		c.iso(where+".country", t.Country, false)
		c.oneOf(where+".instrument", string(t.Instrument), instruments...)
	}
}

// evidence looks at the forms and papers that come with a declaration.
func (c *checker) evidence(d Declaration) {
	for i, e := range d.Erasure {
		where := fmt.Sprintf("erasure[%d]", i)
		c.say(e.Months < 0, where+".months", "a span cannot be negative", "")
		c.oneOf(where+".after", string(e.After), string(AfterCollection), string(AfterYear), string(AfterDeparture), string(AfterSchooling))
	}
	c.answer("dpia.done", d.DPIA.Done)
	c.answer("dpia.large_scale", d.DPIA.Large)
	for _, point := range d.Risk.Points() {
		c.oneOf("risk."+point.Name+".level", string(point.Level), "", string(Low), string(Medium), string(High))
	}
	for i, n := range d.Informed {
		c.oneOf(fmt.Sprintf("informed[%d].kind", i), string(n.Kind), string(InCharter), string(InCouncil), string(ToPupils), string(ToGuardians), string(ToStaff))
	}
	kinds := []string{string(ContractPaper), string(TermsPaper), string(DPIAPaper), string(CouncilPaper), string(DecisionPaper), string(OtherPaper)}
	for i, paper := range d.Documents {
		where := fmt.Sprintf("documents[%d]", i)
		c.oneOf(where+".kind", string(paper.Kind), kinds...)
		c.say(paper.Name == "", where+".name", "the name is missing", "")
		c.hash(where+".hash", paper.Hash)
	}
}

func (c *checker) profiles(where string, list []person.Profile) {
	for i, p := range list {
		if !slices.Contains(person.Profiles(), p) {
			c.say(true, fmt.Sprintf("%s[%d]", where, i), fmt.Sprintf("%q is no profile", p), fmt.Sprintf("one of %q", person.Profiles()))
		}
	}
}

func (c *checker) scope(s Scope, tenants []person.UAI) {
	c.oneOf("scope.level", string(s.Level), string(ByAcademy), string(ByDepartment), string(ByEstablishment))
	c.say(s.Level == ByAcademy && len(s.Academies) == 0, "scope.academies", "the academy is missing", "")
	c.say(s.Level == ByDepartment && len(s.Departments) == 0, "scope.departments", "the department is missing", "")
	c.say(s.Level == ByEstablishment && len(s.UAIs) == 0, "scope.uais", "the establishments are missing", "")
	c.say(s.All && s.Level != ByAcademy, "scope.covers_all", "only the rectorat covers a whole academy", "level: academy")
	for i, uai := range s.UAIs {
		c.uai(fmt.Sprintf("scope.uais[%d]", i), uai, tenants...)
	}
}

// own is what holds of the gateway's own entries: who serves a school answers for the gateway there, not the school; and
// whoever has an office keeps the number under which the desk knows them.
func (c *checker) own(d Declaration) {
	if d.ServiceID != House && d.ServiceID != Desk {
		return
	}
	c.say(d.Scope.Level == ByEstablishment, "scope.level", "the gateway's own entry is made for an academy or a department", string(ByAcademy))
	c.say(d.ServiceID == Desk && d.Pseudonym == PerSchoolYear, "pseudonym", "each September every appointment would be lost", string(PerCycle))
}
