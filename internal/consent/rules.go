package consent

import (
	"strings"

	"ecluse/internal/attrs"
	"ecluse/internal/audit"
	"ecluse/internal/person"
)

// subject files journal entries, likewise.
func (b *Book) subject(key person.Key, r attrs.Release) string {
	return JournalSubject(b.Keys, key, r.Service().ID)
}

// entry is the journal's line of one release: names of attributes, never values. A guardian's says for which child, by the
// handle under which the child's own lines stand.
func (b *Book) entry(p person.Person, r attrs.Release, act Act, around Around) audit.Entry {
	d := r.Declaration()
	action := "release"
	if around.Later {
		action = "release.later"
	}
	var withheld []string
	for _, w := range r.Withheld() {
		withheld = append(withheld, string(w.Entry.Attr)+"="+string(w.Why.ForJournal()))
	}
	detail := map[string]string{"withheld": strings.Join(withheld, " "), "profile": string(r.Profile())}
	if child := r.Ward(); !child.IsZero() {
		detail["child"] = b.subject(child, r)
	}
	return audit.Entry{
		Class: audit.ClassRelease, Action: action, Outcome: audit.Released, Reason: string(act), Ref: around.Ref,
		Subject: b.subject(p.Key, r), Service: r.Service().ID, Declaration: d.ID, Version: d.Version,
		UAI: string(r.Establishment().UAI), Source: p.Authn.Source, Protocol: around.Protocol, Attributes: r.Names(),
		Detail: detail,
	}
}
