package app

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ecluse/internal/audit"
	"ecluse/internal/registry"
	"ecluse/internal/registry/headcounts"
)

const classList = `uai;type;libellé;effectif
0280101H;classe;CE2 B;1
0280101H;groupe;GR M. Dupont;14
0280303C;classe;6E 1;25
`

// headcountsIn lists what was counted, and the actions of the journal.
func headcountsIn(t *testing.T, c Config) (counts []registry.Headcount, actions []string) {
	t.Helper()
	err := onBase(t.Context(), c, "test", io.Discard, func(b *base) error {
		contents, err := b.store.Load(t.Context())
		if err != nil {
			return err
		}
		counts = contents.Headcounts
		page, err := b.db.Audit().List(t.Context(), audit.Query{})
		for _, kept := range page.Entries {
			actions = append(actions, kept.Action)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return counts, actions
}

func withSchools(t *testing.T) Config {
	t.Helper()
	c := onDisk(t)
	if err := ImportSchools(t.Context(), c, ImportOptions{File: listFile(t, schoolList)}, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestClassesAreImportedOnceAndTheSecondTimeChangesNothing(t *testing.T) {
	t.Parallel()
	c, o := withSchools(t), ClassesOptions{File: listFile(t, classList)}
	dry := o
	dry.DryRun = true
	var out bytes.Buffer
	if err := ImportClasses(t.Context(), c, dry, &out, io.Discard); err != nil || !strings.Contains(out.String(), "2 establishments counted for the first time") {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if counts, _ := headcountsIn(t, c); len(counts) != 0 {
		t.Fatalf("a preview wrote %v", counts)
	}
	for range 2 {
		out.Reset()
		if err := ImportClasses(t.Context(), c, o, &out, io.Discard); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(out.String(), "nothing to change") || !strings.Contains(out.String(), "line 3") || strings.Contains(out.String(), "Dupont") {
		t.Errorf("%s", out.String())
	}
	counts, actions := headcountsIn(t, c)
	if len(counts) != 2 || counts[0].Classes["CE2 B"] != 1 || len(actions) != 2 || !slices.Contains(actions, "import_classes") {
		t.Errorf("%v, %v", counts, actions)
	}
}

func TestABadRowKeepsEveryHeadcountOut(t *testing.T) {
	t.Parallel()
	c, report := withSchools(t), filepath.Join(t.TempDir(), "report.csv")
	bad := listFile(t, classList+"0280303C;classe;6E 2;many\n")
	var out bytes.Buffer
	err := ImportClasses(t.Context(), c, ClassesOptions{File: bad, Report: report}, &out, io.Discard)
	if !errors.Is(err, ErrNotImported) || !strings.Contains(out.String(), "line 5: effectif") {
		t.Errorf("%v\n%s", err, out.String())
	}
	if counts, actions := headcountsIn(t, c); len(counts) != 0 || len(actions) != 1 {
		t.Errorf("%v, %v", counts, actions)
	}
	if data, err := os.ReadFile(report); err != nil || !strings.Contains(string(data), "5,0280303C,bad,") {
		t.Errorf("%s, %v", data, err)
	}
	if err := ImportClasses(t.Context(), c, ClassesOptions{File: bad, How: headcounts.How{SkipBad: true}}, io.Discard, io.Discard); err != nil {
		t.Error(err)
	}
	if counts, _ := headcountsIn(t, c); len(counts) != 1 || counts[0].UAI != "0280101H" {
		t.Errorf("%v", counts)
	}
}
