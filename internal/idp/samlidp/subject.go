package samlidp

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"fmt"

	"ecluse/internal/attrs"
	"ecluse/internal/saml"
)

// wishes are what a request leaves to be met by whoever signs in.
type wishes struct {
	sources []string
	subject *named
	asked   []attrs.Name
}

// named is the person whom a request is about (SAML Core 3.4.1), as far as it takes to know them again when they have signed
// in. Nobody is looked for by it: it says nothing of who exists, and nobody is greeted by it.
type named struct {
	Format string `json:"format"`
	Digest []byte `json:"digest"` // of the value
}

// about reads whom a request is about. Only a name that we could have given that service can be answered: in a format in
// which its binding's subject is said, and with qualifiers that are ours and its own (SAML Core 3.3.4 and 8.3.7). A
// transient name means nobody any more.
func (p *Provider) about(m *message) (*named, *status) {
	id := m.request.Subject
	unknown := requester(saml.StatusUnknownPrincipal, "Subject NameID: its Format or a qualifier is none that this service is given")
	format := m.party.format(id.Format, m.binding)
	switch {
	case id.NameQualifier != "" && id.NameQualifier != p.entityID,
		!m.party.speaksFor(id.SPNameQualifier), format == "", format == saml.NameIDTransient:
		return nil, unknown
	}
	sum := sha256.Sum256([]byte(id.Value))
	return &named{Format: format, Digest: sum[:]}, nil
}

// is tells whether a release is of the person a request is about: its subject, said in the format of the request, is the
// name that came. No request means anybody.
func (n *named) is(p *Provider, out attrs.Output, sp *party) bool {
	if n == nil {
		return true
	}
	id, ok := p.nameID(n.Format, out, sp, "")
	sum := sha256.Sum256([]byte(id.Value))
	return ok && subtle.ConstantTimeCompare(sum[:], n.Digest) == 1
}

// narrowed lists the words of the AttributeConsumingService that a request names by its index (SAML Core 3.4.1, SAML
// Metadata 2.4.4.1); nil: all that is declared. It only ever narrows. An index that the metadata does not have asks for
// nothing that anybody knows.
func (p *Provider) narrowed(m *message) ([]attrs.Name, *status) {
	index := m.request.AttributesIndex
	if index < 0 {
		return nil, nil
	}
	for _, set := range m.party.AttributeRequest {
		if set.Index == index && p.cfg.Dictionary != nil {
			return wordsOf(set, m.binding, p.cfg.Dictionary), nil
		}
	}
	return nil, requester(saml.StatusRequestUnsupported, "AttributeConsumingServiceIndex: the registered metadata has no such index")
}

// state is what travels as idp.Request.State.
func (a asked) state(handle string) (json.RawMessage, error) {
	out, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("request of %s: %w", handle, err)
	}
	return out, nil
}

// speaksFor tells whether a service may ask for names in a name space: its own, or that of the affiliation that its
// settings declare (SAML Core 3.4.1.1).
func (s *party) speaksFor(qualifier string) bool {
	return qualifier == "" || qualifier == s.EntityID || (s.Affiliation != "" && qualifier == s.Affiliation)
}
