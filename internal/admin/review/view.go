package review

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ecluse/internal/admin/frame"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// light is one finding, as people read it.
type light struct {
	web.Badge
	Text, More, Mend, Law, Field, Comment string
}

// mostNotes is how many findings for information a page tells; the others are counted. What blocks or wants an answer is told
// whole.
const mostNotes = 20

// lights says findings in words, those that block first. An answered one is green.
func lights(v *frame.Visit, found []registry.Finding, answered func(registry.Finding) bool, comment string) []light {
	found = slices.Clone(found)
	slices.SortStableFunc(found, func(a, b registry.Finding) int { return int(a.Severity) - int(b.Severity) })
	if first := slices.IndexFunc(found, func(f registry.Finding) bool { return f.Severity == registry.Note }); first >= 0 {
		found = found[:min(len(found), first+mostNotes)]
	}
	var out []light
	for _, f := range found {
		l := light{Badge: web.Badge{Kind: "danger", Text: v.Say("light.blocking")}, Text: v.Days(f.What), Mend: v.Days(f.Mend), Law: v.Law(f.Law), Field: field(v, f.Where)}
		switch {
		case f.Severity == registry.Note:
			l.Badge = web.Badge{Kind: "info", Text: v.Say("light.note")}
		case f.Severity == registry.ToJustify && answered(f):
			l.Badge = web.Badge{Kind: "success", Text: v.Say("light.answered")}
		case f.Severity == registry.ToJustify:
			l.Badge = web.Badge{Kind: "warning", Text: v.Say("light.justify")}
		}
		if own := v.Rule(f); own != "" {
			l.Text, l.More, l.Mend = own, strings.TrimSuffix(f.What+" ("+f.Mend+")", " ()"), ""
		}
		if comment != "" {
			l.Comment = commentAt(comment, f.Where)
		}
		out = append(out, l)
	}
	return out
}

// perhaps is a text that may not be there.
func perhaps(v *frame.Visit, key string) string {
	if !strings.Contains(key, "/") {
		key = name + "/" + key
	}
	text, err := v.Kit.Say(v.R, web.Frame{}, key)
	if err != nil {
		return ""
	}
	return text
}

// field is a path of a declaration in words: its first part has a name, the rest stands as it is written.
func field(v *frame.Visit, where string) string {
	top := topOf(where)
	text := perhaps(v, "field."+top)
	if text == "" {
		return v.Say("field.declaration")
	}
	rest := strings.NewReplacer("[", " ", "]", "", ".", ", ").Replace(where[len(top):])
	if rest = strings.Trim(rest, " ,"); rest == "" {
		return text
	}
	return v.Named(text, languageOf(v, rest))
}

// languageOf names the language of a text that is written in two; everything else stays as it is.
func languageOf(v *frame.Visit, rest string) string {
	if rest == "fr" || rest == "en" {
		return v.Say("in." + rest)
	}
	return rest
}

// topOf is the first part of a path.
func topOf(where string) string {
	if i := strings.IndexAny(where, ".["); i >= 0 {
		return where[:i]
	}
	return where
}

// said is a value of a difference in words: a day as people write it, and an object field by field.
func said(v *frame.Visit, text string) string {
	if !strings.HasPrefix(text, "{") {
		return day(v, text)
	}
	var object any
	if json.Unmarshal([]byte(text), &object) != nil {
		return text
	}
	return told(v, object)
}

// day says a value that is a day in words. Every other value stays as somebody wrote it, with the days in it.
func day(v *frame.Visit, text string) string {
	if d, err := registry.ParseDate(text); err == nil {
		return v.Date(d)
	}
	return text
}

func told(v *frame.Visit, value any) string {
	switch value := value.(type) {
	case map[string]any:
		var out []string
		for _, key := range slices.Sorted(maps.Keys(value)) {
			if text := told(v, value[key]); text != "" {
				out = append(out, key+" : "+text)
			}
		}
		return strings.Join(out, " ; ")
	case []any:
		var out []string
		for _, one := range value {
			out = append(out, told(v, one))
		}
		return strings.Join(out, ", ")
	case nil:
		return ""
	case string:
		return day(v, value)
	default:
		return fmt.Sprint(value)
	}
}
