package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ecluse/internal/registry"
)

// endingAt is the metadata of a service that ends at an instant.
func endingAt(until time.Time) string {
	return `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://lire.example/sp" validUntil="` + until.UTC().Format(time.RFC3339) +
		`"><md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:AssertionConsumerService index="0" ` +
		`Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://lire.example/acs"/></md:SPSSODescriptor></md:EntityDescriptor>`
}

func TestCheckAnnouncesWhatWillEndAtAService(t *testing.T) {
	t.Parallel()
	said := func(until time.Time) (fromFile, registered string) {
		t.Helper()
		settings, err := json.Marshal(map[string]string{"metadata": endingAt(until)})
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		file := fmt.Sprintf("kind: Service\nid: lire\nname: {fr: Lire, en: Read}\nsentence: {fr: \"Un site pour lire.\", en: \"A site to read.\"}\nprovider: Canal\n"+
			"bindings:\n  - {protocol: saml, handle: \"https://lire.example/sp\", settings: %s}\n", settings)
		if err := os.WriteFile(filepath.Join(dir, "a.yaml"), []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		var out, later bytes.Buffer
		if err := Check("", []string{dir}, nil, &out); err != nil {
			t.Fatal(err)
		}
		services := []registry.Service{{ID: "lire", Bindings: []registry.Binding{{Protocol: "saml", Handle: "https://lire.example/sp", Settings: settings}}}}
		if err := tellNotes("", nil, services, &later); err != nil {
			t.Fatal(err)
		}
		return out.String(), later.String()
	}
	now := time.Now()
	soon := now.Add(10 * 24 * time.Hour)
	for _, out := range []string{first(said(soon)), second(said(soon))} {
		wantLines(t, out, "service lire: note, bindings[0].settings.metadata", "it ends on "+soon.UTC().Format(time.DateOnly), "ask the service for newer metadata")
	}
	for _, out := range []string{first(said(now.Add(300 * 24 * time.Hour))), second(said(now.Add(300 * 24 * time.Hour)))} {
		if strings.Contains(out, "it ends on") {
			t.Errorf("long before, check says %s", out)
		}
	}
}

func first(a, _ string) string { return a }

func second(_, b string) string { return b }
