package fetch_test

import (
	"compress/gzip"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"ecluse/internal/fetch"
)

// server starts a TLS server on loopback and returns a configuration that
// reaches it.
func server(t *testing.T, h http.HandlerFunc) (*httptest.Server, fetch.Config) {
	t.Helper()
	s := httptest.NewTLSServer(h)
	t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return s, fetch.Config{
		Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")},
		Roots: roots, MaxBytes: 1000,
	}
}

func client(t *testing.T, c fetch.Config) *fetch.Client {
	t.Helper()
	cl := fetch.New(c)
	t.Cleanup(cl.Close)
	return cl
}

func body(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
}

func TestGetReturnsTheDocument(t *testing.T) {
	t.Parallel()
	s, c := server(t, body("hello"))
	got, err := client(t, c).Get(t.Context(), s.URL+"/x")
	if err != nil || string(got) != "hello" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestGetRefusesInternalAddresses(t *testing.T) {
	t.Parallel()
	asked := false
	s, c := server(t, func(http.ResponseWriter, *http.Request) { asked = true })
	c.Allow = nil
	port := s.URL[strings.LastIndex(s.URL, ":"):]
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "127.1.2.3"} {
		if _, err := client(t, c).Get(t.Context(), "https://"+host+port+"/"); err == nil {
			t.Errorf("%s: asked", host)
		} else if host != "[::1]" && !errors.Is(err, fetch.ErrAddress) && !strings.Contains(err.Error(), "refused") {
			t.Errorf("%s: %v, want ErrAddress", host, err)
		}
	}
	c.Allow = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	if _, err := client(t, c).Get(t.Context(), s.URL); !errors.Is(err, fetch.ErrAddress) {
		t.Errorf("with another range allowed: %v, want ErrAddress", err)
	}
	if asked {
		t.Error("a request arrived")
	}
}

func TestGetRefusesOtherKindsOfAddress(t *testing.T) {
	t.Parallel()
	s, c := server(t, body("x"))
	for _, address := range []string{
		"http" + strings.TrimPrefix(s.URL, "https"), "file:///etc/passwd", "ftp://example.org/", "/relative", "",
		"https://", "https://user:secret@" + strings.TrimPrefix(s.URL, "https://"), "https://%zz", "gopher://example.org/",
	} {
		_, err := client(t, c).Get(t.Context(), address)
		if !errors.Is(err, fetch.ErrURL) {
			t.Errorf("%q: %v, want ErrURL", address, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the error shows the password", address)
		}
	}
}

func TestPlainHTTPOnlyWhenAllowed(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(body("plain"))
	t.Cleanup(s.Close)
	c := fetch.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, PlainHTTP: true}
	if got, err := client(t, c).Get(t.Context(), s.URL); err != nil || string(got) != "plain" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestUnknownCertificateIsRefused(t *testing.T) {
	t.Parallel()
	s, c := server(t, body("x"))
	c.Roots = x509.NewCertPool()
	var unknown x509.UnknownAuthorityError
	if _, err := client(t, c).Get(t.Context(), s.URL); !errors.As(err, &unknown) {
		t.Errorf("%v, want an unknown authority", err)
	}
}

func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 1001)
	for name, h := range map[string]http.HandlerFunc{
		"announced": body(long),
		"streamed": func(w http.ResponseWriter, _ *http.Request) {
			for range 50 {
				_, _ = io.WriteString(w, long)
				w.(http.Flusher).Flush()
			}
		},
		"gzip bomb": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = z.Write(make([]byte, 10<<20))
			_ = z.Close()
		},
	} {
		s, c := server(t, h)
		if _, err := client(t, c).Get(t.Context(), s.URL); !errors.Is(err, fetch.ErrTooLarge) {
			t.Errorf("%s: %v, want ErrTooLarge", name, err)
		}
	}
	s, c := server(t, body(long[:1000]))
	if got, err := client(t, c).Get(t.Context(), s.URL); err != nil || len(got) != 1000 {
		t.Errorf("exactly the limit: %d bytes, %v", len(got), err)
	}
	resp, err := client(t, c).HTTP().Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if n, err := io.Copy(io.Discard, resp.Body); err != nil || n != 1000 {
		t.Errorf("through HTTP: %d bytes, %v", n, err)
	}
}

func TestHugeHeadersAreRefused(t *testing.T) {
	t.Parallel()
	s, c := server(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Long", strings.Repeat("a", 200<<10))
	})
	if _, err := client(t, c).Get(t.Context(), s.URL); err == nil {
		t.Error("a header of 200 kB was read")
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	other, _ := server(t, body("elsewhere"))
	handler := func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/once":
			http.Redirect(w, r, "/end", http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/away":
			http.Redirect(w, r, other.URL+"/?secret", http.StatusFound)
		case "/down":
			http.Redirect(w, r, "http://"+r.Host+"/end", http.StatusFound)
		default:
			_, _ = io.WriteString(w, "end")
		}
	}
	s, strict := server(t, handler)
	lenient := strict
	lenient.Redirects = true
	for _, c := range []struct {
		path   string
		config fetch.Config
		ok     bool
	}{
		{"/end", strict, true},
		{"/once", strict, false},
		{"/once", lenient, true},
		{"/loop", lenient, false},
		{"/away", lenient, false},
		{"/down", lenient, false},
	} {
		got, err := client(t, c.config).Get(t.Context(), s.URL+c.path)
		if c.ok && (err != nil || string(got) != "end") || !c.ok && !errors.Is(err, fetch.ErrRedirect) {
			t.Errorf("%s, redirects %v: %q, %v", c.path, c.config.Redirects, got, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error repeats where it was sent", c.path)
		}
	}
}

func TestSlowServersAreLeft(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]string{"silent": "", "stops in the body": "half"} {
		s, c := server(t, func(w http.ResponseWriter, r *http.Request) {
			if first != "" {
				_, _ = io.WriteString(w, first)
				w.(http.Flusher).Flush()
			}
			<-r.Context().Done()
		})
		c.Timeout = 100 * time.Millisecond
		if _, err := client(t, c).Get(t.Context(), s.URL); err == nil {
			t.Errorf("%s: no error", name)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		c.Timeout = time.Minute
		if _, err := client(t, c).Get(ended, s.URL); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want context.Canceled", name, err)
		}
	}
}

func TestErrorsDoNotShowTheQuery(t *testing.T) {
	t.Parallel()
	s, c := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/404" {
			http.NotFound(w, r)
			return
		}
		panic(http.ErrAbortHandler)
	})
	for _, path := range []string{"/404?ticket=ST-secret", "/abort?ticket=ST-secret"} {
		_, err := client(t, c).Get(t.Context(), s.URL+path)
		if err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), path[:4]) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := client(t, c).Get(t.Context(), s.URL+"/404"); !errors.Is(err, fetch.ErrStatus) {
		t.Errorf("%v, want ErrStatus", err)
	}
}
