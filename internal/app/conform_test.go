package app_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ecluse/configs"
	"ecluse/internal/app"
	"ecluse/internal/policy/conformity"
	"ecluse/internal/registry"
)

func TestEveryDeclarationOfTheDemoConforms(t *testing.T) {
	t.Parallel()
	contents := newWorld(t, app.DemoOptions{}).contents()
	if len(contents.Declarations) < 6 {
		t.Fatalf("%d declarations only", len(contents.Declarations))
	}
	for _, d := range contents.Declarations {
		if d.State != registry.Approved || d.Judged == nil || !d.Demo() {
			t.Errorf("%s v%d is %s, judged %v", d.ID, d.Version, d.State, d.Judged)
			continue
		}
		if registry.Blocks(d.Judged.Findings) || len(conformity.Unanswered(d.Judged.Findings, d)) > 0 {
			t.Errorf("%s v%d: %v", d.ID, d.Version, d.Judged.Findings)
		}
	}
}

func TestThePapersOfTheDemoAreThoseThatItsDeclarationsName(t *testing.T) {
	t.Parallel()
	shipped := map[string]string{}
	err := fs.WalkDir(configs.Files, "demo/documents", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := configs.Files.ReadFile(name)
		sum := sha256.Sum256(data)
		shipped[hex.EncodeToString(sum[:])] = filepath.Base(name)
		return err
	})
	if err != nil || len(shipped) < 10 {
		t.Fatalf("%d papers, %v", len(shipped), err)
	}
	named := map[string]bool{}
	for _, d := range newWorld(t, app.DemoOptions{}).contents().Declarations {
		for _, doc := range d.Documents {
			if named[doc.Hash] = true; shipped[doc.Hash] != doc.Name {
				t.Errorf("%s: %s is not the paper of that name", d.ID, doc.Name)
			}
		}
	}
	for hash, name := range shipped {
		if !named[hash] {
			t.Errorf("no declaration names %s", name)
		}
	}
}

// check gives the lines that `gateway check` prints for one file.
func check(t *testing.T, text string) []string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := app.Check("", []string{dir}, nil, &out); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(out.String()), "\n")
}

const houseFile = `kind: Declaration
id: entree
service: ecluse
version: 1
controller: {name: Académie, office: recteur, dpo: dpd@ac-exemple.fr}
supplier: {relation: internal}
scope: {level: academy, academies: [exemple], covers_all: ALL}
basis: {kind: public_interest, text: x}
mode: pseudonymous
audience: {profiles: [National_ELV]}
from: 2026-09-01
until: 2027-08-31
`

const twoSchools = `---
kind: Establishment
uai: 0280202T
name: Collège Jean-Moulin
type: college
academy: exemple
department: "028"
---
kind: Establishment
uai: 0280303C
name: Collège Simone-Veil
type: college
academy: ailleurs
department: "028"
`

func TestCheckSaysWhatStandsAgainstApprovingWithItsArticle(t *testing.T) {
	t.Parallel()
	lines := check(t, strings.Replace(houseFile, "ALL", "true", 1))
	for _, want := range []string{
		"declaration entree v1, before it can be approved: blocking, persons: the categories of persons are missing (élèves, enseignants) [RGPD art. 30(1)(c)]",
		"declaration entree v1, before it can be approved: to justify, directory: the register entry that covers the directory's interconnection is missing (the reference of the directory's own entry) [RGPD art. 5(1)(b), 6(4)]",
		"the gateway's own register entry: entree v1, by academy, from 2026-09-01 until 2027-08-31",
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("not told: %s\n%s", want, strings.Join(lines, "\n"))
		}
	}
}

func TestCheckShowsWhereTheGatewaysOwnEntryDoesNotReach(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ says, text, want, never string }{
		{"covered for all", strings.Replace(houseFile, "ALL", "true", 1) + twoSchools, "0280303C Collège Simone-Veil: the gateway's own register entry does not reach it", "0280202T"},
		{"open to adherence", strings.Replace(houseFile, "ALL", "false", 1) + twoSchools, "0280202T Collège Jean-Moulin: its controller has yet to adhere to the gateway's own register entry", "nothing leaves"},
		{"absent", strings.TrimPrefix(twoSchools, "---\n"), "the gateway's own register entry is not among these files: nothing leaves in an establishment that it does not reach", "entree"},
	} {
		lines := check(t, c.text)
		if !slices.Contains(lines, c.want) || strings.Contains(strings.Join(lines, "\n"), c.never) {
			t.Errorf("%s:\n%s", c.says, strings.Join(lines, "\n"))
		}
	}
}
