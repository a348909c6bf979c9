package conformity

import "ecluse/internal/registry"

// mentions tells whether a text holds one of some words or sequences of words.
func mentions(text string, words ...string) bool { return registry.Mentions(text, words...) }

// tokens splits a text into words of letters and numbers of digits, without case or accents.
func tokens(text string) []string { return registry.Words(text) }
