package app_test

import (
	"bytes"
	"strings"
	"testing"

	"ecluse/internal/app"
	"ecluse/internal/idp/oidcop"
)

func TestClientSecretIsShownOnceBesideItsHash(t *testing.T) {
	t.Parallel()
	said := map[string]bool{}
	for range 2 {
		var out bytes.Buffer
		if err := app.ClientSecret(t.Context(), app.Config{}, "lire", false, &out, &out); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(out.String(), "\n")
		if len(lines) != 5 || len(strings.TrimSpace(lines[1])) != 43 || strings.TrimSpace(lines[3]) != oidcop.HashSecret(strings.TrimSpace(lines[1])) {
			t.Errorf("it says %q", lines)
		}
		said[lines[1]] = true
	}
	if len(said) != 2 {
		t.Error("two secrets are the same")
	}
}
