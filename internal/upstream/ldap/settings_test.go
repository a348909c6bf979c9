package ldap_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/upstream/ldap"
)

// folder is where the files of these settings stand.
func folder(t *testing.T) func(string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"secret": "geheim\n", "empty": "\n", "no.pem": "nothing"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return func(name string) string {
		if filepath.IsAbs(name) {
			return name
		}
		return filepath.Join(dir, name)
	}
}

func good() map[string]any {
	return map[string]any{
		"url": "ldaps://annuaire.example:636", "bind_dn": "cn=svc,dc=example",
		"bind_password_file": "secret", "base_dn": "ou=people,dc=example",
	}
}

func TestSettingsAreReadAndCompleted(t *testing.T) {
	t.Parallel()
	settings := good()
	maps.Copy(settings, map[string]any{"timeout": "2s", "pool": float64(3), "refusal_time": "1s"})
	s, findings := ldap.ReadSettings(registry.Source{Settings: settings}, folder(t))
	if len(findings) != 0 {
		t.Fatalf("found %v", findings)
	}
	if s.Timeout != 2*time.Second || s.Pool != 3 || s.RefusalTime != time.Second {
		t.Errorf("read %v, %d, %v", s.Timeout, s.Pool, s.RefusalTime)
	}
	if s.PeopleFilter != ldap.DefaultPeopleFilter || s.StructuresBaseDN != s.BaseDN || !filepath.IsAbs(s.BindPasswordFile) {
		t.Errorf("completed as %q, %q, %q", s.PeopleFilter, s.StructuresBaseDN, s.BindPasswordFile)
	}
}

func TestSettingsThatCannotWorkAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change map[string]any
		where  string
		what   string
	}{
		"no address":               {map[string]any{"url": ""}, "url", "missing"},
		"a word":                   {map[string]any{"url": "annuaire"}, "url", "no address"},
		"a web address":            {map[string]any{"url": "https://annuaire.example"}, "url", "not known"},
		"a password in it":         {map[string]any{"url": "ldaps://a:b@annuaire.example"}, "url", "no address"},
		"a path in it":             {map[string]any{"url": "ldaps://annuaire.example/dc=fr"}, "url", "no address"},
		"a socket":                 {map[string]any{"url": "ldapi:///"}, "url", "no address"},
		"no TLS":                   {map[string]any{"url": "ldap://annuaire.example"}, "url", "in clear"},
		"insecure across a net":    {map[string]any{"url": "ldap://192.0.2.1", "insecure": true}, "url", "in clear"},
		"no TLS on this machine":   {map[string]any{"url": "ldap://127.0.0.1"}, "url", "in clear"},
		"TLS twice":                {map[string]any{"start_tls": true}, "url", "neither"},
		"TLS and none":             {map[string]any{"insecure": true}, "url", "neither"},
		"StartTLS and none":        {map[string]any{"url": "ldap://[::1]", "start_tls": true, "insecure": true}, "insecure", "contradict"},
		"no account":               {map[string]any{"bind_dn": ""}, "bind_dn", "missing"},
		"an account that is none":  {map[string]any{"bind_dn": "svc"}, "bind_dn", "no distinguished name"},
		"no base":                  {map[string]any{"base_dn": ""}, "base_dn", "missing"},
		"structures nowhere":       {map[string]any{"structures_base_dn": "ou"}, "structures_base_dn", "no distinguished name"},
		"a filter without login":   {map[string]any{"people_filter": "(uid=x)"}, "people_filter", "where the login goes"},
		"a filter for parts":       {map[string]any{"people_filter": "(uid={login}*)"}, "people_filter", "part of a login"},
		"a filter that is none":    {map[string]any{"people_filter": "(uid={login}"}, "people_filter", "no filter"},
		"no password":              {map[string]any{"bind_password_file": ""}, "bind_password_file", "missing"},
		"a password nowhere":       {map[string]any{"bind_password_file": "nowhere"}, "bind_password_file", "cannot be read"},
		"an empty password":        {map[string]any{"bind_password_file": "empty"}, "bind_password_file", "empty"},
		"an authority nowhere":     {map[string]any{"ca_file": "nowhere"}, "ca_file", "cannot be read"},
		"an authority that's none": {map[string]any{"ca_file": "no.pem"}, "ca_file", "no certificate"},
		"a long timeout":           {map[string]any{"timeout": "1h"}, "timeout", "too long"},
		"no timeout":               {map[string]any{"timeout": "0s"}, "timeout", "too short"},
		"a number for a timeout":   {map[string]any{"timeout": 5}, "timeout", "does not fit"},
		"no connections":           {map[string]any{"pool": 0}, "pool", "too few"},
		"half a connection":        {map[string]any{"pool": 1.5}, "pool", "does not fit"},
		"a word for a bool":        {map[string]any{"start_tls": "yes"}, "start_tls", "does not fit"},
		"a password in clear":      {map[string]any{"bind_password": "geheim"}, "bind_password", "not known"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := good()
			maps.Copy(settings, c.change)
			_, findings := ldap.ReadSettings(registry.Source{Settings: settings}, folder(t))
			if len(findings) != 1 || findings[0].Where != "settings."+c.where || !strings.Contains(findings[0].What, c.what) {
				t.Errorf("found %v", findings)
			}
			for _, f := range findings {
				if strings.Contains(f.String(), "geheim") {
					t.Error("a password stands in a finding")
				}
			}
		})
	}
}

func TestEveryMistakeIsToldAtOnce(t *testing.T) {
	t.Parallel()
	_, findings := ldap.ReadSettings(registry.Source{Settings: map[string]any{"pool": -1, "unknown": true}}, folder(t))
	if len(findings) != 6 {
		t.Errorf("%d findings: %v", len(findings), findings)
	}
	_, err := ldap.New(ldap.Config{Source: registry.Source{ID: "ent"}, Path: folder(t)})
	for _, word := range []string{"ent", "settings.url", "settings.bind_dn", "settings.bind_password_file", "settings.base_dn"} {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%s is not in %v", word, err)
		}
	}
}

func TestMappingThatReadsWhatIsNeverImportedIsRefused(t *testing.T) {
	t.Parallel()
	for _, never := range []string{"ENTEleveBoursier", "enteleveregime", "homePhone", "ENTPersonAdresse", "userPassword"} {
		m := person.SDET("ac-rennes")
		m.Values["grant"] = never
		_, findings := ldap.ReadSettings(registry.Source{Settings: good(), Mapping: &m}, folder(t))
		if len(findings) != 1 || findings[0].Where != "mapping" {
			t.Errorf("%s: found %v", never, findings)
		}
	}
	m := person.SDET("ac-rennes")
	m.ID = ""
	if _, findings := ldap.ReadSettings(registry.Source{Settings: good(), Mapping: &m}, folder(t)); len(findings) != 1 {
		t.Errorf("no identifier: found %v", findings)
	}
}
