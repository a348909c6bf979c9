package oidcop

import (
	"slices"

	"ecluse/internal/attrs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/registry"
)

// wording knows what one client calls our words.
type wording struct {
	dictionary *dictionary.Dictionary
	binding    registry.Binding
}

func (p *Provider) wording(b registry.Binding) wording {
	return wording{dictionary: p.cfg.Dictionary, binding: b}
}

// words finds the words behind a claim as this client knows it: several where the claim puts them together.
func (w wording) words(claim string) []attrs.Name {
	if own := w.binding.Called(claim); len(own) > 0 {
		return own
	}
	if word, ok := w.dictionary.ByClaim(claim); ok && !w.binding.Own(word) {
		return []attrs.Name{word}
	}
	return nil
}

// pick gives the claims whose words are all wanted in one place. A name that means something about the token is left out,
// whoever configured it.
func (w wording) pick(out attrs.Output, wanted []attrs.Name) map[string]any {
	claims := make(map[string]any, len(out.Values)+1)
	for _, value := range out.Values {
		unwanted := func(word attrs.Name) bool { return !slices.Contains(wanted, word) }
		if !reserved(value.Name) && len(value.Values) > 0 && !slices.ContainsFunc(value.Words, unwanted) {
			claims[value.Name] = shape(value.Many, value.Values)
		}
	}
	return claims
}

// shape: what the dictionary calls many (classes, groups, subjects taught) is always an array, whatever the number of
// values, because a client must be able to rely on one shape; every other word, and what a binding joins, is a string, or
// an array in the odd case that the source gave several values.
func shape(many bool, values []string) any {
	if len(values) == 1 && !many {
		return values[0]
	}
	return values
}

// reserved tells claims that say something about the token, and the empty one: no attribute has such a name.
func reserved(claim string) bool { return claim == "" || dictionary.ReservedClaim(claim) }

// scopes lists the scopes that mean something here: openid, and those of the dictionary.
func (p *Provider) scopes() []string {
	out := []string{"openid"}
	for _, word := range p.cfg.Dictionary.Words() {
		entry, _ := p.cfg.Dictionary.Entry(word)
		if scope := entry.OIDC.Scope; scope != "" && !slices.Contains(out, scope) {
			out = append(out, scope)
		}
	}
	return out
}

// wordsOf lists the words that scopes ask for. openid alone asks for the subject, which is no word.
func (p *Provider) wordsOf(scopes []string) []attrs.Name {
	words := []attrs.Name{}
	for _, scope := range scopes {
		if scope != "openid" {
			words = union(words, p.cfg.Dictionary.ByScope(scope))
		}
	}
	return words
}

func union(have, more []attrs.Name) []attrs.Name {
	for _, n := range more {
		if !slices.Contains(have, n) {
			have = append(have, n)
		}
	}
	return have
}

// inIDToken lists the words that belong into a client's id token: those that the claims parameter asked for there, and
// all of them for a client that reads nothing else (OpenID Connect Core 5.4).
func inIDToken(s *Settings, named, other []attrs.Name) []attrs.Name {
	if !s.ClaimsInIDToken {
		return named
	}
	return union(slices.Clone(named), other)
}
