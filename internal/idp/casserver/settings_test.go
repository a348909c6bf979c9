package casserver_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/idp/casserver"
	"ecluse/internal/idp/idptest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/store/memdb"
	"ecluse/internal/web/webtest"
)

func TestCheckSettingsFindsEveryMistake(t *testing.T) {
	t.Parallel()
	words, err := dictionary.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	s, err := casserver.New(casserver.Config{
		Kit: webtest.New(t, casserver.Pages()), Tickets: memdb.New(webtest.Now), Dictionary: words, Now: webtest.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	good := registry.Binding{Protocol: "cas", Handle: "https://svc.example/app"}
	for name, c := range map[string]struct {
		change func(*registry.Binding)
		where  []string
	}{
		"nothing more":   {func(*registry.Binding) {}, nil},
		"everything":     {set(`{"services":["https://svc.example:8443/","https://other.example"],"match":"exact","user":"transient","ticket_seconds":5,"attributes_in_cas2":true,"logout":true}`), nil},
		"no object":      {set(`[]`), []string{"settings"}},
		"unknown key":    {set(`{"service":"x"}`), []string{"settings"}},
		"two objects":    {set(`{}{}`), []string{"settings"}},
		"words":          {set(`{"match":"regexp","user":"name","ticket_seconds":11}`), []string{"settings.match", "settings.user", "settings.ticket_seconds"}},
		"negative":       {set(`{"ticket_seconds":-1}`), []string{"settings.ticket_seconds"}},
		"addresses":      {set(`{"services":["http://svc.example/","https://svc.example/app","https://a.example/?x=1","https://A.example/","https://b.example:443/","*"]}`), []string{"settings.services[0]", "settings.services[1]", "settings.services[2]", "settings.services[3]", "settings.services[4]", "settings.services[5]"}},
		"handle":         {func(b *registry.Binding) { b.Handle = "lire" }, []string{"handle"}},
		"loopback":       {func(b *registry.Binding) { b.Handle = "http://localhost/" }, []string{"handle"}},
		"two subjects":   {func(b *registry.Binding) { b.Subject, b.Settings = "mail", json.RawMessage(`{"user":"transient"}`) }, []string{"settings.user"}},
		"no element":     {names("level", "niveau scolaire"), []string{"names.level"}},
		"mark-up":        {names("level", "a><b"), []string{"names.level"}},
		"a digit first":  {names("level", "1d"), []string{"names.level"}},
		"about sign-in":  {names("level", "isFromNewLogin"), []string{"names.level"}},
		"another's name": {names("level", "UAI"), []string{"names.level"}},
		"swapped names": {func(b *registry.Binding) {
			b.Names = map[person.Attr]string{"level": "UAI", "uai": "ENTEleveNivFormation"}
		}, nil},
		"outputs": {func(b *registry.Binding) {
			b.Outputs = []registry.Output{{Attr: "level", Name: "n"}, {Attr: "uai", Name: "n"}, {Attr: "uai", Name: "x y"}}
		}, []string{"outputs[1].name", "outputs[2].name"}},
	} {
		b := good
		c.change(&b)
		var where []string
		for _, f := range s.CheckSettings(b) {
			where = append(where, f.Where)
			if f.What == "" || f.Severity != registry.Blocking {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if !slices.Equal(where, c.where) {
			t.Errorf("%s: found at %q, want %q", name, where, c.where)
		}
	}
}

func set(settings string) func(*registry.Binding) {
	return func(b *registry.Binding) { b.Settings = json.RawMessage(settings) }
}

func names(word person.Attr, name string) func(*registry.Binding) {
	return func(b *registry.Binding) { b.Names = map[person.Attr]string{word: name} }
}

func TestAServerNeedsItsParts(t *testing.T) {
	t.Parallel()
	if _, err := casserver.New(casserver.Config{}); err == nil {
		t.Error("a server of nothing")
	}
}

func TestAPreviewIsGoodForNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.ticket(t, "carnet")
	release := h.released(t, "carnet")
	binding := registry.Binding{Protocol: "cas", Handle: home("carnet")}
	text, err := h.Protocol.Preview(release, binding)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(text), "<!-- Preview") || !strings.Contains(string(text), "<cas:sn>Martin &amp; Cie</cas:sn>") {
		t.Errorf("preview %s", text)
	}
	binding.Settings = json.RawMessage(`{"user":"transient"}`)
	one, _ := h.Protocol.Preview(release, binding)
	two, _ := h.Protocol.Preview(release, binding)
	if string(one) != string(two) || !strings.Contains(string(one), "preview-another-one-each-time") {
		t.Errorf("preview %s", one)
	}
	binding.Settings = json.RawMessage(`{"match":"x"}`)
	if _, err := h.Protocol.Preview(release, binding); err == nil {
		t.Error("a preview of settings that block")
	}
	if _, err := h.Protocol.Preview(releaseOfNothing(), registry.Binding{Handle: home("carnet")}); err == nil {
		t.Error("a preview of nothing")
	}
	if len(h.sent) != 0 || h.Clock.Now() != idptest.Begin() {
		t.Error("a preview was sent")
	}
}
