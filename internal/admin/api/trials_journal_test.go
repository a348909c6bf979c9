package api_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"ecluse/internal/admin/frame"
	"ecluse/internal/admin/journal"
	"ecluse/internal/admin/stats"
	"ecluse/internal/audit"
	"ecluse/internal/audit/audittest"
	"ecluse/internal/desk/desktest"
)

// ofJournal are the journal's pages, one of its entries, and the mails: of everywhere, and of the collège.
func ofJournal() []trial {
	college := string(desktest.College)
	page := func(path, note string) trial {
		pattern, _, _ := strings.Cut(path, "?")
		return trial{route: "GET " + pattern, path: path, note: note}
	}
	return []trial{
		page("/bureau/journal", "of everywhere"),
		page("/bureau/journal?etablissement="+college, "of the collège"),
		page("/bureau/journal?reference=K7Q2-9FMZ", "one reference number"),
		page("/bureau/journal/export?format=csv&etablissement="+college, "of the collège"),
		{route: "GET /bureau/journal/{writer}/{class}/{sequence}", path: "/bureau/journal/w-table/admin/1", note: "of the collège"},
		get("/journal/{writer}/{class}/{sequence}", "/journal/w-table/admin/1", "of the collège"),
		get("/journal/{writer}/{class}/{sequence}", "/journal/w-table/admin/2", "of no establishment"),
		page("/bureau/statistiques", "of everything that one reads"),
		page("/bureau/statistiques?etablissement="+college, "of the collège"),
		page("/bureau/statistiques/export?etablissement="+college, "of the collège"),
		get("/statistics", "/statistics?from=2026-11", "of the academy"),
		get("/statistics", "/statistics?from=2026-11&uai="+college, "of the collège"),
		get("/statistics", "/statistics?from=2026-11&by=establishment", "of each school"),
		get("/mails", "", ""),
		send("POST", "/mails/{id}/again", "/mails/mail-1/again", "", nil),
	}
}

// mountJournal adds the journal's pages: no chain was looked through.
func (f *front) mountJournal(around *frame.Frame) {
	journal.Mount(f.mux, around, journal.Config{
		Words: f.Desk.Words, Chain: func() journal.Chain { return journal.Chain{} },
		Fits: func(ctx context.Context, of audit.Chain, n int64) (bool, error) {
			return audit.Fits(ctx, f.DB.Audit(), of, n)
		},
	})
	stats.Mount(f.mux, around)
}

// keepTwo keeps two entries for the table: one of the collège, and one of no establishment.
func (f *front) keepTwo(t testing.TB) {
	t.Helper()
	keeps := audittest.Journal(t, f.DB.Audit(), f.Ring, "w-table", f.Now)
	for _, uai := range []string{string(desktest.College), ""} {
		if _, err := keeps.Append(t.Context(), audit.Entry{Class: audit.ClassAdmin, Action: "enabling_refuse", Outcome: audit.Done, Actor: "handle-of-a-decider", UAI: uai}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestStatisticsAreReadByWhoeverReadsTheJournal(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	keeps := audittest.Journal(t, f.DB.Audit(), f.Ring, "w-one", f.Now)
	for i := range 7 {
		if _, err := keeps.Append(t.Context(), audit.Entry{
			Class: audit.ClassRelease, Action: "release", Outcome: audit.Released, Service: "lire", UAI: string(desktest.College), Subject: fmt.Sprintf("%064d", i),
		}); err != nil {
			t.Fatal(err)
		}
	}
	dpo, head, other := f.as("dpo", f.DPO()), f.as("head", f.Head(desktest.College)), f.as("other", f.Head(desktest.Other))
	college, seven := "&uai="+string(desktest.College), `"n":7`
	for _, c := range []struct {
		who, path string
		code      int
		says      string
	}{
		{dpo, "from=2026-11", 200, seven},
		{dpo, "from=2026-11&by=service", 200, `"lire"`},
		{dpo, "from=2026-10", 200, `"items":[]`},
		{dpo, "from=hier", 422, ""},
		{dpo, "from=2026-11&academy=none", 403, ""},
		{dpo, "from=2026-10&until=2026-12" + college, 200, seven},
		{head, "from=2026-11", 403, ""},
		{head, "from=2026-11" + college, 200, seven},
		{head, "from=2026-11&by=establishment", 200, string(desktest.College)},
		{other, "from=2026-11" + college, 403, ""},
		{other, "from=2026-11&by=establishment", 200, `"items":[]`},
		{dpo, "", 422, ""},
	} {
		if w := f.get(t, c.who, "/statistics?"+c.path); w.Code != c.code || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %s: %d %s", c.who, c.path, w.Code, w.Body)
		}
	}
}

func TestMailsAreListedToTheEndAndSentAgain(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.Desk.Mails = oneMail()
	dpo, head, other := f.as("dpo", f.DPO()), f.as("head", f.Head(desktest.College)), f.as("other", f.Head(desktest.Other))
	for who, want := range map[string]string{dpo: `"mail-1"`, head: `"bounced"`, other: `"items":[]`} {
		if w := f.get(t, who, "/mails?undelivered=true"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", who, w.Code, w.Body)
		}
	}
	for _, token := range []string{"x", "1", "_mail-1"} {
		if w := f.get(t, dpo, "/mails?page_token="+token); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("token %s: %d", token, w.Code)
		}
	}
	if w := f.get(t, dpo, "/mails?page_token=1_mail-1"); w.Code != http.StatusOK {
		t.Errorf("%d", w.Code)
	}
}

func TestAnEventIsToldByItsPlaceToWhoeverReadsItsJournal(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	keeps := audittest.Journal(t, f.DB.Audit(), f.Ring, "w-one", f.Now)
	for _, e := range []audit.Entry{
		{Class: audit.ClassAdmin, Action: "enabling_refuse", Outcome: audit.Done, Actor: "handle-of-the-head", Service: "lire", UAI: string(desktest.College)},
		{Class: audit.ClassRelease, Action: "release", Outcome: audit.Released, Ref: "K7Q2-9FMZ", Service: "lire", UAI: string(desktest.College)},
	} {
		if _, err := keeps.Append(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	dpo, head, other := f.as("dpo", f.DPO()), f.as("head", f.Head(desktest.College)), f.as("other", f.Head(desktest.Other))
	for _, c := range []struct {
		who, path string
		code      int
	}{
		{dpo, "/journal/w-one/admin/1", 200},
		{head, "/journal/w-one/admin/1", 200},
		{other, "/journal/w-one/admin/1", 404},
		{dpo, "/journal/w-one/admin/2", 404},
		{dpo, "/journal/w-one/release/1", 404},
		{head, "/journal/w-one/release/1?ref=K7Q2-9FMZ", 200},
		{other, "/journal/w-one/release/1?ref=K7Q2-9FMZ", 404},
		{dpo, "/journal/w-one/none/1", 422},
	} {
		w := f.get(t, c.who, c.path)
		if w.Code != c.code || c.code == 200 && !strings.Contains(w.Body.String(), `"sha256"`) {
			t.Errorf("%s %s: %d %s", c.who, c.path, w.Code, w.Body)
		}
	}
}
