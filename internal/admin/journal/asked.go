package journal

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"ecluse/internal/admin/frame"
	"ecluse/internal/audit"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// asked is what an address asks for.
type asked struct {
	Object, Act, School, Service, By, Role, From, Until, Outcome, Class, Ref string
	Wrong                                                                    map[string]string // by field
	query                                                                    audit.Query
}

func read(v *frame.Visit) asked {
	a := asked{
		Object: v.Query("objet"), Act: v.Query("acte"), School: strings.ToUpper(v.Query("etablissement")), Service: v.Query("service"), By: v.Query("par"),
		Role: v.Query("fonction"), From: v.Query("du"), Until: v.Query("au"), Outcome: v.Query("issue"), Class: v.Query("journal"), Ref: v.Query("reference"),
		Wrong: map[string]string{},
	}
	a.query = audit.Query{
		Class: audit.ClassAdmin, Action: a.Act, Outcome: audit.Outcome(a.Outcome), Actor: a.By, Service: a.Service, UAI: a.School, Role: a.Role,
		Limit: perPage, After: audit.Cursor(v.Query("apres")),
	}
	if a.Class == "systeme" {
		a.query.Class = audit.ClassSystem
	}
	if a.Act == "" && slices.Contains(objects(), a.Object) {
		a.query.Actions = actsOf(a.Object)
	}
	a.query.From = a.day(v, "du", a.From, 0)
	a.query.Until = a.day(v, "au", a.Until, 1)
	if a.Ref == "" {
		return a
	}
	ref, err := web.ParseRef(a.Ref)
	if err != nil {
		a.Wrong["reference"] = v.Say("wrong.reference")
		return a
	}
	a.Ref = string(ref)
	a.query.Ref, a.query.Class = a.Ref, "" // all that carries it
	return a
}

// day is the beginning of a day that was typed, some days on.
func (a asked) day(v *frame.Visit, field, text string, on int) time.Time {
	if text == "" {
		return time.Time{}
	}
	d, err := registry.ParseDate(text)
	if err != nil {
		a.Wrong[field] = v.Say("wrong.date")
		return time.Time{}
	}
	return d.Add(on).Starts(v.Snapshot.Zone())
}

// address is the list of what is asked, with some of it changed: name, value in turn. Nothing empty stands in it.
func (a asked) address(path string, changed ...string) string {
	q := url.Values{}
	set := func(key, value string) {
		if q.Del(key); value != "" {
			q.Set(key, value)
		}
	}
	for key, value := range map[string]string{
		"objet": a.Object, "acte": a.Act, "etablissement": a.School, "service": a.Service, "par": a.By, "fonction": a.Role, "du": a.From, "au": a.Until,
		"issue": a.Outcome, "journal": a.Class, "reference": a.Ref,
	} {
		set(key, value)
	}
	for i := 0; i+1 < len(changed); i += 2 {
		set(changed[i], changed[i+1])
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// choice is a list of a facet, its first line for all.
func choice(v *frame.Visit, field, chosen string, values []string, says func(string) string) web.Select {
	out := web.Select{Name: field, Label: v.Say("facet." + field), Options: []web.Option{{Label: v.Say("facet.all")}}}
	known := chosen == ""
	for _, value := range values {
		known = known || value == chosen
		out.Options = append(out.Options, web.Option{Value: value, Label: says(value), Chosen: value == chosen})
	}
	if !known {
		out.Options = append(out.Options, web.Option{Value: chosen, Label: chosen, Chosen: true})
	}
	return out
}

// fields are the facets as a form: what most people choose by, and the rest, which is folded unless something of it is
// chosen.
type fields struct {
	First web.Select
	Dates []web.Input
	Ref   web.Input

	Selects []web.Select
	Inputs  []web.Input
	Open    bool
}

func (a asked) fields(v *frame.Visit) fields {
	var offices []string
	for _, r := range registry.Roles() {
		offices = append(offices, string(r))
	}
	input := func(field, kind, value string) web.Input {
		if kind == "date" && a.Wrong[field] != "" {
			value = "" // a field for dates shows nothing else
		}
		return web.Input{Name: field, Label: v.Say("facet." + field), Type: kind, Value: value, Autocomplete: "off", Error: a.Wrong[field]}
	}
	return fields{
		First: choice(v, "objet", a.Object, objects(), func(o string) string { return v.Say("object." + o) }),
		Dates: []web.Input{input("du", "date", a.From), input("au", "date", a.Until)},
		Ref:   input("reference", "", a.Ref),
		Open:  a.Act+a.Role+a.Outcome+a.Class+a.School+a.Service+a.By != "",
		Selects: []web.Select{
			choice(v, "acte", a.Act, actsOf(a.Object), func(act string) string { return actWord(v, act) }),
			choice(v, "fonction", a.Role, offices, func(r string) string { return v.Role(registry.Role(r)) }),
			choice(v, "issue", a.Outcome, []string{"done", "refused", "failed"}, func(o string) string { return v.Say("outcome." + o) }),
			choice(v, "journal", a.Class, []string{"systeme"}, func(string) string { return v.Say("class.system") }),
		},
		Inputs: []web.Input{
			input("etablissement", "", a.School), input("service", "", a.Service), input("par", "", a.By),
		},
	}
}
