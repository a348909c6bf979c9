package app

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/policy/conformity"
	"ecluse/internal/policy/conformity/conformitytest"
	"ecluse/internal/registry"
)

func catalogue(t *testing.T) (*registry.Snapshot, *dictionary.Dictionary) {
	t.Helper()
	contents, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	words, err := dictionary.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	return registry.NewSnapshot(contents, time.UTC), words
}

func TestTheCatalogueHasEveryProductThatSchoolsMeet(t *testing.T) {
	t.Parallel()
	s, _ := catalogue(t)
	for _, id := range []string{
		"google-workspace-education", "microsoft-365-education", "apple-school-manager", "zoom-education", "pronote", "itslearning",
		"pentila-nero", "kosmos-skolengo", "one-neo", "cned-classe-virtuelle", "via", "renavisio", "rendez-vous", "pix", "editeur-gar",
	} {
		if _, ok := s.Model(id); !ok {
			t.Errorf("the model %s is missing", id)
		}
	}
	for asked, id := range map[string]string{
		"Discord": "discord", "discord.gg": "discord", "WHATSAPP": "whatsapp", "zoom": "zoom-gratuit", "Zoom gratuit": "zoom-gratuit",
		"zoom.us": "zoom-gratuit", "Facebook": "facebook", "messenger.com": "facebook", "amazon.fr": "amazon-compte-personnel",
		"gmail": "google-compte-personnel", "Compte Google": "google-compte-personnel",
	} {
		if a, ok := s.Assessed(asked); !ok || a.ID != id {
			t.Errorf("asking for %s finds %q, want %s", asked, a.ID, id)
		}
	}
	for _, m := range s.Models() {
		if a, refused := s.Assessed(m.ID); refused {
			t.Errorf("the model %s would be refused as %s", m.ID, a.ID)
		}
	}
}

// TestEveryModelSaysAllThatItMustSay holds each model to what a reader must find in it, in both languages; what nobody knows
// is said to be unknown.
func TestEveryModelSaysAllThatItMustSay(t *testing.T) {
	t.Parallel()
	s, words := catalogue(t)
	rules := s.Rules(time.Now())
	for _, m := range s.Models() {
		for where, text := range map[string]registry.Text{"name": m.Name, "about": m.About, "usable": m.Usable} {
			if text.FR == "" || text.EN == "" {
				t.Errorf("%s: %s is missing in a language", m.ID, where)
			}
		}
		if len(m.Recipes) == 0 || len(m.Limits) == 0 || len(m.Sources) == 0 || m.Draft.Supplier.Relation == "" || len(m.Draft.Purposes) == 0 {
			t.Errorf("%s: a recipe, a limit, a source, the relation or a purpose is missing", m.ID)
		}
		for _, r := range m.Recipes {
			if len(r.Notes) == 0 {
				t.Errorf("%s: the recipe for %s says nothing of subject and attributes", m.ID, r.Protocol)
			}
			checkWords(t, m.ID, words, append(slices.Collect(maps.Keys(r.Names)), r.Subject))
		}
		for _, f := range words.Check(m.Draft.Items, rules) {
			t.Errorf("%s: %s", m.ID, f)
		}
		for _, use := range m.Draft.Uses {
			if !slices.ContainsFunc(rules.Uses, func(u registry.Use) bool { return u.ID == use }) {
				t.Errorf("%s: the rules know no use %s", m.ID, use)
			}
		}
	}
}

func checkWords(t *testing.T, id string, words *dictionary.Dictionary, list []attrs.Name) {
	t.Helper()
	for _, word := range list {
		if _, known := words.Entry(word); word != "" && !known {
			t.Errorf("%s: %q is no word of the dictionary", id, word)
		}
	}
}

// TestNoModelMakesUpWhatOnlyAnAcademyKnows wants empty what an academy must answer: it blocks until it does.
func TestNoModelMakesUpWhatOnlyAnAcademyKnows(t *testing.T) {
	t.Parallel()
	s, _ := catalogue(t)
	for _, m := range s.Models() {
		d := m.Draft
		if d.Supplier.Reference != "" || !d.Supplier.Signed.IsZero() || len(d.Supplier.Parties) > 0 || len(d.Hosting) > 0 || len(d.Documents) > 0 ||
			d.DPIA.Done != "" || len(d.Informed) > 0 || len(d.Justified) > 0 {
			t.Errorf("%s: the draft answers for the academy", m.ID)
		}
		for _, transfer := range d.Transfers {
			if transfer.Instrument != "" {
				t.Errorf("%s: the draft chooses the instrument of a transfer", m.ID)
			}
		}
	}
}

func TestEveryRefusedToolSaysWhyAndWhatThereIsInstead(t *testing.T) {
	t.Parallel()
	s, _ := catalogue(t)
	for _, a := range s.Assessments() {
		for i, r := range a.Reasons {
			if r.Text.EN == "" || !strings.Contains(r.Law, "RGPD") {
				t.Errorf("%s: reason %d lacks English or its article", a.ID, i)
			}
		}
		for i, o := range a.Alternatives {
			if o.Audience.EN == "" || o.Use.EN == "" {
				t.Errorf("%s: alternative %d lacks English", a.ID, i)
			}
			if _, ok := s.Model(o.Model); o.Model != "" && !ok {
				t.Errorf("%s: the model %s is not in the catalogue", a.ID, o.Model)
			}
			staff := slices.Contains([]string{"via", "renavisio", "rendez-vous"}, o.Model)
			if staff && !strings.HasPrefix(o.Audience.FR, "Personnels") {
				t.Errorf("%s: %s is offered to %s", a.ID, o.Model, o.Audience.FR)
			}
		}
	}
}

// TestAnAssessedToolNeverConforms writes each refused tool down as its vendor offers it, with everything else in order.
func TestAnAssessedToolNeverConforms(t *testing.T) {
	t.Parallel()
	s, words := catalogue(t)
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, a := range s.Assessments() {
		for relation, evidence := range map[registry.Relation]registry.Evidence{
			registry.VendorController: registry.ByTermsOnly, registry.Processor: registry.ByTermsOnly,
			registry.PublicBody: registry.ByTermsOnly, registry.JointController: registry.ByTermsOnly,
		} {
			d := conformitytest.Conforming(a.ID, a.ID)
			d.Supplier = registry.Supplier{
				Relation: relation, Name: a.Name.FR, Kind: registry.PrivateSupplier, Country: "US", Free: registry.AnswerYes, Evidence: evidence,
				Terms: registry.Terms{Offer: registry.ConsumerOffer},
			}
			found := conformity.Examine(d, conformity.Case{Rules: s.Rules(now), Now: now, Zone: time.UTC, Words: words})
			if !registry.Blocks(found) {
				t.Errorf("%s as %s: nothing blocks it: %v", a.ID, relation, found)
			}
		}
	}
}

// TestNoDraftConformsBeforeTheAcademyAnswers examines each model's draft as it is.
func TestNoDraftConformsBeforeTheAcademyAnswers(t *testing.T) {
	t.Parallel()
	s, words := catalogue(t)
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, m := range s.Models() {
		found := conformity.Examine(m.Draft, conformity.Case{Rules: s.Rules(now), Now: now, Zone: time.UTC, Words: words})
		if !registry.Blocks(found) {
			t.Errorf("%s: nothing blocks the bare model: %v", m.ID, found)
		}
		for _, f := range found {
			if strings.HasPrefix(f.Where, "items") && f.Severity == registry.Blocking {
				t.Errorf("%s: %s", m.ID, f)
			}
		}
	}
}
