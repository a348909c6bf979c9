package incident

import (
	"fmt"
	"strings"
	"time"

	"ecluse/internal/registry"
)

// Notification is what the authority asks of a breach (RGPD art. 33(3), in the order of the CNIL's form): to be copied there,
// printed, or kept. It names nobody; the data-protection officer is reached by a function's address.
type Notification struct {
	Reference string         `json:"reference"`
	Title     string         `json:"title"`
	Natures   []string       `json:"natures"`
	Began     time.Time      `json:"began"`
	Ended     time.Time      `json:"ended,omitzero"`
	Known     time.Time      `json:"known"`
	Due       time.Time      `json:"due"`
	Notified  time.Time      `json:"notified,omitzero"`
	Late      bool           `json:"late"`
	WhyLate   string         `json:"why_late,omitempty"`
	What      string         `json:"what"`
	People    int            `json:"people"`   // at most: somebody at two services is counted twice
	Records   int            `json:"records"`  // messages that were sent
	Data      []Sent         `json:"data"`     // categories of data, by the words of the dictionary
	Services  []Counted      `json:"services"` // the same by service and establishment
	Effects   string         `json:"effects"`
	Measures  string         `json:"measures"`
	Informed  time.Time      `json:"informed,omitzero"` // when people were told (art. 34)
	Contact   string         `json:"contact"`
	Warned    []Warned       `json:"controllers"`
	Timeline  []TimelineStep `json:"timeline"`
	Missing   []string       `json:"missing"` // what the form asks and the record does not say yet
}

// TimelineStep is a step without the hand that wrote it.
type TimelineStep struct {
	At     time.Time `json:"at"`
	Word   string    `json:"word"`
	Office string    `json:"office"`
	To     string    `json:"to,omitempty"`
	Text   string    `json:"text,omitempty"`
}

// Notify makes the notification of a record as it stands at now.
func Notify(s *registry.Snapshot, i registry.Incident, counted []Counted, now time.Time) Notification {
	people, messages := total(counted)
	n := Notification{
		Reference: i.ID, Title: i.Title, Began: i.Since(), Ended: i.Until, Known: i.Known, Due: Due(i), Late: Late(i, now), WhyLate: i.Late,
		What: i.What, People: people, Records: messages, Data: sentNames(counted), Services: counted, Effects: i.Effects, Measures: i.Measures,
		Contact: i.Contact, Warned: Controllers(s, i, counted),
	}
	for _, nature := range i.Natures {
		n.Natures = append(n.Natures, string(nature))
	}
	if step, ok := i.Did(registry.StepNotified); ok {
		n.Notified = step.At
	}
	if step, ok := i.Did(registry.StepInformed); ok {
		n.Informed = step.At
	}
	for _, step := range i.Steps {
		n.Timeline = append(n.Timeline, TimelineStep{step.At, string(step.Word), step.Office, step.To, step.Text})
	}
	for _, f := range []struct{ name, text string }{{"what", i.What}, {"effects", i.Effects}, {"measures", i.Measures}, {"contact", i.Contact}} {
		if strings.TrimSpace(f.text) == "" {
			n.Missing = append(n.Missing, f.name)
		}
	}
	if n.Late && strings.TrimSpace(i.Late) == "" {
		n.Missing = append(n.Missing, "late")
	}
	return n
}

// Markdown is the notification as a text in French, for the file of the case. Moments are in a zone.
func (n Notification) Markdown(zone *time.Location) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	at := func(t time.Time) string {
		if t.IsZero() {
			return "—"
		}
		return t.In(zone).Format("02/01/2006 15:04 (-07:00)")
	}
	said := func(text string) string {
		if strings.TrimSpace(text) == "" {
			return "_à compléter_"
		}
		return plain(text)
	}
	line("# Notification d’une violation de données (RGPD, art. 33)\n\nRéférence : %s. %s\n", n.Reference, plain(n.Title))
	line("## Quand\n\n- Début : %s\n- Fin : %s\n- Constat : %s\n- Échéance des 72 heures : %s\n- Notifiée : %s", at(n.Began), at(n.Ended), at(n.Known), at(n.Due), at(n.Notified))
	if n.Late {
		line("- Motif du retard : %s", said(n.WhyLate))
	}
	line("\n## Nature\n\n%s\n\n%s\n", natures(n.Natures), said(n.What))
	line("## Personnes et données\n\nPersonnes concernées : %d au plus. Envois : %d.\n", n.People, n.Records)
	for _, s := range n.Services {
		line("- %s : %d personnes, %d envois, %d établissements", s.Service, s.People, s.Messages, len(s.Schools))
	}
	line("\n| Donnée | Personnes |\n|---|---|")
	for _, d := range n.Data {
		line("| %s | %d |", d.Name, d.People)
	}
	line("\n## Conséquences probables\n\n%s\n\n## Mesures\n\n%s\n", said(n.Effects), said(n.Measures))
	line("Personnes informées : %s\n\n## Contact\n\n%s\n\n## Responsables de traitement\n", at(n.Informed), said(n.Contact))
	for _, w := range n.Warned {
		line("- %s : %d établissements, prévenu : %s", w.Name(), w.Schools, at(w.At))
	}
	line("\n## Chronologie\n")
	for _, s := range n.Timeline {
		line("- %s, %s, %s %s %s", at(s.At), s.Office, s.Word, s.To, plain(s.Text))
	}
	return b.String()
}

// plain keeps a text from being read as a heading, a table or a list of the document that it stands in.
func plain(text string) string {
	return strings.NewReplacer("|", "\\|", "#", "\\#", "<", "&lt;", "\r", "", "\n", "  \n").Replace(strings.TrimSpace(text))
}

func natures(words []string) string {
	in := map[string]string{
		string(registry.Confidentiality): "perte de confidentialité", string(registry.Integrity): "perte d’intégrité",
		string(registry.Availability): "perte de disponibilité",
	}
	var out []string
	for _, w := range words {
		out = append(out, in[w])
	}
	return strings.Join(out, ", ")
}
