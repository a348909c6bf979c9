package samlidp

import (
	"crypto"
	"fmt"
	"strings"
	"sync"
	"time"

	"ecluse/internal/keys"
	"ecluse/internal/registry"
	"ecluse/internal/saml"
)

// Legacy lets one service be signed to with SHA-1, which nothing else here accepts or writes, until a day and for a reason
// that the register keeps.
type Legacy struct {
	Until  registry.Date `json:"until"` // the last day, in UTC
	Reason string        `json:"reason"`
}

const legacyDays = 400 // how far ahead an exception may be dated: a school year and the summer behind it

// ended tells whether the last day is over.
func (l *Legacy) ended(now time.Time) bool { return l != nil && !now.Before(l.Until.Ends(time.UTC)) }

func (c *checker) signing(s Settings, now time.Time) {
	if _, known := hashes()[s.Hash]; !known {
		c.say("settings.hash", fmt.Sprintf("%q is not known here", s.Hash), "sha256 or sha512")
	}
	if s.Key != "" && s.Key != "rsa" && s.Key != "ecdsa" {
		c.say("settings.key", fmt.Sprintf("%q is not known here", s.Key), "rsa or ecdsa")
	}
	l := s.SHA1
	if l == nil {
		return
	}
	if s.Hash != "" || s.Key == "ecdsa" {
		c.say("settings.signature_sha1", "another hash or an ECDSA key is chosen beside it", "leave hash and key out, or the exception")
	}
	if strings.TrimSpace(l.Reason) == "" {
		c.say("settings.signature_sha1.reason", "it is missing", "why this service cannot verify anything better")
	}
	switch {
	case l.Until.IsZero():
		c.say("settings.signature_sha1.until", "it is missing", "the last day of the exception, as 2027-07-07")
	case l.ended(now):
		c.say("settings.signature_sha1.until", "the exception has ended", "leave it out; the service verifies SHA-256, or waits")
	case l.Until.Starts(time.UTC).After(now.AddDate(0, 0, legacyDays)):
		c.say("settings.signature_sha1.until", fmt.Sprintf("it is more than %d days away", legacyDays), "a nearer day; it can be dated anew")
	default:
		c.note("settings.signature_sha1", "what this service receives is signed with SHA-1 until "+l.Until.String(), "ask the service to verify SHA-256")
	}
}

// hashes are the values of hash.
func hashes() map[string]crypto.Hash {
	return map[string]crypto.Hash{"": crypto.SHA256, "sha256": crypto.SHA256, "sha512": crypto.SHA512}
}

// kept holds signers that are ready, by key and hash.
type kept struct {
	mu    sync.Mutex
	ready map[keptKey]*saml.Signer
}

type keptKey struct {
	mark string
	hash crypto.Hash
}

const maxKept = 32

// signerFor is the signer of what a service receives with data in it: our active key, or the ECDSA key where the service
// wants that, with the hash that its settings say.
func (p *Provider) signerFor(sp *party) (*saml.Signer, error) {
	hash := hashes()[sp.Hash]
	if sp.SHA1 != nil {
		hash = crypto.SHA1
	}
	if hash == crypto.SHA256 && sp.Key != "ecdsa" {
		return p.signers.current()
	}
	use := keys.UseSAML
	if sp.Key == "ecdsa" {
		use = keys.UseSAMLECDSA
	}
	key := p.cfg.Keys.Signer(use)
	if key.Public() == nil {
		return nil, fmt.Errorf("there is no active %s key", use)
	}
	at := keptKey{key.Mark(), hash}
	p.kept.mu.Lock()
	defer p.kept.mu.Unlock()
	if ready := p.kept.ready[at]; ready != nil {
		return ready, nil
	}
	made, err := saml.NewHashSigner(key, key.Certificate(), hash)
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", key.KeyID(), err)
	}
	if p.kept.ready == nil || len(p.kept.ready) >= maxKept {
		p.kept.ready = map[keptKey]*saml.Signer{}
	}
	p.kept.ready[at] = made
	return made, nil
}
