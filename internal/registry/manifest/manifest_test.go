package manifest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"ecluse/internal/registry"
	"ecluse/internal/registry/manifest"
	"ecluse/internal/strictyaml"
)

const lire = `kind: Service
id: lire
name: {fr: Lire}
sentence: {fr: Pour lire.}
provider: Lire SAS
bindings:
  - protocol: saml
    handle: https://lire.example/sp
    subject: mail
    names: {mail: adresse}
    settings: {metadata_file: sp.xml, name_id: persistent}
  - {protocol: oidc, handle: lire}
`

const school = `kind: Establishment
uai: 0280101H
name: École
type: ecole
academy: Exemple
department: 028
`

func files(named ...string) fstest.MapFS {
	fs := fstest.MapFS{}
	for i := 0; i+1 < len(named); i += 2 {
		fs[named[i]] = &fstest.MapFile{Data: []byte(named[i+1])}
	}
	return fs
}

func TestLoadReadsEveryKind(t *testing.T) {
	t.Parallel()
	l, problems := manifest.Load(files(
		"services/lire.yaml", lire, "services/sp.xml", "<EntityDescriptor/>", "services/readme.md", "kind: Nothing",
		"b.yml", school+"---\n"+`kind: Declaration
id: lire-ecoles
service: lire
version: 2
from: 2026-09-01
until: 2027-08-31
max_session: 8h
---
kind: Source
id: ent
mapping: {authority: a, id: uid, values: {mail: mail}}
---
kind: Delegation
id: d1
---
kind: Enabling
service: lire
uai: 0280101H
state: enabled
declaration: lire-ecoles
version: 2
paper: {act: "2026-3", date: 2026-09-02, signatory: chef d'établissement, document: abc}
---
kind: Model
id: lire
declaration: {mode: nominative}
recipes: [{protocol: saml, names: {mail: email}}]
---
kind: Tool
id: chat
reasons: [{text: {fr: Non.}, law: RGPD art. 28}]
---
kind: Person
id: ada
given_name: Ada
`))
	if err := problems.Or(); err != nil {
		t.Fatal(err)
	}
	if len(l.Services) != 1 || len(l.Declarations) != 1 || len(l.Establishments) != 1 || len(l.Sources) != 1 || len(l.Delegations) != 1 {
		t.Fatalf("not everything is read: %+v", l.Change)
	}
	d := l.Declarations[0]
	if d.ServiceID != "lire" || d.Version != 2 || d.From.String() != "2026-09-01" || d.MaxSession.Hours() != 8 || d.ManagedBy != "b.yml" {
		t.Errorf("declaration %+v", d)
	}
	if e := l.Establishments[0]; e.Department != "028" || e.ManagedBy != "b.yml" || e.Kind != registry.Ecole {
		t.Errorf("establishment %+v", e)
	}
	if s := l.Sources[0]; s.Mapping == nil || s.Mapping.Values["mail"] != "mail" {
		t.Errorf("the source's mapping is not read")
	}
	if e := l.Enablings; len(e) != 1 || e[0].State != registry.Enabled || e[0].Paper == nil || e[0].Paper.Date.String() != "2026-09-02" || e[0].ManagedBy != "b.yml" {
		t.Errorf("enablings %+v", e)
	}
	if m := l.Models; len(m) != 1 || m[0].Draft.Mode != registry.Nominative || m[0].Recipes[0].Names["mail"] != "email" || m[0].ManagedBy != "b.yml" {
		t.Errorf("models %+v", m)
	}
	if a := l.Assessments; len(a) != 1 || a[0].Reasons[0].Law != "RGPD art. 28" || a[0].ManagedBy != "b.yml" {
		t.Errorf("assessed tools %+v", a)
	}
	if len(l.People) != 1 || l.People[0].File != "b.yml" {
		t.Fatalf("%d people are kept aside, want 1", len(l.People))
	}
	if id, ok := l.People[0].Field("id"); !ok || id != "ada" {
		t.Errorf("the person kept aside is %q", id)
	}
	bindings := l.Services[0].Bindings
	if len(bindings) != 2 || bindings[0].Subject != "mail" || bindings[0].Names["mail"] != "adresse" || l.Services[0].ManagedBy != "services/lire.yaml" {
		t.Fatalf("bindings %+v", bindings)
	}
	var settings map[string]string
	if err := json.Unmarshal(bindings[0].Settings, &settings); err != nil {
		t.Fatal(err)
	}
	if len(settings) != 2 || settings["metadata"] != "<EntityDescriptor/>" || settings["name_id"] != "persistent" {
		t.Errorf("settings %v: the file beside the manifest must stand in them", settings)
	}
}

func TestNoFileSaysTheStateOfADeclaration(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"state: approved", "since: 2026-01-01", "decisions: []", "managed_by: me", "message: {fr: x}"} {
		_, problems := manifest.Load(files("a.yaml", "kind: Declaration\nid: d\n"+key+"\n"))
		wantOne(t, key, problems, "a.yaml:3:1: "+strings.SplitN(key, ":", 2)[0]+": unknown key")
	}
	for _, key := range []string{"since: 2026-01-01", "decisions: []", "managed_by: me"} {
		_, problems := manifest.Load(files("a.yaml", "kind: Enabling\nservice: s\n"+key+"\n"))
		wantOne(t, key, problems, "a.yaml:3:1: "+strings.SplitN(key, ":", 2)[0]+": unknown key")
	}
	_, problems := manifest.Load(files("a.yaml", "kind: Model\nid: m\nopinions: []\ndeclaration: {state: approved}\n"))
	if len(problems) != 2 {
		t.Errorf("a model comes examined or approved out of a file: %v", problems)
	}
	l, _ := manifest.Load(files("a.yaml", "kind: Declaration\nid: d\nversion: 1\n"))
	if d := l.Declarations[0]; d.State != "" || d.WasApproved() {
		t.Errorf("a declaration comes %q out of a file", d.State)
	}
	_, problems = manifest.Load(files("a.yaml", "kind: Source\nid: s\ndeclaration: {state: approved, demo: true}\n"))
	if len(problems) != 2 {
		t.Errorf("a source's declaration comes approved out of a file: %v", problems)
	}
}

func wantOne(t *testing.T, name string, problems strictyaml.Problems, want string) {
	t.Helper()
	if len(problems) != 1 || !strings.HasPrefix(problems[0].Error(), want) {
		t.Errorf("%s: %q, want one that begins with %q", name, problems.Error(), want)
	}
}

func TestEveryMistakeHasItsFileAndLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"no kind", "id: x\n", "a.yaml:1:1: the key kind is missing (Service, Declaration"},
		{"an unknown kind", "id: x\nkind: Servce\n", `a.yaml:2:7: kind: the kind "Servce" is not known`},
		{"no mapping", "- kind: Service\n", "a.yaml:1:1: the key kind is missing"},
		{"a text", "Service\n", "a.yaml:1:1: the key kind is missing"},
		{"an unknown key", "kind: Establishment\nuai: x\ndepartement: 028\n", "a.yaml:3:1: departement: unknown key (did you mean department?)"},
		{"an unknown key below", "kind: Declaration\nid: d\ncontroller: {name: x, dpd: y}\n", "a.yaml:3:23: controller.dpd: unknown key (did you mean dpo?)"},
		{"an unknown key of a binding", "kind: Service\nid: s\nbindings:\n  - {protocole: saml}\n", "a.yaml:4:6: bindings[0].protocole: unknown key (did you mean protocol?)"},
		{"a bad date", "kind: Declaration\nid: d\nfrom: 01/09/2026\n", `a.yaml:3:7: from: date "01/09/2026": yyyy-mm-dd is expected`},
		{"a key twice", "kind: Service\nid: s\nid: t\n", "a.yaml:3:1: id: this key stands twice, first in line 2"},
		{"a list for a text", "kind: Service\nid: [s]\n", "a.yaml:2:5: id: one value is expected here"},
		{"broken YAML", "kind: Service\n  id: s\n", "a.yaml:2"},
		{"an alias", "kind: Service\nid: &a s\nprovider: *a\n", "a.yaml:3:11: aliases and merges are not read"},
	} {
		_, problems := manifest.Load(files("a.yaml", c.text))
		wantOne(t, c.name, problems, c.want)
	}
}

func TestAllMistakesOfAllFilesAreToldAtOnce(t *testing.T) {
	t.Parallel()
	l, problems := manifest.Load(files(
		"a.yaml", "kind: Service\nid: s\nnme: x\nprovder: y\n---\nkind: Nothing\n",
		"b/c.yaml", "kind: Declaration\nid: d\nversion: deux\n", "d.yaml", school,
	))
	var got []string
	for _, p := range problems {
		got = append(got, fmt.Sprintf("%s:%d", p.File, p.Line))
	}
	if want := "a.yaml:3 a.yaml:4 a.yaml:6 b/c.yaml:3"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if len(l.Services) != 1 || len(l.Declarations) != 1 || len(l.Establishments) != 1 {
		t.Errorf("an object is not there to be examined further: %+v", l.Change)
	}
	for where, want := range map[string]bool{"version": true, "version.x": true, "versions": false, "scope.level": false} {
		if got := l.Told("Declaration", "d v0", where); got != want {
			t.Errorf("Told %s: %v, want %v", where, got, want)
		}
	}
}

func TestTheSameObjectTwiceIsAMistake(t *testing.T) {
	t.Parallel()
	_, problems := manifest.Load(files("a.yaml", school, "b.yaml", "# again\n"+school))
	wantOne(t, "an establishment", problems, "b.yaml:2:1: Establishment 0280101H stands twice, first in a.yaml")
	one, two := "kind: Declaration\nid: d\nversion: 1\n", "---\nkind: Declaration\nid: d\nversion: 2\n"
	if l, problems := manifest.Load(files("a.yaml", one+two)); problems.Or() != nil || len(l.Declarations) != 2 {
		t.Errorf("two versions are not twice the same: %v", problems)
	}
	if l, problems := manifest.Load(files("a.yaml", "kind: Source\nid: x\n---\nkind: Delegation\nid: x\n")); problems.Or() != nil || len(l.Sources) != 1 {
		t.Errorf("two kinds under one id are not twice the same: %v", problems)
	}
}

func TestSideFilesLieBesideOrBelow(t *testing.T) {
	t.Parallel()
	fs := files("m/sp/deep.xml", "<deep/>", "m/side.xml", "<side/>", "secret.xml", "<secret/>", "n/other.xml", "<other/>",
		"m/latin.xml", "<nom>\xe9cole</nom>")
	fs["m/big.xml"] = &fstest.MapFile{Data: make([]byte, 1<<20+1)}
	for name, want := range map[string]string{
		`"side.xml"`: "<side/>", `"sp/deep.xml"`: "<deep/>", `"./side.xml"`: "<side/>",
		`"../secret.xml"`: "", `"../n/other.xml"`: "", `"sp/../../secret.xml"`: "", `"/secret.xml"`: "", `"../m/side.xml"`: "",
		`"absent.xml"`: "", `""`: "", `"."`: "", `".."`: "", `"sp"`: "", `"big.xml"`: "", `"latin.xml"`: "", `7`: "", `[side.xml]`: "",
	} {
		fs["m/a.yaml"] = &fstest.MapFile{Data: []byte("kind: Service\nid: s\nbindings:\n  - settings:\n      metadata_file: " + name + "\n")}
		l, problems := manifest.Load(fs)
		if want == "" {
			wantOne(t, name, problems, "m/a.yaml:5:22: bindings[0].settings.metadata_file: ")
			if strings.Contains(problems.Error(), "<secret/>") {
				t.Errorf("%s: the text of the file is in the message", name)
			}
			continue
		}
		if err := problems.Or(); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := string(l.Services[0].Bindings[0].Settings); !strings.Contains(got, strings.Trim(want, "</>")) {
			t.Errorf("%s: settings %s", name, got)
		}
	}
}

func TestATextAndItsFileExcludeEachOther(t *testing.T) {
	t.Parallel()
	_, problems := manifest.Load(files("sp.xml", "<b/>", "a.yaml",
		"kind: Service\nid: s\nbindings:\n  - settings:\n      metadata: <a/>\n      metadata_file: sp.xml\n"))
	wantOne(t, "both", problems, "a.yaml:6:22: bindings[0].settings.metadata_file: metadata is given twice")
}

func TestFindingsOfObjectsGetTheirPlace(t *testing.T) {
	t.Parallel()
	l, _ := manifest.Load(files("a.yaml", "kind: Declaration\nid: d\nversion: 3\nitems:\n  - attribute: mail\n  - attribute: nir\n"))
	f := registry.Finding{Where: "items[1].attribute", What: "never", Mend: "leave it", Law: "art. 87"}
	if got, want := l.At("Declaration", "d v3", f).Error(), "a.yaml:6:16: Declaration d v3: items[1].attribute: never [art. 87] (leave it)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := l.At("Declaration", "other v1", f).Error(); !strings.Contains(got, "other v1") || !strings.Contains(got, "items[1].attribute") {
		t.Errorf("%q must name the object", got)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(lire))
	f.Add([]byte(school + "---\nkind: Person\nid: a\n"))
	f.Add([]byte("kind: Service\nid: s\nbindings: [{settings: {a_file: ../x, b: {1: 2}, c: .nan}}]\n"))
	f.Add([]byte("kind: Source\nsettings: {a: [1, {b: c}]}\ndeclaration: {from: 2026-01-01}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, problems := manifest.Load(fstest.MapFS{"m/a.yaml": {Data: data}, "x": {Data: []byte("OUTSIDE")}, "m/y": {Data: []byte("beside")}})
		for _, p := range problems {
			if p.File != "m/a.yaml" || p.What == "" {
				t.Errorf("a problem without its place: %+v", p)
			}
		}
		text, err := json.Marshal(l.Change)
		if err != nil {
			t.Fatalf("what is read cannot be stored: %v", err)
		}
		if strings.Contains(string(text), "OUTSIDE") && !strings.Contains(string(data), "OUTSIDE") {
			t.Error("a file outside the manifest's folder is read")
		}
		for _, d := range l.Declarations {
			if d.State != "" || d.WasApproved() {
				t.Error("a declaration that decides for itself")
			}
		}
	})
}
