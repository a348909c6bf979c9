package app

import (
	"net/http"
	"strings"
	"testing"

	"ecluse/docs"
	"ecluse/internal/handbook"
	"ecluse/internal/portal/published"
)

func TestEveryAddressInTheHandbookIsAPageOfTheGateway(t *testing.T) {
	t.Parallel()
	g := closedGateway(t, func(*Config) {})
	book, err := handbook.Read(docs.Files)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, c := range book.Chapters {
		for _, to := range c.Links {
			if path, _, _ := strings.Cut(to, "#"); path != "" {
				seen++
				if !g.frame.Mounted(path) {
					t.Errorf("%s leads to %s, where nothing is", c.Page, path)
				}
			}
		}
	}
	if seen < 30 {
		t.Errorf("only %d links", seen)
	}
	for _, path := range []string{handbook.Home, "/aide/chef"} {
		if w := fetched(g, path); w.Code != http.StatusOK {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if w := fetched(g, "/aide"); !strings.Contains(w.Body.String(), `href="`+published.Home+`"`) {
		t.Error("the foot does not lead to the public register")
	}
}
