package oidcop_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestNothingInAFormThatIsPostedBecomesMarkUp: state is anybody's text, and comes back as the value of one field, whatever it
// holds (OAuth 2.0 Form Post Response Mode 5). The page runs no script but the gateway's own file.
func TestNothingInAFormThatIsPostedBecomesMarkUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	usual := h.usualForm(t)
	for _, state := range []string{
		`"><script>alert(1)</script>`, `'><img src=x onerror=alert(1)>`, `"/></form><form action="https://evil.example/">`,
		`"><input name="code" value="theirs"><x y="`, "\"\r\nautofocus onfocus=alert(1) x=\"", `&quot;&gt;<b>`, "<!--", "{{.}}", "</textarea>",
	} {
		at := h.issuer + "/oidc/authorize?" + request("calcul", "response_mode", "form_post", "state", state).Encode()
		q := posted(t, at)
		if got := strings.ReplaceAll(q.Get("state"), "\r\n", "\n"); got != strings.ReplaceAll(state, "\r\n", "\n") || len(q["state"]) != 1 ||
			len(q["code"]) != 1 || q.Get("iss") != h.issuer || len(q) != 3 {
			t.Errorf("%q: the form says %q", state, q)
		}
		resp, err := browser.Get(at)
		if err != nil {
			t.Fatal(err)
		}
		page, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		// The foot of the page has the forms and scripts that it always has; the state may add none.
		for _, piece := range []string{"<script", "<form", "<img", "<b>", "<!--"} {
			if n, want := strings.Count(string(page), piece), strings.Count(usual, piece); n != want {
				t.Errorf("%q: %d times %s, want %d", state, n, piece, want)
			}
		}
		if policy := resp.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'; script-src 'self';") {
			t.Errorf("%q: the policy is %s", state, policy)
		}
	}
}

// usualForm is the page with a harmless state.
func (h *house) usualForm(t *testing.T) string {
	t.Helper()
	resp, err := browser.Get(h.issuer + "/oidc/authorize?" + request("calcul", "response_mode", "form_post").Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	page, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("status %d, %v", resp.StatusCode, err)
	}
	return string(page)
}
