package dictionary_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ecluse/internal/registry"
)

var update = flag.Bool("update", false, "write docs/dictionary.md anew")

const handbook = "../../../docs/dictionary.md"

// TestTheHandbookIsTheDictionary holds docs/dictionary.md to the words; -update writes it.
func TestTheHandbookIsTheDictionary(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := words(t).Markdown(&out); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(handbook, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(handbook)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(have), out.String()); diff != "" {
		t.Errorf("the page is not the dictionary's (go test ./internal/attrs/dictionary -update writes it): file -, dictionary +:\n%s", diff)
	}
}

func TestEveryWordIsInEveryPrint(t *testing.T) {
	t.Parallel()
	var page, table, list bytes.Buffer
	d := words(t)
	for _, err := range []error{d.Markdown(&page), d.Table(&table), d.JSON(&list)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	var lines []struct {
		Attribute, Category, SAML, Claim, CAS, Corrects string
		Label                                           registry.Text
		Names                                           bool
	}
	if err := json.Unmarshal(list.Bytes(), &lines); err != nil || len(lines) != len(d.Entries()) {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	for i, e := range d.Entries() {
		if n := strings.Count(page.String(), "\n| `"+string(e.Attr)+"` |"); n != 2 {
			t.Errorf("%s stands %d times in the page, want twice", e.Attr, n)
		}
		if !strings.Contains(table.String(), "\n"+string(e.Attr)+" ") {
			t.Errorf("%s is not in the table", e.Attr)
		}
		l := lines[i]
		if l.Attribute != string(e.Attr) || l.Category != e.Category || l.SAML != e.SAML.Name || l.Claim != e.OIDC.Name || l.CAS != e.CAS ||
			l.Corrects != e.Corrects || l.Label != e.Label || l.Names != e.Names {
			t.Errorf("%s is %+v", e.Attr, l)
		}
	}
}
