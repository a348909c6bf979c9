package oidcop_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"ecluse/internal/attrs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/idp/oidcop"
	"ecluse/internal/keys"
	"ecluse/internal/registry"
	"ecluse/internal/store/memdb"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// production is a provider outside development.
func production(t *testing.T) *oidcop.Provider {
	t.Helper()
	dictionary, err := dictionary.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	kit := webtest.New(t, oidcop.Pages())
	p, err := oidcop.New(oidcop.Config{
		Issuer: webtest.Origin, Keys: ring(t), Tickets: memdb.New(webtest.Now), Dictionary: dictionary, Kit: kit, Now: webtest.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestCheckSettingsFindsEveryMistake(t *testing.T) {
	t.Parallel()
	p := production(t)
	hash := oidcop.HashSecret("x")
	for name, c := range map[string]struct {
		settings string
		where    []string // what is found, in order
	}{
		"public":          {`{"redirect_uris":["https://rp.example/cb"],"type":"public"}`, nil},
		"confidential":    {`{"redirect_uris":["https://rp.example/cb"],"type":"confidential","secret_hashes":["` + hash + `"],"pkce":"optional"}`, nil},
		"two secrets":     {`{"redirect_uris":["https://a.example/"],"type":"confidential","secret_hashes":["` + hash + `","` + hash + `"]}`, nil},
		"nothing":         {``, []string{"settings"}},
		"no object":       {`[]`, []string{"settings"}},
		"unknown key":     {`{"redirect_uris":["https://rp.example/cb"],"type":"public","redirect_uri":"x"}`, []string{"settings"}},
		"two objects":     {`{"redirect_uris":["https://rp.example/cb"],"type":"public"}{}`, []string{"settings"}},
		"empty":           {`{}`, []string{"settings.type", "settings.redirect_uris"}},
		"plain PKCE":      {`{"redirect_uris":["https://rp.example/cb"],"type":"public","pkce":"plain"}`, []string{"settings.pkce"}},
		"public, no PKCE": {`{"redirect_uris":["https://rp.example/cb"],"type":"public","pkce":"optional"}`, []string{"settings.pkce"}},
		"public secret":   {`{"redirect_uris":["https://rp.example/cb"],"type":"public","secret_hashes":["` + hash + `"]}`, []string{"settings.secret_hashes"}},
		"no secret":       {`{"redirect_uris":["https://rp.example/cb"],"type":"confidential"}`, []string{"settings.secret_hashes"}},
		"secret in clear": {`{"redirect_uris":["https://rp.example/cb"],"type":"confidential","secret_hashes":["hunter2"]}`, []string{"settings.secret_hashes[0]"}},
		"many": {
			`{"redirect_uris":["http://rp.example/cb"],"type":"confidential","auth_method":"none","id_token_alg":"HS256","access_token_seconds":3600,"secret_hashes":["` +
				hash + `","` + hash + `","sha256:00"]}`,
			[]string{
				"settings.id_token_alg", "settings.auth_method", "settings.access_token_seconds", "settings.secret_hashes",
				"settings.secret_hashes[2]", "settings.redirect_uris[0]",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, f := range p.CheckSettings(registry.Binding{Protocol: "oidc", Handle: "x", Settings: json.RawMessage(c.settings)}) {
				got = append(got, f.Where)
				if f.What == "" || strings.Contains(f.What+f.Mend, "hunter2") {
					t.Errorf("finding %v says nothing, or a secret", f)
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(c.where) {
				t.Errorf("found %v, want %v", got, c.where)
			}
		})
	}
}

func TestReturnAddressesAreStrict(t *testing.T) {
	t.Parallel()
	p, h := production(t), newHouse(t, nil)
	for address, c := range map[string]struct{ production, development bool }{
		"https://rp.example/cb":              {true, true},
		"https://rp.example":                 {true, true},
		"https://rp.example:8443/cb?x=1":     {true, true},
		"https://[2001:db8::1]/cb":           {true, true},
		"http://lire.localhost:8080/cb":      {false, true},
		"http://localhost/cb":                {false, true},
		"http://127.0.0.1:9000/cb":           {false, true},
		"http://[::1]:9000/cb":               {false, true},
		"http://rp.example/cb":               {false, false},
		"http://localhost.evil.example/cb":   {false, false},
		"https://rp.example/cb#":             {false, false},
		"https://rp.example/cb#x":            {false, false},
		"https://user@rp.example/cb":         {false, false},
		"https://*.rp.example/cb":            {false, false},
		"https:///cb":                        {false, false},
		"https:rp.example/cb":                {false, false},
		"/cb":                                {false, false},
		"rp.example/cb":                      {false, false},
		"javascript:alert(1)":                {false, false},
		"data:text/html,x":                   {false, false},
		"custom.scheme:/cb":                  {false, false},
		"HTTPS://rp.example/cb":              {false, false},
		"https://rp.example/c b":             {false, false},
		"https://rp.example/\"><script>":     {false, false},
		"https://rp.exämple/cb":              {false, false},
		"https://rp.example/cb\r\nX-Evil: 1": {false, false},
		"":                                   {false, false},
	} {
		raw, err := json.Marshal(map[string]any{"redirect_uris": []string{address}, "type": "public"})
		if err != nil {
			t.Fatal(err)
		}
		b := registry.Binding{Protocol: "oidc", Handle: "x", Settings: raw}
		if got := !registry.Blocks(p.CheckSettings(b)); got != c.production {
			t.Errorf("%q: good %v in production, want %v", address, got, c.production)
		}
		if got := !registry.Blocks(h.provider.CheckSettings(b)); got != c.development {
			t.Errorf("%q: good %v in development, want %v", address, got, c.development)
		}
	}
}

func TestNamesAndHandlesAreChecked(t *testing.T) {
	t.Parallel()
	p := production(t)
	good := json.RawMessage(`{"redirect_uris":["https://rp.example/cb"],"type":"public"}`)
	for name, c := range map[string]struct {
		binding registry.Binding
		good    bool
	}{
		"own name":             {registry.Binding{Handle: "x", Names: map[attrs.Name]string{"mail": "adresse"}}, true},
		"names exchanged":      {registry.Binding{Handle: "x", Names: map[attrs.Name]string{"mail": "name", "display_name": "email"}}, true},
		"claim of the token":   {registry.Binding{Handle: "x", Names: map[attrs.Name]string{"mail": "sub"}}, false},
		"output's own name":    {registry.Binding{Handle: "x", Outputs: []registry.Output{{Attr: "mail", Name: "adresse"}}}, true},
		"output about a token": {registry.Binding{Handle: "x", Outputs: []registry.Output{{Attr: "mail", Name: "aud"}}}, false},
		"no handle":            {registry.Binding{}, false},
		"colon in the handle":  {registry.Binding{Handle: "a:b"}, false},
		"handle is not ASCII":  {registry.Binding{Handle: "é"}, false},
		"handle is an address": {registry.Binding{Handle: "https-rp.example"}, true},
	} {
		c.binding.Settings = good
		if got := p.CheckSettings(c.binding); registry.Blocks(got) == c.good {
			t.Errorf("%s: found %v, want good %v", name, got, c.good)
		}
	}
}

func TestClientWithBlockedSettingsIsNoClient(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.change(func(g *gateway) {
		g.contents.Services[0].Bindings[0].Settings = json.RawMessage(`{"redirect_uris":["` + callback + `","http://rp.example/"],"type":"public"}`)
	})
	ownPage(t, "client with an http address", h.ask(t, request("calcul")), 400)
}

func TestHashSecret(t *testing.T) {
	t.Parallel()
	if got := oidcop.HashSecret("abc"); got != "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Errorf("HashSecret = %s", got)
	}
}

func TestNewRefusesHalfAConfiguration(t *testing.T) {
	t.Parallel()
	dictionary, err := dictionary.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	kit := webtest.New(t, oidcop.Pages())
	whole := func() oidcop.Config {
		return oidcop.Config{
			Issuer: webtest.Origin, Keys: ring(t), Tickets: memdb.New(webtest.Now), Dictionary: dictionary, Kit: kit, Now: webtest.Now,
		}
	}
	for name, spoil := range map[string]func(*oidcop.Config){
		"slash": func(c *oidcop.Config) { c.Issuer += "/" }, "query": func(c *oidcop.Config) { c.Issuer += "?x" },
		"no issuer": func(c *oidcop.Config) { c.Issuer = "" }, "no keys": func(c *oidcop.Config) { c.Keys = nil },
		"no tickets": func(c *oidcop.Config) { c.Tickets = nil }, "no words": func(c *oidcop.Config) { c.Dictionary = nil },
		"no clock": func(c *oidcop.Config) { c.Now = nil }, "no kit": func(c *oidcop.Config) { c.Kit = (*web.Kit)(nil) },
	} {
		cfg := whole()
		spoil(&cfg)
		if _, err := oidcop.New(cfg); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// rotating is a key ring whose published keys change.
type rotating struct {
	*keys.Ring
	hidden bool
}

func (r *rotating) All(uses ...keys.Use) []keys.SigningKey {
	all := r.Ring.All(uses...)
	if r.hidden {
		return all[:1]
	}
	return all
}
