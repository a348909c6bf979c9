package registry

// Service is something outside that people sign in to.
type Service struct {
	ID        string            `json:"id" yaml:"id"`
	Name      Text              `json:"name" yaml:"name"`
	Sentence  Text              `json:"sentence" yaml:"sentence"` // what it is for, in one sentence a pupil of eight reads
	Provider  string            `json:"provider" yaml:"provider"`
	Sector    string            `json:"sector" yaml:"sector"` // the family whose services share a pseudonym; the service's id when empty
	Category  string            `json:"category" yaml:"category"`
	Narrow    Mode              `json:"narrow,omitempty" yaml:"narrow"` // "pseudonymous" keeps names back whatever the declaration allows
	Bindings  []Binding         `json:"bindings" yaml:"bindings"`
	Suspended bool              `json:"suspended,omitempty" yaml:"suspended"`
	ManagedBy string            `json:"managed_by,omitempty" yaml:"-"` // the file it came from; empty for the console
	Start     string            `json:"start,omitempty" yaml:"start"`  // where a tile leads: the address at which the service begins a sign-in
	Contact   string            `json:"contact,omitempty" yaml:"contact"`
	Labels    map[string]string `json:"labels,omitempty" yaml:"labels"`
	Decisions []Decision        `json:"decisions,omitempty" yaml:"-"` // who stopped it and started it again, oldest first
	Listing   *Listing          `json:"catalogue,omitempty" yaml:"catalogue"`
}

// Family is the sector under which pseudonyms are made.
func (s Service) Family() string {
	if s.Sector != "" {
		return s.Sector
	}
	return s.ID
}

// Canary is By in the decision of package canary: the gateway stopped the service itself, because more was sent than
// declared. A person starts it again.
const Canary = "canary"

// StoppedItself tells whether the service is suspended and the gateway itself decided so.
func (s Service) StoppedItself() bool {
	n := len(s.Decisions)
	return s.Suspended && n > 0 && s.Decisions[n-1].By == Canary
}

// StoppedText is what users read of a service that the gateway stopped itself: what happened, what to do, who answers.
func StoppedText() Text {
	return Text{
		FR: "Ce service s’est arrêté tout seul : il a reçu plus d’informations que ce qui était déclaré. Vous n’avez rien à faire. " +
			"L’académie vérifie ce qui est parti, et le délégué à la protection des données répond à vos questions.",
		EN: "This service was stopped automatically: it was sent more information than was declared. There is nothing you have to do. " +
			"The academy is checking what was sent, and its data protection officer answers your questions.",
	}
}

// Text is a text for people, French first; English falls back to French.
type Text struct {
	FR string `json:"fr" yaml:"fr"`
	EN string `json:"en,omitempty" yaml:"en"`
}

// In gives the text in a language.
func (t Text) In(lang string) string {
	if lang == "en" && t.EN != "" {
		return t.EN
	}
	return t.FR
}

// Mode says whether a declaration lets identities out.
type Mode string

// The modes. The empty mode is pseudonymous: names need a word that says so.
const (
	Pseudonymous Mode = "pseudonymous"
	Nominative   Mode = "nominative"
)
