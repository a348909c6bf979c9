// Package conformitytest gives tests a declaration against which nothing stands, to change in one place.
package conformitytest

import (
	"crypto/sha256"
	"encoding/hex"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// Conforming is a draft of version 1 against which nothing stands on any day of the school year 2026-2027: a reading
// site for pupils and teachers of the academy "exemple", pseudonymous, made by a processor within the EEA. Each call
// gives one of its own, so that a test may change what it likes.
func Conforming(service, id string) registry.Declaration {
	return registry.Declaration{
		ID: id, ServiceID: service, Version: 1,
		Controller: registry.Controller{Name: "Académie d'Exemple", Office: "recteur", DPO: "dpd@ac-exemple.fr", Contact: "rectorat@ac-exemple.fr"},
		Supplier:   processor(),
		Scope:      registry.Scope{Level: registry.ByAcademy, Academies: []string{"exemple"}},
		Uses:       []string{"reading"},
		Purposes:   []registry.Text{{FR: "Proposer des lectures adaptées à l'âge", EN: "Offer readings that suit the age"}},
		Basis:      registry.Basis{Kind: registry.PublicInterest, Text: "Code de l'éducation, art. L. 131-2", Prescribed: registry.AnswerYes},
		Persons:    []registry.Text{{FR: "élèves", EN: "pupils"}, {FR: "enseignants", EN: "teachers"}},
		Data:       []registry.Text{{FR: "numéro opaque, établissement, profil, niveau", EN: "opaque number, school, profile, level"}, {FR: "lectures faites", EN: "readings done"}},
		Recipients: []registry.Text{{FR: "Éditions du Canal et son hébergeur", EN: "Éditions du Canal and its host"}},
		Mode:       registry.Pseudonymous,
		Pseudonym:  registry.PerSchoolYear,
		Items:      items(),
		Audience:   registry.Audience{Profiles: []person.Profile{person.Pupil, person.Teacher}},
		Hosting:    []string{"FR"},
		Retention:  registry.Text{FR: "l'année scolaire et trois mois", EN: "the school year and three months"},
		Erasure:    []registry.Erasure{{What: registry.Text{FR: "comptes et lectures", EN: "accounts and readings"}, Months: 3, After: registry.AfterYear}},
		Security:   []registry.Text{{FR: "chiffrement des échanges et du stockage, accès tracés", EN: "encryption on the wire and at rest, traced access"}},
		DPIA:       registry.DPIA{Done: registry.AnswerYes, Date: day("2026-05-20"), Document: Hash("dpia"), Large: registry.AnswerYes},
		Risk:       risk(),
		Informed:   informed(),
		Directory:  "annuaire-2026-1",
		Documents: []registry.Document{
			{Kind: registry.ContractPaper, Name: "contrat.pdf", Hash: Hash("contract"), Date: day("2026-06-15")},
			{Kind: registry.TermsPaper, Name: "conditions.pdf", Hash: Hash("terms"), Date: day("2026-06-15")},
			{Kind: registry.DPIAPaper, Name: "aipd.pdf", Hash: Hash("dpia"), Date: day("2026-05-20")},
		},
		From: day("2026-09-01"), Until: day("2027-08-31"),
	}
}

// Hash is the SHA-256 of a text as documents carry it: "contract", "terms" and "dpia" are those of Conforming.
func Hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func processor() registry.Supplier {
	return registry.Supplier{
		Relation: registry.Processor, Name: "Éditions du Canal", Kind: registry.PrivateSupplier, Country: "FR", Free: registry.AnswerNo,
		Evidence: registry.ByContract, Reference: "CTR-2026-11", Parties: []string{"Académie d'Exemple", "Éditions du Canal"},
		Signed: day("2026-06-15"), Until: day("2029-08-31"), SignedBy: "recteur",
		Terms: registry.Terms{Offer: registry.EducationOffer, Version: "2026-1", Accepted: day("2026-06-15"), Document: Hash("terms")},
		Sub:   []registry.SubProcessor{{Name: "Hébergement du Midi", Country: "FR", For: "hébergement"}},
	}
}

func items() []registry.Item {
	return []registry.Item{
		{Attr: "pseudonym", Justification: registry.Text{FR: "retrouver ses lectures d'une fois à l'autre", EN: "find one's readings again"}, Required: true},
		{Attr: "uai", Justification: registry.Text{FR: "réserver l'accès aux écoles abonnées", EN: "keep access to schools that subscribe"}},
		{Attr: "profile", Justification: registry.Text{FR: "ouvrir les outils du professeur", EN: "open the teacher's tools"}},
		{
			Attr: "level", Profiles: []person.Profile{person.Pupil},
			Justification: registry.Text{FR: "choisir des lectures du bon niveau", EN: "choose readings of the right level"},
		},
	}
}

func risk() registry.Risk {
	low := registry.RiskPoint{Level: registry.Low}
	return registry.Risk{
		Information: low, Framework: low, Exposure: low, Identification: low, Flaws: low, Harvesting: low,
		Vulnerability: registry.RiskPoint{Level: registry.Medium, Why: "des mineurs"},
	}
}

func informed() []registry.Notice {
	return []registry.Notice{
		{Kind: registry.InCharter, Date: day("2026-09-01"), Document: "annexe 3 de la charte"},
		{Kind: registry.InCouncil, Date: day("2026-07-01")},
		{Kind: registry.ToPupils, Date: day("2026-09-01")},
		{Kind: registry.ToGuardians, Date: day("2026-09-01")},
		{Kind: registry.ToStaff, Date: day("2026-09-01")},
	}
}

func day(text string) registry.Date {
	d, err := registry.ParseDate(text)
	if err != nil {
		panic(err) // the days of this file are constants
	}
	return d
}
