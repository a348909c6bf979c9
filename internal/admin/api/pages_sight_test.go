package api_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// crawlPages looks at every page of the desk as somebody: those of the table, those of the drafts, and whatever they link to.
func (s *stage) crawlPages(t *testing.T, who string, see func(path, body string)) (seen int) {
	t.Helper()
	paths := []string{"/bureau/services/lire", "/bureau/recherche?q=lire", "/bureau/recherche?q=brouillon"}
	for _, id := range []string{"d-draft", "d-submitted", "d-review", "d-paper"} {
		paths = append(paths, "/bureau/declarations/"+id+"/1", "/bureau/declarations/"+id+"/1/etape/7", "/bureau/recherche?q="+strings.TrimPrefix(id, "d-"))
	}
	for _, tr := range trials(t, s) {
		if strings.HasPrefix(tr.route, "GET /bureau/") {
			paths = append(paths, tr.target())
		}
	}
	const most = 400
	for i := 0; i < len(paths) && i < most; i++ {
		w := s.ask(t, who, "GET", strings.TrimSuffix(paths[i], "{$}"), "", "Accept", "text/html")
		if w.Code >= 500 {
			t.Errorf("%s as %s: %d %s", paths[i], who, w.Code, w.Body)
		}
		see(paths[i], w.Body.String())
		for _, to := range linksOf(t, paths[i], w.Body.String()) {
			if !slices.Contains(paths, to) {
				paths = append(paths, to)
			}
		}
	}
	return min(len(paths), most)
}

// linksOf gives the addresses of the desk that a page links to.
func linksOf(t *testing.T, at, body string) []string {
	t.Helper()
	base, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for tokens := html.NewTokenizer(strings.NewReader(body)); ; {
		switch tokens.Next() {
		case html.ErrorToken:
			return out
		case html.StartTagToken:
			token := tokens.Token()
			for _, a := range token.Attr {
				to, err := base.Parse(a.Val)
				if token.Data == "a" && a.Key == "href" && err == nil && to.Host == "" && strings.HasPrefix(to.Path, "/bureau/") {
					to.Fragment = ""
					out = append(out, to.String())
				}
			}
		default:
		}
	}
}

// TestNoPageShowsASchoolsOwnToAnybodyElse crawls the desk's pages as every role: what belongs to the collège alone (its
// drafts, what its staff wish for, its incident, the mail that it was sent) is on none that others see, and no page of anybody's
// names whoever wrote or wished.
func TestNoPageShowsASchoolsOwnToAnybodyElse(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	own := []string{secret, "d-draft", "d-submitted", "d-review", "d-paper", "pour la classe", "incidents/college"}
	nobodys := []string{author, wisher}
	left := slices.Clone(own)
	s.crawlPages(t, "head", func(_, body string) {
		left = slices.DeleteFunc(left, func(word string) bool { return strings.Contains(body, word) })
	})
	if len(left) > 0 {
		t.Errorf("the collège's own head does not see %q: the crawl does not prove it of others", left)
	}
	for _, c := range s.columns() {
		who := c.name
		foreign := slices.Contains([]string{"other_head", "staff", "directeur", "ien", "admin", "collectivite", "support", "stranger", "anonymous"}, who)
		if who == "anonymous" {
			who = ""
		}
		n := s.crawlPages(t, who, func(path, body string) {
			words := nobodys
			if foreign {
				words = slices.Concat(nobodys, own)
			}
			for _, word := range words {
				if strings.Contains(body, word) && !strings.Contains(path, word) { // what was asked for may be said back
					t.Errorf("%s shows %q to %s", path, word, c.name)
				}
			}
		})
		if n < 45 {
			t.Errorf("%s: only %d pages", c.name, n)
		}
	}
}
