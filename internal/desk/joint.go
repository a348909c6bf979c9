package desk

import (
	"fmt"
	"slices"

	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// jointNote marks the decision by which a collectivité approved a text beside the controller (RGPD art. 26).
const jointNote = "joint_controllers"

// jointly tells whether a collectivité runs the service now, and so decides with the controller.
func (t *turn) jointly(v registry.Declaration) bool {
	return t.collectivite(func(o registry.Over) bool { return slices.Contains(o.Services, v.ServiceID) })
}

// runsJointly tells whether a collectivité runs the source now.
func (t *turn) runsJointly(source string) bool {
	return t.collectivite(func(o registry.Over) bool { return slices.Contains(o.Sources, source) })
}

func (t *turn) collectivite(runs func(registry.Over) bool) bool {
	for a := range t.EachAppointment() {
		if a.Role == registry.Collectivite && a.State == registry.ConfirmedApp && runs(a.Over) &&
			!t.now.Before(a.From.Starts(t.Zone())) && t.now.Before(a.Until.Ends(t.Zone())) {
			return true
		}
	}
	return false
}

// agreedOn tells whether a collectivité approved a source's declaration as it is, for the schools that it speaks for.
func agreedOn(s registry.Source) bool {
	text := sourceText(s)
	return slices.ContainsFunc(s.Declaration.Decisions, func(by registry.Decision) bool {
		return slices.Contains(by.Notes, registry.Remark{Where: jointNote, What: text})
	})
}

// sourceText is a tag of what is decided on about a source: its declaration, whom it vouches for, and where.
func sourceText(s registry.Source) string {
	entry := *s.Declaration
	entry.State, entry.Decisions, entry.Demo = "", nil, false
	return Tag([]any{s.ID, s.Authority, s.UAIs, entry})
}

// agreed tells whether a collectivité approved this very text. The remarks of a correction are anybody's words and no
// approval, whatever they say.
func agreed(v registry.Declaration) bool {
	text := v.Fingerprint()
	return slices.ContainsFunc(v.Decisions, func(by registry.Decision) bool {
		return by.State != registry.ToCorrect && by.Office == roles.Office(registry.Collectivite) && slices.Contains(by.Notes, registry.Remark{Where: jointNote, What: text})
	})
}

// agree records a collectivité's approval. The version stays under review: the controller decides.
func (t *turn) agree(d *Desk, v registry.Declaration, in roles.Capacity, m Move) (registry.Declaration, error) {
	left := slices.DeleteFunc(d.obstacles(t, v), func(o obstacle) bool { return o.code == "joint" })
	if err := t.hindered(left); err != nil {
		return v, err
	}
	if t.opinionOn(v).Value == registry.WithReservations && m.because() != nil {
		return v, &Conflict{Code: "reservations", What: "the opinion has reservations: why it is approved all the same is to be written down"}
	}
	if agreed(v) {
		return v, &Conflict{Code: "state", What: fmt.Sprintf("a collectivité has approved %s already", Ref{v.ID, v.Version})}
	}
	by := t.decision(in, v.State, m.Reason)
	by.Notes = []registry.Remark{{Where: jointNote, What: v.Fingerprint()}}
	v.Decisions = append(slices.Clone(v.Decisions), by)
	return v, nil
}
