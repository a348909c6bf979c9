package policy_test

import (
	"testing"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

func TestWhoeverIsRefusedReadsThatTheGatewayStoppedTheServiceItself(t *testing.T) {
	t.Parallel()
	for by, want := range map[string]registry.Text{registry.Canary: registry.StoppedText(), "somebody": {}} {
		w := newWorld(t)
		w.Services[0].Suspended = true
		w.Services[0].Decisions = []registry.Decision{{State: registry.Suspended, By: by}}
		g, err := w.gate(w.noon(), pupil(), as(ecole, person.Pupil), "lire")
		if refusal := refused(t, g, err, policy.ServiceSuspended); refusal.Message != want {
			t.Errorf("stopped by %s: %+v", by, refusal.Message)
		}
	}
	if text := registry.StoppedText(); text.FR == "" || text.EN == "" {
		t.Error("a language is missing")
	}
}
