package app_test

import (
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/app"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/web/webtest"
)

// slain is a gateway that is killed again and again, and whoever came to it.
type slain struct {
	t         *testing.T
	dir       string
	address   string
	idp       *strongIDP
	transport http.RoundTripper
	mu        sync.Mutex
	came      int
	visitors  []*visitor     // of this round
	entries   map[string]int // of the journal, by action, when it was last looked at
	before    map[string]int // the same, before this round
}

func (k *slain) visitor() *visitor {
	k.mu.Lock()
	defer k.mu.Unlock()
	v := &visitor{address: k.address, who: fmt.Sprint("ACADEMIE$", 5000+k.came), idp: k.idp, transport: k.transport, cookies: map[string]string{}}
	sum := sha256.Sum256([]byte(killVerifier))
	v.authorize = "/oidc/authorize?" + url.Values{
		"response_type": {"code"}, "client_id": {"calcul"}, "redirect_uri": {v.site()}, "scope": {"openid school"}, "state": {"state-of-the-test"},
		"code_challenge_method": {"S256"}, "code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])},
	}.Encode()
	k.visitors, k.came = append(k.visitors, v), k.came+1
	return v
}

// round lets people sign in until the gateway is killed in the middle of it, and starts another.
func (k *slain) round(kill func(), wanted int) (next func()) {
	k.t.Helper()
	k.before = k.entries
	done := make(chan struct{}, 1000)
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			for {
				if err := k.visitor().signsIn(k.t); errors.Is(err, errLost) {
					k.t.Error(err)
					return
				} else if err != nil {
					return // nobody answers any more
				}
				done <- struct{}{}
			}
		})
	}
	gone := make(chan struct{})
	go func() {
		callers.Wait()
		close(gone)
	}()
	for range wanted {
		select {
		case <-done:
		case <-gone:
			k.t.Fatal("nobody comes any more")
		}
	}
	time.Sleep(rand.N(20 * time.Millisecond)) // somewhere in the next sign-ins
	kill()
	callers.Wait()
	_, next = child(k.t, k.dir, k.address, childFolder+"_WITH="+filepath.Join(k.dir, "with"))
	return next
}

// judge looks at what stands there after a start, and has everybody go on.
func (k *slain) judge() {
	k.t.Helper()
	k.holds()
	for _, v := range k.visitors {
		k.left(v)
	}
	k.holds()
	c, err := app.DataConfig(k.dir)
	if err == nil {
		err = app.VerifyJournal(k.t.Context(), c, io.Discard, io.Discard)
	}
	if err != nil {
		k.t.Errorf("the journal: %v", err)
	}
	k.visitors = nil
}

// holds compares what can only have been written together, and with what browsers and calcul were told.
func (k *slain) holds() {
	k.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(k.dir, "ecluse.db")+"?mode=ro")
	if err != nil {
		k.t.Fatal(err)
	}
	defer db.Close()
	count := func(table, column, value string) (n int) {
		k.t.Helper()
		if err := db.QueryRowContext(k.t.Context(), `SELECT count(*) FROM `+table+` WHERE `+column+` = $1`, value).Scan(&n); err != nil {
			k.t.Fatal(err)
		}
		return n
	}
	told := func(what string) (n int) {
		for _, v := range k.visitors {
			for _, one := range v.told {
				if one == what {
					n++
				}
			}
		}
		return n
	}
	for entry, with := range map[string][]string{"sign_in": {"session", "saml-assertion"}, "release": {"grant", "oidc-code"}} {
		n := count("audit_entries", "action", entry)
		for _, kind := range with {
			if got := count("tickets", "kind", kind); got != n {
				k.t.Errorf("%d entries of a %s, and %d tickets %s", n, entry, got, kind)
			}
		}
	}
	if asked, challenged := count("tickets", "kind", "saml-question"), count("tickets", "kind", "challenge"); asked != challenged {
		k.t.Errorf("%d questions to the source, and %d challenges", asked, challenged)
	}
	for what, entry := range map[string]string{"session": "sign_in", "code": "release", "token": "release.later"} {
		if entries := count("audit_entries", "action", entry) - k.before[entry]; told(what) > entries {
			k.t.Errorf("%d were told of a %s, and the journal has %d entries of it", told(what), what, entries)
		}
	}
	k.entries = map[string]int{}
	for _, entry := range []string{"sign_in", "release", "release.later"} {
		k.entries[entry] = count("audit_entries", "action", entry)
	}
}

// left has somebody go on who may have been cut off: nothing is good twice, what they were told is so, and they can begin again.
func (k *slain) left(v *visitor) {
	k.t.Helper()
	was := func(what string) bool { return slices.Contains(v.told, what) }
	try := func(p *posted) int {
		k.t.Helper()
		status, _, _, err := v.ask(http.MethodPost, p.target, p.fields)
		if err != nil {
			k.t.Fatal(err)
		}
		return status
	}
	if v.code != nil {
		if status := try(v.code); status != http.StatusBadRequest && (status != http.StatusOK || was("token")) {
			k.t.Errorf("a code, tokens seen %t: status %d", was("token"), status)
		}
		if status := try(v.code); status != http.StatusBadRequest {
			k.t.Errorf("a code that was redeemed: status %d", status)
		}
	}
	if v.post != nil {
		if status := try(v.post); status != http.StatusGone && (status != http.StatusSeeOther || was("session")) {
			k.t.Errorf("the source's answer, signed in %t: status %d", was("session"), status)
		}
		if status := try(v.post); status != http.StatusGone {
			k.t.Errorf("the source's answer once more: status %d", status)
		}
	}
	if was("session") {
		status, body, to, err := v.ask(http.MethodGet, v.authorize, nil)
		if err != nil || strings.Contains(body, `name="source"`) {
			k.t.Errorf("whoever was told that they are signed in is asked who they are: %d %s %v", status, to, err)
		}
	}
	if err := v.signsIn(k.t); err != nil {
		k.t.Errorf("begun again: %v", err)
	}
}

// TestASignInThatIsKilledIsWholeOrNotThere kills the gateway in the middle of sign-ins through a source and of code flows.
func TestASignInThatIsKilledIsWholeOrNotThere(t *testing.T) {
	t.Parallel()
	k := &slain{t: t, dir: t.TempDir(), address: "127.0.0.1:" + webtest.FreePort(t), idp: newIDP(t), transport: &http.Transport{DisableKeepAlives: true}}
	desktest.LendKeys(t, k.dir)
	with := filepath.Join(k.dir, "with")
	text := "kind: Source\nid: fort\nname: {fr: \"Compte fort\", en: \"Strong account\"}\nauthority: fort\n" + k.idp.settings(t, with) +
		"declaration: {reference: R, controller: {name: Académie, office: recteur, dpo: dpd@ac-exemple.fr}, covers: Interconnexion, from: 2020-01-01, until: 2099-12-31}\n"
	if err := errors.Join(os.Mkdir(with, 0o700), os.WriteFile(filepath.Join(with, "fort.yaml"), []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
	_, kill := child(t, k.dir, k.address, childFolder+"_WITH="+with)
	rounds := 3
	if os.Getenv("ECLUSE_SCALE") != "" {
		rounds = 60
	}
	for range rounds {
		kill = k.round(kill, 1+rand.N(8))
		k.judge()
	}
}
