package api

import (
	"context"
	"net/http"
	"time"

	"ecluse/internal/desk"
	"ecluse/internal/guardian"
	"ecluse/internal/person"
	"ecluse/internal/roles"
)

// Closing is one guardian's view of one child that an establishment closed: when, in which capacity and why; never about
// whom.
type Closing struct {
	Closing string          `json:"closing" doc:"tells closings apart; the journal has it too"`
	Office  string          `json:"office"`
	Reason  guardian.Reason `json:"reason" enum:"court,source,danger,asked"`
	At      time.Time       `json:"at"`
}

func (s *surface) mountGuardians() {
	const about = "Both are named by the identifiers that the source gives them, and by no name; what is kept and journaled tells no longer who they are. " +
		"It counts for every key under which either is known. No token is good for it."
	add(s, kind{
		method: http.MethodGet, path: "/establishments/{uai}/guardian-closings", id: "list-guardian-closings", tag: "rights",
		summary: "Which views of guardians the establishment closed: how many, since when and why, never of whom",
	}, s.closings)
	add(s, kind{
		method: http.MethodPost, path: "/establishments/{uai}/guardian-closings", id: "close-guardian", tag: "rights",
		summary: "Close one guardian's view of one child at once, and with it agreements and requests for that child",
		about:   about + " The guardian reads what anybody reads of whom no source says that they hold parental authority.",
	}, acted(s.Desk.CloseGuardian))
	add(s, kind{
		method: http.MethodPost, path: "/establishments/{uai}/guardian-closings/open", id: "open-guardian", tag: "rights",
		summary: "Open a view again that the establishment closed",
		about:   about + " What another establishment closed is that one's to open.",
	}, acted(s.Desk.OpenGuardian))
}

// onGuardian names the two at an establishment.
type onGuardian struct {
	BySchool
	Body desk.GuardianView
}

func acted(do func(context.Context, roles.Caller, person.UAI, desk.GuardianView) (desk.GuardianActed, error)) func(context.Context, roles.Caller, *onGuardian) (*plain[desk.GuardianActed], error) {
	return func(ctx context.Context, c roles.Caller, in *onGuardian) (*plain[desk.GuardianActed], error) {
		done, err := do(ctx, c, in.UAI, in.Body)
		if err != nil {
			return nil, err
		}
		return &plain[desk.GuardianActed]{http.StatusOK, done}, nil
	}
}

func (s *surface) closings(ctx context.Context, c roles.Caller, in *struct {
	BySchool
	Paging
},
) (*listed[Closing], error) {
	all, err := s.Desk.Closings(ctx, c, in.UAI)
	if err != nil {
		return nil, err
	}
	var out []Closing
	for _, one := range all {
		out = append(out, Closing{Closing: one.Mark, Office: one.Office, Reason: one.Reason, At: one.At})
	}
	return paged(out, func(c Closing) string { return c.Closing }, in.Paging)
}
