package app_test

import (
	"fmt"
	"slices"

	"ecluse/internal/registry"
)

// signOutTellsOf wants the sign-out page to say of a site, once, what became of its session: whatever its protocol could do.
func (s *story) signOutTellsOf(args []string) error {
	i := slices.IndexFunc(s.w.contents().Services, func(r registry.Service) bool { return r.ID == args[0] })
	if i < 0 {
		return fmt.Errorf("no site %s", args[0])
	}
	name, times := s.w.contents().Services[i].Name.FR, 0
	for _, list := range s.b.tab.page.all(tag("ul")) {
		for _, said := range []string{
			"restent peut-être ouverts", "reste peut-être ouvert", "sont fermés", "est fermé", "ont été prévenus", "a été prévenu",
			"n'ont pas répondu", "n'a pas répondu",
		} {
			if !follows(list, said) {
				continue
			}
			for _, item := range below(list, tag("li")) {
				if words(item) == name {
					times++
				}
			}
		}
	}
	if times != 1 {
		return fmt.Errorf("%s is told of %d times: %s", name, times, s.b.tab.page.words())
	}
	return nil
}
