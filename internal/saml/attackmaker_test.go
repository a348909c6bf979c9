package saml_test

import (
	"encoding/base64"
	"flag"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	dsig "github.com/russellhaering/goxmldsig"

	"ecluse/internal/saml"
)

var updateAttacks = flag.Bool("update", false, "write testdata/attacks anew, with a fresh key")

// TestMakeAttacks checks that the maker still knows how to build every attack
// that is kept, and writes them with -update.
func TestMakeAttacks(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("testdata", "attacks")
	m := attackMaker{t: t, files: map[string]string{}}
	m.responses()
	m.contents()
	m.algorithms()
	m.requests()
	m.queries()
	m.metadata()
	if *updateAttacks {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		m.files["registered.pem"] = string(rsaIdentity().certPEM())
	}
	for name, content := range m.files {
		path := filepath.Join(dir, name)
		if !*updateAttacks {
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s is not kept: %v", name, err)
			}
			continue
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

type attackMaker struct {
	t     *testing.T
	files map[string]string
}

func (m attackMaker) add(name, verdict, message string) { m.files[name] = verdict + "\n" + message }

// replace is strings.Replace that must find what it replaces.
func (m attackMaker) replace(s, old, new string) string {
	m.t.Helper()
	if !strings.Contains(s, old) {
		m.t.Fatalf("%q is not in the message", old)
	}
	return strings.Replace(s, old, new, 1)
}

// between cuts out the first element from open to end, both included.
func (m attackMaker) between(s, open, end string) string {
	m.t.Helper()
	from, to := strings.Index(s, open), strings.Index(s, end)
	if from < 0 || to < from {
		m.t.Fatalf("%q to %q is not in the message", open, end)
	}
	return s[from : to+len(end)]
}

// responses moves signatures and what they sign around.
func (m attackMaker) responses() {
	a := string(write(m.t, rsaIdentity(), plainResponse(), saml.SignAssertion))
	r := string(write(m.t, rsaIdentity(), plainResponse(), saml.SignResponse))
	m.add("response-control-assertion.xml", "accept: signed assertion", a)
	m.add("response-control-response.xml", "accept: signed response", r)
	m.add("response-control-both.xml", "accept: both signed", string(write(m.t, rsaIdentity(), plainResponse(), saml.SignBoth)))

	signed := m.between(a, "<saml:Assertion ", "</saml:Assertion>")
	sig := m.between(signed, "<ds:Signature ", "</ds:Signature>")
	bare := m.replace(signed, sig, "")
	evil := m.replace(m.replace(bare, "p-71f2", "admin"), "_a0123", "_evil")
	object := func(inner string) string {
		return m.replace(sig, "</ds:Signature>", "<ds:Object>"+inner+"</ds:Object></ds:Signature>")
	}
	into := func(assertion, extra string) string {
		return m.replace(assertion, "</saml:Issuer>", "</saml:Issuer>"+extra)
	}
	outer := m.between(r, "<ds:Signature ", "</ds:Signature>")
	evilRoot := m.replace(m.replace(m.replace(r, outer, ""), "_r0123", "_evil"), "p-71f2", "admin")
	original := m.replace(r, outer, "")
	const why = "refuse signature: signature wrapping, "
	m.add("response-xsw1.xml", why+"original response in an Object of the signature", m.replace(evilRoot, "</saml:Issuer>",
		"</saml:Issuer>"+m.replace(outer, "</ds:Signature>", "<ds:Object>"+original+"</ds:Object></ds:Signature>")))
	m.add("response-xsw2.xml", "refuse signature: signature wrapping, original response beside the signature",
		m.replace(evilRoot, "</saml:Issuer>", "</saml:Issuer>"+original+outer))
	m.add("response-xsw3.xml", "refuse syntax: two assertions, a forged one before the signed one", m.replace(a, signed, evil+signed))
	m.add("response-xsw3b.xml", "refuse syntax: two assertions, a forged one behind the signed one", m.replace(a, signed, signed+evil))
	m.add("response-xsw4.xml", why+"signed assertion inside a forged one", m.replace(a, signed, into(evil, signed)))
	m.add("response-xsw5.xml", "refuse syntax: the signature moved into a forged assertion, the original behind it", m.replace(a, signed, into(evil, sig)+bare))
	m.add("response-xsw6.xml", why+"original inside the moved signature", m.replace(a, signed, into(evil, m.replace(sig, "</ds:KeyInfo>", "</ds:KeyInfo>"+bare))))
	m.add("response-xsw7.xml", why+"original parked in Extensions", m.replace(a, signed, "<samlp:Extensions>"+signed+"</samlp:Extensions>"+evil))
	m.add("response-xsw8.xml", why+"original in an Object of the forged assertion's signature", m.replace(a, signed, into(evil, object(bare))))
	m.add("response-reference-elsewhere.xml", why+"reference names another element than its parent", m.replace(a, signed, into(evil, sig)))
	m.add("response-advice.xml", why+"assertion parked in Advice", m.replace(a, "<saml:AttributeStatement>", "<saml:Advice>"+evil+"</saml:Advice><saml:AttributeStatement>"))
}

// contents attacks a signed response without moving its signature.
func (m attackMaker) contents() {
	a := string(write(m.t, rsaIdentity(), plainResponse(), saml.SignAssertion))
	r := string(write(m.t, rsaIdentity(), plainResponse(), saml.SignResponse))
	signed := m.between(a, "<saml:Assertion ", "</saml:Assertion>")
	sig := m.between(signed, "<ds:Signature ", "</ds:Signature>")
	m.add("response-duplicate-id.xml", "refuse signature: one ID for two elements", m.replace(a, "<samlp:Status>", `<samlp:Status ID="_a0123456789abcdef0123456789abcdef">`))
	m.add("response-duplicate-xmlid.xml", "refuse signature: one ID for two elements, by xml:id", m.replace(a, "<samlp:Status>", `<samlp:Status xml:id="_a0123456789abcdef0123456789abcdef">`))
	m.add("response-same-twice.xml", "refuse signature: the signed assertion twice", m.replace(a, signed, signed+signed))
	m.add("response-no-assertion.xml", "refuse syntax: success without assertion", m.replace(a, signed, ""))
	m.add("response-failure-with-assertion.xml", "refuse syntax: failure with an assertion", m.replace(a, "status:Success", "status:Responder"))
	m.add("response-encrypted.xml", "refuse encrypted: an encrypted assertion beside the signed one", m.replace(a, signed, signed+"<saml:EncryptedAssertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"></saml:EncryptedAssertion>"))
	m.add("response-unsigned.xml", "refuse signature: no signature", m.replace(a, sig, ""))
	m.add("response-other-key.xml", "refuse signature: signed by an unregistered key that KeyInfo brings along",
		string(write(m.t, newIdentity(otherRSA()), plainResponse(), saml.SignBoth)))
	m.add("response-changed.xml", "refuse signature: identity changed", m.replace(a, "p-71f2", "admin"))
	m.add("response-changed-response.xml", "refuse signature: recipient changed in a signed response", m.replace(r, "lire.example.org/saml/acs", "evil.example.org/saml/acs"))

	m.add("response-comment-nameid.xml", "refuse shape: comment inside the NameID", m.replace(a, "p-71f2", "p-71f2<!-- x -->"))
	m.add("response-pi-nameid.xml", "refuse shape: processing instruction inside the NameID", m.replace(a, "p-71f2", "p-71f2<?x y?>"))
	m.add("response-control-cdata.xml", "accept: CDATA is text, canonical form is the same", m.replace(a, "p-71f2", "<![CDATA[p-7]]>1<![CDATA[f2]]>"))
	m.add("response-control-reference.xml", "accept: a numeric reference is the same character", m.replace(a, "p-71f2", "p-71f&#x32;"))
	m.add("response-control-spaces.xml", "accept: white space inside tags is not signed", m.replace(a, "<saml:Subject>", "<saml:Subject\n >"))
	m.add("response-dtd.xml", "refuse shape: document type with an entity", `<!DOCTYPE r [<!ENTITY e "admin">]>`+m.replace(a, "p-71f2", "&e;"))
	m.add("response-entity.xml", "refuse syntax: entity that nobody declared", m.replace(a, "p-71f2", "p-71f2&e;"))
	m.add("response-markup-nameid.xml", "refuse signature: element inside the NameID", m.replace(a, "p-71f2", "p-71f2<b></b>"))
	m.add("response-second-root.xml", "refuse syntax: two roots", a+a)
	m.add("response-undeclared-prefix.xml", "refuse syntax: undeclared prefix", m.replace(a, "<samlp:Status>", "<samlp:Status x:y=\"\">"))
	m.add("response-duplicate-attribute.xml", "refuse syntax: attribute twice by expanded name",
		m.replace(a, "<samlp:Status>", `<samlp:Status xmlns:x="urn:x" xmlns:y="urn:x" x:a="" y:a="">`))
	m.add("response-utf16.xml", "refuse syntax: declared encoding is not UTF-8", `<?xml version="1.0" encoding="UTF-16"?>`+a)
	m.add("response-utf7.xml", "refuse syntax: declared encoding is not UTF-8", `<?xml version="1.0" encoding="UTF-7"?>`+a)
	m.add("response-control-declaration.xml", "accept: XML declaration of UTF-8", `<?xml version="1.0" encoding="UTF-8" standalone="no"?>`+"\n"+a)
	m.add("response-deep.xml", "refuse shape: 25 levels", strings.Repeat("<a>", 25)+strings.Repeat("</a>", 25))
	m.add("response-wide.xml", "refuse shape: 2,001 elements", "<a>"+strings.Repeat("<a/>", 2000)+"</a>")
	m.add("response-attributes.xml", "refuse shape: 65 attributes", "<a"+strings.Repeat(` a=""`, 65)+"/>")
	m.add("response-long-namespace.xml", "refuse syntax: a namespace name that canonical form would multiply", m.replace(a, "<samlp:Response ", `<samlp:Response xmlns:x="`+strings.Repeat("x", 600)+`" `))
}

// algorithms changes what the signature says about itself.
func (m attackMaker) algorithms() {
	a := string(write(m.t, rsaIdentity(), plainResponse(), saml.SignAssertion))
	sha1 := foreignResponse(m.t, rsaIdentity(), dsig.RSASHA1SignatureMethod, true)
	m.add("response-sha1.xml", "refuse signature: RSA with SHA-1", string(sha1))
	m.add("response-control-foreign.xml", "accept: the same with SHA-256", string(foreignResponse(m.t, rsaIdentity(), dsig.RSASHA256SignatureMethod, true)))
	transform := `<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:Transform>`
	reference := m.between(a, "<ds:Reference ", "</ds:Reference>")
	info := m.between(a, "<ds:SignedInfo>", "</ds:SignedInfo>")
	value := m.between(a, "<ds:SignatureValue>", "</ds:SignatureValue>")
	for name, doc := range map[string]string{
		"hmac":              m.replace(a, more+"rsa-sha256", more+"hmac-sha256"),
		"none":              m.replace(a, more+"rsa-sha256", "none"),
		"ecdsa-confusion":   m.replace(a, more+"rsa-sha256", more+"ecdsa-sha256"),
		"empty-value":       m.replace(a, value, "<ds:SignatureValue></ds:SignatureValue>"),
		"no-signedinfo":     m.replace(a, info, ""),
		"two-signedinfo":    m.replace(a, info, info+info),
		"two-references":    m.replace(a, reference, reference+reference),
		"no-reference":      m.replace(a, reference, ""),
		"whole-document":    m.replace(a, `URI="#_a0123456789abcdef0123456789abcdef"`, `URI=""`),
		"xpointer":          m.replace(a, `URI="#_a0123456789abcdef0123456789abcdef"`, `URI="#xpointer(id('_a0123456789abcdef0123456789abcdef'))"`),
		"three-transforms":  m.replace(a, transform, transform+transform),
		"many-transforms":   m.replace(a, transform, strings.Repeat(transform, 60)),
		"no-transforms":     m.replace(a, transform, ""),
		"xslt":              m.replace(a, transform, `<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"></ds:Transform>`),
		"inclusive-c14n":    m.replace(a, `Method Algorithm="`+excC14N, `Method Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315`),
		"two-signatures":    m.replace(a, "<saml:Subject>", m.between(a, "<ds:Signature ", "</ds:Signature>")+"<saml:Subject>"),
		"signature-deeper":  m.replace(m.replace(a, m.between(a, "<ds:Signature ", "</ds:Signature>"), ""), "<saml:Subject>", "<saml:Subject>"+m.between(a, "<ds:Signature ", "</ds:Signature>")),
		"long-signedinfo":   m.replace(a, transform, `<ds:Transform Algorithm="`+strings.Repeat("x", 9000)+`"></ds:Transform>`),
		"object":            m.replace(a, "</ds:Signature>", "<ds:Object></ds:Object></ds:Signature>"),
		"element-in-digest": m.replace(a, "<ds:DigestValue>", "<ds:DigestValue><x></x>"),
	} {
		verdict := "refuse signature: "
		if name == "element-in-digest" {
			verdict = "refuse syntax: "
		}
		m.add("response-sig-"+name+".xml", verdict+strings.ReplaceAll(name, "-", " "), doc)
	}
	m.add("response-sig-comment-in-digest.xml", "refuse shape: comment in DigestValue", m.replace(a, "<ds:DigestValue>", "<ds:DigestValue><!--x-->"))
}

func (m attackMaker) requests() {
	const root = "<samlp:AuthnRequest "
	m.add("request-control.xml", "accept: plain request", requestXML)
	m.add("request-control-rich.xml", "accept: request with everything", richRequest)
	m.add("request-dtd.xml", "refuse shape: document type", "<!DOCTYPE a SYSTEM \"http://evil.example.org/\">"+requestXML)
	m.add("request-xinclude-dtd.xml", "refuse shape: parameter entity", `<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd">%x;]>`+requestXML)
	m.add("request-comment-issuer.xml", "refuse shape: comment in the Issuer", m.replace(requestXML, "org/sp<", "org/sp<!-- -->.evil.example.org<"))
	m.add("request-pi.xml", "refuse shape: processing instruction", m.replace(requestXML, root, "<?xml-stylesheet href='x'?>"+root))
	m.add("request-no-issuer.xml", "refuse syntax: no Issuer", m.replace(requestXML, "<saml:Issuer>https://lire.example.org/sp</saml:Issuer>", ""))
	m.add("request-two-issuers.xml", "refuse syntax: two Issuers", m.replace(requestXML, "<saml:Issuer>", "<saml:Issuer>https://evil.example.org</saml:Issuer><saml:Issuer>"))
	m.add("request-duplicate-acs.xml", "refuse syntax: an attribute twice", m.replace(requestXML, " ID=", ` AssertionConsumerServiceURL="https://evil.example.org" ID=`))
	m.add("request-namespace.xml", "refuse syntax: root of another namespace", m.replace(requestXML, "SAML:2.0:protocol", "SAML:2.0:protocol#"))
	m.add("request-colon-name.xml", "refuse syntax: malformed name", m.replace(requestXML, root, `<samlp:AuthnRequest :a="" `))
	m.add("request-forbidden-character.xml", "refuse syntax: reference to a forbidden character", m.replace(requestXML, "_q1", "_q1&#0;"))
	m.add("request-bad-utf8.xml", "refuse syntax: invalid UTF-8", m.replace(requestXML, "org/sp<", "org/sp\xff<"))

	signed := string(signedRequest(m.t, rsaIdentity()))
	m.add("signedrequest-control.xml", "accept: signed request", signed)
	m.add("signedrequest-changed.xml", "refuse signature: address changed", m.replace(signed, "lire.example.org/saml/acs", "evil.example.org/saml/acs"))
	m.add("signedrequest-unsigned.xml", "refuse signature: no signature", requestXML)
	sig := m.between(signed, "<ds:Signature ", "</ds:Signature>")
	evil := m.replace(m.replace(signed, "lire.example.org/saml/acs", "evil.example.org/saml/acs"), `"_q1"`, `"_q2"`)
	m.add("signedrequest-wrapped.xml", "refuse signature: original parked in Extensions, reference names it",
		m.replace(evil, sig, "<samlp:Extensions>"+m.replace(signed, sig, "")+"</samlp:Extensions>"+sig))
	m.add("signedrequest-in-extensions.xml", "refuse signature: signature below Extensions", m.replace(signed, sig, "<samlp:Extensions>"+sig+"</samlp:Extensions>"))
}

func (m attackMaker) queries() {
	value := redirectValue(m.t, requestXML)
	evil := redirectValue(m.t, m.replace(requestXML, "lire.example.org/saml/acs", "evil.example.org/saml/acs"))
	good := signQuery(m.t, rsaIdentity(), "SAMLRequest="+value+"&RelayState=r")
	m.add("query-control.txt", "accept: signed query", good)
	m.add("query-control-extra.txt", "accept: signed query with a parameter of a third party", good+"&utm_source=x")
	m.add("query-twice.txt", "refuse binding: a second message", good+"&SAMLRequest="+evil)
	m.add("query-twice-first.txt", "refuse binding: a second message in front", "SAMLRequest="+evil+"&"+good)
	m.add("query-disguised.txt", "refuse binding: a second message under an escaped name", good+"&SAML%52equest="+evil)
	m.add("query-request-and-response.txt", "refuse binding: a response beside the request", good+"&SAMLResponse="+evil)
	m.add("query-relaystate-twice.txt", "refuse binding: two RelayStates", good+"&RelayState=x")
	m.add("query-other-message.txt", "refuse signature: another message under the signature", m.replace(good, value, evil))
	m.add("query-other-relaystate.txt", "refuse signature: another RelayState", m.replace(good, "RelayState=r", "RelayState=s"))
	m.add("query-unsigned.txt", "refuse signature: signature stripped", "SAMLRequest="+value+"&RelayState=r")
	m.add("query-half.txt", "refuse binding: algorithm without signature", good[:strings.Index(good, "&Signature=")])
	m.add("query-sha1.txt", "refuse signature: SHA-1", m.replace(good, url.QueryEscape(more+"rsa-sha256"), url.QueryEscape(dsigNS+"rsa-sha1")))
	m.add("query-bomb.txt", "refuse binding: inflates to 10 MB", "SAMLRequest="+redirectValue(m.t, "<a>"+strings.Repeat(" ", 10<<20)+"</a>"))
	m.add("query-bytes-behind.txt", "refuse binding: bytes behind the deflated message",
		"SAMLRequest="+url.QueryEscape(base64.StdEncoding.EncodeToString(append(deflate(m.t, []byte(requestXML)), deflate(m.t, []byte("<evil/>"))...))))
	m.add("query-base64-garbage.txt", "refuse binding: characters that are not base64", "SAMLRequest="+value[:20]+"%00"+value[20:])
}

func (m attackMaker) metadata() {
	md := spMetadata()
	const location = "https://lire.example.org/saml/acs"
	m.add("metadata-control.xml", "accept: metadata with comments", md)
	m.add("metadata-control-nouse.xml", "accept: a key without use is for both uses", m.replace(md, ` use="signing"`, ""))
	m.add("metadata-dtd.xml", "refuse shape: document type", m.replace(md, "<md:EntityDescriptor", "<!DOCTYPE x><md:EntityDescriptor"))
	m.add("metadata-javascript.xml", "refuse metadata: address is a script", m.replace(md, location, "javascript:alert(1)//https://x"))
	m.add("metadata-http.xml", "refuse metadata: address is not https", m.replace(md, location, "http://lire.example.org/saml/acs"))
	m.add("metadata-userinfo.xml", "refuse metadata: address has a user", m.replace(md, location, "https://lire.example.org@evil.example.org/"))
	m.add("metadata-expired.xml", "refuse metadata: expired", m.replace(md, "2026-12-01", "2026-11-01"))
	m.add("metadata-unknown-use.xml", "refuse metadata: unknown use of a key", m.replace(md, `use="signing"`, `use=""`))
	m.add("metadata-aggregate.xml", "refuse metadata: several entities",
		`<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">`+md[strings.Index(md, "<md:EntityDescriptor"):]+`</md:EntitiesDescriptor>`)
	m.add("metadata-pi.xml", "refuse shape: processing instruction", m.replace(md, mdACS, "<?x y?>"+mdACS))
}
