package app_test

import (
	"errors"
	"testing"
	"time"

	"ecluse/internal/app"
	"ecluse/internal/registry"
)

// TestAPupilWithoutAClassReadsWhetherToComeBackOrToAsk has a service require the class of a pupil whom nobody has placed
// in one: in September the page says that the new year is not ready, in November that no class is known.
func TestAPupilWithoutAClassReadsWhetherToComeBackOrToAsk(t *testing.T) {
	t.Parallel()
	for reason, c := range map[string]struct {
		month time.Month
		says  string
	}{
		"year_not_ready": {time.September, "La rentrée n'est pas encore prête pour Calcul"},
		"no_class":       {time.November, "Aucune classe n'est connue pour Calcul"},
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			now := func() time.Time { return time.Date(2027, c.month, 22, 9, 0, 0, 0, time.UTC) }
			w := newWorld(t, app.DemoOptions{With: "testdata/with/cm2-6e", Now: now})
			if err := w.declare("2026-002", func(d *registry.Declaration) {
				d.Items = append(d.Items, registry.Item{
					Attr: "classes", Required: true, Justification: registry.Text{FR: "ranger par classe", EN: "sort by class"},
				})
			}); err != nil {
				t.Fatal(err)
			}
			refusedPupil(t, w, reason, c.says)
		})
	}
}

// TestAServiceThatTakesLessThanThereIsGetsNothing has a service take ten bytes.
func TestAServiceThatTakesLessThanThereIsGetsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{With: "testdata/with/cm2-6e"})
	var change registry.Change
	for _, s := range w.contents().Services {
		if s.ID == "calcul" {
			s.Bindings[0].Limit = registry.Limit{Bytes: 10}
			change.Services = append(change.Services, s)
		}
	}
	if err := w.change(change); err != nil {
		t.Fatal(err)
	}
	if err := w.noticed(); err != nil {
		t.Fatal(err)
	}
	refusedPupil(t, w, "too_large", "Il y a trop de données pour Calcul")
}

// refusedPupil signs a pupil without a class in at calcul and reads the page.
func refusedPupil(t *testing.T, w *world, reason, says string) {
	t.Helper()
	s := &story{w: w, b: w.browser()}
	err := errors.Join(
		s.visit([]string{"calcul"}), s.press("source", "national"), s.press("person", "compte-sixieme"),
		s.refused([]string{reason}), s.pageSays([]string{says}),
		s.goBack(nil), s.shows([]string{"calcul", "access_denied"}),
	)
	if err != nil {
		t.Fatalf("%v\n%s", err, s.where())
	}
}
