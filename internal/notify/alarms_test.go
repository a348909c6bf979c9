package notify_test

import (
	"strings"
	"testing"
	"time"

	"ecluse/internal/notify"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// breach is a record that was opened at an instant, and known then.
func breach(at time.Time, steps ...registry.StepWord) registry.Incident {
	i := registry.Incident{ID: "2026-0008", State: registry.IncidentOpen, Known: at, Opened: at}
	for _, word := range steps {
		i.Steps = append(i.Steps, registry.IncidentStep{At: at, Word: word})
	}
	return i
}

func ofKind(list []notify.Mail, kind notify.Kind) []notify.Mail {
	var out []notify.Mail
	for _, m := range list {
		if m.Kind == kind {
			out = append(out, m)
		}
	}
	return out
}

func TestAnIncidentIsToldWhenItIsOpenedAndADayBeforeItsHoursEnd(t *testing.T) {
	t.Parallel()
	c := academy()
	c.Incidents = []registry.Incident{breach(now())}
	d := newDesk(t, c)
	if got := boxes(ofKind(d.look(t, now()), notify.Incident)); got != "dpo lille, oncall lille, recteur lille" {
		t.Errorf("when it is opened, told %s", got)
	}
	if again := ofKind(d.look(t, now().Add(47*time.Hour)), notify.Incident); len(again) > 0 {
		t.Errorf("25 hours before the end: %v", again)
	}
	warned := ofKind(d.look(t, now().Add(49*time.Hour)), notify.Incident)
	if len(warned) != 3 || !strings.Contains(warned[0].Text, "au plus tard le 27 novembre 2026") {
		t.Errorf("23 hours before the end: %v", warned)
	}
	if again := ofKind(d.look(t, now().Add(73*time.Hour)), notify.Incident); len(again) > 0 {
		t.Errorf("once the hours are over: %v", again)
	}
}

func TestNoHoursRunOnceTheAuthorityWasToldOrTheRecordIsClosed(t *testing.T) {
	t.Parallel()
	closed := breach(now())
	closed.State = registry.IncidentClosed
	for name, i := range map[string]registry.Incident{"notified": breach(now(), registry.StepNotified), "closed": closed} {
		c := academy()
		c.Incidents = []registry.Incident{i}
		d := newDesk(t, c)
		first := ofKind(d.look(t, now()), notify.Incident)
		if want := map[string]int{"notified": 3, "closed": 0}[name]; len(first) != want {
			t.Errorf("%s: %d mails when it is opened", name, len(first))
		}
		for _, m := range first {
			if strings.Contains(m.Text, "CNIL") || strings.Contains(m.Text, "concerne «") {
				t.Errorf("%s: a clock, or a service, that it does not have: %s", name, m.Text)
			}
		}
		if later := ofKind(d.look(t, now().Add(60*time.Hour)), notify.Incident); len(later) > 0 {
			t.Errorf("%s: %d mails before the hours end", name, len(later))
		}
	}
}

func TestWhatIsAboutTwoServicesNamesNeitherAndOldNewsIsNotTold(t *testing.T) {
	t.Parallel()
	c := academy()
	i := breach(now())
	i.Services = []string{"pix", "lire"}
	old := breach(now().Add(-10 * 24 * time.Hour))
	old.ID = "2026-0001"
	c.Incidents = []registry.Incident{i, old}
	mails := ofKind(newDesk(t, c).look(t, now()), notify.Incident)
	if len(mails) != 3 {
		t.Fatalf("%d mails: %v", len(mails), mails)
	}
	if strings.Contains(mails[0].Text, "Pix") || mails[0].About != i.ID {
		t.Errorf("%s %s", mails[0].About, mails[0].Text)
	}
}

func TestASuspendedEstablishmentAndMandateAreToldWithoutSayingWhose(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind     registry.StopKind
		id, to   string
		says     []string
		about    string
		silently []string
	}{
		{
			registry.StopEstablishment, string(ecole), "admin lille, dasen 059, directeur 0590002B, dpo lille, oncall lille, recteur lille",
			[]string{"[Écluse] Suspension : École Prévert", "École Prévert : l’accès est suspendu depuis le 24 novembre 2026 à 12:00, par DPD.", "École Prévert: access has been suspended since"},
			string(ecole), nil,
		},
		{
			registry.StopAppointment, "a1", "admin lille, dpo lille, oncall lille, recteur lille",
			[]string{"un mandat du bureau. Qui agissait à ce titre ne le peut plus", "a mandate at the desk"},
			"",
			[]string{"a1"},
		},
		{
			registry.StopHolder, "handle-4711", "admin lille, dpo lille, oncall lille, recteur lille",
			[]string{"les droits d’une personne au bureau"},
			"",
			[]string{"4711"},
		},
	} {
		world := academy()
		world.Stops = []registry.Stop{{Kind: c.kind, ID: c.id, Suspended: true, Decisions: stopped(now())}}
		d := newDesk(t, world)
		mails := ofKind(d.look(t, now()), notify.Suspended)
		if got := boxes(mails); got != c.to {
			t.Errorf("%s: told %s", c.kind, got)
			continue
		}
		text := strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(mails[0].Subject + "\n" + mails[0].Text)
		for _, want := range c.says {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q:\n%s", c.kind, want, text)
			}
		}
		for _, bad := range c.silently {
			if strings.Contains(text, bad) {
				t.Errorf("%s says %q:\n%s", c.kind, bad, text)
			}
		}
		if mails[0].About != c.about {
			t.Errorf("%s is about %q", c.kind, mails[0].About)
		}
		if again := ofKind(d.look(t, now().Add(time.Minute)), notify.Suspended); len(again) > 0 {
			t.Errorf("%s is told twice: %v", c.kind, again)
		}
	}
	unknown := academy()
	unknown.Stops = []registry.Stop{{Kind: registry.StopEstablishment, ID: string(person.UAI("0599999Z")), Suspended: true, Decisions: stopped(now())}}
	if mails := newDesk(t, unknown).look(t, now()); len(mails) > 0 {
		t.Errorf("an establishment that nobody knows: %v", mails)
	}
}
