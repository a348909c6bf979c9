package app_test

import (
	"encoding/xml"
)

// ticketAnswer reads the answer that the site got for its ticket, and shows. The site has a user who is another one each
// time: whom it knows the person by is the number among the attributes.
func (k *comparison) ticketAnswer() (string, []item) {
	k.t.Helper()
	var response struct {
		User       string `xml:"authenticationSuccess>user"`
		Attributes struct {
			All []struct {
				XMLName xml.Name
				Value   string `xml:",chardata"`
			} `xml:",any"`
		} `xml:"authenticationSuccess>attributes"`
	}
	for _, part := range k.b.tab.page.all(tag("pre")) {
		if err := xml.Unmarshal([]byte(raw(part)), &response); err != nil {
			k.t.Fatalf("CAS answer: %v", err)
		}
	}
	byName := map[string]string{}
	for _, word := range k.words.Words() {
		entry, _ := k.words.Entry(word)
		byName[entry.CAS] = string(word)
	}
	values, names := map[string][]string{}, []string{}
	for _, a := range response.Attributes.All {
		switch name := a.XMLName.Local; name {
		case "authenticationDate", "longTermAuthenticationRequestTokenUsed", "isFromNewLogin":
		default:
			if values[name] == nil {
				names = append(names, name)
			}
			values[name] = append(values[name], a.Value)
		}
	}
	subject := ""
	var out []item
	for _, name := range names {
		if byName[name] == "" {
			k.t.Errorf("the attribute %s is no word of the dictionary", name)
		}
		if byName[name] == "pseudonym" {
			subject = values[name][0]
		}
		out = append(out, item{byName[name], values[name]})
	}
	if response.User == "" || response.User == subject {
		k.t.Error("the user is nobody, or lasts")
	}
	return subject, out
}
