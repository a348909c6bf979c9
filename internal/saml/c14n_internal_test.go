package saml

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// xmllint is libxml2's canonicaliser, the judge of ours.
func xmllint(t *testing.T, doc []byte) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "doc.xml")
	if err := os.WriteFile(path, doc, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("xmllint", "--exc-c14n", path).Output()
	if err != nil {
		t.Fatalf("xmllint: %v on %s", err, doc)
	}
	return out
}

func canonicalRoot(t *testing.T, doc []byte, limits Limits) []byte {
	t.Helper()
	r, err := openRoot(doc, limits)
	if err != nil {
		t.Fatalf("%v in %s", err, doc)
	}
	from := r.start
	if err := r.finish(); err != nil {
		t.Fatalf("%v in %s", err, doc)
	}
	out, err := canonical(nil, doc, limits, span{from, len(doc)}, span{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestCanonicalFormEqualsLibxml2(t *testing.T) {
	t.Parallel()
	for name, doc := range map[string]string{
		"declaration": `<?xml version="1.0" encoding="UTF-8"?>` + "\n<a/>\n",
		"unused":      `<a xmlns="urn:a" xmlns:b="urn:b" xmlns:c="urn:c"><b:x c:y="1" z="2"/><c:x/></a>`,
		"undeclared":  `<a xmlns="urn:a"><b xmlns=""><c xmlns="urn:a"/><d/></b></a>`,
		"shadowed":    `<p:a xmlns:p="urn:1"><p:b xmlns:p="urn:2"><p:c xmlns:p="urn:1"/></p:b><p:d/></p:a>`,
		"two names":   `<a xmlns:p="urn:1" xmlns:q="urn:1" q:z="1" p:a="2" b="3" xml:lang="fr"/>`,
		"order":       `<a xmlns:z="urn:1" xmlns:a="urn:2" z:b="1" a:b="2" c="3" B="4"/>`,
		"values":      "<a b='\"&#x9;&#10;&#13;&lt;>&amp;&apos; \t\n \r\n x'>&#13;&gt;\r\n\r&quot;&#x1D11E;é</a>",
		"cdata":       "<a>x<![CDATA[<&>]]&gt;\r\n]]>y]]&gt;</a>",
		"spaces":      "<a  b = '1'\n c=\"2\" ><d\t/></a >",
		"names":       `<é:ü·1 xmlns:é="urn:1"><_-.1/></é:ü·1>`,
		"xml prefix":  `<a xmlns:xml="http://www.w3.org/XML/1998/namespace" xml:space="preserve"> <b xml:lang=""/></a>`,
	} {
		want := xmllint(t, []byte(doc))
		if got := canonicalRoot(t, []byte(doc), MessageLimits()); !bytes.Equal(got, want) {
			t.Errorf("%s:\n got %q\nwant %q", name, got, want)
		}
	}
}

func TestCanonicalFormEqualsLibxml2OnRandomDocuments(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 120 {
		g := generator{rnd: rnd}
		g.element(0, nil)
		doc := []byte(g.String())
		want := xmllint(t, doc)
		if got := canonicalRoot(t, doc, MessageLimits()); !bytes.Equal(got, want) {
			t.Fatalf("document %s\n got %s\nwant %s", doc, got, want)
		}
	}
}

// generator writes random well-formed documents, rich in namespaces.
type generator struct {
	strings.Builder
	rnd *rand.Rand
}

func (g *generator) element(depth int, scope []string) {
	prefixes := []string{"", "p", "q", "r"}
	declared := map[string]bool{}
	var decl strings.Builder
	for _, p := range prefixes {
		if g.rnd.IntN(3) > 0 {
			continue
		}
		uri := fmt.Sprintf("urn:%d", g.rnd.IntN(3))
		if p == "" {
			if g.rnd.IntN(3) == 0 {
				uri = ""
			}
			fmt.Fprintf(&decl, ` xmlns="%s"`, uri)
			continue
		}
		fmt.Fprintf(&decl, ` xmlns:%s='%s'`, p, uri)
		declared[p] = true
	}
	for _, p := range scope {
		declared[p] = true
	}
	scope = nil
	for _, p := range prefixes[1:] {
		if declared[p] {
			scope = append(scope, p)
		}
	}
	name := "e" + fmt.Sprint(g.rnd.IntN(4))
	if len(scope) > 0 && g.rnd.IntN(2) == 0 {
		name = scope[g.rnd.IntN(len(scope))] + ":" + name
	}
	g.WriteString("<" + name + decl.String())
	if len(scope) > 0 && g.rnd.IntN(2) == 0 {
		fmt.Fprintf(g, ` %s:at="%s"`, scope[g.rnd.IntN(len(scope))], g.text())
	}
	for i := range g.rnd.IntN(3) {
		fmt.Fprintf(g, ` %c="%s"`, 'z'-rune(i), g.text())
	}
	if depth > 5 || g.rnd.IntN(5) == 0 {
		g.WriteString("/>")
		return
	}
	g.WriteString(">")
	for range g.rnd.IntN(4) {
		g.WriteString(g.text())
		g.element(depth+1, scope)
	}
	g.WriteString("</" + name + ">")
}

func (g *generator) text() string {
	pieces := []string{"x", "&#13;", "&amp;", "&lt;", "&gt;", "&quot;", "'", "\r\n", "\t", " ", "é", "𝄞", "&#xA;", ""}
	return pieces[g.rnd.IntN(len(pieces))] + pieces[g.rnd.IntN(len(pieces))]
}
