package admin

import (
	"fmt"
	"slices"
	"strings"

	"ecluse/internal/attrs"
	"ecluse/internal/registry"
)

// written is a release as one binding has it.
type written struct {
	binding registry.Binding
	output  attrs.Output
	release attrs.Release
	in      string
}

// writtenBy writes a release for every binding that can say it.
func writtenBy(r attrs.Release, in string) []written {
	var out []written
	for _, b := range r.Service().Bindings {
		if r.Fits(b.Protocol, b) == nil {
			out = append(out, written{b, r.As(b.Protocol, b), r, in})
		}
	}
	return out
}

// namesOf lists how the service has a word, binding by binding: what is really sent under each name. A binding over which
// the word does not leave says so without a name.
func namesOf(all []written, word attrs.Name) []Name {
	var out []Name
	for _, w := range all {
		names := w.names(word)
		if len(names) == 0 {
			names = []Name{{Protocol: w.binding.Protocol, Handle: w.binding.Handle, Shaping: w.absent(word)}}
		}
		out = append(out, names...)
	}
	return out
}

func (w written) names(word attrs.Name) []Name {
	var out []Name
	for _, sent := range w.output.Values {
		if !sent.Holds(word) {
			continue
		}
		n := Name{Protocol: w.binding.Protocol, Handle: w.binding.Handle, Name: sent.Name, Values: sent.Values}
		for _, other := range sent.Words {
			if other != word {
				n.With = append(n.With, string(other))
			}
		}
		n.Shaping = strings.Join(w.shaping(word, sent), ", ")
		out = append(out, n)
	}
	return out
}

// absent says why a word that is released does not leave over this binding.
func (w written) absent(word attrs.Name) string {
	switch {
	case slices.Contains(w.output.Shortened, word):
		return shapeWord("dropped", w.in, w.binding.Limit.Bytes)
	case w.binding.Subject == word || w.binding.Subject == "" && word == "pseudonym":
		return shapeWord("subject", w.in)
	default:
		return shapeWord("absent", w.in)
	}
}

// shaping lists what is done to the values of a word under one name.
func (w written) shaping(word attrs.Name, sent attrs.Named) []string {
	var out []string
	i := slices.IndexFunc(w.binding.Outputs, func(o registry.Output) bool {
		return o.Name == sent.Name && o.Speaks(word) && o.For(w.release.Profile())
	})
	if i >= 0 && w.binding.Names[word] != sent.Name {
		out = w.shaped(w.binding.Outputs[i], word)
	}
	if w.binding.Limit.ASCII {
		out = append(out, shapeWord("ascii", w.in))
	}
	if slices.Contains(w.output.Shortened, word) {
		out = append(out, shapeWord("shortened", w.in, w.binding.Limit.Bytes))
	}
	return slices.Compact(out)
}

func (w written) shaped(o registry.Output, word attrs.Name) []string {
	var out []string
	for _, p := range o.Parts {
		if p.Attr == word || slices.Contains(p.With, word) {
			out = append(out, formWords(p.Form, w.in)...)
		}
	}
	if len(o.Parts) > 0 {
		var parts []string
		for _, p := range o.Parts {
			part := p.Text
			if p.Attr != "" {
				part = string(p.Attr)
				for _, n := range p.With {
					part += "+" + string(n)
				}
			}
			parts = append(parts, part)
		}
		out = append(out, shapeWord("composite", w.in, strings.Join(parts, " "+o.Between+" ")))
	}
	return append(out, formWords(o.Form, w.in)...)
}

// formWords names the steps of a form, in the order in which they are taken.
func formWords(f registry.Form, in string) []string {
	var out []string
	say := func(does bool, word string, args ...any) {
		if does {
			out = append(out, shapeWord(word, in, args...))
		}
	}
	say(f.First, "first")
	say(len(f.Values) > 0 && f.Others != "keep", "values")
	say(len(f.Values) > 0 && f.Others == "keep", "values_keep")
	say(f.Date != "", "date", f.Date)
	say(f.Labelled != "", "labelled", f.Labelled)
	say(f.Before != "", "before", f.Before)
	say(f.After != "", "after", f.After)
	say(f.Case == "lower", "lower")
	say(f.Case == "upper", "upper")
	say(f.ASCII, "ascii")
	say(f.Encode != "", "encode", f.Encode)
	say(f.Most > 0, "most", f.Most)
	say(f.Join != "", "join", f.Join)
	return out
}

func shapeWord(word, in string, args ...any) string {
	return fmt.Sprintf(say(map[string]registry.Text{
		"first":       {FR: "la première valeur seule", EN: "the first value only"},
		"values":      {FR: "valeurs du service à la place des nôtres, les autres omises", EN: "the service's values in place of ours, others left out"},
		"values_keep": {FR: "valeurs du service à la place des nôtres, les autres gardées", EN: "the service's values in place of ours, others kept"},
		"date":        {FR: "date écrite %s", EN: "date written %s"},
		"labelled":    {FR: "code et libellé séparés par %q", EN: "code and label with %q between"},
		"before":      {FR: "%q devant", EN: "%q in front"},
		"after":       {FR: "%q derrière", EN: "%q behind"},
		"lower":       {FR: "en minuscules", EN: "in lower case"},
		"upper":       {FR: "en majuscules", EN: "in upper case"},
		"ascii":       {FR: "sans accents", EN: "without accents"},
		"encode":      {FR: "en %s", EN: "in %s"},
		"most":        {FR: "%d octets au plus par valeur", EN: "%d bytes at most in a value"},
		"join":        {FR: "toutes les valeurs en une, séparées par %q", EN: "all values in one, with %q between"},
		"composite":   {FR: "réunies en une valeur : %s", EN: "put together in one value: %s"},
		"shortened":   {FR: "des valeurs sont omises pour tenir en %d octets", EN: "values are left out to fit in %d bytes"},
		"dropped":     {FR: "omise pour que tout tienne en %d octets", EN: "left out so that everything fits in %d bytes"},
		"subject":     {FR: "envoyée comme identifiant seulement", EN: "sent as the subject only"},
		"absent":      {FR: "non envoyée par ce protocole : elle n’y a ni nom ni forme pour cette personne", EN: "not sent over this protocol: it has no name or no form there for this person"},
	}, word, in), args...)
}

// Spoken is the protocol as people write it.
func (m Message) Spoken() string { return strings.ToUpper(m.Protocol) }

// Spoken is the protocol as people write it.
func (n Name) Spoken() string { return strings.ToUpper(n.Protocol) }
