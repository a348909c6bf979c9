package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// The pragmas of every connection. WAL lets readers go on while one writes;
// FULL makes COMMIT wait for the disk, which is what an acknowledgement means
// here; busy_timeout is how long another process's write is waited for.
var (
	sqliteEvery  = []string{"busy_timeout(5000)", "foreign_keys(1)", "trusted_schema(0)"}
	sqliteWriter = append(sqliteEvery[:len(sqliteEvery):len(sqliteEvery)],
		"journal_mode(wal)", "synchronous(full)", "journal_size_limit(67108864)")
	sqliteReader = append(sqliteEvery[:len(sqliteEvery):len(sqliteEvery)], "query_only(1)")
)

// openSQLite opens one writing connection and several reading ones.
func openSQLite(ctx context.Context, path string, opts Options) (_ engine, err error) {
	if path == "" {
		return engine{}, errors.New("SQLite database without a path")
	}
	if path, err = filepath.Abs(path); err != nil {
		return engine{}, fmt.Errorf("SQLite database: %w", err)
	}
	if err := createPrivate(path); err != nil {
		return engine{}, fmt.Errorf("SQLite database: %w", err)
	}
	e := engine{batches: true, conflict: sqliteConflict, officeOf: officeInSQLite, reading: &sql.TxOptions{ReadOnly: true}}
	if e.writer, err = sqlitePool(path, "immediate", 1, sqliteWriter); err != nil {
		return engine{}, err
	}
	if e.readers, err = sqlitePool(path, "deferred", opts.MaxConns, sqliteReader); err != nil {
		return engine{}, errors.Join(err, e.writer.Close())
	}
	if err := prepareSQLite(ctx, path, e.writer); err != nil {
		return engine{}, errors.Join(fmt.Errorf("SQLite database %s: %w", filepath.Base(path), err), e.close())
	}
	return e, nil
}

// createPrivate makes an absent file readable by its owner alone. SQLite gives
// its companion files the same permissions.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// sqlitePool returns a pool whose transactions begin in the given mode.
func sqlitePool(path, begin string, conns int, pragmas []string) (*sql.DB, error) {
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{"_pragma": pragmas}.Encode()}
	c, err := sqlite.NewConnector(dsn.String())
	if err != nil {
		return nil, fmt.Errorf("SQLite driver: %w", err)
	}
	db := sql.OpenDB(cachingConnector{c, "BEGIN " + begin})
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// prepareSQLite switches to WAL and migrates while no other process does. The
// lock is a second, empty SQLite file beside the database: its locks go with
// the process that held them, and they do not stand in the migrations' way.
func prepareSQLite(ctx context.Context, path string, db *sql.DB) error {
	locks, err := sqlitePool(path+"-migration", "exclusive", 1, []string{"busy_timeout(60000)"})
	if err != nil {
		return err
	}
	defer locks.Close()
	lock, err := locks.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("wait for another process's migration: %w", err)
	}
	defer lock.Rollback() //nolint:errcheck // nothing was written
	var mode string
	if err := db.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("journal mode is %s, not wal: is it on a network file system?", mode)
	}
	return migrate(ctx, dialectSQLite, db)
}

// sqliteConflict reports whether another connection held the lock too long, or
// wrote after this one had read.
func sqliteConflict(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	primary := e.Code() & 0xff
	return primary == sqlite3.SQLITE_BUSY || primary == sqlite3.SQLITE_LOCKED
}
