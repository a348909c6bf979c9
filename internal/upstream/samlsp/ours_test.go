package samlsp_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	crewjam "github.com/crewjam/saml"

	"ecluse/internal/keys"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/person"
	"ecluse/internal/saml"
	"ecluse/internal/upstream/upstreamtest"
	"ecluse/internal/web/webtest"
)

func ourMetadata(t testing.TB, g *gate) []byte {
	t.Helper()
	w := upstreamtest.Get(g.mux, "/source/"+g.id+"/metadata")
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/samlmetadata+xml" {
		t.Fatalf("status %d, %s", w.Code, w.Header().Get("Content-Type"))
	}
	return w.Body.Bytes()
}

func TestOurMetadataSaysWhatTheSourceNeeds(t *testing.T) {
	t.Parallel()
	m := person.EduConnect("educonnect")
	g := newGate(t, setup{mapping: &m, settings: map[string]any{"name_id": "transient"}})
	doc := ourMetadata(t, g)
	xmlsec1(t, doc, "metadata:EntityDescriptor")
	verified, err := saml.VerifyRoot(doc, saml.MetadataLimits(), ourKeys(t))
	if err != nil {
		t.Fatal(err)
	}
	md, err := saml.ParseSPMetadata(verified, g.now())
	if err != nil {
		t.Fatal(err)
	}
	if md.EntityID != webtest.Origin+"/source/ent/metadata" || len(md.ACS) != 2 || !md.ACS[0].IsDefault || md.ACS[1].IsDefault ||
		md.ACS[1].Binding != saml.BindingArtifact || md.ACS[1].Location != webtest.Origin+"/source/ent/acs/artifact" || md.ACS[0].Binding != saml.BindingPOST || md.ACS[0].Location != webtest.Origin+"/source/ent/acs" ||
		!md.AuthnRequestsSigned || !md.WantAssertionsSigned || len(md.DisplayNames) != 2 || len(md.SingleLogout) != 2 || len(md.SigningKeys) != 1 || len(md.EncryptionKeys) != 1 ||
		!slices.Equal(md.NameIDFormats, []string{saml.NameIDTransient}) || !md.ValidUntil.Equal(time.Date(2026, 9, 21, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("it says %+v", md)
	}
	names := []string{}
	for _, a := range md.AttributeRequest[0].Attributes {
		names = append(names, a.Name)
		if a.Required != (a.Name == m.ID) || strings.HasPrefix(a.Name, "urn:") != (a.NameFormat == saml.AttrNameURI) {
			t.Errorf("it asks for %+v", a)
		}
	}
	if !slices.Contains(names, "urn:oid:2.5.4.42") || !slices.Contains(names, "FrEduVecteur") || !slices.IsSorted(names) {
		t.Errorf("it asks for %v", names)
	}
}

func TestOurMetadataIsTheSameUntilTheDayOrTheKeysChange(t *testing.T) {
	t.Parallel()
	f := &followed{at: webtest.Now()}
	one, two := newGate(t, setup{now: f.clock}), newGate(t, setup{now: f.clock})
	first := ourMetadata(t, one)
	f.advance(time.Hour)
	if !bytes.Equal(first, ourMetadata(t, two)) {
		t.Error("two replicas say two things")
	}
	r := httptest.NewRequest(http.MethodGet, webtest.Origin+"/source/ent/metadata", nil)
	r.Header.Set("If-None-Match", upstreamtest.Get(one.mux, "/source/ent/metadata").Header().Get("ETag"))
	w := httptest.NewRecorder()
	if one.mux.ServeHTTP(w, r); w.Code != http.StatusNotModified {
		t.Errorf("status %d for the same document", w.Code)
	}
	f.advance(24 * time.Hour)
	if bytes.Equal(first, ourMetadata(t, one)) {
		t.Error("the next day's metadata ends no later")
	}
}

// rolling is a ring with two keys to publish.
type rolling struct{ now, next keys.SigningKey }

func (r rolling) Signer(keys.Use) keys.SigningKey { return r.now }

func (r rolling) All(...keys.Use) []keys.SigningKey { return []keys.SigningKey{r.next, r.now} }

func (r rolling) Decrypters() []keys.DecryptionKey { return nil }

func TestBothKeysAreInOurMetadataWhileTheyRollTheActiveOneFirst(t *testing.T) {
	t.Parallel()
	r := rolling{now: sharedRing(t).Signer(keys.UseSAML), next: keystest.Other(t).Signer(keys.UseSAML)}
	doc := ourMetadata(t, newGate(t, setup{keys: r}))
	md, err := saml.ParseSPMetadata(doc, webtest.Now())
	if err != nil || len(md.SigningKeys) != 2 {
		t.Fatalf("%v, %d keys", err, len(md.SigningKeys))
	}
	for i, key := range []keys.SigningKey{r.now, r.next} {
		if want := sha256.Sum256(key.Certificate()); md.SigningKeys[i].Fingerprint != hex.EncodeToString(want[:]) {
			t.Errorf("key %d is another", i)
		}
	}
	xmlsec1(t, doc, "metadata:EntityDescriptor")
}

func TestAnotherReaderTakesOurMetadata(t *testing.T) {
	t.Parallel()
	var md crewjam.EntityDescriptor
	if err := xml.Unmarshal(ourMetadata(t, newGate(t, setup{})), &md); err != nil {
		t.Fatal(err)
	}
	if md.EntityID != webtest.Origin+"/source/ent/metadata" || len(md.SPSSODescriptors) != 1 || !md.ValidUntil.After(webtest.Now()) {
		t.Errorf("it reads %+v", md)
	}
}
