package canary

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
)

// casGrammar is a service validation response of CAS 2.0 and 3.0 (appendix A of the specification) that says yes.
func casGrammar() grammar {
	const success = "/s:serviceResponse/s:authenticationSuccess"
	return grammar{
		spaces: map[string]string{"http://www.yale.edu/tp/cas": "s"},
		places: map[string]place{
			"/s:serviceResponse":          {},
			success:                       {},
			success + "/s:user":           {text: true},
			success + "/s:attributes":     {},
			success + "/s:attributes/s:*": {text: true, many: true},
		},
	}
}

// casRandom is the user of a service that is told none: made for one answer.
var casRandom = regexp.MustCompile(`^[A-Z2-7]{52}$`)

// readCAS reads a validation response in any of its three forms: XML, JSON, and the two lines of CAS 1.0. An attribute of
// several values stands several times.
func readCAS(g grammar, body []byte) (out told, err error) {
	switch {
	case isXML(body):
		out.strange, err = g.walk(body, out.casElement)
	case bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")):
		err = out.casObject(body)
	default:
		lines := strings.Split(string(body), "\n")
		if len(lines) != 3 || lines[0] != "yes" || lines[2] != "" {
			return told{}, errUnreadable
		}
		out.subject = lines[1]
	}
	out.transient = casRandom.MatchString(out.subject)
	return out, err
}

const casAttributes = "/s:serviceResponse/s:authenticationSuccess/s:attributes/s:"

func (t *told) casElement(n node) {
	switch name, attribute := strings.CutPrefix(n.path, casAttributes); {
	case attribute:
		t.casAttribute(name, n.text)
	case n.local == "user":
		t.subject = n.text
	}
}

// casAttribute keeps an attribute. What CAS itself says there is of the sign-in, not of the person.
func (t *told) casAttribute(name, value string) {
	switch name {
	case "authenticationDate", "longTermAuthenticationRequestTokenUsed", "isFromNewLogin":
		t.asides = append(t.asides, value)
	default:
		t.add(name, value)
	}
}

// casObject reads the form in JSON: serviceResponse, authenticationSuccess, and in it user and attributes.
func (t *told) casObject(body []byte) error {
	raw := json.RawMessage(body)
	for _, step := range []string{"serviceResponse", "authenticationSuccess"} {
		fields, err := object(raw)
		if err != nil {
			return err
		}
		raw = nil
		for _, f := range fields {
			if f.name != step || raw != nil {
				t.strange = append(t.strange, f.name)
				continue
			}
			raw = f.raw
		}
	}
	fields, err := object(raw)
	if err != nil {
		return err
	}
	return t.casMembers(fields)
}

func (t *told) casMembers(fields []field) error {
	seen := map[string]bool{}
	for _, f := range fields {
		switch {
		case seen[f.name]:
			t.strange = append(t.strange, f.name)
		case f.name == "user" && len(f.values) == 1:
			t.subject = f.values[0]
		case f.name == "attributes":
			inner, err := object(f.raw)
			if err != nil {
				return err
			}
			t.casFields(inner)
		default:
			t.strange = append(t.strange, f.name)
		}
		seen[f.name] = true
	}
	return nil
}

func (t *told) casFields(fields []field) {
	seen := map[string]bool{}
	for _, f := range fields {
		if seen[f.name] || f.odd {
			t.strange = append(t.strange, f.name)
		}
		seen[f.name] = true
		if len(f.values) == 0 {
			t.items = append(t.items, item{name: f.name})
		}
		for _, value := range f.values {
			t.casAttribute(f.name, value)
		}
	}
}

// add adds a value to an attribute.
func (t *told) add(name, value string) {
	for i := range t.items {
		if t.items[i].name == name {
			t.items[i].values = append(t.items[i].values, value)
			return
		}
	}
	t.items = append(t.items, item{name: name, values: []string{value}})
}
