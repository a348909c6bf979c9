// Package upstreamtest is the gateway as a connector sees it in tests: it gives out one challenge and remembers what came
// of it.
package upstreamtest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"ecluse/internal/upstream"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// Challenge is the id of the only challenge.
const Challenge = "defi"

// Host implements upstream.Host. It answers 204 to whoever was signed in and 202 to whoever was not.
type Host struct {
	Login  string          // the hint of the challenge
	Leaver upstream.Leaver // answers a source that asked for a sign-out
	Open   bool            // some service stays open then

	// Use writes Assertion.With, for a connector that has any.
	Use func(context.Context, upstream.Assertion) error

	mu       sync.Mutex
	finished []upstream.Assertion
	failed   []error
	ended    []string
	left     []string
}

var _ upstream.Host = (*Host)(nil)

var errNoChallenge = errors.New("no such challenge")

// Asked implements upstream.Host.
func (h *Host) Asked(_ *http.Request, id string) (upstream.Challenge, error) {
	if id != Challenge {
		return upstream.Challenge{}, web.BadRequest(errNoChallenge)
	}
	return upstream.Challenge{ID: id, Service: "Carnet de lecture", Login: h.Login}, nil
}

// Finished implements upstream.Host.
func (h *Host) Finished(w http.ResponseWriter, r *http.Request, _ string, a upstream.Assertion) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.Use != nil {
		if err := h.Use(r.Context(), a); err != nil {
			return err
		}
	}
	h.finished = append(h.finished, a)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// Failed implements upstream.Host.
func (h *Host) Failed(w http.ResponseWriter, _ *http.Request, _ string, cause error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.failed = append(h.failed, cause)
	w.WriteHeader(http.StatusAccepted)
	return nil
}

// SignedOut implements upstream.Host.
func (h *Host) SignedOut(_ context.Context, source, session string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = append(h.ended, source+" "+session)
	return nil
}

// Leave implements upstream.Host.
func (h *Host) Leave(w http.ResponseWriter, r *http.Request, leaving upstream.Leaving) error {
	h.mu.Lock()
	h.ended = append(h.ended, leaving.Sessions...)
	h.mu.Unlock()
	to, err := h.Leaver.Answer(r.Context(), leaving.State, h.Open)
	if err != nil {
		return err
	}
	if to.Action == "" {
		http.Redirect(w, r, to.Location, http.StatusSeeOther)
		return nil
	}
	fmt.Fprintf(w, `<form action="%s">`, html.EscapeString(to.Action))
	for _, f := range to.Fields {
		fmt.Fprintf(w, `<input name="%s" value="%s">`, f.Name, html.EscapeString(f.Value))
	}
	return nil
}

// Left implements upstream.Host.
func (h *Host) Left(w http.ResponseWriter, _ *http.Request, word string, ended bool) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.left = append(h.left, fmt.Sprintf("%s %v", word, ended))
	w.WriteHeader(http.StatusResetContent)
	return nil
}

// CameBack are those who came back from a source's own sign-out, each as the word and whether it is over.
func (h *Host) CameBack() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.left...)
}

// Signed are those who were signed in, the latest last.
func (h *Host) Signed() []upstream.Assertion {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]upstream.Assertion(nil), h.finished...)
}

// Last is whoever was signed in last.
func (h *Host) Last(t testing.TB) upstream.Assertion {
	t.Helper()
	signed := h.Signed()
	if len(signed) == 0 {
		t.Fatal("nobody was signed in")
	}
	return signed[len(signed)-1]
}

// Failures are why nobody was signed in, each time that the connector said so.
func (h *Host) Failures() []error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]error(nil), h.failed...)
}

// Ended are the sessions that were signed out, each as its source and its id.
func (h *Host) Ended() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.ended...)
}

// Namer makes names under a key, as the key ring does.
type Namer string

// MAC implements upstream.Namer.
func (n Namer) MAC(purpose string, parts ...string) string {
	mac := hmac.New(sha256.New, []byte(n))
	fmt.Fprintf(mac, "%q %q", purpose, parts)
	return hex.EncodeToString(mac.Sum(nil))
}

// Log keeps what was logged. It is safe for concurrent use.
type Log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String is all of it.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// Get asks for a page over TLS.
func Get(h http.Handler, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, webtest.Origin+path, nil)
	r.TLS = &tls.ConnectionState{}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// Post sends a form of our own from one address over TLS, with the challenge where the form does not say it.
func Post(h http.Handler, from, path string, form url.Values) *httptest.ResponseRecorder {
	if !form.Has("challenge") {
		form.Set("challenge", Challenge)
	}
	r := httptest.NewRequest(http.MethodPost, webtest.Origin+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.RemoteAddr, r.TLS = from+":4711", &tls.ConnectionState{}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
