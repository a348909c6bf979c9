package sqldb

import (
	"context"
	"database/sql"
	"fmt"

	"ecluse/internal/audit"
	"ecluse/internal/registry"
)

// Registry is the registry.Store of a database. Journal is that of this process.
type Registry struct {
	DB      *DB
	Journal *audit.Journal
}

var _ registry.Store = (*Registry)(nil)

// Revision implements registry.Store.
func (s *Registry) Revision(ctx context.Context) (int64, error) {
	return readRevision(ctx, s.DB.reader())
}

func readRevision(ctx context.Context, q querier) (revision int64, err error) {
	err = q.QueryRowContext(ctx, `SELECT revision FROM registry_revision WHERE id = 1`).Scan(&revision)
	return revision, err
}

// Load implements registry.Store.
func (s *Registry) Load(ctx context.Context) (registry.Contents, error) {
	return s.contents(ctx, `SELECT kind, body FROM registry_objects ORDER BY kind, id, version`)
}

// Since implements registry.Store. Revisions are given out by a row that one change holds until it is committed, so
// nothing of an older revision can appear after a newer one was seen.
func (s *Registry) Since(ctx context.Context, revision int64) (registry.Contents, error) {
	return s.contents(ctx,
		`SELECT kind, body FROM registry_objects WHERE revision > $1 ORDER BY revision, kind, id, version`, revision)
}

// contents reads objects and the revision as of one instant.
func (s *Registry) contents(ctx context.Context, query string, args ...any) (registry.Contents, error) {
	var c registry.Contents
	err := s.DB.read(ctx, func(ctx context.Context, tx *sql.Tx) (err error) {
		c = registry.Contents{}
		if c.Revision, err = readRevision(ctx, tx); err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		var kind string
		var body sql.RawBytes
		for rows.Next() {
			if err := rows.Scan(&kind, &body); err != nil {
				return err
			}
			if err := addObject(&c, kind, body); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	if err != nil {
		return registry.Contents{}, fmt.Errorf("registry: %w", err)
	}
	return c, nil
}

// Apply implements registry.Store.
func (s *Registry) Apply(ctx context.Context, change registry.Change, entry audit.Entry) (int64, error) {
	draft, err := s.Journal.Draft(entry)
	if err != nil {
		return 0, err
	}
	objects, err := written(change)
	if err != nil {
		return 0, fmt.Errorf("registry change: %w", err)
	}
	for _, f := range change.Files {
		if err := fits(f); err != nil {
			return 0, fmt.Errorf("registry change: %w", err)
		}
	}
	var revision int64
	_, err = s.DB.AppendAudit(ctx, draft, func(ctx context.Context, tx *sql.Tx) (err error) {
		if revision, err = nextRevision(ctx, tx, change.Base); err != nil {
			return err
		}
		if err := keepHistory(ctx, tx, objects); err != nil {
			return err
		}
		if err := putObjects(ctx, tx, objects, revision); err != nil {
			return err
		}
		return putFiles(ctx, tx, change.Files)
	})
	if err != nil {
		return 0, fmt.Errorf("registry change: %w", err)
	}
	return revision, nil
}

// nextRevision counts the change; the row makes two changes at once wait for each other.
func nextRevision(ctx context.Context, tx *sql.Tx, base int64) (int64, error) {
	var next int64
	err := tx.QueryRowContext(ctx, `UPDATE registry_revision SET revision = revision + 1 WHERE id = 1 RETURNING revision`).Scan(&next)
	if err == nil && base != 0 && base != next-1 {
		err = registry.ErrConflict
	}
	return next, err
}
