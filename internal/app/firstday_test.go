package app_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"ecluse/internal/app"
	"ecluse/internal/policy/conformity/conformitytest"
	"ecluse/internal/registry"
	"ecluse/internal/registry/annuaire"
	"ecluse/internal/registry/manifest"
)

// behindProxy sends what a browser asks of https://localhost to a listener behind a proxy that ends TLS.
type behindProxy struct{ address string }

// RoundTrip implements http.RoundTripper.
func (p behindProxy) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host = "http", p.address
	r.Host = "localhost"
	r.Header.Set("X-Forwarded-Proto", "https")
	r.Header.Set("X-Forwarded-For", "192.0.2.7")
	return http.DefaultTransport.RoundTrip(r)
}

const firstSchools = `Identifiant_de_l_etablissement;Nom_etablissement;Type_etablissement;Statut_public_prive;Nom_commune;Code_departement;Libelle_academie;etat
0280202T;Collège Jean-Moulin;Collège;Public;Chartres;28;Exemple;OUVERT
`

const firstSource = `kind: Source
id: annuaire
name: {fr: Annuaire académique}
connector: ldap
authority: ac-exemple
settings: {url: "ldaps://ldap.ac-exemple.invalid", bind_dn: "cn=ecluse", bind_password_file: ldap.password, base_dn: "ou=personnes", structures_base_dn: "ou=structures"}
declaration:
  reference: REG-2026-1
  controller: {name: "Académie d'Exemple", office: recteur, dpo: dpd@ac-exemple.fr}
  covers: "annuaire académique, interconnexion avec la passerelle comprise"
  from: 2026-01-01
  until: 2036-12-31
`

const firstService = `kind: Service
id: lire
name: {fr: Lire}
sentence: {fr: "Un site pour lire des histoires."}
provider: Éditions du Canal
category: lecture
start: https://lire.example/connexion
bindings:
  - {protocol: oidc, handle: lire, settings: {redirect_uris: ["https://lire.example/retour"], type: public}}
`

// completed is a template of configs with what only the academy can say.
func completed(t *testing.T, name string, paper string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../../configs", name))
	if err != nil {
		t.Fatal(err)
	}
	today := registry.DateOf(time.Now())
	text := strings.NewReplacer(
		`controller: {name: "", office: recteur, dpo: "", contact: ""}`, `controller: {name: "Académie d'Exemple", office: recteur, dpo: dpd@ac-exemple.fr, contact: rectorat@ac-exemple.fr}`,
		`academies: []`, `academies: [exemple]`, `reference: "", signed: ""`, `reference: "Convention 2026-1", signed: `+today.Add(-30).String(), `directory: ""`, `directory: REG-2026-1`,
		`hash: ""`, `hash: `+paper, `document: "", large_scale`, `document: `+paper+`, large_scale`,
	).Replace(string(data))
	text = regexp.MustCompile(`date: ""`).ReplaceAllString(text, "date: "+today.Add(-30).String())
	return strings.Replace(strings.Replace(text, `from: ""`, "from: "+today.Add(-1).String(), 1), `until: ""`, "until: "+today.Add(200).String(), 1)
}

// TestTheFirstDay is the way of docs/operator.md, from an empty database to the first service that is open: schools, files,
// one-time words, the recteur whom two propose and confirm, opinions, approvals. Until the last of them nobody gets anywhere.
func TestTheFirstDay(t *testing.T) {
	t.Parallel()
	c, dir := servable(t), t.TempDir()
	const paper = `"file:papier.txt"`
	write(t, filepath.Join(dir, "papier.txt"), "une pièce")
	list := filepath.Join(t.TempDir(), "schools.csv")
	write(t, list, firstSchools)
	write(t, filepath.Join(dir, "ecluse.yaml"), completed(t, "ecluse.yaml", paper))
	write(t, filepath.Join(dir, "bureau.yaml"), completed(t, "bureau.yaml", paper))
	write(t, filepath.Join(dir, "annuaire.yaml"), firstSource)
	write(t, filepath.Join(dir, "lire.yaml"), firstService)
	d := conformitytest.Conforming("lire", "lire-1")
	today := registry.DateOf(time.Now())
	d.From, d.Until, d.Scope.All, d.Supplier.Until = today.Add(-1), today.Add(100), true, today.Add(400)
	d.Supplier.Signed, d.Supplier.Terms.Accepted, d.DPIA.Date = today.Add(-30), today.Add(-30), today.Add(-30)
	for i, p := range d.Documents { // conformitytest makes each hash of such a word
		name := string(p.Kind) + ".txt"
		write(t, filepath.Join(dir, name), string(p.Kind))
		d.Documents[i].Hash = "file:" + name
	}
	var text bytes.Buffer
	if err := manifest.Write(&text, d); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "lire-1.yaml"), text.String())

	var out bytes.Buffer
	if err := app.ImportSchools(t.Context(), c, app.ImportOptions{File: list, How: annuaire.How{}}, &out, &out); err != nil {
		t.Fatalf("schools: %v\n%s", err, out.String())
	}
	if err := app.Apply(t.Context(), c, app.ApplyOptions{Dir: dir}, &out, &out); err != nil {
		t.Fatalf("files: %v\n%s", err, out.String())
	}
	words := map[string]string{}
	for _, role := range []string{"dpo", "admin"} {
		out.Reset()
		o := app.AdminLinkOptions{Role: role, Over: []string{"academy=exemple"}, Reason: "premier jour", Until: today.Add(60).String()}
		if err := app.AdminLink(t.Context(), c, o, &out, &out); err != nil {
			t.Fatalf("%s: %v\n%s", role, err, out.String())
		}
		o.Role, o.Act = "recteur", "Arrêté 2026-1"
		if err := app.AdminLink(t.Context(), c, o, io.Discard, io.Discard); err == nil {
			t.Fatal("the command line appoints somebody who approves")
		}
		words[role] = regexp.MustCompile(`word +(\S+)`).FindStringSubmatch(out.String())[1]
	}

	a, err := app.Serve(t.Context(), c, &quietBuffer{})
	if err != nil {
		t.Fatal(err)
	}
	defer stopApp(t, a)
	w := &world{t: t, app: a, address: "localhost", public: "https://localhost", transport: behindProxy{a.Addr().String()}}
	s := &story{w: w, b: w.browser(), notes: map[string]string{}, clerks: map[string]*browser{}}
	closed := func(when string, want bool) {
		t.Helper()
		p, err := w.browser().get("https://localhost/go/lire")
		if err != nil || (p.status == http.StatusForbidden) != want {
			t.Fatalf("%s: %v, %s", when, err, p)
		}
	}
	must := func(what string, err error) {
		t.Helper()
		if err = firstOf(err, s.deskAgrees(nil)); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	closed("before anybody decided", true)
	for who, word := range words {
		s.notes["word"] = word
		if err := s.enterByWord([]string{who}); err != nil {
			t.Fatalf("%s: %v\n%s", who, err, s.where())
		}
	}
	s.firstRecteur(t, today.Add(60).String(), must)
	if err := s.ask("recteur", "PUT", "/sources/annuaire/approval", map[string]any{"state": "approved"}); err != nil || s.deskRefuses([]string{"step_up"}) != nil {
		t.Fatalf("the source without a step-up: %v, %s", err, s.said.text)
	}
	s.steppedToken(t, "recteur", "read", "approve_source", "approve")
	must("the source", s.ask("recteur", "PUT", "/sources/annuaire/approval", map[string]any{"state": "approved"}))
	for _, id := range []string{"ecluse-registre", "bureau-registre", "lire-1"} {
		at := "/declarations/" + id + "/versions/1"
		if err := s.ask("recteur", "POST", at+"/approve", map[string]any{}); err != nil || s.deskRefuses([]string{"opinion"}) != nil {
			t.Fatalf("%s without an opinion: %v, %s", id, err, s.said.text)
		}
		must(id+", opinion", s.ask("dpo", "POST", at+"/opinion", map[string]any{"value": "favourable"}))
		closed("after an opinion on "+id, true)
		must(id+", approval", s.ask("recteur", "POST", at+"/approve", map[string]any{}))
	}
	closed("when everything is approved", false)
	out.Reset()
	if err := app.Apply(t.Context(), c, app.ApplyOptions{Dir: dir}, &out, &out); err != nil {
		t.Fatalf("files again: %v\n%s", err, out.String())
	}
	closed("after the same files again", false)
	must("a stop of the gateway itself", s.ask("dpo", "POST", "/declarations/ecluse-registre/versions/1/suspend", map[string]any{"reason": "incident"}))
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
