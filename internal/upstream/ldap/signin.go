package ldap

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/upstream"
)

const breakerPause = 10 * time.Second

// errWrong says that login and password do not belong together, or that nobody has the login.
var errWrong = errors.New("login or password is wrong")

func (c *Connector) signIn(context.Context, netip.Addr, string, string) (person.Raw, error) {
	return person.Raw{}, upstream.ErrUnavailable
}

// Probe implements upstream.Connector.
func (c *Connector) Probe(context.Context) []registry.Finding {
	return []registry.Finding{{Where: "settings.url", What: upstream.ErrUnavailable.Error()}}
}

// Close implements upstream.Connector.
func (c *Connector) Close() error { return nil }
