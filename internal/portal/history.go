package portal

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/audit"
	"ecluse/internal/guardian"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// Line is one thing that happened to a person's data.
type Line struct {
	At      time.Time
	Looked  bool // somebody looked at the data at the desk; else it was sent
	Later   bool // it was sent later, on the same sign-in
	Service string
	School  string
	Ref     string // of the sign-in; empty for a look
	NotMe   string // where whoever says that it was not them is told what happens then

	// What was sent: names, never values, and under what.
	Sent        []string
	Declaration string
	Purposes    []string

	// Who looked: the function and the reason they gave; Ground where it was put off to a day by law.
	Role   string // dpo, admin, operator
	Office string // the same in the register's words, for another role
	Reason string
	Ground string
	Put    time.Time
}

// lookedAction is the journal's word for a look at somebody's data at the desk.
const lookedAction = "explain_person"

// reader reads the journal for one visitor.
type reader struct {
	Config
	view *registry.Snapshot
	lang string
	as   web.Audience // in whose words
	who  person.Person
}

// lines are the newest before a moment, and whether there are more. Who is known by several keys, or was known by others
// before, reads what was filed under each.
func (r reader) lines(ctx context.Context, who person.Person, before time.Time) (out []Line, more bool, err error) {
	keys, err := r.Keys.Own(ctx, who)
	if err != nil {
		return nil, false, fmt.Errorf("history: %w", err)
	}
	if out, err = r.releases(ctx, keys, before); err != nil {
		return nil, false, err
	}
	looks, err := r.looks(ctx, keys, before)
	if err != nil {
		return nil, false, err
	}
	out = append(out, looks...)
	slices.SortStableFunc(out, func(a, b Line) int { return b.At.Compare(a.At) })
	last := min(len(out), perPage)
	for last > 0 && last < len(out) && out[last].At.Equal(out[last-1].At) {
		last++ // a page goes on before an instant: nothing of one may be left behind
	}
	return out[:last], last < len(out), nil
}

// releases are read in one query, whatever the number of services and of keys. It names no class: subjects are what few
// entries share, and a store looks for them first.
func (r reader) releases(ctx context.Context, keys []string, before time.Time) ([]Line, error) {
	subjects, services := []string{}, map[string]registry.Service{}
	for _, service := range r.view.Services() {
		services[service.ID] = service
		for _, key := range keys {
			subjects = append(subjects, r.Keys.Sent(key, service.ID))
		}
	}
	entries, err := r.all(ctx, audit.Query{Outcome: audit.Released, AnyOf: subjects, Until: before})
	if err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	var out []Line
	for _, e := range entries {
		out = append(out, r.sent(e, services[e.Service]))
	}
	return out, nil
}

// looks are those that the person may read today.
func (r reader) looks(ctx context.Context, keys []string, before time.Time) ([]Line, error) {
	subjects := make([]string, len(keys))
	for i, key := range keys {
		subjects[i] = r.Keys.Looked(key)
	}
	entries, err := r.all(ctx, audit.Query{
		Action: lookedAction, Outcome: audit.Done, AnyOf: subjects, Subjects: true, Until: before,
	})
	if err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	var out []Line
	for _, e := range entries {
		line, shown := r.looked(e, e.Subject)
		if shown {
			out = append(out, line)
		}
	}
	return out, nil
}

func (r reader) sent(e audit.Entry, service registry.Service) Line {
	out := Line{At: e.At, Service: service.Name.In(r.lang), School: r.school(e.UAI), Later: e.Action == "release.later", Ref: e.Ref}
	if e.Ref != "" {
		out.NotMe = notMeAt(e.Ref)
	}
	for _, name := range e.Attributes {
		out.Sent = append(out.Sent, r.label(name))
	}
	if d, known := r.view.Declaration(e.Declaration, e.Version); known {
		for _, p := range d.Purposes {
			out.Purposes = append(out.Purposes, p.In(r.lang))
		}
	}
	out.Declaration = fmt.Sprintf("%s v%d", e.Declaration, e.Version)
	return out
}

// looked is a look, and whether its day has come. A day that cannot be read puts nothing off: that a person sees who
// looked is the rule.
func (r reader) looked(e audit.Entry, subject string) (Line, bool) {
	out := Line{At: e.At, Looked: true, School: r.school(e.UAI), Role: e.Detail["role"], Office: e.Detail["office"]}
	if service, ok := r.view.Service(e.Service); ok {
		out.Service = service.Name.In(r.lang)
	}
	if day, err := registry.ParseDate(e.Detail["shown_from"]); err == nil && !day.IsZero() {
		out.Put = day.Starts(r.view.Zone())
		if r.Now().Before(out.Put) {
			return Line{}, false
		}
	}
	for field, into := range map[string]*string{"reason_sealed": &out.Reason, "ground_sealed": &out.Ground} {
		if hidden := e.Detail[field]; hidden != "" {
			*into, _ = r.Keys.Reason(subject, hidden) // what cannot be opened is shown as not given
		}
	}
	return out, true
}

// school is the name of an establishment; empty where it is only that of a child of whoever reads.
func (r reader) school(uai string) string {
	if !guardian.Names(r.who, person.UAI(uai)) {
		return ""
	}
	if school, ok := r.view.Establishment(person.UAI(uai)); ok {
		return strings.TrimSpace(school.Name)
	}
	return uai
}

func (r reader) label(name string) string {
	entry, ok := r.Words.Entry(dictionary.Name(name))
	switch {
	case !ok:
		return name
	case r.as == web.Child:
		return entry.Child.In(r.lang)
	default:
		return entry.Label.In(r.lang)
	}
}
