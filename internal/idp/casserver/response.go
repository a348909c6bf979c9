package casserver

import (
	"crypto/rand"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"ecluse/internal/attrs"
)

// The attributes of CAS Protocol 2.5.7 that every answer with attributes has.
const (
	attributeDate     = "authenticationDate"
	attributeLongTerm = "longTermAuthenticationRequestTokenUsed"
	attributeNewLogin = "isFromNewLogin"
)

// namespace is that of every element (CAS Protocol appendix A).
const namespace = "http://www.yale.edu/tp/cas"

// said is what a service is told of a person. It prints nothing.
type said struct {
	handle     string
	user       string
	attributes []attribute
}

type attribute struct {
	name   string
	values []string
}

// String shows nothing of the person.
func (s said) String() string { return "[cas answer]" }

// GoString shows what String shows.
func (s said) GoString() string { return s.String() }

// LogValue shows what String shows.
func (s said) LogValue() slog.Value { return slog.StringValue(s.String()) }

// say puts a release into the terms of CAS. A name that is no element's, or a value that XML cannot carry, makes the
// answer fail: what would arrive would not be what was cleared.
func (s *Server) say(release attrs.Release, p *party, what issued, v version) (said, error) {
	out := release.As(attrs.ForCAS, p.binding)
	answer := said{handle: p.binding.Handle, user: out.Subject}
	if p.settings.User == userTransient {
		answer.user = rand.Text() + rand.Text()
	}
	if answer.user == "" || !carried(answer.user) || strings.ContainsAny(answer.user, "\r\n\t") {
		return said{}, fmt.Errorf("answer to service %s: the user cannot be written", answer.handle)
	}
	if v == cas1 || v == cas2 && !p.settings.AttributesV2 {
		return answer, nil
	}
	if at := release.Authn().At; !at.IsZero() {
		answer.attributes = append(answer.attributes, attribute{attributeDate, []string{at.UTC().Format(time.RFC3339)}})
	}
	answer.attributes = append(answer.attributes,
		attribute{attributeLongTerm, []string{"false"}},
		attribute{attributeNewLogin, []string{fmt.Sprint(what.New)}})
	for _, value := range out.Values {
		if !elementName(value.Name) || standard(value.Name) || !carried(value.Values...) {
			return said{}, fmt.Errorf("answer to service %s: the attribute %q cannot be written", answer.handle, value.Name)
		}
		answer.attributes = append(answer.attributes, attribute{value.Name, value.Values})
	}
	return answer, nil
}

// carried tells whether XML 1.0 can carry values (XML 2.2, Char).
func carried(values ...string) bool {
	for _, value := range values {
		if !utf8.ValidString(value) || strings.ContainsFunc(value, forbidden) {
			return false
		}
	}
	return true
}

func forbidden(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
}

// writing is how one answer is written.
type writing struct {
	version version
	json    bool
}

// writingOf reads the parameter format (CAS Protocol 2.5.1); CAS 1 has none.
func writingOf(v version, format string) (writing, error) {
	switch {
	case v == cas1 || format == "" || strings.EqualFold(format, "XML"):
		return writing{version: v}, nil
	case strings.EqualFold(format, "JSON"):
		return writing{version: v, json: true}, nil
	}
	return writing{version: v}, &no{codeRequest, "the format is XML or JSON"}
}

// element is one element with text, or with elements.
type element struct {
	XMLName xml.Name
	Space   string     `xml:"xmlns:cas,attr,omitempty"`
	Code    string     `xml:"code,attr,omitempty"`
	Text    string     `xml:",chardata"`
	Inner   []*element `xml:",any"`
}

func node(name string, inner ...*element) *element {
	return &element{XMLName: xml.Name{Local: "cas:" + name}, Inner: inner}
}

func text(name, value string) *element {
	return &element{XMLName: xml.Name{Local: "cas:" + name}, Text: value}
}

// success writes a yes.
func (as writing) success(s said) ([]byte, error) {
	switch {
	case s.user == "":
		return nil, errors.New("an answer about nobody")
	case as.version == cas1:
		return []byte("yes\n" + s.user + "\n"), nil
	case as.json:
		return as.object("authenticationSuccess", s.members())
	}
	inner := []*element{text("user", s.user)}
	if len(s.attributes) > 0 {
		attributes := node("attributes")
		for _, a := range s.attributes {
			for _, value := range a.values {
				attributes.Inner = append(attributes.Inner, text(a.name, value))
			}
		}
		inner = append(inner, attributes)
	}
	return document(node("authenticationSuccess", inner...))
}

// members are the answer in JSON, each attribute a list: a service can rely on one shape.
func (s said) members() map[string]any {
	out := map[string]any{"user": s.user}
	if len(s.attributes) == 0 {
		return out
	}
	attributes := map[string][]string{}
	for _, a := range s.attributes {
		attributes[a.name] = append(attributes[a.name], a.values...)
	}
	out["attributes"] = attributes
	return out
}

// failure writes a no.
func (as writing) failure(n *no) ([]byte, error) {
	if as.version == cas1 {
		return []byte("no\n\n"), nil
	}
	return as.refusal("authenticationFailure", n)
}

func (as writing) proxyFailure(n *no) ([]byte, error) { return as.refusal("proxyFailure", n) }

func (as writing) refusal(name string, n *no) ([]byte, error) {
	if as.json {
		return as.object(name, map[string]any{"code": n.code, "description": n.description})
	}
	refusal := text(name, n.description)
	refusal.Code = n.code
	return document(refusal)
}

func (as writing) object(name string, members map[string]any) ([]byte, error) {
	return json.MarshalIndent(map[string]any{"serviceResponse": map[string]any{name: members}}, "", "  ")
}

func document(inner *element) ([]byte, error) {
	root := node("serviceResponse", inner)
	root.Space = namespace
	body, err := xml.MarshalIndent(root, "", "  ")
	return append(body, '\n'), err
}

// write answers with something that must not be kept.
func (as writing) write(w http.ResponseWriter, body []byte) error {
	kind := "application/xml; charset=utf-8"
	switch {
	case as.version == cas1:
		kind = "text/plain; charset=utf-8"
	case as.json:
		kind = "application/json"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(body) // nothing to be done when the service is gone
	return nil
}
