package notify_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"ecluse/internal/notify"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/registry/registrytest"
)

// everything is a world in which a mail of each kind is due.
func everything() registry.Contents {
	c := academy()
	d := declared("d", "pix", inSchools(college), day(2026, 11, 30))
	over := declared("o", "lire", inSchools(college), day(2026, 11, 23))
	today := declared("t", "lire", inSchools(lycee), day(2026, 11, 24))
	tomorrow := declared("u", "lire", inSchools(lycee), day(2026, 11, 25))
	c.Declarations = append(c.Declarations, d, over, today, tomorrow)
	registrytest.Enable(&c, d, college)
	at := now().Add(-time.Hour)
	c.Services[0].Suspended, c.Services[0].Decisions = true, stopped(at)
	c.Enablings[0].Decisions, c.Enablings[0].Message = stopped(at), registry.Text{FR: "Madame Dupont a dit"}
	c.Appointments = []registry.Appointment{{
		ID: "a1", Role: registry.Admin, Author: "command:admin-link", Since: at, Until: day(2027, 1, 1), Reason: "Madame Dupont a dit", Holder: "handle-4711",
	}}
	c.Wishes = []registry.Wish{
		{ID: "w", UAI: college, About: "pix", State: registry.Wished, Reason: "Madame Dupont a dit", By: []string{"handle-4711"}},
		{ID: "x", UAI: lycee, About: "lire", State: registry.Wished},
	}
	c.Incidents = []registry.Incident{{
		ID: "2026-0007", State: registry.IncidentOpen, Title: "Madame Dupont a dit", Services: []string{"pix"}, UAIs: []person.UAI{college, ecole, "0599999Z"},
		Known: at, Opened: at, What: "Madame Dupont a dit",
	}}
	c.Inquiries = []registry.Inquiry{{
		ID: "q1", Academy: "lille", Source: "educonnect", Person: "Dupont", State: registry.Submitted, Until: now().AddDate(0, 0, 6),
		Decisions: []registry.Decision{{At: at, State: registry.Submitted, By: "handle-4711", Reason: "Madame Dupont a dit"}},
	}}
	c.Stops = []registry.Stop{
		{Kind: registry.StopEstablishment, ID: string(ecole), Suspended: true, Decisions: stopped(at)},
		{Kind: registry.StopAppointment, ID: "a1", Suspended: true, Decisions: stopped(at)},
		{Kind: registry.StopHolder, ID: "handle-4711", Suspended: true, Decisions: stopped(at.Add(time.Minute))},
	}
	return c
}

func everyMail(t *testing.T) []notify.Mail {
	t.Helper()
	d := newDesk(t, everything())
	mails := d.look(t, now())
	if again := d.look(t, now()); len(again) > 0 { // told once
		t.Errorf("%d mails again", len(again))
	}
	return mails
}

func TestNoMailHoldsAPersonALinkThatActsOrAReasonThatSomebodyWrote(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`https?://\S+`)
	kinds := map[notify.Kind]int{}
	for _, m := range everyMail(t) {
		kinds[m.Kind]++
		for _, bad := range []string{"Dupont", "4711", "<no value>", "%!", "command:"} {
			if strings.Contains(m.Subject+m.Text, bad) {
				t.Errorf("%s holds %q: %s\n%s", m, bad, m.Subject, m.Text)
			}
		}
		for _, found := range link.FindAllString(m.Text, -1) {
			if found != "https://sso.example.org/bureau/" {
				t.Errorf("%s leads to %s", m, found)
			}
		}
		if strings.ContainsAny(m.Subject, "\r\n") || strings.Contains(m.Text, "\n- « Lire\n") || strings.Contains(m.Text, "\nBcc") {
			t.Errorf("%s: a registered name makes a line: %q\n%s", m, m.Subject, m.Text)
		}
		if printed := fmt.Sprintf("%v %+v %#v %s", m, m, m, m.LogValue()); strings.Contains(printed, m.Subject) || strings.Contains(printed, "bureau/") {
			t.Errorf("printed %s", printed)
		}
	}
	for _, kind := range notify.Kinds() {
		if kinds[kind] == 0 {
			t.Errorf("no mail about %s", kind)
		}
	}
	if kinds[notify.Incident] != 6 {
		t.Errorf("%d mails about the incident", kinds[notify.Incident])
	}
}

func TestMailsSayWhatIsTheMatterInFrenchAndThenInEnglish(t *testing.T) {
	t.Parallel()
	said := map[string][]string{
		"suspended provider pix": {
			"[Écluse] Suspension : Pix / Suspended: Pix (en)", "« Pix » est suspendu depuis le 24 novembre 2026 à 11:00, par DPD.",
			"“Pix (en)” has been suspended since 24 November 2026, 11:00, by DPD.",
		},
		"suspended_here head 0590001A": {"Suspension à Collège Jean Moulin : Pix / Suspended at Collège Jean Moulin: Pix (en)", "Ailleurs, rien ne change."},
		"admin_link dpo lille":         {"une habilitation (administrateur technique) a été donnée en ligne de commande, jusqu’au 1er janvier 2027", "an appointment (technical administrator) was made from the command line, until 1 January 2027"},
		"ending head 0590001A":         {"2 déclarations arrivent à échéance / 2 declarations are about to end", "« Lire Bcc: x » : la déclaration est échue depuis le 23 novembre 2026", "« Pix » : la déclaration s’arrête le 30 novembre 2026, dans 6 jours.", "the declaration ends on 30 November 2026, in 6 days"},
		"ending head 0620003C":         {"la déclaration s’arrête ce soir", "la déclaration s’arrête demain soir", "ends tonight", "ends tomorrow night"},
		"digest head 0590001A":         {"Ce qui vous attend au bureau / What waits for you at the desk", "1 service demandé par des personnels :\n- Pix, à Collège Jean Moulin", "1 service that staff asked for:\n- Pix (en), at Collège Jean Moulin"},
		"digest dpo lille":             {"2 services demandés par des personnels :\n- Lire Bcc: x, à Lycée Blaringhem\n- Pix, à Collège Jean Moulin", "1 service suspendu :\n- Pix\n"},
		"digest auditor lille":         {"1 recherche sur une personne attend qu’une seconde personne confirme, dans les sept jours", "1 inquiry about a person waits for a second person to confirm"},
		"incident dpo lille":           {"Incident sur des données : 2026-0007", "il concerne « Pix ». Si une notification à la CNIL est due, elle l’est 72 heures après la découverte, donc au plus tard le 27 novembre 2026 (RGPD, art. 33)."},
	}
	plain := strings.NewReplacer("\u00a0", " ", "\u202f", " ")
	found := map[string]bool{}
	for _, m := range everyMail(t) {
		name := string(m.Kind) + " " + m.To.String()
		found[name] = true
		for _, want := range said[name] {
			if !strings.Contains(plain.Replace(m.Subject+"\n"+m.Text), want) {
				t.Errorf("%s does not say %q:\n%s\n%s", name, want, m.Subject, m.Text)
			}
		}
		if fr, en := strings.Index(m.Text, "Tout se lit"), strings.Index(m.Text, "Everything is read"); fr < 0 || en < fr {
			t.Errorf("%s: the languages stand at %d and %d", name, fr, en)
		}
	}
	for name := range said {
		if !found[name] {
			t.Errorf("there is no mail %s", name)
		}
	}
}

func TestOnlyOneThingThatEndsIsNamedInTheSubject(t *testing.T) {
	t.Parallel()
	for until, want := range map[registry.Date]string{
		day(2026, 11, 30): "Échéance le 30 novembre 2026 : Pix / Ends on 30 November 2026: Pix (en)",
		day(2026, 11, 20): "Échue : Pix / Ended: Pix (en)",
	} {
		c := academy()
		c.Declarations = append(c.Declarations, declared("d", "pix", inSchools(college), until))
		d := newDesk(t, c)
		d.Reaches = func(notify.Box) bool { return false }
		mails := d.look(t, now())
		if len(mails) != 2 || strings.ReplaceAll(mails[0].Subject, "\u00a0", " ") != "[Écluse] "+want || mails[0].About != "pix" {
			t.Errorf("%v: %v", until, mails)
		}
	}
}
