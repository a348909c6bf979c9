package app_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ecluse/internal/app"
)

// TestStories plays every file of testdata/stories against a demo of its own. A file is one story in domain words, one
// step a line; lines that begin with # tell what it is about. story_steps_test.go knows the steps.
func TestStories(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/stories/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories found: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			play(t, newWorld(t, app.DemoOptions{}), file)
		})
	}
}

// story is one story under way.
type story struct {
	w        *world
	browsers map[string]*browser
	b        *browser
	begin    int // where in the browser's trail the last departure was
	notes    map[string]string
	kept     *page
	clerks   map[string]*browser // who is at the desk
	said     answer              // what the desk last answered
}

// play runs the steps of a file; the first that fails ends it, with its file and line.
func play(t *testing.T, w *world, file string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b := w.browser()
	s := &story{w: w, b: b, browsers: map[string]*browser{"one": b}, notes: map[string]string{}, clerks: map[string]*browser{}}
	known := steps()
	maps.Copy(known, deskSteps())
	for i, line := range strings.Split(string(data), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		run, args, err := find(known, line)
		if err == nil {
			err = run(s, args)
		}
		if err == nil {
			err = s.holdsEverywhere()
		}
		if err != nil {
			t.Fatalf("%s:%d: %s: %v\n%s", file, i+1, line, err, s.where())
		}
	}
}

// where tells how the browser came to the page that disappointed.
func (s *story) where() string {
	var out strings.Builder
	trail := s.b.trail
	for _, p := range trail[max(0, len(trail)-8):] {
		to := *p.url
		to.RawQuery = ""
		fmt.Fprintf(&out, "  %d %s %q\n", p.status, to.String(), p.heading())
	}
	if p := s.b.tab.page; p != nil && p.root != nil {
		text := p.words()
		fmt.Fprintf(&out, "  the page: %s\n", text[:min(len(text), 1500)])
	}
	return out.String()
}

// step is what a line does; the words that stood at its stars are given to it.
type step func(s *story, args []string) error

// find looks a line up. A word or a "text in quotes" stands at each star.
func find(known map[string]step, line string) (step, []string, error) {
	said := tokens(line)
	for _, pattern := range slices.Sorted(maps.Keys(known)) {
		if args, ok := match(strings.Fields(pattern), said); ok {
			return known[pattern], args, nil
		}
	}
	return nil, nil, fmt.Errorf("no such step; there are:\n  %s", strings.Join(slices.Sorted(maps.Keys(known)), "\n  "))
}

// match compares word by word; … at the end takes all that is left.
func match(pattern, said []string) ([]string, bool) {
	var args []string
	for i, word := range pattern {
		switch {
		case word == "…" && i == len(pattern)-1 && len(said) > i:
			return append(args, said[i:]...), true
		case i >= len(said):
			return nil, false
		case word == "*":
			args = append(args, strings.Trim(said[i], `"`))
		case word != said[i]:
			return nil, false
		}
	}
	return args, len(pattern) == len(said)
}

// tokens parts a line at blanks, but for text in quotes.
func tokens(line string) []string {
	var out []string
	for i, part := range strings.Split(line, `"`) {
		if i%2 == 1 {
			out = append(out, `"`+part+`"`)
			continue
		}
		out = append(out, strings.Fields(part)...)
	}
	return out
}
