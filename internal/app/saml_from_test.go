package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/federation"
	"ecluse/internal/registry"
)

func ofFederation(id, from, idp string) registry.Source {
	return registry.Source{ID: id, Connector: "saml", Settings: map[string]any{"metadata_from": from, "idp": idp}}
}

func TestMetadataOfSourcesIsAskedForAsThatOfServicesIs(t *testing.T) {
	t.Parallel()
	directory := registry.Source{ID: "annuaire", Connector: "ldap", Settings: map[string]any{"metadata_from": "renater"}}
	pasted := registry.Source{ID: "ent", Connector: "saml", Settings: map[string]any{"idp": "https://ent.example/idp"}}
	service := registry.Service{ID: "lire", Bindings: []registry.Binding{{Protocol: "saml", Handle: "https://lire.example/sp", Settings: []byte(`{"metadata_from":"renater"}`)}}}
	got := wantedMetadata([]registry.Service{service}, []registry.Source{
		directory, pasted, ofFederation("a", "renater", "https://a.example/idp"), ofFederation("b", "renater", "https://a.example/idp"), ofFederation("c", "edugain", "https://c.example/idp"),
	})
	want := []federation.Pair{
		{Source: "renater", EntityID: "https://lire.example/sp"}, {Source: "renater", EntityID: "https://a.example/idp"}, {Source: "edugain", EntityID: "https://c.example/idp"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("wanted are %v", got)
	}
}

func TestMetadataThatAConfigurationDoesNotKeepIsAMistakeOfTheSource(t *testing.T) {
	t.Parallel()
	c := Config{MetadataDir: "metadata", Metadata: []MetadataSource{{Name: "renater"}}}
	check := newSourceCheck("gateway.yaml", time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC))
	for name, want := range map[string]bool{"renater": false, "edugain": true} {
		source := ofFederation("ent", name, "https://ent.example/idp")
		source.Authority = "ac-exemple"
		check.metadata = c.keepsMetadata
		found := check.findings(source, nil)
		if said := slices.ContainsFunc(found, func(f registry.Finding) bool { return strings.Contains(f.What, "no source of metadata") }); said != want || len(found) > 1 {
			t.Errorf("%s: %v", name, found)
		}
		check.metadata = nil // without a configuration nobody knows
		if found := check.findings(source, nil); len(found) != 0 {
			t.Errorf("%s, by a configuration that cannot be read: %v", name, found)
		}
	}
	if c.MetadataDir = ""; c.keepsMetadata("renater") {
		t.Error("without a folder nothing is kept")
	}
}
