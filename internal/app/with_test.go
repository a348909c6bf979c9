package app_test

import (
	"bytes"
	"compress/flate"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"ecluse/internal/admin"
	"ecluse/internal/app"
	"ecluse/internal/registry"
	"ecluse/internal/strictyaml"
)

// TestWithAddsServicesSourcesAndPeople starts the demo with a folder of further files and signs its person in to its
// service; the harness is the service.
func TestWithAddsServicesSourcesAndPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{With: "testdata/with/good"})
	b := w.browser()
	b.hold = func(u *url.URL) bool { return u.Hostname() == "relais.localhost" }
	if err := b.open(w.public + "/saml/sso?" + authnRequest(t, w.public)); err != nil {
		t.Fatal(err)
	}
	s := &story{w: w, b: b}
	for _, press := range [][2]string{{"source", "rives"}, {"person", "yael"}, {"act", "informed"}} {
		if err := s.press(press[0], press[1]); err != nil {
			t.Fatalf("%s %s: %v\n%s", press[0], press[1], err, s.where())
		}
	}
	if b.held == nil || b.held.to.String() != "http://relais.localhost:9/acs" || b.held.fields.Get("RelayState") != "retour" {
		t.Fatalf("no answer is on its way to the service\n%s", s.where())
	}
	response, err := base64.StdEncoding.DecodeString(b.held.fields.Get("SAMLResponse"))
	if err != nil || !strings.Contains(string(response), "6EME") || strings.Contains(string(response), "Bernard") {
		t.Errorf("the answer is not what is declared: %v", err)
	}
	// The person is known to explain too, and kept for a run without the folder.
	w.options.With = ""
	w.restart()
	var out bytes.Buffer
	o := app.ExplainOptions{Data: w.options.Data, Person: "demo:yael", UAI: "0280505X", Service: "relais", JSON: true}
	var e admin.Explanation
	if err := errors.Join(app.Explain(t.Context(), o, &out, io.Discard), json.Unmarshal(out.Bytes(), &e)); err != nil || !e.Allowed {
		t.Errorf("explain: %v, allowed %v because %s", err, e.Allowed, e.Reason)
	}
}

// TestTheExampleWorksAsItStands plays what docs/integrator.md says of the folder that a newcomer copies.
func TestTheExampleWorksAsItStands(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{With: "../../configs/example"})
	b := w.browser()
	b.hold = func(u *url.URL) bool { return u.Host == "essai.localhost:9999" }
	ask := url.Values{
		"client_id": {"essai"}, "response_type": {"code"}, "redirect_uri": {"http://essai.localhost:9999/cb"}, "scope": {"openid school"}, "state": {"12345678"},
		"nonce": {"abcdefgh"}, "code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "code_challenge_method": {"S256"},
	}
	if err := b.open(w.public + "/oidc/authorize?" + ask.Encode()); err != nil {
		t.Fatal(err)
	}
	s := &story{w: w, b: b}
	for _, press := range [][2]string{{"person", "lina"}, {"act", "informed"}} {
		if err := s.press(press[0], press[1]); err != nil {
			t.Fatalf("%s %s: %v\n%s", press[0], press[1], err, s.where())
		}
	}
	if b.held == nil || b.held.to.Query().Get("code") == "" || b.held.to.Query().Get("state") != "12345678" {
		t.Fatalf("no code is on its way to the service\n%s", s.where())
	}
	answer, err := http.PostForm(w.public+"/oidc/token", url.Values{
		"grant_type": {"authorization_code"}, "client_id": {"essai"}, "code": {b.held.to.Query().Get("code")},
		"redirect_uri": {"http://essai.localhost:9999/cb"}, "code_verifier": {"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var tokens struct {
		Access string `json:"access_token"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&tokens); err != nil || answer.StatusCode != http.StatusOK || tokens.Access == "" {
		t.Errorf("the token endpoint answers %d, %v", answer.StatusCode, err)
	}
}

// authnRequest is the query of an unsigned request of relais by HTTP-Redirect (SAML Bindings 3.4).
func authnRequest(t testing.TB, gateway string) string {
	t.Helper()
	text := fmt.Sprintf(`<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" `+
		`ID="_relais1" Version="2.0" IssueInstant="%s" Destination="%s/saml/sso"><saml:Issuer>http://relais.localhost:9/metadata</saml:Issuer></samlp:AuthnRequest>`,
		time.Now().UTC().Format("2006-01-02T15:04:05Z"), gateway)
	var packed bytes.Buffer
	z, err := flate.NewWriter(&packed, flate.DefaultCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return url.Values{"SAMLRequest": {base64.StdEncoding.EncodeToString(packed.Bytes())}, "RelayState": {"retour"}}.Encode()
}

// TestEveryMistakeOfAFolderIsToldAtOnce reads a folder of mistakes by each command that reads folders.
func TestEveryMistakeOfAFolderIsToldAtOnce(t *testing.T) {
	t.Parallel()
	want := []string{
		"service.yaml:2: id", "service.yaml:3: name.fr", "service.yaml:8: carrier-pigeon", "service.yaml:19: outside",
		"service.yaml:29: fragment", "service.yaml:36: category",
		"others.yaml:3: nulle-part", "others.yaml:12: nir", "others.yaml:14: National_ROI", "others.yaml:31: shoe_size",
		"others.yaml:37: before the first", "others.yaml:40: 0280505X would", "others.yaml:46: declaration of its own",
	}
	told := map[string]error{"check": app.Check("", []string{"testdata/with/mistakes"}, nil, io.Discard)}
	_, told["demo"] = app.Demo(t.Context(), app.DemoOptions{
		Data: t.TempDir(), With: "testdata/with/mistakes", Listen: "127.0.0.1:0", OpsListen: "127.0.0.1:0", LogTo: &quietBuffer{},
	})
	told["apply"] = app.Apply(t.Context(), servable(t), app.ApplyOptions{Dir: "testdata/with/mistakes"}, io.Discard, io.Discard)
	for command, err := range told {
		var problems strictyaml.Problems
		if !errors.As(err, &problems) {
			t.Errorf("%s says %v", command, err)
			continue
		}
		for _, mistake := range want {
			if !anyTold(problems, mistake) {
				t.Errorf("%s does not tell %s; it tells\n%v", command, mistake, err)
			}
		}
	}
}

func TestMistakesOfPeopleAreTold(t *testing.T) {
	t.Parallel()
	const folder = "testdata/with/mistaken_people"
	told := map[string]error{"check": app.Check("", []string{folder}, nil, io.Discard)}
	_, told["demo"] = app.Demo(t.Context(), app.DemoOptions{
		Data: t.TempDir(), With: folder, Listen: "127.0.0.1:0", OpsListen: "127.0.0.1:0", LogTo: &quietBuffer{},
	})
	for command, err := range told {
		var problems strictyaml.Problems
		if !errors.As(err, &problems) || !anyTold(problems, "people.yaml:5: National_ROI") {
			t.Errorf("%s says %v", command, err)
		}
	}
	err := app.Apply(t.Context(), servable(t), app.ApplyOptions{Dir: "testdata/with/good"}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "in the demo only") {
		t.Errorf("people are applied outside the demo: %v", err)
	}
}

func anyTold(problems strictyaml.Problems, mistake string) bool {
	var line int
	file, rest, _ := strings.Cut(mistake, ":")
	number, word, _ := strings.Cut(rest, ": ")
	if _, err := fmt.Sscan(number, &line); err != nil {
		return false
	}
	for _, p := range problems {
		if filepath.Base(p.File) == file && p.Line == line && strings.Contains(p.Error(), word) {
			return true
		}
	}
	return false
}

// TestAFileNeverApproves applies the same folder twice: what it declares is left submitted, the second time changes
// nothing, and the service stays closed.
func TestAFileNeverApproves(t *testing.T) {
	t.Parallel()
	c, dir := servable(t), t.TempDir()
	for name, edit := range map[string]func(string) string{
		"service.yaml": func(s string) string { return strings.ReplaceAll(s, "http://", "https://") },
		"relais.xml":   func(s string) string { return strings.ReplaceAll(s, "http://relais", "https://relais") },
		"more.yaml":    func(s string) string { return s },
	} {
		data, err := os.ReadFile(filepath.Join("testdata/with/good", name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), edit(string(data)))
	}
	for i, want := range []string{"submitted  Declaration 2026-100 v1", "unchanged  Declaration 2026-100 v1"} {
		var out bytes.Buffer
		if err := app.Apply(t.Context(), c, app.ApplyOptions{Dir: dir}, &out, io.Discard); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), want) {
			t.Errorf("run %d says:\n%s", i+1, out.String())
		}
	}
	w := &world{t: t, options: app.DemoOptions{Data: filepath.Dir(c.MasterSecretFile)}}
	w.openBeside()
	defer w.db.Close()
	contents := w.contents()
	for _, d := range contents.Declarations {
		if d.State != registry.Submitted || d.WasApproved() || len(d.Decisions) != 1 {
			t.Errorf("declaration %s is %s after %d decisions", d.ID, d.State, len(d.Decisions))
		}
	}
	for _, source := range contents.Sources {
		if source.Declaration.State != registry.Submitted {
			t.Errorf("the declaration of source %s is %s", source.ID, source.Declaration.State)
		}
	}
	if len(contents.Services) != 1 || len(contents.Declarations) != 1 || len(contents.Sources) != 1 {
		t.Errorf("the registry holds %d services, %d declarations, %d sources", len(contents.Services), len(contents.Declarations), len(contents.Sources))
	}
	a, err := app.Serve(t.Context(), c, &quietBuffer{})
	if err != nil {
		t.Fatal(err)
	}
	stopApp(t, a)
}

// TestVerifyFindsWhatWasDoneToTheJournal changes rows behind the gateway's back.
func TestVerifyFindsWhatWasDoneToTheJournal(t *testing.T) {
	t.Parallel()
	for name, query := range map[string]string{
		"changed reason":     `UPDATE audit_entries SET reason = 'other' WHERE action = 'refusal'`,
		"changed attributes": `UPDATE audit_entries SET attributes = '["mail"]' WHERE action = 'release'`,
		"removed":            `DELETE FROM audit_entries WHERE action = 'release'`,
		"removed the last": `DELETE FROM audit_entries WHERE class = 'sign_in' AND sequence =
			(SELECT max(sequence) FROM audit_entries WHERE class = 'sign_in')`,
		"reordered": `UPDATE audit_entries SET sequence = -sequence WHERE class = 'sign_in';
			UPDATE audit_entries SET sequence = (SELECT max(-sequence) FROM audit_entries WHERE class = 'sign_in') + 1 + sequence
			WHERE class = 'sign_in'`,
		"nothing": "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, app.DemoOptions{})
			play(t, w, "testdata/stories/informed_once.txt")
			if _, err := w.browser().get(w.public + "/go/discute"); err != nil {
				t.Fatal(err)
			}
			if _, err := w.browser().get(w.public + "/go/ancien"); err != nil {
				t.Fatal(err)
			}
			w.stop()
			if query != "" {
				tamper(t, filepath.Join(w.options.Data, "ecluse.db"), query)
			}
			c, err := app.DataConfig(w.options.Data)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			err = app.VerifyJournal(context.Background(), c, &out, io.Discard)
			if found := errors.Is(err, app.ErrJournal); found != (query != "") {
				t.Errorf("found %v: %v\n%s", found, err, out.String())
			}
		})
	}
}

func tamper(t *testing.T, file, query string) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	result, err := db.Exec(query)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		t.Fatalf("%d rows were changed: %v", n, err)
	}
}

// TestAnObjectWithOneMistakeTellsItsOthersToo keeps people from mending a file one mistake at a time.
func TestAnObjectWithOneMistakeTellsItsOthersToo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := "kind: Declaration\nid: d\nservice: nulle-part\nversion: deux\nitms: []\nitems:\n  - attribute: nir\nmode: secret\n"
	if err := os.WriteFile(filepath.Join(dir, "a.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	err := app.Check("", []string{dir}, nil, io.Discard)
	if err == nil {
		t.Fatal("no mistake was found")
	}
	for _, want := range []string{"a.yaml:3", "a.yaml:4", "a.yaml:5", "a.yaml:7", "a.yaml:8"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the mistake at %s is not told:\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "counted from 1") {
		t.Errorf("the version is complained of twice:\n%v", err)
	}
}
