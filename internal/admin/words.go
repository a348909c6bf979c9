package admin

import (
	"strings"

	"ecluse/internal/attrs"
	"ecluse/internal/registry"
)

// The words in which the simulator speaks to people. What it says to programs are the stable words themselves; one that
// is not listed here is shown as it is, so that nothing is ever hidden for want of a translation.

func lang(l string) string {
	if l == "en" {
		return "en"
	}
	return "fr"
}

func say(texts map[string]registry.Text, word, in string) string {
	if t, ok := texts[word]; ok {
		return t.In(lang(in))
	}
	return word
}

func checkWord(word, in string) string {
	return say(map[string]registry.Text{
		"service known":                      {FR: "service connu", EN: "service known"},
		"service declared":                   {FR: "service déclaré et approuvé quelque part", EN: "service declared and approved somewhere"},
		"source declared":                    {FR: "source d’identité déclarée", EN: "identity source declared"},
		"establishment known":                {FR: "établissement connu", EN: "establishment known"},
		"gateway declared there":             {FR: "la passerelle y est déclarée", EN: "gateway declared there"},
		"member there":                       {FR: "rattachement à l’établissement", EN: "member there"},
		"controller says nothing against it": {FR: "le responsable ne s’y oppose pas", EN: "controller says nothing against it"},
		"declaration covers it":              {FR: "une déclaration couvre l’établissement", EN: "declaration covers it"},
		"no test account is named":           {FR: "aucun compte d’essai n’est nommé", EN: "no test account is named"},
		"audience":                           {FR: "profil admis", EN: "audience"},
		"level":                              {FR: "niveau admis", EN: "level"},
		"age":                                {FR: "âge admis", EN: "age"},
		"parental authority":                 {FR: "autorité parentale", EN: "parental authority"},
		"required attributes":                {FR: "données obligatoires présentes", EN: "required attributes"},
	}, word, in)
}

func needWord(word, in string) string {
	return say(map[string]registry.Text{
		"passed":        {FR: "rien n’est affiché", EN: "nothing is shown"},
		"informed":      {FR: "la page d’information est affichée avant le premier envoi", EN: "the information page is shown before anything is sent for the first time"},
		"agreed":        {FR: "la personne est d’abord invitée à dire oui ou non", EN: "the person is asked first, and may say no"},
		"parents_first": {FR: "rien n’est envoyé : l’accord d’un titulaire de l’autorité parentale manque", EN: "nothing is sent: the agreement of a holder of parental authority is missing"},
	}, word, in)
}

func whyWord(w attrs.WhyNot, in string) string {
	return say(map[string]registry.Text{
		string(attrs.NotDeclared):    {FR: "non déclarée", EN: "not declared"},
		string(attrs.NotNominative):  {FR: "la déclaration ne permet pas de nommer la personne", EN: "the declaration does not allow naming anybody"},
		string(attrs.Unwritten):      {FR: "sa valeur n’a pas la forme que le service accepte", EN: "its value has no form that the service takes"},
		string(attrs.NotRequested):   {FR: "déclarée, mais le service ne la demande pas", EN: "declared, and the service does not ask for it"},
		string(attrs.NotKnown):       {FR: "la source n’en dit rien", EN: "the source does not say it"},
		string(attrs.NotThisProfile): {FR: "déclarée pour d’autres profils", EN: "declared for other profiles"},
		string(attrs.NotAllowed):     {FR: "les règles ne citent aucun texte qui l’autorise", EN: "the rules cite no text that allows it"},
		string(attrs.Reveals):        {FR: "le libellé en révèle trop", EN: "the label reveals too much"},
		string(attrs.NamesThem):      {FR: "le libellé porte le nom de la personne", EN: "the label holds the person's name"},
		string(attrs.TooFew):         {FR: "trop peu d’élèves portent ce libellé", EN: "too few pupils share the label"},
	}, string(w), in)
}

func correctsWord(word, in string) string {
	return say(map[string]registry.Text{
		"school":   {FR: "l’établissement", EN: "the establishment"},
		"source":   {FR: "la source d’identité", EN: "the identity source"},
		"operator": {FR: "l’exploitant de la passerelle", EN: "whoever runs the gateway"},
	}, word, in)
}

func basisWord(b registry.BasisKind, in string) string {
	return say(map[string]registry.Text{
		string(registry.PublicInterest):     {FR: "mission d’intérêt public", EN: "public interest"},
		string(registry.LegalObligation):    {FR: "obligation légale", EN: "legal obligation"},
		string(registry.Consent):            {FR: "consentement", EN: "consent"},
		string(registry.Contract):           {FR: "contrat", EN: "contract"},
		string(registry.LegitimateInterest): {FR: "intérêt légitime", EN: "legitimate interest"},
	}, string(b), in)
}

// unchanged is what is said of a value to which nothing was done.
func unchanged(in string) string {
	if in == "fr" {
		return "telle que la source la donne"
	}
	return "as the source says it"
}

// howWord says in French what the engine says in English; what it does not know stays as it is.
func howWord(how, in string) string {
	if in != "fr" || how == "" {
		return how
	}
	var out []string
	for _, part := range strings.Split(how, ", ") {
		out = append(out, say(map[string]registry.Text{
			"keyed hash for this family of services":          {FR: "empreinte propre à cette famille de services"},
			"the establishment chosen":                        {FR: "l’établissement choisi"},
			"the register's name of the establishment chosen": {FR: "le nom de l’établissement choisi, au registre"},
			"the register's kind of the establishment chosen": {FR: "le type de l’établissement choisi, au registre"},
			"the profile in the establishment chosen":         {FR: "le profil dans l’établissement choisi"},
			"eduPerson's word for the profile":                {FR: "le mot d’eduPerson pour le profil"},
			"the classes in the establishment chosen":         {FR: "les classes dans l’établissement choisi"},
			"the groups in the establishment chosen":          {FR: "les groupes dans l’établissement choisi"},
			"the functions in the establishment chosen":       {FR: "les fonctions dans l’établissement choisi"},
			"the cycle of the level":                          {FR: "le cycle du niveau"},
			"first letters of the names":                      {FR: "les initiales"},
			"without the labels that reveal too much":         {FR: "sans les libellés qui en révèlent trop"},
			"without the labels that name the person":         {FR: "sans les libellés qui portent le nom de la personne"},
			"without the labels that few pupils share":        {FR: "sans les libellés que peu d’élèves portent"},
			"without numbers that may not be sent":            {FR: "sans les numéros qui ne doivent jamais partir"},
			"eduPerson's word for the profile and our domain": {FR: "le mot d’eduPerson pour le profil et notre domaine"},
			"the class without its number or letter":          {FR: "la classe sans son numéro ni sa lettre"},
			"the level in neutral words":                      {FR: "le niveau en mots neutres"},
			"the domain of the address":                       {FR: "le domaine de l’adresse"},
			"the age band of the person today":                {FR: "la tranche d’âge du jour"},
			"whether the person is of age today":              {FR: "majeur ou non à ce jour"},
			"a relay's address for this service":              {FR: "une adresse de relais propre à ce service"},
		}, part, "fr"))
	}
	return strings.Join(out, ", ")
}

// ReasonWord says why somebody is not let in, to those who can do something about it: a reason of the gate,
// or of a refusal in the journal. A word that nobody knows is given back.
func ReasonWord(word, in string) string {
	return say(map[string]registry.Text{
		"unknown_service":              {FR: "aucun service de ce nom n’est enregistré", EN: "no service of that name is registered"},
		"service_suspended":            {FR: "le service est suspendu", EN: "the service is suspended"},
		"no_declaration":               {FR: "le service n’a aucune déclaration", EN: "the service has no declaration"},
		"not_approved":                 {FR: "la déclaration n’est pas approuvée", EN: "the declaration is not approved"},
		"not_yet":                      {FR: "la déclaration n’a pas commencé", EN: "the declaration has not begun"},
		"expired":                      {FR: "la déclaration est arrivée à son terme", EN: "the declaration is over"},
		"lapsed":                       {FR: "ce sur quoi la déclaration repose a pris fin", EN: "what the declaration rests on is over"},
		"declaration_suspended":        {FR: "la déclaration est suspendue", EN: "the declaration is suspended"},
		"not_enabled":                  {FR: "le service est examiné ; personne ne l’a activé dans cet établissement", EN: "the service was examined; nobody has enabled it in this establishment"},
		"awaiting_controller":          {FR: "une version plus large attend l’accord du responsable", EN: "a wider version awaits the controller's word"},
		"unknown_source":               {FR: "la source d’identité n’est pas enregistrée", EN: "the identity source is not registered"},
		"source_suspended":             {FR: "la source d’identité est suspendue", EN: "the identity source is suspended"},
		"source_not_declared":          {FR: "la source d’identité n’est pas déclarée", EN: "the identity source is not declared"},
		"unknown_establishment":        {FR: "l’établissement n’est pas enregistré", EN: "the establishment is not registered"},
		"establishment_closed":         {FR: "l’établissement est fermé", EN: "the establishment is closed"},
		"establishment_suspended":      {FR: "l’accès de l’établissement est suspendu", EN: "the establishment's access is suspended"},
		"stopped_since":                {FR: "ce à quoi la personne s’était connectée a été suspendu depuis : elle se reconnecte", EN: "what the person had signed in to was suspended since: they sign in again"},
		"source_not_for_establishment": {FR: "la source ne parle pas pour cet établissement", EN: "the source does not speak for this establishment"},
		"not_covered":                  {FR: "la fiche de registre de la passerelle ne couvre pas cet établissement", EN: "the gateway's own register entry does not reach this establishment"},
		"not_a_member":                 {FR: "la personne n’est pas rattachée à cet établissement sous ce profil", EN: "the person does not belong to this establishment under this profile"},
		"refused_here":                 {FR: "le responsable de l’établissement a refusé le service", EN: "the establishment's controller has refused the service"},
		"suspended_here":               {FR: "le service est suspendu dans cet établissement", EN: "the service is suspended in this establishment"},
		"not_here":                     {FR: "aucune déclaration ne couvre cet établissement", EN: "no declaration reaches this establishment"},
		"test_not_named":               {FR: "un compte d’essai n’entre pas dans un service qui nomme les personnes", EN: "a test account does not enter a service that is told names"},
		"not_for_profile":              {FR: "le service n’est pas déclaré pour ce profil", EN: "the service is not declared for this profile"},
		"not_for_level":                {FR: "le service n’est pas déclaré pour ce niveau", EN: "the service is not declared for this level"},
		"too_young":                    {FR: "l’âge minimal n’est pas atteint, ou l’âge n’est pas connu", EN: "the minimum age is not reached, or the age is not known"},
		"no_parental_authority":        {FR: "l’autorité parentale n’est pas établie", EN: "parental authority is not established"},
		"year_not_ready":               {FR: "les classes de la nouvelle année ne sont pas encore connues", EN: "the classes of the new school year are not known yet"},
		"no_class":                     {FR: "aucune classe et aucun groupe ne sont connus", EN: "no class and no group are known"},
		"attribute_missing":            {FR: "une donnée obligatoire manque", EN: "a required attribute is missing"},
		"too_large":                    {FR: "le service n’accepte pas autant de données", EN: "the service does not take as much data"},
		"closed_for_you":               {FR: "le service n’est pas disponible pour cette personne", EN: "the service is not available to this person"},
		"parents_first":                {FR: "l’accord d’un titulaire de l’autorité parentale manque", EN: "the agreement of a holder of parental authority is missing"},
		"refused_by_person":            {FR: "la personne a dit non", EN: "the person said no"},
		"no_source":                    {FR: "aucune source d’identité n’était utilisable", EN: "no identity source could be used"},
		"incomplete_identity":          {FR: "la source n’en dit pas assez sur la personne", EN: "the source does not say enough about the person"},
		"stale_sign_in":                {FR: "la source a donné une connexion trop ancienne", EN: "the source gave a sign-in that is too old"},
		"not_as_asked":                 {FR: "la connexion n’est pas celle que le service demande", EN: "the sign-in is not what the service asked for"},
		"passive":                      {FR: "le service ne voulait aucune page et il en fallait une", EN: "the service wanted no page, and one was needed"},
		"page_needed":                  {FR: "la page d’information devait être revue", EN: "the information page had to be shown again"},
		"registry_stale":               {FR: "le registre n’a pas pu être lu", EN: "the registry could not be read"},
		"unknown_return_address":       {FR: "l’adresse de retour n’est pas enregistrée", EN: "the return address is not registered"},
		"no_start_address":             {FR: "le service n’a pas d’adresse de départ", EN: "the service has no address to begin at"},
		"asked_by_service":             {FR: "un service a demandé la déconnexion", EN: "a service asked for the sign-out"},
		"everywhere":                   {FR: "la personne a mis fin à toutes ses connexions", EN: "the person ended all their sign-ins"},
		"not_me":                       {FR: "la personne a dit que ce n’était pas elle", EN: "the person said that it was not them"},
		"internal":                     {FR: "quelque chose a échoué de notre côté", EN: "something failed on our side"},
	}, word, in)
}
