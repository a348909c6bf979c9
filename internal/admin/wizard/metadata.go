package wizard

import (
	"encoding/json"
	"net/url"
	"strconv"

	"ecluse/internal/admin/frame"
	"ecluse/internal/registry"
)

// mostMetadata is how much metadata of one service is taken.
const mostMetadata = 1 << 20

// typedInto puts the typed binding into the service. A file takes the place of typed metadata. The name by which a service
// is known is read from its metadata where none was typed; what is at an address is read once for that.
func (p *pages) typedInto(v *frame.Visit, e *edited, form url.Values, file []byte) {
	old := registry.Binding{}
	if e.n < len(e.service.Bindings) {
		old = e.service.Bindings[e.n]
	}
	where := "bindings[" + strconv.Itoa(e.n) + "]."
	say := func(key, text string) {
		e.found = append(e.found, registry.Finding{Where: where + key, What: text, Rule: typing})
	}
	if len(file) > mostMetadata {
		say("settings.metadata", v.Say("connection.large"))
		file = nil
	}
	if len(file) > 0 {
		form.Set("settings.metadata", string(file))
		form.Set("settings.metadata_url", "")
	}
	b := typedBinding(old, form.Get("protocole"), form)
	if b.Protocol == "saml" && b.Handle == "" {
		b.Handle = p.nameIn(v, b, say)
	}
	e.typed = &b
	if e.n == len(e.service.Bindings) {
		e.service.Bindings = append(e.service.Bindings, b)
		return
	}
	e.service.Bindings[e.n] = b
}

// nameIn reads the name by which a service names itself in its metadata, and says why it cannot.
func (p *pages) nameIn(v *frame.Visit, b registry.Binding, say func(key, text string)) string {
	var s struct {
		Metadata string `json:"metadata"`
		URL      string `json:"metadata_url"`
	}
	_ = json.Unmarshal(b.Settings, &s) // it was encoded here
	key := "settings.metadata"
	if s.URL != "" && s.Metadata == "" {
		key = "settings.metadata_url"
		body, err := p.Fetch(v.Context(), s.URL)
		if err != nil {
			say(key, v.Say("connection.not_read", "why", err.Error()))
			return ""
		}
		s.Metadata = string(body)
	}
	if s.Metadata == "" {
		return "" // the protocol says that it is missing
	}
	text, err := json.Marshal(map[string]string{"metadata": s.Metadata})
	protocol, spoken := p.Protocols[b.Protocol]
	if err != nil || !spoken {
		return ""
	}
	got, err := protocol.Probe(v.Context(), registry.Binding{Protocol: b.Protocol, Settings: text}, nil)
	if err != nil {
		say(key, err.Error())
		return ""
	}
	return got.Handle
}
