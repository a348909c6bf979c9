package saml

import (
	"errors"
	"testing"
)

func scan(doc string) error {
	r, err := openRoot([]byte(doc), MetadataLimits())
	if err != nil {
		return err
	}
	return r.finish()
}

// refuseAll expects every document to be refused.
func refuseAll(t *testing.T, documents map[string]string) {
	t.Helper()
	for name, doc := range documents {
		if err := scan(doc); !errors.Is(err, ErrSyntax) && !errors.Is(err, ErrShape) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestTokenizerRefusesNamesAndNamespaces(t *testing.T) {
	t.Parallel()
	refuseAll(t, map[string]string{
		"empty prefix":           "<:a/>",
		"empty local name":       `<a: xmlns:a="u"/>`,
		"two colons":             `<a::b xmlns:a="u"/>`,
		"colon in attribute":     `<a :b=""/>`,
		"name of digits":         "<1a/>",
		"attribute twice":        `<a b="" b=""/>`,
		"attribute twice by URI": `<a xmlns:p="u" xmlns:q="u" p:b="" q:b=""/>`,
		"declaration twice":      `<a xmlns="u" xmlns="v"/>`,
		"undeclared element":     "<p:a/>",
		"undeclared attribute":   `<a p:b=""/>`,
		"out of scope":           `<a><b xmlns:p="u"/><p:c/></a>`,
		"prefix undeclared":      `<a xmlns:p=""/>`,
		"xmlns as prefix":        `<a xmlns:xmlns="u"/>`,
		"xmlns as element":       "<xmlns:a/>",
		"xml bound elsewhere":    `<a xmlns:xml="u"/>`,
		"xml under other prefix": `<a xmlns:p="http://www.w3.org/XML/1998/namespace"/>`,
		"xml as default":         `<a xmlns="http://www.w3.org/XML/1998/namespace"/>`,
	})
}

func TestTokenizerRefusesTextAndDocuments(t *testing.T) {
	t.Parallel()
	refuseAll(t, map[string]string{
		"two roots":            "<a/><b/>",
		"text before":          "x<a/>",
		"text behind":          "<a/>x",
		"CDATA outside":        "<a/><![CDATA[]]>",
		"reference outside":    "<a/>&#32;",
		"crossed tags":         "<a><b></a></b>",
		"other end tag":        "<a></ab>",
		"prefix in end tag":    `<p:a xmlns:p="u" xmlns:q="u"></q:a>`,
		"attribute in end tag": `<a></a b="">`,
		"no space":             `<a b=""c=""/>`,
		"no quotes":            "<a b=c/>",
		"no value":             "<a b/>",
		"bracket in value":     `<a b="<"/>`,
		"unknown entity":       "<a>&nbsp;</a>",
		"unknown in value":     `<a b="&nbsp;"/>`,
		"open reference":       "<a>&amp</a>",
		"bare ampersand":       "<a>a & b</a>",
		"forbidden reference":  "<a>&#0;</a>",
		"control reference":    "<a>&#x1F;</a>",
		"surrogate reference":  "<a>&#xD800;</a>",
		"reference too high":   "<a>&#x110000;</a>",
		"FFFE reference":       "<a>&#xFFFE;</a>",
		"upper-case X":         "<a>&#X41;</a>",
		"empty reference":      "<a>&#;</a>",
		"signed reference":     "<a>&#+65;</a>",
		"section end in text":  "<a>]]></a>",
		"control character":    "<a>\x01</a>",
		"invalid UTF-8":        "<a>\xff</a>",
		"surrogate":            "<a>\xed\xa0\x80</a>",
		"FFFF":                 "<a>\uFFFF</a>",
		"UTF-16":               "\xff\xfe<\x00a\x00/\x00>\x00",
		"declared Latin-1":     `<?xml version="1.0" encoding="ISO-8859-1"?><a/>`,
		"version 1.1":          `<?xml version="1.1"?><a/>`,
		"odd declaration":      `<?xml version="1.0" evil="1"?><a/>`,
		"late declaration":     ` <?xml version="1.0"?><a/>`,
		"double hyphen":        "<a><!-- -- --></a>",
		"hyphen end":           "<a><!-- ---></a>",
		"document type":        "<!DOCTYPE a><a/>",
		"instruction":          "<a><?b?></a>",
	})
}

func TestTokenizerAccepts(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{
		"<a/>", "<a />", "<a></a >", "\uFEFF<a/>", "<?xml version='1.0' encoding='utf-8' standalone='yes'?>\n<a/>\n",
		`<a b = "1" c='"'/>`, "<a>&#x10FFFF;&#65;&lt;&apos;</a>", "<a><!-- <b> & --></a><!-- -->",
		`<é é="é"/>`, "<a><![CDATA[]]]]><![CDATA[>&]]></a>", `<a xmlns="u"><b xmlns=""/></a>`,
	} {
		if err := scan(doc); err != nil {
			t.Errorf("%s: %v", doc, err)
		}
	}
}
