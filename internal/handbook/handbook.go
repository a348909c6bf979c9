// Package handbook shows the handbook: for the data-protection officer, the head of a school, whoever runs the gateway and
// whoever connects a service. The texts are the files of docs, without HTML of their own.
//
// Routes:
//
//	GET  /aide/manuel    what there is to read, for whom
//	GET  /aide/{page}    one text
package handbook

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	tables "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"

	"ecluse/internal/web"
)

//go:embed pages texts
var files embed.FS

const name = "handbook"

// Pages are the pages and their texts.
func Pages() web.Contribution { return web.Contribution{Name: name, Files: files} }

// Where the handbook stands.
const (
	base = "/aide/"
	Home = base + "manuel"
)

// MenuKey is the text of an entry that leads to Home.
const MenuKey = name + "/menu"

// chapter is one text: its address below base, its file, its language.
type chapter struct{ Page, File, Lang string }

// chapters lists what is shown, in the order of the first page.
func chapters() []chapter {
	return []chapter{
		{"dpd", "manuel/dpd.md", "fr"},
		{"chef", "manuel/chef.md", "fr"},
		{"exploitant", "manuel/exploitant.md", "fr"},
		{"integrator", "integrator.md", "en"},
		{"donnees", "dpo.md", "fr"},
		{"operator", "operator.md", "en"},
		{"source-saml", "source-saml.md", "en"},
		{"source-oidc", "source-oidc.md", "en"},
		{"ent", "ent.md", "en"},
		{"api", "api.md", "en"},
		{"erreurs", "erreurs.md", "fr"},
		{"dictionnaire", "dictionary.md", "fr"},
	}
}

// Chapter is one text, ready to be shown.
type Chapter struct {
	Page, Lang, Title string
	Body              template.HTML // made here from Markdown, whose own HTML is left out
	Links             []string      // where it leads, on this gateway
	Anchors           []string      // where one can be led in it
}

// Handbook is all of it. It is immutable.
type Handbook struct{ Chapters []Chapter }

// Read makes the handbook of the files of docs. A link to a file that is not shown becomes its words.
func Read(docs fs.FS) (*Handbook, error) {
	out := &Handbook{}
	for _, c := range chapters() {
		source, err := fs.ReadFile(docs, c.File)
		if err != nil {
			return nil, fmt.Errorf("handbook: %w", err)
		}
		made, err := c.made(source)
		if err != nil {
			return nil, fmt.Errorf("handbook: %s: %w", c.File, err)
		}
		out.Chapters = append(out.Chapters, made)
	}
	return out, nil
}

// made renders one text. Raw HTML is left out by goldmark unless it is told otherwise, which nobody does.
func (c chapter) made(source []byte) (Chapter, error) {
	md := goldmark.New(
		goldmark.WithExtensions(extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignNone))),
		goldmark.WithParserOptions(parser.WithAutoHeadingID()),
	)
	out, unshown := Chapter{Page: c.Page, Lang: c.Lang}, []*ast.Link(nil)
	doc := md.Parser().Parse(text.NewReader(source), parser.WithContext(parser.NewContext(parser.WithIDs(&anchors{made: &out.Anchors}))))
	err := ast.Walk(doc, func(n ast.Node, enter bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Heading:
			if enter && n.Level == 1 && out.Title == "" {
				out.Title = c.say(n.Lines().Value(source))
			}
		case *tables.Table:
			if enter {
				c.label(n, source)
			}
		case *ast.Link:
			if enter && !c.lead(n, &out) {
				unshown = append(unshown, n)
			}
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		return Chapter{}, err
	}
	for _, n := range unshown {
		for n.HasChildren() {
			n.Parent().InsertBefore(n.Parent(), n, n.FirstChild())
		}
		n.Parent().RemoveChild(n.Parent(), n)
	}
	if c.Lang == string(web.French) {
		if err := typeset(doc, source); err != nil {
			return Chapter{}, err
		}
	}
	var b bytes.Buffer
	if err := md.Renderer().Render(&b, source, doc); err != nil {
		return Chapter{}, err
	}
	out.Body = template.HTML(b.String())
	return out, nil
}

// say gives words of the text as they are shown.
func (c chapter) say(words []byte) string {
	if c.Lang == string(web.French) {
		return web.TypesetFrench(string(words))
	}
	return string(words)
}

// label names the column in each cell of a table: on a phone they stand one below the other.
func (c chapter) label(t *tables.Table, source []byte) {
	var heads []string
	for row := t.FirstChild(); row != nil; row = row.NextSibling() {
		_, head := row.(*tables.TableHeader)
		at := 0
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			switch {
			case head:
				heads = append(heads, c.say(cell.Lines().Value(source)))
			case at < len(heads) && at > 0: // the first is what the row is about
				cell.SetAttributeString("data-label", []byte(heads[at]))
			}
			at++
		}
	}
}

// lead turns a link to another file of docs into one to its page; false for a file that is not shown.
func (c chapter) lead(n *ast.Link, out *Chapter) bool {
	to, err := url.Parse(string(n.Destination))
	if err != nil || to.Scheme != "" || to.Host != "" {
		return true
	}
	if to.Path != "" && !strings.HasPrefix(to.Path, "/") {
		file := path.Join(path.Dir(c.File), to.Path)
		i := slices.IndexFunc(chapters(), func(o chapter) bool { return o.File == file })
		if i < 0 {
			return false
		}
		to.Path = base + chapters()[i].Page
	}
	n.Destination = []byte(to.String())
	out.Links = append(out.Links, to.String())
	return true
}

// Config is what the pages are made of. All is required.
type Config struct {
	Kit      *web.Kit
	Handbook *Handbook
}

// Mount adds the routes.
func Mount(mux *web.Mux, c Config) {
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: Home, Handler: c.home})
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: base + "{page}", Handler: c.page})
}

type homePage struct {
	web.Frame
	First, More []Chapter
}

// mostFirst is how many texts are the handbook proper; the others are what they rest on.
const mostFirst = 4

func (c Config) home(w http.ResponseWriter, r *http.Request) error {
	all := c.Handbook.Chapters
	return c.Kit.Render(w, r, http.StatusOK, name+"/home", homePage{First: all[:mostFirst], More: all[mostFirst:]})
}

type onePage struct {
	web.Frame
	Chapter
}

var errNoPage = errors.New("no such page of the handbook")

func (c Config) page(w http.ResponseWriter, r *http.Request) error {
	i := slices.IndexFunc(c.Handbook.Chapters, func(o Chapter) bool { return o.Page == r.PathValue("page") })
	if i < 0 {
		return web.NotFound(errNoPage)
	}
	return c.Kit.Render(w, r, http.StatusOK, name+"/one", onePage{Chapter: c.Handbook.Chapters[i]})
}
