package consent

import (
	"encoding/hex"
	"strings"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/audit"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// needed follows from the declared legal basis and the person's age facts. A basis that nobody named informs nobody and
// lets nothing out: it asks, and a child's answer alone is not enough.
func needed(p person.Person, r attrs.Release, now time.Time) (Act, error) {
	switch r.Declaration().Basis.Kind {
	case registry.PublicInterest, registry.LegalObligation, registry.Contract, registry.LegitimateInterest:
		return Informed, nil
	}
	// That a declaration says that parents are asked (Basis.Parents) is no parent's answer.
	if r.Profile() == person.Pupil && !ofAge(p, r, now) {
		return "", ErrParents
	}
	return Agreed, nil
}

// ofAge tells whether a pupil may agree alone: from the rules' age of consent where nobody prescribes the service, which is
// then offered directly to the child (loi n° 78-17 du 6 janvier 1978, art. 45), and from majority everywhere else. An
// unknown age is below both, and rules that say no age let nobody agree.
func ofAge(p person.Person, r attrs.Release, now time.Time) bool {
	age := r.Rules().Majority
	if r.Declaration().Basis.Prescribed == registry.AnswerNo {
		age = r.Rules().ConsentAge
	}
	return age > 0 && p.Age.AtLeast(age, now.In(r.At().Location()))
}

// covers tells whether an earlier act still stands: the same substance, and an act no weaker than the one needed.
func covers(last Receipt, need Act, r attrs.Release) bool {
	return last.Substance != "" && last.Substance == r.Declaration().Substance() && (last.Act == need || last.Act == Agreed)
}

// handle files receipts: a derivation of its own, so that neither a pseudonym nor a journal entry leads to a receipt.
func (b *Book) handle(key person.Key, r attrs.Release) string {
	return hex.EncodeToString(b.Keys.Derive("receipt", key.Authority, key.ID, r.Service().ID, r.Declaration().ID)[:32])
}

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
