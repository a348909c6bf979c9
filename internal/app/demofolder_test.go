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

func TestTwoDemosNeverShareAFolder(t *testing.T) {
	dir := t.TempDir()
	_, release, err := demoFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := demoFolder(dir); err == nil || !strings.Contains(err.Error(), "another demo is using") {
		t.Errorf("a second demo in the same folder: %v", err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	_, release, err = demoFolder(dir)
	if err != nil {
		t.Fatalf("after the first one ended: %v", err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
}

func TestExplainFindsTheRunningDemoAndForgetsItAfterwards(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if at := runningDemoFolder(); at != "" {
		t.Fatalf("a demo is running in %s", at)
	}
	forget, err := pointAt(dir)
	if err != nil {
		t.Fatal(err)
	}
	if at := runningDemoFolder(); at != dir {
		t.Errorf("the running demo is in %q, want %q", at, dir)
	}
	later, err := pointAt(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := forget(); err != nil || runningDemoFolder() == "" {
		t.Errorf("the end of the first demo forgot the second: %v", err)
	}
	if err := later(); err != nil || runningDemoFolder() != "" {
		t.Errorf("the last demo is not forgotten: %v", err)
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
