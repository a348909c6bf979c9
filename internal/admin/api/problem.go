package api

import (
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

// Problem is what every error looks like (RFC 9457, application/problem+json).
type Problem struct {
	Type         string                 `json:"type" example:"urn:ecluse:problem:changed" doc:"names the kind of problem; the code stands at its end"`
	Title        string                 `json:"title" doc:"the kind of problem in words, the same each time"`
	Status       int                    `json:"status" example:"412"`
	Detail       string                 `json:"detail" doc:"what went wrong this time"`
	Code         string                 `json:"code" example:"changed" doc:"a stable word for programs"`
	Ref          string                 `json:"ref" example:"K7Q2-9FMZ" doc:"the reference number of this occurrence, for support and the journal"`
	Errors       []Mistake              `json:"errors,omitempty" doc:"every mistake of the input, all at once"`
	Needs        []registry.Finding     `json:"needs,omitempty" doc:"with a conflict: what stands in the way"`
	Act          roles.Act              `json:"act,omitempty" doc:"with 403: what was refused"`
	Why          string                 `json:"why,omitempty" doc:"with 403: role, perimeter, own_act, token, delegation_over, step_up"`
	WhoMay       []registry.Role        `json:"who_may,omitempty" doc:"with 403: the roles that may"`
	StepUp       string                 `json:"step_up,omitempty" doc:"with step_up: names the act, for the request that shows a second means"`
	On           string                 `json:"on,omitempty" doc:"with step_up: what the act is about, for whoever confirms it"`
	Reasons      []registry.Reason      `json:"reasons,omitempty" doc:"with assessed_tool: why the tool was refused"`
	Alternatives []registry.Alternative `json:"alternatives,omitempty" doc:"with assessed_tool: what there is instead, for whom and for what"`
}

// Mistake is one thing that is wrong with an input.
type Mistake struct {
	Pointer   string `json:"pointer,omitempty" example:"/items/2/justification" doc:"where in the body, as a JSON pointer (RFC 6901)"`
	Parameter string `json:"parameter,omitempty" doc:"which part of the path, the query or the headers"`
	Message   string `json:"message" doc:"what is wrong"`
	Mend      string `json:"mend,omitempty" doc:"what would be right"`
	Law       string `json:"law,omitempty" doc:"the legal reference"`
	Rule      string `json:"rule,omitempty" doc:"the rule that found it"`
	Severity  string `json:"severity,omitempty"`
}

// toFault says what an error of the desk is on the wire.
func toFault(err error, r *http.Request) *web.Fault {
	var (
		fault    *web.Fault
		denied   *roles.Denied
		missing  *desk.NotFound
		invalid  *desk.Invalid
		conflict *desk.Conflict
		refused  *desk.NotOffered
		stepUp   *desk.StepUp
	)
	switch {
	case errors.As(err, &fault):
		return fault
	case errors.As(err, &denied):
		f := web.Problem(http.StatusForbidden, "denied", denied.Error(), err)
		return f.With("act", denied.Act).With("why", denied.Why).With("who_may", denied.Who)
	case errors.As(err, &stepUp):
		f := web.Problem(http.StatusForbidden, "step_up", "this act is in order and wants a step-up: show a second means for it, then ask the same again", err)
		return f.With("act", stepUp.Act).With("step_up", stepUp.Key).With("on", stepUp.On)
	case errors.As(err, &missing):
		return web.Problem(http.StatusNotFound, "not_found", missing.Kind+": not registered, or not for you to see", err)
	case errors.As(err, &invalid):
		f := web.Problem(http.StatusUnprocessableEntity, "invalid", invalid.Error(), err)
		return f.With("errors", mistakes(invalid.Findings))
	case errors.As(err, &conflict):
		return conflicting(conflict, r)
	case errors.As(err, &refused):
		f := web.Problem(http.StatusUnprocessableEntity, "assessed_tool", "this tool was assessed and refused; see the reasons and the alternatives", err)
		return f.With("reasons", refused.Tool.Reasons).With("alternatives", refused.Tool.Alternatives)
	case errors.Is(err, registry.ErrStale):
		return web.Problem(http.StatusServiceUnavailable, "unavailable", "the registry cannot be read at the moment", err)
	default:
		return web.Problem(http.StatusInternalServerError, "internal", "something failed on our side; nothing was changed unless a later look shows it", err)
	}
}

// conflicting tells a writer whose condition no longer holds by 412, and everybody else by 409.
func conflicting(c *desk.Conflict, r *http.Request) *web.Fault {
	status := http.StatusConflict
	if c.Code == "changed" && r.Header.Get("If-Match") != "" {
		status = http.StatusPreconditionFailed
	}
	f := web.Problem(status, c.Code, c.What, c)
	if len(c.Need) > 0 {
		f.With("needs", c.Need)
	}
	return f
}

func mistakes(findings []registry.Finding) []Mistake {
	out := make([]Mistake, 0, len(findings))
	for _, f := range findings {
		out = append(out, Mistake{
			Pointer: pointer(f.Where), Message: f.What, Mend: f.Mend, Law: f.Law, Rule: f.Rule, Severity: f.Severity.String(),
		})
	}
	return out
}

// pointer turns items[2].justification into /items/2/justification.
func pointer(where string) string {
	if where == "" {
		return ""
	}
	where = strings.NewReplacer("~", "~0", "/", "~1", "[", ".", "]", "").Replace(where)
	return "/" + strings.ReplaceAll(where, ".", "/")
}

// fromLibrary says in our form what the library found wrong with a request. It repeats nothing of the request's values.
func fromLibrary(model *huma.ErrorModel) *web.Fault {
	code, detail := "invalid", "the request does not have the form that the document describes"
	switch model.Status {
	case http.StatusBadRequest:
		code, detail = "malformed", "the body cannot be read"
	case http.StatusRequestEntityTooLarge:
		code, detail = "too_large", "the body is larger than this route accepts"
	case http.StatusUnsupportedMediaType:
		code, detail = "media_type", "the body is of a kind that this route does not read"
	case http.StatusRequestTimeout:
		code, detail = "timeout", "the body did not arrive in time"
	case http.StatusInternalServerError:
		return web.Problem(model.Status, "internal", "something failed on our side", model)
	}
	f := web.Problem(model.Status, code, detail, nil)
	if out := libraryMistakes(model.Errors); len(out) > 0 {
		f.With("errors", out)
	}
	return f
}

func libraryMistakes(errs []*huma.ErrorDetail) []Mistake {
	var out []Mistake
	for _, e := range errs {
		if e == nil {
			continue
		}
		part, rest, _ := strings.Cut(e.Location, ".")
		at := Mistake{Message: e.Message}
		switch {
		case part == "body":
			at.Pointer = pointer(rest)
		case strings.HasPrefix(part, "body["):
			at.Pointer = pointer(strings.TrimPrefix(e.Location, "body"))
		default:
			at.Parameter = rest
		}
		out = append(out, at)
	}
	return out
}
