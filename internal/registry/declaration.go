package registry

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"time"

	"ecluse/internal/person"
)

// Declaration is one version of a register entry (RGPD art. 30) that somebody with the right to do so answers for. It
// is what opens a service, for whom, where and until when. An approved version is never edited: a change is a new one.
type Declaration struct {
	ID         string         `json:"id" yaml:"id"`
	ServiceID  string         `json:"service" yaml:"service"`
	Version    int            `json:"version" yaml:"version"`
	Controller Controller     `json:"controller" yaml:"controller"`
	Supplier   Supplier       `json:"supplier" yaml:"supplier"`
	Scope      Scope          `json:"scope" yaml:"scope"`
	Purposes   []Text         `json:"purposes" yaml:"purposes"`
	Basis      Basis          `json:"basis" yaml:"basis"`
	Mode       Mode           `json:"mode" yaml:"mode"`
	Pseudonym  PseudonymScope `json:"pseudonym,omitempty" yaml:"pseudonym"`
	Items      []Item         `json:"items" yaml:"items"`
	Audience   Audience       `json:"audience" yaml:"audience"`
	Hosting    []string       `json:"hosting" yaml:"hosting"` // ISO 3166 codes of the countries where data rests
	Transfers  []Transfer     `json:"transfers,omitempty" yaml:"transfers"`
	Retention  Text           `json:"retention" yaml:"retention"`
	MaxSession time.Duration  `json:"max_session,omitempty" yaml:"max_session"` // how long later answers (refresh, userinfo) may go on
	From       Date           `json:"from" yaml:"from"`
	Until      Date           `json:"until" yaml:"until"`
	State      State          `json:"state" yaml:"-"`   // a file never says it
	Since      time.Time      `json:"since" yaml:"-"`   // when State was last decided
	Message    Text           `json:"message" yaml:"-"` // what the person who suspended it wants users to read
	Decisions  []Decision     `json:"decisions,omitempty" yaml:"-"`
	ManagedBy  string         `json:"managed_by,omitempty" yaml:"-"`
}

// Controller is who answers: an authority, not a person (RGPD art. 4(7)), and its data-protection officer.
type Controller struct {
	Name    string `json:"name" yaml:"name"`
	Office  string `json:"office" yaml:"office"` // the function that signs: recteur, DASEN, chef d'établissement
	DPO     string `json:"dpo" yaml:"dpo"`       // how to reach the data-protection officer
	Contact string `json:"contact,omitempty" yaml:"contact"`
}

// Supplier is what ties the service's provider to the controller.
type Supplier struct {
	Relation  Relation `json:"relation" yaml:"relation"`
	Name      string   `json:"name" yaml:"name"`
	Reference string   `json:"reference" yaml:"reference"` // the contract (art. 28), the arrangement (art. 26), or the founding text
	Signed    Date     `json:"signed,omitempty" yaml:"signed"`
}

// Relation is the legal tie with a provider.
type Relation string

// The relations that a declaration may name.
const (
	Processor       Relation = "processor"         // art. 28
	JointController Relation = "joint_controller"  // art. 26
	PublicBody      Relation = "public_controller" // controller itself, under a cited text
	Internal        Relation = "internal"          // no supplier
)

// Basis is the legal basis (art. 6) and the text that founds it where the law asks for one.
type Basis struct {
	Kind BasisKind `json:"kind" yaml:"kind"`
	Text string    `json:"text,omitempty" yaml:"text"`
}

// BasisKind is one of the bases of RGPD art. 6(1).
type BasisKind string

// The legal bases.
const (
	PublicInterest     BasisKind = "public_interest"
	LegalObligation    BasisKind = "legal_obligation"
	Consent            BasisKind = "consent"
	Contract           BasisKind = "contract"
	LegitimateInterest BasisKind = "legitimate_interest"
)

// PseudonymScope says how long a pseudonym stays the same. Empty means cycle.
type PseudonymScope string

// The scopes of a pseudonym.
const (
	PerCycle      PseudonymScope = "cycle"
	PerSchoolYear PseudonymScope = "school_year"
	Stable        PseudonymScope = "stable"
)

// Item is one attribute that may leave, with the reason why. What is not an item does not exist for the service.
type Item struct {
	Attr          person.Attr      `json:"attribute" yaml:"attribute"`
	Profiles      []person.Profile `json:"profiles,omitempty" yaml:"profiles"` // whose; everybody in the audience when empty
	Justification Text             `json:"justification" yaml:"justification"`
	Required      bool             `json:"required,omitempty" yaml:"required"`
}

// For tells whether the item concerns a profile.
func (i Item) For(p person.Profile) bool {
	for _, q := range i.Profiles {
		if q == p {
			return true
		}
	}
	return len(i.Profiles) == 0
}

// Audience is for whom the service is declared. An empty list of profiles is nobody.
type Audience struct {
	Profiles []person.Profile `json:"profiles" yaml:"profiles"`
	Levels   []string         `json:"levels,omitempty" yaml:"levels"` // pupils' levels; any when empty
	MinAge   int              `json:"min_age,omitempty" yaml:"min_age"`
}

// Transfer is a flow of data out of the EEA and the instrument that allows it (RGPD art. 45 to 49).
type Transfer struct {
	Country    string `json:"country" yaml:"country"`
	Recipient  string `json:"recipient" yaml:"recipient"`
	Instrument string `json:"instrument" yaml:"instrument"`
	Until      Date   `json:"until,omitempty" yaml:"until"`
}

// Decision is one act on a declaration: who decided what, in which capacity. It names functions, not people.
type Decision struct {
	At     time.Time `json:"at"`
	State  State     `json:"state"`
	Office string    `json:"office"`
	Reason string    `json:"reason,omitempty"`
	Demo   bool      `json:"demo,omitempty"` // taken by the demo for invented people; it opens nothing outside the demo
}

// Demo tells whether any decision on the declaration was the demo's own.
func (d Declaration) Demo() bool {
	return slices.ContainsFunc(d.Decisions, func(d Decision) bool { return d.Demo })
}

// Substance is a hash of what a person was told: who answers, why, on which basis, with whom, which data of whom,
// where, and how long. Dates, state and scope are no part of it, so that a renewal asks nobody again; neither is the
// difference between an empty list and none, nor between a default and its name.
func (d Declaration) Substance() string {
	if d.Pseudonym == "" {
		d.Pseudonym = PerCycle
	}
	if d.Mode == "" {
		d.Mode = Pseudonymous
	}
	h := sha256.New()
	enc := json.NewEncoder(h)
	for _, part := range []any{
		d.Controller.Name, d.Supplier.Relation, d.Supplier.Name, some(d.Purposes), d.Basis.Kind, d.Mode, d.Pseudonym,
		some(d.Items), some(d.Hosting), some(d.Transfers), d.Retention,
	} {
		if err := enc.Encode(part); err != nil {
			return "" // these types always encode; an empty hash matches no receipt
		}
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

func some[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}
