package federation_test

import (
	"crypto/x509"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ecluse/internal/federation"
	"ecluse/internal/fetch"
	"ecluse/internal/saml"
	"ecluse/internal/saml/samltest"
	"ecluse/internal/store/storetest"
)

func newClock() *storetest.Clock {
	return storetest.NewClock(time.Date(2026, 11, 22, 8, 30, 0, 0, time.UTC))
}

// served is what a server of metadata has, by path; it notes who asked for what.
type served struct {
	mu    sync.Mutex
	docs  map[string][]byte
	asked []string
	whole int // documents sent
}

func (s *served) put(path string, doc []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.docs == nil {
		s.docs = map[string][]byte{}
	}
	s.docs[path] = doc
}

func (s *served) sent() (asked, whole int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked), s.whole
}

func (s *served) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := r.URL.EscapedPath()
	s.asked = append(s.asked, path)
	doc, there := s.docs[path]
	if !there {
		http.NotFound(w, r)
		return
	}
	tag := `"` + fingerprint(doc) + `"`
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	s.whole++
	w.Header().Set("ETag", tag)
	_, _ = w.Write(doc)
}

// house is a federation with a server beside it.
type house struct {
	*served
	clock  *storetest.Clock
	folder string
	who    samltest.Signer
	url    string
	out    fetch.Config
	wanted atomic.Pointer[[]federation.Pair]
	log    *strings.Builder
}

// want says what is registered.
func (h *house) want(pairs ...federation.Pair) { h.wanted.Store(&pairs) }

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{served: new(served), clock: newClock(), folder: t.TempDir(), who: samltest.NewSigner(t), log: new(strings.Builder)}
	h.want()
	server := httptest.NewTLSServer(h.served)
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	h.url = server.URL
	h.out = fetch.Config{Roots: roots, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}}
	return h
}

func (h *house) signers(t testing.TB) []saml.Certificate {
	t.Helper()
	certs, err := saml.ReadCertificates(h.who.Cert)
	if err != nil {
		t.Fatal(err)
	}
	return certs
}

// source is the one at /fed, with the settings that need not be said.
func (h *house) source(t testing.TB) federation.Source {
	t.Helper()
	return federation.Source{
		Name: "fed", URL: h.url + "/fed", Signers: h.signers(t), Outside: h.out, Refresh: federation.DefaultRefresh,
		MaxAge: federation.DefaultMaxAge, MaxBytes: federation.DefaultMaxBytes, MaxValidity: federation.DefaultMaxValidity,
	}
}

func (h *house) config(sources ...federation.Source) federation.Config {
	return federation.Config{
		Folder: h.folder, Sources: sources, Now: h.clock.Now, Log: slog.New(slog.NewTextHandler(h.log, nil)),
		Wanted: h.registered, Outside: h.out, Patience: time.Minute,
	}
}

// registered is what was said to be; nothing where nobody said anything.
func (h *house) registered() []federation.Pair {
	if said := h.wanted.Load(); said != nil {
		return *said
	}
	return nil
}

func (h *house) open(t testing.TB, sources ...federation.Source) *federation.Federation {
	t.Helper()
	f, err := federation.New(h.config(sources...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// takes refreshes and wants no error.
func takes(t testing.TB, f *federation.Federation) {
	t.Helper()
	if err := f.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// gives wants an entity, and that it is a service of this name.
func gives(t testing.TB, f *federation.Federation, entityID string, now time.Time) (version string) {
	t.Helper()
	doc, version, err := f.Entity("fed", entityID)
	if err != nil {
		t.Fatalf("%s: %v", entityID, err)
	}
	if md, err := saml.ParseSPMetadata(doc, now); err != nil || md.EntityID != entityID {
		t.Fatalf("%s: %v, %v", entityID, md.EntityID, err)
	}
	return version
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
