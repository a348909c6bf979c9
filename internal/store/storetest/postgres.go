package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver named "pgx"
)

// cluster starts the one PostgreSQL of this test process. It is a variable of
// the package because nothing else lives as long as the process: starting a
// cluster for each test would cost seconds each. It holds no state that one
// test could leave to another, since each gets a database of its own.
var cluster = sync.OnceValues(startPostgres)

// Postgres returns the URL of a new, empty database in a real PostgreSQL that
// ends with the test process. Without the programs the test fails: nothing that
// was not run may pass for verified.
func Postgres(t testing.TB) string {
	t.Helper()
	return newDatabase(t, "template0")
}

func databaseName() string { return "test_" + strings.ToLower(rand.Text()) }

// postgresURL names a database of the cluster whose socket is in dir.
func postgresURL(dir, name string) string {
	u := url.URL{
		Scheme: "postgres", User: url.User("postgres"), Path: "/" + name,
		RawQuery: url.Values{"host": {dir}}.Encode(),
	}
	return u.String()
}

// startPostgres makes a cluster in a temporary folder, and returns the folder,
// in which its socket stands; it listens on no port.
func startPostgres() (string, error) {
	bin, err := postgresPrograms()
	if err != nil {
		return "", err
	}
	cred, uid, err := postgresUser()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "storetest-pg-")
	if err != nil {
		return "", err
	}
	if err := os.Chown(dir, uid, -1); err != nil {
		return "", err
	}
	data := filepath.Join(dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "--pgdata", data, "--username", "postgres",
		"--auth", "trust", "--no-sync", "--encoding", "UTF8", "--locale", "C")
	initdb.SysProcAttr, initdb.Dir = &syscall.SysProcAttr{Credential: cred}, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return "", errors.Join(fmt.Errorf("initdb: %w: %s", err, out), os.RemoveAll(dir))
	}
	// fsync is off because what these tests ask of the disk is asked of SQLite.
	s, err := supervise(cred, "QUIT", dir, filepath.Join(bin, "postgres"), "-D", data, "-k", dir,
		"-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=200", "-c", "shared_buffers=32MB")
	if err != nil {
		return "", err
	}
	return dir, s.await(func() error { return pingPostgres(dir) })
}

func pingPostgres(dir string) error {
	db, err := sql.Open("pgx", postgresURL(dir, "postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	return db.PingContext(context.Background())
}

// postgresPrograms returns the folder of the newest PostgreSQL installed.
func postgresPrograms() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "", errors.New("initdb is missing: install the Debian package postgresql (version 15 or later)")
	}
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
		return n
	}
	return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })), nil
}

// postgresUser returns how to run the server, which refuses to run as root: as
// the user that the package made, and as ourselves if we are not root.
func postgresUser() (*syscall.Credential, int, error) {
	if os.Getuid() != 0 {
		return nil, os.Getuid(), nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, 0, fmt.Errorf("the user postgres is missing: install the Debian package postgresql: %w", err)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, 0, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, 0, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, uid, nil
}
