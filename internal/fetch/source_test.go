package fetch_test

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"ecluse/internal/fetch"
)

var testNow = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

// changing serves what a test tells it, with conditional requests.
type changing struct {
	text  atomic.Value // string; "down" answers 500
	sent  atomic.Int32 // documents sent
	asked atomic.Int32
}

func (c *changing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.asked.Add(1)
	text := c.text.Load().(string)
	tag := `"` + text + `"`
	switch {
	case text == "down":
		http.Error(w, "no", http.StatusInternalServerError)
	case r.Header.Get("If-None-Match") == tag:
		w.WriteHeader(http.StatusNotModified)
	default:
		w.Header().Set("ETag", tag)
		c.sent.Add(1)
		_, _ = io.WriteString(w, text)
	}
}

var errBad = errors.New("not what was expected")

func source(t *testing.T, served *changing, dir string, now *time.Time) *fetch.Source {
	t.Helper()
	s, c := server(t, served.ServeHTTP)
	return &fetch.Source{
		Client: client(t, c), URL: s.URL + "/doc", Keep: fetch.Dir(dir), Now: func() time.Time { return *now },
		Check: func(b []byte) error {
			if string(b) == "bad" {
				return errBad
			}
			return nil
		},
	}
}

func TestSourceAsksConditionallyAndKeepsTheLastGoodCopy(t *testing.T) {
	t.Parallel()
	served, now := new(changing), testNow
	src := source(t, served, t.TempDir(), &now)
	steps := []struct {
		serve, want string
		err         error
		sent        int32
		confirmed   bool
	}{
		{"one", "one", nil, 1, true},
		{"one", "one", nil, 1, true}, // 304
		{"two", "two", nil, 2, true},
		{"down", "two", fetch.ErrStatus, 2, false},
		{"bad", "two", errBad, 3, false},
		{"two", "two", nil, 3, true}, // 304 again: the ETag of the bad one was not taken
	}
	for i, s := range steps {
		served.text.Store(s.serve)
		now = now.Add(time.Hour)
		got, err := src.Refresh(t.Context())
		if string(got.Body) != s.want || !errors.Is(err, s.err) || (err == nil) != (s.err == nil) || served.sent.Load() != s.sent {
			t.Errorf("step %d: %q, %v, %d sent", i, got.Body, err, served.sent.Load())
		}
		if got.Fetched.Equal(now) != s.confirmed {
			t.Errorf("step %d: fetched at %s, it is %s", i, got.Fetched, now)
		}
	}
}

func TestSourceWithoutAnyCopyReturnsNone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"down", "bad", "", " \n"} {
		served, now := new(changing), testNow
		served.text.Store(text)
		src := source(t, served, t.TempDir(), &now)
		if got, err := src.Refresh(t.Context()); err == nil || got.Body != nil || src.Last().Body != nil {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
}

func TestKeptCopySurvivesARestart(t *testing.T) {
	t.Parallel()
	served, now, dir := new(changing), testNow, t.TempDir()
	served.text.Store("one")
	first := source(t, served, dir, &now)
	if _, err := first.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Hour)
	again := &fetch.Source{Client: first.Client, URL: first.URL, Keep: first.Keep, Check: first.Check, Now: first.Now}
	if got := again.Last(); string(got.Body) != "one" || !got.Fetched.Equal(testNow) || served.asked.Load() != 1 {
		t.Errorf("after the restart: %+v, asked %d times", got, served.asked.Load())
	}
	if got, err := again.Refresh(t.Context()); err != nil || string(got.Body) != "one" || served.sent.Load() != 1 {
		t.Errorf("%q, %v, %d sent, want a 304", got.Body, err, served.sent.Load())
	}
	picky := &fetch.Source{Client: first.Client, URL: first.URL, Keep: first.Keep, Now: first.Now, Check: func([]byte) error { return errBad }}
	if got := picky.Last(); got.Body != nil {
		t.Error("a kept copy that is no longer good was used")
	}
	other := &fetch.Source{Client: first.Client, URL: first.URL + "2", Keep: first.Keep, Now: first.Now}
	if got := other.Last(); got.Body != nil {
		t.Error("another address's copy was used")
	}
}

func TestDamagedCopyCountsAsAbsent(t *testing.T) {
	t.Parallel()
	const address = "https://example.org/doc?secret"
	for name, damage := range map[string]func([]byte) []byte{
		"cut":      func(b []byte) []byte { return b[:len(b)-1] },
		"altered":  func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
		"no line":  func([]byte) []byte { return []byte("x") },
		"empty":    func([]byte) []byte { return nil },
		"not JSON": func(b []byte) []byte { return b[1:] },
	} {
		dir := fetch.Dir(t.TempDir())
		if err := dir.Save(fetch.Copy{URL: address, Body: []byte("line\nline"), Fetched: testNow}); err != nil {
			t.Fatal(err)
		}
		if got, err := dir.Load(address); err != nil || string(got.Body) != "line\nline" {
			t.Fatalf("%q, %v", got.Body, err)
		}
		files, err := filepath.Glob(string(dir) + "/*")
		if err != nil || len(files) != 1 {
			t.Fatalf("files %v, %v", files, err)
		}
		raw, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(files[0], damage(raw), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := dir.Load(address); !errors.Is(err, os.ErrNotExist) || got.Body != nil {
			t.Errorf("%s: %q, %v, want fs.ErrNotExist", name, got.Body, err)
		}
	}
}

func TestCopyThatCannotBeKeptIsStillReturned(t *testing.T) {
	t.Parallel()
	served, now := new(changing), testNow
	served.text.Store("one")
	src := source(t, served, filepath.Join(t.TempDir(), "absent"), &now)
	if got, err := src.Refresh(t.Context()); err == nil || string(got.Body) != "one" {
		t.Errorf("%q, %v, want the document and an error", got.Body, err)
	}
}
