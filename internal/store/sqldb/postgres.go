package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// migrationLock is the advisory lock under which one process migrates; the
// number has no meaning but to be ours.
const migrationLock = 0x65636c757365

// openPostgres opens one pool for reading and writing.
func openPostgres(ctx context.Context, location string, opts Options) (engine, error) {
	config, err := pgx.ParseConfig(location)
	if err != nil {
		// The cause repeats the location, of which pgx hides the password only
		// where it can find it.
		return engine{}, errors.New("PostgreSQL database: its location cannot be read")
	}
	toThePrimary(config)
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(opts.MaxConns)
	db.SetMaxIdleConns(opts.MaxConns)
	db.SetConnMaxIdleTime(5 * time.Minute)
	e := engine{
		writer: db, readers: db, conflict: postgresConflict, officeOf: officeInPostgres,
		writing: &sql.TxOptions{Isolation: sql.LevelSerializable},
		reading: &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true},
	}
	if err := preparePostgres(ctx, *config); err != nil {
		return engine{}, errors.Join(fmt.Errorf("PostgreSQL database %s: %w", config.Database, err), db.Close())
	}
	return e, nil
}

// preparePostgres migrates while no other process does. It has a pool of its
// own because the lock keeps one connection and the migrations need another,
// which a pool of one could not give.
func preparePostgres(ctx context.Context, config pgx.ConnConfig) error {
	db := stdlib.OpenDB(config)
	defer db.Close()
	lock, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer lock.Rollback() //nolint:errcheck // it gives the lock back, as the end of the session would
	if _, err := lock.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", int64(migrationLock)); err != nil {
		return fmt.Errorf("wait for another process's migration: %w", err)
	}
	return migrate(ctx, dialectPostgres, db)
}

// postgresConflict reports a serialization failure, a deadlock that this
// transaction lost, or a lock that was not available.
func postgresConflict(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01" || e.Code == "55P03")
}
