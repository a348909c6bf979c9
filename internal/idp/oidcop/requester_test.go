package oidcop_test

import (
	"net/http"
	"testing"
)

func TestNoRequestWritesIntoWhatAllShare(t *testing.T) {
	t.Parallel()
	h := again(t)
	before := h.provider.Shared()
	first := h.to(t, "/oidc/token", redeeming("again", h.offline(t, "again")))
	next := h.to(t, "/oidc/token", renewing("again", first.text("refresh_token")))
	if first.status != http.StatusOK || next.status != http.StatusOK {
		t.Fatalf("%d %v, then %d %v", first.status, first.body, next.status, next.body)
	}
	if r, err := http.NewRequest(http.MethodGet, h.issuer+"/oidc/userinfo", nil); err != nil {
		t.Fatal(err)
	} else {
		r.Header.Set("Authorization", "Bearer "+next.text("access_token"))
		answer, err := http.DefaultClient.Do(r)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("userinfo: %v %v", err, answer)
		}
		_ = answer.Body.Close()
	}
	refused(t, "a code of nobody", h.to(t, "/oidc/token", redeeming("again", "code")), http.StatusBadRequest, "invalid_grant")
	refused(t, "another grant type", h.to(t, "/oidc/token", params("client_id", "again", "grant_type", "password")), http.StatusBadRequest, "unsupported_grant_type")
	if after := h.provider.Shared(); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
}
