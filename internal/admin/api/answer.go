package api

import (
	"cmp"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strings"

	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// IfMatch is the condition of a write: the ETag that the writer saw.
type IfMatch struct {
	IfMatch string `header:"If-Match" doc:"the ETag that was read; a write on anything else is refused with 412. * stands for any state"`
}

// IfNoneMatch is the condition of a read: the ETag that the reader has.
type IfNoneMatch struct {
	IfNoneMatch string `header:"If-None-Match" doc:"the ETag that is known already; the answer is 304 while it is the same"`
}

// Paging asks for a part of a list.
type Paging struct {
	PageSize  int    `query:"page_size" minimum:"1" maximum:"200" default:"50" doc:"how many items at most"`
	PageToken string `query:"page_token" doc:"next_page_token of the page before"`
}

// single is one object with its tag.
type single[T any] struct {
	Status int
	ETag   string `header:"ETag"`
	Body   T
}

// plain is an answer without a tag.
type plain[T any] struct {
	Status int
	Body   T
}

// none is an answer without a body.
type none struct{ Status int }

// page is a part of a list. The list is over when next_page_token is missing.
type page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next_page_token,omitempty" doc:"page_token of the next page; missing on the last one"`
}

type listed[T any] struct{ Body page[T] }

// show answers a read.
func show[T any](body T, tag, known string) *single[T] {
	out := &single[T]{Status: http.StatusOK, ETag: quoted(tag), Body: body}
	if fresh(tag, known) {
		out.Status = http.StatusNotModified
	}
	return out
}

// wrote answers a write with the object's new state.
func wrote[T any](status int, body T, tag string) *single[T] {
	return &single[T]{Status: status, ETag: quoted(tag), Body: body}
}

func quoted(tag string) string { return `"` + tag + `"` }

// fresh compares as RFC 9110 13.1.2 wants for reads: weakly, any of a list.
func fresh(tag, known string) bool {
	for part := range strings.SplitSeq(known, ",") {
		if part = strings.TrimSpace(part); part == "*" || strings.TrimPrefix(part, "W/") == quoted(tag) {
			return true
		}
	}
	return false
}

// tag reads the condition of a write: the tag, or nothing for a write that does not care.
func (m IfMatch) tag() (string, error) {
	v := strings.TrimSpace(m.IfMatch)
	if v == "" || v == "*" {
		return "", nil
	}
	bare := strings.TrimSuffix(strings.TrimPrefix(v, `"`), `"`)
	if len(v) != len(bare)+2 || bare == "" || strings.ContainsAny(bare, `", `) {
		// A weak tag matches nothing (RFC 9110 13.1.1), and of a list we could not tell which was seen.
		return "", web.Problem(http.StatusBadRequest, "if_match", "If-Match takes one strong ETag, or *", nil).
			With("errors", []Mistake{{Parameter: "If-Match", Message: "no single strong ETag", Mend: `"…", as it was read`}})
	}
	return bare, nil
}

// required is tag for a write that replaces what is there: whoever replaces has looked.
func (m IfMatch) required() (string, error) {
	if strings.TrimSpace(m.IfMatch) == "" {
		return "", web.Problem(http.StatusPreconditionRequired, "if_match_required",
			"this write replaces what is there: send the ETag that you read in If-Match", nil)
	}
	return m.tag()
}

// paged gives the part of a list that was asked for, in the order of the keys, which are unique.
func paged[T any](all []T, key func(T) string, p Paging) (*listed[T], error) {
	after, err := base64.RawURLEncoding.DecodeString(p.PageToken)
	if err != nil {
		return nil, web.Problem(http.StatusUnprocessableEntity, "invalid", "1 mistakes", nil).
			With("errors", []Mistake{{Parameter: "page_token", Message: "no token of a page", Mend: "next_page_token of the page before"}})
	}
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b T) int { return cmp.Compare(key(a), key(b)) })
	if p.PageToken != "" {
		all = slices.DeleteFunc(all, func(o T) bool { return key(o) <= string(after) })
	}
	out := &listed[T]{Body: page[T]{Items: append([]T{}, all[:min(len(all), p.PageSize)]...)}}
	if len(all) > p.PageSize {
		out.Body.Next = base64.RawURLEncoding.EncodeToString([]byte(key(all[p.PageSize-1])))
	}
	return out, nil
}

// Because is why something is done.
type Because struct {
	Reason string `json:"reason,omitempty" doc:"why, in a sentence"`
}

// Verdict is an opinion as it is given.
type Verdict struct {
	Value  registry.Verdict `json:"value" enum:"favourable,reservations,unfavourable"`
	Reason string           `json:"reason,omitempty" doc:"required unless it is favourable"`
}

// ByID names an object in the path.
type ByID struct {
	ID string `path:"id" maxLength:"128"`
}

// OneOf is a read of one object.
type OneOf struct {
	ByID
	IfNoneMatch
}

// Explained is an act on one object that wants a reason.
type Explained struct {
	ByID
	Body *Because
}

// why is the reason, where one was given.
func why(r *Because) string {
	if r == nil {
		return ""
	}
	return r.Reason
}

// Put is a write that puts an object in the place of what is there, or makes it.
type Put[T any] struct {
	ByID
	IfMatch
	Body T
}

// Made is a new object.
type Made[T any] struct{ Body T }

// replacing gives the condition of a write that may also make what it is about: required where the object is there already, as the look before tells.
func (m IfMatch) replacing(missing error) (string, error) {
	var unknown *desk.NotFound
	if missing == nil {
		return m.required()
	}
	if !errors.As(missing, &unknown) {
		return "", missing
	}
	return m.tag()
}
