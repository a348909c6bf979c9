package portal

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// search is what somebody looks for among their services.
type search struct {
	Words   string
	Subject string
	Level   string
	Kind    string
}

// longestSearch bounds what is looked at of what was typed, in bytes.
const longestSearch = 100

func readSearch(q url.Values) search {
	bounded := func(name string) string {
		v := q.Get(name)
		if len(v) > longestSearch {
			v = strings.ToValidUTF8(v[:longestSearch], "")
		}
		return strings.TrimSpace(v)
	}
	return search{Words: bounded("q"), Subject: bounded("matiere"), Level: bounded("niveau"), Kind: bounded("type")}
}

func (s search) empty() bool { return s == search{} }

// in keeps the tiles that have every word, and each chosen facet.
func (s search) in(tiles []Tile) []Tile {
	words := strings.Fields(plainWords(s.Words))
	return slices.DeleteFunc(slices.Clone(tiles), func(t Tile) bool {
		text := plainWords(strings.Join(slices.Concat([]string{t.Name, t.Sentence, t.Provider}, t.Subjects, t.Levels, t.Kinds), " "))
		return slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) ||
			s.Subject != "" && !slices.Contains(t.Subjects, s.Subject) ||
			s.Level != "" && !slices.Contains(t.Levels, s.Level) ||
			s.Kind != "" && !slices.Contains(t.Kinds, s.Kind)
	})
}

// facet is one list to choose from; Chosen is empty for all.
type facet struct {
	Name    string
	Chosen  string
	Choices []string
}

// facets lists what the tiles can be chosen by: only what two values at least tell apart, and what is chosen already.
func (s search) facets(tiles []Tile) []facet {
	var out []facet
	for _, f := range []struct {
		name, chosen string
		of           func(Tile) []string
	}{
		{"matiere", s.Subject, func(t Tile) []string { return t.Subjects }},
		{"niveau", s.Level, func(t Tile) []string { return t.Levels }},
		{"type", s.Kind, func(t Tile) []string { return t.Kinds }},
	} {
		var all []string
		for _, t := range tiles {
			all = append(all, f.of(t)...)
		}
		slices.SortFunc(all, compareWords)
		if all = slices.Compact(all); len(all) > 1 || f.chosen != "" {
			out = append(out, facet{Name: f.name, Chosen: f.chosen, Choices: all})
		}
	}
	return out
}

// plainWords is a text without case, accents and signs, so that who types "ecole" finds École.
func plainWords(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case unicode.IsLetter(r), unicode.IsDigit(r):
			return unicode.ToLower(r)
		default:
			return ' '
		}
	}, norm.NFKD.String(text))
}

// compareWords orders names as people look them up.
func compareWords(a, b string) int {
	return cmp.Or(strings.Compare(plainWords(a), plainWords(b)), strings.Compare(a, b))
}
