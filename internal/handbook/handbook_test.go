package handbook_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/net/html"

	"ecluse/docs"
	"ecluse/internal/handbook"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

func read(t *testing.T) *handbook.Handbook {
	t.Helper()
	book, err := handbook.Read(docs.Files)
	if err != nil {
		t.Fatal(err)
	}
	return book
}

func TestEveryTextIsShownAsAPageOfTheProduct(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, handbook.Pages())
	mux := web.NewMux(kit)
	book := read(t)
	handbook.Mount(mux, handbook.Config{Kit: kit, Handbook: book})
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, webtest.Origin+path, nil))
		return w
	}
	for _, c := range book.Chapters {
		w := get("/aide/" + c.Page)
		if w.Code != http.StatusOK || c.Title == "" || !strings.Contains(w.Body.String(), `<article class="handbook" lang="`+c.Lang+`">`) {
			t.Errorf("%s: %d, %q", c.Page, w.Code, c.Title)
		}
		webtest.CheckPage(t, w.Body.String())
		if strings.Contains(string(c.Body), "<!-- raw HTML omitted -->") || strings.Contains(string(c.Body), "style=") {
			t.Errorf("%s has HTML or a style of its own", c.Page)
		}
		if !strings.Contains(get(handbook.Home).Body.String(), `href="/aide/`+c.Page+`"`) {
			t.Errorf("%s is not on the first page", c.Page)
		}
	}
	webtest.CheckPage(t, get(handbook.Home).Body.String())
	if w := get("/aide/introuvable"); w.Code != http.StatusNotFound {
		t.Errorf("a page that is not there: %d", w.Code)
	}
}

// TestEveryLinkOfTheHandbookLeadsSomewhere holds links within the handbook to pages and headings, and links of the files to
// files. Those to pages of the gateway are held to its routes where all of them are mounted.
func TestEveryLinkOfTheHandbookLeadsSomewhere(t *testing.T) {
	t.Parallel()
	book := read(t)
	for _, c := range book.Chapters {
		for _, to := range c.Links {
			page, anchor, _ := strings.Cut(to, "#")
			anchor, err := url.PathUnescape(anchor)
			if err != nil {
				t.Errorf("%s leads to %s: %v", c.Page, to, err)
			}
			target := c
			if page != "" {
				at, ours := strings.CutPrefix(page, "/aide/")
				i := slices.IndexFunc(book.Chapters, func(o handbook.Chapter) bool { return o.Page == at })
				if ours && i < 0 {
					t.Errorf("%s leads to %s, which is not there", c.Page, to)
				}
				if i < 0 {
					continue
				}
				target = book.Chapters[i]
			}
			if anchor != "" && !slices.Contains(target.Anchors, anchor) {
				t.Errorf("%s leads to %s: %s has no such heading, but %q", c.Page, to, target.Page, target.Anchors)
			}
		}
	}
	files, err := fs.Glob(docs.Files, "manuel/*.md")
	if err != nil || len(files) != 3 {
		t.Fatalf("%q %v", files, err)
	}
	for _, file := range files {
		raw, err := fs.ReadFile(docs.Files, file)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range strings.Split(string(raw), "](")[1:] {
			to, _, _ := strings.Cut(part, ")")
			to, _, _ = strings.Cut(to, "#")
			if strings.HasPrefix(to, "/") || to == "" {
				continue
			}
			if _, err := os.Stat(path.Join("../../docs", path.Dir(file), to)); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}

func TestHTMLOfATextAndLinksToFilesThatAreNotShownNeverReachAPage(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{}
	for _, name := range []string{"manuel/dpd.md", "manuel/chef.md", "manuel/exploitant.md", "integrator.md", "dpo.md", "operator.md", "source-saml.md", "source-oidc.md", "ent.md", "api.md", "erreurs.md", "dictionary.md"} {
		files[name] = &fstest.MapFile{Data: fmt.Appendf(nil, "# Titre\n\n<script>alert(1)</script>\n\nUn <b onclick=x>a</b> [voir](../secret.md) [ici](/bureau/) [nul](javascript:alert(1)) [titre](#titre)\n")}
	}
	book, err := handbook.Read(files)
	if err != nil {
		t.Fatal(err)
	}
	body := string(book.Chapters[0].Body)
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && slices.Contains([]string{"script", "b"}, n.Data) {
			t.Errorf("an element %s of the text's own", n.Data)
		}
	}
	if strings.Contains(body, "secret") || strings.Contains(body, "javascript") || !strings.Contains(body, `<a href="/bureau/">ici</a>`) || !strings.Contains(body, "voir") {
		t.Errorf("the page is %s", body)
	}
	delete(files, "dpo.md")
	if _, err := handbook.Read(files); err == nil {
		t.Error("a text that is missing is not told")
	}
}

func TestTheDictionaryIsAPageAndEachCellSaysItsColumn(t *testing.T) {
	t.Parallel()
	i := slices.IndexFunc(read(t).Chapters, func(c handbook.Chapter) bool { return c.Page == "dictionnaire" })
	if i < 0 {
		t.Fatal("the dictionary is not shown")
	}
	page := string(read(t).Chapters[i].Body)
	for _, want := range []string{`<td data-label="Libellé">Initiales</td>`, `<td><code>initials</code></td>`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
}

func TestAFrenchTextIsSetAsPagesAreAndCodeAndAddressesStay(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{}
	const source = "# L'essai : un\n\nC'est l'**école**,\nqu'`l'option : x` dit : voir [l'aide](/aide?l'a=1) &amp; <https://x.example/l'a>\n\n    l'usage : y\n\n| L'un | L'autre |\n|---|---|\n| d'ici | d'`ici` |\n"
	for _, name := range []string{"manuel/dpd.md", "manuel/chef.md", "manuel/exploitant.md", "integrator.md", "dpo.md", "operator.md", "source-saml.md", "source-oidc.md", "ent.md", "api.md", "erreurs.md", "dictionary.md"} {
		files[name] = &fstest.MapFile{Data: []byte(source)}
	}
	book, err := handbook.Read(files)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range book.Chapters[:4] { // three in French, one in English
		body := html.UnescapeString(string(c.Body))
		wanted := []string{"C’est l’<strong>école</strong>,\nqu’<code>l'option : x</code> dit\u202f: voir", `/aide?l'a=1">l’aide</a>`, "https://x.example/l'a", "l'usage : y", "d’<code>ici</code>", `data-label="L’autre"`}
		if c.Lang == "en" {
			wanted = []string{"C'est l'<strong>école</strong>", "l'aide</a>", "qu'<code>l'option : x</code> dit : voir", `data-label="L'autre"`}
		}
		for _, want := range wanted {
			if !strings.Contains(body, want) {
				t.Errorf("%s has no %q:\n%s", c.Page, want, body)
			}
		}
		if c.Lang == "fr" && c.Title != "L’essai\u202f: un" {
			t.Errorf("%s is called %q", c.Page, c.Title)
		}
	}
}
