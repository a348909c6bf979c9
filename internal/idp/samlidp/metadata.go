package samlidp

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"ecluse/internal/keys"
	"ecluse/internal/saml"
	"ecluse/internal/web"
)

// metadataDays is for how many days metadata is good. It is dated by the day, so that every replica writes the same
// bytes; a new day makes a new one long before the old one ends.
const metadataDays = 14

// signers keeps the signer of the active key ready, and makes another when the key is another.
type signers struct {
	keys  Keys
	ready atomic.Pointer[keyedSigner]
}

type keyedSigner struct {
	mark string
	*saml.Signer
}

func (s *signers) current() (*saml.Signer, error) {
	key := s.keys.Signer(keys.UseSAML)
	if key.Public() == nil {
		return nil, fmt.Errorf("there is no active %s key", keys.UseSAML)
	}
	if ready := s.ready.Load(); ready != nil && ready.mark == key.Mark() {
		return ready.Signer, nil
	}
	made, err := saml.NewSigner(key, key.Certificate())
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", key.KeyID(), err)
	}
	s.ready.Store(&keyedSigner{mark: key.Mark(), Signer: made})
	return made, nil
}

// metadata keeps our metadata ready.
type metadata struct{ ready atomic.Pointer[document] }

type document struct {
	made string // from which keys and until when
	web.Document
}

// document gives our metadata as it stands today: the key that signs most and this document first, then the next and
// previous ones and those on a curve, which some services ask for.
func (p *Provider) document() (*document, error) {
	active, certificates := p.cfg.Keys.Signer(keys.UseSAML), [][]byte(nil)
	until := p.cfg.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, metadataDays)
	made := until.Format(time.DateOnly) + " " + active.Mark()
	if c := active.Certificate(); c != nil {
		certificates = append(certificates, c)
	}
	for _, key := range p.cfg.Keys.All(keys.UseSAML, keys.UseSAMLECDSA) {
		if made += " " + key.Mark(); key.KeyID() != active.KeyID() {
			certificates = append(certificates, key.Certificate())
		}
	}
	if ready := p.metadata.ready.Load(); ready != nil && ready.made == made {
		return ready, nil
	}
	body, err := p.writeMetadata(certificates, until)
	if err != nil {
		return nil, fmt.Errorf("our metadata: %w", err)
	}
	d := &document{made: made, Document: web.NewDocument("application/samlmetadata+xml", body)}
	p.metadata.ready.Store(d)
	return d, nil
}

func (p *Provider) writeMetadata(certificates [][]byte, until time.Time) ([]byte, error) {
	signer, err := p.signers.current()
	if err != nil {
		return nil, err
	}
	soap := ""
	if p.cfg.ECP {
		soap = p.cfg.Kit.URL(ecpPath)
	}
	return signer.AppendIDPMetadata(nil, &saml.IDPMetadata{
		EntityID: p.entityID, ValidUntil: until, Certificates: certificates, SSORedirect: p.sso, SSOPost: p.sso, SSOSOAP: soap,
		LogoutRedirect: p.cfg.Kit.URL(sloPath), LogoutPost: p.cfg.Kit.URL(sloPath), LogoutSOAP: p.cfg.Kit.URL(sloSOAPPath),
		ArtifactSOAP:  p.cfg.Kit.URL(artifactPath),
		NameIDFormats: []string{saml.NameIDPersistent, saml.NameIDTransient, saml.NameIDEmail, saml.NameIDUnspecified},
		About:         p.cfg.About,
	})
}

// serveMetadata sends the metadata, or says that it has not changed.
func (e *endpoints) serveMetadata(w http.ResponseWriter, r *http.Request) error {
	d, err := e.document()
	if err != nil {
		return err
	}
	return d.Serve(w, r)
}
