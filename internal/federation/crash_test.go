package federation_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"ecluse/internal/federation"
	"ecluse/internal/saml/samltest"
)

const childFolder = "ECLUSE_TEST_METADATA_FOLDER"

// fileSource is the unsigned file of the operator's that the child processes read.
func fileSource(h *house, t testing.TB, name string) federation.Source {
	s := h.source(t)
	s.URL, s.File, s.Signers, s.MaxValidity = "", name, nil, 0
	return s
}

// TestChildThatRefreshesForEver is no test: the next one runs it and kills it.
func TestChildThatRefreshesForEver(t *testing.T) {
	folder := os.Getenv(childFolder)
	if folder == "" {
		t.Skip("a part of the next test")
	}
	h := newHouse(t)
	h.folder = folder
	source := fileSource(h, t, folder+"/in.xml")
	f, err := federation.New(h.config(source))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("ready")
	docs := [][]byte{samltest.Whole(40), samltest.Whole(41)}
	for i := 0; ; i++ {
		if err := os.WriteFile(source.File, docs[i%2], 0o600); err != nil {
			t.Fatal(err)
		}
		if err := f.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhoeverIsKilledInTheMiddleOfARefreshLeavesTheLastGoodCopy(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	source := fileSource(h, t, h.folder+"/in.xml")
	write := func(n int) {
		t.Helper()
		if err := os.WriteFile(source.File, samltest.Whole(n), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(40)
	first := h.open(t, source)
	takes(t, first)
	_ = first.Close()
	for range 8 {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestChildThatRefreshesForEver$", "-test.v")
		child.Env = append(os.Environ(), childFolder+"="+h.folder)
		out, err := child.StdoutPipe()
		if err == nil {
			err = child.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for lines.Scan() && lines.Text() != "ready" {
		}
		time.Sleep(time.Duration(rand.IntN(60)) * time.Millisecond) // anywhere in a refresh
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait()
		f, err := federation.New(h.config(source))
		if err != nil {
			t.Fatal(err)
		}
		if n := f.Status()[0].Entities; n != 40 && n != 41 {
			t.Fatalf("%+v", f.Status()[0])
		}
		gives(t, f, samltest.ID(7), h.clock.Now())
		_ = f.Close()
	}
	write(42)
	last := h.open(t, source)
	last.Start() // removes what was left behind
	deadline := time.Now().Add(time.Minute)
	for last.Status()[0].Entities != 42 && time.Now().Before(deadline) {
		time.Sleep(5 * time.Millisecond)
	}
	_ = last.Close()
	entries, err := os.ReadDir(h.folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.Contains(e.Name(), ".new-") {
			t.Errorf("left behind: %s", e.Name())
		}
	}
}

const childMemory = "ECLUSE_TEST_METADATA_MEMORY"

// TestChildThatRefreshesOnce is no test: the next one runs it and reads how much memory it used.
func TestChildThatRefreshesOnce(t *testing.T) {
	folder := os.Getenv(childMemory)
	if folder == "" {
		t.Skip("a part of the next test")
	}
	h := newHouse(t)
	h.folder = folder
	f := h.open(t, fileSource(h, t, folder+"/in.xml"))
	before := peak(t)
	takes(t, f)
	fmt.Printf("grew %d of %d\n", peak(t)-before, f.Status()[0].Entities)
}

// peak is the most memory that this process ever had, in kB.
func peak(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatal("/proc/self/status has no VmHWM")
	return 0
}

func TestARefreshNeedsLittleMemoryHoweverLongTheDocument(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.WriteFile(folder+"/in.xml", samltest.Whole(6000), 0o600); err != nil { // some 40 MB
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestChildThatRefreshesOnce$", "-test.v")
	child.Env = append(os.Environ(), childMemory+"="+folder)
	out, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	_, said, found := strings.Cut(string(out), "grew ")
	var grew, entities int
	if _, err := fmt.Sscanf(said, "%d of %d", &grew, &entities); !found || err != nil {
		t.Fatalf("not measured: %s", out)
	}
	if entities != 6000 || grew > 24<<10 {
		t.Errorf("%d entities took %d kB more", entities, grew)
	}
	t.Logf("%d entities took %d kB more", entities, grew)
}
