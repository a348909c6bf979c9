package saml_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"ecluse/internal/saml"
	"ecluse/internal/saml/samltest"
)

// FuzzReadAggregate holds the streaming reader to one opinion however the document arrives, and to entities that can be cut
// out of it.
func FuzzReadAggregate(f *testing.F) {
	whole := string(samltest.Whole(2))
	f.Add([]byte(whole))
	f.Add([]byte(strings.Replace(whole, samltest.Template("_fed"), "", 1)))
	f.Add([]byte(strings.Replace(whole, "<!-- a federation -->", "<!DOCTYPE x>", 1)))
	f.Add([]byte(strings.Replace(whole, "A service", "<![CDATA[é]]>", 1)))
	f.Add([]byte(`<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="a"/>`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		rules := saml.AggregateRules{Bytes: 1 << 20, Now: now()}
		a, found, err := readAll(doc, rules)
		b, again, slow := readFrom(iotest.OneByteReader(bytes.NewReader(doc)), rules)
		if (err == nil) != (slow == nil) || a != b || err == nil && !slices.Equal(found, again) {
			t.Fatalf("two opinions: %v, %v", err, slow)
		}
		if err != nil {
			return
		}
		for _, e := range found {
			if e.Offset < 0 || e.Offset+e.Length > int64(len(doc)) {
				t.Fatalf("%+v is not in %d bytes", e, len(doc))
			}
			alone, ok := e.Alone(doc[e.Offset : e.Offset+e.Length])
			if !ok {
				t.Fatal("not the bytes that were read")
			}
			if facts, err := saml.ReadEntityFacts(alone); err == nil && e.EntityID != "" && facts.EntityID != e.EntityID {
				t.Fatalf("%q alone, %q in the aggregate", facts.EntityID, e.EntityID)
			}
		}
	})
}
