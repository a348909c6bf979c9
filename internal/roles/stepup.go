package roles

import "slices"

// StepUp tells the acts before which whoever does them shows once more that it is them, with a second means: approvals,
// what starts again after a stop, keys, and what gives somebody a role. It is the last column of the table. No act that
// stops or refuses something is among them: whoever sees a danger is not asked for a telephone first.
func StepUp(act Act) bool {
	switch act {
	case Approve, ConfirmPaper, ApproveSource, Lift, LiftSchool, LiftOffice, ConfirmRenewal, Appoint, ConfirmAppoint, SignRules, ResetFactors:
		return true
	default:
		return false
	}
}

// Vouched tells whether the caller's token does an act that wants a step-up. A token can show nothing a second time: it
// was made by somebody who did, and its scopes name this very act. The word of a group is not enough.
func (c Caller) Vouched(act Act) bool {
	return c.Scopes != nil && c.Stepped && slices.Contains(c.Scopes, string(act))
}

// StepUpScopes tells whether a token with these scopes would do acts that want a step-up.
func StepUpScopes(scopes []string) bool {
	return slices.ContainsFunc(scopes, func(word string) bool { return StepUp(Act(word)) })
}
