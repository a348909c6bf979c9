package app_test

import (
	"io"
	"net/http"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"ecluse/internal/app"
)

// TestWithoutMemoryRequestsAreRefusedWithAPageUntilThereIsSome narrows the memory limit of this very process below what it
// needs, and widens it again. Nothing ends, and the operator's listener answers all the while.
func TestWithoutMemoryRequestsAreRefusedWithAPageUntilThereIsSome(t *testing.T) { // alone: the limit is the whole process's
	a, err := app.Serve(t.Context(), servable(t), &quietBuffer{})
	if err != nil {
		t.Fatal(err)
	}
	defer stopApp(t, a)
	asks := func() (status int, page string) {
		r, err := http.NewRequest(http.MethodGet, "http://"+a.Addr().String()+"/aide", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Forwarded-Proto", "https")
		r.Header.Set("Accept", "text/html")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		if answer.StatusCode == http.StatusServiceUnavailable && answer.Header.Get("Retry-After") == "" {
			t.Error("a program is not told when to come again")
		}
		return answer.StatusCode, string(body)
	}
	becomes := func(want int) string {
		t.Helper()
		deadline := time.Now().Add(time.Minute)
		for {
			status, page := asks()
			if status == want {
				return page
			}
			if time.Now().After(deadline) {
				t.Fatalf("status %d, want %d", status, want)
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	becomes(http.StatusOK)
	whole := debug.SetMemoryLimit(1 << 20)
	defer debug.SetMemoryLimit(whole)
	if page := becomes(http.StatusServiceUnavailable); !strings.Contains(page, "LIM-503") {
		t.Errorf("the page says %s", page)
	}
	for path, want := range map[string]string{"/livez": "alive", "/metrics": `ecluse_errors_total{code="LIM-503"}`} {
		answer, err := http.Get("http://" + a.OpsAddr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		said, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK || !strings.Contains(string(said), want) {
			t.Errorf("%s: %d, %v", path, answer.StatusCode, err)
		}
	}
	debug.SetMemoryLimit(whole)
	becomes(http.StatusOK)
}
