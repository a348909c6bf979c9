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

// withheld lists the words that do not leave, each with why, as far as a journal may keep it.
func withheld(r attrs.Release) string {
	const word = 32 // most are shorter with their reason
	var line strings.Builder
	line.Grow(word * len(r.Withheld()))
	for i, w := range r.Withheld() {
		if i > 0 {
			line.WriteByte(' ')
		}
		line.WriteString(string(w.Entry.Attr))
		line.WriteByte('=')
		line.WriteString(string(w.Why.ForJournal()))
	}
	return line.String()
}

// entry is the journal's line of one release: names of attributes, never values. A guardian's says for which child, by the
// handle under which the child's own lines stand.
func (b *Book) entry(p person.Person, r attrs.Release, act Act, around Around) audit.Entry {
	d := r.Declaration()
	action := "release"
	if around.Later {
		action = "release.later"
	}
	detail := map[string]string{"withheld": withheld(r), "profile": string(r.Profile())}
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
