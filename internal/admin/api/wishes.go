package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Wish is what staff of an establishment would like to have. Who they are is nobody's to read here: only how many.
type Wish struct {
	ID     string             `json:"id"`
	UAI    person.UAI         `json:"uai"`
	About  string             `json:"about"`
	Reason string             `json:"reason"`
	People int                `json:"people" doc:"how many wish the same"`
	Mine   bool               `json:"mine" doc:"the caller is one of them"`
	At     time.Time          `json:"at"`
	State  registry.WishState `json:"state" enum:"open,taken_up,declined"`
	Answer string             `json:"answer,omitempty"`
	Office string             `json:"office,omitempty" doc:"who answered"`
}

func wishOf(w registry.Wish, c roles.Caller) Wish {
	return Wish{
		ID: w.ID, UAI: w.UAI, About: w.About, Reason: w.Reason, People: len(w.By), Mine: slices.Contains(w.By, c.Handle),
		At: w.At, State: w.State, Answer: w.Answer, Office: w.Office,
	}
}

// Wishing is a wish as it is made.
type Wishing struct {
	UAI    person.UAI `json:"uai"`
	About  string     `json:"about" doc:"a service, a model of the catalogue, or what one knows it by: a name, an address"`
	Reason string     `json:"reason"`
}

// WishAnswer takes a wish up or declines it.
type WishAnswer struct {
	State  registry.WishState `json:"state" enum:"taken_up,declined"`
	Answer string             `json:"answer,omitempty" doc:"required to decline"`
}

func (s *surface) mountWishes() {
	add(s, kind{
		method: http.MethodGet, path: "/wishes", id: "list-wishes", tag: "wishes", summary: "The wishes that one may answer, and one's own",
	}, s.listWishes)
	add(s, kind{
		method: http.MethodPost, path: "/wishes", id: "make-wish", tag: "wishes", status: http.StatusCreated,
		summary: "Wish for a service in an establishment; the same wish of several people is one",
		about:   "It opens nothing. A tool that was assessed and refused gives 422 with the code assessed_tool, the reasons and the alternatives.",
	}, func(ctx context.Context, c roles.Caller, in *Made[Wishing]) (*plain[Wish], error) {
		w, err := s.Desk.Wish(ctx, c, in.Body.UAI, in.Body.About, in.Body.Reason)
		if err != nil {
			return nil, err
		}
		return &plain[Wish]{http.StatusCreated, wishOf(w, c)}, nil
	})
	add(s, kind{
		method: http.MethodPut, path: "/wishes/{id}/answer", id: "answer-wish", tag: "wishes", summary: "Take a wish up, or decline it",
	}, func(ctx context.Context, c roles.Caller, in *struct {
		ByID
		Body WishAnswer
	},
	) (*plain[Wish], error) {
		w, err := s.Desk.AnswerWish(ctx, c, in.ID, in.Body.State, in.Body.Answer)
		if err != nil {
			return nil, err
		}
		return &plain[Wish]{http.StatusOK, wishOf(w, c)}, nil
	})
}

func (s *surface) listWishes(ctx context.Context, c roles.Caller, in *struct {
	UAI person.UAI `query:"uai"`
	Paging
},
) (*listed[Wish], error) {
	all, err := s.Desk.Wishes(ctx, c)
	if err != nil {
		return nil, err
	}
	var out []Wish
	for _, w := range all {
		if in.UAI == "" || w.UAI == in.UAI {
			out = append(out, wishOf(w, c))
		}
	}
	return paged(out, func(w Wish) string { return w.ID }, in.Paging)
}
