package consent

import (
	"slices"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// Topic is what a change of substance is about: a stable word, for which the pages have a sentence in each wording.
type Topic string

// The topics, in the order in which people are told.
const (
	DataAdded      Topic = "data_added"
	DataRemoved    Topic = "data_removed"
	DataReason     Topic = "data_reason" // the same data, for another reason
	Named          Topic = "named"       // under the name instead of an opaque number
	Unnamed        Topic = "unnamed"     // under an opaque number instead of the name
	Number         Topic = "number"      // how long the opaque number stays the same
	PurposeAdded   Topic = "purpose_added"
	PurposeRemoved Topic = "purpose_removed"
	Answers        Topic = "controller" // who answers
	Supplies       Topic = "supplier"
	Recipients     Topic = "recipients"
	Where          Topic = "where"
	HowLong        Topic = "how_long"
	Basis          Topic = "basis"
	Others         Topic = "others" // only data of other people, or paper: of this person the same is said as before
)

// Topics lists every topic, in that order.
func Topics() []Topic {
	return []Topic{
		DataAdded, DataRemoved, DataReason, Named, Unnamed, Number, PurposeAdded, PurposeRemoved, Answers, Supplies, Recipients,
		Where, HowLong, Basis, Others,
	}
}

// Change is one thing that is said otherwise than before. Of data it names the words, of texts it has what is said now, or
// was said before where it is said no more.
type Change struct {
	Topic Topic
	Attrs []person.Attr   // of data: the dictionary's words
	Texts []registry.Text // of purposes, recipients and how long; of a controller or supplier its name
	Codes []string        // of where: the countries now, ISO 3166
}

// Changes says what two versions tell a person of a profile differently, by everything of which the substance is made. It is
// empty for two versions of one substance, and never for two of different ones.
func Changes(before, now registry.Declaration, profile person.Profile) []Change {
	if before.Substance() == now.Substance() {
		return nil
	}
	out := append(data(before, now, profile), naming(before, now)...)
	out = append(out, texts(before.Purposes, now.Purposes, PurposeAdded, PurposeRemoved)...)
	if before.Controller.Name != now.Controller.Name || !slices.Equal(called(before.Joint), called(now.Joint)) {
		out = append(out, Change{Topic: Answers, Texts: plain(append([]string{now.Controller.Name}, called(now.Joint)...))})
	}
	if before.Supplier.Name != now.Supplier.Name || before.Supplier.Relation != now.Supplier.Relation {
		out = append(out, Change{Topic: Supplies, Texts: plain([]string{now.Supplier.Name})})
	}
	if !slices.Equal(before.Recipients, now.Recipients) {
		out = append(out, Change{Topic: Recipients, Texts: now.Recipients})
	}
	if !slices.Equal(countries(before), countries(now)) {
		out = append(out, Change{Topic: Where, Codes: countries(now)})
	}
	if before.Retention != now.Retention {
		out = append(out, Change{Topic: HowLong, Texts: []registry.Text{now.Retention}})
	}
	if before.Basis.Kind != now.Basis.Kind {
		out = append(out, Change{Topic: Basis})
	}
	if len(out) == 0 {
		return []Change{{Topic: Others}}
	}
	return out
}

// data compares what may leave of a profile.
func data(before, now registry.Declaration, profile person.Profile) (out []Change) {
	a, b := items(before, profile), items(now, profile)
	var added, removed, reason []person.Attr
	for _, i := range b {
		switch at := find(a, i.Attr); {
		case at < 0:
			added = append(added, i.Attr)
		case a[at].Justification != i.Justification:
			reason = append(reason, i.Attr)
		}
	}
	for _, i := range a {
		if find(b, i.Attr) < 0 {
			removed = append(removed, i.Attr)
		}
	}
	for _, c := range []Change{{Topic: DataAdded, Attrs: added}, {Topic: DataRemoved, Attrs: removed}, {Topic: DataReason, Attrs: reason}} {
		if len(c.Attrs) > 0 {
			out = append(out, c)
		}
	}
	return out
}

func items(d registry.Declaration, profile person.Profile) []registry.Item {
	return slices.DeleteFunc(slices.Clone(d.Items), func(i registry.Item) bool { return !i.For(profile) })
}

func find(list []registry.Item, attr person.Attr) int {
	return slices.IndexFunc(list, func(i registry.Item) bool { return i.Attr == attr })
}

func naming(before, now registry.Declaration) []Change {
	was, is := before.Mode == registry.Nominative, now.Mode == registry.Nominative
	scope := func(d registry.Declaration) registry.PseudonymScope {
		if d.Pseudonym == "" {
			return registry.PerCycle
		}
		return d.Pseudonym
	}
	switch {
	case is && !was:
		return []Change{{Topic: Named}}
	case was && !is:
		return []Change{{Topic: Unnamed}}
	case scope(before) != scope(now):
		return []Change{{Topic: Number}}
	}
	return nil
}

// texts compares two lists of texts by what they hold, not by their order.
func texts(before, now []registry.Text, came, went Topic) (out []Change) {
	without := func(list, other []registry.Text) []registry.Text {
		return slices.DeleteFunc(slices.Clone(list), func(t registry.Text) bool { return slices.Contains(other, t) })
	}
	if added := without(now, before); len(added) > 0 {
		out = append(out, Change{Topic: came, Texts: added})
	}
	if removed := without(before, now); len(removed) > 0 {
		out = append(out, Change{Topic: went, Texts: removed})
	}
	return out
}

// countries lists where data rests or is taken.
func countries(d registry.Declaration) []string {
	out := slices.Clone(d.Hosting)
	for _, t := range d.Transfers {
		out = append(out, t.Country)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func called(list []registry.Controller) []string {
	var out []string
	for _, c := range list {
		out = append(out, c.Name)
	}
	return out
}

func plain(words []string) []registry.Text {
	var out []registry.Text
	for _, w := range words {
		out = append(out, registry.Text{FR: w, EN: w})
	}
	return out
}
