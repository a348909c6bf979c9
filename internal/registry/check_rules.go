package registry

import (
	"fmt"
	"regexp"
	"slices"
)

var countryPattern = regexp.MustCompile(`^[A-Z]{2}$`)

// Check says what is wrong with the form of the rules: what is missing, stands twice or contradicts itself. Whether the
// items of the uses are words of the dictionary is attrs' to say.
func (r Rules) Check() []Finding {
	var c checker
	c.say(r.Version < 0, "version", "versions are counted from 0", "")
	c.say(r.ConsentAge < 13 || r.ConsentAge > 16, "consent_age", "the age is not within what RGPD art. 8(1) allows", "13 to 16")
	c.say(r.Majority < 18 || r.Majority > 21, "majority", "no age of majority", "18")
	c.say(r.TermsMonths < 1, "terms_months", "after how many months terms are confirmed again is missing", "12")
	c.say(r.TermsGrace < 0, "terms_grace_days", "a span cannot be negative", "0 or more")
	c.say(r.KeepMonths < 0, "keep_months", "a span cannot be negative", "0 or more")
	c.say(r.SmallGroup < 0 || r.SmallGroup > 30, "small_group", "no number of pupils that would name one of them", "0 to 30; 0 withholds no class and no group")
	c.countries(r)
	for i, cert := range r.Certified {
		where := fmt.Sprintf("certified[%d]", i)
		c.say(cert.Organisation == "", where+".organisation", "the organisation is missing", "")
		c.span(where, cert.Since, cert.Until)
	}
	c.lists(r)
	for i, w := range r.Withdrawn {
		c.withdrawal(fmt.Sprintf("withdrawn[%d]", i), w)
	}
	return c
}

func (c *checker) countries(r Rules) {
	c.say(len(r.EEA) == 0, "eea", "the countries of the European Economic Area are missing", "[FR, …]")
	seen := map[string]bool{}
	for i, country := range r.EEA {
		c.country(fmt.Sprintf("eea[%d]", i), country, seen)
	}
	for i, a := range r.Adequate {
		where := fmt.Sprintf("adequate[%d]", i)
		c.country(where+".country", a.Country, seen) // none of the EEA has or needs a decision
		c.say(a.Law == "", where+".law", "the decision is missing", "décision (UE) …")
		c.say(a.Since.IsZero(), where+".since", "since when the decision holds is missing", "yyyy-mm-dd")
		c.say(a.Partial && a.Scope.FR == "", where+".scope", "how far a partial decision goes is missing", "")
		bad := !a.Until.IsZero() && a.Until.String() < a.Since.String()
		c.say(bad, where+".until", "the last day is before the first", "")
	}
}

func (c *checker) country(where, code string, seen map[string]bool) {
	c.say(!countryPattern.MatchString(code), where, fmt.Sprintf("%q is no country", code), "an ISO 3166 code of two capital letters")
	c.say(seen[code], where, fmt.Sprintf("%q stands twice", code), "")
	seen[code] = true
}

func (c *checker) lists(r Rules) {
	c.say(len(r.Uses) == 0, "uses", "the uses are missing: nothing would be usual", "")
	uses, words, criteria := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i, u := range r.Uses {
		c.named(fmt.Sprintf("uses[%d]", i), u.ID, u.Label, uses)
	}
	for i, w := range r.Sensitive {
		where := fmt.Sprintf("sensitive[%d]", i)
		c.say(w.Word == "", where+".word", "the word is missing", "")
		c.say(words[w.Word], where+".word", fmt.Sprintf("%q stands twice", w.Word), "")
		words[w.Word] = true
		c.oneOf(where+".reveals", w.Reveals, "health", "disability", "origin", "religion", "language", "difficulty")
		c.say(w.Neutral == "", where+".neutral", "what is offered in its place is missing", "the level")
	}
	c.codes(r.SensitiveCodes)
	for i, criterion := range r.DPIA {
		c.named(fmt.Sprintf("dpia[%d]", i), criterion.ID, criterion.Label, criteria)
	}
	c.say(r.DPIAFrom < 1 || r.DPIAFrom > len(r.DPIA), "dpia_from", "how many criteria ask for an assessment is not within their number", "2")
}

// codeBeginning tells one programme from all others: a level's code has eleven characters.
var codeBeginning = regexp.MustCompile(`^[0-9A-Z]{3,11}$`)

func (c *checker) codes(codes []SensitiveCode) {
	seen := map[string]bool{}
	for i, code := range codes {
		where := fmt.Sprintf("sensitive_codes[%d]", i)
		c.say(!codeBeginning.MatchString(code.Code), where+".code", fmt.Sprintf("%q is not how the code of a level begins", code.Code), "3 to 11 digits and capitals, as 164")
		c.say(seen[code.Code], where+".code", fmt.Sprintf("%q stands twice", code.Code), "")
		seen[code.Code] = true
		c.oneOf(where+".reveals", code.Reveals, "health", "disability", "origin", "religion", "language", "difficulty")
		c.say(code.Neutral == "", where+".neutral", "the level that is said instead is missing", "6EME")
	}
}

func (c *checker) named(where, id string, label Text, seen map[string]bool) {
	c.id(where+".id", id)
	c.say(seen[id], where+".id", fmt.Sprintf("%q stands twice", id), "")
	c.say(label.FR == "", where+".label.fr", "a French label is missing", "")
	seen[id] = true
}

func (c *checker) withdrawal(where string, w Withdrawal) {
	known := []Instrument{"", Adequacy, DPF, SCC, BCR}
	c.say(!slices.Contains(known, w.Instrument), where+".instrument", fmt.Sprintf("%q is no instrument", w.Instrument), "adequacy, dpf, scc, bcr, or empty for all")
	c.say(w.Country != "" && !countryPattern.MatchString(w.Country), where+".country", fmt.Sprintf("%q is no country", w.Country), "an ISO 3166 code")
	c.say(w.Why == "", where+".why", "why the instrument fell is missing", "the judgment or decision")
	since, deadline := w.Since, w.Deadline
	c.say(since.IsZero(), where+".since", "the day on which it fell is missing", "yyyy-mm-dd")
	c.say(deadline.IsZero(), where+".deadline", "the last day on which it may be relied on is missing", "yyyy-mm-dd")
	bad := !since.IsZero() && !deadline.IsZero() && deadline.String() < since.String()
	c.say(bad, where+".deadline", "the deadline is before the day on which it fell", "")
}
