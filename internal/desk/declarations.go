package desk

import (
	"context"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Begin makes a draft: version 1 of a new declaration, from a model when one is named (fields of d that are set win), or
// from nothing. A tool that was assessed and refused gives *NotOffered. The id is made when d has none.
func (d *Desk) Begin(ctx context.Context, c roles.Caller, model string, from registry.Declaration) (registry.Declaration, error) {
	panic("not yet")
}

// NewVersion makes a draft of the next version from the newest approved one.
func (d *Desk) NewVersion(ctx context.Context, c roles.Caller, id string) (registry.Declaration, error) {
	panic("not yet")
}

// Edit replaces the text of a draft, or of a version to correct. match is the Tag that the writer saw; empty does not care.
func (d *Desk) Edit(ctx context.Context, c roles.Caller, text registry.Declaration, match string) (registry.Declaration, error) {
	panic("not yet")
}

// Move is a step in the life of a version.
type Move struct {
	Ref
	Match   string            // the Tag that whoever decides saw; empty does not care
	Reason  string            // required to refuse, to suspend, and to approve against reservations
	Message registry.Text     // what people read while it is suspended
	Notes   []registry.Remark // field by field, with a correction
}

// Submit hands a draft over for review. The form must be without mistakes; findings of conformity do not keep it back.
func (d *Desk) Submit(ctx context.Context, c roles.Caller, m Move) (registry.Declaration, error) {
	panic("not yet")
}

// Take begins the review.
func (d *Desk) Take(ctx context.Context, c roles.Caller, m Move) (registry.Declaration, error) {
	panic("not yet")
}

// Correct sends a version back to its author.
func (d *Desk) Correct(ctx context.Context, c roles.Caller, m Move) (registry.Declaration, error) {
	panic("not yet")
}

// Refuse ends a review with a no.
func (d *Desk) Refuse(ctx context.Context, c roles.Caller, m Move) (registry.Declaration, error) {
	panic("not yet")
}

// Approve is the controller's act. It wants: no blocking finding, an answer to each finding that asks for one, a
// data-protection officer's opinion on this very text (or on the model it adopts unchanged, or none where nothing
// changed in substance), a reason where the opinion has reservations, the level above where it is unfavourable, and
// somebody else than the author. At establishment level it enables the service where the caller is controller.
func (d *Desk) Approve(ctx context.Context, c roles.Caller, m Move) (registry.Declaration, error) {
	panic("not yet")
}

// Suspend stops a declaration in every version, everywhere, at once.
func (d *Desk) Suspend(ctx context.Context, c roles.Caller, m Move) (registry.Declaration, error) {
	panic("not yet")
}

// Lift ends a suspension.
func (d *Desk) Lift(ctx context.Context, c roles.Caller, m Move) (registry.Declaration, error) {
	panic("not yet")
}

// Archive ends a version for good.
func (d *Desk) Archive(ctx context.Context, c roles.Caller, m Move) (registry.Declaration, error) {
	panic("not yet")
}

// Opine records a data-protection officer's opinion on the text as it is now.
func (d *Desk) Opine(ctx context.Context, c roles.Caller, m Move, value registry.Verdict) (registry.Declaration, error) {
	panic("not yet")
}

// ConfirmTerms says that the supplier's terms are still of that version. Another version reopens the review: the
// declaration runs until the deadline that the rules give.
func (d *Desk) ConfirmTerms(ctx context.Context, c roles.Caller, m Move, version string) (registry.Declaration, error) {
	panic("not yet")
}

// ConfirmPaper confirms decisions that were signed on paper and taken over from files: declarations, and enablings of
// the caller's establishments. All or none.
func (d *Desk) ConfirmPaper(ctx context.Context, c roles.Caller, declarations []Ref, enablings []EnablingRef) (Report, error) {
	panic("not yet")
}

// EnablingRef names an enabling.
type EnablingRef struct {
	Service string     `json:"service"`
	UAI     person.UAI `json:"uai"`
}

// Attach keeps a document's content and gives its hash. At most 20 MB; PDF, ODT, DOCX, PNG, JPEG or plain text.
func (d *Desk) Attach(ctx context.Context, c roles.Caller, kind string, body []byte) (hash string, err error) {
	panic("not yet")
}

// Content gives a document that some declaration in the caller's sight refers to.
func (d *Desk) Content(ctx context.Context, c roles.Caller, hash string) (registry.File, error) {
	panic("not yet")
}
