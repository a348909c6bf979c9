package wizard

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"

	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// setting is one of a binding's settings that the form shows, by its key in the protocol's JSON. What the form does not show
// stays as it is: the protocol alone reads and checks settings.
type setting struct {
	key    string
	kind   kind // line, area, choice, tick, or table for a list with one entry on each line
	values []string
}

// settings are those of a protocol. A link has none.
func settings(protocol string) []setting {
	switch protocol {
	case "saml":
		return []setting{
			{"metadata_url", line, nil},
			{"metadata", area, nil},
			{"name_id", choice, []string{"persistent", "transient", "emailAddress", "unspecified", "X509SubjectName"}},
			{"sign", choice, []string{"assertion", "response", "both"}},
			{"encrypt", choice, []string{"when_possible", "required", "never"}},
			{"require_signed", tick, nil},
		}
	case "oidc":
		return []setting{
			{"redirect_uris", table, nil},
			{"type", choice, []string{"confidential", "public"}},
			{"auth_method", choice, []string{"client_secret_basic", "client_secret_post", "private_key_jwt", "none"}},
			{"secret_hashes", table, nil},
			{"jwks_uri", line, nil},
			{"post_logout_redirect_uris", table, nil},
			{"backchannel_logout_uri", line, nil},
			{"refresh", tick, nil},
		}
	case "cas":
		return []setting{
			{"services", table, nil},
			{"match", choice, []string{"below", "exact"}},
			{"user", choice, []string{"subject", "transient"}},
			{"logout", tick, nil},
		}
	default:
		return nil
	}
}

// protocols are the ways to connect a service; a link sends nothing.
func protocols() []string { return []string{"saml", "oidc", "cas", linkOnly} }

const linkOnly = "link"

// read gives a setting as the form shows it.
func (s setting) read(raw map[string]json.RawMessage) string {
	value, there := raw[s.key]
	if !there {
		return ""
	}
	switch s.kind {
	case table:
		var list []string
		if json.Unmarshal(value, &list) == nil {
			out := ""
			for _, l := range list {
				out += l + "\n"
			}
			return out
		}
	case tick:
		if string(value) == "true" {
			return "1"
		}
	default:
		var text string
		if json.Unmarshal(value, &text) == nil {
			return text
		}
	}
	return ""
}

// write puts what was typed into the settings; nothing typed takes the setting out.
func (s setting) write(raw map[string]json.RawMessage, typed string) {
	var value any = typed
	switch s.kind {
	case table:
		value = lines(typed)
	case tick:
		value = true
	}
	if typed == "" {
		delete(raw, s.key)
		return
	}
	text, err := json.Marshal(value)
	if err == nil { // texts, lists of texts and true always encode
		raw[s.key] = text
	}
}

// settingsOf reads settings as far as they are an object.
func settingsOf(b registry.Binding) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	if json.Unmarshal(b.Settings, &out) != nil || out == nil {
		return map[string]json.RawMessage{}
	}
	return out
}

// typedBinding is the binding that a form makes of another.
func typedBinding(b registry.Binding, protocol string, form url.Values) registry.Binding {
	raw := settingsOf(b)
	if b.Protocol != protocol {
		b, raw = registry.Binding{Protocol: protocol}, map[string]json.RawMessage{}
	}
	b.Handle = clean(form.Get("handle"))
	for _, s := range settings(protocol) {
		s.write(raw, clean(form.Get("settings."+s.key)))
	}
	text, err := json.Marshal(raw)
	if err == nil {
		b.Settings = text
	}
	return b
}

// settingsShown are the inputs of a binding, with what is wrong beside each.
func (s *scene) settingsShown(b registry.Binding, i int, found *remarked) []shown {
	where := "bindings[" + strconv.Itoa(i) + "]."
	handle := shown{Kind: line, Name: "handle", Label: s.Say("handle." + b.Protocol), Hint: s.maybe("handle_hint." + b.Protocol), Value: b.Handle}
	handle.Said = found.at(where + "handle")
	out := []shown{handle}
	raw := settingsOf(b)
	for _, one := range settings(b.Protocol) {
		f := shown{
			Kind: one.kind, Name: "settings." + one.key, Label: s.Say("setting." + one.key), Hint: s.maybe("setting_hint." + one.key), Value: one.read(raw),
			Said: found.at(where + "settings." + one.key),
		}
		switch one.kind {
		case table:
			f.Kind = area
		case choice:
			f.Options = []web.Option{{Label: s.Say("choice.usual")}}
			for _, v := range one.values {
				f.Options = append(f.Options, web.Option{Value: v, Label: s.Say("choice.setting." + v)})
			}
			if f.Value != "" && !slices.Contains(one.values, f.Value) {
				f.Options = append(f.Options, web.Option{Value: f.Value, Label: f.Value})
			}
			f.Options = chosen(f.Options, []string{f.Value})
		}
		out = append(out, f)
	}
	return out
}
