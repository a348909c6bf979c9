package ldap_test

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/store"
	"ecluse/internal/store/memdb"
	"ecluse/internal/upstream"
	"ecluse/internal/upstream/ldap/ldaptest"
	"ecluse/internal/upstream/upstreamtest"
	"ecluse/internal/web/webtest"
)

// browser keeps the name that it is given.
type browser struct {
	g    *gate
	name string
}

// types posts a login and a password from an address.
func (b *browser) types(from, login, password string) int {
	form := url.Values{"challenge": {upstreamtest.Challenge}, "login": {login}, "password": {password}}
	r := httptest.NewRequest(http.MethodPost, webtest.Origin+"/source/ent/password", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.RemoteAddr, r.TLS = from+":4711", &tls.ConnectionState{}
	if b.name != "" {
		r.AddCookie(&http.Cookie{Name: "__Host-appareil", Value: b.name})
	}
	w := httptest.NewRecorder()
	b.g.mux.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		b.name = c.Value
	}
	return w.Code
}

// familiar is a browser with which somebody signed in twice, at home.
func (g *gate) familiar(t *testing.T, login string) *browser {
	t.Helper()
	b := &browser{g: g}
	for range 2 {
		if code := b.types("203.0.113.1", login, ldaptest.Password); code != http.StatusNoContent {
			t.Fatalf("status %d", code)
		}
	}
	return b
}

// besiege types wrong passwords from many addresses until nobody is listened to any more, and tells how many were evaluated.
func (g *gate) besiege(login string) (evaluated int) {
	for i := range 2 * accountLimit {
		if g.guess(fmt.Sprintf("198.51.100.%d", i), login) == http.StatusUnprocessableEntity {
			evaluated++
		}
	}
	return evaluated
}

// TestStrangersKeepNobodyOutWhereTheySignedInBefore has strangers keep an account at its limit for an hour, from many addresses.
// Its holder signs in all the while, at the first try: at home, and with a device of theirs from wherever it is.
func TestStrangersKeepNobodyOutWhereTheySignedInBefore(t *testing.T) {
	t.Parallel()
	g := newGate(t, ldaptest.Start(t), setup{})
	phone := g.familiar(t, "lea.martin")
	evaluated := 0
	for minute := range 60 {
		evaluated += g.besiege("lea.martin")
		if code := (&browser{g: g}).types("203.0.113.1", "lea.martin", ldaptest.Password); code != http.StatusNoContent {
			t.Fatalf("minute %d, at home: status %d", minute, code)
		}
		if code := phone.types(fmt.Sprintf("192.0.2.%d", minute), " Lea.Martin", ldaptest.Password); code != http.StatusNoContent {
			t.Fatalf("minute %d, with the phone: status %d", minute, code)
		}
		g.clock.advance(time.Minute)
	}
	if evaluated != 4*accountLimit {
		t.Errorf("%d guesses of strangers were evaluated in an hour, want %d", evaluated, 4*accountLimit)
	}
	g.besiege("lea.martin")
	if code := (&browser{g: g}).types("203.0.113.200", "lea.martin", ldaptest.Password); code != http.StatusTooManyRequests {
		t.Errorf("in a place that is not familiar: status %d", code)
	}
}

// TestAnAddressThatGuessesTooMuchKeepsNoFamiliarDeviceOut: somebody in a school guesses at many accounts. Others there wait, but
// not with a device of their own.
func TestAnAddressThatGuessesTooMuchKeepsNoFamiliarDeviceOut(t *testing.T) {
	t.Parallel()
	g := newGate(t, ldaptest.Start(t), setup{})
	phone := g.familiar(t, "lea.martin")
	for i := range addressLimit {
		g.guess("203.0.113.1", fmt.Sprintf("personne%d", i))
	}
	if code := (&browser{g: g}).types("203.0.113.1", "lea.martin", ldaptest.Password); code != http.StatusTooManyRequests {
		t.Errorf("a familiar network: status %d", code)
	}
	if code := phone.types("203.0.113.1", "lea.martin", ldaptest.Password); code != http.StatusNoContent {
		t.Errorf("a familiar device: status %d", code)
	}
}

// TestAFamiliarPlaceTakesFewGuesses: whoever has somebody's device guesses eight times, and keeps out whoever uses it and nobody
// else.
func TestAFamiliarPlaceTakesFewGuesses(t *testing.T) {
	t.Parallel()
	g := newGate(t, ldaptest.Start(t), setup{})
	phone := g.familiar(t, "lea.martin")
	evaluated := 0
	for i := range 3 * visitorLimit {
		if phone.types(fmt.Sprintf("192.0.2.%d", i), "lea.martin", "lune-43") == http.StatusUnprocessableEntity {
			evaluated++
		}
	}
	if evaluated != visitorLimit {
		t.Errorf("%d guesses with a device were evaluated", evaluated)
	}
	if code := phone.types("203.0.113.1", "lea.martin", ldaptest.Password); code != http.StatusTooManyRequests {
		t.Errorf("with that device: status %d", code)
	}
	if code := (&browser{g: g}).types("203.0.113.1", "lea.martin", ldaptest.Password); code != http.StatusNoContent {
		t.Errorf("with another at home: status %d", code)
	}
	if n := g.besiege("lea.martin"); n != accountLimit {
		t.Errorf("%d guesses of strangers were evaluated", n)
	}
	home := 0
	for range 3 * visitorLimit {
		if (&browser{g: g}).types("203.0.113.1", "lea.martin", "lune-43") == http.StatusUnprocessableEntity {
			home++
		}
	}
	if home != visitorLimit {
		t.Errorf("%d guesses in a familiar network were evaluated", home)
	}
	g.clock.advance(15 * time.Minute)
	if code := phone.types("203.0.113.1", "lea.martin", ldaptest.Password); code != http.StatusNoContent {
		t.Errorf("a quarter of an hour later: status %d", code)
	}
}

// TestNobodyMakesAPlaceFamiliarWithoutThePassword holds what a stranger can show to the limits of strangers.
func TestNobodyMakesAPlaceFamiliarWithoutThePassword(t *testing.T) {
	t.Parallel()
	s := ldaptest.Start(t)
	for what, own := range map[string]func(*testing.T, *gate) string{
		"the name of a device of their own": func(t *testing.T, g *gate) string { return g.familiar(t, "tom.martin").name },
		"a name of their own making":        func(*testing.T, *gate) string { return rand.Text() },
		"a long name":                       func(*testing.T, *gate) string { return strings.Repeat("A", 4000) },
		"a word with a dot":                 func(*testing.T, *gate) string { return "lea.martin" },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			g := newGate(t, s, setup{})
			mine := own(t, g)
			g.familiar(t, "lea.martin")
			evaluated := 0
			for i := range 3 * accountLimit {
				b := &browser{g: g, name: mine}
				if b.types(fmt.Sprintf("198.51.100.%d", i), "lea.martin", "lune-43") == http.StatusUnprocessableEntity {
					evaluated++
				}
				if b.name != mine {
					t.Fatal("a wrong password names a device")
				}
			}
			if evaluated != accountLimit {
				t.Errorf("%d guesses were evaluated", evaluated)
			}
		})
	}
}

// TestAllFamiliarPlacesTogetherAreFew counts what is evaluated for somebody who once had the password, and took it everywhere.
func TestAllFamiliarPlacesTogetherAreFew(t *testing.T) {
	t.Parallel()
	const mostDevices, mostNetworks = 5, 10
	g := newGate(t, ldaptest.Start(t), setup{})
	var devices []*browser
	for range mostDevices + 2 {
		devices = append(devices, g.familiar(t, "lea.martin"))
		g.clock.advance(time.Second)
	}
	for i := range mostNetworks + 2 {
		(&browser{g: g}).types(fmt.Sprintf("192.0.2.%d", i), "lea.martin", ldaptest.Password)
		g.clock.advance(time.Second)
	}
	evaluated := 0
	guess := func(b *browser, from string) {
		for range visitorLimit + 1 {
			if b.types(from, "lea.martin", "lune-43") == http.StatusUnprocessableEntity {
				evaluated++
			}
		}
	}
	for _, b := range devices {
		guess(b, "198.51.100.1")
	}
	for i := range mostNetworks + 2 {
		guess(&browser{g: g}, fmt.Sprintf("192.0.2.%d", i))
	}
	evaluated += g.besiege("lea.martin")
	if want := (mostDevices+mostNetworks)*visitorLimit + accountLimit; evaluated != want {
		t.Errorf("%d guesses were evaluated, want %d", evaluated, want)
	}
}

// TestABrowserThatForgetsItsCookiesPushesNoDeviceOut plays a room of computers that are wiped, and a phone.
func TestABrowserThatForgetsItsCookiesPushesNoDeviceOut(t *testing.T) {
	t.Parallel()
	g := newGate(t, ldaptest.Start(t), setup{})
	phone := g.familiar(t, "lea.martin")
	for range 20 {
		(&browser{g: g}).types("192.0.2.1", "lea.martin", ldaptest.Password)
	}
	g.besiege("lea.martin")
	if code := phone.types("192.0.2.99", "lea.martin", ldaptest.Password); code != http.StatusNoContent {
		t.Errorf("status %d", code)
	}
}

func TestAPlaceIsForgottenAfterNinetyDays(t *testing.T) {
	t.Parallel()
	for days, want := range map[int]int{89: http.StatusNoContent, 91: http.StatusTooManyRequests} {
		g := newGate(t, ldaptest.Start(t), setup{})
		phone := g.familiar(t, "lea.martin")
		g.clock.advance(time.Duration(days) * 24 * time.Hour)
		g.besiege("lea.martin")
		if code := phone.types("192.0.2.1", "lea.martin", ldaptest.Password); code != want {
			t.Errorf("a device after %d days: status %d", days, code)
		}
		if code := (&browser{g: g}).types("203.0.113.1", "lea.martin", ldaptest.Password); code != want {
			t.Errorf("a network after %d days: status %d", days, code)
		}
	}
}

// TestAProgramSignsInFromAFamiliarNetwork: a program shows no cookie.
func TestAProgramSignsInFromAFamiliarNetwork(t *testing.T) {
	t.Parallel()
	g := newGate(t, ldaptest.Start(t), setup{})
	home, away := netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("203.0.113.2")
	g.familiar(t, "lea.martin")
	g.besiege("lea.martin")
	if _, err := g.CheckPassword(t.Context(), home, "lea.martin", ldaptest.Password); err != nil {
		t.Error(err)
	}
	if _, err := g.CheckPassword(t.Context(), away, "lea.martin", ldaptest.Password); !isTooMany(err) {
		t.Errorf("from elsewhere: %v", err)
	}
}

// TestAnAddressThatNobodyKnowsIsNoFamiliarPlace: it would be everybody's.
func TestAnAddressThatNobodyKnowsIsNoFamiliarPlace(t *testing.T) {
	t.Parallel()
	g := newGate(t, ldaptest.Start(t), setup{})
	if _, err := g.CheckPassword(t.Context(), netip.Addr{}, "lea.martin", ldaptest.Password); err != nil {
		t.Fatal(err)
	}
	g.besiege("lea.martin")
	if _, err := g.CheckPassword(t.Context(), netip.Addr{}, "lea.martin", ldaptest.Password); !isTooMany(err) {
		t.Errorf("%v", err)
	}
}

func isTooMany(err error) bool {
	_, ok := err.(upstream.TooManyError)
	return ok
}

// writes notes what is stored under which name.
type writes struct {
	store.Tickets
	mu    sync.Mutex
	notes strings.Builder
}

func (s *writes) Put(ctx context.Context, t store.Ticket) error {
	s.mu.Lock()
	fmt.Fprintf(&s.notes, "%s %s\n", t.Name, t.Value)
	s.mu.Unlock()
	return s.Tickets.Put(ctx, t)
}

func TestWhatIsFamiliarSaysNothingOfWhoOrWhere(t *testing.T) {
	t.Parallel()
	c := newClock()
	spy := &writes{Tickets: memdb.New(c.now)}
	g := newGate(t, ldaptest.Start(t), setup{tickets: spy, clock: c})
	phone, other := g.familiar(t, "lea.martin"), g.familiar(t, "tom.martin")
	other.name = phone.name // brother and sister at one device
	for range 3 {
		other.types("203.0.113.1", "tom.martin", ldaptest.Password)
	}
	notes := spy.notes.String()
	if strings.Count(notes, "\n") != 5 { // each a network and then a device, and the device of the other
		t.Fatalf("each place is to be written once: %s", notes)
	}
	for _, clear := range []string{"lea", "martin", "203.0", phone.name} {
		if strings.Contains(notes, clear) {
			t.Errorf("%q stands in the store: %s", clear, notes)
		}
	}
	names := map[string]int{}
	for _, part := range strings.Split(notes, `"name":"`)[1:] {
		name, _, _ := strings.Cut(part, `"`)
		names[name]++
	}
	if len(names) != 5 { // two networks, three devices: one place of two accounts has two names
		t.Errorf("%d names: %s", len(names), notes)
	}
}
