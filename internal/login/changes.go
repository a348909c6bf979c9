package login

import (
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/consent"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// changeLine is one thing that is said otherwise than the last time. Topic chooses the sentence; What follows it.
type changeLine struct {
	Topic     consent.Topic
	What      []string
	Countries []string
}

// changed puts changes into words. A child reads which data, and of the rest only that it changed: the
// register's own texts stand in the details, for the adult beside them.
func changed(changes []consent.Change, words *dictionary.Dictionary, a web.Audience, in spoken) []changeLine {
	var out []changeLine
	for _, c := range changes {
		line := changeLine{Topic: c.Topic}
		for _, attr := range c.Attrs {
			if entry, known := words.Entry(attr); known {
				line.What = append(line.What, in.label(entry))
			} else {
				line.What = append(line.What, string(attr))
			}
		}
		if a != web.Child {
			line.Countries = c.Codes
			line.What = append(line.What, said(c.Texts, in.lang)...)
		}
		out = append(out, line)
	}
	return out
}

// said gives texts in a language, the empty ones left out.
func said(texts []registry.Text, lang string) []string {
	var out []string
	for _, text := range texts {
		if words := text.In(lang); words != "" {
			out = append(out, words)
		}
	}
	return out
}
