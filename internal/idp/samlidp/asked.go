package samlidp

import (
	"slices"
	"strings"

	"ecluse/internal/attrs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/registry"
	"ecluse/internal/saml"
)

// Asked lists the words that a service's metadata asks for (SAML Metadata 2.4.4.1), each once. What is no word of the
// dictionary keeps the service's own name for it. nil: the metadata asks for nothing in particular, or cannot be read.
func (p *Provider) Asked(b registry.Binding, words *dictionary.Dictionary) []attrs.Name {
	s, _, err := parseSettings(b.Settings)
	if err != nil {
		return nil
	}
	md, _, err := p.read(b, s)
	if err != nil {
		return nil
	}
	var out []attrs.Name
	for _, set := range md.AttributeRequest {
		for _, word := range wordsOf(set, b, words) {
			if !slices.Contains(out, word) {
				out = append(out, word)
			}
		}
	}
	return out
}

// wordsOf lists the words of one AttributeConsumingService, each once, and never nil: who asks for nothing is told nothing.
func wordsOf(set saml.RequestedAttributes, b registry.Binding, words *dictionary.Dictionary) []attrs.Name {
	out := []attrs.Name{}
	for _, wanted := range set.Attributes {
		for _, word := range wordsFor(wanted, b, words) {
			if !slices.Contains(out, word) {
				out = append(out, word)
			}
		}
	}
	return out
}

// wordsFor finds the words by the attribute's name: those that the binding puts under it, else the dictionary's, which
// knows further names of some. A friendly name identifies nothing (SAML Core 2.7.3.1): it only says to people what a name
// that we do not know is.
func wordsFor(wanted saml.RequestedAttribute, b registry.Binding, words *dictionary.Dictionary) []attrs.Name {
	if own := b.Called(wanted.Name); len(own) > 0 {
		return own
	}
	if word, known := words.BySAML(wanted.Name); known && !b.Own(word) {
		return []attrs.Name{word}
	}
	if strings.HasPrefix(wanted.Name, "urn:") && wanted.FriendlyName != "" {
		return []attrs.Name{attrs.Name(wanted.FriendlyName)}
	}
	return []attrs.Name{attrs.Name(wanted.Name)}
}
