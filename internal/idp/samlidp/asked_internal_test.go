package samlidp

import (
	"slices"
	"testing"

	"ecluse/internal/attrs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/saml"
)

func TestMetadataAsksForAWordByAnyOfItsNames(t *testing.T) {
	t.Parallel()
	words, err := dictionary.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	own := registry.Binding{Names: map[person.Attr]string{person.Mail: "EmailAddress"}}
	for _, c := range []struct {
		name, friendly string
		b              registry.Binding
		want           attrs.Name
	}{
		{"urn:oid:1.3.6.1.4.1.5923.1.1.1.1", "", registry.Binding{}, "affiliation"},
		{"urn:oid:1.3.6.1.4.1.5923.1.1.1.5", "eduPersonPrimaryAffiliation", registry.Binding{}, "affiliation"},
		{"ENTEleveClasses", "", registry.Binding{}, "classes"},
		{"urn:oasis:names:tc:SAML:attribute:pairwise-id", "", registry.Binding{}, "pairwise_id"},
		{"EmailAddress", "", own, person.Mail},
		{"urn:oid:0.9.2342.19200300.100.1.3", "", own, "urn:oid:0.9.2342.19200300.100.1.3"},
		{"urn:oid:1.2.3", "pointure", registry.Binding{}, "pointure"},
		{"pointure", "mail", registry.Binding{}, "pointure"},
	} {
		got := wordsFor(saml.RequestedAttribute{Name: c.name, FriendlyName: c.friendly}, c.b, words)
		if !slices.Equal(got, []attrs.Name{c.want}) {
			t.Errorf("%s (%s) asks for %v, want %s", c.name, c.friendly, got, c.want)
		}
	}
}
