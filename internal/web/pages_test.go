package web_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

func TestEveryPageIsListedAndBearsItsName(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t)
	if pages := kit.Pages(); !slices.Equal(pages, []string{"web/error", "web/leave", "web/post"}) {
		t.Errorf("the kit's own pages are %q", pages)
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	if err := kit.Leave(w, r, "https://site.example/", web.Frame{}); err != nil {
		t.Fatal(err)
	}
	if body := w.Body.String(); !strings.Contains(body, `<body data-page="web/leave">`) {
		t.Errorf("the page does not say which it is:\n%s", body)
	}
}
