package wizard

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"ecluse/internal/admin/frame"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

type recipeField = frame.Field[registry.Recipe]

// recipeFields are what is written of a recipe by hand. Forms of values are not among them, and stay as they are.
func recipeFields(v *frame.Visit) []recipeField {
	type r = *registry.Recipe
	return []recipeField{
		recipeChoice("r-protocole", "protocol", []string{"saml", "oidc", "cas", linkOnly, registry.UnknownProtocol}, func(x r) *string { return &x.Protocol }),
		{
			Name: "r-nom", At: "recipes.handle", Get: func(x registry.Recipe) string { return x.Handle },
			Set: func(x *registry.Recipe, text string) bool { x.Handle = text; return true },
		},
		subjectField(),
		recipeYes("r-seul", "subject_only", func(x r) *bool { return &x.SubjectOnly }),
		recipeChoice("r-forme", "shape", []string{"", string(registry.Pairwise), string(registry.Compact), string(registry.UUID), string(registry.Code)}, func(x r) *registry.Shape { return &x.Shape }),
		recipeChoice("r-nameid", "name_id", []string{"", "persistent", "transient", "emailAddress", "unspecified"}, func(x r) *string { return &x.NameID }),
		namesField(v),
		bytesField(),
		recipeChoice("r-exces", "limit.over", []string{"", "refuse", "drop"}, func(x r) *string { return &x.Limit.Over }),
		recipeYes("r-ascii", "limit.ascii", func(x r) *bool { return &x.Limit.ASCII }),
		notesField("r-notes", "notes.fr", func(t *registry.Text) *string { return &t.FR }),
		notesField("r-notes-en", "notes.en", func(t *registry.Text) *string { return &t.EN }),
	}
}

// recipeChoice is one of some words; the page has each in words as "option.<field>.<word>", of none as "option.<field>.none".
func recipeChoice[T ~string](name, at string, among []string, of func(*registry.Recipe) *T) recipeField {
	return recipeField{
		Name: name, At: "recipes." + at, Required: among[0] != "",
		Options: func(v *frame.Visit) (out []web.Option) {
			for _, word := range among {
				key := word
				if word == "" {
					key = "none"
				}
				out = append(out, web.Option{Value: word, Label: v.Say("option." + name + "." + key)})
			}
			return out
		},
		Get: func(r registry.Recipe) string { return string(*of(&r)) },
		Set: func(r *registry.Recipe, text string) bool { *of(r) = T(text); return true },
	}
}

func recipeYes(name, at string, of func(*registry.Recipe) *bool) recipeField {
	return recipeField{
		Name: name, At: "recipes." + at,
		Options: func(v *frame.Visit) []web.Option {
			return []web.Option{{Value: "non", Label: v.Say("option." + name + ".no")}, {Value: "oui", Label: v.Say("option." + name + ".yes")}}
		},
		Get: func(r registry.Recipe) string {
			if *of(&r) {
				return "oui"
			}
			return "non"
		},
		Set: func(r *registry.Recipe, text string) bool { *of(r) = text == "oui"; return true },
	}
}

// subjectField is the word by which the product knows people: one of the dictionary, by what people call it.
func subjectField() recipeField {
	return recipeField{
		Name: "r-sujet", At: "recipes.subject",
		Options: func(v *frame.Visit) []web.Option {
			out := []web.Option{{Label: v.Say("option.r-sujet.none")}}
			if v.Desk.Words == nil {
				return out
			}
			for _, e := range v.Desk.Words.Entries() {
				out = append(out, web.Option{Value: string(e.Attr), Label: e.Label.In(v.In())})
			}
			return out
		},
		Get: func(r registry.Recipe) string { return string(r.Subject) },
		Set: func(r *registry.Recipe, text string) bool { r.Subject = person.Attr(text); return true },
	}
}

// namesField is which data the product wants under which name, a line each: data = name.
func namesField(v *frame.Visit) recipeField {
	return recipeField{
		Name: "r-noms", At: "recipes.names", Kind: "area",
		Get: func(r registry.Recipe) string {
			var out []string
			for _, word := range namedIn(r) {
				out = append(out, calledWord(v, string(word))+" = "+r.Names[word])
			}
			return strings.Join(out, "\n")
		},
		Set: func(r *registry.Recipe, text string) bool {
			next := map[person.Attr]string{}
			for _, line := range lines(text) {
				data, name, there := strings.Cut(line, "=")
				word := wordCalled(v, strings.TrimSpace(data))
				if _, twice := next[word]; !there || word == "" || twice {
					return false
				}
				next[word] = strings.TrimSpace(name)
			}
			if r.Names = next; len(next) == 0 {
				r.Names = nil
			}
			return true
		},
	}
}

// bytesField is a number; nothing stands for no limit.
func bytesField() recipeField {
	return recipeField{
		Name: "r-octets", At: "recipes.limit.bytes", Kind: "number",
		Get: func(r registry.Recipe) string {
			if r.Limit.Bytes == 0 {
				return ""
			}
			return strconv.Itoa(r.Limit.Bytes)
		},
		Set: func(r *registry.Recipe, text string) bool {
			n, err := strconv.Atoi(text)
			if text == "" {
				n, err = 0, nil
			}
			r.Limit.Bytes = n
			return err == nil
		},
	}
}

// notesField is one language of what is to be known, a line each; lines of both languages belong together by place.
func notesField(name, at string, of func(*registry.Text) *string) recipeField {
	whole := limitsField(name, at, of) // the same list of texts, at another place
	return recipeField{
		Name: name, At: "recipes." + at, Kind: whole.Kind,
		Get: func(r registry.Recipe) string { return whole.Get(registry.Model{Limits: r.Notes}) },
		Set: func(r *registry.Recipe, text string) bool {
			m := registry.Model{Limits: r.Notes}
			done := whole.Set(&m, text)
			r.Notes = m.Limits
			return done
		},
	}
}

// namedIn are the words to which a recipe gives names, in one order.
func namedIn(r registry.Recipe) []person.Attr { return slices.Sorted(maps.Keys(r.Names)) }

// calledWord is what people call a word; the word itself where it is no word, or where another is called the same.
func calledWord(v *frame.Visit, word string) string {
	text := v.Desk.Called(person.Attr(word), v.In())
	if wordCalled(v, text) != person.Attr(word) {
		return word
	}
	return text
}

// wordCalled is the one word that people call so, in either language; else what was typed, which is perhaps the word itself.
func wordCalled(v *frame.Visit, text string) person.Attr {
	found, n := person.Attr(text), 0
	if v.Desk.Words == nil {
		return found
	}
	if _, known := v.Desk.Words.Entry(found); known {
		return found
	}
	same := func(label string) bool { return strings.EqualFold(straight(label), straight(text)) }
	for _, e := range v.Desk.Words.Entries() {
		if same(e.Label.FR) || same(e.Label.EN) {
			found, n = e.Attr, n+1
		}
	}
	if n > 1 {
		return person.Attr(text)
	}
	return found
}

// straight is a text with the apostrophes and blanks of a keyboard.
func straight(text string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(text, "’", "'")), " ")
}
