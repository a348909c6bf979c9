package local_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/upstream"
	"ecluse/internal/upstream/local"
	"ecluse/internal/web/webtest"
)

func TestBothPagesNameTheServiceAndLabelEveryField(t *testing.T) {
	t.Parallel()
	d := newDoor(t, desktest.New(t))
	for path, want := range map[string][]string{
		"/password": {`name="login"`, `autocomplete="username"`, `name="password"`, `autocomplete="current-password"`, `href="/source/comptes/first?challenge=defi"`},
		"/first": {
			`name="login"`, `name="word"`, `autocomplete="one-time-code"`, `name="new"`, `name="again"`, `autocomplete="new-password"`,
			`href="/source/comptes/password?challenge=defi"`, "douze",
		},
	} {
		w := d.get(path + "?challenge=defi")
		body := w.Body.String()
		webtest.CheckPage(t, body)
		for _, part := range append(want, "Carnet de lecture", `action="/source/comptes`+path+`"`, `value="defi"`) {
			if w.Code != http.StatusOK || !strings.Contains(body, part) {
				t.Errorf("%s: %d, lacks %s", path, w.Code, part)
			}
		}
		if inputs, labels := strings.Count(body, "<input")-strings.Count(body, `type="hidden"`), strings.Count(body, "<label"); inputs != labels {
			t.Errorf("%s: %d inputs and %d labels", path, inputs, labels)
		}
		empty := d.post("192.0.2.1", path)
		webtest.CheckPage(t, empty.Body.String())
		if empty.Code != http.StatusUnprocessableEntity || strings.Count(empty.Body.String(), `href="#`) < 2 {
			t.Errorf("%s, empty: %d", path, empty.Code)
		}
		if w := d.get(path + "?challenge=autre"); w.Code != http.StatusBadRequest {
			t.Errorf("%s, an unknown challenge: %d", path, w.Code)
		}
	}
	if w := d.post("192.0.2.1", "/first", "cancel", "1"); w.Code != http.StatusAccepted || len(d.host.Failures()) != 1 {
		t.Errorf("cancel: %d", w.Code)
	}
}

func TestAnEnglishPageIsEnglish(t *testing.T) {
	t.Parallel()
	d := newDoor(t, desktest.New(t))
	for path, want := range map[string]string{"/password": "Sign in to go to Carnet de lecture", "/first": "One-time word"} {
		r := httptest.NewRequest(http.MethodGet, webtest.Origin+"/source/comptes"+path+"?challenge=defi", nil)
		r.Header.Set("Accept-Language", "en")
		r.TLS = &tls.ConnectionState{}
		w := httptest.NewRecorder()
		d.mux.ServeHTTP(w, r)
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %s", path, w.Body)
		}
	}
}

func TestARefusalTellsNothingOfWhoHasAnAccount(t *testing.T) {
	t.Parallel()
	d := newDoor(t, desktest.New(t))
	waiting, word := d.open(t)
	used, over, closed := d.used(t), d.used(t), d.used(t)
	if _, err := d.CloseAccount(t.Context(), d.Head(desktest.College), closed.ID); err != nil {
		t.Fatal(err)
	}
	later := asked()
	later.From = desktest.Day("2026-12-01")
	early, soon, err := d.OpenAccount(t.Context(), d.Head(desktest.College), later)
	if err != nil {
		t.Fatal(err)
	}
	page := func(path string, fields ...string) string {
		w := d.post("192.0.2.1", path, fields...)
		if w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s %s: %d", path, fields[1], w.Code)
		}
		webtest.CheckPage(t, w.Body.String())
		return strings.ReplaceAll(w.Body.String(), fields[1], "LOGIN")
	}
	want := page("/password", "login", "TMP-0000-0000", "password", chosen)
	for _, f := range [][2]string{{waiting.Login, chosen}, {used.Login, "une autre phrase à moi"}, {closed.Login, chosen}, {early.Login, chosen}, {"nour", chosen}, {used.Login, strings.Repeat("x", 5000)}} {
		if page("/password", "login", f[0], "password", f[1]) != want {
			t.Errorf("%s: another page", f[0])
		}
	}
	want = page("/first", "login", "TMP-0000-0000", "word", word, "new", chosen, "again", chosen)
	for _, f := range [][2]string{{waiting.Login, "AAAA"}, {used.Login, word}, {closed.Login, word}, {early.Login, soon}} {
		if page("/first", "login", f[0], "word", f[1], "new", chosen, "again", chosen) != want {
			t.Errorf("%s: another page", f[0])
		}
	}
	d.Day("2027-01-01")
	if page("/password", "login", over.Login, "password", chosen) == "" {
		t.Error("no page")
	}
	d.names(t, waiting.Login, word)
}

func TestAPasswordIsLongAndTypedTwiceAndNothingElseIsAskedOfIt(t *testing.T) {
	t.Parallel()
	d := newDoor(t, desktest.New(t))
	a, word := d.open(t)
	for _, f := range [][2]string{
		{"onze lettre", "onze lettre"},
		{chosen, chosen + " "},
		{strings.Repeat("é", 257), strings.Repeat("é", 257)},
		{"\xff\xfe douze caractères", "\xff\xfe douze caractères"},
	} {
		w := d.post("192.0.2.1", "/first", "login", a.Login, "word", word, "new", f[0], "again", f[1])
		webtest.CheckPage(t, strings.ToValidUTF8(w.Body.String(), ""))
		if w.Code != http.StatusUnprocessableEntity || strings.Contains(w.Body.String(), word) || strings.Contains(w.Body.String(), f[0]) {
			t.Errorf("%.20q: %d, or the page gives it back", f[0], w.Code)
		}
	}
	if code := d.first(a.Login, word, "e\u0301e\u0301e\u0301 aaaaaaaa"); code != http.StatusNoContent { // twelve, composed
		t.Errorf("the word was lost to a mistake: %d", code)
	}
	if code := d.try(strings.ToLower(a.Login), "ééé aaaaaaaa"); code != http.StatusNoContent {
		t.Errorf("the same letters from another keyboard: %d", code)
	}
	kept, _, err := d.Accounts.Account(t.Context(), a.ID)
	if err != nil || !strings.HasPrefix(kept.Password, "$argon2id$v=19$m=19456,t=2,p=1$") || strings.Contains(kept.Password, "aaaa") {
		t.Errorf("kept as %.32q, %v", kept.Password, err)
	}
}

func TestGuessesAreLimitedForTheWordAsForThePassword(t *testing.T) {
	t.Parallel()
	d := newDoor(t, desktest.New(t))
	a, word := d.open(t)
	for i := range 10 {
		w := d.post(fmt.Sprintf("192.0.2.%d", i), "/first", "login", a.Login, "word", "AAAA", "new", chosen, "again", chosen)
		if w.Code != http.StatusUnprocessableEntity {
			t.Fatalf("guess %d: %d", i, w.Code)
		}
	}
	w := d.post("192.0.2.99", "/first", "login", strings.ToLower(a.Login), "word", word, "new", chosen, "again", chosen)
	webtest.CheckPage(t, w.Body.String())
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "900" || !strings.Contains(w.Body.String(), "15 minutes") {
		t.Errorf("the right word after ten guesses: %d, %q", w.Code, w.Header().Get("Retry-After"))
	}
	if code := d.try(a.Login, chosen); code != http.StatusTooManyRequests {
		t.Errorf("the other page: %d", code)
	}
	d.Wait(15 * time.Minute)
	if code := d.first(a.Login, word, chosen); code != http.StatusNoContent {
		t.Errorf("a quarter of an hour later: %d", code)
	}
	for range 20 { // what is right is no guess
		if code := d.try(a.Login, chosen); code != http.StatusNoContent {
			t.Fatalf("a right password: %d", code)
		}
	}
}

// TestStrangersKeepNoHolderOutWhereTheySignedInBefore has strangers type wrong passwords and wrong words from many addresses.
func TestStrangersKeepNoHolderOutWhereTheySignedInBefore(t *testing.T) {
	t.Parallel()
	d := newDoor(t, desktest.New(t))
	a := d.used(t)
	evaluated := 0
	for i := range 30 {
		from := fmt.Sprintf("198.51.100.%d", i)
		fields := []string{"/password", "login", a.Login, "password", "une autre phrase à moi"}
		if i%2 == 0 {
			fields = []string{"/first", "login", a.Login, "word", "AAAA", "new", chosen, "again", chosen}
		}
		if w := d.post(from, fields[0], fields[1:]...); w.Code == http.StatusUnprocessableEntity {
			evaluated++
		}
	}
	if evaluated != 10 {
		t.Errorf("%d guesses were evaluated", evaluated)
	}
	if code := d.try(a.Login, chosen); code != http.StatusNoContent {
		t.Errorf("where they signed in before: %d", code)
	}
	if w := d.post("192.0.2.2", "/password", "login", a.Login, "password", chosen); w.Code != http.StatusTooManyRequests {
		t.Errorf("elsewhere: %d", w.Code)
	}
	wrong := 0
	for range 12 {
		if d.try(a.Login, "une autre phrase à moi") == http.StatusUnprocessableEntity {
			wrong++
		}
	}
	if wrong != 8 {
		t.Errorf("in a familiar place %d guesses were evaluated", wrong)
	}
}

func TestOfTwoWhoUseTheWordAtOnceOneIsRefused(t *testing.T) {
	t.Parallel()
	d := newDoor(t, desktest.New(t))
	a, word := d.open(t)
	var wg sync.WaitGroup
	codes := make([]int, 2)
	for i := range codes {
		wg.Go(func() { codes[i] = d.first(a.Login, word, chosen+fmt.Sprint(i)) })
	}
	wg.Wait()
	if codes[0]+codes[1] != http.StatusNoContent+http.StatusUnprocessableEntity {
		t.Errorf("%v", codes)
	}
}

func TestASignInEndsTheOneBeforeIt(t *testing.T) {
	t.Parallel()
	d := newDoor(t, desktest.New(t))
	a := d.used(t)
	before := len(d.host.Ended())
	if d.try(a.Login, chosen) != http.StatusNoContent || len(d.host.Ended()) != before+1 || d.host.Ended()[before] != "comptes "+a.ID || d.host.Signed()[1].Session != a.ID {
		t.Errorf("ended %q", d.host.Ended())
	}
	if d.try(a.Login, "une autre phrase à moi"); len(d.host.Ended()) != before+1 {
		t.Error("a wrong password signs the holder out")
	}
}

func TestASourceOfTemporaryAccountsIsItsOwnAuthority(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*registry.Source){
		"authority": func(s *registry.Source) { s.Authority = "ac-rennes" },
		"mapping":   func(s *registry.Source) { m := person.SDET("local:comptes"); s.Mapping = &m },
		"settings":  func(s *registry.Source) { s.Settings = map[string]any{"url": "x"} },
	} {
		s := source()
		change(&s)
		if _, err := local.New(local.Config{Source: s, Log: slog.New(slog.NewTextHandler(&bytes.Buffer{}, nil))}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAPassiveChallengeFindsNobody(t *testing.T) {
	t.Parallel()
	d := newDoor(t, desktest.New(t))
	if err := d.Begin(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil), upstream.Challenge{ID: "defi", Passive: true}); err == nil {
		t.Error("a page was shown")
	}
	if found := d.Probe(t.Context()); len(found) > 0 {
		t.Errorf("%v", found)
	}
	if err := d.DB.Close(); err != nil {
		t.Fatal(err)
	}
	if found := d.Probe(t.Context()); len(found) != 1 {
		t.Errorf("%v", found)
	}
	w := d.post("192.0.2.1", "/password", "login", "TMP-0000-0000", "password", chosen)
	webtest.CheckPage(t, w.Body.String())
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("without the accounts: %d", w.Code)
	}
}
