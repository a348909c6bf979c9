package roles

import r "ecluse/internal/registry"

// perimeter is what a role must hold before it may do an act: a word of the table, explained in perimeter.go.
type perimeter string

// The perimeters.
const (
	never    perimeter = ""         // nobody in this role, whatever it is about
	anything perimeter = "anything" // it asks for nothing: what is approved is public
	self     perimeter = "self"     // what is the caller's own
	own      perimeter = "own"      // a service that one provides, a service or source that one runs
	concerns perimeter = "concerns" // it reaches one of one's establishments
	touches  perimeter = "touches"  // it is made at the level that one holds, or names an establishment that one answers for
	within   perimeter = "within"   // all of it lies in what the role is held over
	academy  perimeter = "academy"  // it is one's academy's
	controls perimeter = "controls" // one is the controller of every establishment that is named
	decides  perimeter = "decides"  // one is the controller at the level at which the declaration is made

	ownOrTouches perimeter = "own/touches" // one or the other
	ownOrWithin  perimeter = "own/within"  // one or the other
)

// rule says what each role needs for an act. A role that is not in it never may.
type rule map[r.Role]perimeter

// policy is the table: the one place that says who may do what at the desk. An act that it does not know is nobody's.
func policy(act Act) rule {
	switch act {
	case Read, ReadDrafts, ReadPapers, ReadJournal, Simulate, SimulatePerson, ReadAccess, Inquire, ConfirmInquiry, Export:
		return reading(act)
	case Propose, AnswerWish, Draft, Instruct, Opine, OpineBeside, ConfirmTerms, AttestPaper, RecordNotice:
		return preparing(act)
	case Approve, Enable, ConfirmPaper, EditCharter, OpenInCrisis, Lift, Archive, ApproveSource:
		return deciding(act)
	case SuspendLocally, Suspend, SuspendSource, Renew, ConfirmRenewal:
		return stopping(act)
	case SuspendSchool, LiftSchool, SuspendOffice, LiftOffice, ReadIncident, KeepIncident:
		return alarmed(act)
	case EditService, EditSchool, EditSource, EditCatalogue, ProposeRules, SignRules:
		return keeping(act)
	case ListRights, ReadRight, AnswerRight, ExtendRight, CommentRight:
		return answering(act)
	case CloseGuardian:
		return protecting()
	case Appoint, ConfirmAppoint, RevokeAppoint, MakeToken, RevokeToken, ManageAccounts, ManageFactors, ResetFactors:
		return access(act)
	default:
		return nil
	}
}

// Decides tells whether a role decides anything, anywhere, in an authority's name: approves, enables, lifts, or any other of
// the deciding acts. Such a role is given by two persons at the desk, never by whoever holds the machine.
func Decides(role r.Role) bool {
	for _, act := range []Act{Approve, Enable, ConfirmPaper, EditCharter, OpenInCrisis, Lift, Archive, ApproveSource} {
		if _, may := policy(act)[role]; may {
			return true
		}
	}
	return false
}

// reading. What is approved is a public register. No role sees another school's drafts; support sees references, an
// auditor whatever names nobody; a collectivité what reaches its schools; a provider its own services and no person. What
// a declaration says is public once it is approved; its papers are for those whom it binds and those who look after them.
func reading(act Act) rule {
	switch act {
	case Read, Simulate: // personas are nobody: whoever may read what is approved may see what it lets out
		all := everybody(anything)
		all[r.Provider], all[r.Collectivite] = own, concerns
		return all
	case ReadDrafts:
		return rule{
			r.Provider: own, r.Directeur: touches, r.IEN: touches, r.HeadOfSchool: touches, r.Deputy: touches,
			r.Assistant: touches, r.DASEN: touches, r.Recteur: touches, r.DRANE: touches,
			r.DPO: ownOrTouches, r.Collectivite: own, r.Auditor: touches,
		}
	case ReadPapers:
		return rule{
			r.Provider: own, r.HeadOfSchool: concerns, r.Deputy: concerns, r.Assistant: concerns, r.DASEN: concerns,
			r.Recteur: concerns, r.DRANE: concerns, r.DPO: concerns, r.Collectivite: concerns, r.Auditor: concerns,
		}
	case ReadJournal:
		return rule{
			r.HeadOfSchool: within, r.Deputy: within, r.DASEN: within, r.Recteur: within, r.DPO: within, r.Admin: within,
			r.OnCall: within, r.Support: within, r.Auditor: within,
		}
	case SimulatePerson: // those who answer for what leaves, and those who mend it
		return rule{r.DPO: within, r.Admin: within}
	case Inquire: // nobody else learns which services a named person uses
		return rule{r.DPO: within}
	case ConfirmInquiry:
		return rule{r.Recteur: within, r.DPO: within, r.Auditor: within}
	case ReadAccess:
		all := everybody(self)
		all[r.HeadOfSchool], all[r.Recteur], all[r.DPO], all[r.Admin], all[r.Auditor] = within, within, within, within, within
		return all
	default: // Export
		return rule{
			r.Directeur: within, r.IEN: within, r.HeadOfSchool: within, r.Deputy: within, r.Assistant: within,
			r.DASEN: within, r.Recteur: within, r.DRANE: within, r.DPO: within, r.Admin: within, r.Collectivite: within,
			r.Auditor: within,
		}
	}
}

// preparing. Any staff may propose; a school's assistant prepares; the DRANE instructs; the data-protection officer gives
// an opinion, which is never an approval; the officer of another body gives one on what that body runs, which never stands
// in its place; directeur and inspector attest paper and prepare nothing else.
func preparing(act Act) rule {
	switch act {
	case Propose:
		return rule{
			r.Staff: within, r.Directeur: within, r.IEN: within, r.HeadOfSchool: within, r.Deputy: within,
			r.Assistant: within, r.DASEN: within,
		}
	case AnswerWish:
		return rule{r.HeadOfSchool: controls, r.Deputy: controls, r.DASEN: controls, r.Recteur: controls, r.DRANE: within}
	case Draft:
		return rule{
			r.Provider: own, r.HeadOfSchool: touches, r.Deputy: touches, r.Assistant: touches, r.DASEN: touches,
			r.Recteur: touches, r.DRANE: touches, r.Collectivite: own,
		}
	case Instruct:
		return rule{r.HeadOfSchool: decides, r.Deputy: decides, r.DASEN: decides, r.Recteur: decides, r.DRANE: touches}
	case Opine:
		return rule{r.DPO: within}
	case OpineBeside:
		return rule{r.DPO: own}
	case ConfirmTerms:
		return rule{r.HeadOfSchool: decides, r.Deputy: decides, r.DASEN: decides, r.Recteur: decides, r.DRANE: within}
	case RecordNotice: // who tells them: the directeur of an école, who decides nothing of the service, as much as a head
		return rule{
			r.Directeur: within, r.IEN: within, r.HeadOfSchool: within, r.Deputy: within, r.Assistant: within, r.DASEN: controls,
			r.Recteur: controls,
		}
	default: // AttestPaper
		return rule{
			r.Directeur: within, r.IEN: within, r.HeadOfSchool: within, r.Deputy: within, r.Assistant: within,
			r.DASEN: within, r.Recteur: within, r.DRANE: within,
		}
	}
}

// deciding is the controller's. A collectivité decides jointly (RGPD art. 26) on the source or service that it runs: its
// approval stands beside the controller's and never in its place.
//
// A charter is written by who is controller where it holds: the head or the deputy for their own establishment, the DASEN
// for the department and its public écoles, the recteur for the academy. A directeur writes that of the own école, which
// the conseil d'école adopts; it stops no pupil there. The DRANE drafts none here: a charter has no draft, and whoever
// writes it publishes it.
func deciding(act Act) rule {
	switch act {
	case Approve:
		return rule{r.HeadOfSchool: decides, r.Deputy: decides, r.DASEN: decides, r.Recteur: decides, r.Collectivite: own}
	case Enable:
		return rule{r.HeadOfSchool: controls, r.Deputy: controls, r.DASEN: controls, r.Recteur: controls}
	case ConfirmPaper, Lift, Archive:
		return rule{r.HeadOfSchool: decides, r.Deputy: decides, r.DASEN: decides, r.Recteur: decides}
	case EditCharter:
		return rule{r.Directeur: within, r.HeadOfSchool: decides, r.Deputy: decides, r.DASEN: decides, r.Recteur: decides}
	case OpenInCrisis:
		return rule{r.Recteur: academy}
	default: // ApproveSource
		return rule{r.Recteur: within, r.Collectivite: own}
	}
}

// answering the requests of people (RGPD art. 12) is the controller's of the establishment that they are about. Its
// data-protection officer reads all of them, may take more time and advise, and answers none in the controller's place.
func answering(act Act) rule {
	all := rule{r.HeadOfSchool: controls, r.Deputy: controls, r.DASEN: controls, r.Recteur: controls}
	if act != AnswerRight {
		all[r.DPO] = within
	}
	return all
}

// protecting a child from a guardian is for whoever answers for the child's establishment, the directeur of an école among
// them, and for the data-protection officer: it cannot wait for the one who decides on services.
func protecting() rule {
	return rule{
		r.Directeur: within, r.HeadOfSchool: within, r.Deputy: within, r.DASEN: controls, r.Recteur: controls, r.DPO: within,
	}
}

// stopping is open to more than opening is: whoever sees a danger may stop, and only a controller starts again.
func stopping(act Act) rule {
	switch act {
	case SuspendLocally:
		return rule{
			r.Directeur: within, r.IEN: within, r.HeadOfSchool: within, r.Deputy: within, r.DASEN: within,
			r.Recteur: within, r.DPO: within, r.OnCall: within,
		}
	case Renew: // the answer to a list of numbers that got out
		return rule{r.Recteur: within, r.DPO: within, r.OnCall: within}
	case ConfirmRenewal:
		return rule{r.Recteur: within, r.DPO: within}
	case Suspend:
		return rule{r.Provider: own, r.DASEN: within, r.Recteur: within, r.DPO: ownOrWithin, r.OnCall: within, r.Collectivite: own}
	default: // SuspendSource
		return rule{r.Recteur: within, r.DPO: ownOrWithin, r.Admin: within, r.OnCall: within, r.Collectivite: own}
	}
}

// alarmed is for the bad day. Whoever answers for an establishment, or watches over it, closes it as a whole or takes an
// administrator's role away until somebody else has looked; what was stopped is started again by a controller or, for a
// role, by those who confirm appointments. The record of an incident is kept by who answers for the data that got out, by
// their data-protection officer, and by who is on call that night.
func alarmed(act Act) rule {
	switch act {
	case SuspendSchool:
		return rule{
			r.Directeur: within, r.HeadOfSchool: within, r.Deputy: within, r.DASEN: within, r.Recteur: within, r.DPO: within, r.OnCall: within,
		}
	case LiftSchool:
		return rule{r.HeadOfSchool: controls, r.Deputy: controls, r.DASEN: controls, r.Recteur: within}
	case SuspendOffice:
		return rule{r.HeadOfSchool: within, r.DASEN: within, r.Recteur: within, r.DPO: within, r.Admin: within, r.OnCall: within}
	case LiftOffice:
		return rule{r.Recteur: within, r.DPO: within}
	default: // ReadIncident, KeepIncident
		all := rule{r.HeadOfSchool: within, r.Deputy: within, r.DASEN: within, r.Recteur: within, r.DPO: within, r.OnCall: within}
		if act == ReadIncident {
			all[r.Auditor] = within
		}
		return all
	}
}

// keeping is the technical side, the catalogue and the rules. An administrator connects and never approves. Rules want
// two persons, one the data-protection officer; package desk counts the signatures.
func keeping(act Act) rule {
	switch act {
	case EditCatalogue:
		return rule{r.DRANE: within}
	case ProposeRules, SignRules:
		return rule{r.Recteur: within, r.DRANE: within, r.DPO: within}
	case EditSchool:
		return rule{r.Admin: academy}
	default: // EditService, EditSource
		return rule{r.Admin: within}
	}
}

// access. A head proposes an assistant or a deputy of the school; who acts for a head delegates nothing further. What is
// confirmed is confirmed by somebody else than who proposed it. Temporary accounts are each establishment's own affair: the
// DASEN opens them for the écoles and nobody for a whole academy.
func access(act Act) rule {
	switch act {
	case Appoint:
		return rule{r.HeadOfSchool: within, r.Recteur: within, r.Admin: within}
	case ConfirmAppoint:
		return rule{r.Recteur: within, r.DPO: within}
	case RevokeAppoint:
		return rule{r.HeadOfSchool: within, r.Recteur: within, r.DPO: within, r.Admin: within}
	case ManageAccounts:
		return rule{r.Directeur: within, r.HeadOfSchool: within, r.Deputy: within, r.Assistant: within, r.DASEN: controls}
	case RevokeToken:
		all := everybody(self)
		all[r.Recteur], all[r.DPO], all[r.Admin], all[r.OnCall] = within, within, within, within
		return all
	case ResetFactors:
		return rule{r.Recteur: within, r.DPO: within, r.Admin: within}
	default: // MakeToken, ManageFactors
		return everybody(self)
	}
}

func everybody(p perimeter) rule {
	all := rule{}
	for _, role := range r.Roles() {
		all[role] = p
	}
	return all
}
