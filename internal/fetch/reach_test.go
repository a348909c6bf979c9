package fetch_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"ecluse/internal/fetch"
)

func TestReachTellsThatAServerAnswersWhateverItAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		serve http.HandlerFunc
		want  int
	}{
		"a page":       {body("hello"), http.StatusOK},
		"only POST":    {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusMethodNotAllowed) }, http.StatusMethodNotAllowed},
		"nothing here": {http.NotFound, http.StatusNotFound},
		"elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://elsewhere.example/", http.StatusFound)
		}, http.StatusFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := ""
			s, config := server(t, func(w http.ResponseWriter, r *http.Request) { asked = r.Method; c.serve(w, r) })
			if got, err := client(t, config).Reach(t.Context(), s.URL+"/acs"); err != nil || got != c.want || asked != http.MethodHead {
				t.Errorf("%d, %v, by %s", got, err, asked)
			}
		})
	}
}

func TestReachHoldsTheLimitsOfTheClient(t *testing.T) {
	t.Parallel()
	s, config := server(t, body("x"))
	config.Allow = nil
	_, err := client(t, config).Reach(t.Context(), s.URL+"/acs?secret")
	if !errors.Is(err, fetch.ErrAddress) || strings.Contains(err.Error(), "secret") {
		t.Errorf("an internal address: %v", err)
	}
	for _, address := range []string{"ftp://sp.example/acs", "https://user@sp.example/", "://", "app.example:/back"} {
		if _, err := client(t, config).Reach(t.Context(), address); err == nil {
			t.Errorf("%s is asked", address)
		}
	}
	s.Close()
	if _, err := client(t, config).Reach(t.Context(), s.URL); err == nil {
		t.Error("a server that is gone answers")
	}
}
