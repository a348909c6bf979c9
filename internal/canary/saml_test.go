package canary

import (
	"encoding/base64"
	"strings"
	"testing"

	"ecluse/internal/registry"
	"ecluse/internal/saml"
)

func TestAnHonestSAMLResponseIsNoBreach(t *testing.T) {
	t.Parallel()
	w := newWorld(t, academy())
	honest := attributes{"ENTEleveNivFormation": {"CE2"}, "DIV": {"CE2 B", "chorale"}, "UAI": {school}, "PRO": {"National_ELV"}, "IDO": {number}}
	m := samlOf(t, "lire", honest)
	if found := w.see(m); len(found) != 0 {
		t.Errorf("an honest response: %v", found)
	}
	m.Body = []byte(saml.EncodePost(m.Body))
	if found := w.see(m); len(found) != 0 {
		t.Errorf("as HTTP-POST encodes it: %v", found)
	}
	m.Body = response(t, saml.NameID{Value: saml.NewID(), Format: saml.NameIDTransient}, honest)
	if found := w.see(m); len(found) != 0 {
		t.Errorf("with a transient subject: %v", found)
	}
	names := attributes{
		"urn:oid:2.5.4.42": {"Léa"}, "urn:oid:2.5.4.4": {"Martin & Cie"}, "urn:oid:0.9.2342.19200300.100.1.3": {"lea@ecole.example"},
		"urn:oid:0.9.2342.19200300.100.1.1": {"lea@ecole.example"}, // a source may take a mail address for a login
	}
	if found := w.see(samlOf(t, "carnet", names)); len(found) != 0 {
		t.Errorf("names under a nominative declaration: %v", found)
	}
}

// TestEachWayToSendMoreInSAMLIsCaught changes an honest signed response.
func TestEachWayToSendMoreInSAMLIsCaught(t *testing.T) {
	t.Parallel()
	w := newWorld(t, academy())
	honest := string(response(t, persistent(), attributes{"DIV": {"CE2 B"}}))
	extra := func(name, value string) string {
		return `<saml:Attribute Name="` + name + `"><saml:AttributeValue>` + value + `</saml:AttributeValue></saml:Attribute>`
	}
	in := func(old, put string) string {
		if !strings.Contains(honest, old) {
			t.Fatalf("no %s in the response", old)
		}
		return strings.Replace(honest, old, put, 1)
	}
	end, statement := "</saml:AttributeStatement>", "<saml:AttributeStatement>"
	a, b := strings.Index(honest, "<saml:Assertion"), strings.Index(honest, "</samlp:Response>")
	assertion := honest[a:b]
	for name, c := range map[string]struct {
		body string
		kind Kind
	}{
		"an undeclared attribute":       {in(end, extra("urn:oid:0.9.2342.19200300.100.1.3", "x")+end), NamesSomeone},
		"a word that names nobody":      {in(end, extra("MEF", "1001")+end), Undeclared},
		"a name that nobody knows":      {in(end, extra("shoeSize", "38")+end), Undeclared},
		"a name in another case":        {in(end, extra("div", "CE2 B")+end), Undeclared},
		"the national pupil number":     {in(end, extra("ENTEleveINE", "x")+end), Uncited},
		"the NIR by name":               {in(end, extra("NumeroNIR", "x")+end), Forbidden},
		"the NIR by value":              {in("CE2 B", "2 69 05 49 588 157 80"), Disguised},
		"a pupil number as a class":     {in("CE2 B", "1234567890A"), Disguised},
		"a mail address as a class":     {in("CE2 B", "lea@ecole.example"), FreeLabel},
		"an attribute twice":            {in(end, extra("DIV", "CE2 C")+end), Strange},
		"a statement twice":             {in(statement, statement+end+statement), Strange},
		"a value with elements":         {in("CE2 B", "CE2 B<x>lea</x>"), Strange},
		"a value with another element":  {in("CE2 B", "CE2 B<saml:NameID>lea</saml:NameID>"), Strange},
		"a comment":                     {in(statement, "<!-- lea@ecole.example -->"+statement), Strange},
		"a comment in a value":          {in("CE2 B", "CE2<!-- lea --> B"), Strange},
		"a comment behind the root":     {honest + "<!-- lea -->", Strange},
		"text behind the root":          {honest + "lea", Strange},
		"an instruction":                {in(statement, "<?lea martin?>"+statement), Strange},
		"an instruction that says xml":  {`<?xml version="1.0" encoding="UTF-8" lea="martin"?>` + honest, Strange},
		"text between elements":         {in(statement, "lea martin"+statement), Strange},
		"an element of another space":   {in(statement, `<x:More xmlns:x="urn:lea.martin">1</x:More>`+statement), Strange},
		"a SAML 1 attribute":            {in(statement, `<Attribute xmlns="urn:oasis:names:tc:SAML:1.0:assertion" AttributeName="x"/>`+statement), Strange},
		"a space that says something":   {in("<saml:Subject>", `<saml:Subject xmlns:x="urn:lea.martin">`), Strange},
		"an XML attribute more":         {in("<saml:Subject>", `<saml:Subject Name="lea">`), Strange},
		"an XML attribute elsewhere":    {in(`<saml:AttributeValue>`, `<saml:AttributeValue xml:lang="lea">`), Strange},
		"Extensions":                    {in("<samlp:Status>", "<samlp:Extensions>lea</samlp:Extensions><samlp:Status>"), Strange},
		"a StatusMessage":               {in("</samlp:Status>", "<samlp:StatusMessage>lea</samlp:StatusMessage></samlp:Status>"), Strange},
		"Advice":                        {in("<saml:AuthnStatement", "<saml:Advice>lea</saml:Advice><saml:AuthnStatement"), Strange},
		"a SubjectLocality":             {in("<saml:AuthnContext>", `<saml:SubjectLocality Address="10.0.0.1"/><saml:AuthnContext>`), Strange},
		"an object in the signature":    {in("</ds:Signature>", "<ds:Object>lea</ds:Object></ds:Signature>"), Strange},
		"a key name":                    {in("<ds:X509Data>", "<ds:KeyName>lea</ds:KeyName><ds:X509Data>"), Strange},
		"a second assertion":            {in("</samlp:Response>", assertion+"</samlp:Response>"), Strange},
		"an assertion within":           {in(statement, assertion+statement), Strange},
		"a second response":             {honest + honest, Strange},
		"a document type":               {`<!DOCTYPE x [<!ENTITY e "lea">]>` + honest, Strange},
		"an entity":                     {in("CE2 B", "&lea;"), Unreadable},
		"an entity of a document type":  {`<!DOCTYPE x [<!ENTITY lea "x">]>` + in("CE2 B", "&lea;"), Unreadable},
		"half a response":               {honest[:len(honest)/2], Unreadable},
		"another encoding":              {`<?xml version="1.0" encoding="UTF-16"?>` + honest, Unreadable},
		"nothing":                       {"", Unreadable},
		"an encrypted assertion":        {in(assertion, "<saml:EncryptedAssertion>x</saml:EncryptedAssertion>"), Strange},
		"a mail as NameID":              {in(number, "lea@ecole.example"), Subject},
		"a name as NameID":              {in(number, "lea.martin"), Subject},
		"no NameID":                     {in(number, ""), Subject},
		"a NameID called transient":     {strings.Replace(in(number, "lea.martin"), saml.NameIDPersistent, saml.NameIDTransient, 1), Subject},
		"CDATA does not hide a value":   {in("CE2 B", "<![CDATA[1234567890A]]>"), Disguised},
		"a character reference neither": {in("CE2 B", "12345&#54;7890A"), Disguised},
		"a mail as session index":       {in(strings.Repeat("ab", 16), "lea@ecole.example"), Disguised},
		"another school":                {in(end, extra("UAI", other)+end), OtherPlace},
		"another school as a class":     {in("CE2 B", other), OtherPlace},
		"another profile":               {in(end, extra("PRO", "National_ENS")+end), OtherPlace},
		"a name as IDO":                 {in(end, extra("IDO", "lea")+end), Disguised},
		"a friendly name that tells":    {in(`Name="DIV"`, `Name="DIV" FriendlyName="lea.martin"`), Strange},
		"a second subject confirmation": {in("</saml:Subject>", "<saml:SubjectConfirmation/></saml:Subject>"), Strange},
	} {
		found := w.see(message("lire", "saml", "saml-response", []byte(c.body)))
		if !kinds(found)[c.kind] {
			t.Errorf("%s: %v, want %s", name, found, c.kind)
		}
		for _, f := range found {
			for _, secret := range []string{"lea", "@", "martin", "1234567890A"} {
				if name := plain(f.name); strings.Contains(strings.ToLower(name), secret) && f.kind != Strange {
					t.Errorf("%s: the finding tells %q", name, f.name)
				}
			}
		}
	}
}

func TestUnpackingAnythingElseReadsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, academy())
	for _, body := range []string{"%%%", base64.StdEncoding.EncodeToString([]byte("no xml, no deflate")), "{}", strings.Repeat("<a>", mostBytes)} {
		if found := w.see(message("lire", "saml", "saml-response", []byte(body))); !kinds(found)[Unreadable] {
			t.Errorf("%.20s: %v", body, found)
		}
	}
	m := samlOf(t, "lire", attributes{"DIV": {"CE2 B"}})
	m.Kind = "postcard"
	if found := w.see(m); !kinds(found)[Unreadable] {
		t.Errorf("an unknown kind of message: %v", found)
	}
}

func TestASubjectThatIsAValueIsADeclaredWord(t *testing.T) {
	t.Parallel()
	c := academy()
	for i := range c.Services {
		for n := range c.Services[i].Bindings {
			c.Services[i].Bindings[n].Subject = "mail"
		}
	}
	w := newWorld(t, c)
	id := saml.NameID{Value: "lea@ecole.example", Format: saml.NameIDEmail}
	if found := w.see(message("carnet", "saml", "saml-response", response(t, id, nil))); len(found) != 0 {
		t.Errorf("a declared mail address: %v", found)
	}
	if found := w.see(message("lire", "saml", "saml-response", response(t, id, nil))); !kinds(found)[NamesSomeone] {
		t.Errorf("a mail address under a pseudonymous declaration: %v", found)
	}
	id.Value = "1234567890A"
	if found := w.see(message("carnet", "saml", "saml-response", response(t, id, nil))); !kinds(found)[Disguised] {
		t.Errorf("a pupil number as the subject: %v", found)
	}
	for shape, value := range map[registry.Shape]string{
		registry.Pairwise: strings.Repeat("0f", 32) + "@connexion.example", registry.Compact: strings.Repeat("aB-_", 10) + "abc",
		registry.UUID: "01234567-89ab-8cde-8f01-23456789abcd", registry.Code: "AB12-CD34-EF56", registry.Hex128: number, "pigeon": "",
	} {
		c := academy()
		c.Services[0].Bindings[0].Shape, c.Services[1].Bindings[0].Shape = shape, shape
		w := newWorld(t, c)
		for _, id := range []string{value, number, "lea@ecole.example", "Léa Martin"} {
			if id == "" {
				continue
			}
			found := w.see(message("lire", "saml", "saml-response", response(t, saml.NameID{Value: id, Format: saml.NameIDPersistent}, nil)))
			if right := id == value; right != (len(found) == 0) {
				t.Errorf("%s as %s: %v", id, shape, found)
			}
		}
	}
}
