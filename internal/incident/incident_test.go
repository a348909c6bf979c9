package incident_test

import (
	"strings"
	"testing"
	"time"

	"ecluse/internal/incident"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/registry/registrytest"
)

func TestSeventyTwoHoursAreHoursAlsoWhereTheClocksChange(t *testing.T) {
	t.Parallel()
	zone := registrytest.Paris()
	for known, due := range map[string]string{
		"2026-03-27T18:30:00+01:00": "2026-03-30 19:30", // a Friday evening before the summer time: an hour later on the wall
		"2026-10-23T18:30:00+02:00": "2026-10-26 17:30", // and an hour earlier after it
		"2026-11-20T18:30:00+01:00": "2026-11-23 18:30", // no night and no week-end makes them more
	} {
		at, err := time.Parse(time.RFC3339, known)
		if err != nil {
			t.Fatal(err)
		}
		i := registry.Incident{Known: at, State: registry.IncidentOpen}
		if got := incident.Due(i); got.In(zone).Format("2006-01-02 15:04") != due || got.Sub(at) != 72*time.Hour {
			t.Errorf("known %s: due %s, want %s", known, got.In(zone), due)
		}
		end := incident.Due(i)
		for _, c := range []struct {
			now  time.Time
			late bool
			left time.Duration
		}{{at, false, 72 * time.Hour}, {end.Add(-time.Minute), false, time.Minute}, {end, false, 0}, {end.Add(time.Second), true, -time.Second}} {
			if left, runs := incident.Left(i, c.now); left != c.left || !runs || incident.Late(i, c.now) != c.late {
				t.Errorf("known %s, at %s: %s left, runs %v, late %v", known, c.now, left, runs, incident.Late(i, c.now))
			}
		}
	}
}

func TestTheClockStopsOnceTheAuthorityWasTold(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 20, 17, 0, 0, 0, time.UTC)
	i := registry.Incident{Known: at, State: registry.IncidentOpen, Steps: []registry.IncidentStep{{At: at.Add(71 * time.Hour), Word: registry.StepNotified}}}
	if _, runs := incident.Left(i, at.Add(100*time.Hour)); runs || incident.Late(i, at.Add(100*time.Hour)) {
		t.Error("it was told in time, and the clock runs or it is late")
	}
	i.Steps[0].At = at.Add(73 * time.Hour)
	if !incident.Late(i, at) {
		t.Error("told an hour late, and not late")
	}
	if _, runs := incident.Left(registry.Incident{Known: at, State: registry.IncidentClosed}, at); runs {
		t.Error("the clock of a closed record runs")
	}
}

func TestWhatIsCountedEndsWithTheIncidentOrNow(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 20, 17, 0, 0, 0, time.UTC)
	i := registry.Incident{Known: at, Services: []string{"lire"}}
	if s := incident.Of(i, at.Add(time.Hour)); !s.From.Equal(at) || !s.Until.Equal(at.Add(time.Hour)) {
		t.Errorf("%+v", s)
	}
	i.From, i.Until = at.Add(-48*time.Hour), at.Add(-time.Hour)
	if s := incident.Of(i, at.Add(time.Hour)); !s.From.Equal(i.From) || !s.Until.Equal(i.Until) {
		t.Errorf("%+v", s)
	}
}

func academy(t testing.TB) *registry.Snapshot {
	school := func(uai person.UAI, kind registry.Kind, private bool) registry.Establishment {
		return registry.Establishment{UAI: uai, Kind: kind, Private: private, Academy: "exemple", Department: "028"}
	}
	return registry.NewSnapshot(registry.Contents{Establishments: []registry.Establishment{
		school("0280101H", registry.Ecole, false), school("0280102J", registry.Ecole, false), school("0280202T", registry.College, false),
		school("0280303C", registry.Ecole, true), school("0280404M", "", false),
	}}, registrytest.Paris())
}

func TestTheControllersToWarnAreThoseOfEachSchool(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 20, 17, 0, 0, 0, time.UTC)
	i := registry.Incident{UAIs: []person.UAI{"0280303C"}, Steps: []registry.IncidentStep{
		{At: at, Word: registry.StepNoted, To: "dasen 028"},
		{At: at.Add(time.Hour), Word: registry.StepWarned, To: "dasen 028"},
		{At: at.Add(2 * time.Hour), Word: registry.StepWarned, To: "dasen 028"},
	}}
	counted := []incident.Counted{
		{Service: "lire", Schools: []incident.School{{UAI: "0280101H"}, {UAI: "0280102J"}, {UAI: "0280404M"}, {UAI: "0999999X"}}},
		{Service: "calcul", Schools: []incident.School{{UAI: "0280101H"}, {UAI: "0280202T"}}},
	}
	var got []string
	for _, w := range incident.Controllers(academy(t), i, counted) {
		got = append(got, w.Name())
		if w.Name() == "dasen 028" && (w.Schools != 2 || !w.At.Equal(at.Add(time.Hour))) {
			t.Errorf("%+v", w)
		}
	}
	if s := strings.Join(got, ", "); s != "dasen 028, head 0280202T, head 0280303C, recteur exemple" {
		t.Error(s)
	}
}

func TestARecordSaysAllThatIsWrongWithIt(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 17, 0, 0, 0, time.UTC)
	good := registry.Incident{Title: "Fuite", Natures: []registry.Nature{registry.Confidentiality}, Services: []string{"lire"}, Known: now}
	if f := incident.Check(good, now); len(f) != 0 {
		t.Fatalf("%+v", f)
	}
	bad := registry.Incident{
		Natures: []registry.Nature{"magic"}, Known: now.Add(time.Hour), From: now.Add(2 * time.Hour), Until: now, What: strings.Repeat("é", incident.MostText+1),
		Message: registry.Wording{Enfant: registry.Text{FR: strings.Repeat("é", incident.MostMessage+1)}},
	}
	var where []string
	for _, f := range incident.Check(bad, now) {
		where = append(where, f.Where)
	}
	if got := strings.Join(where, " "); got != "title natures[0] services known from until what message.enfant message.adulte" {
		t.Error(got)
	}
	for _, f := range incident.Check(registry.Incident{Title: "Fuite", UAIs: []person.UAI{"0280101H"}}, now) {
		if f.Where != "natures" && f.Where != "known" {
			t.Errorf("%+v", f)
		}
	}
}

func TestTheNotificationSaysWhatTheAuthorityAsksAndWhatIsMissing(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 27, 17, 30, 0, 0, time.UTC)
	i := registry.Incident{
		ID: "abc", Title: "Liste | publiée", Natures: []registry.Nature{registry.Confidentiality}, Services: []string{"lire"}, Known: at, State: registry.IncidentOpen,
		What: "# une liste\n<b>de numéros</b>", Steps: []registry.IncidentStep{{At: at, Word: registry.StepOpened, Office: "DPD", By: "handle-of-somebody"}},
	}
	counted := []incident.Counted{
		{Service: "lire", People: 12, Messages: 40, Sent: []incident.Sent{{Name: "class", People: 12}}, Schools: []incident.School{{UAI: "0280202T", People: 12}}},
		{Service: "calcul", People: 3, Messages: 3, Sent: []incident.Sent{{Name: "class", People: 3}, {Name: "level", People: 2}}},
	}
	n := incident.Notify(academy(t), i, counted, at.Add(73*time.Hour))
	if n.People != 15 || n.Records != 43 || len(n.Data) != 2 || n.Data[0].People != 12 || !n.Late {
		t.Errorf("%+v", n)
	}
	if got := strings.Join(n.Missing, " "); got != "effects measures contact late" {
		t.Errorf("missing: %s", got)
	}
	text := n.Markdown(registrytest.Paris())
	for _, want := range []string{
		"Échéance des 72 heures : 30/03/2026 19:30 (+02:00)", "perte de confidentialité", "15 au plus", "| class | 12 |", "_à compléter_",
		`Liste \| publiée`, `\# une liste`, "&lt;b>", "head 0280202T : 1 établissements", "DPD, opened",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	if strings.Contains(text, "handle-of-somebody") {
		t.Error("the text says who wrote it")
	}
}
