package samlidp

import (
	"crypto"
	"crypto/sha256"
	"fmt"
	"slices"
	"sync"
	"time"

	"ecluse/internal/idp"
	"ecluse/internal/registry"
	"ecluse/internal/saml"
)

// party is a service as its binding's settings describe it. It is immutable.
type party struct {
	Settings
	saml.SPMetadata
	keys    []crypto.PublicKey
	to      *saml.Recipient // nil: it reads in clear
	version string          // of metadata that is kept elsewhere
}

// parties keeps what was parsed. It is bounded: when it is full everything goes, which costs a parse each.
type parties struct {
	mu     sync.Mutex
	parsed map[partyKey]*party
}

type partyKey struct {
	handle   string
	subject  string
	settings [sha256.Size]byte
}

const maxParties = 2000

// party gives the service behind a binding, or an error when anything in its settings blocks. What was parsed once is
// not parsed again, but its end is looked at each time.
func (p *Provider) party(b registry.Binding) (*party, error) {
	key := partyKey{b.Handle, string(b.Subject), sha256.Sum256(b.Settings)}
	p.parties.mu.Lock()
	found := p.parties.parsed[key]
	p.parties.mu.Unlock()
	if found != nil {
		if same, err := p.current(b, found); err != nil {
			return nil, err
		} else if !same {
			found = nil
		}
	}
	if found == nil {
		var err error
		if found, err = p.parseParty(b); err != nil {
			return nil, err
		}
		p.parties.keep(key, found)
	}
	if found.SHA1.ended(p.cfg.Now()) {
		return nil, fmt.Errorf("service %s: its exception for SHA-1 has ended on %s", b.Handle, found.SHA1.Until)
	}
	if end := found.ValidUntil; !end.IsZero() && !p.cfg.Now().Before(end) {
		return nil, fmt.Errorf("service %s: its metadata has expired on %s", b.Handle, end.Format(time.DateOnly))
	}
	return found, nil
}

func (p *Provider) parseParty(b registry.Binding) (*party, error) {
	for _, f := range p.CheckSettings(b) {
		if f.Severity == registry.Blocking {
			return nil, fmt.Errorf("service %s: %s: %s", b.Handle, f.Where, f.What)
		}
	}
	s, _, err := parseSettings(b.Settings)
	if err != nil {
		return nil, fmt.Errorf("service %s: %w", b.Handle, err)
	}
	md, version, err := p.read(b, s)
	if err != nil {
		return nil, fmt.Errorf("service %s: %w", b.Handle, err)
	}
	return &party{Settings: s, SPMetadata: md, keys: saml.Keys(md.SigningKeys), to: recipient(s, md, p.cfg.Now()), version: version}, nil
}

func (ps *parties) keep(key partyKey, one *party) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if ps.parsed == nil || len(ps.parsed) >= maxParties {
		ps.parsed = map[partyKey]*party{}
	}
	ps.parsed[key] = one
}

// mustSign tells whether requests of the service are worth nothing without a signature.
func (s *party) mustSign() bool { return s.RequireSigned || s.AuthnRequestsSigned }

// errNoAddress is a return address that nobody registered.
const errNoAddress = idp.Told("AssertionConsumerServiceURL, AssertionConsumerServiceIndex, ProtocolBinding: the registered metadata has no such address with this binding")

// returnAddress finds where the answer goes: exactly the address or index of the request, or the default, among the
// registered endpoints of the binding that the request names, else of the service's own, else of any (SAML Core 3.4.1, SAML
// Metadata 2.2.3). An index names a binding, too.
func (s *party) returnAddress(req saml.AuthnRequest) (saml.Endpoint, error) {
	if req.ProtocolBinding == "" && req.ACSIndex < 0 {
		if e, err := s.returnBy(answerBindings()[s.ResponseBinding], req); err == nil {
			return e, nil
		}
	}
	return s.returnBy(req.ProtocolBinding, req)
}

// returnBy finds it among those of a binding, of every one when that is empty.
func (s *party) returnBy(binding string, req saml.AuthnRequest) (saml.Endpoint, error) {
	return s.choose(req, func(e saml.Endpoint) bool { return s.takes(e, binding) })
}

// choose finds it among those that are good for the answer.
func (s *party) choose(req saml.AuthnRequest, good func(saml.Endpoint) bool) (saml.Endpoint, error) {
	find := func(fits func(saml.Endpoint) bool) int {
		return slices.IndexFunc(s.ACS, func(e saml.Endpoint) bool { return good(e) && fits(e) })
	}
	i := -1
	switch {
	case req.ACSURL != "":
		i = find(func(e saml.Endpoint) bool { return e.Location == req.ACSURL })
	case req.ACSIndex >= 0:
		i = find(func(e saml.Endpoint) bool { return e.Index == req.ACSIndex })
	default:
		if i = find(func(e saml.Endpoint) bool { return e.IsDefault }); i < 0 {
			i = find(func(saml.Endpoint) bool { return true })
		}
	}
	if i < 0 {
		return saml.Endpoint{}, errNoAddress
	}
	return s.ACS[i], nil
}

// knows tells whether the answer would go to one of the registered endpoints, as it would go there.
func (s *party) knows(a asked) bool {
	return slices.ContainsFunc(s.ACS, func(e saml.Endpoint) bool {
		if a.ECP {
			return e.Location == a.ACS && s.takesPAOS(e)
		}
		return e.Location == a.ACS && s.takes(e, "") && s.artifactFor(e) == a.Artifact
	})
}
