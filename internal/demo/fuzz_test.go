package demo

import (
	"net/url"
	"strings"
	"testing"
)

// FuzzReadShape looks for responses that make the first reading of an answer
// panic, or that it lets through in a shape the library cannot take.
func FuzzReadShape(f *testing.F) {
	f.Add([]byte(`<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="a" Version="2.0"/>`))
	f.Add([]byte(`<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"><a:Assertion xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion"/></samlp:Response>`))
	f.Add([]byte("<a"))
	f.Fuzz(func(t *testing.T, body []byte) {
		doc, err := readShape(body)
		if err == nil && len(doc.FindElements("//Assertion")) > 1 {
			t.Error("two assertions were let through")
		}
	})
}

// FuzzBelow looks for addresses that pass for the gateway's and are not.
func FuzzBelow(f *testing.F) {
	f.Add("http://localhost:8080/gate/x?y=1")
	f.Add("http://localhost:8080@evil.example/gate/")
	f.Add("http://localhost:8080/gate/%2e%2e/")
	f.Fuzz(func(t *testing.T, address string) {
		if !below("http://localhost:8080/gate", address) {
			return
		}
		u, err := url.Parse(address)
		if err != nil || !strings.EqualFold(u.Host, "localhost:8080") || u.Scheme != "http" ||
			!strings.HasPrefix(u.JoinPath().Path, "/gate") {
			t.Errorf("%q was accepted", address)
		}
	})
}
