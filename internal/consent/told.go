package consent

import (
	"slices"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// told tells whether the establishment's own declaration records that people of a profile were informed collectively, of
// what this version says: then nothing is shown to each. An academy's declaration records what the academy did, not what
// was said in a school. Children are told and those who answer for them; an age that is not known is a child's. A notice
// needs a day that has come and a document; a notice that an earlier version already had, when it said something else, was
// about that, and where the earlier versions are not known it counts for nothing.
func told(d registry.Declaration, profile person.Profile, adult bool, past Versions, now time.Time) bool {
	if d.Scope.Level != registry.ByEstablishment || len(d.Scope.UAIs) != 1 {
		return false
	}
	var wanted []registry.NoticeKind
	switch profile {
	case person.Pupil:
		wanted = []registry.NoticeKind{registry.ToPupils}
		if !adult {
			wanted = append(wanted, registry.ToGuardians)
		}
	case person.Guardian:
		wanted = []registry.NoticeKind{registry.ToGuardians}
	default:
		wanted = []registry.NoticeKind{registry.ToStaff}
	}
	fresh, known := fresh(d, past)
	return known && !slices.ContainsFunc(wanted, func(kind registry.NoticeKind) bool {
		return !slices.ContainsFunc(fresh, func(n registry.Notice) bool {
			return n.Kind == kind && n.Document != "" && !n.Date.IsZero() && !now.Before(n.Date.Starts(now.Location()))
		})
	})
}

// fresh lists the notices that were given of what the version says.
func fresh(d registry.Declaration, past Versions) (out []registry.Notice, known bool) {
	out = slices.Clone(d.Informed)
	for v := 1; v < d.Version; v++ {
		if past == nil {
			return nil, false
		}
		before, found := past.Declaration(d.ID, v)
		if !found {
			return nil, false
		}
		if before.Substance() != d.Substance() {
			out = slices.DeleteFunc(out, func(n registry.Notice) bool { return slices.Contains(before.Informed, n) })
		}
	}
	return out, true
}
