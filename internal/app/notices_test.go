package app

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"html"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ecluse/internal/notices"
)

// TestTheCookiesThatAreToldAreThoseThatTheSourcesDeclare reads the sources: whoever adds a cookie tells people of it, and
// nobody writes one past the kit. The demo's sites are others than the gateway.
func TestTheCookiesThatAreToldAreThoseThatTheSourcesDeclare(t *testing.T) {
	t.Parallel()
	declared := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && (entry.Name() == "testdata" || path == filepath.Join("..", "demo")) {
			return fs.SkipDir
		}
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(filepath.Dir(path), "test") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err == nil {
			ast.Inspect(file, func(n ast.Node) bool { return cookieIn(t, path, n, declared) })
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, c := range cookies() {
		if told[c.Name] {
			t.Errorf("%s is told twice", c.Name)
		}
		told[c.Name] = true
		if !declared[c.Name] {
			t.Errorf("%s is told and declared nowhere", c.Name)
		}
	}
	for name := range declared {
		if !told[name] {
			t.Errorf("%s is declared, and people are not told of it", name)
		}
	}
	if len(declared) < 8 {
		t.Errorf("only %d cookies were found", len(declared))
	}
}

// cookieIn finds the declaration of a cookie, and complains of what sets one by itself.
func cookieIn(t *testing.T, path string, n ast.Node, declared map[string]bool) bool {
	if call, ok := n.(*ast.SelectorExpr); ok && call.Sel.Name == "SetCookie" && path != filepath.Join("..", "web", "cookie.go") {
		t.Errorf("%s sets a cookie past the kit", path)
	}
	made, ok := n.(*ast.CompositeLit)
	if !ok {
		return true
	}
	kind := ""
	switch of := made.Type.(type) {
	case *ast.Ident:
		kind = of.Name
	case *ast.SelectorExpr:
		if from, _ := of.X.(*ast.Ident); from != nil && from.Name == "web" {
			kind = of.Sel.Name
		}
	}
	for _, element := range made.Elts {
		pair, ok := element.(*ast.KeyValueExpr)
		if !ok || kind != "Cookie" {
			continue
		}
		if key, _ := pair.Key.(*ast.Ident); key != nil && key.Name == "Name" {
			literal, _ := pair.Value.(*ast.BasicLit)
			if literal == nil {
				t.Errorf("%s: a cookie whose name is computed", path)
				return false
			}
			name, _ := strconv.Unquote(literal.Value)
			declared[name] = true
		}
	}
	return true
}

func TestSpansThatAreToldAreThoseInForce(t *testing.T) {
	t.Parallel()
	c := DefaultConfig()
	c.Sessions.Idle, c.Numbers.KeepYears, c.Rights.KeepYears = 42*time.Minute, 7, 0
	told := map[string]notices.Kept{}
	for _, k := range c.kept() {
		told[k.What] = k
	}
	for _, want := range []notices.Kept{
		{What: "idle", For: 42 * time.Minute},
		{What: "numbers", SchoolYears: 7},
		{What: "requested", Years: DefaultConfig().Rights.KeepYears},
		{What: "accounts", Days: 30},
		{What: "places", Days: 90},
		{What: "requests", Months: 2},
		{What: "charters", Years: 2},
		{What: "favourites", SchoolYears: 2},
		{What: "journal"},
		{What: "receipts"},
	} {
		if told[want.What] != want {
			t.Errorf("%+v is told, want %+v", told[want.What], want)
		}
	}
}

// closedGateway is a gateway whose stores are gone since it has started.
func closedGateway(t *testing.T, edit func(*Config)) *gateway {
	t.Helper()
	o := newOffice(t)
	edit(&o.b.config)
	g, err := assemble(t.Context(), o.b, sides{})
	if err != nil {
		t.Fatal(err)
	}
	if err := o.b.closers.close(); err != nil {
		t.Fatal(err)
	}
	return g
}

func fetched(g *gateway, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, g.config.PublicURL+path, nil)
	r.Header.Set("Accept", "text/html")
	r.AddCookie(&http.Cookie{Name: "__Host-session", Value: "somebody"})
	r.AddCookie(&http.Cookie{Name: "__Host-from", Value: "ent//0"})
	w := httptest.NewRecorder()
	g.mux.ServeHTTP(w, r)
	return w
}

func TestWhatTheGatewaySaysOfItselfStandsWithoutAnyStore(t *testing.T) {
	t.Parallel()
	g := closedGateway(t, func(c *Config) {
		c.Notice, c.Accessibility = demoNotices()
		c.Sessions.Idle = 47 * time.Minute
	})
	for path, want := range map[string]string{
		"/confidentialite": "47 minutes", "/accessibilite": "accessibilite@ac-exemple.fr", "/mentions-legales": "La rectrice", "/aide": "assistance@ac-exemple.fr",
		"/affichage": "/affichage/oublier",
	} {
		w := fetched(g, path)
		page := strings.NewReplacer("\u202f", " ", "\u00a0", " ").Replace(html.UnescapeString(w.Body.String()))
		if w.Code != http.StatusOK || !strings.Contains(page, want) || !strings.Contains(page, `<a href="/accessibilite">Accessibilité : non conforme</a>`) {
			t.Errorf("%s: %d\n%s", path, w.Code, page)
		}
	}
	if w := fetched(g, "/historique"); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), `<a href="/aide">`) {
		t.Errorf("the worst page: %d\n%s", w.Code, w.Body)
	}
}

// checked is what `gateway check` prints and refuses of a configuration.
func checked(t *testing.T, more string, files map[string][]byte) (string, error) {
	t.Helper()
	o := newOffice(t)
	dir := o.b.config.dir
	if err := os.Mkdir(filepath.Join(dir, "voix"), 0o700); err != nil {
		t.Fatal(err)
	}
	files["gateway.yaml"] = []byte("public_url: https://sso.ac-exemple.fr\ntrusted_proxies: [127.0.0.0/8]\nmaster_secret_file: master.secret\n" + more)
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	err := Check(filepath.Join(dir, "gateway.yaml"), nil, nil, &out)
	return out.String(), err
}

func TestCheckSaysWhatPeopleWillReadToBeMissing(t *testing.T) {
	t.Parallel()
	out, err := checked(t, "notice: {dpo: dpd@ac-exemple.fr}\n", map[string][]byte{})
	if err != nil {
		t.Fatal(err)
	}
	wantLines(t, out, "notice.controller is empty", "notice.host is empty", "accessibility.audited is empty", "accessibility.contact is empty")
	if strings.Contains(out, "notice.dpo") {
		t.Errorf("what is filled in is said to be missing:\n%s", out)
	}
	notice, access := demoNotices()
	if c := (Config{Notice: notice, Accessibility: access}); !slices.Equal(c.unsaid(), []string{"accessibility.audited"}) || len(c.noticeMistakes(time.Now())) > 0 {
		t.Errorf("the demo says nothing of %v", c.unsaid())
	}
}

func TestCheckTellsTheMistakesOfAFolderOfRecordings(t *testing.T) {
	t.Parallel()
	_, err := checked(t, "voices_dir: voix\n", map[string][]byte{
		"voix/login.inform.enfant.fr.ogg": []byte("OggS and more"), "voix/login.informs.enfant.fr.ogg": []byte("OggS and more"), "voix/login.inform.ado.fr.mp3": []byte("OggS"),
	})
	if err == nil || !strings.Contains(err.Error(), "voices_dir") || !strings.Contains(err.Error(), "login.informs.enfant.fr.ogg: no page") || !strings.Contains(err.Error(), "login.inform.ado.fr.mp3: its content") {
		t.Errorf("told: %v", err)
	}
	if _, err := checked(t, "voices_dir: voix\n", map[string][]byte{"voix/login.inform.enfant.fr.ogg": []byte("OggS and more")}); err != nil {
		t.Errorf("a good folder: %v", err)
	}
	if _, err := checked(t, "voices_dir: nowhere\n", map[string][]byte{}); err == nil {
		t.Error("a folder that is not there is taken")
	}
}
