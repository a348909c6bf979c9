package sqldb

import (
	"database/sql"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"ecluse/internal/audit"
	"ecluse/internal/audit/audittest"
	"ecluse/internal/registry"
)

// before opens an empty database whose schema is as it was up to a migration, and puts rows into it.
func before(t *testing.T, location, after string, rows ...string) {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(migrations, "migrations", func(name string, d fs.DirEntry, err error) error {
		if base := d.Name(); err == nil && !d.IsDir() && base < after {
			text, err := fs.ReadFile(migrations, name)
			files[base] = &fstest.MapFile{Data: text}
			return err
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	db, dialect := rawDatabase(t, location)
	defer db.Close()
	programs := slices.DeleteFunc(coded(dialect), func(m *goose.Migration) bool { return fmt.Sprintf("%05d", m.Version) >= after })
	if err := migrateFrom(t.Context(), dialect, db, files, programs...); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if _, err := db.ExecContext(t.Context(), row); err != nil {
			t.Fatalf("%s: %v", row, err)
		}
	}
}

func rawDatabase(t *testing.T, location string) (*sql.DB, goose.Dialect) {
	t.Helper()
	if path, ok := strings.CutPrefix(location, "sqlite:"); ok {
		db, err := sqlitePool(path, "immediate", 1, sqliteWriter)
		if err != nil {
			t.Fatal(err)
		}
		return db, dialectSQLite
	}
	config, err := pgx.ParseConfig(location)
	if err != nil {
		t.Fatal(err)
	}
	return stdlib.OpenDB(*config), dialectPostgres
}

func TestWhatThePreviousVersionStoredIsReadAndARefusalStaysOne(t *testing.T) {
	t.Parallel()
	const declared = `{"id":"d1","service":"lire","version":1,"state":"approved","since":"2026-09-01T08:00:00Z","message":{"fr":""},` +
		`"scope":{"level":"academy","academies":["exemple"],"refused":["0280101H","0280202T"]},"decisions":[{"at":"2026-09-01T08:00:00Z","state":"approved","office":"recteur"}]}`
	for name, location := range empty(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before(t, location, "00050",
				`UPDATE registry_revision SET revision = 7 WHERE id = 1`,
				`INSERT INTO registry_objects (kind, id, version, revision, body) VALUES ('declaration', 'd1', 1, 3, '`+declared+`')`,
				`INSERT INTO registry_objects (kind, id, version, revision, body) VALUES ('service', 'lire', 0, 7, '{"id":"lire","name":{"fr":"Lire"},"bindings":null}')`,
				`INSERT INTO audit_entries (writer, class, sequence, at, action, outcome, reason, ref, actor, subject, service, declaration, version, uai, source, protocol, attributes, detail, hash)
				VALUES ('w', 'admin', 1, 1000, 'apply', 'done', '', '', '', '', 'lire', '', 0, '', '', '', '[]', '{}', '')`)
			d := openAt(t, location, Options{})
			s := &Registry{DB: d, Journal: audittest.Journal(t, d.Audit(), journalRing(t), "w-1", time.Now)}
			c, err := s.Load(t.Context())
			if err != nil || c.Revision != 7 || len(c.Declarations) != 1 || len(c.Services) != 1 || len(c.Enablings) != 2 {
				t.Fatalf("revision %d, %d declarations, %d services, %d enablings, %v", c.Revision, len(c.Declarations), len(c.Services), len(c.Enablings), err)
			}
			for _, e := range c.Enablings {
				if e.Service != "lire" || e.State != registry.RefusedHere || e.Since.IsZero() || e.UAI != "0280101H" && e.UAI != "0280202T" {
					t.Errorf("%+v, want a refusal", e)
				}
			}
			if changed, err := s.Since(t.Context(), 3); err != nil || len(changed.Services) != 1 || len(changed.Declarations) != 0 {
				t.Errorf("since 3: %d services, %d declarations, %v", len(changed.Services), len(changed.Declarations), err)
			}
			if p, err := d.Audit().List(t.Context(), audit.Query{Service: "lire"}); err != nil || len(p.Entries) != 1 {
				t.Errorf("the journal lists %d entries, %v", len(p.Entries), err)
			}
			suspended, err := c.Declarations[0].Move(registry.Decision{At: time.Now(), State: registry.Suspended, Office: "recteur"})
			if err != nil {
				t.Fatal(err)
			}
			mustApply(t, s, registry.Change{Declarations: []registry.Declaration{suspended}, Files: []registry.File{document("acte")}})
		})
	}
}
