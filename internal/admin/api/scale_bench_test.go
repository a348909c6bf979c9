package api_test

import (
	"fmt"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"ecluse/internal/admin/api"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/notify"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/rights"
	"ecluse/internal/store/memdb"
	"ecluse/internal/store/sqldb"
)

// BenchmarkEveryPage asks for every page of the desk and every list of its interface in a large academy, as its recteur, its
// data-protection officer and the head of one of its schools: the median time of a look, what it allocates, and the size of
// the answer. ECLUSE_JOURNAL gives another number of entries of the journal.
func BenchmarkEveryPage(b *testing.B) {
	n := 100_000
	if text := os.Getenv("ECLUSE_JOURNAL"); text != "" {
		if _, err := fmt.Sscan(text, &n); err != nil {
			b.Fatal(err)
		}
	}
	f := large(b, n)
	for _, who := range []string{"recteur", "dpo", "head"} {
		for _, path := range f.largePaths(b) {
			b.Run(who+" "+path, func(b *testing.B) { f.timed(b, who, path) })
		}
	}
}

// timed looks at a page some times.
func (f *front) timed(b *testing.B, who, path string) {
	const times = 3
	var took []time.Duration
	var before, after runtime.MemStats
	w := f.ask(b, who, "GET", path, "")
	if w.Code >= http.StatusInternalServerError {
		b.Fatalf("%d %s", w.Code, w.Body)
	}
	runtime.ReadMemStats(&before)
	worked := processor(b)
	for range times {
		began := time.Now()
		w = f.ask(b, who, "GET", path, "")
		took = append(took, time.Since(began))
	}
	worked = processor(b) - worked
	runtime.ReadMemStats(&after)
	slices.Sort(took)
	b.ReportMetric(float64(took[times/2].Microseconds())/1000, "ms/page")
	b.ReportMetric(float64(worked.Microseconds())/times/1000, "cpu-ms/page")
	b.ReportMetric(float64(w.Body.Len())/1000, "kB/page")
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/times/1e6, "MB-allocated/page")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/times, "allocs/page")
	b.ReportMetric(float64(w.Code), "status")
	b.ReportMetric(0, "ns/op")
}

// processor is the processor time of this process so far.
func processor(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// largePaths are the addresses of the table's reads, each once, and further ones that only a large academy has.
func (f *front) largePaths(tb testing.TB) []string {
	tb.Helper()
	var out []string
	seen := map[string]bool{}
	for _, list := range [][]trial{reads(), ofReviews(), ofAccess(), ofRights(), ofCharters(), ofAgreements(), ofGuardians(), ofIncidents(), ofPages(), ofReviewPages(), ofBulkPages(), ofTelling(), ofStopPages(), ofMailPages(), ofJournal(), ofFactorPages(), ofObjectPages(), ofSimulations()} {
		for _, tr := range list {
			if method, _, _ := strings.Cut(tr.route, " "); method == "GET" && !seen[tr.target()] {
				seen[tr.target()] = true
				out = append(out, tr.target())
			}
		}
	}
	const college, deep = string(desktest.College), "grand-0000"
	for _, path := range []string{
		"?page=2", // of the home
		"services?page=40", "services/" + deep, "services/grand-0001", "services/" + deep + "/technique", "services/" + deep + "/notices", "services/" + deep + "/jetons",
		"declarations?page=2", "declarations/nouvelle", "declarations/" + deep + "/1", "declarations/" + deep + "/2", "declarations/d-draft/1/etape/1", "declarations/d-draft/1/etape/2", "declarations/d-draft/1/etape/6",
		"recherche?q=grand", "recherche?q=e", "recherche?q=ville", "file?page=3", "lot?acte=suspendre", "lot/renouvellements?mois=2027-03", "calendrier?mois=2027-03", "calendrier?page=2",
		"etablissements?q=ville", "etablissements?page=30", "etablissements/nouveau", "etablissements/importer", "etablissements/" + college + "/modifier", "numeros", "numeros/" + deep,
		"sources/ent/jetons", "chartes/establishment/" + college + "/ecrire", "journal?fonction=dpo", "journal?fonction=none", "journal?issue=refused", "journal?service=" + deep, "journal?format=json",
		"journal/export?format=csv", "journal/export?format=json", "statistiques/export", "simulation?service=" + deep,
	} {
		if path = "/bureau/" + path; !seen[path] {
			seen[path] = true
			out = append(out, path)
		}
	}
	for _, path := range []string{
		"/enablings?service=" + deep, "/services?page_size=500", "/enablings?page_size=500", "/establishments?page_size=500", "/review?page_size=500",
	} {
		out = append(out, api.Base+path)
	}
	return out
}

// large is the table's academy, made a large one, in a file of SQLite, with everything that its people asked for.
func large(tb testing.TB, entries int) *front {
	tb.Helper()
	f := newFront(tb)
	f.as("recteur", f.Recteur())
	f.as("dpo", f.DPO())
	f.as("head", f.Head(desktest.College))
	for who, c := range f.sessions {
		c.Session = "session-of-" + who
		f.sessions[who] = c
	}
	c := scene(registry.Contents{Sources: []registry.Source{source(tb, f)}})
	c.Sources = c.Sources[1:]
	c.Inquiries = inquiries(tb, f.Desk)
	f.Apply(tb, changeOf(c))
	f.Enlarge(tb)
	f.crowd(tb)
	f.FillJournal(tb, entries)
	f.console.Tickets = memdb.New(f.Now)
	f.Snapshot(tb)
	return f
}

func source(tb testing.TB, f *front) registry.Source {
	s, ok := f.Snapshot(tb).Source("ent")
	if !ok {
		tb.Fatal("no source")
	}
	return s
}

func changeOf(c registry.Contents) registry.Change {
	return registry.Change{
		Services: c.Services, Declarations: c.Declarations, Enablings: c.Enablings, Wishes: c.Wishes, Openings: c.Openings, Sources: c.Sources,
		Appointments: c.Appointments, Delegations: c.Delegations, Charters: c.Charters, Incidents: c.Incidents, Tokens: c.Tokens, Inquiries: c.Inquiries,
	}
}

// crowd is what many people did: delegations and headcounts of each school, appointments, wishes, comments, notices that were
// given, charters, records, tokens, sources, drafts; requests of people, and mails.
func (f *front) crowd(tb testing.TB) {
	tb.Helper()
	s, day, now := f.Snapshot(tb), desktest.Day, f.Now()
	var c registry.Change
	for i, e := range s.Establishments() {
		id := fmt.Sprintf("foule-%04d", i)
		c.Delegations = append(c.Delegations, registry.Delegation{ID: id, UAI: e.UAI, Function: "ADJ", Act: id, From: day("2026-09-01"), Until: day("2027-08-31")})
		c.Headcounts = append(c.Headcounts, registry.Headcount{UAI: e.UAI, On: day("2026-09-15"), Classes: classes(20)})
		c.Wishes = append(c.Wishes, registry.Wish{ID: id, UAI: e.UAI, About: fmt.Sprintf("grand-%04d", i%500), Reason: "pour la classe", By: []string{id}, At: now, State: registry.Wished})
		c.Given = append(c.Given, registry.Given{
			ID: id, Service: "grand-0001", UAI: e.UAI, Declaration: "grand-0001", Version: 1, To: "guardians", On: day("2026-10-01"), How: "ent", Office: "chef d'établissement", By: id, At: now,
		})
		if i%4 == 0 {
			c.Appointments = append(c.Appointments, appointed(id, registry.Assistant, registry.Over{UAIs: []person.UAI{e.UAI}}, i%40 == 0))
		}
		if i%8 == 0 {
			c.Charters = append(c.Charters, registry.Charter{UAI: e.UAI, Mode: registry.CharterRequire})
		}
		if i%5 == 0 {
			draft := desktest.ForSchools(e.UAI)
			draft.ID, draft.ServiceID, draft.State, draft.Author, draft.Since = id, fmt.Sprintf("grand-%04d", i), registry.Draft, author, now
			c.Declarations = append(c.Declarations, draft)
		}
	}
	for i := range 300 {
		id := fmt.Sprintf("foule-%04d", i)
		c.Appointments = append(c.Appointments, appointed("pr-"+id, registry.Provider, registry.Over{Services: []string{fmt.Sprintf("grand-%04d", i*10)}}, i%30 == 0))
		c.Comments = append(c.Comments, registry.Comment{ID: id, Declaration: fmt.Sprintf("grand-%04d", i*10), Version: 2, Where: "until", Says: "trop long", Office: "DPD", By: author, At: now})
		c.Tokens = append(c.Tokens, registry.Token{ID: id, Hash: hash(id), Name: id, Holder: "handle-of-the-dpo", Scopes: []string{"read"}, Made: now, Until: now.AddDate(0, 1, 0)})
		leak := leaks()[0]
		if leak.ID = id; i < 60 {
			c.Incidents = append(c.Incidents, leak)
		}
		if i < 40 {
			source := s.Sources()[0]
			source.ID = id
			c.Sources = append(c.Sources, source)
		}
	}
	f.Apply(tb, c)
	f.wrote(tb)
}

func classes(n int) map[string]int {
	out := map[string]int{}
	for i := range n {
		out[fmt.Sprintf("6E %d", i)] = 25
	}
	return out
}

func appointed(id string, role registry.Role, over registry.Over, waits bool) registry.Appointment {
	a := registry.Appointment{
		ID: id, Role: role, Over: over, Reason: "essai", Act: "2026-8", From: desktest.Day("2026-01-01"), Until: desktest.Day("2027-06-30"),
		State: registry.ConfirmedApp, Holder: "handle-of-" + id, Author: author, Since: desktest.Start(),
	}
	if waits {
		a.State, a.Holder = registry.Proposed, ""
	}
	return a
}

// wrote fills what stands beside the register: requests of people, mails, temporary accounts, receipts.
func (f *front) wrote(tb testing.TB) {
	tb.Helper()
	f.Desk.Agreements = f.TakeRights(tb)
	mails := &sqldb.Mails{DB: f.DB, Journal: f.Journal}
	f.Desk.Mails = mails
	var queue []notify.Mail
	for i, e := range f.Snapshot(tb).Establishments() {
		ref := fmt.Sprintf("R%03d-%04d", i%1000, i)
		if i%4 == 0 {
			_, _, err := f.Rights.File(tb.Context(), rights.Party{Own: []string{"handle-of-" + ref}}, rights.Form{
				Ref: ref, Kind: rights.Access, UAI: string(e.UAI), Words: theirWords, Contact: theirWords, Entry: registry.Declaration{ID: "a-approved", ServiceID: "calcul", Version: 1},
			})
			if err != nil {
				tb.Fatal(err)
			}
		}
		for n := range 4 {
			queue = append(queue, notify.Mail{
				ID: fmt.Sprint(ref, n), To: notify.Box{Role: registry.HeadOfSchool, Of: string(e.UAI)}, Kind: notify.Stopped, About: "lire", Subject: "Un service est suspendu", Text: strings.Repeat("Un service est suspendu. ", 20), Made: f.Now(),
			})
		}
	}
	if _, err := mails.Put(tb.Context(), nil, queue, f.Now()); err != nil {
		tb.Fatal(err)
	}
}
