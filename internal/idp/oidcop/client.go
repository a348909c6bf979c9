package oidcop

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ory/fosite"

	"ecluse/internal/registry"
)

// errNoClient says that nothing usable is registered under a client_id.
var errNoClient = errors.New("no such client")

// client is a registered binding in the words of fosite. Secrets are no affair of fosite's: authenticate compares them.
type client struct {
	service  registry.Service
	binding  registry.Binding
	settings *Settings // what is kept of these very settings: nobody changes it
	scopes   fosite.Arguments
	grants   fosite.Arguments
}

var (
	_ fosite.Client             = (*client)(nil)
	_ fosite.ResponseModeClient = (*client)(nil)
)

func (c *client) GetID() string                      { return c.binding.Handle }
func (c *client) GetHashedSecret() []byte            { return nil }
func (c *client) GetRedirectURIs() []string          { return c.settings.RedirectURIs }
func (c *client) GetGrantTypes() fosite.Arguments    { return c.grants }
func (c *client) GetResponseTypes() fosite.Arguments { return fosite.Arguments{"code"} }
func (c *client) GetScopes() fosite.Arguments        { return c.scopes }
func (c *client) IsPublic() bool                     { return c.settings.Type != typeConfidential }
func (c *client) GetAudience() fosite.Arguments      { return nil }

func (c *client) GetResponseModes() []fosite.ResponseModeType {
	return []fosite.ResponseModeType{fosite.ResponseModeQuery, fosite.ResponseModeFragment, fosite.ResponseModeFormPost}
}

// newClient is the client of a binding whose settings are in order.
func (p *Provider) newClient(service registry.Service, binding registry.Binding) (*client, error) {
	read, err := p.settings(binding)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoClient, err)
	}
	if read.settings.awaits() {
		return nil, errNoClient
	}
	return &client{service: service, binding: binding, settings: &read.settings, scopes: read.scopes, grants: read.grants}, nil
}

// allowed gives the scopes and the grant types of a client with these settings.
func (p *Provider) allowed(s Settings) (scopes, grants fosite.Arguments) {
	scopes, grants = slices.Clone(p.scoped), fosite.Arguments{grantCode}
	if s.Refresh {
		scopes, grants = append(scopes, scopeOffline), append(grants, grantRefresh)
	}
	if s.Device != nil {
		grants = append(grants, grantDevice)
	}
	return slices.Clip(scopes), slices.Clip(grants)
}

// client finds a client in a snapshot.
func (p *Provider) client(snapshot *registry.Snapshot, id string) (*client, error) {
	service, binding, ok := snapshot.Binding(Name, id)
	if !ok {
		return nil, errNoClient
	}
	c, err := p.newClient(service, binding)
	if err == nil && c.settings.Registration == registrationMade && !reviewed(snapshot, service.ID) {
		return nil, errNoClient
	}
	return c, err
}

// clients is the part of fosite's storage that finds clients: at most the one that this request is about.
type clients struct{ only *client }

func (c clients) GetClient(_ context.Context, id string) (fosite.Client, error) {
	if c.only == nil || c.only.GetID() != id {
		return nil, fosite.ErrNotFound
	}
	return c.only, nil
}

// ClientAssertionJWTValid refuses every assertion: fosite is never shown one, see checkAssertion.
func (clients) ClientAssertionJWTValid(context.Context, string) error { return fosite.ErrJTIKnown }

// SetClientAssertionJWT refuses likewise.
func (clients) SetClientAssertionJWT(context.Context, string, time.Time) error {
	return fosite.ErrJTIKnown
}
