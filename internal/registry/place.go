package registry

import (
	"slices"
	"time"

	"ecluse/internal/person"
)

// Establishment is a school or a service académique.
type Establishment struct {
	UAI        person.UAI `json:"uai" yaml:"uai"`
	Name       string     `json:"name" yaml:"name"`
	Town       string     `json:"town" yaml:"town"`
	Kind       Kind       `json:"kind" yaml:"type"`
	Private    bool       `json:"private,omitempty" yaml:"private"`
	Academy    string     `json:"academy" yaml:"academy"`
	Department string     `json:"department" yaml:"department"`
	Ways       []Way      `json:"ways,omitempty" yaml:"ways"`       // the addresses of its ENT, to which a page may lead back
	Devices    Devices    `json:"devices,omitempty" yaml:"devices"` // whether its people share theirs; by its kind when empty
	Closed     bool       `json:"closed,omitempty" yaml:"closed"`
	ClosedOn   Date       `json:"closed_on,omitempty" yaml:"closed_on"`             // from the end of that day it is closed
	Successor  person.UAI `json:"successor,omitempty" yaml:"successor"`             // where its people went; nothing moves by itself
	Contract   string     `json:"contract,omitempty" yaml:"contract"`               // of a private school, as the ministry's list says it
	District   string     `json:"circonscription,omitempty" yaml:"circonscription"` // the UAI or name of an école's circonscription
	Group      string     `json:"cite_scolaire,omitempty" yaml:"cite_scolaire"`     // the name that the schools of one cité scolaire share; it decides nothing
	Authority  string     `json:"collectivite,omitempty" yaml:"collectivite"`       // the collectivité it depends on
	Mailbox    string     `json:"mailbox,omitempty" yaml:"mailbox"`                 // its functional mailbox, nobody's own; where the configuration says it when empty
	Vacant     bool       `json:"vacant,omitempty" yaml:"vacant"`                   // no head in office: nothing new opens, what is open stays
	Pupils     int        `json:"pupils,omitempty" yaml:"pupils"`                   // as the ministry's list says it; 0 when it says nothing
	Test       bool       `json:"test,omitempty" yaml:"test"`                       // a test tenant: its UAI may carry a wrong letter
	ManagedBy  string     `json:"managed_by,omitempty" yaml:"-"`
}

// ClosedAt tells whether the establishment is closed at now: the day named is its last.
func (e Establishment) ClosedAt(now time.Time, zone *time.Location) bool {
	return e.Closed || !e.ClosedOn.IsZero() && !now.Before(e.ClosedOn.Ends(zone))
}

// SharesDevices tells whether one device there passes from hand to hand. Écoles say yes unless they say otherwise, the
// others when they say so; a word that nobody knows is a yes.
func (e Establishment) SharesDevices() bool {
	switch e.Devices {
	case PersonalDevices:
		return false
	case "":
		return e.Kind == Ecole
	default:
		return true
	}
}

// Controller is the function that answers for what is done in the establishment: the DASEN for a public école, the head
// for a collège, a lycée and any private school, the recteur for the rest.
func (e Establishment) Controller() Role {
	switch {
	case e.Kind == Office || e.Kind == Circonscription:
		return Recteur
	case e.Private || e.Kind == College || e.Kind == Lycee:
		return HeadOfSchool
	case e.Kind == Ecole:
		return DASEN
	default:
		return "" // nobody knows
	}
}

// Way is an address, registered beforehand, that a page may offer as the way back.
type Way struct {
	Label string `json:"label" yaml:"label"`
	URL   string `json:"url" yaml:"url"`
}

// Devices says whose the devices of an establishment are.
type Devices string

// The two words for devices. On a shared one, each arrival at a service asks who is there.
const (
	SharedDevices   Devices = "shared"
	PersonalDevices Devices = "personal"
)

// Kind is a type of establishment.
type Kind string

// The kinds of establishment.
const (
	Ecole           Kind = "ecole"
	College         Kind = "college"
	Lycee           Kind = "lycee"
	Office          Kind = "service"         // a service académique
	Circonscription Kind = "circonscription" // an inspector's, with the écoles whose District names it
)

// Source is an identity source: a directory, an ENT, a federation. Nobody whom it vouches for gets anywhere unless its
// own declaration, which covers the interconnection, is in force.
type Source struct {
	ID          string             `json:"id" yaml:"id"`
	Name        Text               `json:"name" yaml:"name"`
	Connector   string             `json:"connector" yaml:"connector"`           // the kind of connector: ldap, demo
	Authority   string             `json:"authority" yaml:"authority"`           // who guarantees the person's key
	UAIs        []person.UAI       `json:"uais,omitempty" yaml:"uais"`           // the establishments it may speak for; all when empty
	Settings    map[string]any     `json:"settings,omitempty" yaml:"settings"`   // the connector's own; a secret only as the name of a file
	Mapping     *person.Mapping    `json:"mapping,omitempty" yaml:"mapping"`     // the SDET's when absent
	Vouches     []string           `json:"vouches,omitempty" yaml:"vouches"`     // authorities beside its own on whose identifiers its word is taken; none when empty
	Assurance   []string           `json:"assurance,omitempty" yaml:"assurance"` // the ways of signing in (SAML classes) and levels (eidas2) that it can vouch for; not known when empty
	Way         *Way               `json:"way,omitempty" yaml:"way"`             // where people who came through it go back to
	Hidden      bool               `json:"hidden,omitempty" yaml:"hidden"`       // reached by a hint only, never offered in a chooser
	Suspended   bool               `json:"suspended,omitempty" yaml:"suspended"`
	Declaration *SourceDeclaration `json:"declaration,omitempty" yaml:"declaration"`
	Decisions   []Decision         `json:"decisions,omitempty" yaml:"-"` // who stopped it and started it again, oldest first
	ManagedBy   string             `json:"managed_by,omitempty" yaml:"-"`
}

// SpeaksFor tells whether the register lets the source speak for an establishment: one of its list, or any where it has no
// list. Whether it may speak at all today is told by Suspended and its Declaration.
func (s Source) SpeaksFor(uai person.UAI) bool {
	return len(s.UAIs) == 0 || slices.Contains(s.UAIs, uai)
}

// SourceDeclaration is the register entry of the source's own processing, which must cover the interconnection with the
// gateway: the first of the two gates.
type SourceDeclaration struct {
	Reference  string     `json:"reference" yaml:"reference"`
	Controller Controller `json:"controller" yaml:"controller"`
	Covers     string     `json:"covers" yaml:"covers"` // the purpose, as extended to the interconnection
	From       Date       `json:"from" yaml:"from"`
	Until      Date       `json:"until" yaml:"until"`
	State      State      `json:"state" yaml:"-"`
	Decisions  []Decision `json:"decisions,omitempty" yaml:"-"`
	Demo       bool       `json:"demo,omitempty" yaml:"-"` // approved by the demo; it opens nothing outside the demo
}

// Delegation lets the holder of a function act for the head of an establishment between two dates.
type Delegation struct {
	ID        string     `json:"id" yaml:"id"`
	UAI       person.UAI `json:"uai" yaml:"uai"`
	Function  string     `json:"function" yaml:"function"`
	Act       string     `json:"act" yaml:"act"` // the reference of the act of delegation
	From      Date       `json:"from" yaml:"from"`
	Until     Date       `json:"until" yaml:"until"`
	ManagedBy string     `json:"managed_by,omitempty" yaml:"-"`
}
