package canary

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"io"
	"strings"

	"ecluse/internal/saml"
)

// samlGrammar is the whole of a response as SAML Core 2 and 3 and XML Signature have it and as a gateway without
// encryption sends it.
func samlGrammar() grammar {
	const (
		assertion = "/p:Response/a:Assertion"
		subject   = assertion + "/a:Subject"
		authn     = assertion + "/a:AuthnStatement"
		attribute = assertion + "/a:AttributeStatement/a:Attribute"
	)
	g := grammar{
		spaces: map[string]string{
			"urn:oasis:names:tc:SAML:2.0:protocol": "p", "urn:oasis:names:tc:SAML:2.0:assertion": "a",
			"http://www.w3.org/2000/09/xmldsig#": "d", "http://www.w3.org/2001/10/xml-exc-c14n#": "c",
		},
		places: map[string]place{
			"/p:Response":                            {attrs: []string{"ID", "Version", "IssueInstant", "Destination", "InResponseTo"}, ours: []string{"ID"}},
			"/p:Response/a:Issuer":                   {text: true},
			"/p:Response/p:Status":                   {},
			"/p:Response/p:Status/p:StatusCode":      {attrs: []string{"Value"}},
			assertion:                                {attrs: []string{"ID", "Version", "IssueInstant"}, ours: []string{"ID"}},
			assertion + "/a:Issuer":                  {text: true},
			subject:                                  {},
			subject + "/a:NameID":                    {attrs: []string{"Format", "NameQualifier", "SPNameQualifier"}, text: true},
			subject + "/a:SubjectConfirmation":       {attrs: []string{"Method"}},
			assertion + "/a:Conditions":              {attrs: []string{"NotBefore", "NotOnOrAfter"}},
			authn:                                    {attrs: []string{"AuthnInstant", "SessionIndex", "SessionNotOnOrAfter"}, ours: []string{"SessionIndex"}},
			authn + "/a:AuthnContext":                {},
			assertion + "/a:AttributeStatement":      {},
			attribute:                                {attrs: []string{"Name", "NameFormat", "FriendlyName"}, many: true},
			attribute + "/a:AttributeValue":          {text: true, many: true},
			assertion + "/a:Conditions/a:OneTimeUse": {},
			assertion + "/a:Conditions/a:AudienceRestriction":            {},
			assertion + "/a:Conditions/a:AudienceRestriction/a:Audience": {text: true},
			authn + "/a:AuthnContext/a:AuthnContextClassRef":             {text: true},
			authn + "/a:AuthnContext/a:AuthenticatingAuthority":          {text: true, many: true},
			subject + "/a:SubjectConfirmation/a:SubjectConfirmationData": {attrs: []string{"InResponseTo", "NotBefore", "NotOnOrAfter", "Recipient"}},
		},
	}
	for _, signed := range []string{"/p:Response", assertion} {
		g.signature(signed)
	}
	return g
}

// signature adds an enveloped signature (XML Signature 4). Object, KeyName and the like could carry anything and stand in
// none of ours.
func (g grammar) signature(signed string) {
	at := signed + "/d:Signature"
	info, reference := at+"/d:SignedInfo", at+"/d:SignedInfo/d:Reference"
	algorithm := place{attrs: []string{"Algorithm"}}
	g.places[at], g.places[info] = place{}, place{}
	g.places[info+"/d:CanonicalizationMethod"], g.places[info+"/d:SignatureMethod"] = algorithm, algorithm
	g.places[reference] = place{attrs: []string{"URI"}}
	g.places[reference+"/d:Transforms"] = place{}
	g.places[reference+"/d:Transforms/d:Transform"] = place{attrs: []string{"Algorithm"}, many: true}
	g.places[reference+"/d:Transforms/d:Transform/c:InclusiveNamespaces"] = place{attrs: []string{"PrefixList"}}
	g.places[reference+"/d:DigestMethod"] = algorithm
	g.places[reference+"/d:DigestValue"], g.places[at+"/d:SignatureValue"] = place{text: true}, place{text: true}
	g.places[at+"/d:KeyInfo"], g.places[at+"/d:KeyInfo/d:X509Data"] = place{}, place{}
	g.places[at+"/d:KeyInfo/d:X509Data/d:X509Certificate"] = place{text: true, many: true}
}

// readSAML reads a response: the XML, or the XML as a binding encodes it.
func readSAML(g grammar, body []byte) (told, error) {
	var out told
	values := map[int][]string{} // by the index of their attribute
	strange, err := g.walk(unpacked(body), func(n node) {
		for _, name := range g.places[n.path].ours {
			out.asides = append(out.asides, n.attr(name))
		}
		switch n.local {
		case "NameID":
			out.subject, out.transient = n.text, n.attr("Format") == saml.NameIDTransient
		case "AttributeValue":
			values[n.above] = append(values[n.above], n.text)
		case "Attribute":
			out.items = append(out.items, item{n.attr("Name"), n.attr("FriendlyName"), values[n.index]})
		case "AuthnContextClassRef", "AuthenticatingAuthority":
			out.asides = append(out.asides, n.text)
		}
	})
	out.strange = append(strange, twice(out.items)...)
	return out, err
}

// twice lists names that stand more than once: whoever reads may take either.
func twice(items []item) []string {
	var out []string
	seen := map[string]bool{}
	for _, i := range items {
		if seen[i.name] {
			out = append(out, i.name)
		}
		seen[i.name] = true
	}
	return out
}

// unpacked undoes the encodings of HTTP-POST and HTTP-Redirect (SAML Bindings 3.4.4.1, 3.5.4) where there are any.
func unpacked(body []byte) []byte {
	if isXML(body) {
		return body
	}
	packed, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(body)))
	if err != nil || isXML(packed) {
		return packed
	}
	flat, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), mostBytes))
	if err != nil {
		return nil
	}
	return flat
}

func isXML(body []byte) bool { return bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("<")) }
