package oidcop_test

import (
	"context"
	"encoding/json"
	"testing"

	"ecluse/internal/idp"
	"ecluse/internal/registry"
)

func TestProbeTellsTheRegisteredAddressesAndAsksThoseOfTheReturn(t *testing.T) {
	t.Parallel()
	p := production(t)
	b := registry.Binding{Protocol: "oidc", Handle: "rp", Settings: json.RawMessage(
		`{"redirect_uris":["https://rp.example/cb","app.example:/cb"],"type":"public","backchannel_logout_uri":"https://rp.example/out"}`)}
	asked := make(chan string, 2)
	got, err := p.Probe(t.Context(), b, func(_ context.Context, address string) (int, error) {
		asked <- address
		return 200, nil
	})
	if err != nil || len(got.Addresses) != 3 || len(asked) != 1 || <-asked != "https://rp.example/cb" {
		t.Fatalf("%+v, %v", got, err)
	}
	if last := got.Addresses[2]; last.Kind != idp.LogoutAddress || last.Way != "backchannel_logout_uri" || last.Asked {
		t.Errorf("%+v", last)
	}
	b.Settings = json.RawMessage(`[]`)
	if _, err := p.Probe(t.Context(), b, nil); err == nil {
		t.Error("settings that cannot be read")
	}
}
