package sqldb

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

func TestOpenRefusesNewerSchema(t *testing.T) {
	t.Parallel()
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openAt(t, location, Options{})
			_, err := d.engine.writer.ExecContext(t.Context(),
				`INSERT INTO goose_db_version (version_id, is_applied) VALUES ($1, $2)`, 99999, true)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Open(t.Context(), location, Options{}); !errors.Is(err, ErrNewer) {
				t.Errorf("got %v, want ErrNewer", err)
			}
		})
	}
}

func TestFailedMigrationLeavesTheSchema(t *testing.T) {
	t.Parallel()
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openAt(t, location, Options{})
			dialect := dialectSQLite
			if name == "postgres" {
				dialect = dialectPostgres
			}
			err := migrateFrom(t.Context(), dialect, d.engine.writer, fstest.MapFS{
				"90000_broken.sql": {Data: []byte("-- +goose Up\nCREATE TABLE half (id TEXT);\nCREATE TABEL broken;\n")},
			})
			if err == nil {
				t.Fatal("a broken migration succeeded")
			}
			if _, err := d.reader().QueryContext(t.Context(), "SELECT id FROM half"); err == nil {
				t.Error("half of the broken migration stayed")
			}
		})
	}
}

func TestOpenTakesPathsAsTheyAre(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"plain.db", "a b?c%41#d.db", "é.db"} {
		path := filepath.Join(t.TempDir(), file)
		for _, location := range []string{path, "sqlite:" + path} {
			d, err := Open(t.Context(), location, Options{})
			if err != nil {
				t.Fatalf("%s: %v", location, err)
			}
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatalf("the file has another name: %v", err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s can be read by others: %s", file, info.Mode())
		}
	}
}

func TestOpenRefusesWhatItCannotOpen(t *testing.T) {
	t.Parallel()
	notDatabase := filepath.Join(t.TempDir(), "text.db")
	if err := os.WriteFile(notDatabase, []byte(strings.Repeat("this is not a database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, location := range map[string]string{
		"nothing":               "",
		"no path":               "sqlite:",
		"another engine":        "mysql://root:hunter2@localhost/db",
		"absent folder":         filepath.Join(t.TempDir(), "absent", "gateway.db"),
		"a folder":              t.TempDir(),
		"another file":          notDatabase,
		"a closed port":         "postgres://u:hunter2@127.0.0.1:1/db",
		"a location with flaws": "postgres://u:hunter2@127.0.0.1:x/db",
	} {
		d, err := Open(t.Context(), location, Options{})
		if err == nil {
			d.Close()
			t.Errorf("%s: opened", name)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error shows the password: %v", name, err)
		}
	}
}

func TestSQLiteWaitsForTheDisk(t *testing.T) {
	t.Parallel()
	d := openAt(t, sqliteFile(t), Options{})
	for pragma, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "busy_timeout": "5000", "foreign_keys": "1",
	} {
		var got string
		if err := d.engine.writer.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %s, %v, want %s", pragma, got, err, want)
		}
	}
	if _, err := d.reader().ExecContext(t.Context(), "DELETE FROM tickets"); err == nil {
		t.Error("a reading connection wrote")
	}
}

func TestNothingWorksAfterClose(t *testing.T) {
	t.Parallel()
	for name, location := range empty(t) {
		d, err := Open(context.Background(), location, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		for what, err := range map[string]error{
			"ping": d.Ping(t.Context()), "write": d.write(t.Context(), insert("a", 0)),
			"grouped": d.grouped(t.Context(), insert("a", 0)), "read": d.read(t.Context(), insert("a", 0)),
		} {
			if err == nil {
				t.Errorf("%s: %s worked", name, what)
			}
		}
	}
}
