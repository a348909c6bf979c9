package stats_test

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"strings"
	"testing"
	"time"

	"ecluse/internal/admin/frame"
	"ecluse/internal/admin/frame/frametest"
	"ecluse/internal/admin/stats"
	"ecluse/internal/audit"
	"ecluse/internal/audit/audittest"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

type office struct {
	*frametest.Bench
	keeps *audit.Journal
}

func newOffice(t testing.TB) *office {
	t.Helper()
	o := &office{Bench: frametest.New(t, stats.Pages(), func(_ *desktest.House, mux *web.Mux, f *frame.Frame) { stats.Mount(mux, f) })}
	o.keeps = audittest.Journal(t, o.DB.Audit(), o.Ring, "people", o.Now)
	t.Cleanup(func() { _ = o.Tally.Close() })
	return o
}

func (o *office) get(who roles.Caller, path string) (int, string) {
	_ = o.Live.Refresh(context.Background()) // the clock may have been put forward
	a := o.Ask(who, http.MethodGet, path)
	return a.Status, strings.NewReplacer("\u202f", " ", "\u00a0", " ", "’", "'").Replace(html.UnescapeString(a.Body))
}

// used is that some people entered a service in a school, each some times.
func (o *office) used(t testing.TB, service, uai string, people, times int) {
	t.Helper()
	for p := range people {
		for range times {
			e := audit.Entry{
				Class: audit.ClassRelease, Action: "release", Outcome: audit.Released, Ref: "r", Service: service, UAI: uai, Subject: fmt.Sprintf("%064d", p+1),
			}
			if _, err := o.keeps.Append(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func (o *office) fill(t testing.TB) {
	t.Helper()
	o.used(t, "lire", string(desktest.College), 7, 3)
	o.used(t, "calcul", string(desktest.College), 6, 2)
	o.used(t, "lire", string(desktest.Other), 2, 11)
	o.used(t, "calcul", string(desktest.Other), 9, 1)
	if err := o.Tally.Count(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestEachReadsTheNumbersOfWhatTheyAnswerFor(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.fill(t)
	mine, theirs := string(desktest.College), string(desktest.Other)
	for name, c := range map[string]struct {
		who  roles.Caller
		path string
		code int
		has  []string
		not  []string
	}{
		"officer":          {o.DPO(), "", 200, []string{"académie : exemple", mine, theirs, ">64<", "Compté le", "<svg", "masqué", "moins de 5 personnes"}, []string{">22<"}},
		"head":             {o.Head(desktest.College), "", 200, []string{mine, "<svg"}, []string{theirs, ">64<"}},
		"another head":     {o.Head(desktest.Other), "", 200, []string{theirs, "masqué"}, []string{"(" + mine + ")", ">22<"}},
		"another's school": {o.Head(desktest.Other), "?etablissement=" + mine, 403, nil, []string{">33<"}},
		"their service":    {o.Head(desktest.Other), "?service=lire", 200, []string{"masqué"}, []string{">22<"}},
		"of the écoles":    {o.DASEN(), "", 200, []string{mine, theirs}, []string{">64<", "Douze mois"}},
		"one school":       {o.DPO(), "?etablissement=" + mine, 200, []string{mine}, []string{theirs}},
		"one service":      {o.DPO(), "?service=calcul", 200, nil, []string{">22<"}},
		"another month":    {o.DPO(), "?mois=2020-01", 200, []string{"Rien n'est compté en janvier 2020"}, nil},
		"no month":         {o.DPO(), "?mois=x", 200, []string{">64<"}, nil},
		"no school":        {o.DPO(), "?etablissement=x", 403, nil, nil},
		"no academy":       {o.DPO(), "?academie=x", 403, nil, []string{">64<"}},
		"a teacher":        {o.Teacher(desktest.College), "", 403, nil, []string{">64<"}},
		"a provider":       {o.Provider(), "", 403, nil, []string{">64<"}},
		"a stranger":       {o.Stranger(), "", 403, nil, []string{">64<"}},
	} {
		for _, path := range []string{"/bureau/statistiques", "/bureau/statistiques/export"} {
			code, body := o.get(c.who, path+c.path)
			if code != c.code {
				t.Errorf("%s at %s: %d", name, path, code)
			}
			if strings.HasSuffix(path, "export") {
				body = strings.NewReplacer(";", "<;>").Replace(body)
			} else {
				for _, words := range c.has {
					if !strings.Contains(body, words) {
						t.Errorf("%s: no %q in %s", name, words, body)
					}
				}
			}
			for _, words := range c.not {
				if strings.Contains(body, words) {
					t.Errorf("%s at %s: %q stands there", name, path, words)
				}
			}
		}
	}
}

func TestTheFileHidesWhatThePageHides(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.fill(t)
	_, body := o.get(o.DPO(), "/bureau/statistiques/export?service=lire")
	if want := "2026-11;lire;" + string(desktest.Other) + ";sign_in;;1\n"; !strings.Contains(body, want) {
		t.Errorf("no %q in %s", want, body)
	}
	if strings.Contains(body, ";22;") {
		t.Errorf("%s", body)
	}
}

func TestMonthsAreCountedWhenSomebodyLooksAndNotTwice(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.used(t, "lire", string(desktest.College), 6, 1)
	if _, body := o.get(o.DPO(), "/bureau/statistiques"); !strings.Contains(body, ">6<") {
		t.Errorf("%s", body)
	}
	o.used(t, "lire", string(desktest.College), 6, 1)
	if _, body := o.get(o.DPO(), "/bureau/statistiques"); !strings.Contains(body, ">6<") {
		t.Errorf("it was counted again at once: %s", body)
	}
	o.Wait(7 * time.Hour)
	if _, body := o.get(o.DPO(), "/bureau/statistiques"); !strings.Contains(body, ">12<") {
		t.Errorf("%s", body)
	}
	o.Wait(30 * 24 * time.Hour)
	o.Snapshot(t)
	if err := o.Tally.Count(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := o.Tally.Store.Keep(t.Context(), "2026-11", o.Now(), nil); err != nil {
		t.Fatal(err)
	}
	if err := o.Tally.Count(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, body := o.get(o.DPO(), "/bureau/statistiques?mois=2026-11"); strings.Contains(body, ">12<") {
		t.Error("a month that was over when it was counted was counted again")
	}
}
