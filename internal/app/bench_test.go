package app

import (
	"bytes"
	"compress/flate"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"ecluse/internal/keys"
)

// bench is a demo with somebody signed in, whose canary looks at as many messages as a gateway's does that nobody configured.
type bench struct {
	b       testing.TB
	app     *App // nil where it is another process
	host    string
	serve   func(*http.Request) *httptest.ResponseRecorder
	cookies map[string]string
	deflate *flate.Writer
	spent   time.Duration     // processor time of the browser
	memory  *runtime.MemStats // what answers take is added up here; nil does not look
}

// newBench asks the demo without a network between.
func newBench(b testing.TB) *bench {
	b.Helper()
	a, err := Demo(b.Context(), DemoOptions{
		Data: b.TempDir(), Listen: "127.0.0.1:0", OpsListen: "127.0.0.1:0", LogTo: b.Output(), Canary: DefaultConfig().Canary.Sample,
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = a.Stop(b.Context()) })
	x := benchAt(b, a.Addr().String(), nil)
	x.app, x.serve = a, x.through(a.gateway.mux)
	return x
}

// through asks without a network. Where memory is looked at, an answer has room already: the room is the browser's.
func (x *bench) through(mux http.Handler) func(*http.Request) *httptest.ResponseRecorder {
	return func(r *http.Request) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		if x.memory == nil {
			mux.ServeHTTP(w, r)
			return w
		}
		w.Body.Grow(64 << 10)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		mux.ServeHTTP(w, r)
		runtime.ReadMemStats(&after)
		x.memory.TotalAlloc += after.TotalAlloc - before.TotalAlloc
		x.memory.Mallocs += after.Mallocs - before.Mallocs
		return w
	}
}

func benchAt(b testing.TB, host string, serve func(*http.Request) *httptest.ResponseRecorder) *bench {
	b.Helper()
	deflate, err := flate.NewWriter(io.Discard, flate.DefaultCompression)
	if err != nil {
		b.Fatal(err)
	}
	return &bench{b: b, host: host, serve: serve, cookies: map[string]string{}, deflate: deflate}
}

// ask sends one request as the browser would and keeps what cookies it sets.
func (x *bench) ask(method, target string, form url.Values) *httptest.ResponseRecorder {
	x.b.Helper()
	var r *http.Request
	x.spent += onThread(x.b, func() { r = x.request(method, target, form) })
	w := x.serve(r)
	x.spent += onThread(x.b, func() {
		for _, c := range (&http.Response{Header: w.Header()}).Cookies() {
			x.cookies[c.Name] = c.Value
		}
	})
	return w
}

func (x *bench) request(method, target string, form url.Values) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
	r.Host = x.host
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for name, value := range x.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	return r
}

// signIn plays one whole sign-in, so that what is measured afterwards has a session and has told the person.
func (x *bench) signIn(begin, who string) {
	x.b.Helper()
	w := x.ask(http.MethodGet, begin, nil)
	for range 12 {
		body := w.Body.String()
		switch {
		case w.Code >= 300 && w.Code < 400:
			to := w.Header().Get("Location")
			if strings.Contains(to, ".localhost") {
				return
			}
			w = x.ask(http.MethodGet, to, nil)
		case strings.Contains(body, `name="challenge"`):
			w = x.ask(http.MethodPost, attribute(x.b, body, `action="([^"]+/people)"`), url.Values{
				"challenge": {attribute(x.b, body, `name="challenge" value="([^"]+)"`)}, "person": {who},
			})
		case strings.Contains(body, `name="digest"`):
			w = x.ask(http.MethodPost, attribute(x.b, body, `action="([^"]+/inform)"`), url.Values{
				"hop": {attribute(x.b, body, `name="hop" value="([^"]+)"`)}, "act": {"informed"},
				"digest": {attribute(x.b, body, `name="digest" value="([^"]+)"`)},
			})
		case strings.Contains(body, ".localhost"):
			return // handed over
		default:
			x.b.Fatalf("status %d at an unknown page: %.400s", w.Code, body)
		}
	}
	x.b.Fatal("the sign-in does not end")
}

func attribute(b testing.TB, body, pattern string) string {
	b.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(body)
	if m == nil {
		b.Fatalf("no %s in %.400s", pattern, body)
	}
	return strings.ReplaceAll(m[1], "&amp;", "&")
}

// inSignatures reports how much CPU one operation costs in bare RSA-2048 signatures, measured in the same run: the figure
// that can be compared between machines and on busy ones. prepare is the other side's work and is not counted, nor is the
// browser's, nor what theirs adds up meanwhile; the garbage that they leave is, and whatever else the process does. What
// the gateway takes of memory while it answers is looked at in operations of their own, since looking stops everything.
func (x *bench) inSignatures(b *testing.B, prepare func() string, operation func(string), theirs ...*time.Duration) {
	b.Helper()
	theirs = append(theirs, &x.spent)
	var signing, preparing time.Duration
	sign := bareSignature(b)
	requests := make([]string, 50)
	for _, spent := range theirs {
		*spent = 0
	}
	b.ResetTimer()
	began := cpu(b, syscall.RUSAGE_SELF)
	for left := b.N; left > 0; left -= len(requests) {
		requests = requests[:min(left, len(requests))]
		signing += onThread(b, func() {
			for range requests {
				sign()
			}
		})
		preparing += onThread(b, func() {
			for i := range requests {
				requests[i] = prepare()
			}
		})
		for _, request := range requests {
			operation(request)
		}
	}
	working := cpu(b, syscall.RUSAGE_SELF) - began - signing - preparing
	for _, spent := range theirs {
		working -= *spent
	}
	b.ReportMetric(float64(working)/float64(signing), "RSA-signatures/op")
	b.ReportMetric(float64(signing.Microseconds())/float64(b.N), "signature-µs")
	b.StopTimer()
	x.memory = &runtime.MemStats{}
	for range weighings {
		operation(prepare())
	}
	b.ReportMetric(float64(x.memory.TotalAlloc/weighings), "gateway-B/op")
	b.ReportMetric(float64(x.memory.Mallocs/weighings), "gateway-allocs/op")
	x.memory = nil
}

// weighings is in how many operations memory is looked at.
const weighings = 50

// bareSignature signs with RSA and 2,048 bits.
func bareSignature(b *testing.B) func() {
	b.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	digest := sha256.Sum256(nil)
	return func() {
		if _, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:]); err != nil {
			b.Fatal(err)
		}
	}
}

// onThread is the processor time that fn needs on its own thread.
func onThread(b testing.TB, fn func()) time.Duration {
	b.Helper()
	const thread = 1 // RUSAGE_THREAD of getrusage(2)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := cpu(b, thread)
	fn()
	return cpu(b, thread) - before
}

// cpu is the processor time so far, user and system, of this process or of one thread.
func cpu(b testing.TB, whose int) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(whose, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// authnRequest is a new request of lire by the Redirect binding.
func (x *bench) authnRequest(n int) string {
	_, port, _ := strings.Cut(x.host, ":")
	xml := fmt.Sprintf(`<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_bench%032d" Version="2.0" IssueInstant="%s" Destination="http://%s/saml/sso"><saml:Issuer>http://lire.localhost:%s/saml/metadata</saml:Issuer></samlp:AuthnRequest>`,
		n, time.Now().UTC().Format("2006-01-02T15:04:05Z"), x.host, port)
	var deflated bytes.Buffer
	x.deflate.Reset(&deflated)          // a new writer for each would make the garbage of the other side ours
	_, _ = x.deflate.Write([]byte(xml)) // a buffer takes everything
	_ = x.deflate.Close()
	return "/saml/sso?" + url.Values{"SAMLRequest": {base64.StdEncoding.EncodeToString(deflated.Bytes())}}.Encode()
}

// BenchmarkSAMLOnASession is one SAML sign-in on a live session: request in, gate, release, journal on disk, signed
// response out.
func BenchmarkSAMLOnASession(b *testing.B) {
	x := newBench(b)
	x.signIn(x.authnRequest(0), "lina")
	n := 0
	x.inSignatures(b, func() string { n++; return x.authnRequest(n) }, func(request string) {
		w := x.ask(http.MethodGet, request, nil)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "SAMLResponse") {
			b.Fatalf("status %d: %.300s", w.Code, w.Body)
		}
	})
}

// BenchmarkOIDCOnASession is one code flow on a live session: authorize, token with PKCE, ES256 ID token. A session has twenty
// of them: one with hundreds is read and written with a hundred rights to later answers, and ends the oldest at each.
func BenchmarkOIDCOnASession(b *testing.B) {
	x := newBench(b)
	authorize, redeem := codeFlow(x)
	const each = 20
	sessions, n := make([]map[string]string, (b.N+weighings)/each+1), 0
	for i := range sessions {
		x.cookies = map[string]string{}
		x.signIn(authorize, "lina")
		sessions[i] = x.cookies
	}
	x.inSignatures(b, func() string { return authorize }, func(authorize string) {
		x.cookies = sessions[n/each]
		n++
		code := codeIn(x.ask(http.MethodGet, authorize, nil).Header().Get("Location"))
		if w := x.ask(http.MethodPost, "/oidc/token", redeem(code)); w.Code != http.StatusOK {
			b.Fatalf("status %d: %.300s", w.Code, w.Body)
		}
	})
}

// BenchmarkPreparedDocuments are answers that are bytes already.
func BenchmarkPreparedDocuments(b *testing.B) {
	x := newBench(b)
	for _, path := range []string{"/saml/metadata", "/.well-known/openid-configuration", "/oidc/jwks"} {
		b.Run(path, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if w := x.ask(http.MethodGet, path, nil); w.Code != http.StatusOK {
					b.Fatal(w.Code)
				}
			}
		})
	}
}

// BenchmarkBareSignatures is what no sign-in can be cheaper than.
func BenchmarkBareSignatures(b *testing.B) {
	ring, err := throwawayRing()
	if err != nil {
		b.Fatal(err)
	}
	digest := sha256.Sum256(nil)
	for _, use := range []keys.Use{keys.UseSAML, keys.UseOIDCES256, keys.UseOIDCRS256} {
		b.Run(string(use), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ring.Signer(use).Sign(rand.Reader, digest[:], crypto.SHA256); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
