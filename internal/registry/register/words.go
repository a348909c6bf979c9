package register

import (
	"fmt"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// word gives the French word of a code, or the code itself: a register hides nothing that it has no word for.
func word[T ~string](code T, words map[T]string) string {
	if w, ok := words[code]; ok {
		return w
	}
	return string(code)
}

func standing(s registry.Standing) string {
	return word(s, map[registry.Standing]string{
		registry.Active: "en vigueur", registry.Expired: "terminée", registry.Upcoming: "à venir",
		registry.Standing(registry.Suspended): "suspendue", registry.Standing(registry.Archived): "archivée",
	})
}

func basis(b registry.Basis) string {
	kind := word(b.Kind, map[registry.BasisKind]string{
		registry.PublicInterest: "mission d’intérêt public, art. 6(1)(e)", registry.LegalObligation: "obligation légale, art. 6(1)(c)",
		registry.Consent: "consentement, art. 6(1)(a)", registry.Contract: "contrat, art. 6(1)(b)",
		registry.LegitimateInterest: "intérêt légitime, art. 6(1)(f)",
	})
	return kind + prefixed(" : ", b.Text)
}

func supplier(s registry.Supplier) string {
	relation := word(s.Relation, map[registry.Relation]string{
		registry.Processor: "sous-traitant (art. 28)", registry.JointController: "responsable conjoint (art. 26)",
		registry.PublicBody: "organisme public responsable", registry.Internal: "sans fournisseur", registry.VendorController: "fournisseur responsable",
	})
	out := relation + prefixed(" : ", s.Name) + prefixed(", ", s.Reference) + prefixed(", signé le ", s.Signed.String())
	for _, sub := range s.Sub {
		out += "\nsous-traitant ultérieur : " + sub.Name + prefixed(", ", sub.Country) + prefixed(", ", sub.For)
	}
	return out
}

func transfer(t registry.Transfer) string {
	instrument := word(t.Instrument, map[registry.Instrument]string{
		registry.Adequacy: "décision d’adéquation (art. 45)", registry.DPF: "cadre de protection des données UE-États-Unis (art. 45)",
		registry.SCC: "clauses contractuelles types (art. 46)", registry.BCR: "règles d’entreprise contraignantes (art. 47)",
		registry.Derogation: "dérogation (art. 49)", "": "sans instrument",
	})
	return t.Country + prefixed(", ", t.Recipient) + " : " + instrument + prefixed(", ", t.Reference) + prefixed(", jusqu’au ", t.Until.String())
}

func erasure(e registry.Erasure) string {
	after := word(e.After, map[registry.Event]string{
		registry.AfterCollection: "la collecte", registry.AfterYear: "la fin de l’année scolaire", registry.AfterDeparture: "le départ de l’établissement",
		registry.AfterSchooling: "la fin de la scolarité",
	})
	if e.Months == 0 {
		return e.What.FR + " : dès " + after
	}
	return fmt.Sprintf("%s : %d mois après %s", e.What.FR, e.Months, after)
}

func notice(n registry.Notice) string {
	kind := word(n.Kind, map[registry.NoticeKind]string{
		registry.InCharter: "charte ou annexe", registry.InCouncil: "conseil d’administration ou d’école", registry.ToPupils: "notice aux élèves",
		registry.ToGuardians: "notice aux responsables", registry.ToStaff: "notice aux personnels",
	})
	return kind + prefixed(", le ", n.Date.String())
}

func profile(p person.Profile) string {
	return word(p, map[person.Profile]string{
		person.Pupil: "élèves", person.Guardian: "responsables d’élèves", person.Teacher: "enseignants", person.Librarian: "documentalistes",
		person.Head: "personnels de direction", person.SchoolLife: "vie scolaire", person.SchoolStaff: "personnels administratifs et techniques",
		person.LocalAuthority: "agents de collectivité", person.AcademyStaff: "personnels académiques",
	})
}

func dpia(d registry.DPIA) string {
	if d.Done == registry.AnswerYes {
		return "réalisée" + prefixed(" le ", d.Date.String())
	}
	return "non réalisée" + prefixed(" : ", d.Why.FR)
}

func mode(d registry.Declaration) string {
	if d.Mode == registry.Nominative {
		return "nominatif"
	}
	scope := word(d.Pseudonym, map[registry.PseudonymScope]string{
		"": "par cycle", registry.PerCycle: "par cycle", registry.PerSchoolYear: "par année scolaire", registry.Stable: "stable",
	})
	if d.Overlap > 0 {
		scope += fmt.Sprintf(" ; ancien numéro joint au nouveau pendant %d jours", d.Overlap)
	}
	return "pseudonyme " + scope
}

// lapse says that an entry ends before its own last day, and why. A delay of grace that the rules give is part of the day.
func lapse(last registry.Date, why policy.Lapse) string {
	if why == "" {
		return ""
	}
	return " ; cesse le " + last.String() + " : " + word(why, map[policy.Lapse]string{
		policy.LapseContract: "fin du contrat", policy.LapseTerms: "conditions non reconfirmées, délai de grâce compris",
		policy.LapseTransfer: "fin d’un instrument de transfert", policy.LapseWithdrawn: "instrument de transfert retiré",
		policy.LapsePilot: "fin de l’expérimentation", policy.LapseReview: "révision non aboutie",
	})
}
