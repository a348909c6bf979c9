package casserver_test

import (
	"context"
	"encoding/json"
	"testing"

	"ecluse/internal/idp"
	"ecluse/internal/registry"
)

func TestProbeTellsTheServicesAddressesAndAsksThem(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := registry.Binding{Protocol: "cas", Handle: "https://svc.example/app", Settings: json.RawMessage(`{"services":["https://other.example"]}`)}
	asked := make(chan string, 2)
	got, err := h.Protocol.Probe(t.Context(), b, func(_ context.Context, address string) (int, error) {
		asked <- address
		return 200, nil
	})
	if err != nil || len(got.Addresses) != 2 || len(asked) != 2 {
		t.Fatalf("%+v, %d asked, %v", got, len(asked), err)
	}
	if first := got.Addresses[0]; first.Kind != idp.ReturnAddress || !first.Default || got.Addresses[1].Default || first.Status != 200 {
		t.Errorf("%+v", got)
	}
	b.Settings = json.RawMessage(`[]`)
	if _, err := h.Protocol.Probe(t.Context(), b, nil); err == nil {
		t.Error("settings that cannot be read")
	}
}
