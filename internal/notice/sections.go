package notice

import (
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

func (w *writer) title() string {
	name := w.service.Name.In(w.Lang)
	switch w.To {
	case registry.ReadStaff:
		return w.in("%s : information des personnels", "%s: information for staff", name)
	case registry.ReadCouncil:
		return w.in("%s : information du %s", "%s: information for the school's council (%s)", name, w.council())
	case registry.ReadAuthority:
		return w.in("%s : information de la collectivité", "%s: information for the local authority", name)
	default:
		return w.in("%s : information des familles", "%s: information for families", name)
	}
}

// council is what the council of a school is called.
func (w *writer) council() string {
	switch {
	case w.School.Kind == registry.Ecole && !w.School.Private:
		return "conseil d’école"
	case w.School.Private:
		return "conseil d’établissement"
	default:
		return "conseil d’administration"
	}
}

func (w *writer) sections() []Section {
	var out []Section
	add := func(element Element, fr, en string, lines ...string) {
		if len(lines) > 0 {
			out = append(out, Section{element, w.in(fr, en), lines})
		}
	}
	add(Service, "Le service", "The service", w.about()...)
	add(ForYourPart, "Ce qui vous concerne", "What concerns you", w.part()...)
	add(Controller, "Qui en répond", "Who answers for it", w.controllers()...)
	if w.joint() {
		add(Joint, "L’accord entre les responsables conjoints", "The arrangement between the joint controllers", w.d.Supplier.Essence.In(w.Lang))
	}
	add(Officer, "Le délégué à la protection des données", "The data protection officer", w.d.Controller.DPO)
	add(Purposes, "À quoi servent les données, et ce qui l’autorise", "What the data are for, and what allows it", append(w.texts(w.d.Purposes), w.basis())...)
	if w.d.Basis.Kind == registry.LegitimateInterest {
		add(Interest, "L’intérêt poursuivi", "The interest that is pursued", w.d.Basis.Text)
	}
	add(Categories, "Quelles données", "Which data", w.data()...)
	add(Source, "D’où viennent les données", "Where the data come from", w.from()...)
	add(Recipients, "Qui reçoit les données", "Who receives the data", w.recipients()...)
	add(Transfers, "Où sont les données", "Where the data are", w.transfers()...)
	add(Duration, "Combien de temps elles sont gardées", "How long they are kept", w.kept()...)
	add(Obligation, "Est-ce obligatoire ?", "Is it obligatory?", w.obligation())
	add(Automated, "Décisions automatiques", "Automated decisions", w.in(
		"Aucune décision n’est prise de façon automatique à partir de ces données.", "No decision is taken automatically from these data."))
	add(Rights, "Vos droits", "Your rights", w.rights()...)
	if w.d.Basis.Kind == registry.Consent {
		add(Withdrawal, "Retirer son accord", "Withdrawing consent", w.in(
			"L’accord peut être retiré à tout moment, aussi simplement qu’il a été donné, sur la page « Mes données » ou auprès de l’établissement. Ce qui a été fait avant reste licite.",
			"Consent may be withdrawn at any time, as easily as it was given, on the page “My data” or with the school. What was done before stays lawful."))
	}
	add(Complaint, "Réclamation", "Complaint", w.in(
		"Toute personne peut adresser une réclamation à la CNIL : www.cnil.fr/fr/plaintes, ou 3 place de Fontenoy, TSA 80715, 75334 Paris Cedex 07.",
		"Anybody may lodge a complaint with the CNIL, the French authority: www.cnil.fr/fr/plaintes, or 3 place de Fontenoy, TSA 80715, 75334 Paris Cedex 07, France."))
	return out
}

func (w *writer) about() []string {
	out := w.texts([]registry.Text{w.service.Sentence})
	by := w.in("le rectorat", "the rectorat")
	switch w.d.Scope.Level {
	case registry.ByDepartment:
		by = w.in("la direction académique (DASEN), pour les écoles publiques du département", "the director of the department (DASEN), for its public primary schools")
	case registry.ByEstablishment:
		by = w.in("l’établissement", "the school")
	}
	out = append(out, w.in("C’est un service professionnel, choisi et administré par %s : il n’est ni public ni personnel.", "It is a professional service, chosen and administered by %s: it is neither an offer to the public nor a private account.", by))
	return append(out, w.in("Il est déclaré du %s au %s.", "It is declared from %s to %s.", w.day(w.d.From), w.day(w.last)))
}

// part is what whoever reads has to do with it.
func (w *writer) part() []string {
	switch w.To {
	case registry.ReadGuardians:
		return w.families()
	case registry.ReadStaff:
		if w.concernsStaff() {
			return []string{w.in("Des données qui vous concernent sont envoyées au service quand vous l’ouvrez.", "Data about you are sent to the service when you open it.")}
		}
		return []string{w.in("Le service n’est pas ouvert aux personnels : aucune donnée sur vous ne lui est envoyée. Cette notice vous dit ce qu’il reçoit des élèves.", "The service is not open to staff: no data about you are sent to it. This notice tells you what it receives of pupils.")}
	case registry.ReadCouncil:
		return []string{w.in("Le %s est informé du traitement de données que ce service entraîne, avant ou à son ouverture ; la délibération qu’un contrat exige reste la sienne.", "The %s is informed of the processing of data that this service brings, before or at its opening; the decision that a contract asks for stays its own.", w.council())}
	default:
		return []string{w.in("La collectivité de rattachement (%s) est informée de ce que l’établissement utilise, de ce qui lui est envoyé et de qui en répond. Aucune donnée ne lui est remise par cette notice.", "The local authority (%s) is informed of what the school uses, of what is sent to it, and of who answers. This notice hands it no data.", w.authority())}
	}
}

func (w *writer) families() []string {
	var out []string
	if w.concerns(person.Pupil) {
		out = append(out, w.in("Des données qui concernent votre enfant sont envoyées au service quand il l’ouvre.", "Data about your child are sent to the service when they open it."))
	}
	if w.concerns(person.Guardian) {
		out = append(out, w.in("Des données qui vous concernent sont envoyées au service quand vous l’ouvrez.", "Data about you are sent to the service when you open it."))
	}
	return out
}

func (w *writer) authority() string {
	switch {
	case w.School.Authority != "":
		return w.School.Authority
	case w.School.Kind == registry.Ecole:
		return w.in("la commune", "the municipality")
	case w.School.Kind == registry.College:
		return w.in("le département", "the department")
	default:
		return w.in("la région", "the region")
	}
}

func (w *writer) controllers() []string {
	var out []string
	for _, c := range append([]registry.Controller{w.d.Controller}, w.d.Joint...) {
		out = append(out, w.in("%s, représenté par sa fonction : %s. Contact : %s.", "%s, represented by its function: %s. Contact: %s.", c.Name, c.Office, c.Contact))
	}
	return append(out, w.near())
}

// near is whom people ask first: in a public école its directeur, who answers for nothing and passes on.
func (w *writer) near() string {
	switch {
	case w.School.Kind == registry.Ecole && !w.School.Private:
		return w.in("Dans l’école, la directrice ou le directeur vous renseigne et transmet à l’inspection de la circonscription (IEN) ; la direction académique (DASEN) décide.", "In the school the directrice or directeur tells you more and passes on to the inspector of the circonscription (IEN); the director of the department (DASEN) decides.")
	case w.School.Kind == registry.College || w.School.Kind == registry.Lycee || w.School.Private:
		return w.in("Dans l’établissement, adressez-vous à la cheffe ou au chef d’établissement.", "In the school, ask the head.")
	default:
		return w.in("Sur place, adressez-vous au service qui vous remet cette notice.", "There, ask the office that hands you this notice.")
	}
}

func (w *writer) basis() string {
	said := map[registry.BasisKind][2]string{
		registry.PublicInterest:     {"Base légale : mission d’intérêt public (RGPD, art. 6(1)(e))", "Legal basis: a task in the public interest (GDPR, Art. 6(1)(e))"},
		registry.LegalObligation:    {"Base légale : obligation légale (RGPD, art. 6(1)(c))", "Legal basis: a legal obligation (GDPR, Art. 6(1)(c))"},
		registry.Consent:            {"Base légale : consentement (RGPD, art. 6(1)(a))", "Legal basis: consent (GDPR, Art. 6(1)(a))"},
		registry.Contract:           {"Base légale : contrat (RGPD, art. 6(1)(b))", "Legal basis: a contract (GDPR, Art. 6(1)(b))"},
		registry.LegitimateInterest: {"Base légale : intérêt légitime (RGPD, art. 6(1)(f))", "Legal basis: a legitimate interest (GDPR, Art. 6(1)(f))"},
	}[w.d.Basis.Kind]
	out := w.in(said[0], said[1])
	if w.d.Basis.Text != "" && w.d.Basis.Kind != registry.LegitimateInterest {
		out += w.in(" : ", ": ") + w.d.Basis.Text
	}
	return out + "."
}

func (w *writer) data() []string {
	var out []string
	if w.d.Mode != registry.Nominative || w.service.Narrow == registry.Pseudonymous {
		out = append(out, w.in("Le service ne reçoit pas de nom : un numéro que lui seul connaît en tient lieu.", "The service receives no name: a number that it alone knows stands for it."))
	}
	for _, item := range w.d.Items {
		label := string(item.Attr)
		if e, ok := w.words.Entry(item.Attr); ok {
			label = e.Label.In(w.Lang)
		}
		if why := strings.TrimSpace(item.Justification.In(w.Lang)); why != "" {
			label += w.in(" : ", ": ") + why
		}
		out = append(out, label)
	}
	return append(out, w.texts(w.d.Data)...)
}

func (w *writer) from() []string {
	var out []string
	for _, s := range w.sources {
		out = append(out, w.in("%s, par la passerelle de connexion Écluse, qui n’envoie que ce qui est écrit ici.", "%s, through the sign-in gateway Écluse, which sends nothing but what is written here.", s.Name.In(w.Lang)))
	}
	out = append(out, w.in("Fiche du registre de cet annuaire : %s.", "Entry of that directory in the register: %s.", w.d.Directory))
	return append(out, w.in("Ce que la personne écrit ou fait dans le service vient d’elle.", "What the person writes or does in the service comes from that person."))
}

func (w *writer) recipients() []string {
	s, out := w.d.Supplier, w.texts(w.d.Recipients)
	said := map[registry.Relation][2]string{
		registry.Processor:       {"%s, sous-traitant : il agit sur instruction et ne décide ni des fins ni des moyens (RGPD, art. 28).", "%s, processor: it acts on instructions and decides neither the purposes nor the means (GDPR, Art. 28)."},
		registry.JointController: {"%s, responsable conjoint : il décide avec le responsable nommé plus haut (RGPD, art. 26).", "%s, joint controller: it decides together with the controller named above (GDPR, Art. 26)."},
		registry.PublicBody:      {"%s, organisme public, lui-même responsable de ce qu’il fait des données.", "%s, a public body, itself controller of what it does with the data."},
	}[s.Relation]
	if s.Relation == registry.Internal {
		out = append(out, w.in("Aucun fournisseur extérieur : le service est tenu par l’administration.", "No outside supplier: the administration runs the service."))
	} else {
		out = append(out, w.in(said[0], said[1], s.Name))
	}
	for _, sub := range s.Sub {
		out = append(out, strings.TrimSuffix(w.in("Sous-traitant ultérieur : %s, %s, %s", "Further processor: %s, %s, %s", sub.Name, w.country(sub.Country), sub.For), ", "))
	}
	return out
}

func (w *writer) transfers() []string {
	var names []string
	for _, code := range w.d.Hosting {
		names = append(names, w.country(code))
	}
	out := []string{w.in("Hébergement : %s.", "Hosting: %s.", strings.Join(names, ", "))}
	for _, t := range w.d.Transfers {
		remote := ""
		if t.Remote {
			remote = w.in(" (accès à distance)", " (remote access)")
		}
		out = append(out, w.in("Transfert hors de l’Espace économique européen : %s, %s%s. %s", "Transfer out of the European Economic Area: %s, %s%s. %s", t.Recipient, w.country(t.Country), remote, w.instrument(t)))
	}
	if len(w.d.Transfers) == 0 {
		return append(out, w.in("Aucun transfert hors de l’Espace économique européen.", "No transfer out of the European Economic Area."))
	}
	return append(out, w.in("Le délégué à la protection des données dit comment obtenir une copie des garanties.", "The data protection officer tells how to obtain a copy of the safeguards."))
}

func (w *writer) instrument(t registry.Transfer) string {
	reference := ""
	if t.Reference != "" {
		reference = " (" + t.Reference + ")"
	}
	switch t.Instrument {
	case registry.Adequacy:
		return w.in("Le pays offre une protection reconnue par la Commission européenne (RGPD, art. 45)%s.", "The European Commission has recognised the country's protection (GDPR, Art. 45)%s.", reference)
	case registry.DPF:
		return w.in("Le destinataire est certifié sous le cadre de protection des données UE – États-Unis, décision d’adéquation (UE) 2023/1795 (RGPD, art. 45)%s.", "The recipient is certified under the EU – US Data Privacy Framework, adequacy decision (EU) 2023/1795 (GDPR, Art. 45)%s.", reference)
	case registry.SCC:
		return w.in("Clauses contractuelles types (RGPD, art. 46)%s.", "Standard contractual clauses (GDPR, Art. 46)%s.", reference)
	default:
		return w.in("Règles d’entreprise contraignantes (RGPD, art. 47)%s.", "Binding corporate rules (GDPR, Art. 47)%s.", reference)
	}
}

func (w *writer) kept() []string {
	out := w.texts([]registry.Text{w.d.Retention})
	after := map[registry.Event][2]string{
		registry.AfterCollection: {"la collecte", "collection"}, registry.AfterYear: {"la fin de l’année scolaire", "the end of the school year"},
		registry.AfterDeparture: {"le départ de l’établissement", "leaving the school"}, registry.AfterSchooling: {"la fin de la scolarité", "the end of schooling"},
	}
	for _, e := range w.d.Erasure {
		when := after[e.After]
		if e.Months == 0 {
			out = append(out, w.in("%s : effacement dès %s.", "%s: erased at %s.", e.What.In(w.Lang), w.in(when[0], when[1])))
			continue
		}
		out = append(out, w.in("%s : effacement %d mois après %s.", "%s: erased %d months after %s.", e.What.In(w.Lang), e.Months, w.in(when[0], when[1])))
	}
	return out
}

func (w *writer) obligation() string {
	switch {
	case w.d.Basis.Kind == registry.Consent:
		return w.in("Non. Sans accord, rien n’est envoyé et le service ne s’ouvre pas ; un refus n’a aucune conséquence sur la scolarité.", "No. Without consent nothing is sent and the service does not open; a refusal has no consequence for schooling.")
	case w.d.Basis.Prescribed == registry.AnswerYes:
		return w.in("Oui, quand un enseignant prescrit le service : les données écrites ici sont alors nécessaires. Sans elles le service ne s’ouvre pas, et l’enseignant propose une autre façon de travailler.", "Yes, when a teacher prescribes the service: the data written here are then needed. Without them the service does not open, and the teacher offers another way to work.")
	default:
		return w.in("Non. Le service n’est pas prescrit ; sans les données écrites ici il ne s’ouvre pas, sans autre conséquence.", "No. The service is not prescribed; without the data written here it does not open, and nothing else follows.")
	}
}

func (w *writer) rights() []string {
	out := []string{w.in(
		"Toute personne concernée peut demander l’accès aux données, leur rectification, leur effacement et la limitation de leur traitement (RGPD, art. 15 à 18). Les responsables légaux le peuvent pour leur enfant.",
		"Everybody concerned may ask for access to the data, for their rectification, their erasure and the restriction of their processing (GDPR, Art. 15 to 18). Guardians may do so for their child.")}
	switch w.d.Basis.Kind {
	case registry.PublicInterest, registry.LegitimateInterest:
		out = append(out, w.in("Elle peut s’opposer au traitement pour des raisons tenant à sa situation particulière (art. 21).", "They may object to the processing on grounds relating to their particular situation (Art. 21)."))
	case registry.Consent, registry.Contract:
		out = append(out, w.in("Elle peut recevoir les données qu’elle a fournies et les faire transmettre à un autre (portabilité, art. 20).", "They may receive the data that they provided and have them sent to another (portability, Art. 20)."))
	}
	return append(out, w.in("La demande se fait sur la page « Mes droits » de la passerelle, auprès de l’établissement ou du délégué à la protection des données : %s.", "Ask on the page “My rights” of the gateway, at the school, or the data protection officer: %s.", w.d.Controller.DPO))
}

// day is a day as people read it.
func (w *writer) day(d registry.Date) string {
	if w.Lang == "en" {
		return d.Starts(time.UTC).Format("2 January 2006")
	}
	months := [...]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}
	n := d.Starts(time.UTC).Format("2")
	if d.Day == 1 {
		n = "1er"
	}
	return n + " " + months[d.Month-1] + d.Starts(time.UTC).Format(" 2006")
}

// country is the name of an ISO 3166 code, or the code itself.
func (w *writer) country(code string) string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	namer := display.Regions(language.French)
	if w.Lang == "en" {
		namer = display.Regions(language.English)
	}
	if named := namer.Name(region); named != "" {
		return named
	}
	return code
}
