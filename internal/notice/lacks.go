package notice

import (
	"fmt"
	"slices"
	"strings"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// check finds all that the declaration does not say.
func (w *writer) check() {
	w.answering()
	w.why()
	w.what()
	w.outside()
	w.fits()
}

func (w *writer) lack(is bool, where, fr, en, law string) {
	if is {
		w.lacks = append(w.lacks, Lack{where, registry.Text{FR: fr, EN: en}, "RGPD " + law})
	}
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

func (w *writer) none(list []registry.Text) bool { return len(w.texts(list)) == 0 }

func (w *writer) answering() {
	for i, c := range append([]registry.Controller{w.d.Controller}, w.d.Joint...) {
		where := "controller"
		if i > 0 {
			where = fmt.Sprintf("joint_controllers[%d]", i-1)
		}
		w.lack(blank(c.Name) || blank(c.Office), where, "qui répond du traitement", "who answers for the processing", "art. 13(1)(a)")
		w.lack(blank(c.Contact), where+".contact", "comment joindre le responsable", "how to reach the controller", "art. 13(1)(a)")
		w.lack(i == 0 && blank(c.DPO), where+".dpo", "comment joindre le délégué à la protection des données", "how to reach the data protection officer", "art. 13(1)(b)")
	}
	w.lack(w.joint() && blank(w.d.Supplier.Essence.In(w.Lang)), "supplier.essence", "l’essentiel de l’accord entre les responsables conjoints", "the essence of the arrangement between the joint controllers", "art. 26(2)")
}

func (w *writer) joint() bool {
	return len(w.d.Joint) > 0 || w.d.Supplier.Relation == registry.JointController
}

func (w *writer) why() {
	w.lack(w.none(w.d.Purposes), "purposes", "à quoi servent les données", "what the data are for", "art. 13(1)(c)")
	kinds := []registry.BasisKind{registry.PublicInterest, registry.LegalObligation, registry.Consent, registry.Contract, registry.LegitimateInterest}
	w.lack(!slices.Contains(kinds, w.d.Basis.Kind), "basis.kind", "la base légale", "the legal basis", "art. 13(1)(c)")
	founded := w.d.Basis.Kind == registry.PublicInterest || w.d.Basis.Kind == registry.LegalObligation
	w.lack(founded && blank(w.d.Basis.Text), "basis.text", "le texte qui fonde la mission ou l’obligation", "the text that founds the task or the obligation", "art. 6(3)")
	w.lack(w.d.Basis.Kind == registry.LegitimateInterest && blank(w.d.Basis.Text), "basis.text", "l’intérêt poursuivi", "the interest that is pursued", "art. 13(1)(d)")
	w.lack(w.d.Basis.Kind != registry.Consent && w.d.Basis.Prescribed != registry.AnswerYes && w.d.Basis.Prescribed != registry.AnswerNo,
		"basis.prescribed", "si un enseignant prescrit le service : fournir les données est-il obligatoire ?", "whether a teacher prescribes the service: must the data be provided?", "art. 13(2)(e)")
	w.lack(slices.Contains(w.d.DPIA.Criteria, "automated_decision"), "dpia.criteria",
		"la logique des décisions automatiques que l’analyse d’impact annonce", "the logic of the automated decisions that the impact assessment tells of", "art. 13(2)(f)")
}

func (w *writer) what() {
	w.lack(len(w.d.Items) == 0 && w.none(w.d.Data), "items", "les catégories de données", "the categories of data", "art. 14(1)(d)")
	w.lack(len(w.sources) == 0, "directory", "la source des données : aucune source déclarée ne parle pour cet établissement", "the source of the data: no declared source speaks for this school", "art. 14(2)(f)")
	w.lack(blank(w.d.Directory), "directory", "la fiche de l’annuaire d’où viennent les données", "the register entry of the directory that the data come from", "art. 14(2)(f)")
	w.lack(blank(w.d.Retention.In(w.Lang)) && len(w.d.Erasure) == 0, "retention", "combien de temps les données sont gardées", "how long the data are kept", "art. 13(2)(a)")
}

func (w *writer) outside() {
	s := w.d.Supplier
	w.lack(w.none(w.d.Recipients), "recipients", "qui reçoit les données", "who receives the data", "art. 13(1)(e)")
	w.lack(s.Relation != registry.Internal && blank(s.Name), "supplier.name", "le nom du fournisseur", "the supplier's name", "art. 13(1)(e)")
	known := []registry.Relation{registry.Processor, registry.JointController, registry.PublicBody, registry.Internal}
	w.lack(!slices.Contains(known, s.Relation), "supplier.relation", "le vrai rôle du fournisseur (sous-traitant, responsable conjoint, organisme public)", "the true role of the supplier (processor, joint controller, public body)", "art. 13(1)(e)")
	w.lack(len(w.d.Hosting) == 0, "hosting", "où sont les données", "where the data are", "art. 13(1)(f)")
	for i, t := range w.d.Transfers {
		where := fmt.Sprintf("transfers[%d]", i)
		w.lack(blank(t.Country) || blank(t.Recipient), where, "vers qui et vers quel pays va le transfert", "to whom and to which country the transfer goes", "art. 13(1)(f)")
		instruments := []registry.Instrument{registry.Adequacy, registry.DPF, registry.SCC, registry.BCR}
		w.lack(!slices.Contains(instruments, t.Instrument), where+".instrument", "ce qui permet le transfert", "what allows the transfer", "art. 13(1)(f)")
		clauses := t.Instrument == registry.SCC || t.Instrument == registry.BCR
		w.lack(clauses && blank(t.Reference), where+".reference", "la référence des clauses ou des règles", "the reference of the clauses or rules", "art. 13(1)(f)")
	}
}

// fits wants somebody whom the notice concerns.
func (w *writer) fits() {
	w.lack(!slices.Contains(registry.Readers(), w.To), "", "à qui la notice s’adresse", "whom the notice is for", "art. 12(1)")
	w.lack(w.To == registry.ReadGuardians && !w.concerns(person.Pupil, person.Guardian), "audience.profiles", "ni les élèves ni leurs responsables ne sont concernés : il n’y a rien à leur dire", "neither pupils nor their guardians are concerned: there is nothing to tell them", "art. 13, 14")
}
