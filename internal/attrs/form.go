package attrs

import (
	"encoding/base64"
	"strings"
	"time"
	"unicode/utf8"

	"ecluse/internal/registry"
)

// write puts values into a form, except for joining. A value that has no such form is left out. The values given are never
// changed. over is the length of a value that is too long where the form wants it refused.
func write(f registry.Form, values []string, ascii bool) (out []string, over int) {
	if f.IsZero() && !ascii {
		return values, 0
	}
	if f.First && len(values) > 1 {
		values = values[:1]
	}
	out = make([]string, 0, len(values))
	for _, v := range values {
		v, ok := formed(f, v, ascii)
		if !ok {
			continue
		}
		if f.Most > 0 && len(v) > f.Most {
			switch f.Over {
			case "refuse":
				return nil, len(v)
			case "cut":
				v = cut(v, f.Most)
			default:
				continue
			}
		}
		if v != "" {
			out = append(out, v)
		}
	}
	return out, 0
}

// formed takes the steps of a form in their order.
func formed(f registry.Form, v string, ascii bool) (string, bool) {
	if len(f.Values) > 0 {
		to, listed := mapped(f.Values, v)
		if !listed && f.Others != "keep" {
			return "", false
		}
		v = to
	}
	if f.Date != "" {
		day, err := time.Parse(time.DateOnly, strings.TrimSpace(v))
		if err != nil {
			return "", false
		}
		v = day.Format(layout(f.Date))
	}
	if f.Labelled != "" {
		if registry.Separates(f.Labelled) && strings.Contains(v, f.Labelled) {
			return "", false
		}
		v += f.Labelled + v
	}
	if v == "" {
		return "", false
	}
	v = cased(f.Case, f.Before+v+f.After)
	if f.ASCII || ascii {
		v = plain(v)
	}
	if v != "" && f.Encode == "base64" {
		v = base64.StdEncoding.EncodeToString([]byte(v))
	}
	return v, true
}

// mapped looks a value up without case, and gives it back where it is not listed.
func mapped(values map[string]string, v string) (string, bool) {
	if to, ok := values[v]; ok {
		return to, true
	}
	for from, to := range values {
		if strings.EqualFold(from, v) {
			return to, true
		}
	}
	return v, false
}

// layout is the layout of a date as package time writes it; an unknown word gives the usual one.
func layout(date string) string {
	switch date {
	case "dd/mm/yyyy":
		return "02/01/2006"
	case "yyyymmdd":
		return "20060102"
	case "ddmmyyyy":
		return "02012006"
	default:
		return time.DateOnly
	}
}

func cased(word, v string) string {
	switch word {
	case "lower":
		return strings.ToLower(v)
	case "upper":
		return strings.ToUpper(v)
	default:
		return v
	}
}

// cut shortens to at most so many bytes, never within a character.
func cut(v string, most int) string {
	for most > 0 && !utf8.RuneStart(v[most]) {
		most--
	}
	return v[:most]
}

// longest is the length of the longest value in a form that knows no bound.
func longest(f registry.Form, values []string) int {
	f.Most = 0
	n := 0
	out, _ := write(f, values, false)
	for _, v := range out {
		n = max(n, len(v))
	}
	return n
}
