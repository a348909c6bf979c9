package conformity

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// others lists the services beside the one that is declared, the gateway's own left out.
func (e *exam) others() []registry.Service {
	if e.c.Services == nil || e.c.Service.ID == "" {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(e.c.Services()), func(o registry.Service) bool {
		return o.ID == e.c.Service.ID || o.ID == registry.House || o.ID == registry.Desk
	})
}

// sectorShared tells with which services people have the same number here, and asks why where that joins what two
// providers know, or two controllers answer for: the family of a service keeps its numbers, a new controller declares anew.
func sectorShared(e *exam) {
	const rule, law = "sector-shared", "RGPD art. 4(5), 5(1)(b), 25(1)"
	for _, other := range e.others() {
		if other.Family() != e.c.Service.Family() {
			continue
		}
		what := fmt.Sprintf("people have the same number here as at service %s of %s", called(other), other.Provider)
		if other.Sector == e.c.Service.ID || e.c.Service.Sector == other.ID {
			what += ": the sector of one is the other's identifier"
		}
		const mend = "a sector of its own, or why the two are one family"
		switch controller, differs := e.otherController(other.ID); {
		case !registry.SameName(other.Provider, e.c.Service.Provider):
			e.justify(rule, "service", what+", another provider: the two can put together what they know", mend, law)
		case differs:
			e.justify(rule, "service", fmt.Sprintf("%s, for which another controller answers (%s)", what, controller), mend, law+", 4(7)")
		default:
			e.note(rule, "service", what, "nothing, if the two are one family", law)
		}
	}
}

// called is a service as people know it.
func called(s registry.Service) string { return cmp.Or(s.Name.In("en"), s.ID) }

// otherController finds a controller who answers for a service now and is not the one of this declaration.
func (e *exam) otherController(service string) (name string, differs bool) {
	if e.c.Declared == nil {
		return "", false
	}
	for _, d := range e.c.Declared(service) {
		if d.InForce(e.c.Now, e.c.Zone) && !registry.SameName(d.Controller.Name, e.d.Controller.Name) {
			return d.Controller.Name, true
		}
	}
	return "", false
}

// providerTwice warns of a second way to the same provider: an account made through one is not found through the other.
func providerTwice(e *exam) {
	const rule, law, mend = "provider-twice", "RGPD art. 5(1)(d), 12(1)", "tell each school which of the two it uses"
	for _, other := range e.others() {
		if registry.SameName(other.Provider, e.c.Service.Provider) && other.Family() != e.c.Service.Family() {
			e.note(rule, "service", fmt.Sprintf("service %s is of the same provider and has other numbers: accounts cannot be linked", called(other)), mend, law)
		}
	}
}

// subjectLasts warns of a service that knows people by what changes with their name: a new name is a new account there.
func subjectLasts(e *exam) {
	const law = "RGPD art. 5(1)(d)"
	for i, b := range e.c.Service.Bindings {
		where := fmt.Sprintf("service.bindings[%d].subject", i)
		if b.Subject != "" && !e.declares(b.Subject) {
			e.note("subject-declared", where, fmt.Sprintf("the service knows people by %s, which is no item: nobody gets in", b.Subject), "the item, or another subject", law)
		}
		if slices.Contains([]person.Attr{person.Mail, person.Login, "principal_name", person.DisplayName, person.FamilyName, person.GivenName}, b.Subject) {
			e.note("subject-changes", where, fmt.Sprintf("the service knows people by %s: whoever changes their name has a new account there and loses the former one", b.Subject),
				"the pseudonym, or what the service does with a new name", law)
		}
	}
}

// outputsDeclared compares what the service's bindings name with what is declared: a name lets nothing out, and a value that
// is put together of words stays away whole when one of them does.
func outputsDeclared(e *exam) {
	const rule, law = "output-declared", "RGPD art. 5(1)(c)"
	for i, b := range e.c.Service.Bindings {
		where := fmt.Sprintf("service.bindings[%d]", i)
		for _, word := range named(b) {
			if !e.declares(word) {
				e.note(rule, where+".names", fmt.Sprintf("the binding names %s, which is not declared and does not leave", word), "nothing, or an item with its justification", law)
			}
		}
		for j, out := range b.Outputs {
			for _, p := range out.Parts {
				if p.Attr != "" && !p.Empty && !e.declares(p.Attr) {
					e.note(rule, fmt.Sprintf("%s.outputs[%d]", where, j), fmt.Sprintf("%s is put together with %s, which is not declared: it never leaves", out.Name, p.Attr),
						"the item, or a part that may be empty", law)
				}
			}
			if out.Attr != "" && !e.declares(out.Attr) {
				e.note(rule, fmt.Sprintf("%s.outputs[%d]", where, j), fmt.Sprintf("the binding writes %s from %s, which is not declared and does not leave", out.Name, out.Attr),
					"nothing, or an item with its justification", law)
			}
		}
	}
}

// named lists the words that a binding gives a name, in the order of the words.
func named(b registry.Binding) []person.Attr {
	var out []person.Attr
	for word := range b.Names {
		out = append(out, word)
	}
	slices.SortFunc(out, func(a, b person.Attr) int { return strings.Compare(string(a), string(b)) })
	return out
}
