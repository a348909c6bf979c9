package canary

import (
	"strings"
	"testing"
)

func casXML(user, inner string) string {
	return `<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">
  <cas:authenticationSuccess>
    <cas:user>` + user + `</cas:user>
    <cas:attributes>
      <cas:authenticationDate>2026-10-05T09:00:00Z</cas:authenticationDate>
      <cas:longTermAuthenticationRequestTokenUsed>false</cas:longTermAuthenticationRequestTokenUsed>
      <cas:isFromNewLogin>true</cas:isFromNewLogin>` + inner + `
    </cas:attributes>
  </cas:authenticationSuccess>
</cas:serviceResponse>
`
}

func casJSON(inner string) string {
	return `{"serviceResponse":{"authenticationSuccess":{"user":"` + number + `"` + inner + `}}}`
}

func TestHonestCASAnswersAreNoBreach(t *testing.T) {
	t.Parallel()
	w := newWorld(t, academy())
	random := strings.Repeat("ABCDEFGHIJKLM", 4)
	for name, body := range map[string]string{
		"XML":                    casXML(number, `<cas:DIV>CE2 B</cas:DIV><cas:DIV>chorale</cas:DIV><cas:UAI>`+school+`</cas:UAI>`),
		"XML with nothing":       casXML(number, ""),
		"XML with a random user": casXML(random, ""),
		"JSON":                   casJSON(`,"attributes":{"DIV":["CE2 B"],"isFromNewLogin":["true"]}`),
		"JSON with nothing":      casJSON(""),
		"CAS 1.0":                "yes\n" + number + "\n",
	} {
		if found := w.see(message("lire", "cas", "cas", []byte(body))); len(found) != 0 {
			t.Errorf("%s: %v", name, found)
		}
	}
}

func TestEachWayToSendMoreInCASIsCaught(t *testing.T) {
	t.Parallel()
	w := newWorld(t, academy())
	honest := casXML(number, "<cas:DIV>CE2 B</cas:DIV>")
	in := func(old, put string) string { return strings.Replace(honest, old, put, 1) }
	for name, c := range map[string]struct {
		body string
		want Kind
	}{
		"an undeclared attribute":         {casXML(number, "<cas:MEF>1</cas:MEF>"), Undeclared},
		"a name":                          {casXML(number, "<cas:givenName>Léa</cas:givenName>"), NamesSomeone},
		"an attribute outside attributes": {in("<cas:attributes>", "<cas:DIV>CE2 B</cas:DIV><cas:attributes>"), Strange},
		"an element within an attribute":  {casXML(number, "<cas:DIV><cas:DIV>x</cas:DIV></cas:DIV>"), Strange},
		"an XML attribute":                {casXML(number, `<cas:DIV name="lea">x</cas:DIV>`), Strange},
		"another space":                   {casXML(number, `<x:DIV xmlns:x="urn:x">x</x:DIV>`), Strange},
		"a proxy ticket":                  {in("<cas:attributes>", "<cas:proxyGrantingTicket>PGT</cas:proxyGrantingTicket><cas:attributes>"), Strange},
		"a second user":                   {in("<cas:attributes>", "<cas:user>lea</cas:user><cas:attributes>"), Strange},
		"two lists of attributes":         {in("</cas:authenticationSuccess>", "<cas:attributes/></cas:authenticationSuccess>"), Strange},
		"a user called after CAS's own":   {casXML(number, "<cas:user>lea</cas:user>"), Undeclared},
		"a mail as the date":              {in("2026-10-05T09:00:00Z", "lea@ecole.example"), Disguised},
		"a mail as user":                  {casXML("lea@ecole.example", ""), Subject},
		"JSON: an undeclared attribute":   {casJSON(`,"attributes":{"MEF":["1"]}`), Undeclared},
		"JSON: one without a value":       {casJSON(`,"attributes":{"MEF":[]}`), Undeclared},
		"JSON: an object":                 {casJSON(`,"attributes":{"DIV":{"lea":1}}`), Strange},
		"JSON: an attribute twice":        {casJSON(`,"attributes":{"DIV":["a"],"DIV":["b"]}`), Strange},
		"JSON: beside attributes":         {casJSON(`,"mail":"lea"`), Strange},
		"JSON: beside the answer":         {`{"lea":1,` + casJSON("")[1:], Strange},
		"JSON: no user":                   {`{"serviceResponse":{"authenticationSuccess":{}}}`, Subject},
		"JSON: no answer":                 {`{"serviceResponse":{}}`, Unreadable},
		"JSON: attributes are a text":     {casJSON(`,"attributes":"lea"`), Unreadable},
		"CAS 1.0: a third line":           {"yes\n" + number + "\nlea\n", Unreadable},
		"CAS 1.0: a name":                 {"yes\nlea\n", Subject},
		"a failure":                       {"no\n\n", Unreadable},
	} {
		if found := w.see(message("lire", "cas", "cas", []byte(c.body))); !kinds(found)[c.want] {
			t.Errorf("%s: %v, want %s", name, found, c.want)
		}
	}
}
