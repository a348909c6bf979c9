// Package sqldb keeps rows in SQLite (one machine) or PostgreSQL (several):
// tickets, the queue, and the durable rows of the packages whose Store
// interfaces it implements, one file per noun. It owns every SQL text of the
// gateway and the list of migrations; it owns no rule about what the rows mean.
//
// # Writing a file for a noun
//
// One SQL text serves both engines: $1 placeholders, ON CONFLICT, RETURNING.
// Column types are TEXT, BIGINT, BYTEA and BOOLEAN only. Instants are BIGINT
// milliseconds since 1970 (milli, instant), bytes that are not surely UTF-8
// are BYTEA, an empty byte slice is passed as blob(b) because nil would be
// NULL. Keys are made by the program, never by the engine. Rows come back in
// the order of an ORDER BY or in none; text sorts by bytes on both engines
// only with an ASCII alphabet.
//
// Four ways lead to the rows. Their functions use the context they are given
// and not the caller's, may run more than once, and therefore have no effect
// outside the transaction but to set variables that each run sets anew.
//
//   - d.reader() is for one query alone (QueryContext, QueryRowContext).
//   - d.read(ctx, func(ctx, tx)) runs several queries that see one instant.
//   - d.write(ctx, func(ctx, tx)) is a transaction of its own: BEGIN IMMEDIATE
//     on SQLite, SERIALIZABLE on PostgreSQL, so read-then-write code is right
//     on both. Busy and serialization conflicts are tried again, for ten
//     seconds at most. It has returned nil: the rows are on disk.
//   - d.grouped(ctx, func(ctx, tx)) is the same for small writes of which many
//     come at once (a journal entry of each sign-in): those that wait while one
//     batch commits are the next batch, in one transaction, each in a savepoint
//     of its own, so the failure of one undoes nothing of the others. It
//     returns after COMMIT. A caller whose context ends while it still waits
//     for its turn leaves with that error and nothing written; once its batch
//     runs it waits for the outcome.
//
// None of them is called inside another: on SQLite there is one writing
// connection, and the inner call would wait for the outer one.
//
// Rows that belong together are written by one function of this package within
// one write or grouped call; helpers that take (ctx, tx) compose.
//
// Migrations are files in migrations/, numbered, forward only, written as
// "-- +goose Up" with text that both engines read. A released file is never
// edited. On SQLite a migration must not run long: other processes wait.
package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// ErrNewer is returned by Open for a database whose schema a later version of
// the gateway changed.
var ErrNewer = errors.New("the database schema is newer than this program")

// errClosed is returned for work that arrives after Close.
var errClosed = errors.New("database is closed")

// Options adjust Open. The zero value is usable.
type Options struct {
	// Now is the clock that tells expired tickets; time.Now when nil.
	Now func() time.Time
	// MaxConns bounds the connections to PostgreSQL and the reading
	// connections to SQLite; 8 when zero.
	MaxConns int
}

// DB is an open database with an up-to-date schema. It is safe for concurrent
// use; several processes may hold the same database open.
type DB struct {
	now    func() time.Time
	engine engine
	group  group
	epoch  atomic.Int64 // of Tickets.Epoch, once it was read; 0 before
}

// engine is what differs between SQLite and PostgreSQL.
type engine struct {
	writer, readers *sql.DB        // one pool for both on PostgreSQL
	writing         *sql.TxOptions // isolation of a writing transaction
	reading         *sql.TxOptions // isolation of a reading one
	batches         bool           // single statements gain from the group commit
	conflict        func(error) bool
	officeOf        string // officeInSQLite or officeInPostgres
}

// Open opens the database at location and migrates it: "postgres://..." or
// "postgresql://..." names a PostgreSQL database, "sqlite:PATH" or a bare path
// an SQLite file, which is created, readable by its owner only, if absent. Any
// number of processes may open one database at once. A schema to which a newer
// program only added is used as it is; one that it changed is refused with
// ErrNewer. Errors do not show the location, which may hold a password.
func Open(ctx context.Context, location string, opts Options) (*DB, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.MaxConns <= 0 {
		opts.MaxConns = 8
	}
	var e engine
	var err error
	if scheme, rest, _ := strings.Cut(location, ":"); isPostgres(scheme) {
		e, err = openPostgres(ctx, location, opts)
	} else if scheme == "sqlite" {
		e, err = openSQLite(ctx, rest, opts)
	} else if u, perr := url.Parse(location); perr == nil && u.Scheme != "" && u.Host != "" {
		err = errors.New("database location is neither sqlite:PATH nor postgres://")
	} else {
		e, err = openSQLite(ctx, location, opts)
	}
	if err != nil {
		return nil, err
	}
	d := &DB{now: opts.Now, engine: e}
	d.group.run = d.runBatch
	return d, nil
}

func isPostgres(scheme string) bool { return scheme == "postgres" || scheme == "postgresql" }

// Close waits for the writes under way and closes the connections. Later calls
// of anything return an error.
func (d *DB) Close() error {
	d.group.close()
	return d.engine.close()
}

func (e engine) close() error {
	err := e.readers.Close()
	if e.writer != e.readers {
		err = errors.Join(err, e.writer.Close())
	}
	return err
}

// Ping reports whether the database answers, for the readiness check.
func (d *DB) Ping(ctx context.Context) error {
	if err := d.engine.readers.PingContext(ctx); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	return nil
}

// milli is the column value of an instant.
func milli(t time.Time) int64 { return t.UnixMilli() }

// instant is the instant of a column value.
func instant(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// blob is the column value of bytes that may be nil.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
