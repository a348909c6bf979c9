package samlidp

import (
	"context"
	"fmt"
	"strings"

	"ecluse/internal/idp"
	"ecluse/internal/registry"
	"ecluse/internal/saml"
)

// Probe implements idp.Protocol: the endpoints and keys of the service's metadata as it stands now.
func (p *Provider) Probe(ctx context.Context, b registry.Binding, reach idp.Reach) (idp.Probed, error) {
	var out idp.Probed
	s, _, err := parseSettings(b.Settings)
	if err != nil {
		return out, err
	}
	md, _, err := p.read(b, s)
	if err != nil {
		return out, fmt.Errorf("service %s: %w", b.Handle, err)
	}
	out.Handle, out.ValidUntil = md.EntityID, md.ValidUntil
	add := func(kind idp.AddressKind, list []saml.Endpoint) {
		for _, e := range list {
			way := e.Binding[strings.LastIndexByte(e.Binding, ':')+1:]
			out.Addresses = append(out.Addresses, idp.Address{Kind: kind, Way: way, URL: e.Location, Default: e.IsDefault})
		}
	}
	add(idp.ReturnAddress, md.ACS)
	add(idp.LogoutAddress, md.SingleLogout)
	add(idp.OtherAddress, md.Artifacts)
	keys := func(use string, list []saml.Certificate) {
		for _, c := range list {
			out.Keys = append(out.Keys, idp.Key{Use: use, Fingerprint: c.Fingerprint, Until: c.NotAfter})
		}
	}
	keys("signing", md.SigningKeys)
	keys("encryption", md.EncryptionKeys)
	out.Ask(ctx, reach)
	return out, nil
}
