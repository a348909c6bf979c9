package saml_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// schemas is where Debian's opensaml-schemas and xmltooling-schemas put the schemas of OASIS.
const schemas = "/usr/share/xml"

// imported are the schemas by which our metadata is judged, each with its namespace.
const imported = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:import namespace="urn:oasis:names:tc:SAML:2.0:metadata" schemaLocation="opensaml/saml-schema-metadata-2.0.xsd"/>
<xs:import namespace="urn:oasis:names:tc:SAML:metadata:ui" schemaLocation="opensaml/sstc-saml-metadata-ui-v1.0.xsd"/>
<xs:import namespace="urn:oasis:names:tc:SAML:metadata:algsupport" schemaLocation="opensaml/sstc-saml-metadata-algsupport-v1.0.xsd"/>
<xs:import namespace="urn:oasis:names:tc:SAML:metadata:attribute" schemaLocation="opensaml/sstc-metadata-attr.xsd"/>
<xs:import namespace="urn:oasis:names:tc:SAML:profiles:SSO:idp-discovery-protocol" schemaLocation="opensaml/sstc-saml-idp-discovery.xsd"/>
</xs:schema>`

func TestOurMetadataIsValidByTheSchemasOfOASIS(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(filepath.Join(schemas, "opensaml")); err != nil {
		t.Fatal("the schemas are not installed: opensaml-schemas and xmltooling-schemas have them (make setup)")
	}
	lint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Fatal("xmllint is not installed: libxml2-utils has it (make setup)")
	}
	work := t.TempDir()
	driver := filepath.Join(work, "all.xsd")
	write := func(name string, content []byte) {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(driver, []byte(strings.ReplaceAll(imported, `schemaLocation="`, `schemaLocation="`+schemas+`/`)))
	catalog := filepath.Join(work, "catalog.xml")
	write(catalog, []byte(`<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">`+
		`<rewriteSystem systemIdStartString="http://www.w3.org/TR/2002/REC-xmldsig-core-20020212/" rewritePrefix="`+schemas+`/xmltooling/"/>`+
		`<rewriteSystem systemIdStartString="http://www.w3.org/TR/2002/REC-xmlenc-core-20021210/" rewritePrefix="`+schemas+`/xmltooling/"/>`+
		`<rewriteSystem systemIdStartString="http://www.w3.org/2001/" rewritePrefix="`+schemas+`/xmltooling/"/></catalog>`))
	for key, who := range identities() {
		provider, err1 := who.signer.AppendIDPMetadata(nil, idpMetadata(who))
		service, err2 := who.signer.AppendSPMetadata(nil, spDocument(who))
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		for role, doc := range map[string][]byte{"provider": provider, "service": service} {
			file := filepath.Join(work, key+role+".xml")
			write(file, doc)
			cmd := exec.Command(lint, "--nonet", "--noout", "--schema", driver, file) //nolint:gosec // our own files
			cmd.Env = append(os.Environ(), "XML_CATALOG_FILES="+catalog)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s %s: %v\n%s", key, role, err, out)
			}
		}
	}
}
