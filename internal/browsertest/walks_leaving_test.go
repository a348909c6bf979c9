package browsertest_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"regexp"
	"time"

	"ecluse/internal/registry"
)

// leavingWalks come by what a sign-out may look like that a service asked for: the question, the way between the services,
// and what became of each.
func leavingWalks() []walk {
	asked := "go /oidc/logout?client_id=calcul&post_logout_redirect_uri=https%3A%2F%2Fcalcul.example%2Fparti"
	end := stop{"in-the-end", "login/signout", []string{"press main a[href='/signout/next']", "go /signout"}}
	return []walk{{
		name: "child-leaves", who: "Lina, dont un site demande la déconnexion", stage: withSignOuts("carnet"),
		stops: []stop{
			{"asked", "login/signout", []string{"visit lire/connexion", "as lina", "press [value=informed]", "visit calcul/connexion", "press [value=informed]", asked}},
			{"in-the-end", "login/signout", []string{"press [value=yes]", "go /signout"}},
		},
	}, {
		name: "teen-leaves", who: "Hugo, dont un service demande la déconnexion", stage: withSignOuts("calcul"),
		stops: []stop{
			{"asked", "login/signout", []string{
				"visit lire/connexion", "as hugo", "press [value=informed]", "visit suite/connexion", "press [value=informed]",
				"visit calcul/connexion", "press [value=informed]", "visit classe/connexion", "press [value=informed]", asked,
			}},
			{"part-way", "login/signout", []string{"press [value=yes]", "go /signout"}},
			end,
		},
	}, {
		name: "teacher-leaves", who: "Claire, dont un service demande la déconnexion", stage: withSignOuts("classe"),
		stops: []stop{
			{"asked", "login/signout", []string{
				"visit suite/connexion", "as claire", "press [name=place]", "press [value=informed]", "visit lire/connexion", "press [name=place]", "press [value=informed]",
				"visit calcul/connexion", "press [name=place]", "press [value=informed]", "visit classe/connexion", "press [name=place]", "press [value=informed]", asked,
			}},
			{"part-way", "login/signout", []string{"press [value=yes]", "go /signout"}},
			end,
		},
	}}
}

// withSignOuts gives services every way to be told of a sign-out. Those of SAML are visited and never answer; of those of
// OpenID Connect the one that is named takes what it is told, and the other is told in a frame, or again later when it is
// called carnet.
func withSignOuts(takes string) func(*stage) {
	return func(s *stage) {
		site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			if r.URL.Path == "/later" {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			_, _ = w.Write([]byte("<!doctype html><html lang=\"fr\"><title>Ailleurs</title><body><h1>Ailleurs</h1></body></html>"))
		}))
		s.Cleanup(site.Close)
		s.broken = true // a service that is told again later is an error in the log
		s.later(func(s *stage) {
			s.change(func(c registry.Contents) registry.Change {
				var change registry.Change
				for _, service := range c.Services {
					if len(service.Bindings) == 0 {
						continue
					}
					b := &service.Bindings[0]
					var settings map[string]any
					if err := json.Unmarshal(b.Settings, &settings); err != nil {
						s.Fatal(err)
					}
					switch {
					case b.Protocol == "saml":
						settings["metadata"] = leavable(s, settings["metadata"].(string), site.URL)
					case b.Protocol == "oidc" && service.ID == takes:
						settings["backchannel_logout_uri"] = site.URL + "/now"
					case b.Protocol == "oidc" && takes == "classe":
						settings["backchannel_logout_uri"] = site.URL + "/later"
					case b.Protocol == "oidc":
						settings["frontchannel_logout_uri"] = site.URL + "/frame"
						settings["redirect_uris"] = append(settings["redirect_uris"].([]any), site.URL+"/cb") // what is framed is there
					default:
						continue
					}
					if service.ID == "calcul" {
						settings["post_logout_redirect_uris"] = []string{"https://calcul.example/parti"}
					}
					var err error
					if b.Settings, err = json.Marshal(settings); err != nil {
						s.Fatal(err)
					}
					change.Services = append(change.Services, service)
				}
				return change
			})
		})
	}
}

// leavable adds to metadata a key, and an address where a browser ends sessions.
func leavable(s *stage, metadata, at string) string {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		s.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(365 * 24 * time.Hour)}
	certificate, err := x509.CreateCertificate(rand.Reader, about, about, key.Public(), key)
	if err != nil {
		s.Fatal(err)
	}
	more := `<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>` +
		base64.StdEncoding.EncodeToString(certificate) + `</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>` +
		`<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="` + at + `/slo"/>`
	role := regexp.MustCompile(`<md:SPSSODescriptor[^>]*>`).FindString(metadata)
	if role == "" {
		s.Fatal("the metadata has no role")
	}
	return regexp.MustCompile(`<md:SPSSODescriptor[^>]*>`).ReplaceAllLiteralString(metadata, role+more)
}
