package oidcop

import (
	"encoding/json"
	"errors"
	"fmt"

	"ecluse/internal/attrs"
	"ecluse/internal/registry"
)

// Preview prints what the service would receive if it asked for everything declared: the content of the id token and the
// answer of userinfo, in JSON. A nonce and a token's hash belong to a real exchange and are not in it.
func (p *Provider) Preview(release attrs.Release, binding registry.Binding) ([]byte, error) {
	if release.Empty() {
		return nil, errors.New("preview: nothing would be released")
	}
	c, err := p.newClient(release.Service(), binding)
	if err != nil {
		return nil, fmt.Errorf("preview: %w", err)
	}
	out, w, all := release.As(attrs.ForOIDC, binding), p.wording(binding), p.cfg.Dictionary.Words()
	userinfo := w.pick(out, all)
	userinfo["sub"] = out.Subject
	idToken := w.pick(out, inIDToken(c.settings, nil, all))
	whole, err := p.idTokenBase(c, release, out.Subject, p.cfg.Now()).beside(idToken)
	if err == nil {
		clear(idToken)
		err = json.Unmarshal(whole, &idToken) // in the order of names
	}
	if err != nil {
		return nil, fmt.Errorf("preview: %w", err)
	}
	return json.MarshalIndent(map[string]any{"id_token": idToken, "userinfo": userinfo}, "", "  ")
}
