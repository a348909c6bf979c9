package app_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"ecluse/internal/app"
	"ecluse/internal/login"
	"ecluse/internal/portal/mediacentre"
	"ecluse/internal/registry"
)

var tileLink = regexp.MustCompile(`href="(/go/([a-z0-9-]+)(?:\?uai=([0-9A-Z]+))?)"`)

// TestWhatIsMarkedAsOpenOpensAndNothingElseDoes signs every person of the demo in to their own page, follows every tile, and
// tries everything that no tile leads to.
func TestWhatIsMarkedAsOpenOpensAndNothingElseDoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{})
	contents := w.contents()
	followed := 0
	for _, who := range demoPeople(t) {
		b := w.browser()
		s := &story{w: w, b: b}
		if err := b.open(w.public + "/mes-sites"); err != nil || !strings.Contains(b.tab.page.body, "/entrer?vers=sites") {
			t.Fatalf("nobody is not let in: %v\n%s", err, s.where())
		}
		if err := b.open(w.public + "/entrer?vers=sites"); err != nil {
			t.Fatal(err)
		}
		if err := s.press("person", who.ID); err != nil {
			t.Fatalf("%s: %v\n%s", who.ID, err, s.where())
		}
		if p := b.tab.page; p.url.Path != "/mes-sites" || p.status != http.StatusOK {
			t.Fatalf("%s arrives at %s: %d", who.ID, p.url, p.status)
		}
		var uais []string
		for _, place := range who.Places {
			uais = append(uais, place.UAI)
		}
		for _, child := range who.Children {
			uais = append(uais, child.UAI)
		}
		for _, uai := range uais {
			if err := b.open(w.public + "/mes-sites?etablissement=" + uai); err != nil {
				t.Fatal(err)
			}
			linked := map[string]bool{}
			for _, m := range tileLink.FindAllStringSubmatch(b.tab.page.body, -1) {
				if m[3] == uai || m[3] == "" && len(uais) == 1 { // no school of a child is named to a guardian
					linked[m[2]] = true
				}
			}
			for _, service := range contents.Services {
				if service.Start == "" || service.ID == registry.House || service.ID == registry.Desk {
					continue
				}
				err := b.open(w.public + "/go/" + service.ID + "?uai=" + uai)
				if asked, there := b.tab.page.formTo("/recognise"); err == nil && there == nil { // a shared device
					err = b.submit(asked)
				}
				refused := err != nil || b.tab.page.status != http.StatusOK || strings.Contains(b.tab.page.url.Path, "refus")
				if refused == linked[service.ID] {
					t.Errorf("%s in %s: a tile leads to %s: %t; whoever goes there comes to %s (%d), %v", who.ID, uai, service.ID, linked[service.ID], b.tab.page.url, b.tab.page.status, err)
				}
				followed++
			}
		}
	}
	if followed < 40 {
		t.Errorf("only %d were tried", followed)
	}
}

func TestASignInForAPageOfOursLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{})
	b := w.browser()
	for _, to := range []string{"", "https://elsewhere.example", "//elsewhere.example", "/mes-sites", "bureau"} {
		p, err := b.get(w.public + "/entrer?vers=" + url.QueryEscape(to))
		if err != nil || p.status != http.StatusBadRequest || p.header.Get("Location") != "" {
			t.Errorf("%q: %d to %q, %v", to, p.status, p.header.Get("Location"), err)
		}
	}
	p, err := b.get(w.public + "/e/0280101H")
	if err != nil || p.header.Get("Location") != "/mes-sites" || b.cookies["127.0.0.1"]["ecole"].Value != "0280101H" {
		t.Fatalf("the poster leads to %q, %v", p.header.Get("Location"), err)
	}
	if err := b.open(w.public + "/entrer?vers=sites"); err != nil {
		t.Fatal(err)
	}
	s := &story{w: w, b: b}
	if err := s.press("person", "lina"); err != nil {
		t.Fatalf("%v\n%s", err, s.where())
	}
	if b.tab.page.url.Path != "/mes-sites" || !strings.Contains(b.tab.page.body, `data-audience="enfant"`) || !strings.Contains(b.tab.page.body, "/go/lire?uai=0280101H") {
		t.Errorf("Lina arrives at %s", b.tab.page.url)
	}
	if p, err := b.get(w.public + mediacentre.Base + "/moi"); err != nil || p.status != http.StatusOK || !strings.Contains(p.body, "/go/lire?source=demo") {
		t.Errorf("the list of whoever is signed in: %d %s, %v", p.status, p.body, err)
	}
}

// TestEverybodyFindsTheWayToEachOfTheirOwnPages signs people in for each page of ours and looks for the way on from there.
func TestEverybodyFindsTheWayToEachOfTheirOwnPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{})
	for who, want := range map[string]string{
		"lina":   "/mes-sites /historique",
		"hugo":   "/mes-sites /historique /mes-donnees /mes-droits /charte",
		"claire": "/mes-sites /historique /mes-donnees /mes-droits /charte",
		"nadia":  "/mes-sites /historique /mes-enfants /accords /mes-donnees /mes-droits /charte",
	} {
		for word, path := range login.OwnPages() {
			if who == "lina" && word == "children" {
				continue // a child is led to a page of theirs
			}
			if who == "lina" && word == "data" {
				continue // a child is led to a page of theirs
			}
			b := w.browser()
			s := &story{w: w, b: b}
			if err := b.open(w.public + login.ArriveAt(word)); err != nil {
				t.Fatal(err)
			}
			if err := s.press("person", who); err != nil {
				t.Fatalf("%s, %s: %v\n%s", who, word, err, s.where())
			}
			p := b.tab.page
			if p.url.Path != path || p.status != http.StatusOK {
				t.Errorf("%s signs in for %s and comes to %s: %d", who, path, p.url, p.status)
			}
			nav := regexp.MustCompile(`(?s)<nav class="tabs noprint".*?</nav>`).FindString(p.body)
			var tabs []string
			for _, m := range regexp.MustCompile(`<a href="(/[a-z-]+)"( aria-current="page")?>`).FindAllStringSubmatch(nav, -1) {
				tabs = append(tabs, m[1])
				if (m[2] != "") != (m[1] == path) {
					t.Errorf("%s at %s: the tab %s is marked: %t", who, path, m[1], m[2] != "")
				}
			}
			if got := strings.Join(tabs, " "); got != want {
				t.Errorf("%s at %s finds %q, want %q", who, path, got, want)
			}
		}
	}
}

func TestAnENTIsAnsweredWithItsOwnToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{})
	get := func(query, token string) (*http.Response, mediacentre.Answer) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.public+mediacentre.Base+"?"+query, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		answer, err := w.browser().client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		var out mediacentre.Answer
		_ = json.NewDecoder(answer.Body).Decode(&out)
		return answer, out
	}
	if answer, _ := get("uai=0280101H&profil=National_ELV&niveau=CE2", "ecl_none"); answer.StatusCode != http.StatusUnauthorized || !strings.HasPrefix(answer.Header.Get("Content-Type"), "application/problem+json") {
		t.Errorf("without a token: %d %q", answer.StatusCode, answer.Header.Get("Content-Type"))
	}
}
