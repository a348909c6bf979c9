package app_test

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"ecluse/internal/app"
	"ecluse/internal/portal/mediacentre"
)

// The table of who may call what stands where the interface is; here the routes come from the mux of a whole gateway.
func TestEveryRouteOfTheDeskHasARowInTheTable(t *testing.T) {
	t.Parallel()
	a, err := app.Serve(t.Context(), servable(t), &quietBuffer{})
	if err != nil {
		t.Fatal(err)
	}
	defer stopApp(t, a)
	table, err := os.ReadFile("../admin/api/testdata/routes.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, route := range a.Routes() {
		if !strings.HasPrefix(route.Pattern, "/api/") && !strings.HasPrefix(route.Pattern, "/bureau/") {
			continue
		}
		n++
		if route.Method == http.MethodGet && slices.Contains(ofENTs(), route.Pattern) {
			continue
		}
		if !strings.Contains(string(table), "\n"+route.Method+" "+route.Pattern+" ") {
			t.Errorf("%s %s: no row in the table", route.Method, route.Pattern)
		}
		if route.CrossSite {
			t.Errorf("%s %s: takes changes from other sites", route.Method, route.Pattern)
		}
	}
	if n < 70 {
		t.Errorf("only %d routes of the desk", n)
	}
}

// ofENTs are the routes that no role of the desk opens: an ENT's own token does, or the session of whom they tell of.
// portal/mediacentre tries who is refused there.
func ofENTs() []string { return []string{mediacentre.Base, mediacentre.Base + "/moi"} }

func TestTheGatewayAnswersProgramsWithProblems(t *testing.T) {
	t.Parallel()
	a, err := app.Serve(t.Context(), servable(t), &quietBuffer{})
	if err != nil {
		t.Fatal(err)
	}
	defer stopApp(t, a)
	for path, want := range map[string]int{"/api/v1/me": 401, "/api/v1/nowhere": 404, "/api/v1/openapi.json": 200} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+a.Addr().String()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Forwarded-Proto", "https")
		r.Header.Set("X-Forwarded-For", "192.0.2.7")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		kind := answer.Header.Get("Content-Type")
		if answer.StatusCode != want || (want != 200 && kind != "application/problem+json") {
			t.Errorf("%s: %d %s", path, answer.StatusCode, kind)
		}
	}
}
