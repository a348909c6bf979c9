// Package roles says who may do what in the register's own work: one table of acts and roles, one function that reads
// it. Roles come from the federation (FrEduFonctAdm with FrEduRneResp, dated FrEduResDel) before they come from an
// appointment by hand; the controller on record is the authority, represented by whoever holds the office that day.
//
// It is pure: no HTTP, no storage, no clock. Every act of package desk asks May first, and nothing else decides.
package roles

import (
	"fmt"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// Caller is whoever acts: a handle that is the same from one day to the next and says nothing of the person, and the
// roles that a federation vouched for. Appointments are looked up by handle at each act.
type Caller struct {
	Handle string
	Held   []registry.Held
	Scopes []string // what a token may be used for; nil is everything
	Demo   bool     // the demo's own hand, for invented people; nothing else sets it
}

// String shows the handle, which names nobody.
func (c Caller) String() string { return "[caller " + c.Handle + "]" }

// Target is what an act is about. Empty fields are not looked at.
type Target struct {
	Service     string
	Declaration *registry.Declaration
	UAIs        []person.UAI
	Source      string
	Academy     string
	Role        registry.Role // for an appointment
	Over        registry.Over // for an appointment
}

// Capacity is in which quality somebody acts; it is written into the decision.
type Capacity struct {
	Role   registry.Role
	Office string // in words: chef d'établissement, DASEN, recteur, DPD
	Under  string // the act of delegation or appointment
}

// Denied says that nobody of the caller's roles may, and who could.
type Denied struct {
	Act Act
	Why string          // a stable word: role, perimeter, own_act, token, delegation_over
	Who []registry.Role // who may, in the table's order
}

// Error names the act and the reason.
func (d *Denied) Error() string { return fmt.Sprintf("%s: not allowed (%s)", d.Act, d.Why) }

// Holds lists the roles that the caller holds at now: the federation's, and the appointments that they claimed.
func Holds(s *registry.Snapshot, now time.Time, c Caller) []registry.Held {
	panic("not yet")
}

// May says in which capacity the caller may do act at now, or *Denied.
func May(s *registry.Snapshot, now time.Time, c Caller, act Act, on Target) (Capacity, error) {
	panic("not yet")
}
