package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ecluse/internal/attrs"
	"ecluse/internal/audit"
	"ecluse/internal/audit/audittest"
	"ecluse/internal/consent"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/keybook"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/registry/registrytest"
	"ecluse/internal/store/sqldb"
)

// renewing is a house whose services have numbers of people, and the commands on its database.
type renewing struct {
	*desktest.House
	*base
	t *testing.T
}

func newRenewing(t *testing.T, h *desktest.House) renewing {
	t.Helper()
	paris := registrytest.Paris()
	b := &base{config: DefaultConfig(), zone: paris, now: h.Now, db: h.DB, ring: h.Ring, words: h.Words, shipped: desktest.Shipped(t)}
	b.journal = audittest.Journal(t, h.DB.Audit(), h.Ring, "pseudonyms", h.Now)
	b.store = &sqldb.Registry{DB: h.DB, Journal: b.journal}
	b.engine = &attrs.Engine{Dictionary: b.words, Keys: h.Ring, Scope: "sso.exemple.fr"}
	return renewing{h, b, t}
}

func (r renewing) know(source, id string, also ...person.Key) []string {
	r.t.Helper()
	numbers, err := r.people().Know(r.t.Context(), source, person.Key{Authority: source, ID: id}, also...)
	if err != nil {
		r.t.Fatal(err)
	}
	return numbers
}

// span gives the number of a person in a family and generation under one span: 0 is stable, 1 to 6 cycles, then years.
func (r renewing) span(number, family string, generation, i int) string {
	return r.engine.Spans(number, family, generation, 2026, 2026)[i]
}

func (r renewing) release(numbers ...string) {
	r.t.Helper()
	var left consent.Left
	left.Year = 2026
	for _, p := range numbers {
		left.Marks = append(left.Marks, keybook.Mark(r.ring, p))
	}
	store := &sqldb.Receipts{DB: r.db, Journal: r.journal}
	entry := audit.Entry{Class: audit.ClassRelease, Action: "release", Outcome: audit.Released, Service: "lire"}
	if err := store.Record(r.t.Context(), entry, nil, left); err != nil {
		r.t.Fatal(err)
	}
}

// renew gives a sector new numbers, by two persons.
func (r renewing) renew(family string) {
	r.t.Helper()
	if _, err := r.AskRenewal(r.t.Context(), r.OnCall(), family, desk.Renewal{Reason: "liste publiée"}); err != nil {
		r.t.Fatal(err)
	}
	if _, err := r.ConfirmRenewal(r.t.Context(), r.DPO(), family, "vu"); err != nil {
		r.t.Fatal(err)
	}
}

func (r renewing) take(o AliasesOptions) ([]string, error) {
	r.t.Helper()
	if o.Out == "" {
		o.Out = filepath.Join(r.t.TempDir(), "list.csv")
	}
	if o.By == "" {
		o.By = "RSSI"
	}
	err := takeAliases(r.t.Context(), r.base, o, r.t.Output())
	text, missing := os.ReadFile(o.Out)
	left, _ := filepath.Glob(filepath.Join(filepath.Dir(o.Out), ".pseudonyms-*"))
	if len(left) != 0 {
		r.t.Errorf("%d drafts stay behind", len(left))
	}
	if (err == nil) != (missing == nil) {
		r.t.Errorf("%v, and the file: %v", err, missing)
	}
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(o.Out); err != nil || info.Mode().Perm() != 0o600 {
		r.t.Errorf("the file can be read by others: %v, %v", info.Mode(), err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n"), nil
}

func TestHardCase36TheListOfASectorMapsWhatWasReleasedThereAndIsTakenOnce(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		r := newRenewing(t, h)
		var want []string
		for i := range 12 {
			n := r.know("ent", fmt.Sprint("p", i))[0]
			r.release(r.span(n, "calcul", 0, 0)) // elsewhere
			if i < 9 {
				r.release(r.span(n, "lire", 0, i)) // every span once, that of a ward among them
				want = append(want, r.span(n, "lire", 0, i)+";"+r.span(n, "lire", 1, i))
			}
		}
		slices.Sort(want)
		ask := AliasesOptions{Family: "lire", Shape: "hex"}
		var conflict *desk.Conflict
		if _, err := r.take(ask); !errors.As(err, &conflict) || !errors.Is(err, ErrNotTaken) {
			t.Errorf("before anything happened: %v", err)
		}
		if _, err := r.AskRenewal(t.Context(), r.OnCall(), "lire", desk.Renewal{Reason: "liste publiée"}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.take(ask); !errors.As(err, &conflict) {
			t.Errorf("on one person's word: %v", err)
		}
		if _, err := r.ConfirmRenewal(t.Context(), r.DPO(), "lire", "vu"); err != nil {
			t.Fatal(err)
		}
		got, err := r.take(ask)
		if err != nil || got[0] != "former;new" || !slices.Equal(got[1:], want) {
			t.Fatalf("%v; %d rows, %d expected", err, len(got)-1, len(want))
		}
		f := r.Snapshot(t).Family("lire")
		if f.Taken.IsZero() || len(f.Decisions) != 3 || f.Decisions[2].Office != "RSSI" || r.Snapshot(t).Family("calcul").Generation != 0 {
			t.Errorf("the sector says %+v", f)
		}
		if _, err := r.take(ask); !errors.As(err, &conflict) || !strings.Contains(err.Error(), "2026-11-22 12:00 by RSSI") {
			t.Errorf("a second time: %v", err)
		}
		r.taken("12" /* nobody's */, "9")
	})
}

// taken holds the journal to one entry with a count, and never another count.
func (r renewing) taken(never, count string) {
	r.t.Helper()
	var found []string
	for _, e := range r.Entries(r.t) {
		if e.Action == "pseudonyms_taken" {
			found = append(found, e.Detail["count"])
			if e.Class != audit.ClassAdmin || e.Outcome != audit.Done || e.Actor != "command:pseudonyms" || e.Detail["family"] != "lire" || e.Detail["generation"] != "1" {
				r.t.Errorf("the entry is %+v", e)
			}
		}
	}
	if !slices.Equal(found, []string{count}) || slices.Contains(found, never) {
		r.t.Errorf("the journal counts %v", found)
	}
}

func TestTheNextGenerationHasAListOfItsOwnFromWhatTheFirstOneGave(t *testing.T) {
	t.Parallel()
	r := newRenewing(t, desktest.New(t))
	n := r.know("ent", "p")[0]
	r.release(r.span(n, "lire", 0, 0))
	for generation := range 2 {
		r.renew("lire")
		got, err := r.take(AliasesOptions{Family: "lire", Shape: "hex"})
		if want := r.span(n, "lire", generation, 0) + ";" + r.span(n, "lire", generation+1, 0); err != nil || len(got) != 2 || got[1] != want {
			t.Errorf("generation %d: %d rows, %v", generation+1, len(got), err)
		}
	}
}

func TestWhoIsFoundToBeSomebodyElseKeepsTheNumberOfTheList(t *testing.T) {
	t.Parallel()
	r := newRenewing(t, desktest.New(t))
	ine := person.Key{Authority: "ine-hash", ID: "h"}
	a, b := r.know("ent-a", "1")[0], r.know("ent-b", "2")[0]
	known := max(a, b) // where nothing was released, the smaller one would serve
	r.release(r.span(known, "lire", 0, 0))
	r.renew("lire")
	got, err := r.take(AliasesOptions{Family: "lire", Shape: "hex"})
	if err != nil || len(got) != 2 {
		t.Fatalf("%d rows, %v", len(got), err)
	}
	r.know("ent-a", "1", ine)
	numbers := r.know("ent-b", "2", ine)
	serving, err := r.people().Serving(t.Context(), numbers, func(n string) string { return r.span(n, "lire", 1, 0) })
	if err != nil || len(numbers) != 2 || !strings.HasSuffix(got[1], r.span(serving, "lire", 1, 0)) {
		t.Errorf("the list gives a number that the person does not get: %d numbers, %v", len(numbers), err)
	}
}

func TestTheListNamesTheNumberThatServesWhereSeveralMeanOnePerson(t *testing.T) {
	t.Parallel()
	r := newRenewing(t, desktest.New(t))
	ine := person.Key{Authority: "ine-hash", ID: "h"}
	a, b := r.know("ent-a", "1")[0], r.know("ent-b", "2")[0]
	r.know("ent-a", "1", ine)
	numbers := r.know("ent-b", "2", ine)
	r.release(r.span(a, "lire", 0, 0), r.span(b, "lire", 0, 0))
	r.renew("lire")
	got, err := r.take(AliasesOptions{Family: "lire", Shape: "hex"})
	if err != nil || len(got) != 3 {
		t.Fatalf("%d rows, %v", len(got), err)
	}
	serving, err := r.people().Serving(t.Context(), numbers, func(n string) string { return r.span(n, "lire", 1, 0) })
	for _, row := range got[1:] {
		if err != nil || !strings.HasSuffix(row, ";"+r.span(serving, "lire", 1, 0)) {
			t.Errorf("a row names another number than the one that serves, %v", err)
		}
	}
}

func TestAListIsWrittenInTheShapesThatTheSectorUses(t *testing.T) {
	t.Parallel()
	r := newRenewing(t, desktest.New(t))
	n := r.know("ent", "p")[0]
	r.release(r.span(n, "lire", 0, 0))
	r.renew("lire")
	contents := registry.Contents{
		Services: []registry.Service{
			{ID: "lire", Bindings: []registry.Binding{{Shape: registry.UUID}}}, {ID: "other", Bindings: []registry.Binding{{Shape: registry.Compact}}},
		},
		Declarations: []registry.Declaration{{ServiceID: "lire", Items: []registry.Item{{Attr: "short_code"}, {Attr: "pairwise_id"}}}, {ServiceID: "other"}},
	}
	if got := shapesOf(contents, "lire"); !slices.Equal(got, []registry.Shape{registry.Code, registry.Pairwise, registry.UUID}) {
		t.Errorf("the sector uses %q", got)
	}
	if got := shapesOf(registry.Contents{}, "lire"); !slices.Equal(got, []registry.Shape{registry.Hex128}) {
		t.Errorf("a sector that says nothing uses %q", got)
	}
	there := filepath.Join(t.TempDir(), "there.csv")
	if err := os.WriteFile(there, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var missing *desk.NotFound
	if err := takeAliases(t.Context(), r.base, AliasesOptions{Family: "lire", Out: there, By: "RSSI"}, t.Output()); !errors.Is(err, ErrNotTaken) {
		t.Errorf("over a file that is there: %v", err)
	}
	if _, err := r.take(AliasesOptions{Family: "lire", Shape: "round"}); err == nil {
		t.Error("a shape that does not exist is written")
	}
	if _, err := r.take(AliasesOptions{Family: "nowhere"}); !errors.As(err, &missing) {
		t.Errorf("a sector without a service: %v", err)
	}
	r.renew("calcul")
	if _, err := r.take(AliasesOptions{Family: "calcul"}); !errors.Is(err, ErrNotTaken) || !r.Snapshot(t).Family("calcul").Taken.IsZero() {
		t.Errorf("a sector that nobody was known in: %v", err)
	}
	got, err := r.take(AliasesOptions{Family: "lire", Shape: "pairwise"})
	want := r.span(n, "lire", 0, 0)[:64] + "@sso.exemple.fr;" + r.span(n, "lire", 1, 0)[:64] + "@sso.exemple.fr"
	if err != nil || len(got) != 2 || got[1] != want {
		t.Errorf("%v: %v", got, err)
	}
}
