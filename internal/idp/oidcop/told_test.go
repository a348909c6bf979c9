package oidcop_test

import (
	"html"
	"net/http"
	"strings"
	"testing"

	"ecluse/internal/web/webtest"
)

// TestWhoeverWroteAServiceReadsWhichPartOfItsRequestIsWrong: only our page can say these, and it keeps the parameter's name and
// why folded beside the code, never its value.
func TestWhoeverWroteAServiceReadsWhichPartOfItsRequestIsWrong(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.change(set("classe", "post_logout_redirect_uris", []string{after}))
	token := h.exchange(t, "classe", h.code(t, "classe")).text("id_token")
	const secret = "ma-valeur-secrete"
	for name, c := range map[string]struct {
		path   string
		params []string
		told   string
	}{
		"a hint of nobody":       {"/oidc/logout", []string{"id_token_hint", secret}, "id_token_hint: it is no ID token of this issuer"},
		"another's hint":         {"/oidc/logout", []string{"id_token_hint", token, "client_id", "poste"}, "id_token_hint: it was made for another client"},
		"an unknown client":      {"/oidc/logout", []string{"client_id", secret}, "client_id: no such client is registered"},
		"an address of nobody":   {"/oidc/logout", []string{"post_logout_redirect_uri", "https://" + secret + ".example/"}, "post_logout_redirect_uri: neither id_token_hint nor client_id"},
		"an unknown address":     {"/oidc/logout", []string{"client_id", "classe", "post_logout_redirect_uri", "https://" + secret + ".example/"}, "post_logout_redirect_uri: it is none of those"},
		"a long state":           {"/oidc/logout", []string{"client_id", "classe", "state", strings.Repeat(secret, 600)}, "state: it is too long"},
		"a state twice":          {"/oidc/logout", []string{"state", secret, "state", secret}, "state: it stands more than once"},
		"an unknown service":     {"/oidc/authorize", []string{"client_id", secret}, "client_id: no such client is registered"},
		"an unknown return":      {"/oidc/authorize", []string{"client_id", "classe", "redirect_uri", "https://" + secret + ".example/"}, "redirect_uri: it is missing, or none of those"},
		"a pushed one of nobody": {"/oidc/authorize", []string{"client_id", "classe", "request_uri", "urn:ietf:params:oauth:request_uri:" + secret}, "request_uri: it leads to no pushed request"},
		"an unsigned object":     {"/oidc/authorize", []string{"client_id", "classe", "request", secret}, "request_not_supported: the client has no keys"},
	} {
		resp, body := h.document(t, c.path+"?"+params(c.params...).Encode(), "")
		page := html.UnescapeString(string(body))
		open, folded, _ := strings.Cut(page, "<details")
		if resp.StatusCode != http.StatusBadRequest || !strings.Contains(folded, c.told) || strings.Contains(open, c.told) {
			t.Errorf("%s: status %d: %s", name, resp.StatusCode, page)
		}
		if said, _, _ := strings.Cut(folded, "</details>"); strings.Contains(said, secret) {
			t.Errorf("%s: the value is told", name)
		}
		webtest.CheckPage(t, string(body))
	}
}
