package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/policy/conformity"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Approve is the controller's act. It wants: no blocking finding, an answer to each finding that asks for one, a
// content for each paper that is attached, a data-protection officer's opinion on this very text (or on the model it adopts unchanged, or none where nothing
// changed in substance), a reason where the opinion has reservations, the level above where it is unfavourable, and
// somebody else than the author. At establishment level it enables the service where the caller is controller. A
// collectivité that runs the service approves beside the controller, before them, and opens nothing by that.
func (d *Desk) Approve(ctx context.Context, c roles.Caller, m Move) (registry.Declaration, error) {
	return d.step(ctx, c, "declaration_approve", m, func(t *turn, v registry.Declaration) (registry.Declaration, error) {
		in, err := t.mayApprove(v)
		if err != nil {
			return v, err
		}
		if in.Role == registry.Collectivite {
			return t.agree(d, v, in, m)
		}
		if err := t.hindered(d.obstacles(t, v)); err != nil {
			return v, err
		}
		if err := d.papersKept(ctx, v); err != nil {
			return v, err
		}
		if err := t.opinionAllows(v, in, m); err != nil {
			return v, err
		}
		return t.approved(d, v, t.decision(in, registry.Approved, m.Reason), in)
	})
}

// mayApprove asks whether the caller decides on a version, and is not its author. After an unfavourable opinion the level
// above decides: the academy in the place of a school or a department.
func (t *turn) mayApprove(v registry.Declaration) (roles.Capacity, error) {
	in, err := t.may(roles.Approve, of(v))
	if raised, ok := t.raised(v); err != nil && ok && t.opinionOn(v).Value == registry.Unfavourable {
		if above, denied := t.may(roles.Approve, of(raised)); denied == nil {
			in, err = above, nil
		}
	}
	var denied *roles.Denied
	if wrote(v, t.by.Handle) && (err == nil || errors.As(err, &denied) && denied.Why == "own_act") {
		return in, &Conflict{Code: "author", What: "whoever wrote a declaration does not decide on it"}
	}
	return in, err
}

// raised is the version as the level above would answer for it; ok is false when there is none.
func (t *turn) raised(v registry.Declaration) (registry.Declaration, bool) {
	var academies []string
	switch v.Scope.Level {
	case registry.ByEstablishment:
		for _, uai := range v.Scope.UAIs {
			school, _ := t.Establishment(uai)
			academies = append(academies, school.Academy)
		}
	case registry.ByDepartment:
		for _, department := range v.Scope.Departments {
			academy, _ := t.AcademyOf(department)
			academies = append(academies, academy)
		}
	}
	slices.Sort(academies)
	academies = slices.Compact(academies)
	v.Scope = registry.Scope{Level: registry.ByAcademy, Academies: academies, All: true}
	return v, len(academies) > 0 && !slices.Contains(academies, "")
}

// obstacle is one thing that keeps a version from being approved by anybody.
type obstacle struct {
	code, what string
	need       []registry.Finding
}

// hindered is the first obstacle as an error.
func (t *turn) hindered(by []obstacle) error {
	if len(by) == 0 {
		return nil
	}
	return &Conflict{Code: by[0].code, What: by[0].what, Need: by[0].need}
}

// obstacles lists what keeps a version from being approved now, whoever would.
func (d *Desk) obstacles(t *turn, v registry.Declaration) []obstacle {
	return d.obstaclesOf(t, v, d.examine(t, v), t.opinionOn(v))
}

// obstaclesOf is obstacles with what package conformity found, and the opinion that counts.
func (d *Desk) obstaclesOf(t *turn, v registry.Declaration, findings []registry.Finding, opinion opinionOn) []obstacle {
	var out []obstacle
	say := func(bad bool, code, what string, need ...registry.Finding) {
		if bad {
			if need == nil {
				need = []registry.Finding{{Where: code, What: what, Rule: code}}
			}
			out = append(out, obstacle{code, what, need})
		}
	}
	name := Ref{v.ID, v.Version}.String()
	reviewed := v.State == registry.Submitted || v.State == registry.InReview
	say(!reviewed, "state", fmt.Sprintf("%s is %s and not under review", name, stateWord(v.State)))
	for _, other := range t.Versions(v.ID) {
		say(other.State == registry.Suspended, "state", fmt.Sprintf("%s is suspended: that is lifted first", Ref{other.ID, other.Version}))
		say(other.Version > v.Version && other.WasApproved(), "state", fmt.Sprintf("version %d was approved since", other.Version))
	}
	blocking := append(d.form(t, v), blocks(findings)...)
	blocking = append(blocking, t.lapsed(v)...)
	say(len(blocking) > 0, "findings", fmt.Sprintf("%d findings stand against %s", len(blocking), name), blocking...)
	unanswered := conformity.Unanswered(findings, v)
	say(len(unanswered) > 0, "justify", fmt.Sprintf("%d findings wait for the controller's answer", len(unanswered)), unanswered...)
	say(opinion.asked && !opinion.given, "opinion", "no data-protection officer has given an opinion on this text")
	say(opinion.Value == registry.Unfavourable && v.Scope.Level == registry.ByAcademy, "level", "the opinion is unfavourable and there is no level above")
	say(t.jointly(v) && !agreed(v), "joint", "the collectivité that runs the service has not approved this text")
	return out
}

// opinionAllows wants what the opinion asks of whoever decides: a written reason against reservations, the level above
// where it is unfavourable.
func (t *turn) opinionAllows(v registry.Declaration, in roles.Capacity, m Move) error {
	switch t.opinionOn(v).Value {
	case registry.WithReservations:
		if m.because() != nil {
			return &Conflict{Code: "reservations", What: "the opinion has reservations: why it is approved all the same is to be written down"}
		}
	case registry.Unfavourable:
		if in.Role != registry.Recteur || v.Scope.Level == registry.ByAcademy {
			return &Conflict{Code: "level", What: "the opinion is unfavourable: the level above decides"}
		}
		return m.because()
	}
	return nil
}

// examine is what package conformity finds under the rules that hold now.
func (d *Desk) examine(t *turn, v registry.Declaration) []registry.Finding {
	return d.examined(t.Snapshot, v, t.Rules(t.now), t.now, &t.shared)
}

// lapsed says that a version would open nothing even if it were approved: what it rests on has ended.
func (t *turn) lapsed(v registry.Declaration) []registry.Finding {
	end, lapse := policy.Ends(v, t.Rules(t.now), t.Zone())
	if t.now.Before(end) {
		return nil
	}
	return []registry.Finding{{Where: "until", What: fmt.Sprintf("it is over already (%s)", lapse), Rule: "over"}}
}

func blocks(findings []registry.Finding) []registry.Finding {
	return slices.DeleteFunc(slices.Clone(findings), func(f registry.Finding) bool { return f.Severity != registry.Blocking })
}

// approved is the version in force: with the rules it was judged under, the examination it takes over, what it changes,
// and the enablings that come with it.
func (t *turn) approved(d *Desk, v registry.Declaration, by registry.Decision, in roles.Capacity) (registry.Declaration, error) {
	next, err := move(v, by)
	if err != nil {
		return v, err
	}
	next.Opinions = t.opinionOn(v).takenOver(t, v)
	next.Change = t.kindOfChange(v)
	next.Judged = &registry.Examination{At: t.now, Rules: t.Rules(t.now).Version, Findings: d.examine(t, v)}
	t.detail("rules", fmt.Sprint(next.Judged.Rules))
	if v.Scope.Level == registry.ByEstablishment {
		t.enableOwn(next, by)
	}
	return next, nil
}

// enableOwn enables an approved version in the establishments that it lists and whose controller has just approved it. A
// controller's no, or a stop there, is not lifted by that.
func (t *turn) enableOwn(v registry.Declaration, by registry.Decision) {
	var done Report
	for _, uai := range v.Scope.UAIs {
		school, known := t.Establishment(uai)
		old, _ := t.Enabling(v.ServiceID, uai)
		if !known || old.State == registry.RefusedHere || old.State == registry.SuspendedHere {
			continue
		}
		in, err := t.may(roles.Enable, roles.Target{Service: v.ServiceID, Declaration: &v, UAIs: []person.UAI{uai}})
		if err != nil {
			continue
		}
		t.stand(Stance{Service: v.ServiceID, Declaration: v.ID, Version: v.Version, State: registry.Enabled, Reason: by.Reason}, chosen{school, in}, &done)
	}
	if done.Done > 0 {
		t.at(done.UAIs...)
	}
}
