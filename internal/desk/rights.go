package desk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/rights"
	"ecluse/internal/roles"
)

// errNoRights is a gateway that takes no requests of people.
func errNoRights() error {
	return &Conflict{Code: "state", What: "this gateway takes no requests of people"}
}

// RightsOf lists the requests that concern the caller: those that wait for an answer, the overdue and the first due on top,
// then those whose answer can still be read. It says of each what, where and by when, and nothing that anybody wrote.
func (d *Desk) RightsOf(ctx context.Context, c roles.Caller) ([]rights.Request, error) {
	t, err := d.begin(ctx, c, "")
	if err != nil || d.Rights == nil {
		return nil, err
	}
	return d.rightsOf(ctx, t)
}

func (d *Desk) rightsOf(ctx context.Context, t *turn) ([]rights.Request, error) {
	all, err := d.Rights.Store.Current(ctx, t.now.AddDate(0, -rights.ReadMonths, -1))
	if err != nil {
		return nil, fmt.Errorf("desk: %w", err)
	}
	may := map[person.UAI]bool{}
	out := slices.DeleteFunc(all, func(r rights.Request) bool {
		if _, asked := may[r.UAI]; !asked {
			_, denied := t.may(roles.ListRights, there(r))
			may[r.UAI] = denied == nil
		}
		return r.State == rights.Closed || !may[r.UAI]
	})
	slices.SortFunc(out, rights.ByUrgency)
	return out, nil
}

func there(r rights.Request) roles.Target { return roles.Target{UAIs: []person.UAI{r.UAI}} }

// RightAsked is one request as those who answer read it.
type RightAsked struct {
	Request rights.Request
	Words   rights.Contents // without whom it is about
	Entry   registry.Declaration
	Overdue bool
}

// String shows the reference and nothing of the people.
func (r RightAsked) String() string { return r.Request.String() }

// GoString shows what String shows.
func (r RightAsked) GoString() string { return r.String() }

// LogValue shows what String shows.
func (r RightAsked) LogValue() slog.Value { return slog.StringValue(r.String()) }

// Right opens one request, with what the person wrote and how to reach them. Each reading is in the journal before anything
// is opened. Of a closed one nothing is left to read.
func (d *Desk) Right(ctx context.Context, c roles.Caller, ref string) (RightAsked, error) {
	t, r, err := d.rightFor(ctx, c, "right_read", roles.ReadRight, ref)
	if err != nil {
		return RightAsked{}, err
	}
	if err := d.journaled(ctx, t, r); err != nil {
		return RightAsked{}, err
	}
	h, err := d.Rights.Read(r)
	if err != nil {
		return RightAsked{}, fmt.Errorf("desk: %w", err)
	}
	return t.shown(h), nil
}

// shown leaves out whom it is about: handles are nobody's to read.
func (t *turn) shown(h rights.Held) RightAsked {
	h.Who = nil
	entry, _ := t.Declaration(h.Declaration, h.Version)
	return RightAsked{Request: h.Request, Words: h.Contents, Entry: entry, Overdue: h.Overdue(t.now, t.Zone())}
}

// journaled writes that a request is read, before it is.
func (d *Desk) journaled(ctx context.Context, t *turn, r rights.Request) error {
	if d.Journal == nil {
		return errNoRights()
	}
	t.right(r)
	if _, err := d.Journal.Append(ctx, t.entry); err != nil {
		return fmt.Errorf("desk: %s: %w", t.entry.Action, err)
	}
	return nil
}

// right fills the journal entry.
func (t *turn) right(r rights.Request) {
	t.entry.Ref, t.entry.Subject, t.entry.Service, t.entry.UAI = r.Ref, r.Handle, r.Service, string(r.UAI)
	t.entry.Declaration, t.entry.Version = r.Declaration, r.Version
	for key, value := range rights.Detail(r) {
		t.detail(key, value)
	}
}

// rightFor finds a request that the caller may do something with. One of another establishment is not told from one that is
// none.
func (d *Desk) rightFor(ctx context.Context, c roles.Caller, word string, act roles.Act, ref string) (*turn, rights.Request, error) {
	var none rights.Request
	if c.Handle == "" && !c.Demo {
		return nil, none, &roles.Denied{Act: act, Why: "role"} // an act that nobody answers for is none
	}
	if d.Rights == nil {
		return nil, none, errNoRights()
	}
	t, err := d.begin(ctx, c, word)
	if err != nil {
		return nil, none, err
	}
	r, known, err := d.Rights.Store.Request(ctx, ref)
	if err != nil {
		return nil, none, fmt.Errorf("desk: %w", err)
	}
	in, err := t.may(act, there(r))
	if err != nil {
		if known {
			t.right(r)
			t.entry.Subject = "" // who was refused learns nothing, and the person need not be told of it
		}
		err = d.keepDenial(ctx, t, err)
		var denied *roles.Denied
		if errors.As(err, &denied) && denied.Why != "perimeter" {
			return nil, none, err
		}
		return nil, none, &NotFound{"request", ref}
	}
	if !known {
		return nil, none, &NotFound{"request", ref}
	}
	t.detail("office", in.Office)
	t.in = in
	return t, r, nil
}

// rewrite does one act on a request, with its journal entry, on what was read.
func (d *Desk) rewrite(ctx context.Context, c roles.Caller, word string, act roles.Act, ref string, f func(*turn, *rights.Held) error) (RightAsked, error) {
	t, r, err := d.rightFor(ctx, c, word, act, ref)
	if err != nil {
		return RightAsked{}, err
	}
	h, err := d.Rights.Read(r)
	if err != nil {
		return RightAsked{}, fmt.Errorf("desk: %w", err)
	}
	if err := f(t, &h); err != nil {
		return RightAsked{}, rightFault(err)
	}
	t.right(h.Request)
	err = d.Rights.Keep(ctx, &h, t.entry)
	if errors.Is(err, rights.ErrConflict) {
		return RightAsked{}, &Conflict{Code: "changed", What: "somebody else has changed it since you looked"}
	}
	if err != nil {
		return RightAsked{}, fmt.Errorf("desk: %s: %w", word, err)
	}
	if err := d.Rights.Settle(ctx, &h.Request); err != nil {
		return t.shown(h), fmt.Errorf("desk: %s is done, and the service is not yet closed or opened for the person; it is tried again every minute: %w", word, err)
	}
	return t.shown(h), nil
}

func rightFault(err error) error {
	switch {
	case errors.Is(err, rights.ErrState):
		return &Conflict{Code: "state", What: "the request was answered or closed already, or was given more time before"}
	case errors.Is(err, rights.ErrLate):
		return &Conflict{Code: "late", What: "the first month is over: more time can no longer be taken (RGPD art. 12(3)). Answer it"}
	default:
		return err
	}
}

// ExtendRight takes two more months, once, within the first. The reason is what the person reads.
func (d *Desk) ExtendRight(ctx context.Context, c roles.Caller, ref, reason string) (RightAsked, error) {
	return d.rewrite(ctx, c, "right_extend", roles.ExtendRight, ref, func(t *turn, h *rights.Held) error {
		var bad mistakes
		bad.text("reason", reason, mostReason)
		if err := bad.err(); err != nil {
			return err
		}
		h.Longer = strings.TrimSpace(reason)
		return h.Extend(t.now, t.Zone())
	})
}

// mostRemarks is how many remarks a request may have.
const mostRemarks = 50

// CommentRight says something to the others who answer. The person does not read it on their page.
func (d *Desk) CommentRight(ctx context.Context, c roles.Caller, ref, text string) (RightAsked, error) {
	return d.rewrite(ctx, c, "right_comment", roles.CommentRight, ref, func(t *turn, h *rights.Held) error {
		var bad mistakes
		bad.text("text", text, mostReason)
		bad.say(len(h.Comments) >= mostRemarks, "text", fmt.Sprintf("there are %d remarks", len(h.Comments)), "")
		if err := bad.err(); err != nil {
			return err
		}
		if !h.Pending() {
			return rights.ErrState
		}
		h.Comments = append(h.Comments, rights.Remark{At: t.now.Truncate(time.Second), Office: t.in.Office, Text: strings.TrimSpace(text)})
		return nil
	})
}

// RightAnswer is a controller's answer.
type RightAnswer struct {
	Outcome rights.Outcome // Accepted or Refused
	Text    string         // what the person reads; why, when it is refused
	Instead rights.Instead // of an objection that is accepted: an equivalent activity, in one of its two ways
	Fiche   bool           // of an access: the list of everything that was sent stands beside the answer
}

// AnswerRight is the controller's answer. An objection that is accepted closes the service for that person alone, and for
// nobody else to see; one that is refused ends what was stopped meanwhile.
func (d *Desk) AnswerRight(ctx context.Context, c roles.Caller, ref string, a RightAnswer) (RightAsked, error) {
	return d.rewrite(ctx, c, "right_answer", roles.AnswerRight, ref, func(t *turn, h *rights.Held) error {
		if err := t.answerable(*h, a); err != nil {
			return err
		}
		h.Contents.Answer = strings.TrimSpace(a.Text)
		h.Instead = rights.Instead{Service: a.Instead.Service, Text: strings.TrimSpace(a.Instead.Text)}
		return h.Request.Answer(a.Outcome, t.in.Office, a.Fiche, t.now)
	})
}

func (t *turn) answerable(h rights.Held, a RightAnswer) error {
	var bad mistakes
	accepted := a.Outcome == rights.Accepted
	bad.say(!accepted && a.Outcome != rights.Refused, "outcome", fmt.Sprintf("%q is not known", a.Outcome), "accepted or refused")
	if !(h.Kind == rights.Access && a.Fiche) || a.Text != "" {
		bad.text("text", a.Text, rights.MostAnswer)
	}
	bad.say(a.Fiche && h.Kind != rights.Access, "fiche", "the list of what was sent answers an access", "")
	bad.say(a.Fiche && !accepted, "fiche", "an access that is refused lists nothing", "")
	some := a.Instead != rights.Instead{}
	objection := h.Kind == rights.Objection && accepted
	bad.say(objection && strings.TrimSpace(a.Instead.Service+a.Instead.Text) == "", "instead",
		"what the person does in the place of the service is missing", "another service, or a sentence")
	bad.say(some && !objection, "instead", "only an objection that is accepted names an equivalent activity", "")
	bad.say(len([]rune(a.Instead.Text)) > mostName*2, "instead.text", fmt.Sprintf("it is longer than %d characters", mostName*2), "say it shorter")
	bad.say(a.Instead.Service != "" && a.Instead.Text != "", "instead", "it is said in two ways", "a service or a sentence")
	if a.Instead.Service != "" {
		_, known := t.Service(a.Instead.Service)
		bad.say(!known, "instead.service", fmt.Sprintf("%q is not a registered service", a.Instead.Service), "")
		bad.say(a.Instead.Service == h.Service, "instead.service", "it is the service that the person objects to", "another one")
	}
	return bad.err()
}
