package app_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"ecluse/internal/app"
	"ecluse/internal/login"
	"ecluse/internal/web"
)

// code is one stable code as the sources give it.
type code struct {
	code, kind, status string
	where              string
}

// codes reads every web.Fault that production code makes with a code of its own.
func codes(t *testing.T) []code {
	t.Helper()
	var out []code
	err := filepath.WalkDir("..", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if lit, ok := n.(*ast.CompositeLit); ok && isFault(lit.Type) {
				if c := codeOf(lit); c.code != "" {
					c.where = file
					out = append(out, c)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(out, func(a, b code) int { return strings.Compare(a.code+a.kind, b.code+b.kind) })
	return slices.CompactFunc(out, func(a, b code) bool { return a.code == b.code && a.kind == b.kind })
}

func isFault(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name == "Fault"
	case *ast.SelectorExpr:
		return e.Sel.Name == "Fault"
	}
	return false
}

// codeOf reads the literal parts of a fault; what is computed stays empty.
func codeOf(lit *ast.CompositeLit) code {
	var c code
	for _, e := range lit.Elts {
		pair, ok := e.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		text := ""
		switch v := pair.Value.(type) {
		case *ast.BasicLit:
			text, _ = strconv.Unquote(v.Value)
		case *ast.SelectorExpr:
			text = v.Sel.Name
		}
		switch fmt.Sprint(pair.Key) {
		case "Code":
			c.code = text
		case "Kind":
			c.kind = text
		case "Status":
			c.status = strings.TrimPrefix(text, "Status")
		}
	}
	return c
}

// said are all texts of one language: "login/faults.gone.title" -> wording by audience.
type said map[string]map[web.Audience]string

func saidIn(t *testing.T, lang web.Lang) said {
	t.Helper()
	out := said{}
	read := func(name string, raw []byte) {
		var doc map[string]any
		if err := yaml.Unmarshal(raw, &doc); err != nil {
			t.Fatal(err)
		}
		out.add(name+"/", doc)
	}
	raw, err := os.ReadFile("../web/kit/texts/" + string(lang) + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	read("web", raw)
	for _, c := range app.Contributions() {
		raw, err := fs.ReadFile(c.Files, "texts/"+string(lang)+".yaml")
		if err != nil {
			t.Fatal(err)
		}
		read(c.Name, raw)
	}
	return out
}

func (s said) add(key string, node any) {
	switch v := node.(type) {
	case string:
		s[key] = map[web.Audience]string{web.Child: v, web.Teen: v, web.Adult: v}
	case map[string]any:
		if adult, ok := v[string(web.Adult)].(string); ok {
			s[key] = map[web.Audience]string{web.Child: adult, web.Teen: adult, web.Adult: adult}
			for audience, text := range v {
				s[key][web.Audience(audience)], _ = text.(string)
			}
			return
		}
		for name, child := range v {
			sep := "."
			if strings.HasSuffix(key, "/") {
				sep = ""
			}
			s.add(key+sep+name, child)
		}
	}
}

// textOf is where a fault's texts stand: "login/gone" are login/faults.gone, a bare kind is the kit's.
func textOf(kind string) string {
	owner, name, cut := strings.Cut(kind, "/")
	if !cut {
		owner, name = "web", kind
	}
	return owner + "/faults." + name
}

// parts of what a person reads when something is refused or broken.
func parts() []string { return []string{"title", "what", "do", "who"} }

// TestEveryCodeSaysWhatHappenedWhatToDoAndWhoHelps reads the sources for stable codes, and wants for each of them, and for
// every reason of a refusal, four texts in both languages that each of the three audiences can read. docs/erreurs.md lists
// them; -update writes it again.
func TestEveryCodeSaysWhatHappenedWhatToDoAndWhoHelps(t *testing.T) {
	t.Parallel()
	all := codes(t)
	if len(all) < 20 {
		t.Fatalf("only %d codes were found: the sources are not read", len(all))
	}
	shape := regexp.MustCompile(`^[A-Z]{3}-\d{3}$`)
	wanted := map[string]bool{}
	for _, c := range all {
		if !shape.MatchString(c.code) {
			t.Errorf("%s: %q is no code: three capitals and three digits", c.where, c.code)
		}
		if c.kind == "" {
			t.Errorf("%s: %s has no kind that could be read here", c.where, c.code)
		}
		wanted[textOf(c.kind)] = true
	}
	for _, reason := range login.Reasons() {
		wanted["login/refusal."+reason] = true
	}
	for _, lang := range []web.Lang{web.French, web.English} {
		in := saidIn(t, lang)
		for _, key := range slices.Sorted(maps.Keys(wanted)) {
			for _, part := range parts() {
				for _, audience := range readers(key) {
					text := in[key+"."+part][audience]
					if text == "" {
						t.Errorf("%s.%s: nothing is said in %s to %s", key, part, lang, audience)
					}
					for _, wrong := range web.Wording(lang, audience, text) {
						t.Errorf("%s.%s, %s, %s: %s", key, part, lang, audience, wrong)
					}
				}
			}
		}
	}
	keepsDoc(t, all)
}

// readers are the audiences that may meet a text: no child and no teenager gets to the desk's door.
func readers(key string) []web.Audience {
	if strings.HasPrefix(key, "console/") {
		return []web.Audience{web.Adult}
	}
	return []web.Audience{web.Child, web.Teen, web.Adult}
}

// keepsDoc compares the list of codes in the handbook with what the sources say.
func keepsDoc(t *testing.T, all []code) {
	t.Helper()
	const file = "../../docs/erreurs.md"
	want := codesDoc(all, saidIn(t, web.French))
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil { //nolint:gosec // a page of the handbook
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != want {
		t.Errorf("docs/erreurs.md does not list what the sources say (-update writes it again): %v", err)
	}
}

func codesDoc(all []code, in said) string {
	var b strings.Builder
	b.WriteString(`# Les erreurs et les refus

Cette page est écrite par un test à partir du code : elle ne peut pas en dire autre chose. Chaque page d'erreur porte un
code, qui dit de quelle sorte d'erreur il s'agit et ne change jamais, et une référence, qui désigne cette fois-là : le
journal et les traces la portent aussi. Les textes sont ceux que lit un adulte ; un enfant et un adolescent lisent les leurs.

Quand la demande d'un service est en cause (` + "`" + `CAS` + "`" + `, ` + "`" + `OIC` + "`" + `, ` + "`" + `SAM` + "`" + `), la page garde repliée, à côté du code, la partie de la demande
qui ne va pas et pourquoi, en anglais, pour qui a écrit le programme : ` + "`" + `post_logout_redirect_uri: it is none of those that the
client has registered, letter for letter` + "`" + `. Les traces le disent aussi. Une valeur reçue n'y est jamais. Ce qui peut être dit au
service lui-même l'est dans ` + "`" + `error_description` + "`" + ` (OpenID Connect) ou ` + "`" + `StatusMessage` + "`" + ` (SAML).

## Les codes

| Code | HTTP | Ce qui se passe | Ce que la personne peut faire | Qui peut l'aider |
|---|---|---|---|---|
`)
	for _, c := range all {
		status := map[string]int{}
		for n := 400; n < 600; n++ {
			status[strings.ReplaceAll(strings.ReplaceAll(http.StatusText(n), " ", ""), "-", "")] = n
		}
		http := ""
		if n := status[c.status]; n > 0 {
			http = strconv.Itoa(n)
		}
		row(&b, "`"+c.code+"`", http, textOf(c.kind), in)
	}
	b.WriteString(`
## Les refus

La raison est celle du journal (` + "`reason`" + `) et de la mesure ` + "`ecluse_decisions_total`" + `.

| Raison | | Ce qui se passe | Ce que la personne peut faire | Qui peut l'aider |
|---|---|---|---|---|
`)
	for _, reason := range slices.Sorted(slices.Values(login.Reasons())) {
		row(&b, "`"+reason+"`", "", "login/refusal."+reason, in)
	}
	return b.String()
}

func row(b *strings.Builder, name, status, key string, in said) {
	adult := func(part string) string {
		return strings.ReplaceAll(strings.TrimSpace(in[key+"."+part][web.Adult]), "|", `\|`)
	}
	fmt.Fprintf(b, "| %s | %s | **%s.** %s | %s | %s |\n", name, status, strings.TrimRight(adult("title"), "."), adult("what"), adult("do"), adult("who"))
}
