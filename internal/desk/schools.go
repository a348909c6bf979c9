package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Where chooses establishments: a list, or all of those that fit every field that is set and that the caller decides for.
type Where struct {
	UAIs       []person.UAI  `json:"uais,omitempty"`
	Kind       registry.Kind `json:"type,omitempty"`
	District   string        `json:"circonscription,omitempty"`
	Department string        `json:"department,omitempty"`
	Academy    string        `json:"academy,omitempty"`
}

// fields tells whether the choice is by fields.
func (w Where) fields() bool {
	return w.Kind != "" || w.District != "" || w.Department != "" || w.Academy != ""
}

// fits tells whether an establishment fits every field that is set.
func (w Where) fits(e registry.Establishment) bool {
	return (w.Kind == "" || w.Kind == e.Kind) && (w.District == "" || w.District == e.District) &&
		(w.Department == "" || w.Department == e.Department) && (w.Academy == "" || w.Academy == e.Academy)
}

// at is the path of an establishment in the choice.
func (w Where) at(uai person.UAI) string {
	if i := slices.Index(w.UAIs, uai); i >= 0 {
		return fmt.Sprintf("where.uais[%d]", i)
	}
	return "where"
}

// Report says what became of each establishment of a bulk act.
type Report struct {
	Done      int          `json:"done"`
	Unchanged int          `json:"unchanged"`
	UAIs      []person.UAI `json:"uais,omitempty"` // those that were changed
}

// chosen is an establishment that a bulk act is about, and in which capacity the caller acts there.
type chosen struct {
	registry.Establishment
	in roles.Capacity
}

// choose finds the establishments of a bulk act, and in which capacity the caller may do it in each. A list is taken whole
// or not at all: *Invalid names each establishment that is unknown, closed or not the caller's; the caller who may do it in
// none of them gets the denial itself. A choice by fields takes those of the caller, closed ones left out.
func (t *turn) choose(act roles.Act, service string, w Where) ([]chosen, error) {
	var bad mistakes
	bad.say(len(w.UAIs) == 0 && !w.fields(), "where", "no establishment is chosen", "a list, or type, circonscription, department, academy")
	bad.say(len(w.UAIs) > 0 && w.fields(), "where", "a list and fields are chosen together", "one or the other")
	if err := bad.err(); err != nil {
		return nil, t.nowhere(act, service, err)
	}
	if w.fields() {
		return t.chooseByFields(act, service, w)
	}
	return t.chooseByList(act, service, w.UAIs)
}

func (t *turn) chooseByList(act roles.Act, service string, uais []person.UAI) ([]chosen, error) {
	var out []chosen
	var bad mistakes
	var denied error
	done := map[person.UAI]bool{}
	for i, uai := range uais {
		where := fmt.Sprintf("where.uais[%d]", i)
		if done[uai] {
			continue
		}
		done[uai] = true
		in, err := t.may(act, roles.Target{Service: service, UAIs: []person.UAI{uai}})
		e, known := t.Establishment(uai)
		switch {
		case err != nil:
			denied = err
			bad.say(true, where, fmt.Sprintf("%s: %s", uai, err), "leave it out, or ask who decides there")
		case !known:
			bad.say(true, where, fmt.Sprintf("%s is not registered", uai), "")
		case e.ClosedAt(t.now, t.Zone()):
			bad.say(true, where, fmt.Sprintf("%s is closed", uai), "")
		default:
			out = append(out, chosen{e, in})
		}
	}
	if denied != nil && len(out) == 0 {
		return nil, denied
	}
	return out, bad.err()
}

func (t *turn) chooseByFields(act roles.Act, service string, w Where) ([]chosen, error) {
	var out []chosen
	var denied error
	for _, e := range t.Establishments() {
		if !w.fits(e) || e.ClosedAt(t.now, t.Zone()) {
			continue
		}
		in, err := t.may(act, roles.Target{Service: service, UAIs: []person.UAI{e.UAI}})
		if err != nil {
			denied = err
			continue
		}
		out = append(out, chosen{e, in})
	}
	switch {
	case len(out) > 0:
		return out, nil
	case denied != nil:
		return nil, denied
	}
	return nil, t.nowhere(act, service, &Invalid{Findings: mistakes{{Where: "where", What: "no open establishment fits"}}})
}

// nowhere is the mistake of a choice that names no establishment, unless the caller has no role for the act anywhere.
func (t *turn) nowhere(act roles.Act, service string, mistake error) error {
	_, err := t.may(act, roles.Target{Service: service})
	var denied *roles.Denied
	if errors.As(err, &denied) && denied.Why != "perimeter" {
		return denied
	}
	return mistake
}

// Enablings lists the enablings in the caller's sight, of one service and one establishment where they are named. Who
// decided and why is told to those who keep the establishment's register.
func (d *Desk) Enablings(ctx context.Context, c roles.Caller, service string, uai person.UAI) ([]registry.Enabling, error) {
	s, err := d.view(ctx)
	if err != nil {
		return nil, err
	}
	by := roles.NewBearer(s, d.Now().UTC(), c)
	if uai != "" {
		if _, err := by.May(roles.Read, roles.Target{UAIs: []person.UAI{uai}}); err != nil {
			return nil, err
		}
	}
	seen := map[person.UAI]bool{}
	var out []registry.Enabling
	for e := range s.EachEnabling() {
		if service != "" && e.Service != service || uai != "" && e.UAI != uai {
			continue
		}
		may, asked := seen[e.UAI]
		if !asked {
			_, err := by.May(roles.Read, roles.Target{UAIs: []person.UAI{e.UAI}})
			may = err == nil
			seen[e.UAI] = may
		}
		if may {
			out = append(out, *e)
		}
	}
	inside := map[person.UAI]bool{}
	for i, e := range out {
		own, asked := inside[e.UAI]
		if !asked {
			_, err := by.May(roles.Export, roles.Target{UAIs: []person.UAI{e.UAI}})
			own = err == nil
			inside[e.UAI] = own
		}
		if !own { // that a service is open in a school is public; why its controller decided so is not
			out[i].Decisions, out[i].Paper = nil, nil
		}
	}
	return out, nil
}
