package internal_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// law says who may import whom: every package of ours, what it may import of ours, and nothing else. "*" is everything.
// Packages that only tests use stand in it too; no production file may import them.
const law = `
cmd/gateway            *

# Nouns and rules
person                 nothing
registry               person audit            # a decision and its journal entry are one transaction
registry/manifest      registry strictyaml
registry/annuaire      registry person
registry/headcounts    registry registry/annuaire person  # a list is written in the same ways
accounts               person registry audit   # a change and its journal entry are one transaction
registry/register      registry person attrs attrs/dictionary policy
policy                 person registry
policy/conformity      person registry attrs attrs/dictionary
roles                  person registry
desk                   notice notify accounts person registry policy policy/conformity attrs attrs/dictionary keybook roles audit rights incident charter guardian consent consent/papers stepup tally  # receipts of papers; never a Book
attrs                  attrs/dictionary person registry policy
attrs/dictionary       person registry strictyaml  # apart from the engine: canary reads it too
keybook                person audit            # a join that is refused and its journal entry are one transaction
keybook/pairs          keybook person registry/annuaire  # a list is written in the same ways
incident               person registry roles   # the hours, the counts and the notification of a breach
guardian               person registry policy audit  # a closing and its journal entry are one transaction
tally                  person registry         # how often services are entered; never who
notify                 person registry policy incident  # who is told what by mail; never an address
notice                 person registry policy attrs/dictionary  # what people are told of a service
handbook               docs web                # the texts of docs, shown in the product
rights                 person registry audit   # a request and its journal entry are one transaction
stepup                 roles registry audit store  # limits on guesses, and what was shown, are shared by all replicas
charter                person registry audit   # an acknowledgement and its journal entry are one transaction
consent                person registry attrs audit keybook  # a receipt, its journal entry and the mark of the number are one transaction
consent/papers         consent person registry registry/annuaire  # a list is written in the same ways

# The thread
login                  person registry policy attrs attrs/dictionary consent audit idp upstream store keys web charter guardian pictures
app                    *

# Edges: another edge's contract, never its implementation
idp                    registry attrs consent store web  # what an answer stands on is written as one with the sign-in's own
idp/samlidp            idp attrs attrs/dictionary consent registry saml keys store fetch web
idp/oidcop             idp attrs attrs/dictionary consent registry keys store fetch web
idp/casserver          idp attrs attrs/dictionary consent registry keys store fetch web
idp/console            idp attrs consent registry keys store web
upstream               registry person store web  # the limits on guesses are shared by all replicas
upstream/typed         upstream web            # the pages of sources on which people type who they are
upstream/settings      registry                # strictly, and all mistakes at once
upstream/local         upstream upstream/typed accounts registry person store audit web
upstream/ldap          upstream upstream/typed upstream/settings registry person store web
upstream/samlsp        upstream upstream/settings registry person saml keys store fetch web
upstream/oidcrp        upstream upstream/settings registry person keys store fetch web
upstream/demo          upstream registry person store strictyaml web
store                  nothing
store/sqldb            store accounts person registry policy attrs consent audit keys keybook rights incident charter guardian notify stepup tally
store/redisdb          store
store/memdb            store
admin                  person registry policy attrs attrs/dictionary audit idp upstream web strictyaml  # personas are a file
canary                 attrs/dictionary registry audit saml person  # never the engine: it does not trust it
admin/simulator        admin attrs/dictionary desk roles registry person web  # the simulator's pages at the desk
portal                 person registry policy attrs/dictionary audit web rights charter guardian pictures  # the signed-in person's pages: never the desk
portal/published       person registry registry/register attrs/dictionary web  # the public register: nobody is asked who they are
portal/mediacentre     person registry policy web  # what an ENT may show: about kinds of people, and about whoever is there
federation             saml fetch              # metadata of others, kept and given; what it means for anybody is not its business
notices                web                     # what the gateway says of itself, with no store
admin/frame            desk roles registry person web  # what all pages of the desk share
admin/wizard           admin admin/frame attrs/dictionary desk idp person policy/conformity registry roles web  # how a declaration is written, and a service connected
admin/factors          admin/frame desk roles registry stepup web  # the desk's pages about second means
admin/sheets           admin/frame attrs/dictionary desk roles registry person policy web  # the list, and a sheet on which a head decides
admin/telling          admin/frame desk notice registry person roles web  # what a school's people are told of a service
admin/home             admin/frame desk roles registry person audit web  # what waits, and the search
admin/bulk             admin/frame desk roles registry person web  # one act for many
admin/calendar         admin/frame desk registry web  # what will end, month by month
admin/review           admin/frame desk roles registry web  # the queue, and the page on which a version is decided on
admin/journal          admin admin/frame attrs/dictionary audit desk roles registry person web  # what happened
admin/stats            admin/frame desk roles registry person tally web  # how often services are entered
admin/mails            admin/frame desk roles registry notify person web  # what offices were told
admin/incidents        admin/frame desk incident roles registry person web  # the button that stops, and records of incidents
admin/places           admin/frame desk person registry roles web  # establishments and sources
admin/lists            admin/frame registry registry/annuaire registry/headcounts web  # whole lists of schools and headcounts
admin/numbers          admin/frame desk registry web  # sectors of opaque numbers, and how they are renewed
admin/inquiries        admin/frame desk person registry roles web  # which services somebody used, on a written request
admin/offices          admin/frame desk person registry roles web  # appointments and delegations
admin/rules            admin/frame charter desk keys person registry roles web  # rules, charters, keys, settings
admin/requests         admin/frame desk person registry rights roles web  # what people ask of those who answer for their data
admin/beginnings       admin/frame desk registry roles web  # what begins: a new service, declarations on their way
admin/access           admin/frame desk roles registry web  # the desk's page about oneself: who am I here, and my tokens
admin/api              admin notice attrs/dictionary accounts notify desk roles person registry registry/annuaire registry/headcounts registry/register policy attrs audit web rights incident charter guardian stepup tally
demo                   nothing                 # the outside world: it knows the gateway by its protocols alone

# Tools
saml                   nothing
fetch                  nothing
mail                   nothing
web                    nothing
pictures               nothing
keys                   keys/libcrypto
keys/libcrypto         nothing
audit                  nothing
strictyaml             nothing

# For tests
registry/registrytest  registry person
policy/conformity/conformitytest  registry person
desk/desktest          *
browsertest            *
interop                nothing                 # tests alone, which may import what they like
idp/idptest            *
store/storetest        *
audit/audittest        audit
keys/keystest          keys
mail/mailtest          nothing
saml/samltest          nothing
web/webtest            web
admin/frame/frametest  *
upstream/upstreamtest  upstream web web/webtest
upstream/ldap/ldaptest upstream/ldap upstream registry person store web web/webtest
`

// bans hold whatever the table says.
func bans() []ban {
	return []ban{
		{"a protocol never sees a person", "idp/", []string{"person", "policy", "upstream", "login"}},
		{"an explanation lets nothing out", "admin", []string{"consent", "login"}},
		{"the canary does not trust the engine", "canary", []string{"attrs", "policy", "consent", "login", "idp"}},
		{"an edge never imports the thread", "upstream", []string{"login"}},
		{"an edge never imports the thread", "store", []string{"login"}},
	}
}

type ban struct {
	why, from string
	never     []string
}

const module = "ecluse/"

// file is what the law looks at in one Go file. name is its path below the module; a package of internal is known by
// its path without that word.
type file struct {
	name string
	pkg  string
	ast  *ast.File
	set  *token.FileSet
	text []byte
}

func short(dir string) string { return strings.TrimPrefix(dir, "internal/") }

func (f file) test() bool {
	return strings.HasSuffix(f.name, "_test.go") || strings.HasSuffix(f.pkg, "test")
}

// read parses every Go file below the roots. It reads files rather than asking the go command, whose answers are cached.
func read(tree fs.FS, roots ...string) ([]file, error) {
	var files []file
	for _, root := range roots {
		err := fs.WalkDir(tree, root, func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() && d.Name() == "testdata" {
				return fs.SkipDir
			}
			if d.IsDir() || path.Ext(name) != ".go" {
				return nil
			}
			text, err := fs.ReadFile(tree, name)
			if err != nil {
				return err
			}
			set := token.NewFileSet()
			parsed, err := parser.ParseFile(set, name, text, parser.ParseComments)
			if err != nil {
				return err
			}
			files = append(files, file{name: name, pkg: short(path.Dir(name)), ast: parsed, set: set, text: text})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}

func table(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for line := range strings.Lines(law) {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if _, twice := out[words[0]]; twice || len(words) < 2 {
			t.Fatalf("the law says %q twice or half", words[0])
		}
		out[words[0]] = words[1:]
	}
	return out
}

func TestTheImportLawHolds(t *testing.T) {
	t.Parallel()
	files, err := read(os.DirFS(".."), "internal", "cmd", "configs")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 100 {
		t.Fatalf("only %d files were read", len(files))
	}
	for _, broken := range judge(table(t), files) {
		t.Error(broken)
	}
	present := map[string]bool{}
	for _, f := range files {
		present[f.pkg] = true
	}
	for pkg := range table(t) {
		if !present[pkg] {
			t.Errorf("%s: in the law and not in the tree", pkg)
		}
	}
}

// TestTheMapNamesEveryRoom holds doc.go to the tree: a room that it does not name is one that nobody finds.
func TestTheMapNamesEveryRoom(t *testing.T) {
	t.Parallel()
	drawn, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]bool{}
	for word := range strings.FieldsFuncSeq(string(drawn), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		words[word] = true
	}
	for pkg := range table(t) {
		if room := path.Base(pkg); !strings.HasSuffix(room, "test") && !words[room] {
			t.Errorf("%s: in the law and not on the map", pkg)
		}
	}
}

func judge(table map[string][]string, files []file) []string {
	var broken []string
	for _, f := range files {
		for _, what := range slices.Concat(f.imports(table), f.shape(), f.declarations()) {
			broken = append(broken, f.name+": "+what)
		}
	}
	return broken
}

// imports judges what a file imports. A test may import what it likes.
func (f file) imports(table map[string][]string) []string {
	var broken []string
	may, known := table[f.pkg]
	if !known && f.pkg != "internal" && f.pkg != "configs" {
		broken = append(broken, "the package is not in the law")
	}
	for _, spec := range f.ast.Imports {
		name, _ := strconv.Unquote(spec.Path.Value)
		if f.test() {
			continue
		}
		if name == "testing" || strings.HasSuffix(name, "test") {
			broken = append(broken, fmt.Sprintf("production code imports %s", name))
		}
		ours, mine := strings.CutPrefix(name, module)
		if !mine || ours == "configs" {
			continue
		}
		to := short(ours)
		if spec.Name != nil && (to == "consent" || spec.Name.Name == ".") {
			broken = append(broken, fmt.Sprintf("imports %s under another name, under which its use would not be seen", to))
		}
		if to == "app" && f.pkg != "cmd/gateway" {
			broken = append(broken, "only cmd may import app")
		}
		if !slices.Contains(may, to) && !slices.Contains(may, "*") {
			broken = append(broken, fmt.Sprintf("imports %s, which the law does not allow", to))
		}
		for _, b := range bans() {
			if strings.HasPrefix(f.pkg, b.from) && slices.Contains(b.never, to) {
				broken = append(broken, fmt.Sprintf("imports %s: %s", to, b.why))
			}
		}
		kit := to == "upstream/typed" || to == "upstream/settings" // what connectors share; no connector
		if edge, _, child := strings.Cut(to, "/"); child && !kit && slices.Contains([]string{"idp", "upstream", "store"}, edge) && f.pkg != "app" {
			broken = append(broken, fmt.Sprintf("imports %s: only app chooses an implementation", to))
		}
	}
	return broken
}

const (
	mostLines    = 400
	mostOfAFunc  = 60
	mostMethods  = 10
	sizeDefended = "size:" // the file's first comment holds this word when it says why it is long
)

// shape judges the sizes of a file, its functions and its interfaces, and the name of its package.
func (f file) shape() []string {
	var broken []string
	switch name := f.ast.Name.Name; name {
	case "utils", "util", "common", "helpers", "models", "types", "services", "controllers":
		broken = append(broken, "a package named "+name+" says nothing")
	}
	if f.test() {
		return broken
	}
	defended := len(f.ast.Comments) > 0 && strings.Contains(f.ast.Comments[0].Text(), sizeDefended)
	if n := strings.Count(string(f.text), "\n"); n > mostLines && !defended {
		broken = append(broken, fmt.Sprintf("%d lines, at most %d", n, mostLines))
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if lines := f.line(n.End()) - f.line(n.Pos()) + 1; lines > mostOfAFunc && !defended {
				broken = append(broken, fmt.Sprintf("%s has %d lines, at most %d", n.Name.Name, lines, mostOfAFunc))
			}
			if n.Name.Name == "init" && n.Recv == nil {
				broken = append(broken, "init() acts behind everybody's back")
			}
		case *ast.InterfaceType:
			if n.Methods.NumFields() > mostMethods {
				broken = append(broken, fmt.Sprintf("an interface of %d methods, at most %d", n.Methods.NumFields(), mostMethods))
			}
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && x.Name == "consent" && n.Sel.Name == "Book" && f.pkg != "login" && f.pkg != "app" {
				broken = append(broken, "only login holds a consent.Book (app hands it over)")
			}
		}
		return true
	})
	return broken
}

func (f file) line(p token.Pos) int { return f.set.Position(p).Line }

// variables lists the package-level variables that nothing in the form of their declaration keeps from changing.
func variables() map[string]string {
	return map[string]string{
		"app version":              "the linker sets it",
		"app shipped":              "what comes with the program, read once and never written",
		"app throwawayRing":        "keys of a process that signs nothing, made once and never written",
		"saml deflaters":           "compressors between two messages, whose window is forgotten",
		"saml inflaters":           "decompressors between two messages, whose window is forgotten",
		"store/sqldb sqliteEvery":  "pragmas, read and never written",
		"store/sqldb sqliteWriter": "pragmas, read and never written",
		"store/sqldb sqliteReader": "pragmas, read and never written",
	}
}

// declarations judges package-level variables: errors, patterns, embedded files and assertions, and nothing that changes.
func (f file) declarations() []string {
	if f.test() {
		return nil
	}
	var broken []string
	for _, d := range f.ast.Decls {
		gen, ok := d.(*ast.GenDecl)
		if !ok || gen.Tok != token.VAR {
			continue
		}
		for _, s := range gen.Specs {
			spec, _ := s.(*ast.ValueSpec)
			for i, name := range spec.Names {
				_, excepted := variables()[f.pkg+" "+name.Name]
				if !excepted && !still(gen, spec, i) {
					broken = append(broken, fmt.Sprintf("the package-level variable %s can change", name.Name))
				}
			}
		}
	}
	return broken
}

// still tells whether a variable is one of the kinds that nobody assigns to.
func still(gen *ast.GenDecl, spec *ast.ValueSpec, i int) bool {
	if spec.Names[i].Name == "_" {
		return true
	}
	for _, doc := range []*ast.CommentGroup{gen.Doc, spec.Doc} {
		if doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed ") }) {
			return true
		}
	}
	if i >= len(spec.Values) {
		return false
	}
	call, ok := spec.Values[i].(*ast.CallExpr)
	if !ok {
		return false
	}
	fun, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	from, _ := fun.X.(*ast.Ident)
	if from == nil {
		return false
	}
	switch from.Name + "." + fun.Sel.Name {
	case "errors.New", "fmt.Errorf", "regexp.MustCompile":
		return true
	}
	return false
}
