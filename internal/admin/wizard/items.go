package wizard

import (
	"net/url"
	"slices"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// The columns of an item: the word, why in French and English, whether a sign-in fails without it, and for whom.
const (
	itemWord = iota
	itemWhy
	itemWhyEN
	itemRequired
	itemProfiles // and all that follow
)

// items are the data that may leave. What keeps its place in the list keeps what the form does not show of it.
func items() field {
	return field{
		key: "items", kind: words, where: []string{"items"},
		get: func(d registry.Declaration) [][]string {
			var out [][]string
			for _, i := range d.Items {
				row := []string{string(i.Attr), i.Justification.FR, i.Justification.EN, ticked(i.Required)}
				out = append(out, append(row, asStrings(i.Profiles)...))
			}
			return out
		},
		set: func(d *registry.Declaration, rows [][]string) {
			var next []registry.Item
			for _, row := range rows {
				next = append(next, registry.Item{
					Attr: person.Attr(row[itemWord]), Justification: registry.Text{FR: row[itemWhy], EN: row[itemWhyEN]},
					Required: row[itemRequired] != "", Profiles: asWords[person.Profile](row[itemProfiles:]),
				})
			}
			d.Items = next
		},
	}
}

// itemsTyped reads the items from a form: those that the text has first, in their order, then the others as they come.
func itemsTyped(d registry.Declaration, form url.Values) [][]string {
	chosen := form["items"]
	rank := func(word string) int {
		i := slices.IndexFunc(d.Items, func(i registry.Item) bool { return string(i.Attr) == word })
		if i < 0 {
			return len(d.Items)
		}
		return i
	}
	chosen = slices.Clone(chosen)
	slices.SortStableFunc(chosen, func(a, b string) int { return rank(a) - rank(b) })
	var out [][]string
	for _, word := range slices.Compact(chosen) {
		get := func(what string) string { return clean(form.Get("items." + word + "." + what)) }
		row := []string{word, get("why"), get("why_en"), get("required")}
		out = append(out, append(row, form["items."+word+".profiles"]...))
	}
	return out
}

// wordShown is one word of the dictionary on the page.
type wordShown struct {
	Word, Label, Name       string
	Chosen, Required, Asked bool
	Why, WhyEN              string
	Names                   bool // it names somebody
	Profiles                []web.Option
	Said                    []remark
}

// wordGroup is what is told apart on the page: what is declared, asked for or usual stands open, the rest is folded by what
// it is about.
type wordGroup struct {
	Label string
	Open  bool
	Words []wordShown
}

// wordsShown puts every word of the dictionary on the page.
func (st *state) wordsShown(f field, rows [][]string) []wordGroup {
	rules := st.Snapshot.Rules(st.Now)
	near := slices.Clone(st.asks)
	for _, u := range rules.Uses {
		if slices.Contains(st.text.Uses, u.ID) {
			near = append(near, asStrings(u.Items)...)
		}
	}
	open := wordGroup{Label: st.Say("items.near"), Open: true}
	var folded []wordGroup
	for _, category := range dictionary.Categories() {
		folded = append(folded, wordGroup{Label: st.Say("items.category." + category)})
	}
	for i, row := range rows {
		open.Words = append(open.Words, st.word(f, i, row))
	}
	for _, e := range st.Desk.Words.Entries() {
		word := string(e.Attr)
		if slices.ContainsFunc(rows, func(r []string) bool { return r[itemWord] == word }) {
			continue
		}
		shown := st.word(f, -1, []string{word, "", "", ""})
		if slices.Contains(near, word) {
			open.Words = append(open.Words, shown)
			continue
		}
		at := slices.Index(dictionary.Categories(), e.Category)
		folded[at].Words = append(folded[at].Words, shown)
	}
	return append([]wordGroup{open}, slices.DeleteFunc(folded, func(g wordGroup) bool { return len(g.Words) == 0 })...)
}

// word is one of them; i is its place among the items, or -1.
func (st *state) word(f field, i int, row []string) wordShown {
	e, _ := st.Desk.Words.Entry(person.Attr(row[itemWord]))
	out := wordShown{
		Word: row[itemWord], Label: e.Label.In(st.In()), Name: "items." + row[itemWord], Chosen: i >= 0, Required: row[itemRequired] != "",
		Asked: slices.Contains(st.asks, row[itemWord]), Why: row[itemWhy], WhyEN: row[itemWhyEN], Names: e.Names,
	}
	if out.Label == "" {
		out.Label = out.Word
	}
	if i < 0 {
		return out
	}
	of := slices.Clone(st.text.Audience.Profiles)
	for _, p := range asWords[person.Profile](row[itemProfiles:]) {
		if !slices.Contains(of, p) {
			of = append(of, p)
		}
	}
	if len(of) > 1 || len(row) > itemProfiles {
		for _, o := range profiles(of...)(st.scene) {
			o.Chosen = slices.Contains(row[itemProfiles:], o.Value)
			out.Profiles = append(out.Profiles, o)
		}
	}
	out.Said = st.remarksAt(f.where[0], i)
	return out
}
