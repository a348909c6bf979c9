package app

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ecluse/internal/registry"
)

const aSchool = `kind: Establishment
uai: 0280202T
name: Collège Jean-Moulin
town: Chartres
type: college
academy: exemple
department: "028"
`

const aService = `kind: Service
id: lire
name: {fr: Lire}
sentence: {fr: Pour lire.}
provider: Lire SAS
bindings:
  - protocol: oidc
    handle: lire
    settings: {type: public, redirect_uris: ["https://lire.example/cb"]}
`

const aDeclaration = `kind: Declaration
id: lire-1
service: lire
version: 1
controller: {name: Académie d'Exemple, office: recteur, dpo: dpd@ac-exemple.fr}
supplier: {relation: processor, name: Lire SAS, reference: CTR-1}
scope: {level: academy, academies: [exemple]}
purposes: [{fr: Lire}]
basis: {kind: public_interest, text: "Code de l'éducation, art. L.131-2"}
mode: pseudonymous
items:
  - attribute: pseudonym
    justification: {fr: retrouver ses lectures}
audience: {profiles: [National_ELV]}
hosting: [FR]
retention: {fr: année scolaire}
from: 2026-09-01
until: 2027-08-31
`

const aSource = `kind: Source
id: annuaire
name: {fr: Annuaire}
connector: ldap
authority: ac-exemple
settings: {url: "ldaps://annuaire.example", port: 636, pages: 1.5, flat: true}
declaration:
  reference: ANN-1
  controller: {name: Académie d'Exemple, office: recteur, dpo: dpd@ac-exemple.fr}
  covers: annuaire et interconnexion
  from: 2026-09-01
  until: 2027-08-31
`

const aDelegation = `kind: Delegation
id: adjoint-1
uai: 0280202T
function: ADJ
act: "2026-7"
from: 2026-09-01
until: 2027-08-31
`

var hash = strings.Repeat("0a", 32)

const aTool = `kind: Tool
id: chat
name: {fr: Chat}
vendor: Chat Inc.
reasons: [{text: {fr: Aucun contrat.}, law: RGPD art. 28}]
alternatives: [{model: via, name: VIA, audience: {fr: personnels}, use: {fr: réunions}}]
sources: [{what: les conditions}]
date: 2026-01-01
review: 2026-06-30
`

const aModel = `kind: Model
id: lecture
version: 1
name: {fr: Lecture}
vendor: Lire SAS
category: lecture
about: {fr: Pour lire.}
declaration: {supplier: {relation: processor}, mode: pseudonymous, items: [{attribute: uai, justification: {fr: savoir où}}]}
sources: [{what: la notice}]
date: 2026-01-01
review: 2026-06-30
`

func everything() string {
	return strings.Join([]string{aSchool, aService, aDeclaration, aSource, aDelegation, anEnabling("enabled", aPaper("2026-3")), aTool, aModel}, "---\n")
}

func TestApplyPrintsThePlanAndASecondTimeWritesNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.write("a.yaml", everything())
	dry := o.applied(func(a *ApplyOptions) { a.DryRun = true })
	if c := o.contents(); c.Revision != 0 || len(c.Services) > 0 {
		t.Fatalf("a dry run wrote revision %d", c.Revision)
	}
	out := o.applied()
	if rest, _ := strings.CutSuffix(dry, "the registry is as it was (--dry-run)\n"); !strings.HasPrefix(out, rest) {
		t.Errorf("a dry run says\n%s\nand the real one\n%s", dry, out)
	}
	wantLines(t, out, "created    Service lire", "created    Establishment 0280202T", "created    Source annuaire", "created    Delegation adjoint-1",
		"submitted  Declaration lire-1 v1", "claimed    Enabling lire 0280202T", "created    Tool chat", "created    Model lecture", "registry revision 1")
	again := o.applied()
	wantLines(t, again, "unchanged  Service lire", "unchanged  Declaration lire-1 v1", "unchanged  Enabling lire 0280202T", "8 unchanged", "nothing to change")
	if c := o.contents(); c.Revision != 1 {
		t.Errorf("the second run wrote revision %d", c.Revision)
	}
	o.write("a.yaml", strings.Replace(everything(), "town: Chartres", "town: Dreux", 1))
	wantLines(t, o.applied(), "changed    Establishment 0280202T", `town: "Chartres" → "Dreux"`, "7 unchanged", "registry revision 2")
	o.write("a.yaml", strings.Replace(everything(), "fr: Lire}", "fr: Lire, en: Read}", 1))
	wantLines(t, o.applied(), "changed    Service lire", `name.en: nothing → "Read"`, "registry revision 3")
}

func TestAMistakeInOneFileWritesNothingOfAnother(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.write("a.yaml", aSchool+"---\n"+aService)
	o.write("b.yaml", strings.Replace(aDeclaration, "mode: pseudonymous", "mode: open\nstate: approved", 1))
	_, err := o.apply()
	if err == nil || !strings.Contains(err.Error(), `b.yaml:10:7: Declaration lire-1 v1: mode: "open"`) || !strings.Contains(err.Error(), "b.yaml:11:1: state: unknown key") {
		t.Errorf("apply says %v", err)
	}
	if c := o.contents(); c.Revision != 0 || len(c.Services) > 0 || len(c.Establishments) > 0 {
		t.Error("something was written")
	}
}

func TestAPlanMadeOnAnOlderRegistryWritesNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.write("a.yaml", aSchool)
	o.applied()
	o.write("a.yaml", aService)
	p, err := o.b.planOf(t.Context(), ApplyOptions{Dir: o.dir})
	if err != nil {
		t.Fatal(err)
	}
	o.put(registry.Change{Establishments: []registry.Establishment{{UAI: "0280101H", Name: "École", Academy: "exemple", Department: "028", Kind: registry.Ecole}}})
	if _, err := o.b.applied(t.Context(), p.change, "command:apply"); !errors.Is(err, registry.ErrConflict) {
		t.Errorf("an old plan was written: %v", err)
	}
}

// TestWhatTheConsoleManagesIsTakenOverOnPurposeOnly writes objects as the console does, then brings files about them.
func TestWhatTheConsoleManagesIsTakenOverOnPurposeOnly(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.write("a.yaml", everything())
	o.applied()
	c := o.contents()
	c.Services[0].ManagedBy, c.Declarations[0].ManagedBy, c.Enablings[0].ManagedBy, c.Models[0].ManagedBy = "", "", "", ""
	o.put(registry.Change{Services: c.Services, Declarations: c.Declarations, Enablings: c.Enablings, Models: c.Models})
	wantLines(t, o.applied(), "unchanged  Service lire\n             managed by the console", "nothing to change")
	other := strings.NewReplacer("provider: Lire SAS", "provider: Lire SA", "hosting: [FR]", "hosting: [DE]", `act: "2026-3"`, `act: "2026-4"`, "about: {fr: Pour lire.}", "about: {fr: Lire.}")
	o.write("a.yaml", other.Replace(everything()))
	_, err := o.apply()
	for _, name := range []string{"Service lire", "Declaration lire-1 v1", "Enabling lire 0280202T", "Model lecture"} {
		if err == nil || !strings.Contains(err.Error(), name+": the console manages it") {
			t.Errorf("%s is not refused: %v", name, err)
		}
	}
	if got := o.contents().Services[0]; got.Provider != "Lire SAS" || got.ManagedBy != "" {
		t.Errorf("the service is %s, managed by %q", got.Provider, got.ManagedBy)
	}
	wantLines(t, o.applied(takeOver), "changed    Service lire", "submitted  Declaration lire-1 v1", "claimed    Enabling lire 0280202T", "changed    Model lecture")
	after := o.contents()
	for what, by := range map[string]string{
		"service": after.Services[0].ManagedBy, "declaration": after.Declarations[0].ManagedBy, "enabling": after.Enablings[0].ManagedBy,
		"model": after.Models[0].ManagedBy,
	} {
		if by != "a.yaml" {
			t.Errorf("the %s is managed by %q", what, by)
		}
	}
	if _, err := o.apply(); err != nil {
		t.Errorf("what was taken over is the file's: %v", err)
	}
}

func TestAnObjectThatMovesToAnotherFileKeepsWhatWasDecided(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.write("a.yaml", everything())
	o.applied()
	d := o.contents().Declarations[0]
	d.State, d.Decisions = registry.Approved, append(d.Decisions, registry.Decision{At: o.b.now(), State: registry.Approved, Office: "recteur", By: "h1"})
	o.put(registry.Change{Declarations: []registry.Declaration{d}})
	o.write("b.yaml", everything())
	if err := os.Remove(filepath.Join(o.dir, "a.yaml")); err != nil {
		t.Fatal(err)
	}
	wantLines(t, o.applied(), "moved      Declaration lire-1 v1", "managed by b.yaml rather than by a.yaml", "8 moved")
	if got := o.contents().Declarations[0]; got.State != registry.Approved || len(got.Decisions) != 2 || got.ManagedBy != "b.yaml" {
		t.Errorf("the declaration is %s by %q after %d decisions", got.State, got.ManagedBy, len(got.Decisions))
	}
	o.write("b.yaml", aSchool)
	wantLines(t, o.applied(), "left out   Declaration lire-1 v1: no longer in b.yaml; it stays registered", "nothing to change")
}

// TestAFileEditsNoVersionThatWasDecided approves, refuses and archives a version, then brings another text of it.
func TestAFileEditsNoVersionThatWasDecided(t *testing.T) {
	t.Parallel()
	for state, want := range map[registry.State]string{
		registry.Approved: "was approved", registry.Suspended: "was approved", registry.Refused: "is refused", registry.Archived: "is archived",
	} {
		o := newOffice(t)
		o.write("a.yaml", aService+"---\n"+aDeclaration)
		o.applied()
		d := o.contents().Declarations[0]
		d.State, d.Decisions = state, append(d.Decisions, registry.Decision{At: o.b.now(), State: state, Office: "recteur", By: "h1"})
		o.put(registry.Change{Declarations: []registry.Declaration{d}})
		o.write("a.yaml", aService+"---\n"+strings.Replace(aDeclaration, "hosting: [FR]", "hosting: [US]", 1))
		if _, err := o.apply(); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "write version 2") || !strings.Contains(err.Error(), "a.yaml:14") {
			t.Errorf("%s: apply says %v", state, err)
		}
		second := strings.NewReplacer("version: 1", "version: 2", "hosting: [FR]", "hosting: [US]").Replace(aDeclaration)
		o.write("a.yaml", aService+"---\n"+aDeclaration+"---\n"+second)
		wantLines(t, o.applied(), "submitted  Declaration lire-1 v2", "against version 1: wider", `hosting[US]: nothing → "US"`)
	}
}

func TestADeclarationSignedOnPaperWaitsForItsController(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.write("a.yaml", aService+"---\n"+aDeclaration+aPaper("2026-9"))
	wantLines(t, o.applied(), "submitted  Declaration lire-1 v1", "signed on paper (2026-9): its controller must confirm it")
	if d := o.contents().Declarations[0]; d.State != registry.Submitted || d.WasApproved() || d.Paper == nil || d.Paper.Document != hash {
		t.Errorf("the declaration is %s, paper %+v", d.State, d.Paper)
	}
	o.write("a.yaml", aService+"---\n"+aDeclaration+"paper: {act: \"2026-9\"}\n")
	if _, err := o.apply(); err == nil || !strings.Contains(err.Error(), "paper.document") || !strings.Contains(err.Error(), "paper.signatory") {
		t.Errorf("half a paper: %v", err)
	}
}

func TestAModelThatChangesIsExaminedAgain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.write("a.yaml", aModel)
	o.applied()
	m := o.contents().Models[0]
	m.Opinions = []registry.Opinion{{At: o.b.now(), Value: registry.Favourable, Office: "DPD"}}
	o.put(registry.Change{Models: []registry.Model{m}})
	wantLines(t, o.applied(), "unchanged  Model lecture")
	o.write("a.yaml", strings.Replace(aModel, "savoir où", "savoir dans quelle école", 1))
	wantLines(t, o.applied(), "changed    Model lecture", "it has to be examined again")
	if got := o.contents().Models[0]; len(got.Opinions) > 0 {
		t.Errorf("opinions on another text are kept: %v", got.Opinions)
	}
	o.write("a.yaml", strings.Replace(aModel, "attribute: uai", "attribute: nir", 1))
	if _, err := o.apply(); err == nil || !strings.Contains(err.Error(), "declaration.items[0].attribute") {
		t.Errorf("a model that asks for the NIR: %v", err)
	}
	o.write("a.yaml", strings.Replace(aTool, "model: via", "model: viaduc", 1))
	if _, err := o.apply(); err == nil || !strings.Contains(err.Error(), `the model "viaduc" is not in the catalogue`) {
		t.Errorf("an alternative out of nowhere: %v", err)
	}
}

// TestWhatIsExportedIsReadBackUnchanged registers everything, decides, exports, and applies what was exported.
func TestWhatIsExportedIsReadBackUnchanged(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.write("a/b.yaml", everything())
	o.applied()
	c := o.contents()
	c.Services[0].ManagedBy = ""
	c.Declarations[0].State = registry.Approved
	c.Declarations[0].Decisions = append(c.Declarations[0].Decisions, registry.Decision{At: o.b.now(), State: registry.Approved, Office: "recteur", By: "h1"})
	c.Sources[0].Declaration.State = registry.Approved
	c.Enablings[0].State, c.Enablings[0].Paper, c.Enablings[0].ManagedBy = registry.Enabled, nil, ""
	o.put(registry.Change{Services: c.Services, Declarations: c.Declarations, Sources: c.Sources, Enablings: c.Enablings})
	before := o.contents()

	export := func(e ExportOptions) string {
		t.Helper()
		objects, err := e.choose(before)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if e.Dir == "" {
			err = writeObjects(&out, objects)
		} else {
			err = writeFolder(e.Dir, objects, &out)
		}
		if err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	o.dir = filepath.Join(t.TempDir(), "out")
	wantLines(t, export(ExportOptions{Dir: o.dir}), "a/b.yaml: 6 objects", "services.yaml: 1 objects", "enablings.yaml: 1 objects")
	wantLines(t, o.applied(), "8 unchanged", "nothing to change")
	if after := o.contents(); after.Revision != before.Revision {
		t.Errorf("applying the export wrote revision %d", after.Revision)
	}
	if err := writeFolder(o.dir, []exported{{"Service", "services.yaml", c.Services[0]}}, io.Discard); err == nil || !strings.Contains(err.Error(), "nothing is overwritten") {
		t.Errorf("an export over an export: %v", err)
	}
	if got := export(ExportOptions{Managed: true, Kinds: []string{"Service", "Tool"}}); strings.Contains(got, "kind: Service") || !strings.Contains(got, "kind: Tool") {
		t.Errorf("what files manage, of two kinds, is\n%s", got)
	}
	if _, err := (ExportOptions{Kinds: []string{"Wish"}}).choose(before); err == nil || !strings.Contains(err.Error(), "one of Service") {
		t.Errorf("an unknown kind: %v", err)
	}

	fresh := newOffice(t)
	fresh.write("all.yaml", export(ExportOptions{Kinds: []string{"Service", "Declaration", "Source", "Establishment"}}))
	fresh.applied()
	for _, d := range fresh.contents().Declarations {
		if d.State != registry.Submitted {
			t.Errorf("an exported declaration is %s elsewhere", d.State)
		}
	}
}

// TestADemoTakesFilesAtTheirWord does what the demo does with files of its own.
func TestADemoTakesFilesAtTheirWord(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.write("a.yaml", everything())
	protocols, err := checkingProtocols(o.b, true)
	if err != nil {
		t.Fatal(err)
	}
	loaded, problems := o.b.examine(os.DirFS(o.dir), protocols, registry.Contents{})
	p, bad := planFor(os.DirFS(o.dir), loaded, registry.Contents{}, intent{demo: true}, o.b.now())
	if err := append(problems, bad...).Or(); err != nil {
		t.Fatal(err)
	}
	if e := p.change.Enablings; len(e) != 1 || e[0].State != registry.Enabled || !e[0].Demo() {
		t.Errorf("the demo's enablings are %+v", e)
	}
	o.put(p.change)
	if err := refuseDemoData(t.Context(), o.b); !errors.Is(err, ErrDemoData) {
		t.Errorf("a gateway serves what the demo enabled: %v", err)
	}
	c := o.contents()
	c.Enablings[0].State = registry.RefusedHere
	c.Enablings[0].Decisions = append(c.Enablings[0].Decisions, registry.Decision{At: o.b.now(), Office: "chef d'établissement", Demo: true})
	p, bad = planFor(os.DirFS(o.dir), loaded, c, intent{demo: true}, o.b.now())
	if err := bad.Or(); err != nil || len(p.change.Enablings) > 0 {
		t.Errorf("the demo undoes a refusal: %v, %+v", err, p.change.Enablings)
	}
}

func TestThePlanShowsNoLongValues(t *testing.T) {
	t.Parallel()
	if got := shown(strings.Repeat("é", 100)); got != fmt.Sprintf("%q", strings.Repeat("é", longestValue)+"…") {
		t.Errorf("shown %s", got)
	}
	steps := map[outcome]string{}
	for _, what := range []outcome{created, changed, submitted, claimed, moved, unchanged} {
		var out bytes.Buffer
		plan{steps: []step{{kind: "Service", id: "x", what: what}}}.print(&out)
		steps[what] = out.String()
		if !strings.Contains(out.String(), "1 "+string(what)) || (what != unchanged) == (plan{steps: []step{{what: what}}}.idle()) {
			t.Errorf("%s: %s", what, out.String())
		}
	}
	if n := len(slices.Compact(slices.Sorted(maps.Values(steps)))); n != 6 {
		t.Errorf("%d kinds of plan", n)
	}
}
