package registry

import (
	"time"

	"ecluse/internal/person"
)

// Role is what somebody may be in the register's own work. Package roles says who may do what.
type Role string

// The roles.
const (
	Provider     Role = "provider"     // a supplier's contact: own services, no personal data
	Staff        Role = "staff"        // any member of staff: may wish, never approve
	Directeur    Role = "directeur"    // of an école: proposes, informs, attests paper, suspends there
	IEN          Role = "ien"          // inspects a circonscription: as a directeur, in all its schools
	HeadOfSchool Role = "head"         // chef d'établissement: controller of an EPLE or a private school
	Deputy       Role = "deputy"       // acts for the head under a dated delegation
	Assistant    Role = "assistant"    // a school's assistant: prepares, attests paper
	DASEN        Role = "dasen"        // controller of the public écoles of a department
	Recteur      Role = "recteur"      // the recteur or the recteur's delegate
	DRANE        Role = "drane"        // DAN/DRANE: instructs, keeps the models
	DPO          Role = "dpo"          // data-protection officer or deputy: opinions, never an approval
	Admin        Role = "admin"        // DSI: technical, never approves
	OnCall       Role = "oncall"       // RSSI and on-call: suspend only
	Collectivite Role = "collectivite" // reads what concerns its schools; decides jointly on what it runs
	Support      Role = "support"      // references, never values
	Auditor      Role = "auditor"      // reads everything that names nobody
)

// Roles lists every role, in the order above.
func Roles() []Role {
	return []Role{
		Provider, Staff, Directeur, IEN, HeadOfSchool, Deputy, Assistant, DASEN, Recteur, DRANE, DPO, Admin, OnCall,
		Collectivite, Support, Auditor,
	}
}

// Over is what a role is held over. Nothing named is nothing held.
type Over struct {
	Academies        []string     `json:"academies,omitempty" yaml:"academies"`
	Departments      []string     `json:"departments,omitempty" yaml:"departments"`
	Circonscriptions []string     `json:"circonscriptions,omitempty" yaml:"circonscriptions"`
	UAIs             []person.UAI `json:"uais,omitempty" yaml:"uais"`
	Services         []string     `json:"services,omitempty" yaml:"services"` // for a provider: its own; for a collectivité: those it runs
	Sources          []string     `json:"sources,omitempty" yaml:"sources"`   // for a collectivité: those it runs
}

// Appointment gives a role by hand, with a reason and an end. It counts when it is confirmed by somebody else than whoever
// proposed it, and for whoever claimed it.
type Appointment struct {
	ID        string     `json:"id"`
	Role      Role       `json:"role"`
	Over      Over       `json:"over"`
	Reason    string     `json:"reason"`
	Act       string     `json:"act,omitempty"` // the act of delegation, where the role is held under one
	From      Date       `json:"from"`
	Until     Date       `json:"until"`
	State     AppState   `json:"state"`
	Holder    string     `json:"holder,omitempty"` // the handle of who claimed it
	Claim     string     `json:"claim,omitempty"`  // the hash of the one-time word with which it is claimed
	Author    string     `json:"author"`
	Decisions []Decision `json:"decisions,omitempty"`
	Since     time.Time  `json:"since"`
}

// AppState is where an appointment stands.
type AppState string

// The states of an appointment.
const (
	Proposed     AppState = "proposed"
	ConfirmedApp AppState = "confirmed"
	Revoked      AppState = "revoked"
)

// Token lets a program act for whoever made it, within scopes; or, where Source is named, lets that source ask what its
// médiacentre may show, and act for nobody; or, where Client is named, lets a service's integrator register that client as a
// draft, answered for by the holder. Its secret is kept as a hash.
type Token struct {
	ID      string    `json:"id"`
	Hash    string    `json:"hash"` // SHA-256 of the secret, hex; the secret has 256 random bits
	Name    string    `json:"name"`
	Holder  string    `json:"holder"`
	Held    []Held    `json:"held,omitempty"` // roles by federation, as of when it was made
	Scopes  []string  `json:"scopes"`
	Made    time.Time `json:"made"`
	Until   time.Time `json:"until"`
	Revoked bool      `json:"revoked,omitempty"`
	Stepped bool      `json:"stepped,omitempty"` // whoever made it stepped up for it
	Source  string    `json:"source,omitempty"`  // of an ENT's own token, which has no holder
	Service string    `json:"service,omitempty"` // of an integrator's token: what it registers is a client of this service,
	Client  string    `json:"client,omitempty"`  // the binding with this handle,
	Manages bool      `json:"manages,omitempty"` // for the first time, and then the token is used up; or again
}

// Held is a role that a federation vouched for, and until when it may be relied on.
type Held struct {
	Role      Role      `json:"role"`
	Over      Over      `json:"over"`
	Functions []string  `json:"functions,omitempty"` // there, for staff: delegations are looked up by them at each act
	Under     string    `json:"under,omitempty"`     // the act of delegation
	Source    string    `json:"source,omitempty"`    // who vouched: the role ends when the source is stopped
	From      time.Time `json:"from,omitzero"`
	Until     time.Time `json:"until"`
}
