package samlidp_test

import (
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	crewjam "github.com/crewjam/saml"

	"ecluse/internal/idp/samlidp"
	"ecluse/internal/keys"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// judged has xmlsec1 verify the one signature of an assertion with a certificate.
func judged(t *testing.T, response []byte, certificate []byte) {
	t.Helper()
	cert := written(t, "cert.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}))
	doc := written(t, "response.xml", response)
	out, err := exec.Command("xmlsec1", "--verify", "--pubkey-cert-pem", cert,
		"--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:assertion:Assertion",
		"--node-xpath", "/*/*[local-name()='Assertion']/*[local-name()='Signature']", doc).CombinedOutput()
	if err != nil {
		t.Errorf("xmlsec1: %v\n%s", err, out)
	}
}

func TestServiceIsSignedToWithTheHashAndKeyThatItTakes(t *testing.T) {
	t.Parallel()
	rsa, curve := keystest.Ring(t).Signer(keys.UseSAML), keystest.Ring(t).Signer(keys.UseSAMLECDSA)
	for name, c := range map[string]struct {
		settings          func(*samlidp.Settings)
		signature, digest string
		key               keys.SigningKey
	}{
		"what is usual":     {func(*samlidp.Settings) {}, "xmldsig-more#rsa-sha256", "xmlenc#sha256", rsa},
		"SHA-256 by name":   {func(s *samlidp.Settings) { s.Hash, s.Key = "sha256", "rsa" }, "xmldsig-more#rsa-sha256", "xmlenc#sha256", rsa},
		"SHA-512":           {func(s *samlidp.Settings) { s.Hash = "sha512" }, "xmldsig-more#rsa-sha512", "xmlenc#sha512", rsa},
		"ECDSA":             {func(s *samlidp.Settings) { s.Key = "ecdsa" }, "xmldsig-more#ecdsa-sha256", "xmlenc#sha256", curve},
		"ECDSA and SHA-512": {func(s *samlidp.Settings) { s.Key, s.Hash = "ecdsa", "sha512" }, "xmldsig-more#ecdsa-sha512", "xmlenc#sha512", curve},
		"SHA-1 by exception": {func(s *samlidp.Settings) {
			s.SHA1 = &samlidp.Legacy{Until: date(t, time.Now()), Reason: "son éditeur passe à SHA-256 en juin"}
		}, "xmldsig#rsa-sha1", "xmldsig#sha1", rsa},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.rebind(t, "lire", c.settings, metadata("lire", plainMD))
			p := newParty(t, h, "lire")
			key := &p.IDPMetadata.IDPSSODescriptors[0].KeyDescriptors[0]
			key.KeyInfo.X509Data.X509Certificates[0].Data = base64.StdEncoding.EncodeToString(c.key.Certificate())
			for range 2 { // the second from the kept signer
				r := p.request(t, crewjam.HTTPPostBinding)
				got := h.posted(t, document(t, r), "")
				raw := string(got.response(t))
				if strings.Count(raw, "#"+strings.Split(c.signature, "#")[1]+`"`) != 1 || !strings.Contains(raw, c.digest+`"></ds:DigestMethod>`) {
					t.Errorf("not signed with %s and %s", c.signature, c.digest)
				}
				if c.key.KeyID() == rsa.KeyID() { // the library reads ECDSA in the form of certificates, not of XML Signature
					p.accepts(t, got, r.ID)
				}
				judged(t, []byte(raw), c.key.Certificate())
			}
		})
	}
}

func TestExceptionForSHA1EndsOnItsDay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.rebind(t, "lire", func(s *samlidp.Settings) {
		s.SHA1 = &samlidp.Legacy{Until: date(t, h.clock.Now()), Reason: "attente"}
	}, metadata("lire", plainMD))
	p := newParty(t, h, "lire")
	p.sign(t)
	h.clock.Advance(24 * time.Hour)
	r := p.request(t, crewjam.HTTPPostBinding)
	if got := h.posted(t, document(t, r), ""); got.action() != "" || h.fault() != "SAM-401" {
		t.Errorf("a day later: form to %q (%s)", got.action(), h.fault())
	}
}

func TestSettingsOfSigningAndTargetsAreCheckedAllAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	now := h.clock.Now()
	const sha1 = "settings.signature_sha1"
	check := func(how func(*samlidp.Settings)) (blocking, notes []string) {
		s := samlidp.Settings{Metadata: metadata("lire", plainMD)}
		how(&s)
		for _, f := range h.provider.CheckSettings(bind(t, entity("lire"), s)) {
			if f.Severity == registry.Blocking {
				blocking = append(blocking, f.Where)
			} else {
				notes = append(notes, f.Where)
			}
		}
		return blocking, notes
	}
	legacy := func(until registry.Date, reason string) *samlidp.Legacy {
		return &samlidp.Legacy{Until: until, Reason: reason}
	}
	for name, c := range map[string]struct {
		how         func(*samlidp.Settings)
		block, note []string
	}{
		"a good exception":        {func(s *samlidp.Settings) { s.SHA1 = legacy(date(t, now.AddDate(0, 0, 30)), "attente") }, nil, []string{sha1}},
		"the longest":             {func(s *samlidp.Settings) { s.SHA1 = legacy(date(t, now.AddDate(0, 0, 400)), "attente") }, nil, []string{sha1}},
		"one day too long":        {func(s *samlidp.Settings) { s.SHA1 = legacy(date(t, now.AddDate(0, 0, 402)), "attente") }, []string{sha1 + ".until"}, nil},
		"one that has ended":      {func(s *samlidp.Settings) { s.SHA1 = legacy(date(t, now.AddDate(0, 0, -1)), "attente") }, []string{sha1 + ".until"}, nil},
		"no day and no reason":    {func(s *samlidp.Settings) { s.SHA1 = legacy(registry.Date{}, " ") }, []string{sha1 + ".reason", sha1 + ".until"}, nil},
		"an exception and more":   {func(s *samlidp.Settings) { s.SHA1, s.Hash = legacy(date(t, now), "attente"), "sha512" }, []string{sha1}, []string{sha1}},
		"an exception on a curve": {func(s *samlidp.Settings) { s.SHA1, s.Key = legacy(date(t, now), "attente"), "ecdsa" }, []string{sha1}, []string{sha1}},
		"SHA-1 by name":           {func(s *samlidp.Settings) { s.Hash = "sha1" }, []string{"settings.hash"}, nil},
		"an unknown key":          {func(s *samlidp.Settings) { s.Key = "dsa" }, []string{"settings.key"}, nil},
		"good targets": {func(s *samlidp.Settings) {
			s.Unsolicited, s.Targets, s.Target = true, []string{room, "cm_ref=7", "urn:x:y"}, "accueil"
		}, nil, nil},
		"targets for nobody": {func(s *samlidp.Settings) { s.Targets, s.Target = []string{room}, room }, []string{"settings.unsolicited"}, nil},
		"bad targets": {
			func(s *samlidp.Settings) {
				s.Unsolicited, s.Targets, s.Target = true, []string{"", "javascript:alert(1)", "data:text/html,x", "a\nb", strings.Repeat("x", 1025), room}, "\x01"
			},
			[]string{"settings.targets[0]", "settings.targets[1]", "settings.targets[2]", "settings.targets[3]", "settings.targets[4]", "settings.target"},
			nil,
		},
	} {
		if block, note := check(c.how); !slices.Equal(block, c.block) || !slices.Equal(note, c.note) {
			t.Errorf("%s: blocked by %q, notes %q", name, block, note)
		}
	}
	raw := registry.Binding{Protocol: "saml", Handle: entity("lire"), Settings: json.RawMessage(`{"metadata":"x","signature_sha1":{"until":"demain","reason":"x"}}`)}
	if got := wheres(h.provider.CheckSettings(raw)); !slices.Equal(got, []string{"settings.signature_sha1"}) {
		t.Errorf("a day that is none: %q", got)
	}
}

// twoKeys is metadata in the middle of a change of keys.
func twoKeys(tb testing.TB, id string, certificates ...[]byte) string {
	tb.Helper()
	role := strings.Replace(plainMD, "<md:SPSSODescriptor ", `<md:SPSSODescriptor AuthnRequestsSigned="true" `, 1)
	for _, c := range certificates {
		role += `<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>` +
			base64.StdEncoding.EncodeToString(c) + `</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`
	}
	return metadata(id, role)
}

func TestHardCase33AServiceChangesItsKeyWhileBothCount(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	before, after := pairs(t)
	p := newParty(t, h, "signe")
	works := func(with pair) bool {
		p.signWith(with)
		r := p.request(t, crewjam.HTTPRedirectBinding)
		return h.get(t, p.query(t, r, "")).action() == acs("signe")
	}
	for _, c := range []struct {
		says        string
		metadata    string
		first, next bool
	}{
		{"before", twoKeys(t, "signe", before.certificate.Raw), true, false},
		{"meanwhile", twoKeys(t, "signe", before.certificate.Raw, after.certificate.Raw), true, true},
		{"after", twoKeys(t, "signe", after.certificate.Raw), false, true},
	} {
		h.rebind(t, "signe", func(*samlidp.Settings) {}, c.metadata)
		if a, b := works(before), works(after); a != c.first || b != c.next {
			t.Errorf("%s: the first key counts: %v, the next one: %v", c.says, a, b)
		}
	}
	h.clock.Advance(370 * 24 * time.Hour) // the certificate has ended, its key has not
	for _, f := range h.provider.CheckSettings(bind(t, entity("signe"), samlidp.Settings{Metadata: twoKeys(t, "signe", before.certificate.Raw, after.certificate.Raw)})) {
		if f.Severity != registry.Note || !strings.Contains(f.What, "the key still counts") {
			t.Errorf("%+v", f)
		}
	}
}

func TestHardCase33MetadataThatEndsIsAnnouncedAndThenAnswersNobody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	end := h.clock.Now().AddDate(0, 0, 20)
	md := strings.Replace(metadata("lire", plainMD), " entityID", ` validUntil="`+end.Format(time.RFC3339)+`" entityID`, 1)
	h.rebind(t, "lire", func(*samlidp.Settings) {}, md)
	p := newParty(t, h, "lire")
	p.sign(t)
	findings := func() []registry.Finding {
		return h.provider.CheckSettings(bind(t, entity("lire"), samlidp.Settings{Metadata: md}))
	}
	if f := findings(); len(f) != 1 || f[0].Severity != registry.Note || !strings.Contains(f[0].What, end.Format(time.DateOnly)) || f[0].Mend == "" {
		t.Errorf("twenty days before: %+v", f)
	}
	h.clock.Advance(20*24*time.Hour + time.Second)
	begun := h.starts()
	r := p.request(t, crewjam.HTTPPostBinding)
	if got := h.posted(t, document(t, r), ""); got.action() != "" || h.fault() != "SAM-410" || h.starts() != begun {
		t.Errorf("afterwards: form to %q (%s)", got.action(), h.fault())
	}
	if f := findings(); len(f) != 1 || f[0].Severity != registry.Blocking || !strings.Contains(f[0].What, "expired") {
		t.Errorf("afterwards: %+v", f)
	}
}

func TestCertificatesThatEndSoonAreAnnouncedEachByItself(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	before, after := pairs(t)
	check := func() []registry.Finding {
		return h.provider.CheckSettings(bind(t, entity("signe"), samlidp.Settings{Metadata: twoKeys(t, "signe", before.certificate.Raw, after.certificate.Raw)}))
	}
	if f := check(); len(f) != 0 {
		t.Errorf("a year before: %+v", f)
	}
	h.clock.Advance(before.certificate.NotAfter.Sub(h.clock.Now()) - 59*24*time.Hour)
	if f := check(); len(f) != 2 || f[0].Severity != registry.Note || !strings.Contains(f[0].What, "key 1 of 2") || !strings.Contains(f[1].What, "key 2 of 2") {
		t.Errorf("two months before: %+v", f)
	}
}

func TestTargetedIDIsAnIdentifierAndNoText(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const targeted = "urn:oid:1.3.6.1.4.1.5923.1.1.1.10"
	h.change(func(g *gateway) {
		b := &g.contents.Services[0].Bindings[0]
		b.Outputs = []registry.Output{{Attr: "pseudonym", Name: targeted, Friendly: "eduPersonTargetedID", Format: registry.URIName}}
		for i := range g.contents.Declarations {
			if d := &g.contents.Declarations[i]; d.ServiceID == "lire" {
				d.Items = append(d.Items, registry.Item{Attr: "pseudonym", Justification: registry.Text{FR: "pour travailler"}})
			}
		}
	})
	p := newParty(t, h, "lire")
	a := p.sign(t)
	found := 0
	for _, s := range a.AttributeStatements {
		for _, at := range s.Attributes {
			if at.Name != targeted {
				continue
			}
			found++
			if len(at.Values) != 1 || at.Values[0].NameID == nil {
				t.Fatalf("values %+v", at.Values)
			}
			id := at.Values[0].NameID
			if id.Value != a.Subject.NameID.Value || id.Format != persistentFormat || id.NameQualifier != h.base+"/saml/metadata" || id.SPNameQualifier != entity("lire") {
				t.Errorf("identifier %+v", id)
			}
		}
	}
	if found != 1 {
		t.Errorf("it stands there %d times", found)
	}
}

func TestNameOfACertificatesHolderIsSentWhereTheDeclaredSubjectIsOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const x509 = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"
	p := newParty(t, h, "muet")
	h.change(func(g *gateway) {
		for i := range g.contents.Services {
			if s := &g.contents.Services[i]; s.ID == "muet" {
				s.Bindings[0].Subject = person.GivenName
			}
		}
	})
	for value, ok := range map[string]bool{
		"CN=Léa Martin,OU=Élèves,C=FR": true, "2.5.4.3=Léa": true, `CN=Martin\, Léa, C=FR`: true,
		"Léa": false, "CN=": false, "CN=Léa,Martin": false, "=Léa": false, "CN=a;b": false,
	} {
		h.change(func(g *gateway) { g.person.Values[person.GivenName] = []string{value} })
		r := p.request(t, crewjam.HTTPPostBinding, format(x509))
		got := h.posted(t, document(t, r), "")
		if !ok {
			p.told(t, got, r, "", "Requester", "", ref)
			continue
		}
		if id := p.accepts(t, got, r.ID).Subject.NameID; id.Value != value || id.Format != x509 {
			t.Errorf("NameID %+v", id)
		}
	}
	lire := newParty(t, h, "lire")
	r := lire.request(t, crewjam.HTTPPostBinding, format(x509))
	lire.told(t, h.posted(t, document(t, r), ""), r, "", "Requester", "InvalidNameIDPolicy", "")
}

func written(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
