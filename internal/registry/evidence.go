package registry

import "time"

// Erasure is how long one category of data is kept (RGPD art. 30(1)(f)): so many months after an event.
type Erasure struct {
	What   Text  `json:"what" yaml:"what"`
	Months int   `json:"months" yaml:"months"`
	After  Event `json:"after" yaml:"after"`
}

// Event is what an erasure delay is counted from.
type Event string

// The events.
const (
	AfterCollection Event = "collection"
	AfterYear       Event = "school_year" // the end of the school year
	AfterDeparture  Event = "departure"   // from the establishment
	AfterSchooling  Event = "schooling"   // the end of schooling
)

// DPIA is the impact assessment (RGPD art. 35), or why there is none.
type DPIA struct {
	Done     Answer   `json:"done,omitempty" yaml:"done"` // unknown counts as no
	Date     Date     `json:"date,omitempty" yaml:"date"`
	Document string   `json:"document,omitempty" yaml:"document"` // hash
	Why      Text     `json:"why,omitzero" yaml:"why"`            // why none is needed
	Large    Answer   `json:"large_scale,omitempty" yaml:"large_scale"`
	Criteria []string `json:"criteria,omitempty" yaml:"criteria"` // the further criteria that are met, words of Rules.DPIA
}

// Risk is the risk form of the 2020 guidance: four facts and three dangers.
type Risk struct {
	Information    RiskPoint `json:"information,omitzero" yaml:"information"`       // nature of the information
	Vulnerability  RiskPoint `json:"vulnerability,omitzero" yaml:"vulnerability"`   // of the people
	Framework      RiskPoint `json:"framework,omitzero" yaml:"framework"`           // in class, at home, outside school
	Exposure       RiskPoint `json:"exposure,omitzero" yaml:"exposure"`             // who sees what is done there
	Identification RiskPoint `json:"identification,omitzero" yaml:"identification"` // can those who take part be identified?
	Flaws          RiskPoint `json:"flaws,omitzero" yaml:"flaws"`                   // flaws of the platform
	Harvesting     RiskPoint `json:"harvesting,omitzero" yaml:"harvesting"`         // collection for other ends
}

// NamedPoint is one answer of the form, under its name in a declaration.
type NamedPoint struct {
	Name string
	RiskPoint
}

// Points lists the seven answers of the form, in its order.
func (r Risk) Points() []NamedPoint {
	return []NamedPoint{
		{"information", r.Information},
		{"vulnerability", r.Vulnerability},
		{"framework", r.Framework},
		{"exposure", r.Exposure},
		{"identification", r.Identification},
		{"flaws", r.Flaws},
		{"harvesting", r.Harvesting},
	}
}

// RiskPoint is one answer of the form.
type RiskPoint struct {
	Level RiskLevel `json:"level" yaml:"level"`
	Why   string    `json:"why,omitempty" yaml:"why"`
}

// RiskLevel is how much.
type RiskLevel string

// The levels.
const (
	Low    RiskLevel = "low"
	Medium RiskLevel = "medium"
	High   RiskLevel = "high"
)

// Notice is one way in which the public was informed (RGPD art. 12 to 14).
type Notice struct {
	Kind     NoticeKind `json:"kind" yaml:"kind"`
	Date     Date       `json:"date,omitempty" yaml:"date"`
	Document string     `json:"document,omitempty" yaml:"document"` // hash or reference
}

// NoticeKind is how.
type NoticeKind string

// The ways to inform.
const (
	InCharter   NoticeKind = "charter" // the charter or an annex to it
	InCouncil   NoticeKind = "council" // the school's council
	ToPupils    NoticeKind = "pupils"
	ToGuardians NoticeKind = "guardians"
	ToStaff     NoticeKind = "staff"
)

// Pilot marks an experiment and its end.
type Pilot struct {
	Until Date   `json:"until" yaml:"until"`
	Why   string `json:"why,omitempty" yaml:"why"`
}

// Document is a paper that was attached: its content is kept under its hash.
type Document struct {
	Kind DocumentKind `json:"kind" yaml:"kind"`
	Name string       `json:"name" yaml:"name"`
	Hash string       `json:"hash" yaml:"hash"` // SHA-256, 64 hex
	Date Date         `json:"date,omitempty" yaml:"date"`
}

// DocumentKind is what a paper is.
type DocumentKind string

// The kinds of papers.
const (
	ContractPaper DocumentKind = "contract"
	TermsPaper    DocumentKind = "terms"
	DPIAPaper     DocumentKind = "dpia"
	CouncilPaper  DocumentKind = "council_act"
	DecisionPaper DocumentKind = "decision" // an act signed on paper
	OtherPaper    DocumentKind = "other"
)

// Justified is the controller's answer to a finding that asks for one. It answers the finding of that rule at that place,
// or those of that rule everywhere when it names no place.
type Justified struct {
	Rule  string `json:"rule" yaml:"rule"`
	Where string `json:"where,omitempty" yaml:"where"`
	Text  string `json:"text" yaml:"text"`
}

// Paper is an act signed on paper that is taken over: it counts once whoever controls has confirmed it here.
type Paper struct {
	Act       string `json:"act" yaml:"act"`
	Date      Date   `json:"date" yaml:"date"`
	Signatory string `json:"signatory" yaml:"signatory"` // the office that signed
	Document  string `json:"document" yaml:"document"`   // hash
}

// Decision is one act: who decided what, when, in which capacity. It names functions and handles, not people.
type Decision struct {
	At     time.Time `json:"at"`
	State  State     `json:"state"`
	Office string    `json:"office"`           // the capacity: chef d'établissement, DASEN, recteur, DPD…
	By     string    `json:"by,omitempty"`     // the handle of who acted
	Under  string    `json:"under,omitempty"`  // the act of delegation or appointment under which they did
	Reason string    `json:"reason,omitempty"` // written where the act needs one
	Notes  []Remark  `json:"notes,omitempty"`  // field by field, where a correction is asked for
	Paper  *Paper    `json:"paper,omitempty"`  // the paper that was confirmed
	Demo   bool      `json:"demo,omitempty"`   // taken by the demo for invented people; it opens nothing outside the demo
}

// Remark is a remark about one field.
type Remark struct {
	Where string `json:"where"`
	What  string `json:"what"`
}

// Opinion is what a data-protection officer thinks of a version. It is never an approval.
type Opinion struct {
	At     time.Time `json:"at"`
	Value  Verdict   `json:"value"`
	Reason string    `json:"reason,omitempty"` // required unless favourable
	Office string    `json:"office"`
	By     string    `json:"by,omitempty"`
	Text   string    `json:"text,omitempty"` // the Fingerprint of the text that was examined
	From   string    `json:"from,omitempty"` // the model or version whose examination is taken over, if it is

	// Beside is set on the opinion of the officer of another body, which runs the service. Whoever approves reads it;
	// approval rests on that of the officer whose perimeter holds the declaration's whole scope.
	Beside bool `json:"beside,omitempty"`
}

// Verdict is the value of an opinion.
type Verdict string

// The values of an opinion.
const (
	Favourable       Verdict = "favourable"
	WithReservations Verdict = "reservations"
	Unfavourable     Verdict = "unfavourable"
)

func (v Verdict) known() bool { return v == Favourable || v == WithReservations || v == Unfavourable }

// Examination records under which rules a version was judged and what they found. Later rules never change it.
type Examination struct {
	At       time.Time `json:"at"`
	Rules    int       `json:"rules"` // Rules.Version
	Findings []Finding `json:"findings,omitempty"`
}

// Confirmed is a confirmation that the supplier's terms are still those that were accepted.
type Confirmed struct {
	At      time.Time `json:"at"`
	Version string    `json:"version"` // the terms' version
	Office  string    `json:"office"`
	By      string    `json:"by,omitempty"`
}

// Review says why a version must be looked at again. After Deadline it opens nothing.
type Review struct {
	Since    time.Time `json:"since"`
	Why      string    `json:"why"`
	Deadline Date      `json:"deadline"`
	By       string    `json:"by,omitempty"`
}

// ChangeKind is what a version changes against the one before it.
type ChangeKind string

// The kinds of change. Wider waits for each controller's act while the version before it still runs; the others act at
// once.
const (
	First    ChangeKind = "first"
	Renewal  ChangeKind = "renewal"
	Narrower ChangeKind = "narrower"
	Wider    ChangeKind = "wider"
)
