package app

import (
	"strings"
	"testing"

	"ecluse/internal/admin/rules"
)

func TestSettingsAreListedWithoutAnySecret(t *testing.T) {
	t.Parallel()
	c := DefaultConfig()
	c.Store.URL, c.TrustedProxies, c.Canary.First = "postgres://u:geheim@db/x", []string{"10.0.0.0/8", "10.1.0.0/16"}, 7
	c.Metadata = []MetadataSource{{Name: "renater"}}
	found := map[string]rules.Setting{}
	for _, s := range settingsOf(c, DefaultConfig()) {
		if _, twice := found[s.Key]; twice || strings.Contains(s.Value, "geheim") {
			t.Errorf("%+v", s)
		}
		found[s.Key] = s
	}
	for key, want := range map[string]rules.Setting{
		"store.url":          {Value: "***", Custom: true},
		"trusted_proxies":    {Value: "10.0.0.0/8, 10.1.0.0/16", Custom: true},
		"canary.first":       {Value: "7", Custom: true},
		"canary.sample":      {Value: "0.05"},
		"metadata":           {Value: "1", Custom: true},
		"shutdown.delay":     {Value: "5s"},
		"service_networks":   {},
		"numbers.keep_years": {Value: "3"},
	} {
		want.Key = key
		if found[key] != want {
			t.Errorf("%s: %+v", key, found[key])
		}
	}
}
