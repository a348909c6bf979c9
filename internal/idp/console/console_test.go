package console_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"ecluse/internal/consent"
	"ecluse/internal/idp"
	"ecluse/internal/idp/console"
	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/store/memdb"
	"ecluse/internal/store/storetest"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// house is the way in to the desk alone: a gateway that only remembers what it was asked, and one good word.
type house struct {
	idp.Gateway // what no test here asks
	*console.Console
	clock   *storetest.Clock
	mux     *web.Mux
	tickets store.Tickets
	started []idp.Request
	view    *registry.Snapshot
	word    string
	broken  error
	until   time.Time
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{clock: storetest.NewClock(webtest.Now()), word: "AAAAA-BBBBB"}
	h.until = h.clock.Now().Add(48 * time.Hour)
	h.view = registry.NewSnapshot(registry.Contents{Services: []registry.Service{{
		ID: registry.Desk, Bindings: []registry.Binding{{Protocol: console.Name, Handle: registry.Desk}},
	}}}, time.UTC)
	kit := webtest.NewWith(t, web.Config{Contributions: []web.Contribution{console.Pages()}, Now: h.clock.Now})
	h.tickets = memdb.New(h.clock.Now)
	var err error
	h.Console, err = console.New(console.Config{Kit: kit, Tickets: h.tickets, Now: h.clock.Now, Claim: h.claim})
	if err != nil {
		t.Fatal(err)
	}
	h.mux = web.NewMux(kit)
	h.Mount(h.mux, h)
	return h
}

func (h *house) claim(_ context.Context, word string) (string, time.Time, error) {
	switch {
	case h.broken != nil:
		return "", time.Time{}, h.broken
	case h.word == "" || word != h.word:
		return "", time.Time{}, console.ErrWord
	}
	h.word = ""
	return "handle-of-the-word", h.until, nil
}

func (h *house) Start(w http.ResponseWriter, _ *http.Request, request idp.Request) error {
	h.started = append(h.started, request)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (h *house) Resume(context.Context, string) (consent.Cleared, error) {
	return consent.Cleared{}, errors.New("the desk never asks again")
}
func (h *house) Forget(context.Context, string) error  { return nil }
func (h *house) Registry() (*registry.Snapshot, error) { return h.view, nil }

// tab is one browser.
type tab struct {
	t   *testing.T
	h   *house
	jar http.CookieJar
}

func (h *house) tab(t *testing.T) *tab {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &tab{t, h, jar}
}

func (b *tab) request(method, path string, form url.Values) *http.Request {
	b.t.Helper()
	r := httptest.NewRequest(method, webtest.Origin+path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", webtest.Origin)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for _, c := range b.jar.Cookies(r.URL) {
		r.AddCookie(c)
	}
	return r
}

func (b *tab) do(method, path string, form url.Values) *http.Response {
	b.t.Helper()
	r := b.request(method, path, form)
	w := httptest.NewRecorder()
	b.h.mux.ServeHTTP(w, r)
	answer := w.Result()
	b.jar.SetCookies(r.URL, answer.Cookies())
	return answer
}

func (b *tab) word(word string) *http.Response {
	b.t.Helper()
	return b.do(http.MethodPost, "/bureau/lien", url.Values{"mot": {word}})
}

func (b *tab) session() (console.Session, bool) {
	b.t.Helper()
	s, ok, err := b.h.Session(b.request(http.MethodGet, "/bureau/", nil))
	if err != nil {
		b.t.Error(err)
	}
	return s, ok
}

func TestAWordOpensASessionForItsAppointmentAndWorksOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first, second := h.tab(t), h.tab(t)
	for range 2 { // looking at the form uses nothing up
		if answer := first.do(http.MethodGet, "/bureau/lien?mot=AAAAA-BBBBB", nil); answer.StatusCode != http.StatusOK {
			t.Fatalf("the form: %d", answer.StatusCode)
		}
	}
	if answer := first.word("AAAAA-BBBBB"); answer.StatusCode != http.StatusSeeOther || answer.Header.Get("Location") != console.Home {
		t.Fatalf("the word: %d to %q", answer.StatusCode, answer.Header.Get("Location"))
	}
	s, ok := first.session()
	if !ok || s.Handle != "handle-of-the-word" || len(s.Facts) != 0 || !s.Until.Equal(h.clock.Now().Add(console.Longest)) {
		t.Errorf("the session: %t until %v", ok, s.Until)
	}
	if answer := second.word("AAAAA-BBBBB"); answer.StatusCode != http.StatusForbidden {
		t.Errorf("the word again: %d", answer.StatusCode)
	}
	if _, ok := second.session(); ok {
		t.Error("a used word opens a session")
	}
}

func TestAWordThatIsOverOrUnknownOpensNothing(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*house){
		"unknown": func(h *house) { h.word = "other" },
		"over":    func(h *house) { h.until = h.clock.Now() },
		"broken":  func(h *house) { h.broken = errors.New("the store is away") },
	} {
		h := newHouse(t)
		spoil(h)
		b := h.tab(t)
		if answer := b.word("AAAAA-BBBBB"); answer.StatusCode < 400 {
			t.Errorf("%s: %d", name, answer.StatusCode)
		}
		if _, ok := b.session(); ok {
			t.Errorf("%s: a session", name)
		}
	}
}

func TestAWordIsNotTriedForever(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.tab(t)
	for range 20 {
		if answer := b.word("guess"); answer.StatusCode != http.StatusForbidden {
			t.Fatalf("a wrong word: %d", answer.StatusCode)
		}
	}
	if answer := b.word(h.word); answer.StatusCode != http.StatusTooManyRequests {
		t.Errorf("after twenty wrong words: %d", answer.StatusCode)
	}
}

func TestAnotherSitePostsNoWordAndNoSignOut(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.tab(t)
	r := b.request(http.MethodPost, "/bureau/lien", url.Values{"mot": {h.word}})
	r.Header.Set("Origin", "https://elsewhere.example")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	w := httptest.NewRecorder()
	if h.mux.ServeHTTP(w, r); w.Code != http.StatusForbidden || len(w.Result().Cookies()) != 0 || h.word == "" {
		t.Errorf("a word from another site: %d", w.Code)
	}
}

func TestTheCookieIsOurHostsAloneAndNoScriptReadsIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var found bool
	for _, c := range h.tab(t).word(h.word).Cookies() {
		if c.Name != "__Host-bureau" {
			continue
		}
		found = true
		if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 0 {
			t.Errorf("the cookie is %v", c)
		}
	}
	if !found {
		t.Error("there is no cookie of that name")
	}
}

func TestASessionEndsWhenNobodyUsesItAndAfterEightHours(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.tab(t)
	b.word(h.word)
	h.clock.Advance(console.Idle - time.Millisecond)
	if _, ok := b.session(); !ok {
		t.Fatal("it ended before half an hour without use")
	}
	h.clock.Advance(console.Idle)
	if _, ok := b.session(); ok {
		t.Error("it lasts half an hour after its last use")
	}
	h = newHouse(t)
	b = h.tab(t)
	b.word(h.word)
	for end := h.clock.Now().Add(console.Longest); h.clock.Now().Before(end); h.clock.Advance(20 * time.Minute) {
		if _, ok := b.session(); !ok {
			t.Fatalf("it ended %v before its time although it is used", end.Sub(h.clock.Now()))
		}
	}
	if _, ok := b.session(); ok {
		t.Error("it lasts longer than eight hours")
	}
}

func TestASessionByWordEndsWithItsAppointment(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.until = h.clock.Now().Add(10 * time.Minute)
	b := h.tab(t)
	b.word(h.word)
	h.clock.Advance(10 * time.Minute)
	if _, ok := b.session(); ok {
		t.Error("it outlives the appointment")
	}
}

// unanswering is a store that does not answer about one kind of tickets.
type unanswering struct {
	store.Tickets
	kind store.Kind
}

var errUnanswered = errors.New("no connection")

func (u unanswering) Get(ctx context.Context, kind store.Kind, name string) (store.Ticket, error) {
	if kind == u.kind {
		return store.Ticket{}, errUnanswered
	}
	return u.Tickets.Get(ctx, kind, name)
}

func TestAStoreThatDoesNotAnswerEndsNoSession(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.tab(t)
	stranger := h.tab(t).request(http.MethodGet, "/bureau/", nil)
	b.word(h.word)
	h.Tickets = unanswering{h.tickets, "desk-session"}
	s, ok, err := h.Session(b.request(http.MethodGet, "/bureau/", nil))
	if ok || !errors.Is(err, errUnanswered) || s.Handle != "" {
		t.Errorf("%v, %v, %v", s, ok, err)
	}
	if _, ok, err := h.Session(stranger); ok || err != nil {
		t.Errorf("who has no session: %v, %v", ok, err)
	}
	h.Tickets = h.tickets
	if _, ok := b.session(); !ok {
		t.Error("the session is over")
	}
}

func TestLeavingEndsTheSessionEvenForAKeptCookie(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.tab(t)
	b.word(h.word)
	kept := b.request(http.MethodGet, "/bureau/", nil)
	if answer := b.do(http.MethodPost, "/bureau/sortir", nil); answer.StatusCode != http.StatusSeeOther {
		t.Fatalf("leaving: %d", answer.StatusCode)
	}
	if _, ok, _ := h.Session(kept); ok {
		t.Error("a cookie that was kept still opens the desk")
	}
	if answer := b.do(http.MethodPost, "/bureau/sortir", nil); answer.StatusCode != http.StatusSeeOther {
		t.Errorf("leaving twice: %d", answer.StatusCode)
	}
}

func TestANewSessionHasANameOfItsOwnAndEndsTheOldOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.tab(t)
	b.word(h.word)
	old := b.request(http.MethodGet, "/bureau/", nil)
	h.word = "CCCCC"
	b.word("CCCCC")
	if _, ok, _ := h.Session(old); ok {
		t.Error("the old session goes on")
	}
	if _, ok := b.session(); !ok {
		t.Error("there is no new session")
	}
}

func TestTheDeskAsksForItsWordsAndNoName(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	answer := h.tab(t).do(http.MethodGet, "/bureau/entrer", nil)
	if answer.StatusCode != http.StatusNoContent || len(h.started) != 1 {
		t.Fatalf("entering: %d", answer.StatusCode)
	}
	got := h.started[0]
	if got.Protocol != console.Name || got.ServiceID != registry.Desk || got.Handle != registry.Desk || got.Later {
		t.Errorf("asked %+v", got)
	}
	want := "pseudonym uai profile functions heads_of acts_for"
	var words []string
	for _, a := range got.Asked {
		words = append(words, string(a))
	}
	if strings.Join(words, " ") != want {
		t.Errorf("asked for %q", words)
	}
	for _, c := range answer.Cookies() {
		if strings.Contains(string(got.State), c.Value) {
			t.Error("the browser's secret goes along with the request")
		}
	}
}

func TestWithoutTheDesksServiceNobodyEnters(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, services := range map[string][]registry.Service{
		"none":      nil,
		"another's": {{ID: "other", Bindings: []registry.Binding{{Protocol: console.Name, Handle: registry.Desk}}}},
	} {
		h.view = registry.NewSnapshot(registry.Contents{Services: services}, time.UTC)
		if answer := h.tab(t).do(http.MethodGet, "/bureau/entrer", nil); answer.StatusCode != http.StatusNotFound || len(h.started) != 0 {
			t.Errorf("%s: %d", name, answer.StatusCode)
		}
	}
}

func TestAWayBackThatNobodyGaveOpensNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, query := range []string{"", "?billet=", "?billet=guess", "?billet=" + strings.Repeat("a", 2000)} {
		if answer := h.tab(t).do(http.MethodGet, "/bureau/retour"+query, nil); answer.StatusCode != http.StatusGone {
			t.Errorf("%.20q: %d", query, answer.StatusCode)
		}
	}
}

func TestAnAnswerNeedsAClearedReleaseForTheDesk(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, _, err := h.Answer(t.Context(), idp.Request{ServiceID: registry.Desk, State: []byte(`{}`)}, idp.Answered{})
	if err == nil {
		t.Error("nothing was cleared and there is an answer")
	}
	if handoff, err := h.Refuse(t.Context(), idp.Request{}, idp.Failure{Kind: idp.Denied}); err != nil || !handoff.Empty() {
		t.Errorf("a refusal goes to %+v, %v", handoff, err)
	}
}

func TestABindingIsTheDesksOwnAndHasNoSettings(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if found := h.CheckSettings(registry.Binding{Handle: registry.Desk}); len(found) != 0 {
		t.Errorf("its own binding: %v", found)
	}
	found := h.CheckSettings(registry.Binding{Handle: "elsewhere", Settings: []byte(`{"a":1}`), Subject: "mail"})
	if len(found) != 3 {
		t.Errorf("a wrong one: %v", found)
	}
}

func TestTheProtocolWantsAllOfItsParts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, leave := range map[string]func(*console.Config){
		"kit":     func(c *console.Config) { c.Kit = nil },
		"tickets": func(c *console.Config) { c.Tickets = nil },
		"clock":   func(c *console.Config) { c.Now = nil },
		"claim":   func(c *console.Config) { c.Claim = nil },
	} {
		c := h.Config
		leave(&c)
		if _, err := console.New(c); err == nil {
			t.Errorf("without %s it opens", name)
		}
	}
}
