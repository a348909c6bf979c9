package app_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"ecluse/internal/app"
	"ecluse/internal/web/webtest"
)

// TestASuspensionActsBeforeUserinfo takes the part of the site calcul: the token was given, and then the declaration is
// suspended. Userinfo refuses from then on.
func TestASuspensionActsBeforeUserinfo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{})
	token := accessToken(t, w, "lina")
	if status, body := userinfo(t, w, token); status != http.StatusOK || !strings.Contains(body, "cycle2") {
		t.Fatalf("before the suspension: %d %s", status, body)
	}
	if took, err := w.suspend("2026-002"); err != nil || took > actsWithin {
		t.Fatalf("the suspension took %v: %v", took, err)
	}
	if status, body := userinfo(t, w, token); status < 400 || strings.Contains(body, "cycle") {
		t.Errorf("after the suspension: %d %s", status, body)
	}
}

// TestTheEndOfTheSessionEndsLaterAnswers signs out between the token and userinfo.
func TestTheEndOfTheSessionEndsLaterAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{})
	b := w.browser()
	token := accessTokenIn(t, w, b, "lina")
	s := &story{w: w, b: b}
	if err := s.signOut(nil); err != nil {
		t.Fatal(err)
	}
	if status, body := userinfo(t, w, token); status < 400 || strings.Contains(body, "cycle") {
		t.Errorf("after the sign-out: %d %s", status, body)
	}
}

func accessToken(t *testing.T, w *world, person string) string {
	t.Helper()
	return accessTokenIn(t, w, w.browser(), person)
}

// accessTokenIn signs somebody in at calcul, who is informed, and gives the site's token.
func accessTokenIn(t *testing.T, w *world, b *browser, person string) string {
	t.Helper()
	return tokenAfter(t, w, b, func(s *story) error { return errors.Join(s.choosePerson([]string{person}), s.goOn(nil)) })
}

// tokenAfter plays calcul's part by hand: request with a proof of its own, what the person does, code, token.
func tokenAfter(t *testing.T, w *world, b *browser, does func(*story) error) string {
	t.Helper()
	const verifier = "a-verifier-of-the-test-that-is-long-enough-to-be-one"
	sum := sha256.Sum256([]byte(verifier))
	callback := w.site("calcul") + "cb"
	q := url.Values{
		"response_type": {"code"}, "client_id": {"calcul"}, "redirect_uri": {callback}, "scope": {"openid school"},
		"state": {"state-of-the-test"}, "nonce": {"nonce-of-the-test"}, "code_challenge_method": {"S256"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])},
	}
	s := &story{w: w, b: b}
	b.hold = func(u *url.URL) bool { return u.Query().Has("code") }
	err := b.open(w.public + "/oidc/authorize?" + q.Encode())
	err = errors.Join(err, does(s))
	if err != nil || b.held == nil {
		t.Fatalf("no code: %v\n%s", err, s.where())
	}
	answer, err := http.PostForm(w.public+"/oidc/token", url.Values{
		"grant_type": {"authorization_code"}, "code": {b.held.to.Query().Get("code")}, "redirect_uri": {callback},
		"client_id": {"calcul"}, "code_verifier": {verifier},
	})
	if err != nil {
		t.Fatal(err)
	}
	var tokens struct {
		Access string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(b.read(answer)), &tokens); err != nil || tokens.Access == "" {
		t.Fatalf("no token: %d %v", answer.StatusCode, err)
	}
	return tokens.Access
}

func userinfo(t *testing.T, w *world, token string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, w.public+"/oidc/userinfo", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, w.browser().read(answer)
}

// childFolder names the data of a demo that this test binary is to run as a process of its own, so that it can be killed.
const childFolder = "ECLUSE_TEST_DEMO_IN"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childFolder); dir != "" {
		runChild(dir)
		return
	}
	if dir := os.Getenv("ECLUSE_TEST_FLOOR_IN"); dir != "" {
		runFloor(dir)
		return
	}
	if dir := os.Getenv("ECLUSE_TEST_BRIDGE_IN"); dir != "" {
		runBridge(dir)
		return
	}
	os.Exit(m.Run())
}

func runChild(dir string) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	sample, _ := strconv.ParseFloat(os.Getenv(childFolder+"_SAMPLE"), 64) // all of them where nothing is said
	options := app.DemoOptions{
		Data: dir, Listen: os.Getenv(childFolder + "_AT"), OpsListen: "127.0.0.1:0", Out: os.Stdout, LogTo: os.Stderr, Canary: sample,
		With: os.Getenv(childFolder + "_WITH"),
	}
	if _, err := app.Demo(ctx, options); err != nil {
		panic(err)
	}
	<-ctx.Done()
}

// runFloor serves what BenchmarkFloorServed measures.
func runFloor(dir string) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := app.ServeFloor(ctx, dir, os.Stdout); err != nil {
		panic(err)
	}
}

// runBridge serves what BenchmarkBridgeServed measures.
func runBridge(dir string) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := app.ServeBridge(ctx, dir, os.Getenv("ECLUSE_TEST_BRIDGE_KEY"), os.Stdout); err != nil {
		panic(err)
	}
}

// child is a demo in a process of its own.
func child(t *testing.T, dir, listen string, more ...string) (address string, kill func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0]) //nolint:gosec // this test binary
	cmd.Env = append(append(os.Environ(), childFolder+"="+dir, childFolder+"_AT="+listen), more...)
	out := &quietBuffer{}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill = func() {
		_ = cmd.Process.Signal(syscall.SIGKILL)
		_ = cmd.Wait() // killed is how it is meant to end
	}
	t.Cleanup(kill)
	ready := regexp.MustCompile(`start here\s+http://(\S+)/`)
	w := &world{t: t}
	err := w.eventually(func() bool { return ready.MatchString(out.String()) && strings.Contains(out.String(), "Ctrl-C") })
	if err != nil {
		t.Fatalf("the demo does not start: %s", out)
	}
	return ready.FindStringSubmatch(out.String())[1], kill
}

// TestADemoThatIsKilledKeepsWhatItAcknowledged kills the process without warning and starts another on the same data:
// the session, the receipt and the number are there, and the journal is whole.
func TestADemoThatIsKilledKeepsWhatItAcknowledged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	address, kill := child(t, dir, "127.0.0.1:"+webtest.FreePort(t))
	w := &world{t: t, address: address, public: "http://" + address, options: app.DemoOptions{Data: dir}}
	s := &story{w: w, b: w.browser(), notes: map[string]string{}}
	err := errors.Join(s.visit([]string{"lire"}), s.choosePerson([]string{"lina"}), s.goOn(nil), s.noteNumber([]string{"lire", "A"}))
	if err != nil {
		t.Fatalf("%v\n%s", err, s.where())
	}
	kill()
	child(t, dir, address)
	err = errors.Join(s.visit([]string{"lire"}), s.notAsked(nil), s.notInformed(nil), s.arrived([]string{"lire"}), s.sameNumber([]string{"lire", "A"}))
	if err != nil {
		t.Fatalf("%v\n%s", err, s.where())
	}
	if info, err := os.Stat(filepath.Join(dir, "master.secret")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the master secret: %v", err)
	}
	c, err := app.DataConfig(dir)
	if err == nil {
		err = app.VerifyJournal(t.Context(), c, io.Discard, io.Discard)
	}
	if err != nil {
		t.Errorf("the journal: %v", err)
	}
}
