package web

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

//go:embed kit
var kitFiles embed.FS

// ownFiles are the pages and texts of the kit itself.
func ownFiles() fs.FS { return sub(kitFiles, "kit") }

func sub(files fs.FS, dir string) fs.FS {
	inner, err := fs.Sub(files, dir)
	if err != nil {
		panic(fmt.Sprintf("web: embedded folder %s: %v", dir, err)) // a constant name of this program
	}
	return inner
}

// variant is one way to print a page: for an audience, in the words for that audience or one beside it.
type variant struct {
	lang              Lang
	audience, wording Audience
}

// variants lists every way to print a page.
func variants() []variant {
	var out []variant
	for _, lang := range languages() {
		for _, audience := range []Audience{Child, Teen, Adult} {
			seen := map[Audience]bool{}
			for _, v := range versions() {
				if wording := v.of(audience); !seen[wording] {
					seen[wording] = true
					out = append(out, variant{lang, audience, wording})
				}
			}
		}
	}
	return out
}

// page is one parsed page; it is bound to a language, an audience and a wording when it is first printed so.
type page struct {
	contribution string
	own          *template.Template // what it adds to the frame; never executed: only copies are
	variants     map[variant]func() (*template.Template, error)
}

func (p *page) in(v variant) (*template.Template, error) { return p.variants[v]() }

// frame is what the kit gives to every page: its own templates, and what they call.
type frame struct {
	*template.Template
	commands commands
}

// loadPages parses every page of every contribution and reports all mistakes at once.
func (k *Kit) loadPages(contributions []Contribution) (map[string]*page, error) {
	own, err := template.New("").Option("missingkey=error").Funcs(k.functions(words{})).
		ParseFS(ownFiles(), "shell.html", "components.html", "icons.html")
	if err != nil {
		return nil, err
	}
	base := frame{own, commandsOf(own)}
	pages, errs, seen := map[string]*page{}, []error(nil), map[string]bool{}
	for _, contribution := range contributions {
		if seen[contribution.Name] || contribution.Name == "" || strings.Contains(contribution.Name, "/") {
			errs = append(errs, fmt.Errorf("contribution %q: the name is empty, has a slash or is taken", contribution.Name))
			continue
		}
		seen[contribution.Name] = true
		errs = append(errs, k.loadContribution(base, contribution, pages))
	}
	return pages, errors.Join(errs...)
}

// loadContribution parses each page with the shared parts of its contribution.
func (k *Kit) loadContribution(base frame, c Contribution, pages map[string]*page) error {
	files, err := fs.Glob(c.Files, "pages/*.html")
	parts, partsErr := fs.Glob(c.Files, "parts/*.html")
	errs := []error{err, partsErr}
	for _, file := range files {
		name := c.Name + "/" + strings.TrimSuffix(path.Base(file), ".html")
		p, err := k.loadPage(base, c, append(slices.Clone(parts), file))
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
			continue
		}
		pages[name] = p
	}
	return errors.Join(errs...)
}

// loadPage reads a page's own templates. They stand beside shell and components, which are the same for all pages, only
// once the page is printed: most of what every page would keep of its own is theirs.
func (k *Kit) loadPage(base frame, c Contribution, files []string) (*page, error) {
	own := template.New("").Funcs(k.functions(words{}))
	for _, file := range files {
		if err := addFile(own, base, c.Files, file); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	for _, required := range []string{"title", "main"} {
		if own.Lookup(required) == nil {
			return nil, fmt.Errorf("template %q is not defined", required)
		}
	}
	p := &page{contribution: c.Name, own: own, variants: map[variant]func() (*template.Template, error){}}
	if err := k.checkKeys(p, base); err != nil {
		return nil, err
	}
	for _, v := range variants() {
		w := words{catalogue: k.texts, contribution: c.Name, lang: v.lang, audience: v.wording}
		p.variants[v] = sync.OnceValues(func() (*template.Template, error) {
			bound, err := p.on(base)
			if err != nil {
				return nil, err
			}
			functions := k.functions(w)
			functions["audience"] = func() string { return string(v.audience) }
			return bound.Funcs(functions), nil
		})
	}
	return p, nil
}

// on is a copy of shell, components and the page's own templates, to be executed.
func (p *page) on(base frame) (*template.Template, error) {
	set, err := base.Clone()
	if err != nil {
		return nil, err
	}
	for _, own := range p.own.Templates() {
		if own.Tree == nil {
			continue
		}
		if _, err := set.AddParseTree(own.Name(), own.Tree.Copy()); err != nil {
			return nil, err
		}
	}
	return set, nil
}

// addFile parses one file of a contribution, which must not change a template of the kit.
func addFile(own *template.Template, base frame, files fs.FS, file string) error {
	raw, err := fs.ReadFile(files, file)
	if err != nil {
		return err
	}
	if _, err := own.New(path.Base(file)).Parse(string(raw)); err != nil {
		return err
	}
	for _, defined := range own.Templates() {
		if defined.Tree != nil && base.Lookup(defined.Name()) != nil {
			return fmt.Errorf("template %q belongs to the kit", defined.Name())
		}
	}
	return nil
}

// functions are what templates may call; the package comment lists them.
func (k *Kit) functions(w words) template.FuncMap {
	return template.FuncMap{
		"t":        w.say,
		"tn":       w.count,
		"lang":     func() string { return string(w.lang) },
		"audience": func() string { return string(w.audience) },
		"foot":     k.footText(w),
		"wording":  func() string { return string(w.audience) },
		"date":     func(t time.Time) string { return k.Date(w.lang, t) },
		"datetime": func(t time.Time) string { return k.DateTime(w.lang, t) },
		"iso":      func(t time.Time) string { return t.Format(time.RFC3339) },
		"asset":    func(name string) (string, error) { return k.assets.address(name) },
		"dict":     dict,
		"noicon":   func(name string) (string, error) { return "", fmt.Errorf("icon %q: no such icon", name) },
	}
}

// dict makes the argument of a component from names and values in turn. What a component of the kit may be given and
// is not, reads as empty; any other name that is not given stops the page.
func dict(args ...any) (map[string]any, error) {
	if len(args)%2 != 0 {
		return nil, errors.New("dict: names and values are not in pairs")
	}
	m := map[string]any{}
	for _, name := range []string{"Kind", "Title", "Icon", "Name", "Value"} {
		m[name] = ""
	}
	for i := 0; i < len(args); i += 2 {
		name, ok := args[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is no name", args[i])
		}
		m[name] = args[i+1]
	}
	return m, nil
}
