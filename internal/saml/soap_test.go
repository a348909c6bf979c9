package saml_test

import (
	"encoding/xml"
	"errors"
	"strings"
	"testing"

	"ecluse/internal/saml"
)

const soapOpen = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/">`

func soaped(body string) string { return soapOpen + "<e:Body>" + body + "</e:Body></e:Envelope>" }

func TestAMessageComesOutOfItsEnvelopeWithItsNamespaces(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ doc, want string }{
		"plain":    {soaped(`<a b="1">x</a>`), `<a b="1">x</a>`},
		"header":   {soapOpen + `<e:Header><h/><e:x mustUnderstand="1"/><i e:mustUnderstand="0"/></e:Header> <e:Body> <a/> </e:Body> </e:Envelope>`, `<a></a>`},
		"borrowed": {`<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/" xmlns:p="urn:p"><Body xmlns:q="urn:q"><p:a/></Body></Envelope>`, `<p:a xmlns="http://schemas.xmlsoap.org/soap/envelope/" xmlns:p="urn:p" xmlns:q="urn:q"></p:a>`},
	} {
		got, err := saml.OpenEnvelope([]byte(c.doc))
		if err != nil || !strings.HasPrefix(name, "b") && strings.ReplaceAll(string(got), ` xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"`, "") != c.want {
			t.Errorf("%s: %s, %v", name, got, err)
		}
		if strings.HasPrefix(name, "b") && string(got) != c.want {
			t.Errorf("%s: %s", name, got)
		}
		back, err := saml.OpenEnvelope(saml.AppendEnvelope(nil, []byte(c.want)))
		if err != nil || !strings.Contains(string(back), "a") {
			t.Errorf("%s: what we write is not read: %v", name, err)
		}
	}
}

func TestASignatureLivesThroughAnEnvelope(t *testing.T) {
	t.Parallel()
	who := rsaIdentity()
	doc, err := who.signer.AppendLogoutRequest(nil, logoutOf())
	if err != nil {
		t.Fatal(err)
	}
	bare := strings.Replace(string(doc), ` xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"`, "", 1)
	borrowed := `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns="urn:other"><s:Body>` + bare + `</s:Body></s:Envelope>`
	for name, envelope := range map[string]string{"ours": string(saml.AppendEnvelope(nil, doc)), "namespaces outside": borrowed} {
		message, err := saml.OpenEnvelope([]byte(envelope))
		if err != nil {
			t.Fatal(err)
		}
		if q, err := saml.VerifyLogoutRequest(message, who.public()); err != nil || q.NameID != logoutOf().NameID {
			t.Errorf("%s: %v", name, err)
		}
	}
	wrapped := soapOpen + "<e:Header>" + string(doc) + "</e:Header><e:Body>" + strings.Replace(logoutXML, "p-71f2", "admin", 1) + "</e:Body></e:Envelope>"
	message, err := saml.OpenEnvelope([]byte(wrapped))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := saml.VerifyLogoutRequest(message, who.public()); !errors.Is(err, saml.ErrSignature) {
		t.Errorf("signed in a header: %v", err)
	}
}

func TestAnEnvelopeThatIsNotOneMessageIsRefused(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("<a>", 23) + strings.Repeat("</a>", 23)
	for name, c := range map[string]struct {
		doc  string
		want error
	}{
		"another root":      {`<a/>`, saml.ErrSOAPVersion},
		"SOAP 1.2":          {strings.ReplaceAll(soaped("<a/>"), "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"), saml.ErrSOAPVersion},
		"nothing":           {soaped(""), saml.ErrSOAP},
		"no body":           {soapOpen + "<e:Header/></e:Envelope>", saml.ErrSOAP},
		"two messages":      {soaped("<a/><a/>"), saml.ErrSOAP},
		"two bodies":        {soapOpen + "<e:Body><a/></e:Body><e:Body><b/></e:Body></e:Envelope>", saml.ErrSOAP},
		"two headers":       {soapOpen + "<e:Header/><e:Header/><e:Body><a/></e:Body></e:Envelope>", saml.ErrSOAP},
		"a late header":     {soapOpen + "<e:Body><a/></e:Body><e:Header/></e:Envelope>", saml.ErrSOAP},
		"something else":    {soapOpen + "<e:Body><a/></e:Body><x/></e:Envelope>", saml.ErrSOAP},
		"text":              {soaped("x"), saml.ErrSyntax},
		"text beside":       {soaped("<a/>x"), saml.ErrSyntax},
		"must understand":   {soapOpen + `<e:Header><h e:mustUnderstand="1"/></e:Header><e:Body><a/></e:Body></e:Envelope>`, saml.ErrMustUnderstand},
		"must, for another": {soapOpen + `<e:Header><h e:actor="http://x/" e:mustUnderstand=" true "/></e:Header><e:Body><a/></e:Body></e:Envelope>`, saml.ErrMustUnderstand},
		"document type":     {`<!DOCTYPE e>` + soaped("<a/>"), saml.ErrShape},
		"instruction":       {soaped("<?x y?><a/>"), saml.ErrShape},
		"comment":           {soaped("<a/><!-- x -->"), saml.ErrShape},
		"deep":              {soaped(deep), saml.ErrShape},
		"huge":              {soaped("<a>" + strings.Repeat("x", 256<<10) + "</a>"), saml.ErrShape},
		"wide":              {soaped("<a>" + strings.Repeat("<b/>", 2000) + "</a>"), saml.ErrShape},
		"behind it":         {soaped("<a/>") + "<a/>", saml.ErrSyntax},
		"empty":             {"", saml.ErrShape},
	} {
		if got, err := saml.OpenEnvelope([]byte(c.doc)); !errors.Is(err, c.want) || got != nil {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestAFaultSaysWhoseItIs(t *testing.T) {
	t.Parallel()
	for want, why := range map[string]error{
		"soap:Server": nil, "soap:Client": saml.ErrSignature, "soap:MustUnderstand": saml.ErrMustUnderstand, "soap:VersionMismatch": saml.ErrSOAPVersion,
	} {
		var read struct {
			Body struct {
				Fault struct {
					Code   string `xml:"faultcode"`
					Reason string `xml:"faultstring"`
				} `xml:"http://schemas.xmlsoap.org/soap/envelope/ Fault"`
			} `xml:"http://schemas.xmlsoap.org/soap/envelope/ Body"`
		}
		doc := saml.AppendFault(nil, why, "no <answer>")
		if err := xml.Unmarshal(doc, &read); err != nil || read.Body.Fault.Code != want || read.Body.Fault.Reason != "no <answer>" {
			t.Errorf("%s: %s, %v", want, doc, err)
		}
	}
}

func TestOnlySOAPInUTF8IsSOAP(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]bool{
		saml.ContentTypeSOAP: true, "text/xml": true, `TEXT/XML; charset="UTF-8"`: true, "text/xml; charset=us-ascii": true,
		"application/soap+xml": true, "application/soap+xml; charset=utf-16": false,
		"": false, "text/plain": false, "application/xml": false, "text/xml; charset=utf-16": false, "text/xml;;": false,
		"application/x-www-form-urlencoded": false,
	} {
		if saml.IsSOAP(kind) != want {
			t.Errorf("%q: not %v", kind, want)
		}
	}
}

func FuzzOpenEnvelope(f *testing.F) {
	seed(f, "soap", "logout", "logoutanswer", "artifact")
	f.Add([]byte(soaped(logoutXML)))
	f.Fuzz(func(t *testing.T, doc []byte) {
		message, err := saml.OpenEnvelope(doc)
		if err != nil {
			return
		}
		again, err := saml.OpenEnvelope(saml.AppendEnvelope(nil, message))
		if len(message) < 200<<10 && (err != nil || !strings.HasPrefix(string(again), "<")) {
			t.Errorf("what comes out does not go in again: %v", err)
		}
	})
}
