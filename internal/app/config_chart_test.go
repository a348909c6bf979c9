package app

import (
	"path/filepath"
	"testing"
)

func TestTheChartWritesConfigurationsThatLoad(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../tools/charttest/testdata/*.gateway.yaml")
	if err != nil || len(files) < 3 {
		t.Fatalf("%d rendered configurations, %v", len(files), err)
	}
	for _, file := range files {
		if _, err := LoadConfig(file, nil); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}
