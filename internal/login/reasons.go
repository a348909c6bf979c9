package login

import (
	"ecluse/internal/attrs"
	"ecluse/internal/policy"
)

// Reasons lists every word that a refusal page, the journal or a metric can give as the reason of a no: those of package
// policy, and those of the flow itself. Each has its texts; a test holds the two together.
func Reasons() []string {
	var out []string
	for _, reason := range policy.Reasons() {
		out = append(out, string(reason))
	}
	for _, word := range attrs.AllLacking() {
		out = append(out, string(word))
	}
	return append(out,
		string(noStart), string(unknownReturn), "too_large", "parents_first", "closed_for_you", "refused_by_person", "no_source",
		"incomplete_identity", "stale_sign_in", "not_as_asked", "passive", "page_needed", "registry_stale", "internal",
	)
}
