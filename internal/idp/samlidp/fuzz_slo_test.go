package samlidp_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"ecluse/internal/idp"
	"ecluse/internal/idp/samlidp"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/saml"
	"ecluse/internal/web"
)

// settled is a gateway at which nothing may end.
type settled struct {
	idp.Gateway
	ended int
}

func (s *settled) Leave(http.ResponseWriter, *http.Request, idp.Leaving) error {
	s.ended++
	return nil
}

func (s *settled) End(context.Context, idp.Leaving) (idp.Outcome, error) {
	s.ended++
	return idp.Outcome{}, nil
}

func (s *settled) Told(http.ResponseWriter, *http.Request, string, bool) error {
	s.ended++
	return nil
}

func (*settled) Lost(_ http.ResponseWriter, _ *http.Request, cause error) error { return cause }

// FuzzSingleLogout sends any document to every address for sign-outs and artifacts, by each way there is. Nobody's key signed it:
// nothing ends, nothing is given, and nobody is sent anywhere.
func FuzzSingleLogout(f *testing.F) {
	now := func() time.Time { return time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC) }
	kit, err := web.New(web.Config{Product: "Écluse", PublicURL: "https://idp.example", Now: now, Contributions: []web.Contribution{samlidp.Pages()}})
	if err != nil {
		f.Fatal(err)
	}
	provider, err := samlidp.New(samlidp.Config{Kit: kit, Keys: keystest.Ring(f), Tickets: forgetful{}, Now: now})
	if err != nil {
		f.Fatal(err)
	}
	gate := &settled{Gateway: &gateway{contents: contents(f, now())}}
	mux := web.NewMux(kit)
	provider.Mount(mux, gate)
	send := func(method, path, kind, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "https://idp.example"+path, strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return w
	}
	const head = ` xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="_1" Version="2.0" IssueInstant="2026-11-22T08:00:00Z" `
	issuer := `<Issuer>` + entity("cle") + `</Issuer>`
	f.Add(`<p:LogoutRequest`+head+`Destination="https://idp.example/saml/slo">`+issuer+`<NameID>x</NameID><p:SessionIndex>1</p:SessionIndex></p:LogoutRequest>`, "&SigAlg=a&Signature=AAAA")
	f.Add(`<p:LogoutResponse`+head+`InResponseTo="_2" Destination="https://idp.example/saml/slo">`+issuer+`<p:Status><p:StatusCode Value="`+saml.StatusSuccess+`"/></p:Status></p:LogoutResponse>`, "")
	f.Add(`<p:ArtifactResolve`+head+`>`+issuer+`<p:Artifact>`+saml.NewArtifact("https://idp.example", 0).Encode()+`</p:Artifact></p:ArtifactResolve>`, "&RelayState=r")
	f.Fuzz(func(t *testing.T, document, query string) {
		var answers []*httptest.ResponseRecorder
		for _, name := range []string{"SAMLRequest", "SAMLResponse"} {
			form := url.Values{name: {saml.EncodePost([]byte(document))}}.Encode()
			r := httptest.NewRequest(http.MethodGet, "https://idp.example/saml/slo", nil)
			r.URL.RawQuery = name + "=" + deflated(t, document) + query
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, r)
			answers = append(answers, w, send(http.MethodPost, "/saml/slo", "application/x-www-form-urlencoded", form))
		}
		for _, path := range []string{"/saml/slo/soap", "/saml/artifact"} {
			for _, body := range []string{document, string(saml.AppendEnvelope(nil, []byte(document)))} {
				answers = append(answers, send(http.MethodPost, path, saml.ContentTypeSOAP, body))
			}
		}
		for i, w := range answers {
			if gate.ended != 0 || w.Code < 400 || w.Header().Get("Location") != "" || strings.Contains(w.Body.String(), "samlp:") {
				t.Errorf("way %d: status %d, %d ended", i, w.Code, gate.ended)
			}
		}
	})
}
