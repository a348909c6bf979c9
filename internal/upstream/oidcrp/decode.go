package oidcrp

import (
	"fmt"
	"maps"
	"slices"

	"ecluse/internal/upstream/settings"
)

// fill lays what is said over what a preset says, and that over the defaults; attributes one by one.
func (s *Settings) fill(d *settings.Reader) {
	name := d.Text("preset")
	if lay, known := presets()[name]; known {
		lay(s)
	} else if name != "" {
		d.Say("preset", "this preset is not known", fmt.Sprintf("one of %q", slices.Sorted(maps.Keys(presets()))))
	}
	under := s.Attributes
	s.Attributes = nil
	d.Fill(s, shape)
	over := s.Attributes
	s.Attributes = map[string]Pick{}
	maps.Copy(s.Attributes, under)
	maps.Copy(s.Attributes, over)
	maps.DeleteFunc(s.Attributes, func(_ string, p Pick) bool { return p.none })
}

// shape names what belongs in the fields that only this connector has.
func shape(field any) string {
	if _, ok := field.(map[string]Pick); ok {
		return "for each name a claim, a list of claims, or claim, each, join and words"
	}
	return "an object under id_token or userinfo"
}
