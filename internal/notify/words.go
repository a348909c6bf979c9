package notify

import (
	"fmt"
	"time"

	"ecluse/internal/registry"
)

func dayIn(lang string, d registry.Date) string {
	if lang == "en" {
		return fmt.Sprintf("%d %s %d", d.Day, d.Month, d.Year)
	}
	months := [...]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}
	if d.Month < time.January || d.Month > time.December {
		return d.String()
	}
	if d.Day == 1 {
		return fmt.Sprintf("1er %s %d", months[d.Month-1], d.Year)
	}
	return fmt.Sprintf("%d %s %d", d.Day, months[d.Month-1], d.Year)
}

func momentIn(lang string, at time.Time) string {
	if lang == "en" {
		return dayIn(lang, registry.DateOf(at)) + at.Format(", 15:04")
	}
	return dayIn(lang, registry.DateOf(at)) + at.Format(" à 15:04")
}

// partIn is the first line of a part of a digest.
func partIn(lang string, word Waits, n int) string {
	one := 0
	if n == 1 {
		one = 1
	}
	said := map[string]map[Waits][2]string{ // of several, of one
		"fr": {
			WaitsStopped: {"%d services suspendus :", "%d service suspendu :"},
			WaitsEnding:  {"%d services dont une déclaration s’arrête dans les 90 jours :", "%d service dont une déclaration s’arrête dans les 90 jours :"},
			WaitsReview:  {"%d services dont une déclaration est à examiner :", "%d service dont une déclaration est à examiner :"},
			WaitsCorrect: {"%d services dont une déclaration est à corriger :", "%d service dont une déclaration est à corriger :"},
			WaitsEnable:  {"%d services attendent votre décision pour l’établissement :", "%d service attend votre décision pour l’établissement :"},
			WaitsAccept:  {"%d services dont une version plus large attend votre accord :", "%d service dont une version plus large attend votre accord :"},
			WaitsWish:    {"%d services demandés par des personnels :", "%d service demandé par des personnels :"},
			WaitsInquiry: {"%d recherches sur une personne attendent qu’une seconde personne confirme, dans les sept jours après la demande.", "%d recherche sur une personne attend qu’une seconde personne confirme, dans les sept jours après la demande."},
			WaitsUndone:  {"%d messages n’ont pas pu être remis. La page des courriers dit lesquels.", "%d message n’a pas pu être remis. La page des courriers dit lequel."},
		},
		"en": {
			WaitsStopped: {"%d services are suspended:", "%d service is suspended:"},
			WaitsEnding:  {"%d services with a declaration that ends within 90 days:", "%d service with a declaration that ends within 90 days:"},
			WaitsReview:  {"%d services with a declaration to review:", "%d service with a declaration to review:"},
			WaitsCorrect: {"%d services with a declaration to correct:", "%d service with a declaration to correct:"},
			WaitsEnable:  {"%d services wait for your decision for the school:", "%d service waits for your decision for the school:"},
			WaitsAccept:  {"%d services with a wider version that waits for your agreement:", "%d service with a wider version that waits for your agreement:"},
			WaitsWish:    {"%d services that staff asked for:", "%d service that staff asked for:"},
			WaitsInquiry: {"%d inquiries about a person wait for a second person to confirm, within seven days of being asked.", "%d inquiry about a person waits for a second person to confirm, within seven days of being asked."},
			WaitsUndone:  {"%d messages could not be delivered. The page of mails says which.", "%d message could not be delivered. The page of mails says which."},
		},
	}
	return fmt.Sprintf(said[lang][word][one], n)
}

// officeIn is a function in words.
func officeIn(lang string, r registry.Role) string {
	said := map[registry.Role][2]string{
		registry.Provider: {"fournisseur", "provider"}, registry.Staff: {"personnel", "staff"}, registry.Directeur: {"directeur ou directrice d’école", "école director"},
		registry.IEN: {"IEN", "inspector"}, registry.HeadOfSchool: {"chef ou cheffe d’établissement", "head of school"},
		registry.Deputy: {"adjoint ou adjointe", "deputy"}, registry.Assistant: {"assistant ou assistante", "assistant"}, registry.DASEN: {"DASEN", "DASEN"},
		registry.Recteur: {"recteur ou rectrice", "recteur"}, registry.DRANE: {"DRANE", "DRANE"}, registry.DPO: {"DPD", "data-protection officer"},
		registry.Admin: {"administrateur technique", "technical administrator"}, registry.OnCall: {"RSSI ou astreinte", "on-call"},
		registry.Collectivite: {"collectivité", "collectivité"}, registry.Support: {"assistance", "support"}, registry.Auditor: {"auditeur", "auditor"},
	}
	if lang == "en" {
		return said[r][1]
	}
	return said[r][0]
}
