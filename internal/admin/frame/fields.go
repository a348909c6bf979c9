package frame

import (
	"ecluse/internal/web"
)

// Field is one field of a form about an object: how it is called in the form and by package desk, and how it is read from
// the object and put into it. Its label is the page's own "field.<Name>", its hint "hint.<Name>" where there is one.
type Field[T any] struct {
	Name, At string
	Kind     string // date, number, area; empty for a line of text
	Required bool
	Options  func(*Visit) []web.Option // makes it a choice; which one is chosen is filled in
	Get      func(T) string
	Set      func(*T, string) bool // false for what cannot be read
}

// Typed is a form about an object as it is when it is first shown.
func Typed[T any](fields []Field[T], from T) Form {
	f := Form{map[string][]string{}}
	for _, x := range fields {
		f.Set(x.Name, x.Get(from))
	}
	return f
}

// Take puts what was typed into an object. What cannot be read is wrong, and leaves the field as it was: the object is then
// not to be written.
func Take[T any](v *Visit, fields []Field[T], f Form, into T) (T, Wrong) {
	var wrong Wrong
	for _, x := range fields {
		if !x.Set(&into, f.Get(x.Name)) {
			wrong.Status = 422
			wrong.Lines = append(wrong.Lines, Line{Where: x.At, Text: v.Say("wrong." + x.At)})
		}
	}
	return into, wrong
}

// Controls are the fields with what was typed and what is wrong with it. Where somebody else changed the object meanwhile,
// what is registered by now stands beside each field that differs.
func Controls[T any](v *Visit, fields []Field[T], f Form, now T, wrong Wrong) []web.Control {
	var out []web.Control
	for _, x := range fields {
		label, hint, value, bad := v.Say("field."+x.Name), v.own("hint."+x.Name), f.Get(x.Name), wrong.At(x.At)
		var c web.Control
		switch {
		case x.Options != nil:
			c.Select = &web.Select{Name: x.Name, Label: label, Hint: hint, Error: bad, Options: x.Options(v)}
			for i, o := range c.Select.Options {
				c.Select.Options[i].Chosen = o.Value == value
			}
		case x.Kind == "area":
			c.Area = &web.Area{Name: x.Name, Label: label, Hint: hint, Error: bad, Value: value, Required: x.Required}
		default:
			c.Input = &web.Input{Name: x.Name, Label: label, Hint: hint, Error: bad, Type: x.Kind, Value: value, Required: x.Required, Autocomplete: "off"}
		}
		if theirs := x.Get(now); wrong.Code == "changed" && theirs != value {
			c.Beside = v.Say(name+"/theirs", "value", shown(v, c, theirs))
		}
		out = append(out, c)
	}
	return out
}

// shown is a value as people read it: of a choice its words, of nothing a word for that.
func shown(v *Visit, c web.Control, value string) string {
	if c.Select != nil {
		for _, o := range c.Select.Options {
			if o.Value == value {
				return o.Label
			}
		}
	}
	if value == "" {
		return v.Say(name + "/nothing")
	}
	return value
}

// InputOf names the input of what package desk calls a field, for the summary of what is wrong.
func InputOf[T any](fields []Field[T]) func(string) string {
	return func(at string) string {
		w := Wrong{Lines: []Line{{Where: at, Text: at}}}
		for _, x := range fields {
			if w.At(x.At) != "" {
				return x.Name
			}
		}
		return ""
	}
}
