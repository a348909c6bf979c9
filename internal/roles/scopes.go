package roles

import "slices"

// What a token may be used for: a word for a group of acts, or one act's own word.
const (
	ScopeRead      = "read"
	ScopeDraft     = "draft"
	ScopeDecide    = "decide"
	ScopeTechnical = "technical"
	ScopeAccess    = "access"
)

// Scopes lists the words for groups of acts.
func Scopes() []string {
	return []string{ScopeRead, ScopeDraft, ScopeDecide, ScopeTechnical, ScopeAccess}
}

// KnownScope tells whether a token may be given a word: a group's, or an act's. A token never makes tokens.
func KnownScope(word string) bool {
	return slices.Contains(Scopes(), word) || (scopeOf(Act(word)) != "" && !inPerson(Act(word)))
}

// inPerson tells the acts that no token is ever good for.
func inPerson(act Act) bool {
	return act == MakeToken || act == ManageFactors || act == ResetFactors || act == Inquire || act == ConfirmInquiry || act == Renew || act == ConfirmRenewal || act == SimulatePerson ||
		act == CloseGuardian || act == ReadRight || act == AnswerRight || act == ExtendRight || act == CommentRight
}

// scopeOf is the group to which an act belongs; empty for an act that nobody knows.
func scopeOf(act Act) string {
	switch act {
	case Read, ReadDrafts, ReadPapers, ReadJournal, ListRights, ReadIncident, Simulate, Export:
		return ScopeRead
	case Propose, AnswerWish, Draft, Instruct, AttestPaper, RecordNotice, EditCatalogue:
		return ScopeDraft
	case Opine, OpineBeside, Approve, Enable, SuspendLocally, Suspend, Lift, Archive, ConfirmTerms, ConfirmPaper, EditCharter, OpenInCrisis,
		ApproveSource, SuspendSource, SuspendSchool, LiftSchool, KeepIncident, ProposeRules, SignRules, Renew, ConfirmRenewal:
		return ScopeDecide
	case EditService, EditSchool, EditSource:
		return ScopeTechnical
	case ReadRight, AnswerRight, ExtendRight, CommentRight:
		return ScopeDecide
	case ReadAccess, Inquire, ConfirmInquiry, SimulatePerson, CloseGuardian, ManageAccounts, Appoint, ConfirmAppoint, RevokeAppoint, SuspendOffice, LiftOffice, MakeToken, RevokeToken, ManageFactors, ResetFactors:
		return ScopeAccess
	default:
		return ""
	}
}

// scoped tells whether the caller's token, if there is one, may be used for an act.
func (c Caller) scoped(act Act) bool {
	if c.Scopes == nil {
		return true
	}
	return !inPerson(act) && (slices.Contains(c.Scopes, scopeOf(act)) || slices.Contains(c.Scopes, string(act)))
}
