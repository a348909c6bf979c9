package conformity_test

import (
	"testing"

	"ecluse/internal/person"
	"ecluse/internal/policy/conformity"
	"ecluse/internal/registry"
)

func basis(b registry.Basis) func(*registry.Declaration) {
	return func(d *registry.Declaration) { d.Basis = b }
}

func TestAMissionOrAnObligationIsFounded(t *testing.T) {
	t.Parallel()
	read(t, []sentence{
		{says: "a mission by a text", change: basis(registry.Basis{Kind: registry.PublicInterest}), want: []string{"blocking basis-text basis.text"}, law: "art. 6(3)"},
		{says: "an obligation by a text", change: basis(registry.Basis{Kind: registry.LegalObligation, Text: " "}), want: []string{"blocking basis-text basis.text"}, law: "art. 6(3)"},
		{says: "an obligation with its text will do", change: basis(registry.Basis{Kind: registry.LegalObligation, Text: "arrêté"}), want: nothing()},
		{says: "an unknown basis is none", change: basis(registry.Basis{Kind: "habit"}), want: []string{"blocking basis basis.kind"}, law: "art. 6(1)"},
	})
}

func TestLegitimateInterestIsNoBasisOfAPublicAuthority(t *testing.T) {
	t.Parallel()
	interest := basis(registry.Basis{Kind: registry.LegitimateInterest})
	read(t, []sentence{
		{says: "the rectorat cannot invoke it", change: interest, want: []string{"blocking legitimate-interest basis.kind"}, law: "art. 6(1), last sentence"},
		{says: "an unknown school cannot", change: both(ofSchools("0280909Z"), interest, signedBy("rectorat")), given: inSchools, want: []string{"blocking legitimate-interest basis.kind"}, law: "art. 6(1), last sentence"},
		{says: "a private school must weigh it", change: both(ofSchools("0280505X"), interest), given: inSchools, want: []string{"to-justify legitimate-interest basis.kind"}, law: "art. 6(1)(f)"},
	})
}

func TestConsentIsFreeOrIsNone(t *testing.T) {
	t.Parallel()
	consent := func(prescribed registry.Answer) func(*registry.Declaration) {
		return basis(registry.Basis{Kind: registry.Consent, Prescribed: prescribed, Parents: registry.AnswerYes})
	}
	read(t, []sentence{
		{says: "it is not while a teacher prescribes the tool", change: consent(registry.AnswerYes), want: []string{"blocking consent-free basis.prescribed"}, law: "art. 7(4)"},
		{says: "what nobody knows is prescribed", change: consent(""), want: []string{"blocking consent-free basis.prescribed"}, law: "art. 7(4)"},
		{says: "elsewhere one says how to refuse without harm", change: consent(registry.AnswerNo), want: []string{"to-justify consent-free basis.kind"}, law: "recital 43"},
		{says: "a contract with minors is justified", change: basis(registry.Basis{Kind: registry.Contract}), want: []string{"to-justify contract-pupils basis.kind"}, law: "art. 6(1)(b)"},
		{says: "a contract with adults is a contract", change: both(basis(registry.Basis{Kind: registry.Contract}), staffOnly), want: nothing()},
	})
}

func staffOnly(d *registry.Declaration) {
	d.Audience.Profiles = []person.Profile{person.Teacher}
}

func TestParentsAreAskedWhereAMinorConsents(t *testing.T) {
	t.Parallel()
	consent := func(prescribed, parents registry.Answer, minAge int) func(*registry.Declaration) {
		return func(d *registry.Declaration) {
			d.Basis = registry.Basis{Kind: registry.Consent, Prescribed: prescribed, Parents: parents}
			d.Audience.MinAge = minAge
		}
	}
	free, forced, parents := "to-justify consent-free basis.kind", "blocking consent-free basis.prescribed", "blocking consent-parents basis.parents"
	yes, no := registry.AnswerYes, registry.AnswerNo
	read(t, []sentence{
		{says: "under 15 for what is offered directly to the child", change: consent(no, no, 14), want: []string{free, parents}},
		{says: "not from 15 on, for what is offered directly to the child", change: consent(no, no, 15), want: []string{free}},
		{says: "what nobody knows of the parents is no", change: consent(no, "", 0), want: []string{free, parents}},
		{says: "under 18 for everything else", change: consent(yes, no, 17), want: []string{forced, parents}},
		{says: "under 18 where nobody knows whether it is prescribed", change: consent("", no, 15), want: []string{forced, parents}},
		{says: "not from 18 on", change: consent(yes, no, 18), want: []string{forced}},
		{says: "not where parents are asked", change: consent(no, yes, 0), want: []string{free}},
		{
			says: "under 16 where the academy's rules say so", change: consent(no, no, 15), given: func(c *conformity.Case) { c.Rules.ConsentAge = 16 },
			want: []string{free, parents},
		},
		{says: "a level shows no age", change: both(consent(no, no, 0), func(d *registry.Declaration) { d.Audience.Levels = []string{"Terminale"} }), want: []string{free, parents}},
		{says: "staff answer for themselves", change: both(consent(no, no, 0), staffOnly), want: []string{free}},
	})
	t.Run("each cites its own law", func(t *testing.T) {
		t.Parallel()
		d, c := conforming(), newCase(t)
		consent(no, no, 0)(&d)
		direct := conformity.Examine(d, c)[1].Law
		consent(yes, no, 0)(&d)
		if other := conformity.Examine(d, c)[1].Law; direct == other || direct != "RGPD art. 8(1); loi n° 78-17 du 6 janvier 1978, art. 45" {
			t.Errorf("%q and %q", direct, other)
		}
	})
}
