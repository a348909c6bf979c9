package samlidp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"ecluse/internal/registry"
	"ecluse/internal/saml"
)

// Settings are what a binding to this protocol says beside its handle, which is the service's entityID.
type Settings struct {
	Metadata      string `json:"metadata"`                 // the service's metadata: one EntityDescriptor in XML
	MetadataFrom  string `json:"metadata_from,omitempty"`  // or the name of a source that the configuration lists
	MetadataURL   string `json:"metadata_url,omitempty"`   // or the address of the entity's own
	NameID        string `json:"name_id,omitempty"`        // persistent, transient, emailAddress, unspecified or X509SubjectName
	Sign          string `json:"sign,omitempty"`           // assertion (default), response or both
	RequireSigned bool   `json:"require_signed,omitempty"` // also when the metadata does not say AuthnRequestsSigned

	Encrypt string `json:"encrypt,omitempty"` // when_possible (default), required or never

	Hash string  `json:"hash,omitempty"`           // sha256 (default) or sha512
	Key  string  `json:"key,omitempty"`            // rsa (default) or ecdsa
	SHA1 *Legacy `json:"signature_sha1,omitempty"` // instead of hash, until a day

	ResponseBinding string `json:"response_binding,omitempty"` // post (default) or artifact, unless the request says which

	ECP string `json:"ecp,omitempty"` // the source that checks the passwords that programs send for this service; none may when empty

	Affiliation string `json:"affiliation,omitempty"` // the entityID of a group in whose name space the service may ask for its subject

	Unsolicited bool     `json:"unsolicited,omitempty"` // a sign-in may begin here (SAML Profiles 4.1.5)
	Targets     []string `json:"targets,omitempty"`     // the RelayStates that it may carry then, letter for letter
	Target      string   `json:"target,omitempty"`      // the one when none is named; none when empty
}

// formats are the values of name_id.
func formats() map[string]string {
	return map[string]string{
		"persistent": saml.NameIDPersistent, "transient": saml.NameIDTransient,
		"emailAddress": saml.NameIDEmail, "unspecified": saml.NameIDUnspecified, "X509SubjectName": saml.NameIDX509,
	}
}

// signings are the values of sign.
func signings() map[string]saml.Signing {
	return map[string]saml.Signing{
		"": saml.SignAssertion, "assertion": saml.SignAssertion, "response": saml.SignResponse, "both": saml.SignBoth,
	}
}

const allSettings = "metadata, metadata_from, metadata_url, name_id, sign, require_signed, encrypt, response_binding, hash, key, signature_sha1, ecp, affiliation, unsolicited, targets, target"

// unread is what is wrong with settings before anything is known of what they say.
type unread struct{ unknown, wrong []string }

// parseSettings reads settings strictly. Keys that are not known, and those of the wrong kind, come back beside them, all of
// them; any of the wrong kind is an error, too.
func parseSettings(raw json.RawMessage) (s Settings, bad unread, err error) {
	var fields map[string]json.RawMessage
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if err := decoder.Decode(&fields); err != nil {
		return s, bad, fmt.Errorf("settings: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return s, bad, errors.New("settings: something follows the object")
	}
	known := map[string]any{
		"metadata": &s.Metadata, "metadata_from": &s.MetadataFrom, "metadata_url": &s.MetadataURL, "name_id": &s.NameID, "sign": &s.Sign, "require_signed": &s.RequireSigned,
		"response_binding": &s.ResponseBinding, "encrypt": &s.Encrypt,
		"hash": &s.Hash, "key": &s.Key, "signature_sha1": &s.SHA1, "ecp": &s.ECP, "affiliation": &s.Affiliation,
		"unsolicited": &s.Unsolicited, "targets": &s.Targets, "target": &s.Target,
	}
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		into, ok := known[key]
		if !ok {
			bad.unknown = append(bad.unknown, key)
			continue
		}
		if json.Unmarshal(fields[key], into) != nil {
			bad.wrong = append(bad.wrong, key)
		}
	}
	if len(bad.wrong) > 0 {
		err = fmt.Errorf("settings: %s: of the wrong kind", strings.Join(bad.wrong, ", "))
	}
	return s, bad, err
}

// CheckSettings says everything that is wrong with a binding to this protocol.
func (p *Provider) CheckSettings(b registry.Binding) []registry.Finding {
	s, bad, err := parseSettings(b.Settings)
	c := &checker{}
	if err != nil && len(bad.wrong) == 0 {
		c.say("settings", "they cannot be read: "+err.Error(), "an object with "+allSettings)
	}
	for _, key := range bad.wrong {
		c.say("settings."+key, "it is of the wrong kind: a text where a list is wanted, or the like", "")
	}
	for _, key := range bad.unknown {
		c.say("settings."+key, "it is not known here", allSettings)
	}
	if err != nil {
		return c.found
	}
	c.words(b, s)
	c.signing(s, p.cfg.Now())
	c.unsolicited(s)
	if !p.origin(c, b, s) {
		return c.found
	}
	md, _, err := p.read(b, s)
	if err != nil {
		c.say("settings."+s.from(), err.Error(), "metadata of one service, with an https AssertionConsumerService by HTTP-POST")
		return c.found
	}
	c.metadata(b, s, md)
	c.encryption(s, md, p.cfg.Now())
	c.ecp(s, md, p.cfg.ECP)
	c.ending(md, p.cfg.Now())
	return c.found
}

func (p *Provider) options() []saml.MetadataOption {
	if p.cfg.Development {
		return []saml.MetadataOption{saml.AllowLocalHTTP()}
	}
	return nil
}

type checker struct{ found []registry.Finding }

// note says what is worth knowing and stops nothing.
func (c *checker) note(where, what, mend string) {
	c.found = append(c.found, registry.Finding{Where: where, What: what, Mend: mend, Severity: registry.Note})
}

func (c *checker) say(where, what, mend string) {
	c.found = append(c.found, registry.Finding{Where: where, What: what, Mend: mend})
}

func (c *checker) words(b registry.Binding, s Settings) {
	format, known := formats()[s.NameID]
	if s.NameID != "" && !known {
		c.say("settings.name_id", fmt.Sprintf("%q is not known here", s.NameID), "persistent, transient, emailAddress, unspecified or X509SubjectName")
	}
	if known && needsValue(format) && b.Subject == "" {
		c.say("settings.name_id", "no released attribute serves as subject", "name one in subject, or choose persistent or transient")
	}
	if _, known := signings()[s.Sign]; !known {
		c.say("settings.sign", fmt.Sprintf("%q is not known here", s.Sign), "assertion, response or both")
	}
	c.encryptWord(s)
}

func (c *checker) metadata(b registry.Binding, s Settings, md saml.SPMetadata) {
	if md.EntityID != b.Handle {
		c.say("handle", fmt.Sprintf("the metadata is that of %q", md.EntityID), "the handle is the entityID, letter for letter")
	}
	if s.RequireSigned && len(md.SigningKeys) == 0 {
		c.say("settings.require_signed", "the metadata has no key to verify a signature with", "metadata with a signing key")
	}
	if md.WantAssertionsSigned && signings()[s.Sign] == saml.SignResponse {
		c.say("settings.sign", "the metadata wants assertions signed", "assertion or both")
	}
	c.byArtifact(s, md)
	c.signOut(md)
	for _, acs := range md.ACS {
		if (acs.Usable() || acs.Binding == saml.BindingArtifact) && strings.ContainsFunc(acs.Location, unescaped) {
			c.say("settings.metadata", fmt.Sprintf("AssertionConsumerService %d has a character that must be escaped", acs.Index), "")
		}
	}
}

// unescaped are characters that have no place in the address of a form.
func unescaped(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune("\\\"'<>`", r) }
