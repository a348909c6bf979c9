package frame

import (
	"cmp"
	"errors"
	"net/http"
	"regexp"
	"strings"

	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

// Refusal turns the desk's errors into pages: *desk.NotFound is a 404, *roles.Denied a 403 that says who may,
// *desk.Conflict a 409 and *desk.Invalid a 422 that say what, and any other error a 503: nothing was written. A fault stays
// one. The page keeps the menu.
func (v *Visit) Refusal(err error) error {
	var fault *web.Fault
	var missing *desk.NotFound
	var denied *roles.Denied
	var step *desk.StepUp
	switch {
	case err == nil:
		return nil
	case errors.As(err, &fault):
	case errors.As(err, &missing):
		fault = web.NotFound(err)
	case errors.As(err, &denied):
		fault = &web.Fault{
			Status: http.StatusForbidden, Code: "DSK-403", Kind: "frame/denied", Cause: err,
			Args: map[string]string{"why": v.said(name+"/why."+denied.Why, v.Say(name+"/why.role")), "who": v.roles(denied.Who)},
		}
	case errors.As(err, &step):
		fault = web.Forbidden(err)
	default:
		if wrong, ok := v.Wrong(err); ok {
			fault = &web.Fault{
				Status: http.StatusConflict, Code: "DSK-409", Kind: "frame/refused", Cause: err,
				Args: map[string]string{"what": wrong.text()},
			}
			fault.Status = wrong.Status
			break
		}
		fault = web.Unavailable(err)
	}
	out := *fault
	if out.Frame.Office == nil {
		out.Frame = v.Around("")
	}
	return &out
}

// roles says who may, in words.
func (v *Visit) roles(all []registry.Role) string {
	words := make([]string, len(all))
	for i, r := range all {
		words[i] = v.Role(r)
	}
	if len(words) == 0 {
		return v.Say(name + "/nobody_may")
	}
	return strings.Join(words, ", ")
}

// Wrong is what stands against a posted form, all of it at once.
type Wrong struct {
	Status int    // 409 or 422; 0 for nothing
	Code   string // the word of a *desk.Conflict
	Lines  []Line
}

// Line is one thing that is wrong.
type Line struct {
	Where    string // the field as package desk names it; empty for the whole
	Text     string // in the visitor's language where it is known, else as package desk says it
	Severity registry.Severity
	Law      string
}

// At is what is wrong with a field, or with what stands below it ("items" for items[2].why); empty for nothing.
func (w Wrong) At(field string) string {
	for _, l := range w.Lines {
		rest, below := strings.CutPrefix(l.Where, field)
		if below && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return l.Text
		}
	}
	return ""
}

// Summary is for the component error-summary: each line with a link to its input. input names the input of a field; where
// it gives "" the line leads to the content.
func (w Wrong) Summary(input func(field string) string) []web.InputError {
	var out []web.InputError
	for _, l := range w.Lines {
		at := input(l.Where)
		if at == "" {
			at = "contenu"
		}
		out = append(out, web.InputError{Name: at, Text: l.Text})
	}
	return out
}

func (w Wrong) text() string {
	var lines []string
	for _, l := range w.Lines {
		lines = append(lines, l.Text)
	}
	return strings.Join(lines, " ")
}

// Wrong reads what package desk says is wrong with an input (*desk.Invalid) or does not fit what is there (*desk.Conflict);
// false for any other error. A field's text is the page's own "wrong.<field>", without the places in lists (items.why),
// where the page has one; else it is said as package desk says it.
func (v *Visit) Wrong(err error) (Wrong, bool) {
	var invalid *desk.Invalid
	var conflict *desk.Conflict
	switch {
	case errors.As(err, &invalid):
		return Wrong{Status: http.StatusUnprocessableEntity, Lines: v.lines(invalid.Findings)}, true
	case errors.As(err, &conflict):
		text := v.own("conflict." + conflict.Code)
		if text == "" {
			text = v.said(name+"/conflict."+conflict.Code, conflict.What)
		}
		lines := append([]Line{{Text: text}}, v.lines(conflict.Need)...)
		return Wrong{Status: http.StatusConflict, Code: conflict.Code, Lines: lines}, true
	}
	return Wrong{}, false
}

var places = regexp.MustCompile(`\[[^\]]*\]`)

func (v *Visit) lines(findings []registry.Finding) []Line {
	var out []Line
	for _, f := range findings {
		text := v.own("wrong." + cmp.Or(places.ReplaceAllString(f.Where, ""), "whole"))
		if text == "" {
			text = v.Rule(f)
		}
		if text == "" {
			text = v.Days(strings.TrimSuffix(strings.Join([]string{f.What, f.Mend}, ": "), ": "))
		}
		out = append(out, Line{Where: f.Where, Text: text, Severity: f.Severity, Law: v.Law(f.Law)})
	}
	return out
}

// Rule says in the visitor's language what a rule about declarations found; empty where no text does, and in English, which
// the finding itself is in and says with its particulars.
func (v *Visit) Rule(f registry.Finding) string {
	if f.Rule == "" || v.Lang == web.English {
		return ""
	}
	return v.said("wizard/rule."+f.Rule, "")
}

// own is a text of the page's contribution that may not be there.
func (v *Visit) own(key string) string { return v.said(v.contribution+"/"+key, "") }

// said is a text that may not be there, or something else.
func (v *Visit) said(key, otherwise string) string {
	text, err := v.Kit.Say(v.R, web.Frame{}, key)
	if err != nil {
		return otherwise
	}
	return text
}
