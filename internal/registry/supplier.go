package registry

// Supplier is what ties the service's provider to the controller. Which fields count as evidence depends on Relation.
type Supplier struct {
	Relation   Relation       `json:"relation" yaml:"relation"`
	Name       string         `json:"name" yaml:"name"`
	Kind       SupplierKind   `json:"kind,omitempty" yaml:"kind"`
	Country    string         `json:"country,omitempty" yaml:"country"` // of its seat, ISO 3166
	Free       Answer         `json:"free,omitempty" yaml:"free"`       // is it offered for nothing?
	Evidence   Evidence       `json:"evidence,omitempty" yaml:"evidence"`
	Reference  string         `json:"reference" yaml:"reference"` // the contract (art. 28), the arrangement (art. 26), or the founding text
	Parties    []string       `json:"parties,omitempty" yaml:"parties"`
	Signed     Date           `json:"signed,omitempty" yaml:"signed"`
	Until      Date           `json:"until,omitempty" yaml:"until"`             // the contract's own end
	SignedBy   string         `json:"signed_by,omitempty" yaml:"signed_by"`     // the office that signed for the controller
	CouncilAct string         `json:"council_act,omitempty" yaml:"council_act"` // where a school signed: the council's act, or the delegation
	Essence    Text           `json:"essence,omitzero" yaml:"essence"`          // art. 26(2): the essence of the arrangement, as published
	Terms      Terms          `json:"terms,omitzero" yaml:"terms"`
	Sub        []SubProcessor `json:"sub_processors,omitempty" yaml:"sub_processors"`
}

// Relation is the legal tie with a provider.
type Relation string

// The relations that a declaration may name.
const (
	Processor        Relation = "processor"         // art. 28
	JointController  Relation = "joint_controller"  // art. 26
	PublicBody       Relation = "public_controller" // a public body that is controller itself, under a cited text
	Internal         Relation = "internal"          // no supplier
	VendorController Relation = "vendor_controller" // a vendor that makes itself controller: can be written down, never approved
)

// SupplierKind says what a supplier is.
type SupplierKind string

// The kinds of supplier. An unknown kind counts as private.
const (
	PublicSupplier  SupplierKind = "public"
	PrivateSupplier SupplierKind = "private"
)

// Evidence says what Reference refers to.
type Evidence string

// The kinds of evidence.
const (
	ByContract    Evidence = "contract"    // art. 28(3)
	ByArrangement Evidence = "arrangement" // art. 26(1)
	ByText        Evidence = "text"        // a law or regulation
	ByConvention  Evidence = "convention"  // between public bodies
	ByTermsOnly   Evidence = "terms"       // only terms of use: no contract
	ByGAR         Evidence = "gar"         // the ministry's contract for the GAR: no evidence for a release made here
)

// Terms are the terms of use as accepted.
type Terms struct {
	Offer    Offer  `json:"offer,omitempty" yaml:"offer"`
	Version  string `json:"version,omitempty" yaml:"version"`
	Accepted Date   `json:"accepted,omitempty" yaml:"accepted"`
	Document string `json:"document,omitempty" yaml:"document"` // the hash of the text as accepted
}

// Offer is for whom terms are made.
type Offer string

// The offers. An unknown offer counts as consumer's.
const (
	EducationOffer Offer = "education"
	ConsumerOffer  Offer = "consumer"
)

// SubProcessor is a processor of the processor (RGPD art. 28(2) and (4)).
type SubProcessor struct {
	Name    string `json:"name" yaml:"name"`
	Country string `json:"country" yaml:"country"`         // where it processes, remote access included
	For     string `json:"for,omitempty" yaml:"for"`       // what it does
	Remote  bool   `json:"remote,omitempty" yaml:"remote"` // it only looks from there
}

// Transfer is a flow of data out of the EEA, remote access included, and the instrument that allows it for that very
// recipient (RGPD art. 44 to 49).
type Transfer struct {
	Country    string     `json:"country" yaml:"country"`
	Recipient  string     `json:"recipient" yaml:"recipient"`
	Remote     bool       `json:"remote,omitempty" yaml:"remote"`
	Instrument Instrument `json:"instrument" yaml:"instrument"`
	Reference  string     `json:"reference,omitempty" yaml:"reference"`   // of the clauses, rules, certificate
	Assessment string     `json:"assessment,omitempty" yaml:"assessment"` // the hash or reference of the transfer impact assessment
	Signed     Date       `json:"signed,omitempty" yaml:"signed"`
	Until      Date       `json:"until,omitempty" yaml:"until"`
}

// Instrument is what allows a transfer.
type Instrument string

// The instruments.
const (
	Adequacy   Instrument = "adequacy"   // art. 45, as far as the decision's scope goes
	DPF        Instrument = "dpf"        // art. 45, for organisations certified under the EU-US framework
	SCC        Instrument = "scc"        // art. 46(2)(c), with an impact assessment
	BCR        Instrument = "bcr"        // art. 47, with an impact assessment
	Derogation Instrument = "derogation" // art. 49: never for what is systematic
)

// Answer is a yes or a no that may be missing. What a missing one counts as stands where it is used.
type Answer string

// The answers.
const (
	AnswerYes Answer = "yes"
	AnswerNo  Answer = "no"
)
