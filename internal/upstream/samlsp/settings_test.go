package samlsp_test

import (
	"encoding/pem"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/upstream/samlsp"
	"ecluse/internal/web/webtest"
)

// folder is where the files of these settings stand.
func folder(t testing.TB) func(string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string][]byte{
		"idp.xml": []byte(theirXML(provider())), "signed.xml": []byte(signed(t, stranger(), theirXML(provider()), "EntityDescriptor")),
		"keys.pem":  pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: stranger().der}),
		"other.pem": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: provider().der}),
		"no.pem":    []byte("nothing"), "key.pem": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte{1}}),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
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

func read(t testing.TB, settings map[string]any) (samlsp.Settings, []registry.Finding) {
	t.Helper()
	return samlsp.ReadSettings(registry.Source{Authority: "ac", Settings: settings}, folder(t), webtest.Now())
}

func TestSettingsAreReadAndCompleted(t *testing.T) {
	t.Parallel()
	s, findings := read(t, map[string]any{"metadata_file": "idp.xml", "clock_skew": "1m", "scopes": []any{"ent.example"}})
	if len(findings) != 0 {
		t.Fatalf("found %v", findings)
	}
	if !s.SignRequests || time.Duration(s.ClockSkew) != time.Minute || time.Duration(s.AnswerAge) != samlsp.DefaultAnswerAge ||
		time.Duration(s.AuthnAge) != samlsp.DefaultAuthnAge || s.Unsolicited || len(s.Scopes) != 1 {
		t.Errorf("read %+v", s)
	}
}

func TestSettingsThatWorkAreNotRefused(t *testing.T) {
	t.Parallel()
	for name, settings := range map[string]map[string]any{
		"pasted":  {"metadata": theirXML(provider()), "idp": idpEntity},
		"signed":  {"metadata_file": "signed.xml", "metadata_keys_file": "keys.pem"},
		"address": {"metadata_url": "https://ent.example.org/metadata", "idp": idpEntity, "metadata_folder": ".", "networks": []any{"10.0.0.0/8"}, "ca_file": "keys.pem"},
		"local":   {"metadata_url": "http://127.0.0.1:8081/metadata", "idp": idpEntity, "insecure": true},
	} {
		if _, findings := read(t, settings); len(findings) != 0 {
			t.Errorf("%s: %v", name, findings)
		}
	}
}

func TestSettingsThatCannotWorkAreRefused(t *testing.T) {
	t.Parallel()
	address := map[string]any{"metadata_file": nil, "metadata_url": "https://ent.example.org/metadata", "idp": idpEntity}
	for name, c := range map[string]struct {
		change map[string]any
		where  string
	}{
		"unknown":              {map[string]any{"metadata_uri": "x"}, "metadata_uri"},
		"no metadata":          {map[string]any{"metadata_file": nil}, "metadata"},
		"metadata twice":       {map[string]any{"metadata": theirXML(provider())}, "metadata"},
		"no file":              {map[string]any{"metadata_file": "nowhere.xml"}, "metadata_file"},
		"not metadata":         {map[string]any{"metadata_file": "no.pem"}, "metadata_file"},
		"another's":            {map[string]any{"idp": "https://autre.example"}, "metadata_file"},
		"not signed":           {map[string]any{"metadata_keys_file": "keys.pem"}, "metadata_file"},
		"signed by another":    {map[string]any{"metadata_file": "signed.xml", "metadata_keys_file": "other.pem"}, "metadata_file"},
		"no keys":              {map[string]any{"metadata_keys_file": "no.pem"}, "metadata_keys_file"},
		"a private key":        {map[string]any{"metadata_keys_file": "key.pem"}, "metadata_keys_file"},
		"no keys file":         {map[string]any{"metadata_keys_file": "nowhere.pem"}, "metadata_keys_file"},
		"a folder for nothing": {map[string]any{"metadata_folder": "."}, "metadata_folder"},
		"binding":              {map[string]any{"binding": "artifact"}, "binding"},
		"format":               {map[string]any{"name_id": "kerberos"}, "name_id"},
		"comparison":           {map[string]any{"authn_context": []any{"a"}, "authn_context_comparison": "better"}, "authn_context_comparison"},
		"nothing to compare":   {map[string]any{"authn_context_comparison": "exact"}, "authn_context_comparison"},
		"no strong factor":     {map[string]any{"strong_factor": []any{"a b"}}, "strong_factor"},
		"an empty class":       {map[string]any{"authn_context": []any{""}}, "authn_context"},
		"a blank scope":        {map[string]any{"scopes": []any{"a b"}}, "scopes"},
		"our name":             {map[string]any{"entity_id": "a b"}, "entity_id"},
		"their name":           {merged(address, "idp", strings.Repeat("a", 1025)), "idp"},
		"skew":                 {map[string]any{"clock_skew": "6m"}, "clock_skew"},
		"negative skew":        {map[string]any{"clock_skew": "-1s"}, "clock_skew"},
		"answer age":           {map[string]any{"answer_age": "2h"}, "answer_age"},
		"authn age":            {map[string]any{"authn_age": "1s"}, "authn_age"},
		"refresh":              {map[string]any{"metadata_refresh": "1s"}, "metadata_refresh"},
		"a number":             {map[string]any{"clock_skew": 3}, "clock_skew"},
		"a text":               {map[string]any{"sign_requests": "yes"}, "sign_requests"},
		"nothing":              {map[string]any{"unsolicited": nil, "scopes": "x"}, "scopes"},
		"networks":             {map[string]any{"networks": []any{"10.0.0.1"}}, "networks"},
		"no authorities":       {map[string]any{"ca_file": "no.pem"}, "ca_file"},
		"plain http":           {merged(address, "metadata_url", "http://ent.example.org/metadata"), "metadata_url"},
		"plain http, insecure": {merged(merged(address, "metadata_url", "http://ent.example.org/metadata"), "insecure", true), "metadata_url"},
		"no address":           {merged(address, "metadata_url", "ent.example.org"), "metadata_url"},
		"whose":                {merged(address, "idp", nil), "idp"},
		"no folder":            {merged(address, "metadata_folder", "nowhere"), "metadata_folder"},
	} {
		settings := map[string]any{"metadata_file": "idp.xml"}
		maps.Copy(settings, c.change)
		maps.DeleteFunc(settings, func(_ string, v any) bool { return v == nil })
		_, findings := read(t, settings)
		if len(findings) != 1 || findings[0].Where != "settings."+c.where || findings[0].What == "" {
			t.Errorf("%s: found %v", name, findings)
		}
	}
}

func merged(m map[string]any, key string, value any) map[string]any {
	m = maps.Clone(m)
	m[key] = value
	return m
}

func TestEveryMistakeIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	m := person.Mapping{Authority: "ac"}
	_, findings := samlsp.ReadSettings(registry.Source{Mapping: &m, Settings: map[string]any{
		"binding": "x", "clock_skew": "1h", "metadata_file": "nowhere.xml", "what": 1, "ca_file": "no.pem",
	}}, folder(t), webtest.Now())
	if len(findings) != 6 {
		t.Errorf("found %v", findings)
	}
	c, _ := prepare(t, setup{settings: map[string]any{"binding": "x", "clock_skew": "1h"}})
	if _, err := samlsp.New(c); err == nil || !strings.Contains(err.Error(), "settings.binding") || !strings.Contains(err.Error(), "settings.clock_skew") {
		t.Errorf("%v", err)
	}
}

func TestAProviderThatWantsSignedRequestsGetsThem(t *testing.T) {
	t.Parallel()
	wants := theirXML(provider(), "<IDPSSODescriptor ", `<IDPSSODescriptor WantAuthnRequestsSigned="true" `)
	if _, findings := read(t, map[string]any{"metadata": wants, "sign_requests": false}); len(findings) != 1 {
		t.Errorf("found %v", findings)
	}
	if _, findings := read(t, map[string]any{"metadata": wants}); len(findings) != 0 {
		t.Errorf("found %v", findings)
	}
	noPost := theirXML(provider(), `<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"`, `<SingleSignOnService Binding="urn:x"`)
	if _, findings := read(t, map[string]any{"metadata": noPost, "binding": "post"}); len(findings) != 1 {
		t.Errorf("found %v", findings)
	}
}
