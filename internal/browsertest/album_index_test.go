package browsertest_test

import (
	"cmp"
	"fmt"
	"html/template"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

// exhibition is the album of all pages: pictures, and one page that shows them, without a script and with relative links
// alone. It is kept where ECLUSE_ALBUM says, or nowhere.
type exhibition struct {
	dir   string
	order map[string]int // of stops, as they are walked

	mu    sync.Mutex
	pages map[string]*exhibit
}

// exhibit is one stop.
type exhibit struct {
	Name, Page, Who string
	How             []string
	Rows            []*exhibitRow
}

// exhibitRow is a stop in one language and wording.
type exhibitRow struct {
	Lang, Audience, Title, Address string
	Pictures                       []picture
}

// picture is one view of it.
type picture struct {
	File, Scheme string
	Width        int64
}

func newExhibition(t *testing.T) *exhibition {
	t.Helper()
	e := &exhibition{dir: os.Getenv("ECLUSE_ALBUM"), order: map[string]int{}, pages: map[string]*exhibit{}}
	for _, w := range walks() {
		for _, s := range w.stops {
			e.order[w.name+"-"+s.name] = len(e.order)
		}
	}
	if e.dir != "" {
		if err := os.MkdirAll(filepath.Join(e.dir, "pages"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return e
}

// variants is how many of the variants are walked: all for an album, and otherwise the first, which is how the most people
// come by the pages. All of them take longer than everything else that is tested.
func (e *exhibition) variants() int {
	if e.dir == "" {
		return 1
	}
	return len(variants())
}

// keep takes the picture of a view.
func (e *exhibition) keep(b *wanderer, s stop, at where, v view) {
	b.Helper()
	if e.dir == "" {
		return
	}
	name := b.walk.name + "-" + s.name
	file := "pages/" + pictureName(fmt.Sprintf("%s-%s-%s", name, at.Lang, at.Audience), v.width, v.scheme)
	b.keepAs(filepath.Join(e.dir, file+".png"))
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.pages[name] == nil {
		e.pages[name] = &exhibit{Name: name, Page: s.page, Who: b.walk.who, How: s.how}
	}
	on := e.pages[name]
	i := slices.IndexFunc(on.Rows, func(r *exhibitRow) bool { return r.Lang == at.Lang && r.Audience == at.Audience })
	if i < 0 {
		i = len(on.Rows)
		on.Rows = append(on.Rows, &exhibitRow{Lang: at.Lang, Audience: at.Audience, Title: at.Title, Address: address(at.URL)})
	}
	on.Rows[i].Pictures = append(on.Rows[i].Pictures, picture{file + ".png", v.scheme, v.width})
	slices.SortFunc(on.Rows[i].Pictures, func(a, b picture) int {
		return cmp.Or(cmp.Compare(a.Width, b.Width), -cmp.Compare(a.Scheme, b.Scheme))
	})
}

// address is what of an address stays the same from run to run.
func address(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	if query := u.RawQuery; len(query) > 80 {
		u.RawQuery = query[:80] + "…"
	}
	return u.Hostname() + u.RequestURI()
}

// open writes the page.
func (e *exhibition) open(t *testing.T) {
	t.Helper()
	if e.dir == "" {
		return
	}
	var all []*exhibit
	for _, on := range e.pages {
		slices.SortFunc(on.Rows, func(a, b *exhibitRow) int {
			return cmp.Or(-cmp.Compare(a.Lang, b.Lang), cmp.Compare(a.Audience, b.Audience))
		})
		all = append(all, on)
	}
	slices.SortFunc(all, func(a, b *exhibit) int { return e.order[a.Name] - e.order[b.Name] })
	file, err := os.Create(filepath.Join(e.dir, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := template.Must(template.New("").Parse(albumPage)).Execute(file, all); err != nil {
		t.Fatal(err)
	}
	t.Logf("the album of %d pages is %s", len(all), file.Name())
}

const albumPage = `<!DOCTYPE html>
<html lang="fr">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Écluse – album</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; margin: 1.5rem; }
nav ul { columns: 16rem; padding: 0; list-style: none; }
h2 { margin: 3rem 0 .25rem; } p { margin: .25rem 0; }
code { font-size: .85em; overflow-wrap: anywhere; }
table { border-collapse: collapse; } th, td { border: 1px solid #8886; padding: .5rem; vertical-align: top; text-align: start; font-weight: normal; }
img { width: 10rem; height: 14rem; object-fit: cover; object-position: top; border: 1px solid #8886; background: #8882; }
.wide img { width: 18rem; } .scroll { overflow-x: auto; }
</style>
<h1>Toutes les pages</h1>
<nav aria-label="Pages"><ul>
{{range .}}<li><a href="#{{.Name}}">{{.Name}}</a></li>
{{end}}</ul></nav>
{{range .}}<section id="{{.Name}}">
<h2>{{.Name}}</h2>
<p>{{.Who}} ; page <code>{{.Page}}</code></p>
<p>{{range $i, $h := .How}}{{if $i}} → {{end}}<code>{{$h}}</code>{{end}}</p>
<div class="scroll"><table>
<thead><tr><th scope="col">Langue et version</th><th scope="col">320 px, clair</th><th scope="col">320 px, sombre</th><th scope="col">1280 px, clair</th><th scope="col">1280 px, sombre</th></tr></thead>
<tbody>
{{range .Rows}}<tr><th scope="row">{{.Lang}}, {{.Audience}}<br>{{.Title}}<br><code>{{.Address}}</code></th>
{{range .Pictures}}<td{{if gt .Width 320}} class="wide"{{end}}><a href="{{.File}}"><img src="{{.File}}" alt="{{.Width}} px, {{.Scheme}}" loading="lazy"></a></td>
{{end}}</tr>
{{end}}</tbody>
</table></div>
</section>
{{end}}`
