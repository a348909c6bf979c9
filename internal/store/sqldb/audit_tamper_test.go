package sqldb

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/audit/audittest"
)

// tampering is what somebody with the database's password could do: statements
// parted by semicolons, and part of the first problem that must be reported.
type tampering struct{ name, sql, want string }

func changedRows() []tampering {
	return []tampering{
		{"reason", `UPDATE audit_entries SET reason = 'agreed' WHERE writer = 'a' AND sequence = 3`, "a/sign_in, entry 3: changed"},
		{"time", `UPDATE audit_entries SET at = at + 1 WHERE writer = 'a' AND sequence = 3`, "a/sign_in, entry 3: changed"},
		{"version", `UPDATE audit_entries SET version = 77 WHERE writer = 'a' AND sequence = 3`, "a/sign_in, entry 3: changed"},
		{"attributes", `UPDATE audit_entries SET attributes = '["profile"]' WHERE writer = 'a' AND sequence = 3`, "a/sign_in, entry 3: changed"},
		{"detail", `UPDATE audit_entries SET detail = '{}' WHERE writer = 'a' AND sequence = 3`, "a/sign_in, entry 3: changed"},
		{"no JSON", `UPDATE audit_entries SET detail = '{' WHERE writer = 'a' AND sequence = 3`, "a/sign_in, entry 3: changed"},
		{"hash", `UPDATE audit_entries SET hash = (SELECT hash FROM audit_entries WHERE writer = 'b' AND sequence = 1)
			WHERE writer = 'a' AND sequence = 3`, "a/sign_in, entry 3: changed"},
		{"hash of no length", `UPDATE audit_entries SET hash = '' WHERE writer = 'a' AND sequence = 3`, "a/sign_in, entry 3: changed"},
	}
}

func removedRows() []tampering {
	return []tampering{
		{"first removed", `DELETE FROM audit_entries WHERE writer = 'a' AND sequence = 1`, "a/sign_in, entry 1: removed"},
		{"middle removed", `DELETE FROM audit_entries WHERE writer = 'a' AND sequence = 3`, "a/sign_in, entry 3: removed"},
		{"last removed", `DELETE FROM audit_entries WHERE writer = 'a' AND sequence > 4`, "a/sign_in, entries 5 to 6: removed"},
		{"tail and head cut", `DELETE FROM audit_entries WHERE writer = 'a' AND sequence > 4;
			UPDATE audit_heads SET last = 4, hash = (SELECT hash FROM audit_entries WHERE writer = 'a' AND sequence = 4)
			WHERE writer = 'a'`, "a/sign_in: the seal of the head"},
		{
			"chain removed", `DELETE FROM audit_entries WHERE writer = 'b'; DELETE FROM audit_heads WHERE writer = 'b'`,
			"chain number 2: the chain was removed",
		},
		{"last chain removed and uncounted", `DELETE FROM audit_entries WHERE writer = 'b'; DELETE FROM audit_heads WHERE writer = 'b';
			UPDATE audit_root SET chains = 1`, "the seal of the root"},
		{"head removed", `DELETE FROM audit_heads WHERE writer = 'b'`, "chain number 2: the chain was removed"},
		{"root removed", `DELETE FROM audit_root`, "the root was removed"},
	}
}

func movedRows() []tampering {
	return []tampering{
		{"renumbered", `DELETE FROM audit_entries WHERE writer = 'a' AND sequence = 5;
			UPDATE audit_entries SET sequence = 5 WHERE writer = 'a' AND sequence = 6`, "a/sign_in, entry 5: changed"},
		{"reordered", `UPDATE audit_entries SET sequence = 99 WHERE writer = 'a' AND sequence = 2;
			UPDATE audit_entries SET sequence = 2 WHERE writer = 'a' AND sequence = 3;
			UPDATE audit_entries SET sequence = 3 WHERE writer = 'a' AND sequence = 99`, "a/sign_in, entry 2: changed"},
		{"duplicated at the end", `INSERT INTO audit_entries SELECT writer, class, 7, at, action, outcome, reason, ref, actor, subject,
			service, declaration, version, uai, source, protocol, attributes, detail, hash FROM audit_entries
			WHERE writer = 'a' AND sequence = 6`, "a/sign_in, entry 7: inserted"},
		{
			"moved to another writer", `UPDATE audit_entries SET writer = 'b', sequence = 3 WHERE writer = 'a' AND sequence = 6`,
			"a/sign_in, entry 6: removed",
		},
		{"invented writer", `INSERT INTO audit_entries SELECT 'z', class, sequence, at, action, outcome, reason, ref, actor, subject,
			service, declaration, version, uai, source, protocol, attributes, detail, hash FROM audit_entries
			WHERE writer = 'a' AND sequence = 1`, "z/sign_in: the head was removed"},
		{
			"pretended purge", `DELETE FROM audit_entries WHERE writer = 'a' AND sequence < 3; UPDATE audit_heads SET base = 2 WHERE writer = 'a'`,
			"a/sign_in: the seal of the head",
		},
	}
}

func TestVerifyFindsWhatSQLCanDoToTheJournal(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	cases := slices.Concat(changedRows(), removedRows(), movedRows())
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, d *DB) {
				fill(t, audittest.Journal(t, d.Audit(), ring, "a", time.Now), 6)
				fill(t, audittest.Journal(t, d.Audit(), ring, "b", time.Now), 2)
				for statement := range strings.SplitSeq(c.sql, ";") {
					r, err := d.engine.writer.ExecContext(t.Context(), statement)
					if err != nil {
						t.Fatal(err)
					}
					if n, err := r.RowsAffected(); err != nil || n == 0 {
						t.Fatalf("%d rows, %v: the case does nothing", n, err)
					}
				}
				r := verified(t, d, ring)
				if r.OK() || !strings.Contains(r.Problems[0].String(), c.want) {
					t.Errorf("problems %v, want %q first", r.Problems, c.want)
				}
			})
		})
	}
}
