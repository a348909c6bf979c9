package casserver

import (
	"context"
	"fmt"

	"ecluse/internal/idp"
	"ecluse/internal/registry"
)

// Probe implements idp.Protocol: the addresses under which the service asks for people. Tickets go there, and so do
// logout requests.
func (s *Server) Probe(ctx context.Context, b registry.Binding, reach idp.Reach) (idp.Probed, error) {
	var out idp.Probed
	settings, err := parseSettings(b.Settings)
	if err != nil {
		return out, fmt.Errorf("service %s: %w", b.Handle, err)
	}
	for _, address := range append([]string{b.Handle}, settings.Services...) {
		out.Addresses = append(out.Addresses, idp.Address{Kind: idp.ReturnAddress, Way: "service", URL: address, Default: address == b.Handle})
	}
	out.Ask(ctx, reach)
	return out, nil
}
