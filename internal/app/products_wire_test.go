package app_test

import (
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	crewjam "github.com/crewjam/saml"

	"ecluse/internal/attrs"
	"ecluse/internal/consent"
	"ecluse/internal/idp"
	"ecluse/internal/idp/samlidp"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/store/memdb"
	"ecluse/internal/web"
)

// wire is what one product expects of an answer, as its maker says it (the recipes of the catalogue name the documents).
type wire struct {
	product, handle, acs string
	format, value        string            // of the NameID
	qualified            bool              // the NameID says in whose name space it stands
	attributes           map[string]string // by name; others do not come
	most                 int               // bytes of all names and values
	ascii                bool              // nothing but ASCII, anywhere
}

const (
	wireEmail      = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
	wirePersistent = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
	wireMail       = "frederique.daubigne@ac-exemple.example"
)

// TestProductsReadTheirAnswerAsItGoesOut says a teacher to each product over the wire, and has another library than ours read
// it as the product would.
func TestProductsReadTheirAnswerAsItGoesOut(t *testing.T) {
	t.Parallel()
	for _, w := range []wire{
		{
			product: "google-workspace-education-saml", handle: "google.com/a/exemple.example", acs: "https://www.google.com/a/exemple.example/acs",
			format: wireEmail, value: wireMail, most: 2048, ascii: true,
		},
		{
			product: "microsoft-365-education-saml", handle: "urn:federation:MicrosoftOnline", acs: "https://login.microsoftonline.com/login.srf",
			format: wirePersistent, value: "5f1c0003", attributes: map[string]string{"IDPEmail": wireMail},
		},
		{
			product: "zoom-education-saml", handle: "exemple.zoom.us", acs: "https://exemple.zoom.us/saml/SSO", format: wireEmail, value: wireMail,
			attributes: map[string]string{
				"urn:oid:0.9.2342.19200300.100.1.3": wireMail, "urn:oid:2.5.4.4": "d'Aubigné", "urn:oid:2.5.4.42": "Frédérique",
			},
		},
		{
			product: "itslearning-saml", handle: "https://exemple.itslearning.com", acs: "https://exemple.itslearning.com/elogin/acs",
			format: wirePersistent, value: strings.Repeat("h", 128), qualified: true, attributes: map[string]string{
				"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name": wireMail, "urn:oid:1.3.6.1.4.1.5923.1.1.1.6": "fdaubigne@ac-exemple.example",
			},
		},
	} {
		t.Run(w.product, func(t *testing.T) {
			t.Parallel()
			raw, assertion := w.answer(t)
			w.judge(t, string(raw), assertion)
		})
	}
}

// judge holds an answer to what the product says of itself.
func (w wire) judge(t *testing.T, raw string, a *crewjam.Assertion) {
	id := a.Subject.NameID
	if id.Format != w.format || id.Value != w.value && (len(w.value) != 128 || len(id.Value) != 128) || (id.NameQualifier != "") != w.qualified || (id.SPNameQualifier != "") != w.qualified {
		t.Errorf("the subject is %+v", id)
	}
	if at := a.Subject.SubjectConfirmations[0].SubjectConfirmationData.Recipient; at != w.acs {
		t.Errorf("for the recipient %q", at)
	}
	if got := a.Conditions.AudienceRestrictions[0].Audience.Value; got != w.handle {
		t.Errorf("for the audience %q", got)
	}
	got, size := map[string]string{}, 0
	for _, s := range a.AttributeStatements {
		for _, one := range s.Attributes {
			got[one.Name] = one.Values[0].Value
			size += len(one.Name) + len(one.Values[0].Value)
			if strings.HasPrefix(one.Name, "urn:oid:") != strings.HasSuffix(one.NameFormat, ":uri") && !strings.HasPrefix(one.Name, "http") {
				t.Errorf("%s has the name format %q", one.Name, one.NameFormat)
			}
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(w.attributes) && len(got)+len(w.attributes) > 0 {
		t.Errorf("attributes %q, want %q", got, w.attributes)
	}
	if w.most > 0 && size > w.most {
		t.Errorf("%d bytes of attributes", size)
	}
	if w.ascii && strings.ContainsFunc(raw, func(r rune) bool { return r > 0x7e }) {
		t.Error("there is more than ASCII in it")
	}
	if strings.Contains(raw, "Encrypted") || strings.Count(raw, "<ds:Signature ") != 1 || !strings.Contains(raw, "#rsa-sha256\"") ||
		strings.Index(raw, "<ds:Signature ") < strings.Index(raw, "<saml:Assertion ") {
		t.Error("not the one assertion signed, with SHA-256, in the clear")
	}
}

// answer takes the teacher through gate, engine, book and protocol.
func (w wire) answer(t *testing.T) ([]byte, *crewjam.Assertion) {
	t.Helper()
	p, who, now := productOf(t, w.product), personas()[2], time.Now()
	who.who.Authn.Method, who.who.Authn.At = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport", now
	binding := p.recipe.Binding()
	binding.Handle = w.handle
	binding.Settings = object(t, samlidp.Settings{NameID: p.recipe.NameID, Metadata: fmt.Sprintf(`<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="%s">`+
		`<SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><AssertionConsumerService index="0" `+
		`Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="%s"/></SPSSODescriptor></EntityDescriptor>`, w.handle, w.acs)})
	view := registry.NewSnapshot(p.contents(t, binding, slices.DeleteFunc(p.everything(), func(i registry.Item) bool { return i.Attr == "groups" }), registry.Nominative), time.UTC)
	grant, err := policy.Gate(view, now, policy.Ask{Person: who.who, Place: who.place, Service: p.model.ID})
	if err != nil {
		t.Fatal(err)
	}
	words, err := spokenWords()
	if err != nil {
		t.Fatal(err)
	}
	engine := attrs.Engine{Dictionary: words, Keys: sameKeys{}, Scope: "ac-exemple.example"}
	release, err := engine.Release(who.who, grant, attrs.Request{Subject: binding.Subject, Session: "session"})
	if err != nil {
		t.Fatal(err)
	}
	book := &consent.Book{Store: drawer{}, Keys: sameKeys{}, Now: func() time.Time { return now }}
	said := consent.Said{Digest: release.Digest()}
	cleared, err := book.Clear(t.Context(), who.who, release, said, consent.Around{Ref: "AAAA-BBBB"})
	var asking *consent.Asking
	if errors.As(err, &asking) {
		said.Act = asking.Need.Act
		cleared, err = book.Clear(t.Context(), who.who, release, said, consent.Around{Ref: "AAAA-BBBB"})
	}
	if err != nil {
		t.Fatal(err)
	}
	kit, err := web.New(web.Config{Product: "Écluse", PublicURL: sweepOrigin, Now: time.Now, Contributions: []web.Contribution{samlidp.Pages()}})
	if err != nil {
		t.Fatal(err)
	}
	saml, err := samlidp.New(samlidp.Config{Kit: kit, Keys: keystest.Ring(t), Tickets: memdb.New(time.Now), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	request := idp.Request{
		Protocol: "saml", ServiceID: p.model.ID, Handle: w.handle,
		State: object(t, map[string]any{"id": "_request", "acs": w.acs, "context": map[string]any{}}),
	}
	handoff, _, err := saml.Answer(t.Context(), request, idp.Answered{Cleared: cleared, At: now})
	if err != nil || handoff.Action != w.acs {
		t.Fatalf("%v, goes to %q", err, handoff.Action)
	}
	raw, err := base64.StdEncoding.DecodeString(handoff.Fields[0].Value)
	if err != nil {
		t.Fatal(err)
	}
	return raw, w.read(t, kit, saml, raw)
}

// read has the library read an answer as the product, by our metadata.
func (w wire) read(t *testing.T, kit *web.Kit, saml idp.Protocol, raw []byte) *crewjam.Assertion {
	t.Helper()
	mux, said := web.NewMux(kit), httptest.NewRecorder()
	saml.Mount(mux, nil)
	mux.ServeHTTP(said, httptest.NewRequest(http.MethodGet, sweepOrigin+"/saml/metadata", nil))
	var ours crewjam.EntityDescriptor
	if err := xml.NewDecoder(said.Body).Decode(&ours); err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse(w.acs)
	if err != nil {
		t.Fatal(err)
	}
	sp := crewjam.ServiceProvider{EntityID: w.handle, AcsURL: *at, IDPMetadata: &ours}
	assertion, err := sp.ParseXMLResponse(raw, []string{"_request"}, *at)
	var why *crewjam.InvalidResponseError
	if errors.As(err, &why) {
		err = why.PrivateErr
	}
	if err != nil {
		t.Fatalf("the product refuses it: %v", err)
	}
	return assertion
}
