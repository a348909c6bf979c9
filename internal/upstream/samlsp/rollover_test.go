package samlsp_test

import (
	"crypto"
	"encoding/xml"
	"slices"
	"testing"
	"time"

	crewjam "github.com/crewjam/saml"

	"ecluse/internal/keys"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/saml"
	"ecluse/internal/upstream"
)

// TestASourceSignsPeopleInAtEachStepOfARollover plays a source that follows our metadata, and one that goes on by a copy of
// any step before, while the keys are replaced that it encrypts to and knows our requests by. A copy is good until the key that
// it names to encrypt to is retired, and for our requests from the step on at which the new key was announced.
func TestASourceSignsPeopleInAtEachStepOfARollover(t *testing.T) {
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
	e := newENT(t)
	theirs, err := xml.Marshal(e.Metadata())
	if err != nil {
		t.Fatal(err)
	}
	settings := until(time.Now().AddDate(0, 0, 1)) // it encrypts with AES-128-CBC, whatever our metadata lists
	settings["metadata"] = string(theirs)
	g := newGate(t, setup{now: time.Now, keys: ring, settings: settings})

	steps := []string{"before", "announced", "in use", "retired"}
	encrypts := [][]bool{{true}, {true, true}, {true, true, true}, {false, false, true, true}}
	knows := [][]bool{{true}, {true, true}, {false, true, true}, {false, true, true, true}}
	asked, uses := keys.Asked{By: "DSI", Reason: "yearly", Early: true}, []keys.Use{keys.UseSAML, keys.UseSAMLEncryption}
	var copies [][]byte
	for step, name := range steps {
		for _, use := range uses {
			switch step {
			case 1:
				_, err = rotation.Prepare(t.Context(), use, asked)
			case 2:
				_, err = rotation.Activate(t.Context(), use, asked)
			case 3:
				_, err = rotation.Retire(t.Context(), use, keys.Previous, asked)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if changed, err := ring.Reload(t.Context()); err != nil || changed != (step > 0) {
			t.Fatalf("%s: the gateway does not take the step: %v", name, err)
		}
		copies = append(copies, ourMetadata(t, g))
		for i, copied := range copies {
			in, known := g.byCopy(t, e, copied)
			if in != encrypts[step][i] {
				t.Errorf("%s: a source that encrypts by the copy of %q: signed in %t, %v", name, steps[i], in, g.host.Failures())
			}
			if known != knows[step][i] {
				t.Errorf("%s: a source that has the copy of %q: knows our request %t", name, steps[i], known)
			}
		}
	}
}

// byCopy has the source answer by a copy of our metadata, and tells whether that signed somebody in, and whether the request
// was signed with a key that the copy has.
func (g *gate) byCopy(t *testing.T, e *ent, copied []byte) (in, known bool) {
	t.Helper()
	var ours crewjam.EntityDescriptor
	if err := xml.Unmarshal(copied, &ours); err != nil {
		t.Fatal(err)
	}
	e.services[ours.EntityID] = &ours
	md, err := saml.ParseSPMetadata(copied, g.now())
	if err != nil {
		t.Fatal(err)
	}
	q := g.ask(t, upstream.Challenge{})
	known = slices.ContainsFunc(md.SigningKeys, func(c saml.Certificate) bool { return q.VerifyDetached([]crypto.PublicKey{c.Key}) == nil })
	answer, _, err := inForm(e.carry(q).Body.String())
	if err != nil {
		t.Fatal(err)
	}
	before := len(g.host.Signed())
	g.answer(string(answer.XML), answer.RelayState)
	return len(g.host.Signed()) == before+1, known
}
