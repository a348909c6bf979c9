package samlidp

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"ecluse/internal/registry"
	"ecluse/internal/saml"
)

// Entities are the metadata that others publish and that are kept for us, verified and fresh. What they give is as good as
// their signature: it says where answers go and under which keys, and what a service asks for. What leaves follows from the
// declaration alone, so that a change there never sends more. An implementation never fetches because it was asked.
type Entities interface {
	// Has tells whether there is a source of this name.
	Has(source string) bool
	// Entity gives the metadata of one entity of a source, and a word that changes with it. What is unknown, has ended or
	// was confirmed too long ago is an error, which says so.
	Entity(source, entityID string) (xml []byte, version string, err error)
	// At is Entity for what is at an address of its own.
	At(address, entityID string) (xml []byte, version string, err error)
}

var errNoEntities = errors.New("no metadata of others is kept here")

// elsewhere tells whether the service's metadata is kept for us, and not in its settings.
func (s Settings) elsewhere() bool { return s.MetadataFrom != "" || s.MetadataURL != "" }

// published gives the service's metadata as it stands now.
func (p *Provider) published(b registry.Binding, s Settings) (xml []byte, version string, err error) {
	switch {
	case !s.elsewhere():
		return []byte(s.Metadata), "", nil
	case p.cfg.Entities == nil:
		return nil, "", errNoEntities
	case s.MetadataFrom != "":
		return p.cfg.Entities.Entity(s.MetadataFrom, b.Handle)
	}
	return p.cfg.Entities.At(s.MetadataURL, b.Handle)
}

// read parses the service's metadata as it stands now.
func (p *Provider) read(b registry.Binding, s Settings) (md saml.SPMetadata, version string, err error) {
	xml, version, err := p.published(b, s)
	if err != nil {
		return md, "", err
	}
	md, err = saml.ParseSPMetadata(xml, p.cfg.Now(), p.options()...)
	return md, version, err
}

// current tells whether what was parsed is still what the service publishes.
func (p *Provider) current(b registry.Binding, one *party) (bool, error) {
	if !one.elsewhere() {
		return true, nil
	}
	_, version, err := p.published(b, one.Settings)
	if err != nil {
		return false, fmt.Errorf("service %s: %w", b.Handle, err)
	}
	return version == one.version, nil
}

// origin holds the settings to one origin of metadata. ok is false where there is nothing to read: what is kept elsewhere
// may not have been had yet, and nothing leaves until it is, so that this is for people to know and stops no registration.
func (p *Provider) origin(c *checker, b registry.Binding, s Settings) (ok bool) {
	said := 0
	for _, text := range []string{s.Metadata, s.MetadataFrom, s.MetadataURL} {
		if strings.TrimSpace(text) != "" {
			said++
		}
	}
	switch {
	case said == 0:
		c.say("settings.metadata", "it is missing", "the service's SAML metadata, in XML; or metadata_from, or metadata_url")
		return false
	case said > 1:
		c.say("settings.metadata", "the metadata is said more than once", "one of metadata, metadata_from and metadata_url")
		return false
	case s.MetadataURL != "" && !p.isAddress(s.MetadataURL):
		c.say("settings.metadata_url", "this is no address of a document", "https://…")
		return false
	case s.MetadataFrom != "" && p.cfg.Entities != nil && !p.cfg.Entities.Has(s.MetadataFrom):
		c.say("settings.metadata_from", fmt.Sprintf("no source of metadata is called %q", s.MetadataFrom), "a name in metadata of the configuration")
		return false
	case !s.elsewhere():
		return true
	}
	if _, _, err := p.published(b, s); err != nil {
		c.note("settings."+s.from(), "nobody can sign in to it now: "+err.Error(), "")
		return false
	}
	return true
}

// from is the setting that says where the metadata is.
func (s Settings) from() string {
	switch {
	case s.MetadataFrom != "":
		return "metadata_from"
	case s.MetadataURL != "":
		return "metadata_url"
	}
	return "metadata"
}

// isAddress tells whether a document may be asked for there.
func (p *Provider) isAddress(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	return u.Scheme == "https" || p.cfg.Development && u.Scheme == "http"
}

// Kept tells where a binding's metadata is kept: by which source, or of which address. Both are empty where it is in the
// binding itself, or where the binding is not ours.
func Kept(b registry.Binding) (source, address string) {
	if b.Protocol != Name || !bytes.Contains(b.Settings, []byte(`"metadata_`)) {
		return "", ""
	}
	s, _, err := parseSettings(b.Settings)
	if err != nil {
		return "", ""
	}
	return s.MetadataFrom, s.MetadataURL
}

// Recognised says in words what a service's metadata says it keeps to: entity categories, certifications. These are its
// own words. Nothing is decided by them. nil where there is no metadata to read.
func (p *Provider) Recognised(b registry.Binding) []string {
	s, _, err := parseSettings(b.Settings)
	if err != nil {
		return nil
	}
	xml, _, err := p.published(b, s)
	if err != nil {
		return nil
	}
	facts, err := saml.ReadEntityFacts(xml)
	if err != nil {
		return nil
	}
	return facts.Recognised()
}
