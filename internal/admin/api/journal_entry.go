package api

import (
	"context"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/notify"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

// EventAt names one entry of the journal by its place.
type EventAt struct {
	Writer   string      `path:"writer" maxLength:"128"`
	Class    audit.Class `path:"class" enum:"admin,system,sign_in,release"`
	Sequence int64       `path:"sequence" minimum:"1"`
	Ref      string      `query:"ref" doc:"its reference number, of a sign-in or a release"`
}

// EventTold is an entry with what the register says of it today.
type EventTold struct {
	Event   Event                 `json:"event"`
	Hash    string                `json:"sha256" doc:"the entry's link in its chain"`
	Office  string                `json:"office,omitempty" doc:"in which function it was decided"`
	Reason  string                `json:"reason,omitempty" doc:"in the words of whoever decided"`
	Against int                   `json:"against,omitempty" doc:"the version with which the entry's version is compared"`
	Changes []registry.Difference `json:"changes"`
}

func (s *surface) mountJournalEntry() {
	add(s, kind{
		method: http.MethodGet, path: "/journal/{writer}/{class}/{sequence}", id: "get-event", tag: "register",
		summary: "One entry of the journal, what it changed and why",
		about:   "writer, class and sequence are the parts of an event's id.",
	}, func(ctx context.Context, c roles.Caller, in *EventAt) (*plain[EventTold], error) {
		told, err := s.Desk.JournalEntry(ctx, c, audit.Chain{Writer: in.Writer, Class: in.Class}, in.Sequence, in.Ref)
		if err != nil {
			return nil, err
		}
		return &plain[EventTold]{http.StatusOK, EventTold{
			Event: eventOf(told.Entry), Hash: hex.EncodeToString(told.Hash[:]), Office: told.Office, Reason: told.Reason, Against: told.Against,
			Changes: append([]registry.Difference{}, told.Changes...),
		}}, nil
	})
}

// MailSeen is a mail to an office, without its text and without an address.
type MailSeen struct {
	ID    string        `json:"id"`
	Role  registry.Role `json:"role"`
	Of    string        `json:"of,omitempty" doc:"what the role is held over: an establishment, an academy, a service"`
	Kind  notify.Kind   `json:"kind"`
	About string        `json:"about,omitempty"`
	Made  time.Time     `json:"made"`
	State notify.State  `json:"state" enum:"queued,sent,failed,bounced"`
	Code  string        `json:"code,omitempty" doc:"why it was not delivered, in numbers"`
}

// Mails narrows the mails.
type Mails struct {
	Wrong bool `query:"undelivered" doc:"only what failed or came back"`
	Paging
}

func (s *surface) mountMails() {
	add(s, kind{
		method: http.MethodGet, path: "/mails", id: "list-mails", tag: "incidents", summary: "What offices were told by mail, the newest first",
	}, s.mails)
	add(s, kind{
		method: http.MethodPost, path: "/mails/{id}/again", id: "send-mail-again", tag: "incidents", status: http.StatusNoContent, errors: []int{http.StatusConflict},
		summary: "Send a mail again that was sent, failed or came back; its mailbox is looked up anew",
	}, func(ctx context.Context, c roles.Caller, in *ByID) (*struct{}, error) {
		return nil, s.Desk.MailAgain(ctx, c, in.ID)
	})
}

const notToken = "no token of a page"

func (s *surface) mails(ctx context.Context, c roles.Caller, in *Mails) (*listed[MailSeen], error) {
	q := notify.Query{Wrong: in.Wrong, Limit: in.PageSize + 1}
	if in.PageToken != "" {
		at, id, found := strings.Cut(in.PageToken, "_")
		ms, err := strconv.ParseInt(at, 10, 64)
		if err != nil || !found {
			return nil, web.Problem(http.StatusUnprocessableEntity, "invalid", notToken, err).
				With("errors", []Mistake{{Parameter: "page_token", Message: notToken, Mend: "next_page_token of the page before"}})
		}
		q.Before, q.Past = time.UnixMilli(ms).UTC(), id
	}
	found, err := s.Desk.MailsTo(ctx, c, q)
	if err != nil {
		return nil, err
	}
	out := &listed[MailSeen]{page[MailSeen]{Items: []MailSeen{}}}
	if len(found) > in.PageSize {
		found = found[:in.PageSize]
		last := found[in.PageSize-1]
		out.Body.Next = strconv.FormatInt(last.Made.UnixMilli(), 10) + "_" + last.ID
	}
	for _, m := range found {
		out.Body.Items = append(out.Body.Items, MailSeen{m.ID, m.To.Role, m.To.Of, m.Kind, m.About, m.Made.UTC(), m.State, m.Code})
	}
	return out, nil
}
