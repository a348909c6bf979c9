package app_test

import (
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"

	"ecluse/internal/idp/idptest"
	"ecluse/internal/keys"
	"ecluse/internal/registry/manifest"
	"ecluse/internal/upstream/samlsp"
	"ecluse/internal/upstream/settings"
)

// An example that could not be used would be worse than none, and so would a page that says of a setting what is not so.
func TestTheExamplesOfSAMLSourcesCanBeUsedAsTheyAre(t *testing.T) {
	t.Parallel()
	loaded, problems := manifest.Load(os.DirFS("../../configs/sources"))
	if len(problems) != 0 || len(loaded.Sources) < 2 {
		t.Fatalf("%d sources: %v", len(loaded.Sources), problems)
	}
	key := idptest.NewRing(t).Signer(keys.UseSAML)
	dir := t.TempDir()
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: key.Certificate()})
	for name, content := range map[string][]byte{
		"federation.pem": certificate,
		"educonnect.xml": []byte(theirMetadata("https://educonnect.education.gouv.fr/idp", key.Certificate())),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "metadata"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, s := range loaded.Sources {
		if s.Connector != samlsp.Name {
			continue
		}
		if _, findings := samlsp.ReadSettings(s, func(name string) string { return filepath.Join(dir, name) }, idptest.Begin()); len(findings) != 0 {
			t.Errorf("%s: %v", s.ID, findings)
		}
	}
}

func TestThePageOfSAMLSourcesNamesEverySettingAndNoOther(t *testing.T) {
	t.Parallel()
	namesExactly(t, "../../docs/source-saml.md", settings.Names(samlsp.Settings{}))
}
