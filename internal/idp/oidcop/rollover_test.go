package oidcop_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"ecluse/internal/idp/oidcop"
	"ecluse/internal/keys"
	"ecluse/internal/keys/keystest"
)

// published is the key set as the gateway serves it now.
func (h *house) published() (set jose.JSONWebKeySet, err error) {
	answer, err := http.Get(h.issuer + "/oidc/jwks")
	if err != nil {
		return set, err
	}
	err = json.NewDecoder(answer.Body).Decode(&set)
	return set, errors.Join(err, answer.Body.Close())
}

// verifies tells whether one key of the set, the one that the token names, made its signature.
func verifies(set jose.JSONWebKeySet, token string) (kid string, err error) {
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.ES256, jose.RS256, jose.PS256, jose.EdDSA})
	if err != nil {
		return "", err
	}
	kid = signed.Signatures[0].Header.KeyID
	found := set.Key(kid)
	if len(found) != 1 {
		return kid, errors.New("its key is not published")
	}
	_, err = signed.Verify(found[0])
	return kid, err
}

// TestEverySignInDuringARolloverVerifiesByWhatIsPublished has services sign people in without a pause while their key is
// replaced, step by step. None is lost; each ID token verifies by the keys as they were read before it was asked for, and by
// those that are read once it has come.
func TestEverySignInDuringARolloverVerifiesByWhatIsPublished(t *testing.T) {
	t.Parallel()
	const services, each = 4, 12 // of each service between two steps
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
	h := newHouseWith(t, nil, func(c *oidcop.Config) { c.Keys = ring })
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	defer func() { stop(); all.Wait() }()
	var done [services]atomic.Int64
	var kids sync.Map
	for i := range services {
		all.Go(func() {
			defer stop() // where one gives up, nobody waits for it
			for ctx.Err() == nil {
				before, err := h.published()
				token := h.exchange(t, "calcul", h.code(t, "calcul")).text("id_token")
				after, failed := h.published()
				if err := errors.Join(err, failed); err != nil {
					t.Error(err)
					return
				}
				kid, one := verifies(before, token)
				_, other := verifies(after, token)
				if one != nil || other != nil {
					t.Errorf("by the keys of before: %v; by those of now: %v", one, other)
					return
				}
				kids.Store(kid, true)
				done[i].Add(1)
			}
		})
	}
	goOn := func() {
		for i := range services {
			for want := done[i].Load() + each; done[i].Load() < want && ctx.Err() == nil; {
				time.Sleep(time.Millisecond)
			}
		}
	}
	asked := keys.Asked{By: "DSI", Reason: "yearly", Early: true}
	const use = keys.UseOIDCES256
	goOn()
	for _, step := range []func() (keys.Key, error){
		func() (keys.Key, error) { return rotation.Prepare(t.Context(), use, asked) },
		func() (keys.Key, error) { return rotation.Activate(t.Context(), use, asked) },
		func() (keys.Key, error) { return rotation.Retire(t.Context(), use, keys.Previous, asked) },
	} {
		if _, err := step(); err != nil {
			t.Fatal(err)
		}
		if changed, err := ring.Reload(t.Context()); err != nil || !changed {
			t.Fatalf("the gateway does not take the step: %v", err)
		}
		goOn()
	}
	stop()
	all.Wait()
	n := 0
	kids.Range(func(any, any) bool { n++; return true })
	if n != 2 {
		t.Errorf("signed with %d keys, want the former and the new one", n)
	}
}
