// Package roles says who may do what in the register's own work: one table of acts and roles (table.go), one function
// that reads it. Roles come from the federation (FrEduFonctAdm with FrEduRneResp, dated FrEduResDel) before they come from
// an appointment by hand; the controller on record is the authority, represented by whoever holds the office that day.
//
// It is pure: no HTTP, no storage, no clock. Every act of package desk asks May first, and nothing else decides.
package roles

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// Caller is whoever acts: a handle that is the same from one day to the next and says nothing of the person, and the
// roles that a federation vouched for. Appointments are looked up by handle at each act. A caller without a handle holds
// nothing: an act must be attributable.
type Caller struct {
	Handle string
	Held   []registry.Held
	Scopes []string // what a token may be used for (see Scopes); nil is everything

	Session string          // which session of the desk, for who is signed in there; never the cookie. A step-up holds for one session
	Stepped bool            // the caller's token was made by somebody who stepped up for it
	Only    []registry.Role // the roles that are looked at, for a view of what waits for one of several; nil is all. It gives nothing
	Demo    bool            // the demo's own hand, for invented people; nothing else sets it
}

// String shows the handle, which names nobody.
func (c Caller) String() string { return "[caller " + c.Handle + "]" }

// Target is what an act is about. Empty fields are not looked at; of those that are set, each must fit.
type Target struct {
	Service     string
	Declaration *registry.Declaration
	UAIs        []person.UAI
	Source      string
	Academy     string
	Role        registry.Role // for an appointment
	Over        registry.Over // for an appointment
	Author      string        // whose proposal is confirmed, where it is not Declaration's; who stopped what is started again
	Holder      string        // whose tokens and appointments
}

func (t Target) empty() bool {
	return t.Service == "" && t.Declaration == nil && len(t.UAIs) == 0 && t.Source == "" && t.Academy == "" && t.Role == "" && nothing(t.Over) && t.Holder == ""
}

func (t Target) declared() registry.Declaration {
	if t.Declaration == nil {
		return registry.Declaration{}
	}
	return *t.Declaration
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
	Why string          // a stable word: role, perimeter, own_act, token, delegation_over, step_up, suspended
	Who []registry.Role // who may, in the table's order
}

// Error names the act and the reason.
func (d *Denied) Error() string { return fmt.Sprintf("%s: not allowed (%s)", d.Act, d.Why) }

// Holds lists the roles that the caller holds at now: the federation's, what registered delegations make of them, and the
// appointments that they claimed. What a role cannot be held over is left out, and a role held over nothing is not held;
// nor is one for which a source vouched that may no longer speak, an appointment that is suspended, or any of a handle that is.
func Holds(s *registry.Snapshot, now time.Time, c Caller) []registry.Held {
	if c.Handle == "" || s.Stopped(registry.StopHolder, c.Handle) {
		return nil
	}
	return slices.DeleteFunc(all(s, c), func(h registry.Held) bool {
		return c.Only != nil && !slices.Contains(c.Only, h.Role) || now.Before(h.From) || !now.Before(h.Until) || !vouches(s, now, h.Source)
	})
}

// May says in which capacity the caller may do act at now, or *Denied. To read what was never approved, or
// its papers, is to read drafts, and to archive it is the drafters'. Of several roles that would do, the first in the
// table's order is the capacity.
func May(s *registry.Snapshot, now time.Time, c Caller, act Act, on Target) (Capacity, error) {
	return NewBearer(s, now, c).May(act, on)
}

// effective is the act that the table is asked about.
func effective(act Act, on Target) Act {
	undecided := on.Declaration != nil && !on.Declaration.WasApproved()
	switch {
	case (act == Read || act == ReadPapers) && undecided:
		return ReadDrafts
	case act == Archive && undecided:
		return Draft
	}
	return act
}

// find looks for the first role that does: by one of the ways in which it is held, or by all of them together.
func (q inquiry) find(table rule, held []inRole) (capacity Capacity, why string) {
	why = "role"
	for _, in := range held {
		p := table[in.role]
		if p == never {
			continue
		}
		if q.act == Read && q.on.empty() {
			p = anything
		}
		for _, h := range in.ways {
			q.role, q.over = in.role, h.Over
			if q.meets(p) || (q.about() && q.mine()) {
				return Capacity{Role: in.role, Office: Office(in.role), Under: h.Under}, ""
			}
		}
		why = "perimeter"
	}
	return Capacity{}, why
}

// together is one role held in several ways, such as by two delegations, for an act about all of it.
func together(held []registry.Held) registry.Held {
	var out registry.Held
	var under []string
	for _, h := range held {
		out.Over.Academies = append(out.Over.Academies, h.Over.Academies...)
		out.Over.Departments = append(out.Over.Departments, h.Over.Departments...)
		out.Over.Circonscriptions = append(out.Over.Circonscriptions, h.Over.Circonscriptions...)
		out.Over.UAIs = append(out.Over.UAIs, h.Over.UAIs...)
		out.Over.Services = append(out.Over.Services, h.Over.Services...)
		out.Over.Sources = append(out.Over.Sources, h.Over.Sources...)
		if h.Under != "" && !slices.Contains(under, h.Under) {
			under = append(under, h.Under)
		}
	}
	out.Under = strings.Join(under, "; ")
	return out
}

// ownAct: whoever wrote a declaration or proposed an appointment does not decide on it, and whoever stopped something does
// not start it again.
func ownAct(act Act, c Caller, on Target) bool {
	if act == Lift || act == LiftSchool || act == LiftOffice {
		return on.Author != "" && on.Author == c.Handle || act == LiftOffice && on.Holder == c.Handle
	}
	author := cmp.Or(on.Author, on.declared().Author)
	return (act == Approve || act == ConfirmAppoint || act == ConfirmInquiry || act == ConfirmRenewal || act == ResetFactors) && author == c.Handle
}

func who(table rule) []registry.Role {
	return slices.DeleteFunc(registry.Roles(), func(role registry.Role) bool { return table[role] == never })
}

// demoCapacity is the office that the demo's own hand stands in for.
func demoCapacity(table rule, on Target) Capacity {
	may := who(table)
	role := may[0]
	level := map[registry.Level]registry.Role{
		registry.ByEstablishment: registry.HeadOfSchool, registry.ByDepartment: registry.DASEN, registry.ByAcademy: registry.Recteur,
	}[on.declared().Scope.Level]
	if slices.Contains(may, level) {
		role = level
	}
	return Capacity{Role: role, Office: Office(role)}
}
