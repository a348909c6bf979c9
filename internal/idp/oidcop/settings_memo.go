package oidcop

import (
	"bytes"
	"sync"

	"github.com/go-jose/go-jose/v4"
	"github.com/ory/fosite"

	"ecluse/internal/registry"
)

// Every request reads the settings of its client, which change a few times a year. What was read of one binding is kept with
// the bytes that it was read from, and counts for the same bytes alone: whatever the register says now is what holds.

// maxRead bounds how many are kept; beyond, all are read anew.
const maxRead = 10_000

// readSettings keeps what was read.
type readSettings struct {
	mu       sync.RWMutex
	byHandle map[string]*readBinding
}

// readBinding is what the settings of one binding say, and what is wrong with them. Nobody changes it.
type readBinding struct {
	raw      []byte
	settings Settings
	scopes   fosite.Arguments
	grants   fosite.Arguments
	found    []registry.Finding
	keys     []jose.JSONWebKey // of settings.JWKS
}

// of gives what was read of these very settings before.
func (r *readSettings) of(b registry.Binding) *readBinding {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if read := r.byHandle[b.Handle]; read != nil && bytes.Equal(read.raw, b.Settings) {
		return read
	}
	return nil
}

func (r *readSettings) keep(b registry.Binding, read *readBinding) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.byHandle == nil || len(r.byHandle) >= maxRead {
		r.byHandle = map[string]*readBinding{}
	}
	r.byHandle[b.Handle] = read
}

// read gives what a binding's settings say.
func (p *Provider) read(b registry.Binding) *readBinding {
	if read := p.known.of(b); read != nil {
		return read
	}
	read := &readBinding{raw: bytes.Clone(b.Settings)}
	read.settings, read.found = p.check(b)
	read.scopes, read.grants = p.allowed(read.settings)
	if len(read.settings.JWKS) > 0 {
		read.keys, _ = parseKeySet(read.settings.JWKS, true) // what is wrong with it is a finding
	}
	p.known.keep(b, read)
	return read
}
