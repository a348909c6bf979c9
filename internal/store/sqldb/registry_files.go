package sqldb

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"

	"ecluse/internal/registry"
)

// fits refuses a document that its name does not describe: a declaration refers to it by that name alone.
func fits(f registry.File) error {
	if sum := sha256.Sum256(f.Body); hex.EncodeToString(sum[:]) != f.Hash {
		return fmt.Errorf("document: %w: its hash is not the SHA-256 of its content", registry.ErrUnfit)
	}
	if len(f.Body) > registry.MaxFile {
		return fmt.Errorf("document %s: %w: it takes %d bytes, %d are allowed", f.Hash, registry.ErrUnfit, len(f.Body), registry.MaxFile)
	}
	return nil
}

// putFiles writes the documents that are not there yet: the same hash is the same content.
func putFiles(ctx context.Context, tx *sql.Tx, files []registry.File) error {
	for _, f := range files {
		_, err := tx.ExecContext(ctx,
			`INSERT INTO registry_files (hash, type, size, body) VALUES ($1, $2, $3, $4) ON CONFLICT (hash) DO NOTHING`,
			f.Hash, f.Type, len(f.Body), blob(f.Body))
		if err != nil {
			return fmt.Errorf("document %s: %w", f.Hash, err)
		}
	}
	return nil
}

// File implements registry.Store. A content that is no longer what its hash says is an error: somebody changed it.
func (s *Registry) File(ctx context.Context, hash string) (registry.File, bool, error) {
	f := registry.File{Hash: hash}
	err := s.DB.reader().QueryRowContext(ctx, `SELECT type, body FROM registry_files WHERE hash = $1`, hash).Scan(&f.Type, &f.Body)
	if errors.Is(err, sql.ErrNoRows) {
		return registry.File{}, false, nil
	}
	if err != nil {
		return registry.File{}, false, fmt.Errorf("registry document: %w", err)
	}
	if err := fits(f); err != nil {
		return registry.File{}, false, fmt.Errorf("registry document %s: %w", hash, err)
	}
	return f, true, nil
}
