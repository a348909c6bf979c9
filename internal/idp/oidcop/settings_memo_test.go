package oidcop_test

import (
	"fmt"
	"testing"

	"ecluse/internal/attrs"
	"ecluse/internal/registry"
)

// rebind changes the binding of a client in the register.
func (h *house) rebind(client string, how func(*registry.Binding)) {
	h.change(func(g *gateway) {
		for _, s := range g.contents.Services {
			for i := range s.Bindings {
				if s.Bindings[i].Handle == client {
					how(&s.Bindings[i])
				}
			}
		}
	})
}

func TestSettingsThatWereReadBeforeCountForTheSameBytesAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	with := func(key string) []byte { return []byte(fmt.Sprintf(keyClient, `"jwks":`+key)) }
	old, next := freshKey(t), freshKey(t)
	h.register(t, "signer", string(with(jwksOf(t, "k1", old))))
	ask := func() reply {
		return h.to(t, "/oidc/token", h.asserted("signer", h.code(t, "signer"), signedBy(t, "ES256", old, nil, h.assertion("signer"))))
	}
	for range 2 {
		if r := ask(); r.status != 200 {
			t.Fatalf("its key: %v", r.body)
		}
	}
	h.rebind("signer", func(b *registry.Binding) { b.Settings = with(jwksOf(t, "k1", next)) })
	refused(t, "a key that was taken away", ask(), 401, "invalid_client")
	h.rebind("signer", func(b *registry.Binding) { b.Settings = with(jwksOf(t, "k1", old)) })
	if r := ask(); r.status != 200 {
		t.Errorf("and given back: %v", r.body)
	}
	h.rebind("signer", func(b *registry.Binding) { b.Names = map[attrs.Name]string{"level": "sub"} })
	refused(t, "a name that means something else", h.to(t, "/oidc/token", params("client_id", "signer", "grant_type", "refresh_token")), 401, "invalid_client")
}
