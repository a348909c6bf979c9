package registry

import (
	"time"

	"ecluse/internal/person"
)

// Rules is what a lawyer may change in the examination of declarations: ages, countries, delays, lists. A change is a new
// version, dated and signed by two persons, one of them the data-protection officer. Version 0 comes with the program.
type Rules struct {
	Version        int             `json:"version" yaml:"version"`
	Note           string          `json:"note,omitempty" yaml:"note"`       // what changed and why
	ConsentAge     int             `json:"consent_age" yaml:"consent_age"`   // loi 78-17 art. 45: online services offered directly to the child
	Majority       int             `json:"majority" yaml:"majority"`         // Code civil art. 388
	TermsMonths    int             `json:"terms_months" yaml:"terms_months"` // terms are confirmed again after so many months
	TermsGrace     int             `json:"terms_grace_days" yaml:"terms_grace_days"`
	KeepMonths     int             `json:"keep_months" yaml:"keep_months"`       // the longest delay after schooling
	EEA            []string        `json:"eea" yaml:"eea"`                       // ISO 3166
	Adequate       []AdequacyRule  `json:"adequate" yaml:"adequate"`             // art. 45 decisions
	Certified      []Certificate   `json:"certified,omitempty" yaml:"certified"` // organisations certified under the EU-US framework
	Uses           []Use           `json:"uses" yaml:"uses"`
	Sensitive      []SensitiveWord `json:"sensitive" yaml:"sensitive"`                       // labels that reveal health, disability, origin, religion
	SensitiveCodes []SensitiveCode `json:"sensitive_codes,omitempty" yaml:"sensitive_codes"` // codes of levels that reveal the same
	DPIA           []Criterion     `json:"dpia" yaml:"dpia"`                                 // the criteria of art. 35; DPIAFrom of them ask for an assessment
	DPIAFrom       int             `json:"dpia_from" yaml:"dpia_from"`
	INE            string          `json:"ine_text,omitempty" yaml:"ine_text"`       // the text that allows the INE here; refused when empty
	SmallGroup     int             `json:"small_group,omitempty" yaml:"small_group"` // a class or group of fewer is withheld from pseudonymous services, where it is counted
	Withdrawn      []Withdrawal    `json:"withdrawn,omitempty" yaml:"withdrawn"`     // instruments that fell
}

// AdequacyRule is one adequacy decision and how far it goes.
type AdequacyRule struct {
	Country string `json:"country" yaml:"country"`
	Scope   Text   `json:"scope,omitzero" yaml:"scope"`
	Partial bool   `json:"partial,omitempty" yaml:"partial"` // not every recipient there: only the certified, or only some sectors
	Law     string `json:"law" yaml:"law"`
	Since   Date   `json:"since" yaml:"since"`
	Until   Date   `json:"until,omitempty" yaml:"until"` // the decision's own end, where it has one
}

// Certificate is one organisation's certificate under the EU-US Data Privacy Framework.
type Certificate struct {
	Organisation string `json:"organisation" yaml:"organisation"`
	Covers       string `json:"covers,omitempty" yaml:"covers"` // HR, non-HR
	Since        Date   `json:"since" yaml:"since"`
	Until        Date   `json:"until" yaml:"until"`
}

// Withdrawal says that an instrument no longer allows transfers: services resting on it are flagged at once and stopped
// after the deadline. Empty fields match everything.
type Withdrawal struct {
	Instrument Instrument `json:"instrument" yaml:"instrument"`
	Country    string     `json:"country,omitempty" yaml:"country"`
	Recipient  string     `json:"recipient,omitempty" yaml:"recipient"`
	Since      Date       `json:"since" yaml:"since"`
	Deadline   Date       `json:"deadline" yaml:"deadline"`
	Why        string     `json:"why" yaml:"why"`
}

// Use is a usual purpose and the data it usually needs.
type Use struct {
	ID    string        `json:"id" yaml:"id"`
	Label Text          `json:"label" yaml:"label"`
	Items []person.Attr `json:"items" yaml:"items"`
}

// SensitiveWord is a word in the label of a class, group, option or function that reveals more than it should.
type SensitiveWord struct {
	Word    string `json:"word" yaml:"word"`       // compared without case or accents, as a whole word
	Reveals string `json:"reveals" yaml:"reveals"` // health, disability, origin, religion, language, difficulty
	Neutral string `json:"neutral" yaml:"neutral"` // what is offered in its place
}

// SensitiveCode is how the codes of a special programme begin: they reveal what its label would.
type SensitiveCode struct {
	Code    string `json:"code" yaml:"code"`       // the beginning of a level's code (MEF), as 164
	Reveals string `json:"reveals" yaml:"reveals"` // as in SensitiveWord
	Neutral string `json:"neutral" yaml:"neutral"` // the level that is said instead
}

// Criterion is one criterion of art. 35.
type Criterion struct {
	ID    string `json:"id" yaml:"id"`
	Label Text   `json:"label" yaml:"label"`
}

// RuleSet is a version of the rules on its way: it holds from From on once two persons have signed.
type RuleSet struct {
	Rules      Rules       `json:"rules"`
	From       Date        `json:"from"`
	Author     string      `json:"author"`
	Proposed   time.Time   `json:"proposed"`
	Signatures []Signature `json:"signatures,omitempty"`
	Dropped    bool        `json:"dropped,omitempty"`
}

// Signature is one person's.
type Signature struct {
	At     time.Time `json:"at"`
	Role   Role      `json:"role"`
	By     string    `json:"by"`
	Stops  int       `json:"stops"` // how many services it was shown to stop
	Reason string    `json:"reason,omitempty"`
}

// Signed tells whether two different persons signed, one of them as data-protection officer.
func (s RuleSet) Signed() bool {
	dpo, others := "", map[string]bool{}
	for _, sig := range s.Signatures {
		others[sig.By] = true
		if sig.Role == DPO {
			dpo = sig.By
		}
	}
	return !s.Dropped && dpo != "" && len(others) >= 2
}

// Framework is the country whose adequacy decision covers certified organisations only (décision (UE) 2023/1795): there,
// the decision and the EU-US Data Privacy Framework are one instrument.
const Framework = "US"

// Concerns tells whether the withdrawal reaches a transfer.
func (w Withdrawal) Concerns(t Transfer) bool {
	one := func(i Instrument) Instrument {
		if i == Adequacy && t.Country == Framework {
			return DPF
		}
		return i
	}
	return (w.Instrument == "" || one(w.Instrument) == one(t.Instrument)) && (w.Country == "" || w.Country == t.Country) &&
		(w.Recipient == "" || SameName(w.Recipient, t.Recipient))
}
