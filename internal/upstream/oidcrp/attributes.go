package oidcrp

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"ecluse/internal/upstream/settings"
)

// Pick says where an attribute stands among the claims. It is data: a claim, or the first of several that has a value; or,
// for each element of a list of objects, some of its fields joined by $ as the SDET writes them:
//
//	attributes:
//	  sn: family_name
//	  mail: [email, mail]
//	  ENTEleveClasses: {each: schools, join: [uai, classes.name]}
//	  ENTPersonProfils: {claim: type, words: {ELEVE: National_ELV}}
//	  ENTPersonLogin: ""     # a preset's attribute that is not wanted
//
// A dot leads into an object; lists are entered by themselves. An element that lacks one of the fields gives nothing, and
// so does one of which a field before the last holds a $: it would be read as another field.
type Pick struct {
	Claim []string          // the first that has a value
	Each  string            // a list of objects
	Join  []string          // fields of each
	Words map[string]string // what the source says -> what is handed over; other values stay as they are

	none bool
}

// UnmarshalJSON implements json.Unmarshaler: a text, a list of texts, or an object.
func (p *Pick) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*p = Pick{Claim: []string{one}, none: one == ""}
		return nil
	}
	var several []string
	if json.Unmarshal(text, &several) == nil {
		*p = Pick{Claim: several}
		return nil
	}
	var whole struct {
		Claim json.RawMessage   `json:"claim"`
		Each  string            `json:"each"`
		Join  []string          `json:"join"`
		Words map[string]string `json:"words"`
	}
	strict := json.NewDecoder(bytes.NewReader(text))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&whole); err != nil {
		return err
	}
	*p = Pick{Each: whole.Each, Join: whole.Join, Words: whole.Words}
	if whole.Claim == nil {
		return nil
	}
	if json.Unmarshal(whole.Claim, &one) == nil {
		p.Claim = []string{one}
		return nil
	}
	return json.Unmarshal(whole.Claim, &p.Claim)
}

func (s *Settings) checkAttributes(d *settings.Reader) {
	for name, p := range s.Attributes {
		claims, joined := len(p.Claim) > 0, p.Each != "" || len(p.Join) > 0
		if name == "" || claims == joined || joined && (p.Each == "" || len(p.Join) == 0) || slices.Contains(p.Claim, "") || slices.Contains(p.Join, "") {
			d.Say("attributes", "an attribute does not say where it stands among the claims", "a claim, a list of claims, or each and join")
		}
	}
}

// The bounds of what one identity may bring. No real one comes near them.
const (
	mostValues   = 500
	longestValue = 4 << 10
	deepest      = 4
)

// protocol lists the claims that speak of a token and not of a person.
func protocol() []string {
	return []string{
		"iss", "aud", "azp", "exp", "nbf", "iat", "jti", "nonce", "at_hash", "c_hash", "s_hash", "sid", "auth_time", "acr", "amr",
		"_claim_names", "_claim_sources",
	}
}

// attributes makes raw attributes of claims: each claim under its own name, those inside an object under names with dots,
// and what the settings pick under theirs. A name that is picked holds what was picked and nothing else.
func (s Settings) attributes(claims map[string]any) map[string][]string {
	out := map[string][]string{}
	for name, v := range claims {
		if !slices.Contains(protocol(), name) {
			flatten(out, name, v, deepest)
		}
	}
	for name, p := range s.Attributes {
		delete(out, name)
		if v := p.values(claims); len(v) > 0 {
			out[name] = v
		}
	}
	return out
}

func flatten(out map[string][]string, name string, v any, depth int) {
	if object, ok := v.(map[string]any); ok {
		for inner, value := range object {
			if depth > 0 {
				flatten(out, name+"."+inner, value, depth-1)
			}
		}
		return
	}
	if texts := scalars(v); len(texts) > 0 {
		out[name] = texts
	}
}

func (p Pick) values(claims map[string]any) []string {
	var out []string
	for _, claim := range p.Claim {
		if out = scalars(find(claims, claim)...); len(out) > 0 {
			break
		}
	}
	for _, element := range find(claims, p.Each) {
		if object, ok := element.(map[string]any); ok && len(p.Join) > 0 {
			out = append(out, joined(object, p.Join)...)
		}
	}
	for i, v := range out {
		if word, known := p.Words[v]; known {
			out[i] = word
		}
	}
	return out[:min(len(out), mostValues)]
}

// joined is every combination of one value of each field.
func joined(object map[string]any, fields []string) []string {
	out := []string{""}
	for i, field := range fields {
		values := scalars(find(object, field)...)
		if last := len(fields) - 1; i < last {
			values = slices.DeleteFunc(values, func(v string) bool { return strings.Contains(v, "$") })
		}
		var longer []string
		for _, before := range out {
			for _, v := range values {
				if i > 0 {
					v = before + "$" + v
				}
				if longer = append(longer, v); len(longer) >= mostValues {
					break
				}
			}
		}
		out = longer[:min(len(longer), mostValues)]
	}
	return out
}

// find gives what stands at a path: the name as a whole first, as names may hold dots, then its parts.
func find(in any, path string) []any {
	switch in := in.(type) {
	case []any:
		var out []any
		for _, element := range in {
			out = append(out, find(element, path)...)
		}
		return out
	case map[string]any:
		if v, there := in[path]; there {
			if list, ok := v.([]any); ok {
				return list
			}
			return []any{v}
		}
		if head, rest, dotted := strings.Cut(path, "."); dotted {
			return find(in[head], rest)
		}
	}
	return nil
}

// scalars writes texts, numbers and truths as texts; lists are entered, and what else there is gives nothing.
func scalars(values ...any) []string {
	var out []string
	for _, v := range values {
		text := ""
		switch v := v.(type) {
		case string:
			text = v
		case json.Number:
			text = v.String()
		case bool:
			text = strconv.FormatBool(v)
		case []any:
			out = append(out, scalars(v...)...)
		}
		if text = strings.TrimSpace(text); text != "" && len(text) <= longestValue {
			out = append(out, text)
		}
	}
	return out[:min(len(out), mostValues)]
}
