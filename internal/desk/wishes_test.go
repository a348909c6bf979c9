package desk_test

import (
	"errors"
	"slices"
	"testing"

	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

func tool() registry.Assessed {
	return registry.Assessed{
		ID: "zoom-gratuit", Name: registry.Text{FR: "Zoom (offre gratuite)"}, Aliases: []string{"Zoom", "zoom.us"}, Vendor: "Zoom",
		Reasons:      []registry.Reason{{Text: registry.Text{FR: "sans contrat"}, Law: "RGPD art. 28"}},
		Alternatives: []registry.Alternative{{Name: "RENdez-vous", Audience: registry.Text{FR: "le personnel"}, Use: registry.Text{FR: "réunions"}}},
		Sources:      []registry.Reference{{What: "conduite à tenir, 2020"}},
		Date:         day("2026-09-01"), Review: day("2027-09-01"),
	}
}

func TestAToolThatWasRefusedIsNotWishedFor(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.given(registry.Change{Assessments: []registry.Assessed{tool()}})
	for _, about := range []string{
		"zoom", " ZOOM ", "zoom-gratuit", "Zoom  (offre gratuite)", "https://us02web.zoom.us/j/123?pwd=x", "www.zoom.us", "ZOOM.US.", "zoom.us:443/j/1",
	} {
		_, err := p.Wish(t.Context(), in("nobody"), "", about, "")
		var no *desk.NotOffered
		if !errors.As(err, &no) || no.Tool.ID != "zoom-gratuit" || len(no.Tool.Alternatives) != 1 {
			t.Errorf("%q: %v, want the reason and the alternatives before anything else", about, err)
		}
	}
	for _, about := range []string{"notzoom.us", "zoom.us.example.org", "zoomé"} {
		ok[registry.Wish](t)(p.Wish(t.Context(), teacher(), right(veil), about, "pour la classe"))
	}
}

func TestHardCase18ATeacherWishesAloneAndNothingOpens(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	w := ok[registry.Wish](t)(p.Wish(t.Context(), teacher(), right(veil), "lire", "pour la 6e B"))
	if w.State != registry.Wished || w.UAI != right(veil) || len(p.snapshot().Enablings()) != 0 {
		t.Errorf("%+v", w)
	}
	_, err := p.Decide(t.Context(), teacher(), enable(right(veil)))
	wantDenied(t, err, "role")
	_, err = p.AnswerWish(t.Context(), teacher(), w.ID, registry.Granted, "")
	wantDenied(t, err, "role")
	if kept := p.kept("wish_add"); len(kept) != 1 || kept[0].UAI != string(right(veil)) || kept[0].Actor != "teacher" {
		t.Errorf("journal %+v", kept)
	}
}

func TestTheSameWishOfSeveralPeopleIsOneAndNamesNobody(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	first := ok[registry.Wish](t)(p.Wish(t.Context(), teacher(), right(veil), "Lire en ligne", "pour la classe"))
	colleague := at("colleague", registry.Staff, right(veil))
	second := ok[registry.Wish](t)(p.Wish(t.Context(), colleague, right(veil), " lire  EN ligne", "moi aussi"))
	if second.ID != first.ID || !slices.Equal(second.By, []string{"", "colleague"}) {
		t.Errorf("%+v, want one wish of two people, of whom one sees themself", second)
	}
	revision := p.snapshot().Revision()
	again := ok[registry.Wish](t)(p.Wish(t.Context(), colleague, right(veil), "lire en ligne", "encore"))
	if again.ID != first.ID || len(again.By) != 2 || p.snapshot().Revision() != revision {
		t.Errorf("the same person wished twice: %+v", again)
	}
	elsewhere := ok[registry.Wish](t)(p.Wish(t.Context(), at("x", registry.Staff, right(far)), right(far), "lire en ligne", "ici"))
	if elsewhere.ID == first.ID {
		t.Error("two schools have one wish")
	}
	seen := ok[[]registry.Wish](t)(p.Wishes(t.Context(), headOfVeil()))
	if len(seen) != 1 || !slices.Equal(seen[0].By, []string{"", ""}) {
		t.Errorf("the head sees %+v", seen)
	}
	if seen := ok[[]registry.Wish](t)(p.Wishes(t.Context(), at("third", registry.Staff, right(veil)))); len(seen) != 0 {
		t.Errorf("a colleague who wished nothing sees %+v", seen)
	}
	if seen := ok[[]registry.Wish](t)(p.Wishes(t.Context(), colleague)); len(seen) != 1 {
		t.Errorf("somebody does not see their own wish: %+v", seen)
	}
}

func TestAWishIsOfAnOpenSchoolOfOnesOwnAndHasAReason(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	_, err := p.Wish(t.Context(), teacher(), right(far), "lire", "pour la classe")
	wantDenied(t, err, "perimeter")
	_, err = p.Wish(t.Context(), teacher(), right(veil), " ", "")
	wantInvalid(t, err, "about", "reason")
	_, err = p.Wish(t.Context(), at("x", registry.Staff, right(gone)), right(gone), "lire", "pour la classe")
	wantInvalid(t, err, "uai")
}

func TestAWishIsAnsweredOnceByWhoDecidesThere(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	w := ok[registry.Wish](t)(p.Wish(t.Context(), teacher(), right(veil), "lire", "pour la classe"))
	for _, c := range []roles.Caller{in("admin"), in("oncall"), at("h", registry.HeadOfSchool, right(private)), in("dasen")} {
		if _, err := p.AnswerWish(t.Context(), c, w.ID, registry.Granted, ""); err == nil {
			t.Errorf("%s answered", c)
		}
	}
	_, err := p.AnswerWish(t.Context(), headOfVeil(), w.ID, registry.Declined, " ")
	wantInvalid(t, err, "answer")
	_, err = p.AnswerWish(t.Context(), headOfVeil(), w.ID, registry.Wished, "")
	wantInvalid(t, err, "state")
	_, err = p.AnswerWish(t.Context(), headOfVeil(), "none", registry.Granted, "")
	wantMissing(t, err, "wish")
	got := ok[registry.Wish](t)(p.AnswerWish(t.Context(), headOfVeil(), w.ID, registry.Declined, "nous avons déjà mieux"))
	if got.State != registry.Declined || got.Office != "chef d'établissement" || got.By[0] != "" {
		t.Errorf("%+v", got)
	}
	_, err = p.AnswerWish(t.Context(), headOfVeil(), w.ID, registry.Granted, "")
	wantConflict(t, err, "state")
	next := ok[registry.Wish](t)(p.Wish(t.Context(), teacher(), right(veil), "lire", "toujours"))
	if next.ID == w.ID {
		t.Error("a wish that was answered came back open")
	}
	ok[registry.Wish](t)(p.AnswerWish(t.Context(), in("drane"), next.ID, registry.Granted, ""))
}
