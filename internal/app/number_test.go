package app_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestANumberIsNeverCalledAnonymous reads the texts of every page there is: a service that gets a number gets something,
// and it is somebody's.
func TestANumberIsNeverCalledAnonymous(t *testing.T) {
	t.Parallel()
	files := 0
	err := filepath.WalkDir("..", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || d.IsDir() && d.Name() != "testdata":
			return err
		case d.IsDir():
			return fs.SkipDir
		case filepath.Ext(file) != ".yaml" || filepath.Base(filepath.Dir(file)) != "texts":
			return nil
		}
		files++
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var texts map[string]any
		if err := yaml.Unmarshal(data, &texts); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		for where, text := range leaves(file, texts) {
			low := strings.ToLower(text)
			for _, never := range []string{"anonym", "aucune donnée", "aucune information", "aucune info", "no data", "no information"} {
				if strings.Contains(low, never) {
					t.Errorf("%s: %q", where, text)
				}
			}
		}
		return nil
	})
	if err != nil || files < 28 {
		t.Fatalf("%d files of texts, %v", files, err)
	}
}

// leaves lists every text below a place of a file, by its place.
func leaves(where string, node any) map[string]string {
	out := map[string]string{}
	switch node := node.(type) {
	case string:
		out[where] = node
	case map[string]any:
		for key, below := range node {
			for place, text := range leaves(where+" "+key, below) {
				out[place] = text
			}
		}
	}
	return out
}
