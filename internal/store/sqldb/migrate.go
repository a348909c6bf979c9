package sqldb

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"
)

const (
	dialectSQLite   = goose.DialectSQLite3
	dialectPostgres = goose.DialectPostgres
)

//go:embed migrations/*.sql
var migrations embed.FS

// generation is how many migrations may follow each other that only add: tables, indexes, columns that may be left out. A
// program works beside those that it does not know, so that two versions run on one database while the newer is brought in,
// and the older may come back. A migration that takes away or changes what an older program reads or writes has the first
// number of the next thousand; older programs then refuse the schema.
const generation = 1000

// migrate brings the schema up to date. The caller holds the lock that keeps
// other processes from doing the same; goose's own would leave the creation of
// its table outside and has none for SQLite.
func migrate(ctx context.Context, dialect goose.Dialect, db *sql.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return migrateFrom(ctx, dialect, db, files, coded(dialect)...)
}

// coded are the migrations that SQL alone, or one SQL for both engines, cannot say.
func coded(dialect goose.Dialect) []*goose.Migration {
	office := officeInSQLite
	if dialect == dialectPostgres {
		office = officeInPostgres
	}
	return []*goose.Migration{
		goose.NewGoMigration(52, &goose.GoFunc{RunTx: refusalsToEnablings}, nil),
		goose.NewGoMigration(94, &goose.GoFunc{RunTx: indexOffices(office)}, nil),
	}
}

// migrateFrom is migrate with a list of migrations of the caller's.
func migrateFrom(ctx context.Context, dialect goose.Dialect, db *sql.DB, files fs.FS, programs ...*goose.Migration) error {
	p, err := goose.NewProvider(dialect, db, files, goose.WithGoMigrations(programs...),
		goose.WithDisableGlobalRegistry(true), goose.WithSlog(slog.New(slog.DiscardHandler)))
	if err != nil {
		return fmt.Errorf("read the list of migrations: %w", err)
	}
	current, newest, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	if current/generation > newest/generation {
		return fmt.Errorf("%w: it has version %d, this program knows %d", ErrNewer, current, newest)
	}
	if current > newest {
		return nil
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate the schema from version %d to %d: %w", current, newest, err)
	}
	return nil
}
