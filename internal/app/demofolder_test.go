package app

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// These tests change the environment, so they do not run beside others.

func TestTwoDemosWithoutDataHaveFoldersOfTheirOwnAndLeaveNothing(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	first, closeFirst, err := demoFolder("")
	if err != nil {
		t.Fatal(err)
	}
	second, closeSecond, err := demoFolder("")
	if err != nil {
		t.Fatal(err)
	}
	if first != usualDemoFolder() || first == second {
		t.Errorf("folders %s and %s", first, second)
	}
	for _, done := range []func() error{closeFirst, closeSecond} {
		if err := done(); err != nil {
			t.Error(err)
		}
	}
	left, err := os.ReadDir(temporary)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestADemoTakesOverTheFolderOfOneThatWasKilled(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	stale := filepath.Join(usualDemoFolder(), "ecluse.db")
	if err := os.MkdirAll(filepath.Dir(stale), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(stale, []byte("stale"), 0o600); err != nil {
		t.Fatal(err)
	}
	dir, done, err := demoFolder("")
	if err != nil || dir != usualDemoFolder() {
		t.Fatalf("folder %s, %v", dir, err)
	}
	if _, err := os.Stat(stale); err == nil {
		t.Error("the killed demo's database is still there")
	}
	if err := done(); err != nil {
		t.Error(err)
	}
}

func TestExplainWithoutADemoStartsOneOfItsOwn(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var out, log bytes.Buffer
	ask := ExplainOptions{Person: "demo:lina", UAI: "0280101H", Service: "lire"}
	if err := Explain(t.Context(), ask, &out, &log); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "ALLOWED") || !strings.Contains(log.String(), "fresh demo") {
		t.Errorf("%s\n%s", &out, &log)
	}
	ask.Data = t.TempDir()
	if err := Explain(t.Context(), ask, &out, &log); err == nil || !strings.Contains(err.Error(), "no demo has kept its things") {
		t.Errorf("an empty folder: %v", err)
	}
	ask.Data, ask.Person = "", "demo:nobody"
	if err := Explain(t.Context(), ask, &out, &log); err == nil || !strings.Contains(err.Error(), "lina") {
		t.Errorf("an unknown person: %v, want the known ones named", err)
	}
}
