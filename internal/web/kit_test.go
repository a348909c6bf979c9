package web_test

import (
	"net/http"
	"testing"

	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

func TestOwnPagesHaveNoFindings(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t)
	if kit.URL("/saml/metadata") != webtest.Origin+"/saml/metadata" {
		t.Errorf("URL = %s", kit.URL("/saml/metadata"))
	}
	_ = http.StatusOK
	_ = web.French
}
