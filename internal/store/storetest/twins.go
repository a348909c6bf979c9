package storetest

import (
	"database/sql"
	"errors"
	"testing"
)

// Twins are two PostgreSQL. The second follows the first, and nothing is acknowledged that it does not have (streaming
// replication, synchronous).
type Twins struct {
	// URL names an empty database by the addresses of both, the second one first.
	URL string

	first  *supervised
	second postgres
}

// NewTwins starts them for one test.
func NewTwins(t testing.TB) *Twins {
	t.Helper()
	one, err := newPostgres()
	must(t, "folder of the first", err)
	must(t, "the first", one.initialize())
	first, err := one.start()
	must(t, "the first", err)
	t.Cleanup(first.stop)
	const name = "twins"
	must(t, "database", one.tell("CREATE DATABASE "+name))
	two, err := newPostgres()
	must(t, "folder of the second", err)
	must(t, "copy", two.program("pg_basebackup", "--pgdata", two.data(), "--host", one.dir, "--username", "postgres",
		"--write-recovery-conf", "--no-sync", "--checkpoint", "fast"))
	second, err := two.start()
	must(t, "the second", err)
	t.Cleanup(second.stop)
	must(t, "wait for the second", one.tell("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()"))
	must(t, "following", first.await(one.isFollowed))
	return &Twins{URL: postgresURL(two.dir+","+one.dir, name), first: first, second: two}
}

// Fail ends the first at once, as a crash does. Until Take nobody writes.
func (w *Twins) Fail() { w.first.stop() }

// Take lets the second take over.
func (w *Twins) Take(t testing.TB) {
	t.Helper()
	must(t, "take over", w.second.tell("SELECT pg_promote()"))
}

// tell runs commands in the cluster's first database.
func (p postgres) tell(commands ...string) error {
	db, err := sql.Open("pgx", postgresURL(p.dir, "postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	for _, c := range commands {
		if _, err := db.Exec(c); err != nil {
			return err
		}
	}
	return nil
}

// isFollowed is nil once another waits for what this one writes, and this one for it.
func (p postgres) isFollowed() error {
	db, err := sql.Open("pgx", postgresURL(p.dir, "postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	var n int
	if err := db.QueryRow("SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')").Scan(&n); err != nil {
		return err
	}
	if n == 0 {
		return errors.New("nobody follows")
	}
	return nil
}
