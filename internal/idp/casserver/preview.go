package casserver

import (
	"errors"
	"fmt"

	"ecluse/internal/attrs"
	"ecluse/internal/registry"
)

// Preview prints the answer that the service would receive to a ticket. It belongs to no ticket and says that it is a
// preview.
func (s *Server) Preview(release attrs.Release, binding registry.Binding) ([]byte, error) {
	if release.Empty() {
		return nil, errors.New("preview: nothing would be released")
	}
	p, err := s.party(release.Service(), binding)
	if err != nil {
		return nil, fmt.Errorf("preview: %w", err)
	}
	answer, err := s.say(release, p, issued{New: true}, cas3)
	if err != nil {
		return nil, fmt.Errorf("preview: %w", err)
	}
	if p.settings.User == userTransient {
		answer.user = "preview-another-one-each-time"
	}
	body, err := writing{version: cas3}.success(answer)
	if err != nil {
		return nil, fmt.Errorf("preview: %w", err)
	}
	return append([]byte("<!-- Preview: no ticket, good for nothing. -->\n"), body...), nil
}
