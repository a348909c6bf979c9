package storetest

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// Template gives tests databases that were made ready once: migrating an empty
// one costs more than most tests. What was written by making it ready stands in
// each; what a test writes stands in its own alone.
type Template struct {
	file     func() ([]byte, error)
	postgres func() (string, error)
}

// NewTemplate makes a template of what ready leaves behind in the empty database
// at a location, which it must have closed. Each engine's is made when somebody
// first asks for it, and lives as long as the test process.
func NewTemplate(ready func(location string) error) *Template {
	return &Template{
		file: sync.OnceValues(func() ([]byte, error) { return readyFile(ready) }),
		postgres: sync.OnceValues(func() (string, error) {
			base, err := cluster()
			if err != nil {
				return "", err
			}
			name, err := createDatabase(base, "template0")
			if err != nil {
				return "", err
			}
			return name, ready(postgresURL(base, name))
		}),
	}
}

func readyFile(ready func(location string) error) (_ []byte, err error) {
	dir, err := os.MkdirTemp("", "storetest-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := filepath.Join(dir, "ready.db")
	if err := ready("sqlite:" + file); err != nil {
		return nil, err
	}
	if _, err := os.Stat(file + "-wal"); !errors.Is(err, os.ErrNotExist) {
		return nil, errors.New("the template was not closed")
	}
	return os.ReadFile(file)
}

// SQLite returns the location of a file of the test's own.
func (m *Template) SQLite(t testing.TB) string {
	t.Helper()
	data, err := m.file()
	must(t, "make an SQLite file ready", err)
	file := filepath.Join(t.TempDir(), "gateway.db")
	must(t, "copy the SQLite file", os.WriteFile(file, data, 0o600))
	return "sqlite:" + file
}

// Postgres returns the URL of a database of the test's own in the PostgreSQL of
// the test process.
func (m *Template) Postgres(t testing.TB) string {
	t.Helper()
	name, err := m.postgres()
	must(t, "make a database ready", err)
	return newDatabase(t, name)
}

// newDatabase copies one database of the cluster.
func newDatabase(t testing.TB, template string) string {
	t.Helper()
	base, err := cluster()
	must(t, "start PostgreSQL", err)
	name, err := createDatabase(base, template)
	must(t, "create a database", err)
	return postgresURL(base, name)
}

func createDatabase(base, template string) (_ string, err error) {
	db, err := sql.Open("pgx", postgresURL(base, "postgres"))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	name := databaseName()
	_, err = db.ExecContext(context.Background(), "CREATE DATABASE "+name+" TEMPLATE "+template)
	return name, err
}
