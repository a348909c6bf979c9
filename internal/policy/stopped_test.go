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

func TestWhatIsStoppedForAnIncidentSaysItsWordsToThoseWhomItIsAbout(t *testing.T) {
	t.Parallel()
	words := registry.Wording{Adulte: registry.Text{FR: "Nous vérifions.", EN: "We check."}, Enfant: registry.Text{FR: "On vérifie."}}
	for name, c := range map[string]struct {
		stop  func(*world)
		about registry.Incident
		why   policy.Reason
		told  bool
	}{
		"a service": {func(w *world) { w.Services[0].Suspended = true }, registry.Incident{Services: []string{"lire"}}, policy.ServiceSuspended, true},
		"a source":  {func(w *world) { w.Sources[0].Suspended = true }, registry.Incident{Sources: []string{"ent"}}, policy.SourceSuspended, true},
		"a school": {func(w *world) {
			w.Stops = []registry.Stop{{Kind: registry.StopEstablishment, ID: string(ecole), Suspended: true}}
		}, registry.Incident{UAIs: []person.UAI{ecole}}, policy.PlaceSuspended, true},
		"another service":          {func(w *world) { w.Services[0].Suspended = true }, registry.Incident{Services: []string{"calcul"}}, policy.ServiceSuspended, false},
		"a service, elsewhere":     {func(w *world) { w.Services[0].Suspended = true }, registry.Incident{Services: []string{"lire"}, UAIs: []person.UAI{college}}, policy.ServiceSuspended, false},
		"an incident that is over": {func(w *world) { w.Services[0].Suspended = true }, registry.Incident{Services: []string{"lire"}, State: registry.IncidentClosed}, policy.ServiceSuspended, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c.stop(w)
			c.about.ID, c.about.Message = "i1", words
			if c.about.State == "" {
				c.about.State = registry.IncidentOpen
			}
			w.Incidents = []registry.Incident{c.about}
			g, err := w.gate(w.noon(), pupil(), as(ecole, person.Pupil), "lire")
			refusal := refused(t, g, err, c.why)
			if (refusal.Words == words) != c.told {
				t.Errorf("told %+v", refusal.Words)
			}
		})
	}
	for _, c := range [][3]string{{"enfant", "fr", "On vérifie."}, {"enfant", "en", "On vérifie."}, {"ado", "fr", "Nous vérifions."}, {"adulte", "en", "We check."}} {
		if got := words.For(c[0], c[1]); got != c[2] {
			t.Errorf("%s, %s: %q", c[0], c[1], got)
		}
	}
}
