package oidcop

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"

	"ecluse/internal/fetch"
	"ecluse/internal/registry"
)

// Bounds of what is kept of a client's keys.
const (
	maxKeys    = 20
	minRSABits = 2048             // RFC 7518 3.3
	keysGood   = 24 * time.Hour   // a set that its address has not confirmed for that long is none
	keysPause  = time.Minute      // between two looks that a client causes
	keysWait   = 3 * time.Second  // for one look
	keysEvery  = 10 * time.Minute // between two looks of ours
)

// parseKeySet reads the signature keys of a set (RFC 7517 5). Strictly, for what is registered, everything in it must be
// such a key; otherwise what is not is left out, as the standard says.
func parseKeySet(raw []byte, strict bool) ([]jose.JSONWebKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if json.Unmarshal(raw, &set) != nil {
		return nil, errors.New("it is no key set")
	}
	if len(set.Keys) > maxKeys {
		return nil, fmt.Errorf("it has more than %d keys", maxKeys)
	}
	var out []jose.JSONWebKey
	for i, one := range set.Keys {
		var k jose.JSONWebKey
		switch err := json.Unmarshal(one, &k); {
		case err == nil && signs(k) && (k.Use == "" || k.Use == "sig"):
			out = append(out, k)
		case strict:
			return nil, fmt.Errorf("key %d is no public signature key that is taken here", i)
		}
	}
	if len(out) == 0 {
		return nil, errors.New("there is no key in it")
	}
	return out, nil
}

// signs tells public keys with which some signature that is taken here can be checked.
func signs(k jose.JSONWebKey) bool {
	return slices.ContainsFunc(proofAlgs(), func(alg string) bool { return fits(k.Key, alg) })
}

// fits tells whether an algorithm goes with a public key. The key decides, never the token.
func fits(key crypto.PublicKey, alg string) bool {
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		return alg == algES256 && k.Curve == elliptic.P256()
	case *rsa.PublicKey:
		return (alg == algPS256 || alg == algRS256) && k.N.BitLen() >= minRSABits
	case ed25519.PublicKey:
		return alg == algEdDSA && len(k) == ed25519.PublicKeySize
	}
	return false
}

// choose lists the keys of a set that may have made a signature: those of its kid, or all of its kind when it has none.
func choose(set []jose.JSONWebKey, kid, alg string) []jose.JSONWebKey {
	var out []jose.JSONWebKey
	for _, k := range set {
		if (kid == "" || k.KeyID == kid) && (k.Algorithm == "" || k.Algorithm == alg) && fits(k.Key, alg) {
			out = append(out, k)
		}
	}
	return out
}

// keysOf gives the keys of a client that may have made a signature. An unknown kid at a client whose keys stand at an
// address is a reason to look there again, but not for every message: a kid is anybody's to invent.
func (p *Provider) keysOf(ctx context.Context, c *client, kid, alg string) ([]jose.JSONWebKey, error) {
	if c.settings.JWKSURI == "" {
		return choose(p.read(c.binding).keys, kid, alg), nil
	}
	if p.remote == nil {
		return nil, errors.New("addresses of keys are not asked here")
	}
	remote := p.remote.of(c.settings.JWKSURI)
	if found := choose(remote.current(p.cfg.Now()), kid, alg); len(found) > 0 {
		return found, nil
	}
	err := remote.lookAgain(context.WithoutCancel(ctx), p.cfg.Now()) // others wait for it, too
	return choose(remote.current(p.cfg.Now()), kid, alg), err
}

// remoteKeys follows the key sets that clients have at addresses. Nothing is asked there while somebody waits, except on a
// kid that nobody knows.
type remoteKeys struct {
	client *fetch.Client
	now    func() time.Time

	mu   sync.Mutex
	sets map[string]*remoteSet
}

// remoteSet is one of them.
type remoteSet struct {
	source *fetch.Source
	good   atomic.Pointer[goodKeys]

	mu    sync.Mutex
	asked time.Time
	under chan struct{} // closed behind the look that is under way; nil when none is
}

type goodKeys struct {
	keys  []jose.JSONWebKey
	since time.Time
}

func newRemoteKeys(client *fetch.Client, now func() time.Time) *remoteKeys {
	return &remoteKeys{client: client, now: now, sets: map[string]*remoteSet{}}
}

func (r *remoteKeys) of(address string) *remoteSet {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, ok := r.sets[address]
	if !ok {
		s = &remoteSet{source: &fetch.Source{Client: r.client, URL: address, Now: r.now, Check: func(body []byte) error {
			_, err := parseKeySet(body, false)
			return err
		}}}
		r.sets[address] = s
	}
	return s
}

// keep forgets the addresses that are registered no longer.
func (r *remoteKeys) keep(addresses []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for address := range r.sets {
		if !slices.Contains(addresses, address) {
			delete(r.sets, address)
		}
	}
}

// current gives the keys as they were last good, and none when that is too long ago.
func (s *remoteSet) current(now time.Time) []jose.JSONWebKey {
	if g := s.good.Load(); g != nil && now.Sub(g.since) <= keysGood {
		return g.keys
	}
	return nil
}

// lookAgain asks the address, unless it was asked a moment ago. Whoever comes while it is being asked waits for that answer: it
// may bring their key, as it does to the first who come after a start or with a new key.
func (s *remoteSet) lookAgain(ctx context.Context, now time.Time) error {
	under, mine := s.begin(now)
	if !mine {
		if under != nil {
			<-under
		}
		return nil
	}
	defer s.end()
	ctx, cancel := context.WithTimeout(ctx, keysWait)
	defer cancel()
	last, err := s.source.Refresh(ctx)
	if len(last.Body) == 0 {
		return err
	}
	set, bad := parseKeySet(last.Body, false)
	if bad == nil {
		s.good.Store(&goodKeys{keys: set, since: last.Fetched})
	}
	return errors.Join(err, bad)
}

// begin gives the look that is under way, which ends within keysWait. It is the caller's to do and to end, or another's; nil
// means that the last one was a moment ago.
func (s *remoteSet) begin(now time.Time) (under chan struct{}, mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.under != nil {
		return s.under, false
	}
	if !s.asked.IsZero() && now.Sub(s.asked) < keysPause {
		return nil, false
	}
	s.asked, s.under = now, make(chan struct{})
	return s.under, true
}

func (s *remoteSet) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.under)
	s.under = nil
}

// FollowKeys asks the addresses of clients' key sets, now and then until the context ends. Failures are told to
// Config.Failed; what was last good is used for a day.
func (p *Provider) FollowKeys(ctx context.Context, current func() (*registry.Snapshot, error)) {
	tick := time.NewTicker(keysEvery)
	defer tick.Stop()
	for {
		if snapshot, err := current(); err == nil {
			p.refreshKeys(ctx, snapshot)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (p *Provider) refreshKeys(ctx context.Context, snapshot *registry.Snapshot) {
	if p.remote == nil {
		return
	}
	var addresses []string
	for _, service := range snapshot.Services() {
		for _, b := range service.Bindings {
			if b.Protocol != Name {
				continue
			}
			if c, err := p.client(snapshot, b.Handle); err == nil && c.settings.JWKSURI != "" {
				addresses = append(addresses, c.settings.JWKSURI)
			}
		}
	}
	p.remote.keep(addresses)
	for _, address := range addresses {
		if err := p.remote.of(address).lookAgain(ctx, p.cfg.Now()); err != nil && ctx.Err() == nil {
			p.cfg.Failed(ctx, fmt.Errorf("oidc key set: %w", err))
		}
	}
}
