package oidcop_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ecluse/internal/keys"
	"ecluse/internal/store"
	"ecluse/internal/store/memdb"
	"ecluse/internal/store/sqldb"
	"ecluse/internal/web"
)

// BenchmarkFlow runs authorize, token and userinfo through the whole mux, gate and release included, beside the bare
// signatures that bound it.
func BenchmarkFlow(b *testing.B) {
	h := newHouse(b, nil)
	mux := web.NewMux(h.kit)
	h.provider.Mount(mux, h.gateway)
	for _, client := range []string{"calcul", "classe"} {
		b.Run(client, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				flow(b, mux, h.issuer, client)
			}
		})
	}
	digest := sha256.Sum256([]byte("x"))
	for _, use := range []keys.Use{keys.UseOIDCES256, keys.UseOIDCRS256} {
		b.Run("bare "+string(use), func(b *testing.B) {
			key := ring(b).Signer(use)
			for b.Loop() {
				if _, err := key.Sign(rand.Reader, digest[:], crypto.SHA256); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkFlowInSignatures is authorize and token on a live session, without HTTP and without a journal, in bare RSA-2048
// signatures of processor time, one beside each flow: what can be compared between machines. calcul signs with ES256, classe
// with RS256; tickets are in memory, or in SQLite on disk. What asks does next to nothing, so that it is not measured.
func BenchmarkFlowInSignatures(b *testing.B) {
	for _, in := range kept() {
		h := newHouse(b, in.tickets(b))
		mux := web.NewMux(h.kit)
		h.provider.Mount(mux, h.gateway)
		for _, client := range []string{"calcul", "classe"} {
			b.Run(client+" "+in.name, func(b *testing.B) {
				v := newVisitor(mux, h.issuer, client)
				besideSignatures(b, func() { v.flow(b) })
			})
		}
	}
}

// place is where tickets are kept.
type place struct {
	name    string
	tickets func(testing.TB) func(now func() time.Time) store.Tickets
}

func kept() []place { return []place{{"memory", inMemory}, {"sqlite", inSQLite}} }

func inMemory(testing.TB) func(func() time.Time) store.Tickets {
	return func(now func() time.Time) store.Tickets { return memdb.New(now) }
}

func inSQLite(tb testing.TB) func(func() time.Time) store.Tickets {
	return func(now func() time.Time) store.Tickets {
		db, err := sqldb.Open(context.Background(), "sqlite:"+filepath.Join(tb.TempDir(), "tickets.db"), sqldb.Options{Now: now})
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { _ = db.Close() })
		return db.Tickets()
	}
}

// besideSignatures reports what something takes in bare signatures, one of which is made before each time.
func besideSignatures(b *testing.B, work func()) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	digest := sha256.Sum256([]byte("x"))
	var signed, worked time.Duration
	b.ReportAllocs()
	for b.Loop() {
		before := cpu(b)
		if _, err := key.Sign(rand.Reader, digest[:], crypto.SHA256); err != nil {
			b.Fatal(err)
		}
		between := cpu(b)
		work()
		signed, worked = signed+between-before, worked+cpu(b)-between
	}
	b.ReportMetric(float64(worked)/float64(signed), "RSA-signatures/op")
}

// visitor asks for the flow of one client with little work of its own: what is the same each time is prepared, and answers
// are written into the same memory.
type visitor struct {
	mux       http.Handler
	authorize *http.Request
	token     *http.Request
	form      string // up to the code
	sheet     sheet
}

// sheet takes an answer.
type sheet struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (s *sheet) Header() http.Header         { return s.header }
func (s *sheet) WriteHeader(status int)      { s.status = status }
func (s *sheet) Write(b []byte) (int, error) { return s.body.Write(b) }

func newVisitor(mux http.Handler, issuer, client string) *visitor {
	v := &visitor{mux: mux, sheet: sheet{header: http.Header{}}}
	v.authorize = httptest.NewRequest(http.MethodGet, issuer+"/oidc/authorize?"+request(client).Encode(), nil)
	v.token = httptest.NewRequest(http.MethodPost, issuer+"/oidc/token", nil)
	v.token.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	form := params("grant_type", "authorization_code", "redirect_uri", callback, "code_verifier", verifier)
	if client == "calcul" {
		form.Set("client_id", client)
	} else {
		v.token.SetBasicAuth(url.QueryEscape(client), url.QueryEscape(secret))
	}
	v.form = form.Encode() + "&code="
	return v
}

func (v *visitor) ask(r http.Request) {
	clear(v.sheet.header)
	v.sheet.body.Reset()
	v.sheet.status = http.StatusOK
	v.mux.ServeHTTP(&v.sheet, &r)
}

// flow signs in and redeems the code.
func (v *visitor) flow(b *testing.B) {
	v.ask(*v.authorize)
	_, code, _ := strings.Cut(v.sheet.header.Get("Location"), "code=")
	code, _, _ = strings.Cut(code, "&")
	r := *v.token
	r.Body = io.NopCloser(strings.NewReader(v.form + code))
	v.ask(r)
	if v.sheet.status != http.StatusOK || !bytes.Contains(v.sheet.body.Bytes(), []byte(`"id_token":"`)) {
		b.Fatalf("token: %d %s", v.sheet.status, v.sheet.body.Bytes())
	}
}

// cpu is the processor time of this process so far.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func flow(b *testing.B, mux http.Handler, issuer, client string) {
	access := tokens(b, mux, issuer, client)
	r := httptest.NewRequest(http.MethodGet, issuer+"/oidc/userinfo", nil)
	r.Header.Set("Authorization", "Bearer "+access)
	w := httptest.NewRecorder()
	if mux.ServeHTTP(w, r); w.Code != http.StatusOK {
		b.Fatalf("userinfo: %d", w.Code)
	}
}

// tokens signs in and redeems the code.
func tokens(b *testing.B, mux http.Handler, issuer, client string) (access string) {
	r := httptest.NewRequest(http.MethodGet, issuer+"/oidc/authorize?"+request(client).Encode(), nil)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	at, err := url.Parse(w.Header().Get("Location"))
	if err != nil || at.Query().Get("code") == "" {
		b.Fatalf("authorize: %d", w.Code)
	}
	v := params("grant_type", "authorization_code", "code", at.Query().Get("code"), "redirect_uri", callback, "code_verifier", verifier)
	if client == "calcul" {
		v.Set("client_id", client)
	}
	r = httptest.NewRequest(http.MethodPost, issuer+"/oidc/token", strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if client != "calcul" {
		r.SetBasicAuth(url.QueryEscape(client), url.QueryEscape(secret))
	}
	w = httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	var tokens struct {
		Access string `json:"access_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &tokens); err != nil || tokens.Access == "" {
		b.Fatalf("token: %d %s", w.Code, w.Body)
	}
	return tokens.Access
}

// BenchmarkLater measures what clients ask again: a refresh, userinfo, the key set, beside a handler that does nothing.
func BenchmarkLater(b *testing.B) {
	h := newHouse(b, nil)
	h.register(b, "again", publicAgain)
	h.change(lasting)
	first := h.to(b, "/oidc/token", redeeming("again", h.offline(b, "again")))
	refresh, access := first.text("refresh_token"), first.text("access_token")
	mux := web.NewMux(h.kit)
	h.provider.Mount(mux, h.gateway)
	answer := func(b *testing.B, handler http.Handler, r *http.Request) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		if handler.ServeHTTP(w, r); w.Code != http.StatusOK {
			b.Fatalf("%s: %d %s", r.URL.Path, w.Code, w.Body)
		}
		return w
	}
	run := func(name string, once func(b *testing.B)) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				once(b)
			}
		})
	}
	run("refresh", func(b *testing.B) {
		r := httptest.NewRequest(http.MethodPost, h.issuer+"/oidc/token", strings.NewReader(renewing("again", refresh).Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		var said struct {
			Refresh string `json:"refresh_token"`
		}
		if err := json.Unmarshal(answer(b, mux, r).Body.Bytes(), &said); err != nil || said.Refresh == "" {
			b.Fatal("no refresh token")
		}
		refresh = said.Refresh
	})
	run("userinfo", func(b *testing.B) {
		r := httptest.NewRequest(http.MethodGet, h.issuer+"/oidc/userinfo", nil)
		r.Header.Set("Authorization", "Bearer "+access)
		answer(b, mux, r)
	})
	run("jwks", func(b *testing.B) { answer(b, mux, httptest.NewRequest(http.MethodGet, h.issuer+"/oidc/jwks", nil)) })
	nothing := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	run("an empty handler", func(b *testing.B) { answer(b, nothing, httptest.NewRequest(http.MethodGet, h.issuer+"/", nil)) })
}
