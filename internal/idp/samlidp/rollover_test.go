package samlidp_test

import (
	"testing"
	"time"

	crewjam "github.com/crewjam/saml"

	"ecluse/internal/idp/samlidp"
	"ecluse/internal/keys"
	"ecluse/internal/keys/keystest"
)

// TestAServiceTakesOurAnswersAtEachStepOfARollover plays services that read our metadata by its address at one step of the
// replacement of our key and keep that copy from then on. A copy of before the announcement is good until the new key is in
// use, one of the announcement or later is good at every step that follows.
func TestAServiceTakesOurAnswersAtEachStepOfARollover(t *testing.T) {
	t.Parallel()
	rows := new(keystest.Store)
	rows.Set(keystest.Rows(t))
	config := keys.Config{Store: rows, Master: keystest.Master(t), Host: "gateway.example.org", Now: time.Now, Rand: keystest.Random()}
	ring, err := keys.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	rotation, err := keys.Rotate(config, rows)
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, func(c *samlidp.Config) { c.Keys = ring })
	steps := []string{"before", "announced", "in use", "retired"}
	takes := [][]bool{{true}, {true, true}, {false, true, true}, {false, true, true, true}}
	asked := keys.Asked{By: "DSI", Reason: "yearly", Early: true}
	var parties []*party
	for step, name := range steps {
		switch step {
		case 1:
			_, err = rotation.Prepare(t.Context(), keys.UseSAML, asked)
		case 2:
			_, err = rotation.Activate(t.Context(), keys.UseSAML, asked)
		case 3:
			_, err = rotation.Retire(t.Context(), keys.UseSAML, keys.Previous, asked)
		}
		if err != nil {
			t.Fatal(err)
		}
		if changed, err := ring.Reload(t.Context()); err != nil || changed != (step > 0) {
			t.Fatalf("%s: the gateway does not take the step: %v", name, err)
		}
		parties = append(parties, newParty(t, h, "lire"))
		for i, p := range parties {
			r := p.request(t, crewjam.HTTPRedirectBinding)
			got := h.get(t, p.query(t, r, "relay"))
			_, err := p.ParseXMLResponse(got.response(t), []string{r.ID}, p.AcsURL)
			if taken := err == nil; taken != takes[step][i] {
				t.Errorf("%s: a service that keeps the copy of %q takes the answer: %t, %v", name, steps[i], taken, err)
			}
		}
	}
}
