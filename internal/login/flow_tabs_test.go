package login_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"

	"ecluse/internal/idp"
	"ecluse/internal/idp/idptest"
	"ecluse/internal/person"
)

// tab is one sign-in of one browser.
type tab struct {
	browser *idptest.Browser
	who     string
	service string
	place   person.UAI
	state   string
	later   bool
	post    bool
}

// run does whatever the gateway asks until the service is told, and returns what was told wrongly.
func (b tab) run(t *testing.T) (told string, err error) {
	t.Helper()
	request := request(b.service, func(r *idp.Request) {
		r.State, r.Later = json.RawMessage(`"`+b.state+`"`), b.later
	})
	begin := byGet
	if b.post {
		begin = byPost
	}
	p := b.browser.Open(begin(t, request))
	txn := ""
	for range 60 {
		if p.Landing != nil {
			return b.check(p)
		}
		for _, step := range []string{"source", "place", "inform", "back"} {
			if action, _, ok := p.Filled(step, 0); ok {
				txn = strings.TrimSuffix(action, "/"+step)
			}
		}
		_, _, at := p.AtSource()
		switch {
		case at:
			p = b.browser.As(p, b.who)
		case p.Offers("source"): // another tab may have signed in meanwhile, so this leads to the source or beyond it
			p = b.browser.Submit(p, "source", 0, "source", idptest.ENT)
		case p.Offers("place"):
			p = b.browser.Submit(p, "place", map[person.UAI]int{idptest.School: 0, idptest.College: 1}[b.place])
		case p.Offers("inform"):
			p = b.browser.Submit(p, "inform", 0, "act", "informed")
		case p.Status == http.StatusGone && txn != "":
			p = b.browser.Get(txn)
		default:
			return "", fmt.Errorf("status %d at %s: %s", p.Status, p.URL, p.Text())
		}
	}
	return "", fmt.Errorf("never told: at %s", p.URL)
}

func (b tab) check(p *idptest.Page) (string, error) {
	q := p.Landing.URL.Query()
	got := fmt.Sprint(p.Landing.URL.Host, p.Landing.URL.Path, q.Get("service"), q.Get("state"), q.Get("uai"))
	want := fmt.Sprint(b.service+".example", "/yes", b.service, `"`+b.state+`"`, b.place)
	if got != want {
		return "", fmt.Errorf("told %s, want %s", got, want)
	}
	return q.Get("subject"), nil
}

// TestTabsOfOneBrowserNeverMix signs two people in, each in many tabs of a browser of their own, to different services
// in different places at once. Nobody was signed in before, so the tabs sign each other's sessions over as well.
func TestTabsOfOneBrowserNeverMix(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	var all sync.WaitGroup
	var mu sync.Mutex
	subjects := map[string]map[string]bool{}
	for _, who := range []string{idptest.Paul, idptest.Zoe} {
		b := h.Browser(t)
		b.Open(byGet(t, request("lire"))) // the browser has its name before its tabs race
		for i := range 16 {
			one := tab{
				browser: b, who: who, service: []string{"lire", "calcul", "annee"}[rand.IntN(3)], state: fmt.Sprint(who, i),
				place: []person.UAI{idptest.School, idptest.College}[rand.IntN(2)], later: rand.IntN(2) == 0, post: rand.IntN(2) == 0,
			}
			all.Go(func() {
				subject, err := one.run(t)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Errorf("%s to %s: %v", one.who, one.service, err)
					return
				}
				if subjects[one.service] == nil {
					subjects[one.service] = map[string]bool{}
				}
				subjects[one.service][one.who+" "+subject] = true
			})
		}
	}
	all.Wait()
	for service, known := range subjects {
		if len(known) > 2 {
			t.Errorf("%s knows two people by %d pseudonyms", service, len(known))
		}
	}
}

// TestTabsOfASignedInBrowserAllArrive opens many tabs on one session, as a browser does that restores yesterday's.
func TestTabsOfASignedInBrowserAllArrive(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := signedIn(t, h, idptest.Lea)
	var all sync.WaitGroup
	for i := range 32 {
		one := tab{
			browser: b, who: idptest.Lea, service: []string{"lire", "calcul", "annee", "ecrire"}[i%4], state: fmt.Sprint(i),
			place: idptest.School, later: i%3 == 0,
		}
		all.Go(func() {
			if _, err := one.run(t); err != nil {
				t.Errorf("%s: %v", one.service, err)
			}
		})
	}
	all.Wait()
}

// TestOneFormPostedManyTimesAtOnceIsAnsweredKindly is what impatient fingers do.
func TestOneFormPostedManyTimesAtOnceIsAnsweredKindly(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := h.Browser(t)
	told := b.As(b.Open(byGet(t, request("lire"))), idptest.Lea)
	offers(t, "information", told, "inform")
	pages := make([]*idptest.Page, 8)
	var all sync.WaitGroup
	for i := range pages {
		all.Go(func() { pages[i] = b.Submit(told, "inform", 0, "act", "informed") })
	}
	all.Wait()
	arrived := 0
	for _, p := range pages {
		switch {
		case p.Landing != nil:
			yes(t, p, "lire")
			arrived++
		default:
			done(t, "a click that lost", p)
		}
	}
	if arrived == 0 {
		t.Error("nobody arrived")
	}
	if h.Receipts.Count() != 1 {
		t.Errorf("%d receipts", h.Receipts.Count())
	}
}
