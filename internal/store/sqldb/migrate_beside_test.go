package sqldb

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/audit/audittest"
	"ecluse/internal/registry"
	"ecluse/internal/store"
)

// TestAProgramWorksOnASchemaToWhichANewerOneAdded: during a rolling deploy, and after it was taken back, the older program is
// started on what the newer left.
func TestAProgramWorksOnASchemaToWhichANewerOneAdded(t *testing.T) {
	t.Parallel()
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newer, kept := openAt(t, location, Options{}), store.Ticket{Kind: "code", Name: "n", Value: []byte("v"), Expires: time.Now().Add(time.Hour)}
			puts := func(d *DB) {
				t.Helper()
				if err := d.Tickets().Put(t.Context(), kept); err != nil {
					t.Error(err)
				}
			}
			puts(newer) // its statements are prepared by the schema as it was
			for _, statement := range []string{
				`CREATE TABLE later (id TEXT NOT NULL PRIMARY KEY)`,
				`ALTER TABLE tickets ADD COLUMN later TEXT NOT NULL DEFAULT ''`,
				`ALTER TABLE audit_entries ADD COLUMN later TEXT`,
				`ALTER TABLE registry_objects ADD COLUMN later BIGINT NOT NULL DEFAULT 0`,
				`INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, true)`,
			} {
				if _, err := newer.engine.writer.ExecContext(t.Context(), statement); err != nil {
					t.Fatalf("%s: %v", statement, err)
				}
			}
			older, ring := openAt(t, location, Options{}), journalRing(t)
			journal := audittest.Journal(t, older.Audit(), ring, "older", time.Now)
			s := &Registry{DB: older, Journal: journal}
			mustApply(t, s, registry.Change{Services: []registry.Service{{ID: "lire", Name: registry.Text{FR: "Lire"}}}})
			if c, err := s.Load(t.Context()); err != nil || len(c.Services) != 1 {
				t.Errorf("%d services, %v", len(c.Services), err)
			}
			puts(older)
			puts(newer)
			if got, err := newer.Tickets().Take(t.Context(), "code", "n"); err != nil || string(got.Value) != "v" {
				t.Errorf("the newer program reads %q, %v", got.Value, err)
			}
			if p, err := newer.Audit().List(t.Context(), audit.Query{Class: audit.ClassAdmin}); err != nil || len(p.Entries) != 1 {
				t.Errorf("the newer program reads %d entries, %v", len(p.Entries), err)
			}
			if r := verified(t, older, ring); !r.OK() {
				t.Errorf("the journal: %v", r.Problems)
			}
		})
	}
}

// addsOnly holds statements to what leaves an older program working: new tables and what belongs to them, indexes that forbid
// nothing, columns that may be left out. The text has no comments.
func addsOnly(text string) (bad []string) {
	var own []string
	for _, statement := range strings.Split(text, ";") {
		statement = strings.Join(strings.Fields(statement), " ")
		table := func(pattern string) (string, bool) {
			m := regexp.MustCompile(`(?i)^` + pattern).FindStringSubmatch(statement)
			if m == nil {
				return "", false
			}
			return m[1], true
		}
		if name, ok := table(`CREATE TABLE (\w+) \(`); ok {
			own = append(own, name)
			continue
		}
		column, adds := table(`ALTER TABLE \w+ ADD COLUMN (\w+ .*)`)
		unique, forbids := table(`CREATE UNIQUE INDEX \w+ ON (\w+)`)
		into, fills := table(`INSERT INTO (\w+)`)
		_, indexes := table(`CREATE INDEX (\w+) ON`)
		switch upper := strings.ToUpper(column); {
		case statement == "", indexes:
		case adds && (strings.Contains(upper, " DEFAULT ") || !strings.Contains(upper, " NOT NULL")) && !strings.Contains(upper, " UNIQUE"):
		case forbids && slices.Contains(own, unique), fills && slices.Contains(own, into):
		default:
			bad = append(bad, statement)
		}
	}
	return bad
}

// TestMigrationsOfOneThousandOnlyAdd holds every migration to it since programs count on it.
func TestMigrationsOfOneThousandOnlyAdd(t *testing.T) {
	t.Parallel()
	const since = "00089"
	looked := 0
	err := fs.WalkDir(migrations, "migrations", func(name string, d fs.DirEntry, err error) error {
		base := ""
		if err == nil && !d.IsDir() {
			base = d.Name()
		}
		if base < since || strings.HasSuffix(strings.SplitN(base, "_", 2)[0], "000") { // the first of a thousand may change anything
			return err
		}
		text, err := fs.ReadFile(migrations, name)
		looked++
		for _, statement := range addsOnly(regexp.MustCompile(`(?m)--.*$`).ReplaceAllString(string(text), "")) {
			t.Errorf("%s takes away or changes what an older program beside it reads: %s", base, statement)
		}
		return err
	})
	if err != nil || looked < 3 {
		t.Errorf("looked at %d migrations: %v", looked, err)
	}
	for _, m := range coded(dialectSQLite) {
		if m.Version > 94 && m.Version%generation != 0 { // 94 makes an index
			t.Errorf("migration %d is a program: show here that it only adds", m.Version)
		}
	}
	for _, changes := range []string{
		"DROP TABLE tickets", "ALTER TABLE tickets RENAME TO t", "ALTER TABLE tickets DROP COLUMN value", "UPDATE tickets SET value = ''",
		"DELETE FROM tickets", "CREATE UNIQUE INDEX i ON tickets (value)", "ALTER TABLE tickets ADD COLUMN x TEXT NOT NULL",
		"INSERT INTO registry_revision (id) VALUES (2)", "ALTER TABLE tickets ADD COLUMN x TEXT UNIQUE", "CREATE TRIGGER x BEFORE INSERT ON tickets",
	} {
		if len(addsOnly(changes)) != 1 {
			t.Errorf("%s is taken for a mere addition", changes)
		}
	}
}
