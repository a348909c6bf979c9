package app_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ecluse/internal/admin"
	"ecluse/internal/app"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/strictyaml"
)

// library is a dictionary with one word of its own.
const library = `- attribute: library
  label: {fr: "Bibliothèque de rattachement", en: "Library"}
  child: {fr: "ta bibliothèque", en: "your library"}
  category: place
  names: false
  saml: {name: bibliotheque}
  oidc: {claim: library, scope: library}
  cas: bibliotheque
  corrects: source
`

// shelves is the folder testdata/with/good, where the source says the library and the declaration has it.
func shelves(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/with/good")); err != nil {
		t.Fatal(err)
	}
	change(t, filepath.Join(dir, "more.yaml"),
		"audience:", "  - attribute: library\n    justification: {fr: \"montrer les livres proches\", en: \"show the books nearby\"}\naudience:",
		"data: [{fr: niveau, en: level}]", "data: [{fr: niveau et bibliothèque, en: level and library}]",
		"uais: [0280505X]\ndeclaration:\n  reference: DEMO-RIVES", "uais: [0280505X]\nmapping: {like: sdet, local: {library: bibliothequeRattachement}}\ndeclaration:\n  reference: DEMO-RIVES",
	)
	change(t, filepath.Join(dir, "people.yaml"), "adult: N", "adult: N\nsays: {bibliothequeRattachement: [\"0280505X$Médiathèque du Canal\"]}")
	return dir
}

func change(t *testing.T, file string, pairs ...string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("%s: %q is not there", file, pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	write(t, file, text)
}

// TestAWordOfOnesOwnIsDeclaredReadAndReleased goes from the dictionary's file to the answer that a service receives.
func TestAWordOfOnesOwnIsDeclaredReadAndReleased(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	desktest.LendKeys(t, data)
	write(t, filepath.Join(data, "dictionary.yaml"), library)
	w := newWorld(t, app.DemoOptions{Data: data, With: shelves(t)})
	b := w.browser()
	b.hold = func(u *url.URL) bool { return u.Hostname() == "relais.localhost" }
	if err := b.open(w.public + "/saml/sso?" + authnRequest(t, w.public)); err != nil {
		t.Fatal(err)
	}
	s := &story{w: w, b: b}
	for _, press := range [][2]string{{"source", "rives"}, {"person", "yael"}} {
		if err := s.press(press[0], press[1]); err != nil {
			t.Fatalf("%s %s: %v\n%s", press[0], press[1], err, s.where())
		}
	}
	if where := s.where(); !strings.Contains(where, "Bibliothèque de rattachement Médiathèque du Canal") {
		t.Errorf("the page does not say the word\n%s", where)
	}
	if err := s.press("act", "informed"); err != nil {
		t.Fatalf("%v\n%s", err, s.where())
	}
	if b.held == nil {
		t.Fatalf("no answer is on its way to the service\n%s", s.where())
	}
	response, err := base64.StdEncoding.DecodeString(b.held.fields.Get("SAMLResponse"))
	if text := string(response); err != nil || !strings.Contains(text, `Name="bibliotheque"`) || !strings.Contains(text, "Médiathèque du Canal") {
		t.Errorf("the word is not sent: %v", err)
	}
	var out bytes.Buffer
	o := app.ExplainOptions{Data: data, Person: "rives:yael", UAI: "0280505X", Service: "relais", JSON: true}
	var e admin.Explanation
	if err := errors.Join(app.Explain(t.Context(), o, &out, io.Discard), json.Unmarshal(out.Bytes(), &e)); err != nil || !e.Allowed || !strings.Contains(out.String(), "Médiathèque du Canal") {
		t.Errorf("explain: %v, allowed %v because %s", err, e.Allowed, e.Reason)
	}
}

func TestAWordOfOnesOwnIsUnknownWithoutItsDictionary(t *testing.T) {
	t.Parallel()
	folder, dir := shelves(t), t.TempDir()
	write(t, filepath.Join(dir, "dictionary.yaml"), library)
	config := filepath.Join(dir, "gateway.yaml")
	write(t, config, "public_url: https://sso.ac-exemple.fr\ntrusted_proxies: [127.0.0.0/8]\nmaster_secret_file: master.secret\ndictionary_file: dictionary.yaml\n")
	desktest.LendKeys(t, dir)
	if err := app.Check(config, []string{folder}, nil, io.Discard); err != nil {
		t.Errorf("with the dictionary: %v", err)
	}
	err := app.Check("", []string{folder}, nil, io.Discard)
	var problems strictyaml.Problems
	if !errors.As(err, &problems) || !anyTold(problems, "more.yaml:19: library") || !strings.Contains(err.Error(), "mapping.local.library") {
		t.Errorf("without the dictionary: %v", err)
	}
}

func TestMistakesOfADictionaryAreToldWithTheConfiguration(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	config := filepath.Join(dir, "gateway.yaml")
	write(t, config, "public_url: https://sso.ac-exemple.fr\ntrusted_proxies: [127.0.0.0/8]\nmaster_secret_file: nulle-part\ndictionary_file: mots.yaml\n")
	for name, c := range map[string]struct{ text, want string }{
		"no file":        {"", "dictionary_file"},
		"a forbidden":    {strings.Replace(library, "attribute: library", "attribute: nir", 1), "mots.yaml:1:"},
		"a name of ours": {strings.Replace(library, "saml: {name: bibliotheque}", "saml: {name: UAI}", 1), "mots.yaml:6:"},
	} {
		if c.text != "" {
			write(t, filepath.Join(dir, "mots.yaml"), c.text)
		}
		err := app.Check(config, nil, nil, io.Discard)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "master_secret_file") {
			t.Errorf("%s: %v, want %s beside the mistake of the configuration", name, err, c.want)
		}
		os.Remove(filepath.Join(dir, "mots.yaml"))
	}
}

func TestNothingStartsOnADictionaryWithAMistake(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	desktest.LendKeys(t, data)
	write(t, filepath.Join(data, "dictionary.yaml"), strings.Replace(library, "cas: bibliotheque", "cas: fingerprint", 1))
	_, err := app.Demo(t.Context(), app.DemoOptions{Data: data, Listen: "127.0.0.1:0", OpsListen: "127.0.0.1:0", LogTo: io.Discard})
	if err == nil || !strings.Contains(err.Error(), "dictionary.yaml:8:") {
		t.Errorf("it starts, or fails otherwise: %v", err)
	}
}

func TestTheDictionaryIsPrintedWithTheWordsOfOnesOwn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	config := filepath.Join(dir, "gateway.yaml")
	write(t, config, "public_url: https://sso.ac-exemple.fr\ntrusted_proxies: [127.0.0.0/8]\nmaster_secret_file: m\ndictionary_file: mots.yaml\n")
	write(t, filepath.Join(dir, "mots.yaml"), library)
	for _, format := range []string{"table", "json", "markdown"} {
		var own, ours bytes.Buffer
		if err := errors.Join(app.PrintDictionary(config, format, nil, &own), app.PrintDictionary("", format, nil, &ours)); err != nil {
			t.Errorf("%s: %v", format, err)
		}
		if !strings.Contains(own.String(), "bibliotheque") || strings.Count(ours.String(), "library") >= strings.Count(own.String(), "library") || !strings.Contains(ours.String(), "pairwise-id") {
			t.Errorf("%s: the words are not those of the configuration, or not the program's", format)
		}
	}
	if err := app.PrintDictionary("", "csv", nil, io.Discard); err == nil || !strings.Contains(err.Error(), "markdown") {
		t.Errorf("an unknown form: %v", err)
	}
}
