package sqldb

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
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

// The kinds of rows.
const (
	kindService       = "service"
	kindDeclaration   = "declaration"
	kindEstablishment = "establishment"
	kindSource        = "source"
	kindDelegation    = "delegation"
)

// ErrApproved says that a change would edit a version that was approved.
var ErrApproved = errors.New("an approved version is never edited: make a new version")

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
	var c registry.Contents
	err := s.DB.read(ctx, func(ctx context.Context, tx *sql.Tx) (err error) {
		c = registry.Contents{}
		if c.Revision, err = readRevision(ctx, tx); err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, `SELECT kind, body FROM registry_objects ORDER BY kind, id, version`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var kind, body string
			if err := rows.Scan(&kind, &body); err != nil {
				return err
			}
			if err := addObject(&c, kind, []byte(body)); err != nil {
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

func addObject(c *registry.Contents, kind string, body []byte) error {
	switch kind {
	case kindService:
		return appendObject(&c.Services, body)
	case kindDeclaration:
		return appendObject(&c.Declarations, body)
	case kindEstablishment:
		return appendObject(&c.Establishments, body)
	case kindSource:
		return appendObject(&c.Sources, body)
	case kindDelegation:
		return appendObject(&c.Delegations, body)
	default:
		return fmt.Errorf("an object of unknown kind %q", kind)
	}
}

func appendObject[T any](list *[]T, body []byte) error {
	var object T
	if err := json.Unmarshal(body, &object); err != nil {
		return fmt.Errorf("%T: %w", object, err)
	}
	*list = append(*list, object)
	return nil
}

// object is one row to write.
type object struct {
	kind, id string
	version  int
	body     any
}

func objects(c registry.Change) []object {
	var out []object
	for _, o := range c.Services {
		out = append(out, object{kindService, o.ID, 0, o})
	}
	for _, o := range c.Declarations {
		out = append(out, object{kindDeclaration, o.ID, o.Version, o})
	}
	for _, o := range c.Establishments {
		out = append(out, object{kindEstablishment, string(o.UAI), 0, o})
	}
	for _, o := range c.Sources {
		out = append(out, object{kindSource, o.ID, 0, o})
	}
	for _, o := range c.Delegations {
		out = append(out, object{kindDelegation, o.ID, 0, o})
	}
	return out
}

// Apply implements registry.Store.
func (s *Registry) Apply(ctx context.Context, change registry.Change, entry audit.Entry) (int64, error) {
	draft, err := s.Journal.Draft(entry)
	if err != nil {
		return 0, err
	}
	var revision int64
	_, err = s.DB.AppendAudit(ctx, draft, func(ctx context.Context, tx *sql.Tx) (err error) {
		revision, err = nextRevision(ctx, tx, change.Base)
		if err != nil {
			return err
		}
		for _, d := range change.Declarations {
			if err := keepsSubstance(ctx, tx, d); err != nil {
				return err
			}
		}
		for _, o := range objects(change) {
			if err := putObject(ctx, tx, o, revision); err != nil {
				return err
			}
		}
		return nil
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

func putObject(ctx context.Context, tx *sql.Tx, o object, revision int64) error {
	body, err := json.Marshal(o.body)
	if err != nil {
		return fmt.Errorf("%s %s: %w", o.kind, o.id, err)
	}
	_, err = tx.ExecContext(ctx, `
INSERT INTO registry_objects (kind, id, version, revision, body) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (kind, id, version) DO UPDATE SET revision = excluded.revision, body = excluded.body`,
		o.kind, o.id, o.version, revision, string(body))
	return err
}

// keepsSubstance refuses to edit a version that was ever approved: only its state and what was decided may change.
func keepsSubstance(ctx context.Context, tx *sql.Tx, next registry.Declaration) error {
	var body string
	err := tx.QueryRowContext(ctx, `SELECT body FROM registry_objects WHERE kind = $1 AND id = $2 AND version = $3`,
		kindDeclaration, next.ID, next.Version).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	var last registry.Declaration
	if err := json.Unmarshal([]byte(body), &last); err != nil {
		return err
	}
	if last.WasApproved() && !last.SameText(next) {
		return fmt.Errorf("declaration %s version %d: %w", next.ID, next.Version, ErrApproved)
	}
	return nil
}

// Since implements registry.Store.
func (s *Registry) Since(ctx context.Context, _ int64) (registry.Contents, error) { return s.Load(ctx) }

// File implements registry.Store.
func (s *Registry) File(context.Context, string) (registry.File, bool, error) {
	return registry.File{}, false, nil
}
