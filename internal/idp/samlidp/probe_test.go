package samlidp_test

import (
	"context"
	"strings"
	"testing"

	"ecluse/internal/idp"
	"ecluse/internal/idp/samlidp"
)

func TestProbeTellsEndpointsAndKeysAndAsksTheReturnAddresses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	asked := make(chan string, 8)
	reach := func(_ context.Context, address string) (int, error) {
		asked <- address
		return 405, nil
	}
	got, err := h.provider.Probe(t.Context(), bind(t, entity("cle"), samlidp.Settings{Metadata: metadata("cle", keyMD(t))}), reach)
	if err != nil || len(got.Addresses) == 0 || len(got.Keys) == 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	if got.Handle != entity("cle") {
		t.Errorf("it names itself %q", got.Handle)
	}
	first := got.Addresses[0]
	if first.Kind != idp.ReturnAddress || first.Way != "HTTP-POST" || !first.Asked || first.Status != 405 || len(asked) != 4 {
		t.Errorf("%+v, %d asked", first, len(asked))
	}
	if k := got.Keys[0]; k.Use != "signing" || k.Until.IsZero() || len(k.Fingerprint) != 64 {
		t.Errorf("%+v", k)
	}
	for name, text := range map[string]string{"no metadata": "<x/>", "metadata of nobody": ""} {
		if got, err := h.provider.Probe(t.Context(), bind(t, entity("cle"), samlidp.Settings{Metadata: text}), nil); err == nil || len(got.Addresses) > 0 || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
