package simulator_test

import (
	"net/http"
	"strings"
	"testing"

	"ecluse/configs"
	"ecluse/internal/admin"
	"ecluse/internal/admin/frame"
	"ecluse/internal/admin/frame/frametest"
	"ecluse/internal/admin/simulator"
	"ecluse/internal/attrs"
	"ecluse/internal/audit"
	"ecluse/internal/consent"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

const why = "le parent demande pourquoi l'entrée est refusée"

func newBench(t *testing.T) *frametest.Bench {
	t.Helper()
	data, err := configs.Files.ReadFile("personas.yaml")
	if err != nil {
		t.Fatal(err)
	}
	personas, problems := admin.ReadPersonas("personas.yaml", data)
	if err := problems.Or(); err != nil {
		t.Fatal(err)
	}
	return frametest.New(t, simulator.Pages(), func(h *desktest.House, mux *web.Mux, f *frame.Frame) {
		h.Looks = desktest.OnePupil{Looks: consent.Looks{Keys: h.Ring}, Now: h.Now}
		simulator.Mount(mux, simulator.Config{
			Kit: f.Kit, Desk: h.Desk, Personas: personas, Journal: h.DB.Audit(), Words: h.Words, Now: h.Now, Enter: "/bureau/entrer",
			Simulator: &admin.Simulator{Engine: &attrs.Engine{Dictionary: h.Words, Keys: h.Ring}, Now: h.Now},
			Visitor: func(r *http.Request) (roles.Caller, bool, error) {
				who, ok, err := f.Who(r)
				return who.Caller, ok, err
			},
			Around: func(*http.Request) web.Frame { return web.Frame{} },
		})
	})
}

// look is a question about somebody real; of two values under one name the later one counts.
func look(change ...string) []string {
	form := map[string]string{"service": "lire", "uai": string(desktest.College), "source": "ent", "personne": "eleve-4711", "motif": why}
	for i := 0; i+1 < len(change); i += 2 {
		form[change[i]] = change[i+1]
	}
	var out []string
	for name, value := range form {
		out = append(out, name, value)
	}
	return out
}

func TestAQuestionAboutSomebodyRealThatIsRefusedKeepsWhatWasTypedButForWho(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, c := range map[string]struct {
		change []string
		field  string
		status int
	}{
		"no reason":             {[]string{"motif", " "}, "motif", 422},
		"too short a reason":    {[]string{"motif", "pour voir"}, "motif", 422},
		"nobody":                {[]string{"personne", ""}, "personne", 422},
		"somebody else":         {[]string{"personne", "eleve-9999"}, "personne", 404},
		"no such source":        {[]string{"source", "nulle-part"}, "real-source", 422},
		"a day without ground":  {[]string{"montre", "2027-01-15"}, "fondement", 422},
		"a day that is past":    {[]string{"montre", "2026-01-15", "fondement", "CPP art. 11"}, "montre", 422},
		"a ground without day":  {[]string{"fondement", "CPP art. 11"}, "montre", 422},
		"a day beyond the year": {[]string{"montre", "2030-01-15", "fondement", "CPP art. 11"}, "montre", 422},
	} {
		a := b.Ask(b.DPO(), "POST", simulator.Home, look(c.change...)...)
		if a.Status != c.status {
			t.Errorf("%s: %d %s", name, a.Status, a.Page)
			continue
		}
		want := []string{
			`href="#` + c.field + `"`, `id="` + c.field + `-error"`, `id="real" open`, `value="lire" selected`, `id="real-uai" name="uai" type="text" value="` + string(desktest.College),
		}
		for i := 0; i+1 < len(c.change); i += 2 {
			if value := strings.TrimSpace(c.change[i+1]); c.change[i] != "personne" && c.change[i] != "source" && value != "" {
				want = append(want, `value="`+value+`"`)
			}
		}
		frametest.Has(t, a.Page, want...)
		frametest.Lacks(t, a.Page, "eleve-4711", "eleve-9999") // it is written nowhere, a page that may be kept among them
		if t.Failed() {
			t.Fatalf("that was %s", name)
		}
	}
	if n := looked(t, b); n != 0 {
		t.Errorf("%d looks were taken", n)
	}
	page := b.Ask(b.DPO(), "POST", simulator.Home, look()...)
	if page.Status != http.StatusOK {
		t.Fatalf("%d %s", page.Status, page.Page)
	}
	frametest.Lacks(t, page.Page, "eleve-4711", `id="real" open`, "-error")
	if n := looked(t, b); n != 1 {
		t.Errorf("%d looks were taken, of one that was answered", n)
	}
}

// looked is how many looks at somebody real the journal has that were taken; those that were refused stand in it too.
func looked(t *testing.T, b *frametest.Bench) (n int) {
	t.Helper()
	for _, e := range b.Entries(t) {
		if e.Action == "explain_person" && e.Outcome == audit.Done {
			n++
		}
	}
	return n
}

func TestWhoMayNotLookAtSomebodyRealLearnsNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, who := range map[string]roles.Caller{"a teacher": b.Teacher(desktest.College), "the head of another": b.Head(desktest.Other), "a stranger": b.Stranger()} {
		for _, id := range []string{"eleve-4711", "eleve-9999"} {
			if a := b.Ask(who, "POST", simulator.Home, look("personne", id)...); a.Status != http.StatusForbidden {
				t.Errorf("%s about %s: %d", name, id, a.Status)
			}
		}
	}
	if a := b.Ask(roles.Caller{}, "POST", simulator.Home, look()...); a.Status != http.StatusSeeOther || a.Location != "/bureau/entrer" {
		t.Errorf("nobody: %d to %s", a.Status, a.Location)
	}
}

func TestAQuestionAboutAPersonaSaysEachMistakeAtItsField(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for query, c := range map[string]struct {
		field  string
		status int
		keeps  string
	}{
		"service=lire&persona=personne":                                 {"persona", 422, `value="lire" selected`},
		"service=lire&persona=eleve-6e&uai=0999999Z":                    {"uai", 422, `value="0999999Z"`},
		"service=lire&persona=eleve-6e&version=d-rien@1":                {"version", 404, `value="d-rien@1"`},
		"service=lire&persona=eleve-6e&version=un&comparer=1":           {"version", 422, `value="un"`},
		"service=lire&persona=eleve-6e&version=%22%3E%3Cb%3E@1":         {"version", 404, `value=""><b>@1"`}, // as a reader of HTML reads it
		"reference=K7Q2-9FMZ":                                           {"reference", 404, `value="K7Q2-9FMZ"`},
		"reference=%3Cscript%3E":                                        {"reference", 404, `value="<script>"`},
		"service=nulle-part&persona=eleve-6e":                           {"", 200, "Refusé"},
		"service=lire&persona=eleve-6e&uai=" + string(desktest.College): {"", 200, "Refusé"},
	} {
		a := b.Ask(b.DPO(), "GET", simulator.Home+"?"+query)
		if a.Status != c.status {
			t.Errorf("%s: %d %s", query, a.Status, a.Page)
			continue
		}
		want := []string{c.keeps}
		if c.field != "" {
			want = append(want, `href="#`+c.field+`"`, `id="`+c.field+`-error"`)
		}
		frametest.Has(t, a.Page, want...)
	}
}

func TestTheSimulatorSpeaksEnglishToo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Lang = "en"
	a := b.Ask(b.DPO(), "POST", simulator.Home, look("motif", "")...)
	frametest.Has(t, a.Page, "Something is not right", `id="motif-error"`)
	frametest.Lacks(t, a.Page, "Donnez", "Quelque chose", "Établissement")
}
