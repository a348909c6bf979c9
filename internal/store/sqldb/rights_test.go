package sqldb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/audit/audittest"
	"ecluse/internal/keys"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/rights"
)

// doors remembers what was closed for whom.
type doors struct {
	mu   sync.Mutex
	shut map[string]rights.Instead // by handle and service
	did  []string
	fail error

	opened func() // what happens while a service is opened
}

func (d *doors) Shut(_ context.Context, who []string, service string, _ person.UAI, instead rights.Instead) error {
	return d.move("shut", who, service, func(at string) { d.shut[at] = instead })
}

func (d *doors) Open(_ context.Context, who []string, service string, _ person.UAI) error {
	if d.opened != nil {
		d.opened()
	}
	return d.move("open", who, service, func(at string) { delete(d.shut, at) })
}

func (d *doors) move(word string, who []string, service string, f func(string)) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fail != nil {
		return d.fail
	}
	d.did = append(d.did, word)
	f(slices.Min(who) + " " + service) // each handle leads to one person
	return nil
}

// office is a book of requests with a clock to set.
type office struct {
	*rights.Book
	doors *doors
	clock time.Time
	store *Rights
}

func rightsOn(t testing.TB, d *DB, ring *keys.Ring, writer string) *office {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	o := &office{doors: &doors{shut: map[string]rights.Instead{}}, clock: time.Date(2027, 1, 31, 12, 0, 0, 0, zone)}
	now := func() time.Time { return o.clock }
	o.store = &Rights{DB: d, Journal: audittest.Journal(t, d.Audit(), ring, writer, now)}
	o.Book = &rights.Book{Store: o.store, Keys: ring, Doors: o.doors, Now: now, Zone: zone}
	return o
}

var (
	camille = rights.Party{Own: []string{"camille today", "camille before"}}
	parent  = rights.Party{Own: []string{"parent"}, Child: []string{"lina at school", "lina"}}
	lina    = rights.Party{Own: []string{"lina", "lina at school"}}
)

func wish(ref string, kind rights.Kind, pause bool) rights.Form {
	return rights.Form{
		Ref: ref, Kind: kind, UAI: "0280202T", Pause: pause, Words: "parce que MARQUE", Contact: "MARQUE@exemple.fr",
		Entry: registry.Declaration{ID: "lire-d", ServiceID: "lire", Version: 3, Basis: registry.Basis{Kind: registry.PublicInterest}},
	}
}

func (o *office) file(t testing.TB, p rights.Party, f rights.Form) rights.Request {
	t.Helper()
	r, fresh, err := o.File(t.Context(), p, f)
	if err != nil || !fresh {
		t.Fatalf("file: fresh %v, %v", fresh, err)
	}
	return r
}

// answer does what the desk does.
func (o *office) answer(t testing.TB, ref string, outcome rights.Outcome, c rights.Contents) rights.Request {
	t.Helper()
	r, _, err := o.Store.Request(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	h, err := o.Read(r)
	if err != nil {
		t.Fatal(err)
	}
	h.Contents.Answer, h.Contents.Instead = c.Answer, c.Instead
	if err := h.Request.Answer(outcome, "chef d'établissement", true, o.clock); err != nil {
		t.Fatal(err)
	}
	if err := o.Keep(t.Context(), &h, audit.Entry{Class: audit.ClassAdmin, Action: "right_answer", Outcome: audit.Done}); err != nil {
		t.Fatal(err)
	}
	if err := o.Settle(t.Context(), &h.Request); err != nil {
		t.Fatal(err)
	}
	return h.Request
}

// words are the actions in the journal, and everything in it as one text.
func words(t testing.TB, d *DB) (actions []string, text string) {
	t.Helper()
	page, err := d.Audit().List(t.Context(), audit.Query{Limit: 500, Subjects: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range slices.Backward(page.Entries) {
		actions = append(actions, e.Action)
	}
	raw, err := json.Marshal(page.Entries)
	if err != nil {
		t.Fatal(err)
	}
	return actions, string(raw)
}

func TestARequestIsFiledOnceHoweverOftenItIsSent(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		o := rightsOn(t, d, ring, "w")
		first := o.file(t, camille, wish("R1", rights.Access, false))
		if first.Due.String() != "2027-02-28" || first.State != rights.Open || first.Declaration != "lire-d" || first.Version != 3 || !first.Settled {
			t.Errorf("%#v", first)
		}
		before := rights.Party{Own: []string{"camille other", "camille today"}} // today by another key
		for _, again := range []struct {
			p rights.Party
			f rights.Form
		}{{camille, wish("R1", rights.Access, false)}, {camille, wish("R2", rights.Access, false)}, {before, wish("R3", rights.Access, false)}} {
			r, fresh, err := o.File(t.Context(), again.p, again.f)
			if err != nil || fresh || r.Ref != "R1" {
				t.Errorf("sent again as %s: %s, fresh %v, %v", again.f.Ref, r.Ref, fresh, err)
			}
		}
		if _, _, err := o.File(t.Context(), lina, wish("R1", rights.Access, false)); !errors.Is(err, rights.ErrTaken) {
			t.Errorf("somebody else's reference: %v", err)
		}
		if _, _, err := o.File(t.Context(), camille, wish("R1", rights.Erasure, false)); !errors.Is(err, rights.ErrTaken) {
			t.Errorf("the same reference for something else: %v", err)
		}
		o.file(t, camille, wish("R4", rights.Erasure, false))
		elsewhere := wish("R5", rights.Access, false)
		elsewhere.UAI = "0280303C"
		o.file(t, camille, elsewhere)
		o.file(t, lina, wish("R6", rights.Access, false))
		if got, _ := words(t, d); len(got) != 4 {
			t.Errorf("journal: %q", got)
		}
		if _, err := o.Drop(t.Context(), camille, "R1"); err != nil {
			t.Fatal(err)
		}
		o.file(t, camille, wish("R7", rights.Access, false)) // once the first is over
	})
}

func TestSomebodyWhoAsksEverythingAtOnceIsStoppedAndMayGoOnOnceAnswered(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		o := rightsOn(t, d, ring, "w")
		about := func(i int) rights.Form {
			f := wish(fmt.Sprint("R", i), rights.Access, false)
			f.Entry.ServiceID = fmt.Sprint("service-", i)
			return f
		}
		for i := range 60 {
			o.file(t, camille, about(i))
		}
		if r, _, err := o.File(t.Context(), camille, about(60)); !errors.Is(err, rights.ErrMany) || r.Ref != "" {
			t.Errorf("%v: %v", r, err)
		}
		if r, fresh, err := o.File(t.Context(), camille, about(7)); err != nil || fresh || r.Ref != "R7" {
			t.Errorf("one that waits, sent again: %v, %v", r, err)
		}
		o.file(t, lina, about(61))
		o.answer(t, "R7", rights.Accepted, rights.Contents{})
		o.file(t, camille, about(60))
	})
}

func TestOfManySendersAtOnceOneFiles(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		o, other := rightsOn(t, d, ring, "one"), rightsOn(t, d, ring, "other")
		var wg sync.WaitGroup
		var mu sync.Mutex
		fresh, refs := 0, map[string]bool{}
		for i := range 12 {
			wg.Go(func() {
				book := []*office{o, other}[i%2]
				r, made, err := book.File(t.Context(), camille, wish(fmt.Sprint("R", i/2), rights.Access, false))
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
				}
				if refs[r.Ref] = true; made {
					fresh++
				}
			})
		}
		wg.Wait()
		if fresh != 1 || len(refs) != 1 {
			t.Errorf("%d were filed, %d references were given", fresh, len(refs))
		}
	})
}

func TestWhatPeopleWriteIsSealedAndErasedWhenTheRequestIsClosed(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		o := rightsOn(t, d, ring, "w")
		o.file(t, camille, wish("R1", rights.Access, false))
		o.file(t, camille, wish("R2", rights.Erasure, false))
		o.answer(t, "R1", rights.Refused, rights.Contents{Answer: "MARQUE, parce que la loi le veut"})
		h, err := o.One(t.Context(), camille, "R1")
		if err != nil || h.Contents.Answer != "MARQUE, parce que la loi le veut" || h.Words == "" || h.Contact == "" || !slices.Equal(h.Who, camille.Own) {
			t.Fatalf("%v: the person cannot read the answer", err)
		}
		if text := fmt.Sprintf("%v %+v %#v %s", h, h, h, h.Request); strings.Contains(text, "MARQUE") || strings.Contains(text, "camille") {
			t.Errorf("it prints %s", text)
		}
		// sealed for one request it opens for no other
		stolen := h.Request
		stolen.Ref = "R2"
		if _, err := o.Read(stolen); err == nil {
			t.Error("what one request says opens in another")
		}
		if rows := rightRows(t, d); strings.Contains(rows, "MARQUE") || strings.Contains(rows, "camille") || !strings.Contains(rows, h.Sealed) {
			t.Errorf("in the clear: %s", rows)
		}
		for range 2 { // done twice it is done once
			if r, err := o.Done(t.Context(), camille, "R1"); err != nil || r.State != rights.Closed || r.Outcome != rights.Refused || r.Sealed != "" {
				t.Errorf("%v: %#v, sealed %q", err, r, r.Sealed)
			}
			if r, err := o.Drop(t.Context(), camille, "R2"); err != nil || r.Outcome != rights.Dropped || r.Sealed != "" {
				t.Errorf("%v: dropped as %#v", err, r)
			}
		}
		if rows := rightRows(t, d); strings.Contains(rows, h.Sealed) {
			t.Error("what was written is still there")
		}
		actions, text := words(t, d)
		if want := []string{"right_file", "right_file", "right_answer", "right_done", "right_drop"}; !slices.Equal(actions, want) {
			t.Errorf("journal: %q", actions)
		}
		if strings.Contains(text, "MARQUE") || strings.Contains(text, "camille") || !strings.Contains(text, rights.HandleOf(ring, "camille today")) {
			t.Errorf("journal: %s", text)
		}
		for name, p := range map[string]rights.Party{"another person": lina, "nobody": {}} {
			if _, err := o.One(t.Context(), p, "R1"); !errors.Is(err, rights.ErrUnknown) {
				t.Errorf("%s reads it: %v", name, err)
			}
			if _, err := o.Drop(t.Context(), p, "R1"); !errors.Is(err, rights.ErrUnknown) {
				t.Errorf("%s drops it: %v", name, err)
			}
		}
	})
}

// rightRows is the table as text.
func rightRows(t testing.TB, d *DB) string {
	t.Helper()
	rows, err := d.reader().QueryContext(t.Context(), `SELECT ref || ' ' || handle || ' ' || whom || ' ' || office || ' ' || sealed FROM rights`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

func TestAnAnswerCanBeReadForTwoMonthsAndTheRecordGoesYearsLater(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		o := rightsOn(t, d, ring, "w")
		o.file(t, camille, wish("R1", rights.Access, false))
		o.file(t, camille, wish("R2", rights.Objection, false))
		o.file(t, camille, wish("R3", rights.Erasure, false)) // nobody answers this one
		o.clock = o.clock.AddDate(0, 0, 28)                   // 28 February
		o.answer(t, "R1", rights.Accepted, rights.Contents{Answer: "voici"})
		o.answer(t, "R2", rights.Accepted, rights.Contents{Answer: "oui", Instead: rights.Instead{Text: "le livre"}})
		sweep := func(now time.Time) {
			t.Helper()
			if o.clock = now; o.Sweep(t.Context(), 3) != nil {
				t.Fatal("sweep")
			}
		}
		end := time.Date(2027, 4, 29, 0, 0, 0, 0, o.Zone)
		sweep(end.Add(-time.Millisecond))
		if h, err := o.One(t.Context(), camille, "R1"); err != nil || h.State != rights.Answered || h.Contents.Answer != "voici" {
			t.Fatalf("before its time: %v, %v", h.State, err)
		}
		sweep(end)
		h, _ := o.One(t.Context(), camille, "R1")
		if h.State != rights.Closed || h.Sealed != "" || h.Outcome != rights.Accepted {
			t.Errorf("afterwards: %s, sealed %q", h.State, h.Sealed)
		}
		if h, _ = o.One(t.Context(), camille, "R2"); h.State != rights.Closed || h.Contents.Answer != "" || h.Words != "" || len(h.Who) > 0 || h.Instead.Text != "le livre" || !h.Stands() {
			t.Errorf("of an objection that stands: %#v", h.Contents)
		}
		sweep(end.AddDate(3, 0, 0))
		if all, _ := o.Of(t.Context(), camille); len(all) != 3 {
			t.Errorf("removed before three years are over: %d are left", len(all))
		}
		sweep(end.AddDate(3, 0, 0).Add(time.Millisecond))
		if all, _ := o.Of(t.Context(), camille); len(all) != 2 || all[0].Ref != "R2" || all[1].Ref != "R3" {
			t.Errorf("left are %v", all)
		}
		sweep(end.AddDate(15, 0, 0).Add(time.Millisecond))
		if all, _ := o.Of(t.Context(), camille); len(all) != 1 || all[0].Ref != "R3" {
			t.Errorf("left are %v; one that nobody answered is never removed", all)
		}
		actions, _ := words(t, d)
		if got := strings.Join(actions, " "); strings.Count(got, "right_purge") != 2 || strings.Count(got, "right_lapse") != 2 {
			t.Errorf("journal: %s", got)
		}
	})
}

func TestCountsAndListsForThoseWhoAnswer(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		o := rightsOn(t, d, ring, "w")
		o.file(t, camille, wish("R1", rights.Access, false))
		elsewhere := wish("R2", rights.Access, false)
		elsewhere.UAI = "0280303C"
		o.file(t, camille, elsewhere)
		o.clock = o.clock.AddDate(0, 0, 10)
		o.file(t, lina, wish("R3", rights.Erasure, false))
		o.file(t, lina, wish("R4", rights.Access, false))
		o.answer(t, "R4", rights.Accepted, rights.Contents{})
		refs := func(since time.Time) string {
			list, err := o.store.Current(t.Context(), since)
			if err != nil {
				t.Fatal(err)
			}
			slices.SortFunc(list, rights.ByUrgency)
			var out []string
			for _, r := range list {
				out = append(out, r.Ref)
			}
			return strings.Join(out, " ")
		}
		for name, c := range map[string][2]string{
			"everything":     {refs(o.clock), "R1 R2 R3 R4"},
			"answered later": {refs(o.clock.Add(time.Millisecond)), "R1 R2 R3"},
		} {
			if c[0] != c[1] {
				t.Errorf("%s: %q, want %q", name, c[0], c[1])
			}
		}
		for day, want := range map[string]rights.Counts{"2027-02-28": {Pending: 3}, "2027-03-01": {Pending: 3, Overdue: 2}, "2027-03-11": {Pending: 3, Overdue: 3}} {
			today, _ := registry.ParseDate(day)
			if got, err := o.store.Count(t.Context(), today, o.clock); err != nil || got != want {
				t.Errorf("on %s: %+v, %v", day, got, err)
			}
		}
	})
}

func TestARowThatSomebodyElseWroteIsNotOverwritten(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		o := rightsOn(t, d, ring, "w")
		r := o.file(t, camille, wish("R1", rights.Access, false))
		old := r
		old.Revision--
		entry := audit.Entry{Class: audit.ClassAdmin, Action: "right_answer", Outcome: audit.Done}
		for name, err := range map[string]error{
			"old": o.store.Put(t.Context(), old, &entry), "old, without an entry": o.store.Put(t.Context(), old, nil),
			"new, of a taken reference": o.store.Put(t.Context(), rights.Request{Ref: "R1", Due: r.Due, Opened: r.Opened, Since: r.Since}, &entry),
		} {
			if !errors.Is(err, rights.ErrConflict) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if got, _ := words(t, d); len(got) != 1 {
			t.Errorf("journal: %q", got)
		}
		if back, found, err := o.store.Request(t.Context(), "R1"); err != nil || !found || fmt.Sprintf("%+v", plain(back)) != fmt.Sprintf("%+v", plain(r)) {
			t.Errorf("%v: %+v, want %+v", err, plain(back), plain(r))
		}
	})
}

// plain prints.
func plain(r rights.Request) any {
	type bare rights.Request
	r.Opened, r.Since = r.Opened.UTC(), r.Since.UTC()
	return bare(r)
}
