// Package desktest gives tests of the desk and of what stands on it a small academy: real storage in a file of its own, a
// real journal, the rules and the catalogue that come with the program, schools, and people in every office.
package desktest

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ecluse/configs"
	"ecluse/internal/attrs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/audit"
	"ecluse/internal/audit/audittest"
	"ecluse/internal/consent"
	"ecluse/internal/desk"
	"ecluse/internal/guardian"
	"ecluse/internal/keybook"
	"ecluse/internal/keys"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/person"
	"ecluse/internal/policy/conformity/conformitytest"
	"ecluse/internal/registry"
	"ecluse/internal/registry/manifest"
	"ecluse/internal/roles"
	"ecluse/internal/stepup"
	"ecluse/internal/store"
	"ecluse/internal/store/memdb"
	"ecluse/internal/store/sqldb"
	"ecluse/internal/store/storetest"
	"ecluse/internal/tally"
)

// The establishments of the academy "exemple", all of department 028.
const (
	Ecole   = person.UAI("0280101H") // a public école of the circonscription "Chartres 1": its DASEN is controller
	College = person.UAI("0280202T") // a public collège
	Other   = person.UAI("0280303C") // another one
	Lycee   = person.UAI("0750652B") // a private lycée
	Service = person.UAI("0280001Z") // a service académique: the recteur is controller
)

// Academy is the only one; Department the only one of it.
const (
	Academy    = "exemple"
	Department = "028"
)

// House is the academy, with its desk. Whatever is done at the desk is done for real.
type House struct {
	*desk.Desk
	DB    *sqldb.DB
	Ring  *keys.Ring
	Book  *keybook.Book // what the gateway knows of people's keys
	clock atomic.Pointer[time.Time]

	tickets  store.Tickets // of every replica
	location string
}

// Start is the moment at which a new house stands: noon of 22 November 2026 in Paris.
func Start() time.Time { return time.Date(2026, time.November, 22, 11, 0, 0, 0, time.UTC) }

// New is a house at Start: the schools, the source "ent" with its declaration, the services "lire", "calcul", "ecluse" and
// "bureau", the house's own register entry, which covers the academy, and somebody in every office. Nothing else is declared.
func New(tb testing.TB) *House {
	tb.Helper()
	return at(tb, migrated.SQLite(tb))
}

// OnEach runs a test on a new house on each engine: a file of SQLite, and a real PostgreSQL.
func OnEach(t *testing.T, test func(t *testing.T, h *House)) {
	t.Helper()
	for name, location := range map[string]func(testing.TB) string{"sqlite": migrated.SQLite, "postgres": migrated.Postgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, at(t, location(t)))
		})
	}
}

// migrated is the empty database of every house.
var migrated = storetest.NewTemplate(func(location string) error {
	db, err := sqldb.Open(context.Background(), location, sqldb.Options{})
	if err != nil {
		return err
	}
	return db.Close()
})

// Database is an SQLite file of the test's own that holds nothing.
func Database(tb testing.TB) *sqldb.DB {
	tb.Helper()
	return open(tb, migrated.SQLite(tb))
}

func open(tb testing.TB, location string) *sqldb.DB {
	tb.Helper()
	db, err := sqldb.Open(tb.Context(), location, sqldb.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

// Words is the dictionary that comes with the program, read once; nobody may change it.
func Words(tb testing.TB) *dictionary.Dictionary {
	tb.Helper()
	words, err := words()
	if err != nil {
		tb.Fatal(err)
	}
	return words
}

var words = sync.OnceValues(dictionary.Shipped)

// at is a new house on an empty database.
func at(tb testing.TB, location string) *House {
	tb.Helper()
	h := &House{DB: open(tb, location), Ring: keystest.Ring(tb), location: location}
	h.Set(Start())
	h.tickets = memdb.New(h.now)
	h.Desk = h.Replica(tb, "desk")
	h.Book = h.Pseudonyms.(pseudonyms).Book
	if _, err := h.Store.Apply(tb.Context(), furniture(h.Now()), Entry("furnish")); err != nil {
		tb.Fatal(err)
	}
	if err := h.Live.Refresh(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return h
}

// Replica is another desk on the same database, as another process has one.
func (h *House) Replica(tb testing.TB, writer string) *desk.Desk {
	tb.Helper()
	words := Words(tb)
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		tb.Fatal(err)
	}
	journal := audittest.Journal(tb, h.DB.Audit(), h.Ring, writer, h.now)
	store := &sqldb.Registry{DB: h.DB, Journal: journal}
	book := &keybook.Book{Store: &sqldb.Keybook{DB: h.DB, Journal: journal}, Keys: h.Ring, Now: func() time.Time { return h.now().In(paris) }}
	live := &registry.Live{Store: store, Zone: paris, Now: h.now, Shipped: Shipped(tb)}
	return &desk.Desk{
		Store: store, Live: live,
		Words: words, Journal: journal, Events: h.DB.Audit(), Subjects: consent.Trace{Keys: h.Ring, Book: book}, Now: h.now,
		Accounts:   &sqldb.Accounts{DB: h.DB, Journal: journal, Zone: paris},
		Readers:    &sqldb.Charters{DB: h.DB, Journal: journal},
		Guardians:  &guardian.Book{Store: &sqldb.Guardians{DB: h.DB, Journal: journal}, Keys: h.Ring, Handles: book.Handles, Now: h.now},
		Pseudonyms: pseudonyms{book, &attrs.Engine{Dictionary: words, Keys: h.Ring}},
		StepUps:    Confirming{},
		Counter:    &sqldb.Incidents{DB: h.DB},
		Factors:    h.factors(tb, journal),
		Tally:      &tally.Book{Store: &sqldb.Tally{DB: h.DB}, Live: live, Now: h.now},
	}
}

// factors are second means as the gateway keeps them. A desk whose StepUps they are asks for them.
func (h *House) factors(tb testing.TB, journal *audit.Journal) *stepup.Book {
	tb.Helper()
	book, err := stepup.New(stepup.Config{
		Store: &sqldb.Factors{DB: h.DB, Journal: journal}, Tickets: store.Sealed(h.tickets, h.Ring), Keys: h.Ring,
		Journal: journal, Now: h.now, Issuer: "ecluse.example", Origin: "https://ecluse.example",
	})
	if err != nil {
		tb.Fatal(err)
	}
	return book
}

// Confirming says of every act that whoever does it has stepped up for it, by the means "test".
type Confirming struct{}

// Spend is always a yes.
func (Confirming) Spend(context.Context, roles.Caller, string) (string, bool, error) {
	return "test", true, nil
}

// pseudonyms answers matches as the gateway does.
type pseudonyms struct {
	*keybook.Book
	*attrs.Engine
}

// Shipped is what comes with the program: rules version 0 and the catalogue. It is read once; nobody may change it.
func Shipped(tb testing.TB) registry.Contents {
	tb.Helper()
	contents, err := shipped()
	if err != nil {
		tb.Fatal(err)
	}
	return contents
}

var shipped = sync.OnceValues(func() (registry.Contents, error) {
	rules, problems := manifest.ReadRules(configs.Files, "rules.yaml")
	if err := problems.Or(); err != nil {
		return registry.Contents{}, err
	}
	folder, err := fs.Sub(configs.Files, "catalogue")
	if err != nil {
		return registry.Contents{}, err
	}
	catalogue, problems := manifest.Catalogue(folder)
	return registry.Contents{
		RuleSets: []registry.RuleSet{{Rules: rules}}, Models: catalogue.Models, Assessments: catalogue.Assessments,
	}, problems.Or()
})

func (h *House) now() time.Time { return *h.clock.Load() }

// Set puts the clock.
func (h *House) Set(now time.Time) { h.clock.Store(&now) }

// Wait lets time pass.
func (h *House) Wait(d time.Duration) { h.Set(h.now().Add(d)) }

// Day puts the clock to noon UTC of a day, yyyy-mm-dd.
func (h *House) Day(text string) { h.Set(Day(text).Starts(time.UTC).Add(12 * time.Hour)) }

// Snapshot is the newest view of the registry.
func (h *House) Snapshot(tb testing.TB) *registry.Snapshot {
	tb.Helper()
	if err := h.Live.Refresh(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	s, err := h.Live.Current()
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// Entries lists what the journal holds, by chain, oldest first; the furnishing is left out.
func (h *House) Entries(tb testing.TB) []audit.Entry {
	tb.Helper()
	chains, err := h.DB.Audit().Chains(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	var out []audit.Entry
	for _, chain := range chains {
		rows, err := h.DB.Audit().Rows(tb.Context(), chain, 0, 100000)
		if err != nil {
			tb.Fatal(err)
		}
		for _, row := range rows {
			if row.Action != "furnish" {
				out = append(out, row.Entry)
			}
		}
	}
	return out
}

// Apply registers objects behind the desk's back, as files do.
func (h *House) Apply(tb testing.TB, change registry.Change) {
	tb.Helper()
	if _, err := h.Store.Apply(tb.Context(), change, Entry("furnish")); err != nil {
		tb.Fatal(err)
	}
	h.Snapshot(tb)
}

// Entry is a journal entry for what a test does behind the desk's back.
func Entry(action string) audit.Entry {
	return audit.Entry{Class: audit.ClassAdmin, Action: action, Outcome: audit.Done, Actor: "command:test"}
}

// Day reads yyyy-mm-dd.
func Day(text string) registry.Date {
	d, err := registry.ParseDate(text)
	if err != nil {
		panic(err) // the days of tests are constants
	}
	return d
}

// Reading is a conforming text for the service "lire", to change and to hand to Begin: for the academy, where each school
// enables it.
func Reading() registry.Declaration { return conformitytest.Conforming("lire", "") }

// ForSchools is Reading for some establishments, with papers of their own.
func ForSchools(uais ...person.UAI) registry.Declaration {
	d := WithPapers(Reading(), fmt.Sprint(uais))
	d.Scope = registry.Scope{Level: registry.ByEstablishment, UAIs: uais}
	d.Controller.Name, d.Controller.Office = "Collège d'Exemple", "chef d'établissement"
	d.Supplier.SignedBy, d.Supplier.CouncilAct = "chef d'établissement", "CA-2026-12"
	d.Documents = append(d.Documents, registry.Document{
		Kind: registry.CouncilPaper, Name: "deliberation.pdf", Hash: conformitytest.Hash(fmt.Sprint("council", uais)), Date: Day("2026-06-30"),
	})
	return d
}

// ForDepartment is Reading for the public écoles of the department, with papers of its own.
func ForDepartment() registry.Declaration {
	d := WithPapers(Reading(), Department)
	d.Scope = registry.Scope{Level: registry.ByDepartment, Departments: []string{Department}}
	d.Controller.Name, d.Controller.Office = "DSDEN 28", "DASEN"
	return d
}

// WithPapers gives a conforming text papers that no other text refers to.
func WithPapers(d registry.Declaration, whose string) registry.Declaration {
	d.Documents = slices.Clone(d.Documents)
	for i, p := range d.Documents {
		d.Documents[i].Hash = conformitytest.Hash(string(p.Kind) + whose)
		switch p.Kind {
		case registry.TermsPaper:
			d.Supplier.Terms.Document = d.Documents[i].Hash
		case registry.DPIAPaper:
			d.DPIA.Document = d.Documents[i].Hash
		default: // nothing else in the text refers to it
		}
	}
	return d
}
