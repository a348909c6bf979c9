package manifest_test

import (
	"strings"
	"testing"

	"ecluse/internal/registry/manifest"
)

const aModel = `kind: Model
id: lire
version: 1
name: {fr: Lire}
vendor: Lire SAS
category: lecture
about: {fr: Pour lire.}
declaration: {supplier: {relation: processor}, mode: pseudonymous}
recipes: [{protocol: saml, name_id: transient}]
sources: [{what: la notice}]
date: 2026-01-01
review: 2026-06-30
`

const aTool = `kind: Tool
id: chat
name: {fr: Chat}
vendor: Chat Inc.
reasons: [{text: {fr: Aucun contrat.}, law: RGPD art. 28}]
alternatives:
  - {model: lire, name: Lire, audience: {fr: élèves}, use: {fr: lire}}
  - {name: ENT, audience: {fr: élèves}, use: {fr: écrire}}
sources: [{what: les conditions}]
date: 2026-01-01
review: 2026-06-30
`

func TestACatalogueIsReadAndNothingManagesIt(t *testing.T) {
	t.Parallel()
	c, problems := manifest.Catalogue(files("a.yaml", aModel, "b.yaml", aTool))
	if err := problems.Or(); err != nil {
		t.Fatal(err)
	}
	if len(c.Models) != 1 || c.Models[0].ManagedBy != "" || len(c.Assessments) != 1 || c.Assessments[0].ManagedBy != "" {
		t.Errorf("the catalogue is %+v", c)
	}
}

// TestEveryMistakeOfACatalogueHasItsPlace changes one line at a time.
func TestEveryMistakeOfACatalogueHasItsPlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ from, to, want string }{
		{"id: lire", "id: Lire", "a.yaml:2:5: Model Lire: id:"},
		{"version: 1", "version: 0", "version:"},
		{"vendor: Lire SAS", "vendor: \"\"", "Model lire: vendor:"},
		{"category: lecture", "category: Lecture facile", "category:"},
		{"about: {fr: Pour lire.}", "about: {en: To read.}", "about.fr:"},
		{"relation: processor", "relation: friend", "declaration.supplier.relation:"},
		{"mode: pseudonymous", "mode: secret", "declaration.mode:"},
		{"mode: pseudonymous", "mode: pseudonymous, version: 3", "declaration.version: only whoever makes a declaration"},
		{"mode: pseudonymous", "mode: pseudonymous, until: 2027-08-31", "declaration.until:"},
		{"mode: pseudonymous", "mode: pseudonymous, controller: {name: x}", "declaration.controller:"},
		{"mode: pseudonymous", "mode: pseudonymous, scope: {level: academy}", "declaration.scope:"},
		{"mode: pseudonymous", "mode: pseudonymous, items: [{attribute: mail}]", "declaration.items[0].justification.fr:"},
		{"mode: pseudonymous", "mode: pseudonymous, audience: {profiles: [National_ROI]}", "declaration.audience.profiles[0]:"},
		{"protocol: saml", "protocol: pigeon", "recipes[0].protocol:"},
		{"protocol: saml", "protocol: oidc", "recipes[0].name_id: only SAML"},
		{"name_id: transient", "name_id: mail", "recipes[0].name_id:"},
		{"sources: [{what: la notice}]", "sources: []", "Model lire: sources:"},
		{"what: la notice", "what: la notice, url: http://notice", "sources[0].url:"},
		{"date: 2026-01-01", "date: 01/01/2026", "yyyy-mm-dd is expected"},
		{"review: 2026-06-30", "review: 2025-06-30", "Model lire: review:"},
		{"fr: Aucun contrat.", "en: No contract.", "reasons[0].text.fr:"},
		{"law: RGPD art. 28", `law: ""`, "reasons[0].law:"},
		{"model: lire", "model: ecrire", `alternatives[0].model: the model "ecrire" is not in the catalogue`},
		{"name: Lire, audience: {fr: élèves}", "name: Lire", "alternatives[0].audience.fr:"},
		{"use: {fr: écrire}", "use: {}", "alternatives[1].use.fr:"},
		{"{name: ENT, ", "{", "alternatives[1].name:"},
		{"kind: Tool", "aliases: [\"\"]\nkind: Tool", "aliases: an empty name"},
		{"kind: Tool", school + "---\nkind: Tool", "b.yaml:1:7: kind: a catalogue holds nothing of this kind (Model, Tool)"},
		{"kind: Tool", "kind: Person\nid: ada\n---\nkind: Tool", "a catalogue holds nothing of this kind"},
	} {
		_, problems := manifest.Catalogue(files("a.yaml", strings.Replace(aModel, c.from, c.to, 1), "b.yaml", strings.Replace(aTool, c.from, c.to, 1)))
		if len(problems) == 0 || !strings.Contains(problems.Error(), c.want) {
			t.Errorf("%s: %q, want %q", c.to, problems.Error(), c.want)
		}
	}
}
