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
// What became of it stands in its last fields and is no part of its text: SameText and Compare do not look at it.
type Declaration struct {
	ID         string         `json:"id" yaml:"id"`
	ServiceID  string         `json:"service" yaml:"service"`
	Version    int            `json:"version" yaml:"version"`
	Model      string         `json:"model,omitempty" yaml:"model"` // the catalogue's model it was made from
	Controller Controller     `json:"controller" yaml:"controller"`
	Joint      []Controller   `json:"joint_controllers,omitempty" yaml:"joint_controllers"` // RGPD art. 26
	Supplier   Supplier       `json:"supplier" yaml:"supplier"`
	Scope      Scope          `json:"scope" yaml:"scope"`
	Uses       []string       `json:"uses,omitempty" yaml:"uses"` // words of Rules.Uses: what it is used for
	Purposes   []Text         `json:"purposes" yaml:"purposes"`
	Basis      Basis          `json:"basis" yaml:"basis"`
	Persons    []Text         `json:"persons,omitempty" yaml:"persons"`       // categories of persons, art. 30(1)(c)
	Data       []Text         `json:"data,omitempty" yaml:"data"`             // categories of data, what people produce there included
	Recipients []Text         `json:"recipients,omitempty" yaml:"recipients"` // art. 30(1)(d)
	Mode       Mode           `json:"mode" yaml:"mode"`
	Pseudonym  PseudonymScope `json:"pseudonym,omitempty" yaml:"pseudonym"`
	Why        Text           `json:"pseudonym_why,omitempty" yaml:"pseudonym_why"`         // why a stable pseudonym is needed
	Overlap    int            `json:"pseudonym_overlap,omitempty" yaml:"pseudonym_overlap"` // days for which a former number may be sent beside a new one (word former_pseudonym)
	Items      []Item         `json:"items" yaml:"items"`
	Audience   Audience       `json:"audience" yaml:"audience"`
	Hosting    []string       `json:"hosting" yaml:"hosting"` // ISO 3166 codes of the countries where data rests
	Transfers  []Transfer     `json:"transfers,omitempty" yaml:"transfers"`
	Retention  Text           `json:"retention" yaml:"retention"`         // as people read it
	Erasure    []Erasure      `json:"erasure,omitempty" yaml:"erasure"`   // art. 30(1)(f)
	Security   []Text         `json:"security,omitempty" yaml:"security"` // art. 30(1)(g), 32
	DPIA       DPIA           `json:"dpia,omitzero" yaml:"dpia"`
	Risk       Risk           `json:"risk,omitzero" yaml:"risk"`
	Informed   []Notice       `json:"informed,omitempty" yaml:"informed"`
	Directory  string         `json:"directory,omitempty" yaml:"directory"` // the entry of the directory's register that covers the interconnection
	Pilot      *Pilot         `json:"pilot,omitempty" yaml:"pilot"`
	Documents  []Document     `json:"documents,omitempty" yaml:"documents"`
	Justified  []Justified    `json:"justified,omitempty" yaml:"justified"`     // what the controller answers to findings
	MaxSession time.Duration  `json:"max_session,omitempty" yaml:"max_session"` // how long later answers (refresh, userinfo) may go on
	From       Date           `json:"from" yaml:"from"`
	Until      Date           `json:"until" yaml:"until"`
	Paper      *Paper         `json:"paper,omitempty" yaml:"paper"` // a decision signed on paper before; it counts once its controller confirmed it

	// Its life: what became of the version. A file never says it.
	State     State        `json:"state" yaml:"-"`
	Since     time.Time    `json:"since" yaml:"-"`                // when State was last decided
	Author    string       `json:"author,omitempty" yaml:"-"`     // the handle of who wrote it; never the one who approves
	Message   Text         `json:"message" yaml:"-"`              // what the person who suspended it wants users to read
	Change    ChangeKind   `json:"change,omitempty" yaml:"-"`     // what it changes against the version before it, set when it is approved
	Decisions []Decision   `json:"decisions,omitempty" yaml:"-"`  // oldest first
	Opinions  []Opinion    `json:"opinions,omitempty" yaml:"-"`   // of data-protection officers, oldest first
	Judged    *Examination `json:"judged,omitempty" yaml:"-"`     // the rules it was approved under, and what they found then
	Terms     []Confirmed  `json:"terms,omitempty" yaml:"-"`      // yearly confirmations of the supplier's terms
	Review    *Review      `json:"review,omitempty" yaml:"-"`     // why it must be looked at again, and by when
	ManagedBy string       `json:"managed_by,omitempty" yaml:"-"` // the file it came from
}

// Controller is who answers: an authority, not a person (RGPD art. 4(7)), and its data-protection officer.
type Controller struct {
	Name    string `json:"name" yaml:"name"`
	Office  string `json:"office" yaml:"office"` // the function that signs: recteur, DASEN, chef d'établissement
	DPO     string `json:"dpo" yaml:"dpo"`       // how to reach the data-protection officer
	Contact string `json:"contact,omitempty" yaml:"contact"`
}

// Basis is the legal basis (art. 6) and the text that founds it where the law asks for one.
type Basis struct {
	Kind       BasisKind `json:"kind" yaml:"kind"`
	Text       string    `json:"text,omitempty" yaml:"text"`
	Prescribed Answer    `json:"prescribed,omitempty" yaml:"prescribed"`   // does a teacher prescribe it? unknown counts as yes
	Parents    Answer    `json:"parents,omitempty" yaml:"parents"`         // under consent: is the holder of parental authority asked? unknown counts as no
	AllHolders Answer    `json:"all_holders,omitempty" yaml:"all_holders"` // and must every one of them agree? unknown counts as no
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

// Papers lists the hashes and references of papers that the version names, the empty ones left out.
func (d Declaration) Papers() []string {
	out := []string{d.DPIA.Document, d.Supplier.Terms.Document}
	for _, p := range d.Documents {
		out = append(out, p.Hash)
	}
	for _, t := range d.Transfers {
		out = append(out, t.Assessment)
	}
	for _, n := range d.Informed {
		out = append(out, n.Document)
	}
	if d.Paper != nil {
		out = append(out, d.Paper.Document)
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
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
		d.Controller.Name, answering(d.Joint), d.Supplier.Relation, d.Supplier.Name, some(d.Purposes), d.Basis.Kind, d.Mode, d.Pseudonym,
		some(d.Items), some(d.Recipients), some(d.Hosting), some(d.Transfers), d.Retention,
	} {
		if err := enc.Encode(part); err != nil {
			return "" // these types always encode; an empty hash matches no receipt
		}
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// answering names those who answer beside the controller.
func answering(joint []Controller) (names []string) {
	for _, c := range joint {
		names = append(names, c.Name)
	}
	return names
}

func some[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}
