package casserver_test

import (
	"encoding/json"
	"encoding/pem"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestPhpCASReadsOurAnswer has a client that is not ours show a ticket: phpCAS, over TLS, as publishers run it.
func TestPhpCASReadsOurAnswer(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	server := httptest.NewTLSServer(h.Handler)
	t.Cleanup(server.Close)
	authority := filepath.Join(t.TempDir(), "authority.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(authority, block, 0o600); err != nil {
		t.Fatal(err)
	}
	show := func(ticket string) (answer struct {
		User       string
		Attributes map[string]any
		Refused    bool
	},
	) {
		port := server.URL[strings.LastIndex(server.URL, ":")+1:]
		out, err := exec.CommandContext(t.Context(), "php", "testdata/client.php", port, page("carnet"), ticket, authority).Output()
		if err != nil {
			t.Fatalf("phpCAS: %v: %s", err, out)
		}
		last := string(out)[strings.LastIndex(string(out), "\n")+1:]
		if err := json.Unmarshal([]byte(last), &answer); err != nil {
			t.Fatalf("phpCAS prints no JSON: %s", out)
		}
		return answer
	}
	ticket := h.ticket(t, "carnet")
	got := show(ticket)
	if len(got.User) != 128 || got.Attributes["sn"] != "Martin & Cie" || got.Attributes["givenName"] != "Léa" || got.Attributes["DIV"] != "CE2 B" {
		t.Errorf("phpCAS knows a user of %d characters and %v", len(got.User), got.Attributes)
	}
	if again := show(ticket); !again.Refused || again.User != "" {
		t.Errorf("phpCAS takes a ticket twice: %+v", again)
	}
}
