package api

import (
	"context"
	"net/http"
	"time"

	"ecluse/internal/desk"
	"ecluse/internal/notice"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// NoticeGiven is a record of a notice that was given.
type NoticeGiven struct {
	ID          string          `json:"id"`
	UAI         person.UAI      `json:"uai"`
	Declaration string          `json:"declaration"`
	Version     int             `json:"version"`
	To          registry.Reader `json:"to" enum:"guardians,staff,council,collectivite"`
	On          registry.Date   `json:"on"`
	How         registry.Manner `json:"how" enum:"ent,mail,paper,meeting,display"`
	Note        string          `json:"note,omitempty"`
	Office      string          `json:"office"`
	At          time.Time       `json:"at"`
}

// NoticeText is what people are to be told, or what lacks.
type NoticeText struct {
	Title       string       `json:"title,omitempty"`
	Declaration string       `json:"declaration,omitempty"`
	Version     int          `json:"version,omitempty"`
	Text        string       `json:"text,omitempty" doc:"the whole notice, as a plain text"`
	Lacks       []NoticeLack `json:"lacks" doc:"what the declaration does not say; there is no notice then"`
}

// NoticeLack is one thing that the declaration does not say.
type NoticeLack struct {
	Where string        `json:"where"`
	What  registry.Text `json:"what"`
	Law   string        `json:"law"`
}

// OfNotice names a service and an establishment.
type OfNotice struct {
	ID  string     `path:"id"`
	UAI person.UAI `query:"uai" required:"true"`
}

func (s *surface) mountNotices() {
	add(s, kind{
		method: http.MethodGet, path: "/services/{id}/notice", id: "write-notice", tag: "services",
		summary: "What a school's people are to be told of a service (RGPD art. 13 and 14), from its declaration",
	}, func(ctx context.Context, c roles.Caller, in *struct {
		OfNotice
		To   registry.Reader `query:"to" required:"true" enum:"guardians,staff,council,collectivite"`
		Lang string          `query:"lang" enum:"fr,en" default:"fr"`
	},
	) (*plain[NoticeText], error) {
		told, lacks, err := s.Desk.Notice(ctx, c, notice.Ask{Service: in.ID, School: registry.Establishment{UAI: in.UAI}, To: in.To, Lang: in.Lang})
		out := NoticeText{Title: told.Title, Declaration: told.Declaration, Version: told.Version, Lacks: []NoticeLack{}}
		if len(told.Sections) > 0 {
			out.Text = told.Text()
		}
		for _, l := range lacks {
			out.Lacks = append(out.Lacks, NoticeLack(l))
		}
		return &plain[NoticeText]{http.StatusOK, out}, err
	})
	add(s, kind{
		method: http.MethodGet, path: "/services/{id}/notices", id: "list-notices-given", tag: "services",
		summary: "When and how a school told its people of a service",
	}, func(ctx context.Context, c roles.Caller, in *OfNotice) (*plain[[]NoticeGiven], error) {
		all, err := s.Desk.Given(ctx, c, in.ID, in.UAI)
		out := []NoticeGiven{}
		for _, g := range all {
			out = append(out, toldOf(g))
		}
		return &plain[[]NoticeGiven]{http.StatusOK, out}, err
	})
	add(s, kind{
		method: http.MethodPost, path: "/services/{id}/notices", id: "record-notice", tag: "services", status: http.StatusCreated,
		summary: "Record when and how a school told its people of a service",
	}, func(ctx context.Context, c roles.Caller, in *struct {
		ID   string `path:"id"`
		Body desk.Giving
	},
	) (*plain[NoticeGiven], error) {
		made, err := s.Desk.Give(ctx, c, in.ID, in.Body)
		return &plain[NoticeGiven]{http.StatusCreated, toldOf(made)}, err
	})
}

func toldOf(g registry.Given) NoticeGiven {
	return NoticeGiven{g.ID, g.UAI, g.Declaration, g.Version, g.To, g.On, g.How, g.Note, g.Office, g.At}
}
