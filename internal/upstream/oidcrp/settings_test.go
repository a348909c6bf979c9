package oidcrp_test

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/upstream/oidcrp"
)

// folder is where the files of these settings stand.
func folder(t *testing.T) func(string) string {
	t.Helper()
	files := map[string]string{"secret": file(t, "secret", "geheim\n"), "empty": file(t, "empty", "\n"), "no.pem": file(t, "no.pem", "nothing")}
	return func(name string) string {
		if path, known := files[name]; known {
			return path
		}
		return filepath.Join(t.TempDir(), name)
	}
}

func good() map[string]any {
	return map[string]any{"issuer": "https://op.example/realm", "client_id": "ecluse", "client_secret_file": "secret"}
}

func read(t *testing.T, settings map[string]any) (oidcrp.Settings, []registry.Finding) {
	t.Helper()
	return oidcrp.ReadSettings(registry.Source{Authority: "op", Settings: settings}, folder(t))
}

func TestSettingsAreReadAndCompleted(t *testing.T) {
	t.Parallel()
	settings := over(good(), map[string]any{
		"max_age": "8h", "timeout": "2s", "assurance": map[string]any{"a": "b"}, "acr_values": []any{"a"},
		"claims": map[string]any{"userinfo": map[string]any{"uai": nil}}, "attributes": map[string]any{"sn": "family_name"},
	})
	s, findings := read(t, settings)
	if len(findings) != 0 {
		t.Fatalf("found %v", findings)
	}
	if time.Duration(s.MaxAge) != 8*time.Hour || s.ClientAuth != "client_secret_basic" || s.AuthTime != "required" || s.Omit != nil || !s.Passive {
		t.Errorf("read %+v", s)
	}
	if !filepath.IsAbs(s.ClientSecretFile) || s.Scopes[0] != "openid" || s.Assurance["a"] != "b" || len(s.Attributes) != 1 {
		t.Errorf("completed as %+v", s)
	}
}

func TestSettingsThatCannotWorkAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change map[string]any
		where  string
		what   string
	}{
		"no issuer":                    {map[string]any{"issuer": ""}, "issuer", "missing"},
		"a word":                       {map[string]any{"issuer": "op"}, "issuer", "no issuer"},
		"no TLS":                       {map[string]any{"issuer": "http://op.example"}, "issuer", "in clear"},
		"insecure across a net":        {map[string]any{"issuer": "http://192.0.2.1", "insecure": true}, "insecure", "on this machine"},
		"insecure with TLS":            {map[string]any{"insecure": true}, "insecure", "on this machine"},
		"a query":                      {map[string]any{"issuer": "https://op.example?x"}, "issuer", "no issuer"},
		"a password in it":             {map[string]any{"issuer": "https://a:b@op.example"}, "issuer", "no issuer"},
		"no client":                    {map[string]any{"client_id": ""}, "client_id", "missing"},
		"no secret":                    {map[string]any{"client_secret_file": nil}, "client_secret_file", "missing"},
		"a secret nowhere":             {map[string]any{"client_secret_file": "nowhere"}, "client_secret_file", "cannot be read"},
		"an empty secret":              {map[string]any{"client_secret_file": "empty"}, "client_secret_file", "is empty"},
		"a secret in clear":            {map[string]any{"client_secret": "geheim"}, "client_secret", "not known"},
		"a secret for nothing":         {map[string]any{"client_auth": "private_key_jwt"}, "client_secret_file", "no secret"},
		"a proof by shared secret":     {map[string]any{"client_auth": "client_secret_jwt"}, "client_auth", "not known"},
		"no proof":                     {map[string]any{"client_auth": "none"}, "client_auth", "not known"},
		"another key":                  {map[string]any{"client_key": "HS256"}, "client_key", "not known"},
		"another audience":             {map[string]any{"assertion_audience": "both"}, "assertion_audience", "not known"},
		"fragments":                    {map[string]any{"response_mode": "fragment"}, "response_mode", "not known"},
		"no time":                      {map[string]any{"auth_time": "never"}, "auth_time", "not known"},
		"half a userinfo":              {map[string]any{"userinfo": "yes"}, "userinfo", "not known"},
		"another end":                  {map[string]any{"end_session": "https://x"}, "end_session", "not known"},
		"without nonce":                {map[string]any{"omit": []any{"nonce"}}, "omit", "may not be left out"},
		"alg none":                     {map[string]any{"algorithms": []any{"ES256", "none"}}, "algorithms", "not at all"},
		"a shared secret signs":        {map[string]any{"algorithms": []any{"HS256"}}, "algorithms", "shared secret"},
		"nothing signs":                {map[string]any{"algorithms": []any{}}, "algorithms", "nothing"},
		"no openid":                    {map[string]any{"scopes": []any{"profile"}}, "scopes", "no identity"},
		"two scopes in one":            {map[string]any{"scopes": []any{"openid", "a b"}}, "scopes", "space"},
		"no level of a strong factor":  {map[string]any{"strong_factor": []any{"mfa", ""}}, "strong_factor", "empty"},
		"a strong one not believed":    {map[string]any{"strong_factor": []any{"x"}, "assurance": map[string]any{"y": "z"}}, "strong_factor", "not believed"},
		"a level that is not believed": {map[string]any{"acr_values": []any{"x"}, "assurance": map[string]any{"y": "z"}}, "acr_values", "not believed"},
		"a level without word":         {map[string]any{"assurance": map[string]any{"y": ""}}, "assurance", "empty"},
		"claims elsewhere":             {map[string]any{"claims": map[string]any{"access": map[string]any{}}}, "claims", "id_token"},
		"claims as list":               {map[string]any{"claims": []any{"sn"}}, "claims", "does not fit"},
		"a long age":                   {map[string]any{"max_age": "48h"}, "max_age", "too long"},
		"a number for a span":          {map[string]any{"max_age": 5}, "max_age", "does not fit"},
		"a long timeout":               {map[string]any{"timeout": "1h"}, "timeout", "too long"},
		"every network":                {map[string]any{"networks": []any{"0.0.0.0/0"}}, "networks", "no network"},
		"half a network":               {map[string]any{"networks": []any{"10.0.0.1/8"}}, "networks", "no network"},
		"an authority nowhere":         {map[string]any{"ca_file": "nowhere"}, "ca_file", "cannot be read"},
		"an authority that is none":    {map[string]any{"ca_file": "no.pem"}, "ca_file", "no certificate"},
		"another preset":               {map[string]any{"preset": "google"}, "preset", "not known"},
		"a word for a truth":           {map[string]any{"passive": "yes"}, "passive", "does not fit"},
		"nothing":                      {map[string]any{"scopes": nil, "passive": json.RawMessage("null")}, "passive", "does not fit"},
		"an attribute from nowhere":    {map[string]any{"attributes": map[string]any{"sn": []any{}}}, "attributes", "does not say"},
		"an attribute twice":           {map[string]any{"attributes": map[string]any{"sn": map[string]any{"claim": "a", "each": "b", "join": []any{"c"}}}}, "attributes", "does not say"},
		"half a join":                  {map[string]any{"attributes": map[string]any{"sn": map[string]any{"each": "b"}}}, "attributes", "does not say"},
		"an unknown word in one":       {map[string]any{"attributes": map[string]any{"sn": map[string]any{"claims": "b"}}}, "attributes", "does not fit"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, findings := read(t, over(good(), c.change))
			if len(findings) != 1 || findings[0].Where != "settings."+c.where || !strings.Contains(findings[0].What, c.what) {
				t.Errorf("found %v", findings)
			}
			for _, f := range findings {
				if strings.Contains(f.String(), "geheim") {
					t.Error("a secret stands in a finding")
				}
			}
		})
	}
}

func TestEveryMistakeIsToldAtOnce(t *testing.T) {
	t.Parallel()
	_, findings := read(t, map[string]any{"timeout": "0s", "unknown": true, "algorithms": []any{"none"}})
	if len(findings) != 6 {
		t.Errorf("%d findings: %v", len(findings), findings)
	}
	_, err := oidcrp.New(oidcrp.Config{Source: registry.Source{ID: "ent", Authority: "op"}, Path: folder(t)})
	for _, word := range []string{"ent", "settings.issuer", "settings.client_id", "settings.client_secret_file"} {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%s is not in %v", word, err)
		}
	}
}

func TestAMappingThatReadsNobodyIsRefused(t *testing.T) {
	t.Parallel()
	for _, m := range []person.Mapping{{}, {Like: "nothing"}} {
		_, findings := oidcrp.ReadSettings(registry.Source{Authority: "op", Settings: good(), Mapping: &m}, folder(t))
		if len(findings) != 1 || findings[0].Where != "mapping" {
			t.Errorf("found %v", findings)
		}
	}
}

func TestEveryPresetCanBeUsedAsItIsAndChangedOneByOne(t *testing.T) {
	t.Parallel()
	for _, preset := range []string{"educonnect", "proconnect", "franceconnect", "keycloak", "entcore"} {
		settings := good()
		settings["preset"] = preset
		s, findings := read(t, settings)
		if len(findings) != 0 || len(s.Attributes) < 5 {
			t.Errorf("%s: found %v", preset, findings)
		}
		before := len(s.Attributes)
		maps.Copy(settings, map[string]any{"omit": []any{}, "passive": true, "attributes": map[string]any{"own": "x", "sn": "y"}})
		s, findings = read(t, settings)
		named := 1 // own
		if preset == "educonnect" {
			named = 2 // sn stands under its number there
		}
		if len(findings) != 0 || len(s.Omit) != 0 || !s.Passive || len(s.Attributes) != before+named || s.Attributes["sn"].Claim[0] != "y" {
			t.Errorf("%s changed: found %v, %+v", preset, findings, s)
		}
	}
	settings := over(good(), map[string]any{"preset": "keycloak", "attributes": map[string]any{"mail": ""}})
	if s, findings := read(t, settings); len(findings) != 0 || s.Attributes["mail"].Claim != nil || s.Attributes["sn"].Claim == nil {
		t.Errorf("a preset's attribute could not be left out: %v", findings)
	}
}
