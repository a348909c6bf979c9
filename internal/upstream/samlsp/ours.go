package samlsp

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"ecluse/internal/keys"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/saml"
	"ecluse/internal/web"
)

// ours is what this source knows us by.
type ours struct {
	keys          Keys
	now           func() time.Time
	entityID, acs string
	artifactACS   string
	byArtifact    bool // answers are asked for as artifacts
	logout        string
	discovery     string
	signed        bool
	encryption    bool          // a key to encrypt to is published
	cbcUntil      registry.Date // how long AES-CBC is read
	format        string        // of the NameID that is asked for
	attributes    []saml.RequestedAttribute
	about         saml.About

	signers  atomic.Pointer[keyedSigner]
	document atomic.Pointer[document]
}

type keyedSigner struct {
	mark string
	*saml.Signer
}

type document struct {
	made string // from which keys and until when
	web.Document
}

// metadataDays is for how many days our metadata is good. It is dated by the day, so that every replica writes the same
// bytes; a new day makes a new one long before the old one ends.
const metadataDays = 14

func (o *ours) set(k Keys, s *Settings, m person.Mapping, now func() time.Time) {
	o.keys, o.now, o.entityID, o.signed = k, now, s.EntityID, s.SignRequests
	o.encryption, o.cbcUntil = s.Encryption, s.CBCUntil
	o.format, o.attributes, o.byArtifact = formats()[s.NameID], requested(m), s.Answers == byArtifact
}

// at settles our addresses.
func (o *ours) at(base string) {
	o.acs, o.artifactACS, o.logout, o.discovery = base+answerPath, base+artifactPath, base+logoutPath, base+discoveryPath
	o.entityID = cmp.Or(o.entityID, base+metadataPath)
}

// signer is that of the active key; another key makes another one.
func (o *ours) signer() (*saml.Signer, error) {
	key := o.keys.Signer(keys.UseSAML)
	if key.Public() == nil {
		return nil, fmt.Errorf("there is no active %s key", keys.UseSAML)
	}
	if ready := o.signers.Load(); ready != nil && ready.mark == key.Mark() {
		return ready.Signer, nil
	}
	made, err := saml.NewSigner(key, key.Certificate())
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", key.KeyID(), err)
	}
	o.signers.Store(&keyedSigner{mark: key.Mark(), Signer: made})
	return made, nil
}

// serveMetadata sends our metadata for this source, or says that it has not changed.
func (c *Connector) serveMetadata(w http.ResponseWriter, r *http.Request) error {
	d, err := c.ours.metadata()
	if err != nil {
		return err
	}
	return d.Serve(w, r)
}

// metadata is our metadata as it stands today, with every key that is published: the active one first.
func (o *ours) metadata() (*document, error) {
	active := o.keys.Signer(keys.UseSAML)
	until := o.now().UTC().Truncate(24*time.Hour).AddDate(0, 0, metadataDays)
	made := until.Format(time.DateOnly) + " " + active.Mark()
	var certificates [][]byte
	if der := active.Certificate(); der != nil {
		certificates = append(certificates, der)
	}
	for _, key := range o.keys.All(keys.UseSAML) {
		if made += " " + key.Mark(); key.KeyID() != active.KeyID() {
			certificates = append(certificates, key.Certificate())
		}
	}
	encryption, mark := o.published()
	made += mark
	if ready := o.document.Load(); ready != nil && ready.made == made {
		return ready, nil
	}
	body, err := o.write(certificates, encryption, until)
	if err != nil {
		return nil, fmt.Errorf("our metadata: %w", err)
	}
	d := &document{made: made, Document: web.NewDocument("application/samlmetadata+xml", body)}
	o.document.Store(d)
	return d, nil
}

func (o *ours) write(certificates, encryption [][]byte, until time.Time) ([]byte, error) {
	signer, err := o.signer()
	if err != nil {
		return nil, err
	}
	m := &saml.SPDocument{
		EntityID: o.entityID, ValidUntil: until, Certificates: certificates, RequestsSigned: o.signed, ACS: []string{o.acs},
		ArtifactACS: o.artifactACS, ArtifactFirst: o.byArtifact,
		LogoutRedirect: o.logout, LogoutPost: o.logout, Discovery: o.discovery,
		Encryption: encryption, EncryptionCBC: o.cbc(),
		About: o.about, Attributes: o.attributes,
	}
	if len(m.About.DisplayNames) == 0 {
		m.About.DisplayNames = []saml.LocalName{{Lang: "fr", Text: "Écluse"}, {Lang: "en", Text: "Écluse"}}
	}
	if o.format != "" {
		m.NameIDFormats = []string{o.format}
	}
	return signer.AppendSPMetadata(nil, m)
}

// requested lists the attributes that the mapping reads, each once and sorted: all that the source need say. What a
// connector computes by itself for a directory is not asked of anybody.
func requested(m person.Mapping) []saml.RequestedAttribute {
	names := []string{m.ID, m.Structure, m.Profile, m.Functions, m.Born, m.Adult, m.Wards, m.Until, m.Levels, m.Vectors}
	names = slices.AppendSeq(names, maps.Values(m.Values))
	names = slices.AppendSeq(names, maps.Values(m.Local))
	names = slices.Concat(names, m.Classes, m.Groups, m.Taught, m.Mandates.Names())
	for _, further := range m.Also {
		names = append(names, further.Attribute)
	}
	slices.Sort(names)
	var out []saml.RequestedAttribute
	for _, name := range slices.Compact(names) {
		if name == "" || name == NameIDAttribute || strings.HasPrefix(name, "ecluse") {
			continue
		}
		a := saml.RequestedAttribute{Name: name, NameFormat: saml.AttrNameBasic, Required: name == m.ID}
		if strings.HasPrefix(name, "urn:") {
			a.NameFormat = saml.AttrNameURI
		}
		out = append(out, a)
	}
	return out
}
