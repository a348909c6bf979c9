package desk

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"ecluse/internal/attrs"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// PutService registers or changes a service; its bindings are checked by their protocols, and no two services have the
// same name in a protocol's messages. It neither stops nor starts one. What is worth knowing beforehand is Remarks'.
func (d *Desk) PutService(ctx context.Context, c roles.Caller, s registry.Service, tag string) (registry.Service, error) {
	err := d.settle(ctx, c, "service_put", func(t *turn) error {
		t.entry.Service = s.ID
		old, known := t.Service(s.ID)
		if _, err := t.may(roles.EditService, roles.Target{Service: s.ID}); err != nil {
			return err
		}
		if err := t.replaces("service", s.ID, known, old, tag, old.ManagedBy); err != nil {
			return err
		}
		if s.ID == registry.House || s.ID == registry.Desk {
			return &Conflict{Code: "managed", What: fmt.Sprintf("service %s comes with the program", s.ID)}
		}
		s.Suspended, s.Decisions, s.ManagedBy = old.Suspended, old.Decisions, ""
		if err := d.serviceForm(t.Snapshot, s).err(); err != nil {
			return err
		}
		if Tag(old) == Tag(s) {
			return errIdle
		}
		t.change.Services = []registry.Service{s}
		return nil
	})
	if err != nil {
		return registry.Service{}, err
	}
	return s, nil
}

// replaces judges whether an object may be put in the place of the present one: no file manages it, and nobody has
// changed it since the caller looked.
func (t *turn) replaces(kind, id string, known bool, old any, tag, managedBy string) error {
	switch {
	case !known && tag != "":
		return &NotFound{kind, id}
	case !known:
		return nil
	}
	if err := editable(kind, id, managedBy); err != nil {
		return err
	}
	return match(old, tag)
}

func (d *Desk) serviceForm(snapshot *registry.Snapshot, s registry.Service) mistakes {
	m := mistakes(s.Check())
	if d.Settings != nil {
		m = append(m, d.Settings(s)...)
	}
	for i, b := range s.Bindings {
		where := fmt.Sprintf("bindings[%d].handle", i)
		twice := slices.ContainsFunc(s.Bindings[:i], func(o registry.Binding) bool { return o.Protocol == b.Protocol && o.Handle == b.Handle })
		m.say(twice, where, "this name stands there already", "each once")
		for _, other := range snapshot.Services() {
			taken := other.ID != s.ID && slices.ContainsFunc(other.Bindings, func(o registry.Binding) bool { return o.Protocol == b.Protocol && o.Handle == b.Handle })
			m.say(taken, where, fmt.Sprintf("service %s has this name", called(other)), "one name, one service")
		}
	}
	return m
}

// Remarks tells what is worth knowing before a service is registered or changed, blocking findings included: pseudonyms
// that will change or be shared, a provider that its declaration does not know, a second way to the same provider.
func (d *Desk) Remarks(ctx context.Context, c roles.Caller, s registry.Service) ([]registry.Finding, error) {
	snapshot, err := d.view(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := roles.May(snapshot, d.Now().UTC(), c, roles.EditService, roles.Target{Service: s.ID}); err != nil {
		return nil, err
	}
	return append(d.serviceForm(snapshot, s), serviceNotes(snapshot, s)...), nil
}

// called is a service as people know it, in the language of findings.
func called(s registry.Service) string { return cmp.Or(s.Name.In("en"), s.ID) }

func serviceNotes(snapshot *registry.Snapshot, s registry.Service) []registry.Finding {
	var notes []registry.Finding
	say := func(where, what, mend string) {
		notes = append(notes, registry.Finding{Where: where, What: what, Mend: mend, Severity: registry.Note})
	}
	old, known := snapshot.Service(s.ID)
	if known && old.Family() != s.Family() {
		say("sector", fmt.Sprintf("everybody's pseudonym changes with the sector, from %s to %s: accounts at the service are lost", old.Family(), s.Family()), old.Family())
	}
	notes = append(notes, unsent(snapshot, s)...)
	if known && old.Provider != s.Provider {
		say("provider", "the sector and its pseudonyms stay; a new provider answers for the data only under a new version of the declaration", "a new version with the new supplier")
	}
	for _, other := range snapshot.Services() {
		if other.ID == s.ID {
			continue
		}
		if other.Family() == s.Family() {
			say("sector", fmt.Sprintf("people have the same pseudonym here as at service %s of %s", called(other), other.Provider), "a sector of its own, unless both are one family")
		}
		if strings.EqualFold(plain(other.Provider), plain(s.Provider)) {
			say("provider", fmt.Sprintf("service %s is of the same provider: accounts made through one cannot be linked with those of the other", called(other)), "tell each school which of the two it uses")
		}
	}
	return notes
}

// unsent says what the bindings name and no declaration of the service has: it is sent nowhere.
func unsent(snapshot *registry.Snapshot, s registry.Service) []registry.Finding {
	var items []registry.Item
	for _, d := range snapshot.Declarations(s.ID) {
		if d.State != registry.Archived && d.State != registry.Refused {
			items = append(items, d.Items...)
		}
	}
	if len(items) == 0 {
		return nil // nothing is declared yet: that is said elsewhere
	}
	var out []registry.Finding
	for i, b := range s.Bindings {
		for _, f := range attrs.Unsent(b, items) {
			f.Where = fmt.Sprintf("bindings[%d].%s", i, f.Where)
			out = append(out, f)
		}
	}
	return out
}

// SuspendService stops a service everywhere, or lifts that; both want a reason. It needs no second person, and a file that
// manages the service keeps nobody from it. Lifting is the recteur's, as a service is stopped for everybody, and for somebody
// else than who stopped it.
func (d *Desk) SuspendService(ctx context.Context, c roles.Caller, id string, stop bool, reason string) (registry.Service, error) {
	var made registry.Service
	act, word, state := stopOrLift(stop, roles.Suspend, "service_suspend", "service_lift")
	err := d.act(ctx, c, word, func(t *turn) error {
		t.entry.Service = id
		next, ok := t.Service(id)
		in, err := t.may(act, roles.Target{Service: id, Author: stopper(stop, next.Decisions)})
		asked := stopping{kind: "service", id: id, reason: reason, known: ok, is: next.Suspended, wanted: stop}
		if err := asked.check(err); err != nil {
			return err
		}
		next.Suspended = stop
		next.Decisions = append(slices.Clone(next.Decisions), t.decision(in, state, reason))
		t.change.Services = []registry.Service{next}
		made = next
		return nil
	})
	return made, err
}

func stopOrLift(stop bool, act roles.Act, stopped, lifted string) (roles.Act, string, registry.State) {
	if stop {
		return act, stopped, registry.Suspended
	}
	return roles.Lift, lifted, registry.Approved
}

// stopper is who stopped what is to be started again: that is for somebody else.
func stopper(stop bool, list []registry.Decision) string {
	if stop {
		return ""
	}
	last, _ := registry.LastStop(list)
	return last.By
}

// stopping is something that somebody asks to stop, or to start again.
type stopping struct {
	kind, id, reason string
	known            bool // it is there
	is, wanted       bool // stopped
}

// check judges in order: may the caller, is it there, is there a reason, is there something to do.
func (s stopping) check(denied error) error {
	if denied != nil {
		return denied
	}
	if !s.known {
		return &NotFound{s.kind, s.id}
	}
	var m mistakes
	m.text("reason", s.reason, mostReason)
	if err := m.err(); err != nil {
		return err
	}
	if s.is == s.wanted {
		return &Conflict{Code: "state", What: fmt.Sprintf("%s %s: suspended is %v already", s.kind, s.id, s.is)}
	}
	return nil
}
