package browsertest_test

import (
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"testing"
)

// storyFolder is where the album keeps the pictures of stories.
const storyFolder = "stories"

// storyWidths are how wide each page of a story is looked at.
func storyWidths() []int64 { return []int64{320, 1280} }

// hang takes the pictures of a scene, and holds the page to a phone's width.
func (b *player) hang(i int) {
	b.Helper()
	before := evaluate[int64](b.tab, `innerWidth`)
	for _, width := range storyWidths() {
		b.width(width)
		for _, wide := range evaluate[[]string](b.tab, tooWide) {
			b.Errorf("scene %d at %d px: %s", i+1, width, wide)
		}
		if b.play.folder != "" {
			b.keepAs(filepath.Join(b.play.folder, scenePicture(i, width)))
		}
	}
	b.width(before)
}

func scenePicture(i int, width int64) string { return fmt.Sprintf("%02d-%d.png", i+1, width) }

// hangStories writes the page of the album that shows the stories.
func hangStories(t *testing.T, dir string, told []story) {
	t.Helper()
	if dir == "" {
		return
	}
	type shown struct {
		Title, Who, Phone, Desk string
	}
	type tale struct {
		Title  string
		Scenes []shown
	}
	var all []tale
	for _, s := range told {
		one := tale{Title: s.title}
		for i, sc := range s.scenes {
			one.Scenes = append(one.Scenes, shown{
				sc.title, sc.who, storyFolder + "/" + s.name + "/" + scenePicture(i, 320), storyFolder + "/" + s.name + "/" + scenePicture(i, 1280),
			})
		}
		all = append(all, one)
	}
	file, err := os.Create(filepath.Join(dir, "stories.html"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := template.Must(template.New("").Parse(storiesPage)).Execute(file, all); err != nil {
		t.Fatal(err)
	}
	t.Logf("the stories are told in %s", file.Name())
}

const storiesPage = `<!DOCTYPE html>
<html lang="fr">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Écluse – les histoires</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; margin: 1.5rem; }
li { margin-block: 1.5rem; } img { border: 1px solid #8886; max-height: 24rem; vertical-align: top; } a { display: inline-block; }
</style>
<h1>Les histoires, page par page</h1>
{{range .}}<section>
<h2>{{.Title}}</h2>
<ol>
{{range .Scenes}}<li><p>{{.Title}} ({{.Who}})</p>
<a href="{{.Phone}}"><img src="{{.Phone}}" alt="320 px" loading="lazy"></a> <a href="{{.Desk}}"><img src="{{.Desk}}" alt="1280 px" loading="lazy"></a></li>
{{end}}</ol>
</section>
{{end}}`
