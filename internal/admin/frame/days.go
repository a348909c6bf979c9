package frame

import (
	"regexp"

	"ecluse/internal/registry"
)

// word and isoDay find a day as the register writes it, where it stands as a word of its own: not in an address, in the name
// of a file or in a moment.
var (
	word   = regexp.MustCompile(`\S+`)
	isoDay = regexp.MustCompile(`^([(«“]*)(\d{4}-\d{2}-\d{2})([),;:.»”]*)$`)
)

// Days says the days in a text of the register in words. What only looks like a day stays as it is.
func (v *Visit) Days(text string) string {
	return word.ReplaceAllStringFunc(text, func(found string) string {
		parts := isoDay.FindStringSubmatch(found)
		if parts == nil {
			return found
		}
		day, err := registry.ParseDate(parts[2])
		if err != nil {
			return found
		}
		return parts[1] + v.Date(day) + parts[3]
	})
}
