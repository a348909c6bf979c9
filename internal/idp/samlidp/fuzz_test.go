package samlidp_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/idp"
	"ecluse/internal/idp/samlidp"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/store"
	"ecluse/internal/web"
)

// deaf is a gateway that begins nothing, so that a fuzz target is about reading alone.
type deaf struct {
	idp.Gateway
	begun int
}

func (d *deaf) Start(w http.ResponseWriter, _ *http.Request, _ idp.Request) error {
	d.begun++
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// forgetful tickets let everything pass for new, so that equal inputs fare equally.
type forgetful struct{ store.Tickets }

func (forgetful) Create(context.Context, store.Ticket) error { return nil }
func (forgetful) Epoch(context.Context) (time.Time, error)   { return time.Time{}, nil }

// fuzzed is a gateway whose address and clock are the same in every process.
func fuzzed(f *testing.F) (*web.Mux, *deaf) {
	f.Helper()
	now := func() time.Time { return time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC) }
	kit, err := web.New(web.Config{
		Product: "Écluse", PublicURL: "https://idp.example", Now: now, Contributions: []web.Contribution{samlidp.Pages()},
	})
	if err != nil {
		f.Fatal(err)
	}
	provider, err := samlidp.New(samlidp.Config{Kit: kit, Keys: keystest.Ring(f), Tickets: forgetful{}, Now: now})
	if err != nil {
		f.Fatal(err)
	}
	mux, gate := web.NewMux(kit), &deaf{Gateway: &gateway{contents: contents(f, now())}}
	provider.Mount(mux, gate)
	return mux, gate
}

// plain is a good request as a service without a library writes it.
func plain(id, more, inside string) string {
	return `<p:AuthnRequest xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="_1" ` +
		`Version="2.0" IssueInstant="2026-11-22T08:00:00Z" ` + more + `><Issuer>` + entity(id) + `</Issuer>` + inside + `</p:AuthnRequest>`
}

// FuzzSingleSignOn sends any query, and any document by HTTP-Redirect. Whatever it is, it is refused with a page that
// leads nowhere, begun, or answered at an address of a registered service.
func FuzzSingleSignOn(f *testing.F) {
	mux, gate := fuzzed(f)
	send := func(query string) page {
		r := httptest.NewRequest(http.MethodGet, "https://idp.example/saml/sso", nil)
		r.URL.RawQuery = query
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return page{w.Code, w.Header(), w.Body.String()}
	}
	good := plain("lire", "", "")
	if got := send("SAMLRequest=" + deflated(f, good)); gate.begun != 1 {
		f.Fatalf("the good request: status %d", got.status)
	}
	f.Add("SAMLRequest="+deflated(f, good)+"&RelayState=relay", good)
	f.Add("SAMLRequest="+deflated(f, good)+"&SigAlg=http%3A%2F%2Fwww.w3.org%2F2001%2F04%2Fxmldsig-more%23rsa-sha256&Signature=AAAA",
		plain("cle", `ForceAuthn="1" AssertionConsumerServiceIndex="7"`, `<p:NameIDPolicy Format="urn:x"/>`))
	f.Add("SAMLRequest=a&SAMLRequest=b", plain("signe", `Destination="https://idp.example/saml/sso"`, ""))
	f.Add("SAMLResponse=", plain("lire", `AssertionConsumerServiceURL="`+acs("lire")+`"`, `<Subject><NameID>x</NameID></Subject>`))
	f.Fuzz(func(t *testing.T, query, document string) {
		for _, q := range []string{query, "SAMLRequest=" + deflated(t, document)} {
			before := gate.begun
			got := send(q)
			host, path, _ := strings.Cut(strings.TrimPrefix(got.action(), "https://"), "/")
			known := slices.ContainsFunc(services(t), func(s service) bool { return s.id+".example" == host })
			switch {
			case got.status == http.StatusNoContent && gate.begun == before+1:
			case got.status == http.StatusOK && known && strings.HasPrefix(path, "acs") && gate.begun == before:
			case got.status >= 400 && got.status < 500 && got.action() == "" && got.field("SAMLResponse") == "" && gate.begun == before:
			default:
				t.Errorf("status %d, form to %q, begun %d", got.status, got.action(), gate.begun-before)
			}
		}
	})
}
