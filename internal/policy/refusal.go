package policy

import (
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// Reason is why somebody may not enter. It is a stable word: pages, journal and metrics use it.
type Reason string

// The reasons, in the order in which the checks can give them.
const (
	UnknownService      Reason = "unknown_service"
	ServiceSuspended    Reason = "service_suspended"
	NoDeclaration       Reason = "no_declaration"
	NotApproved         Reason = "not_approved"
	NotYet              Reason = "not_yet"
	Expired             Reason = "expired"
	Lapsed              Reason = "lapsed" // what the declaration rests on is over: Refusal.Lapse says what
	DeclarationStopped  Reason = "declaration_suspended"
	NotEnabled          Reason = "not_enabled"         // examined and available, and no controller has opened it here
	AwaitingController  Reason = "awaiting_controller" // only a version runs that says more than the controller accepted
	UnknownSource       Reason = "unknown_source"
	SourceSuspended     Reason = "source_suspended"
	SourceNotDeclared   Reason = "source_not_declared"
	UnknownPlace        Reason = "unknown_establishment"
	PlaceClosed         Reason = "establishment_closed"
	PlaceSuspended      Reason = "establishment_suspended"
	SourceNotForPlace   Reason = "source_not_for_establishment"
	HouseNotCovering    Reason = "not_covered" // the gateway's own register entry does not reach the establishment
	NotMember           Reason = "not_a_member"
	RefusedHere         Reason = "refused_here"
	SuspendedHere       Reason = "suspended_here"
	NotHere             Reason = "not_here"
	TestNotNamed        Reason = "test_not_named" // a test tenant's invented people and a service that names people
	NotForProfile       Reason = "not_for_profile"
	NotForLevel         Reason = "not_for_level"
	TooYoung            Reason = "too_young"
	NoParentalAuthority Reason = "no_parental_authority"
)

// Reasons lists every reason, for the tables of pages and metrics that must be complete.
func Reasons() []Reason {
	return []Reason{
		UnknownService, ServiceSuspended, NoDeclaration, NotApproved, NotYet, Expired, Lapsed, DeclarationStopped,
		NotEnabled, AwaitingController, UnknownSource, SourceSuspended, SourceNotDeclared, UnknownPlace, PlaceClosed, PlaceSuspended,
		SourceNotForPlace, HouseNotCovering, NotMember, RefusedHere, SuspendedHere, NotHere, TestNotNamed, NotForProfile,
		NotForLevel, TooYoung, NoParentalAuthority,
	}
}

// Refusal is a no with what a page needs to explain it. It never says anything of the person.
type Refusal struct {
	Reason  Reason
	Service string
	UAI     person.UAI
	Date    registry.Date    // since when or from when; the last day, for Expired and Lapsed
	Message registry.Text    // the words of whoever suspended
	Words   registry.Wording // of the incident for which it was stopped, in three wordings; they take the place of Message
	Office  string           // the function that can act, where the registry names one
	For     []person.Profile // who the service is for, for NotForProfile
	MinAge  int
	Lapse   Lapse // for Lapsed
}

// Error names the reason and the service.
func (r *Refusal) Error() string {
	return "service " + r.Service + ": " + string(r.Reason)
}
