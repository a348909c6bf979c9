package app

import (
	"slices"

	"ecluse/internal/attrs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/idp"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// asker is a protocol whose services say beforehand what they ask for. A client of OpenID Connect says so with each request
// only.
type asker interface {
	Asked(b registry.Binding, words *dictionary.Dictionary) []attrs.Name
}

// askedBy tells what a service's own metadata asks for, in words of the dictionary: what its bindings ask for together.
// nil when one of them does not say, for then nobody knows that something is never asked for.
func askedBy(protocols map[string]idp.Protocol, words *dictionary.Dictionary) func(registry.Service) []person.Attr {
	return func(s registry.Service) []person.Attr {
		var out []person.Attr
		for _, b := range s.Bindings {
			p, says := protocols[b.Protocol].(asker)
			if !says {
				return nil
			}
			asked := p.Asked(b, words)
			if len(asked) == 0 {
				return nil
			}
			for _, word := range asked {
				if !slices.Contains(out, word) {
					out = append(out, word)
				}
			}
		}
		return out
	}
}

// sayer is a protocol whose services say of themselves what they keep to.
type sayer interface {
	Recognised(b registry.Binding) []string
}

// saidBy tells what a service's own metadata says that it keeps to, in words.
func saidBy(protocols map[string]idp.Protocol) func(registry.Service) []string {
	return func(s registry.Service) []string {
		var out []string
		for _, b := range s.Bindings {
			p, says := protocols[b.Protocol].(sayer)
			if !says {
				continue
			}
			for _, words := range p.Recognised(b) {
				if !slices.Contains(out, words) {
					out = append(out, words)
				}
			}
		}
		return out
	}
}
