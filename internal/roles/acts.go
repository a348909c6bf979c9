package roles

// Act is something that somebody does at the desk.
type Act string

// The acts.
const (
	Read           Act = "read"            // what is approved and what concerns one's own perimeter
	ReadDrafts     Act = "read_drafts"     // drafts and reviews in one's perimeter
	ReadPapers     Act = "read_papers"     // the documents that a declaration refers to: contracts, impact assessments
	ReadJournal    Act = "read_journal"    // references and events, never values
	Inquire        Act = "inquire"         // ask which services a named person used
	ConfirmInquiry Act = "confirm_inquiry" // by somebody else than who asked
	ListRights     Act = "list_rights"     // which requests of people wait for an answer, and by when
	ReadRight      Act = "read_right"      // what one of them says, and how to reach the person
	AnswerRight    Act = "answer_right"    //
	ExtendRight    Act = "extend_right"    // take two more months, and say why
	CommentRight   Act = "comment_right"   // say something to the others who answer
	CloseGuardian  Act = "close_guardian"  // close a guardian's view of a child, open it again, and see what is closed
	Simulate       Act = "simulate"        // what a persona would be let into and what would be sent
	SimulatePerson Act = "simulate_person" // the same for somebody real: a reason, and they see that it was done
	Renew          Act = "renew_numbers"   // ask that everybody in a sector be given another number
	ConfirmRenewal Act = "confirm_renewal" // by somebody else than who asked
	ReadAccess     Act = "read_access"     // appointments, delegations, tokens
	Propose        Act = "propose"         // wish for a service in an establishment
	AnswerWish     Act = "answer_wish"     // take up or decline a wish
	Draft          Act = "draft"           // write or change a draft, attach papers, submit it
	Instruct       Act = "instruct"        // take into review, ask for corrections
	Opine          Act = "opine"           // a data-protection officer's opinion: the one that approval needs
	OpineBeside    Act = "opine_beside"    // that of the officer of the body that runs the service: approval needs another
	Approve        Act = "approve"         // approve or refuse a declaration
	Enable         Act = "enable"          // enable, refuse, withdraw in an establishment; lift a local suspension
	SuspendLocally Act = "suspend_locally" // stop a service in an establishment
	Suspend        Act = "suspend"         // stop a declaration or a service everywhere
	Lift           Act = "lift"            // lift a suspension
	Archive        Act = "archive"         // end a declaration for good
	ConfirmTerms   Act = "confirm_terms"   // the yearly confirmation, or the news that terms changed
	AttestPaper    Act = "attest_paper"    // enter a decision that was signed on paper
	RecordNotice   Act = "record_notice"   // when and how people of an establishment were told of a service
	ConfirmPaper   Act = "confirm_paper"   // say that it was: the controller's
	EditCharter    Act = "edit_charter"    // the texts of a charter, and whether people are asked to read them
	OpenInCrisis   Act = "open_in_crisis"  // and end it
	EditService    Act = "edit_service"    // technical: bindings
	EditSchool     Act = "edit_school"     // and import
	EditSource     Act = "edit_source"     // technical
	ApproveSource  Act = "approve_source"  // approve the declaration of a source
	SuspendSource  Act = "suspend_source"  //
	SuspendSchool  Act = "suspend_school"  // stop whatever anybody enters as somebody of an establishment
	LiftSchool     Act = "lift_school"     // by somebody else than who stopped it
	SuspendOffice  Act = "suspend_office"  // stop an appointment, or all that a handle may at the desk
	LiftOffice     Act = "lift_office"     // by somebody else than who stopped it
	ReadIncident   Act = "read_incident"   // the record of something that went wrong with people's data
	KeepIncident   Act = "keep_incident"   // open one, write into it, close it
	Appoint        Act = "appoint"         // propose an appointment
	ConfirmAppoint Act = "confirm_appoint" // by somebody else than the author
	RevokeAppoint  Act = "revoke_appoint"  //
	ProposeRules   Act = "propose_rules"   //
	SignRules      Act = "sign_rules"      //
	EditCatalogue  Act = "edit_catalogue"  // models and assessed tools
	MakeToken      Act = "make_token"      // for oneself
	RevokeToken    Act = "revoke_token"    // one's own, or anybody's in the perimeter
	Export         Act = "export"          // the register
	ManageAccounts Act = "manage_accounts" // temporary accounts of people whom no source knows
	ManageFactors  Act = "manage_factors"  // one's own second means
	ResetFactors   Act = "reset_factors"   // those of somebody who lost theirs: never one's own
)
