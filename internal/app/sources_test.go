package app

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/strictyaml"
	"ecluse/internal/upstream"
	demosource "ecluse/internal/upstream/demo"
)

// mistakenSources has mistakes in the settings of one source of each kind.
const mistakenSources = `kind: Source
id: annuaire
name: {fr: Annuaire}
connector: ldap
authority: ac-exemple
settings:
  url: ldap://annuaire.exemple.fr
  bind_dn: cn=passerelle,dc=exemple
  bind_password_file: nulle-part
  base_dn: ou=people,dc=exemple
  pol: 3
declaration: {reference: R, controller: {name: Académie, office: recteur, dpo: dpd@ac-exemple.fr}, covers: Interconnexion, from: 2026-09-01, until: 2027-08-31}
---
kind: Source
id: ent
name: {fr: Mon ENT}
connector: saml
authority: ac-exemple
settings:
  idp: https://ent.exemple.fr/idp
  metadata_url: http://ent.exemple.fr/metadata
  metadata_folder: nulle-part
declaration: {reference: R, controller: {name: Académie, office: recteur, dpo: dpd@ac-exemple.fr}, covers: Interconnexion, from: 2026-09-01, until: 2027-08-31}
---
kind: Source
id: realm
name: {fr: Compte}
connector: oidc
authority: ac-exemple
settings:
  preset: keycloak
  issuer: http://connexion.exemple.fr
  client_id: ecluse
  client_secret_file: nulle-part
declaration: {reference: R, controller: {name: Académie, office: recteur, dpo: dpd@ac-exemple.fr}, covers: Interconnexion, from: 2026-09-01, until: 2027-08-31}
---
kind: Source
id: comptes
name: {fr: Comptes temporaires}
connector: local
authority: ac-exemple
mapping: {like: sdet}
settings:
  url: https://comptes.exemple.fr
declaration: {reference: R, controller: {name: Académie, office: recteur, dpo: dpd@ac-exemple.fr}, covers: Interconnexion, from: 2026-09-01, until: 2027-08-31}
---
kind: Source
id: autre
name: {fr: Autre}
connector: pigeon
authority: ac-exemple
declaration: {reference: R, controller: {name: Académie, office: recteur, dpo: dpd@ac-exemple.fr}, covers: Interconnexion, from: 2026-09-01, until: 2027-08-31}
---
kind: Source
id: inventee
name: {fr: Des personnes inventées}
connector: demo
authority: demo
declaration: {reference: R, controller: {name: Académie, office: recteur, dpo: dpd@ac-exemple.fr}, covers: Interconnexion, from: 2026-09-01, until: 2027-08-31}
`

// ofTheirOwn is the declaration of a source.
const ofTheirOwn = "declaration: {reference: R, controller: {name: Académie, office: recteur, dpo: dpd@ac-exemple.fr}, covers: Interconnexion, from: 2026-09-01, until: 2027-08-31}\n"

// inTheFile are the mistakes above that stand in the file; the three files that are not there come with a configuration.
func inTheFile() []string {
	return []string{
		"x.yaml:7:", "passwords would travel in clear", "x.yaml:11:", "settings.pol",
		"x.yaml:21:", "settings.metadata_url",
		"x.yaml:32:", "settings.issuer",
		"x.yaml:41:", "local:comptes", "x.yaml:42:", "there is nothing to map", "x.yaml:44:", "there is nothing to set",
		"x.yaml:50:", `the connector "pigeon" is not known (ldap, local, oidc, saml)`,
	}
}

func (o *office) configured(t *testing.T) string {
	t.Helper()
	file := filepath.Join(o.b.config.dir, "gateway.yaml")
	text := "public_url: https://sso.ac-exemple.fr\ntrusted_proxies: [127.0.0.0/8]\nmaster_secret_file: master.secret\n"
	writeText(t, file, text)
	return file
}

func TestCheckTellsEveryMistakeOfEverySourceWithItsLine(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.write("x.yaml", mistakenSources)
	var out bytes.Buffer
	err := Check(o.configured(t), []string{o.dir}, nil, &out)
	var problems strictyaml.Problems
	if !errors.As(err, &problems) {
		t.Fatal(err)
	}
	for _, want := range append(inTheFile(), "x.yaml:9:", "settings.bind_password_file", "x.yaml:22:", "settings.metadata_folder", "x.yaml:34:", "settings.client_secret_file") {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("not told: %s", want)
		}
	}
	if !strings.Contains(out.String(), "source inventee: the connector demo works in the demo only") || strings.Contains(err.Error(), "inventee") {
		t.Errorf("of the demo's: %s", out.String())
	}
	if t.Failed() {
		t.Log(err)
	}
}

func TestWithoutAConfigurationTheFilesOfASourceAreSaidNotToBeLookedAt(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.write("x.yaml", mistakenSources)
	var out bytes.Buffer
	err := Check("", []string{o.dir}, nil, &out)
	if err == nil {
		t.Fatal("no mistake is told")
	}
	for _, want := range inTheFile() {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("not told: %s", want)
		}
	}
	for _, name := range []string{"bind_password_file", "metadata_folder", "client_secret_file"} {
		if strings.Contains(err.Error(), "settings."+name) || !strings.Contains(out.String(), "the files in "+name+" were not looked at") {
			t.Errorf("of %s:\n%v\n%s", name, err, out.String())
		}
	}
}

func TestASettingThatIsMissingIsToldWithoutAConfigurationToo(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.write("x.yaml", strings.Replace(mistakenSources, "  bind_password_file: nulle-part\n", "", 1))
	if err := Check("", []string{o.dir}, nil, io.Discard); err == nil || !strings.Contains(err.Error(), "settings.bind_password_file") {
		t.Error(err)
	}
}

func TestCheckLooksAtTheRegisteredSourcesToo(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.write("x.yaml", mistakenSources)
	if _, err := o.apply(); err != nil {
		t.Fatal(err)
	}
	config := o.configured(t)
	err := Check(config, nil, nil, io.Discard)
	if err == nil {
		t.Fatal("the registered sources are not looked at")
	}
	for _, want := range []string{
		"the registry", "Source annuaire: settings.url", "Source ent: settings.metadata_url", "Source realm: settings.issuer",
		"Source comptes: authority", "Source autre: connector", "Source inventee: connector",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("not told: %s\n%v", want, err)
		}
	}
	mended := newOffice(t)
	mended.write("y.yaml", "kind: Source\nid: comptes\nname: {fr: Comptes temporaires}\nconnector: local\nauthority: local:comptes\n"+ofTheirOwn)
	err = Check(config, []string{mended.dir}, nil, io.Discard)
	if err == nil || strings.Contains(err.Error(), "comptes") || !strings.Contains(err.Error(), "Source annuaire") {
		t.Errorf("files that mend a source: %v", err)
	}
}

func TestSourcesWithoutAMistakeAreFine(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	writeText(t, filepath.Join(o.b.config.dir, "mot-de-passe"), "geheim")
	o.write("x.yaml", `kind: Source
id: annuaire
name: {fr: Annuaire}
connector: ldap
authority: ac-exemple
settings:
  url: ldaps://annuaire.exemple.fr
  bind_dn: cn=passerelle,dc=exemple
  bind_password_file: mot-de-passe
  base_dn: ou=people,dc=exemple
`+ofTheirOwn+`---
kind: Source
id: comptes
name: {fr: Comptes temporaires}
connector: local
authority: local:comptes
`+ofTheirOwn)
	if err := Check(o.configured(t), []string{o.dir}, nil, io.Discard); err != nil {
		t.Error(err)
	}
}

func TestTheDemosENTHasASignOutAndItsPageOfPeopleNone(t *testing.T) {
	t.Parallel()
	made := demoConnector(nil, demosource.ENT{Quit: "http://ent.localhost/deconnexion"})
	for _, c := range []struct {
		settings map[string]any
		location string
		err      error
	}{{map[string]any{"ent": true}, "http://ent.localhost/deconnexion", nil}, {nil, "", upstream.ErrNoSession}} {
		connector, err := made(&gateway{base: &base{now: time.Now}}, registry.Source{ID: "x", Settings: c.settings})
		if err != nil {
			t.Fatal(err)
		}
		if location, err := connector.SignOut(t.Context(), person.Authn{}); location != c.location || !errors.Is(err, c.err) {
			t.Errorf("%v: %q, %v", c.settings, location, err)
		}
	}
}

func writeText(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
