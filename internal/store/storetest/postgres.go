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
	p, err := newPostgres()
	if err != nil {
		return "", err
	}
	if err := p.initialize(); err != nil {
		return "", err
	}
	_, err = p.start()
	return p.dir, err
}

// postgres is a cluster in a folder of its own, in which its socket stands.
type postgres struct {
	bin, dir string
	cred     *syscall.Credential
}

// newPostgres makes the folder.
func newPostgres() (p postgres, err error) {
	if p.bin, err = postgresPrograms(); err != nil {
		return p, err
	}
	var uid int
	if p.cred, uid, err = postgresUser(); err != nil {
		return p, err
	}
	if p.dir, err = os.MkdirTemp("", "storetest-pg-"); err != nil {
		return p, err
	}
	return p, os.Chown(p.dir, uid, -1)
}

func (p postgres) data() string { return filepath.Join(p.dir, "data") }

// initialize fills the folder.
func (p postgres) initialize() error {
	err := p.program("initdb", "--pgdata", p.data(), "--username", "postgres",
		"--auth", "trust", "--no-sync", "--encoding", "UTF8", "--locale", "C")
	if err != nil {
		return errors.Join(err, os.RemoveAll(p.dir))
	}
	return nil
}

// program runs one of PostgreSQL's to its end.
func (p postgres) program(name string, args ...string) error {
	cmd := exec.Command(filepath.Join(p.bin, name), args...)
	cmd.SysProcAttr, cmd.Dir = &syscall.SysProcAttr{Credential: p.cred}, p.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, out)
	}
	return nil
}

// start starts the server and waits until it answers. fsync is off because what these tests ask of the disk is asked of SQLite.
func (p postgres) start() (*supervised, error) {
	s, err := supervise(p.cred, "QUIT", p.dir, filepath.Join(p.bin, "postgres"), "-D", p.data(), "-k", p.dir,
		"-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=200", "-c", "shared_buffers=32MB")
	if err != nil {
		return nil, err
	}
	return s, s.await(func() error { return pingPostgres(p.dir) })
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
