package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite"
)

// ErrAbsent is returned by Look for an SQLite file that is not there.
var ErrAbsent = errors.New("there is no database yet")

// Look opens the database at location for reading alone: nothing is created, migrated or written, and everything that
// would write fails. Its schema may be another program's: what cannot be read then is an error of whoever reads.
func Look(ctx context.Context, location string) (*DB, error) {
	e, err := lookAt(location)
	if err != nil {
		return nil, err
	}
	if err := e.readers.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("database: %w", err), e.close())
	}
	d := &DB{engine: e}
	d.group.run = d.runBatch
	return d, nil
}

func lookAt(location string) (engine, error) {
	scheme, rest, _ := strings.Cut(location, ":")
	if isPostgres(scheme) {
		config, err := pgx.ParseConfig(location)
		if err != nil {
			return engine{}, errors.New("PostgreSQL database: its location cannot be read") // the cause repeats it
		}
		config.RuntimeParams["default_transaction_read_only"] = "on"
		db := stdlib.OpenDB(*config)
		db.SetMaxOpenConns(2)
		reading := &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
		return engine{writer: db, readers: db, conflict: postgresConflict, officeOf: officeInPostgres, reading: reading, writing: reading}, nil
	}
	if scheme != "sqlite" {
		rest = location
	}
	path, err := filepath.Abs(rest)
	if err != nil || rest == "" {
		return engine{}, fmt.Errorf("SQLite database: %w", errors.Join(err, ErrAbsent))
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return engine{}, fmt.Errorf("SQLite database %s: %w", filepath.Base(path), ErrAbsent)
	}
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{
		"mode": {"ro"}, "_pragma": sqliteReader,
	}.Encode()}
	c, err := sqlite.NewConnector(dsn.String())
	if err != nil {
		return engine{}, fmt.Errorf("SQLite driver: %w", err)
	}
	db := sql.OpenDB(cachingConnector{c, "BEGIN"})
	db.SetMaxOpenConns(2)
	reading := &sql.TxOptions{ReadOnly: true}
	return engine{writer: db, readers: db, conflict: sqliteConflict, officeOf: officeInSQLite, reading: reading, writing: reading}, nil
}
