package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"ecluse/internal/admin"
	"ecluse/internal/audit"
	"ecluse/internal/consent"
	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/store/memdb"
	"ecluse/internal/upstream"
	demosource "ecluse/internal/upstream/demo"
	"ecluse/internal/web"
)

// somebody is the person of --person: one of the demo's invented people, or somebody real, journaled before anything is
// shown.
func (t *teller) somebody(ctx context.Context, uai person.UAI) (admin.Question, error) {
	if t.Config == nil {
		who, err := t.demoPerson(ctx, t.Person)
		return admin.Question{Person: who, UAI: uai, Service: t.Service}, err
	}
	const least, most = 15, 500 // as at the desk
	if n := utf8.RuneCountInString(strings.TrimSpace(t.Reason)); n < least || n > most {
		return admin.Question{}, fmt.Errorf("--reason: %d to %d characters; the person will read it in their history", least, most)
	}
	sourceID, id, ok := strings.Cut(t.Person, ":")
	if !ok {
		return admin.Question{}, errors.New("--person: source:id is expected")
	}
	who, err := t.find(ctx, sourceID, id)
	entry := audit.Entry{
		Class: audit.ClassAdmin, Action: desk.ActionLook, Outcome: audit.Done, Actor: "command:explain", Service: t.Service,
		UAI: string(uai), Source: sourceID, Detail: map[string]string{"role": "operator", "office": "exploitant de la passerelle"},
	}
	if err != nil {
		entry.Outcome, entry.Reason = audit.Failed, "nobody"
	} else {
		reasons := consent.Looks{Keys: t.ring}
		entry.Subject = reasons.Subject(who.Key)
		hidden, failed := reasons.Hide(entry.Subject, strings.TrimSpace(t.Reason))
		if failed != nil {
			return admin.Question{}, failed
		}
		entry.Detail["reason_sealed"] = hidden
	}
	if _, failed := t.journal.Append(ctx, entry); failed != nil {
		return admin.Question{}, failed // no entry, no look
	}
	return admin.Question{Person: who, UAI: uai, Service: t.Service, Real: true}, err
}

// find asks the one source, set up as a running gateway sets it up.
func (t *teller) find(ctx context.Context, sourceID, id string) (person.Person, error) {
	source, known := t.view.Source(sourceID)
	kind, made := connectorKinds(sides{})[source.Connector]
	if !known || !made {
		return person.Person{}, fmt.Errorf("--person: no source %q that can be asked", sourceID)
	}
	kit, err := web.New(web.Config{Product: "Écluse", PublicURL: t.config.PublicURL, Zone: t.zone, Now: t.now, Contributions: contributions()})
	if err != nil {
		return person.Person{}, err
	}
	connector, err := kind.make(&gateway{base: t.base, kit: kit, tickets: memdb.New(t.now)}, source)
	if err != nil {
		return person.Person{}, err
	}
	found := looks{
		connectors: func() map[string]upstream.Connector { return map[string]upstream.Connector{sourceID: connector} }, numbering: t.numbering(),
	}
	who, err := found.in(ctx, t.view, sourceID, id)
	return who, errors.Join(err, connector.Close())
}

// demoPerson finds one of the demo's people as a sign-in at a source would present them.
func (b *base) demoPerson(ctx context.Context, name string) (person.Person, error) {
	sourceID, id, ok := strings.Cut(name, ":")
	if !ok {
		return person.Person{}, fmt.Errorf("--person %q: source:id is expected, as in demo:lina", name)
	}
	people, err := savedPeople(b.config.dir)
	if err != nil {
		return person.Person{}, err
	}
	found, ok := people.Find(id)
	if !ok {
		return person.Person{}, fmt.Errorf("--person %q: nobody has that id; there are %s", name, strings.Join(ids(people), ", "))
	}
	contents, err := b.store.Load(ctx)
	if err != nil {
		return person.Person{}, err
	}
	for _, source := range contents.Sources {
		if source.ID == sourceID && source.Connector == "demo" {
			raw := found.Raw()
			raw.Authn = person.Authn{Source: sourceID, At: b.now(), Method: demosource.Method}
			who, err := source.Reading().Resolve(raw)
			if err == nil {
				err = b.numbering().Know(ctx, sourceID, &who)
			}
			return who, err
		}
	}
	return person.Person{}, fmt.Errorf("--person %q: the demo has no such source", name)
}
