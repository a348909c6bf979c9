// Package ldaptest starts a real OpenLDAP for tests: a free port, a folder that the test owns, TLS with a certificate
// made on the spot, a schema with the names of the SDET, and a few invented people of three schools. It is test code;
// no production file imports it.
//
// People sign in with the password Password: lea.martin and tom.martin (pupils), nadia.bernard (teaches in two
// schools), omar.leroy (teaches in a third one), helene.petit (heads the lycée), paul.martin (holds authority for Léa,
// nothing is said for Tom) and rose.durand (holds none for Léa). "double" is the login of two entries.
package ldaptest

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // the scheme that every OpenLDAP knows
	_ "embed"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ecluse/internal/web/webtest"
)

// What tests sign in with, and where things stand.
const (
	Password        = "soleil-42"
	ServicePassword = "service-secret"
	DecoyPassword   = "decoy-secret"

	Base       = "ou=people,dc=ent,dc=example"
	Structures = "ou=structures,dc=ent,dc=example"
	Service    = "cn=passerelle,dc=ent,dc=example"
	Decoy      = "cn=leurre,dc=ent,dc=example"

	College = "0350011X"
	Lycee   = "0350022J"
	Dunes   = "0350033W"
)

//go:embed sdet.schema
var schema []byte

//go:embed people.ldif
var people string

// Server is a directory that ends with its test.
type Server struct {
	Addr         string // host:port, plain or StartTLS
	TLSAddr      string // host:port, TLS from the start
	CAFile       string // whom to trust
	PasswordFile string // the service account's

	DecoyPasswordFile string // of an account that may read nothing

	dir  string
	stop func()
}

// Start starts a directory. The test fails with a plain word when OpenLDAP is not there.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{dir: t.TempDir(), Addr: "127.0.0.1:" + webtest.FreePort(t), TLSAddr: "127.0.0.1:" + webtest.FreePort(t)}
	s.copyBinary(t)
	s.CAFile = writeCertificates(t, s.dir)
	s.PasswordFile = s.write(t, "service-password", []byte(ServicePassword+"\n"))
	s.DecoyPasswordFile = s.write(t, "decoy-password", []byte(DecoyPassword))
	s.write(t, "sdet.schema", schema)
	s.write(t, "slapd.conf", []byte(s.config(t)))
	if err := os.Mkdir(filepath.Join(s.dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	ldif := strings.NewReplacer("@PERSON@", hashed(Password), "@SERVICE@", hashed(ServicePassword), "@DECOY@", hashed(DecoyPassword))
	add := exec.Command(s.binary(), "-T", "add", "-f", filepath.Join(s.dir, "slapd.conf"))
	add.Stdin = strings.NewReader(ldif.Replace(people))
	if out, err := add.CombinedOutput(); err != nil {
		t.Fatalf("fill the directory: %v\n%s", err, out)
	}
	s.Restart(t)
	t.Cleanup(s.Stop)
	return s
}

// URL is the address for TLS from the start.
func (s *Server) URL() string { return "ldaps://" + s.TLSAddr }

// PlainURL is the address for StartTLS, or for none.
func (s *Server) PlainURL() string { return "ldap://" + s.Addr }

// Settings are the settings of a source over ldaps, for a test to change.
func (s *Server) Settings() map[string]any {
	return map[string]any{
		"url": s.URL(), "ca_file": s.CAFile, "bind_dn": Service, "bind_password_file": s.PasswordFile,
		"base_dn": Base, "structures_base_dn": Structures, "refusal_time": "0s",
	}
}

// Stop stops the directory; its data stays.
func (s *Server) Stop() {
	if s.stop != nil {
		s.stop()
		s.stop = nil
	}
}

// keeper runs a server until its own input ends, which it does with the test process, however that ends.
const keeper = `exec 3<&0; log=$1; shift; "$@" >"$log" 2>&1 </dev/null 3<&- & pid=$!; cat <&3 >/dev/null; kill -KILL $pid; wait $pid`

// Restart starts the directory again on the same ports, and waits until it answers.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	log := filepath.Join(s.dir, "log")
	cmd := exec.Command("/bin/sh", "-c", keeper, "keeper", log, s.binary(), "-d", "0",
		"-f", filepath.Join(s.dir, "slapd.conf"), "-h", "ldap://"+s.Addr+" ldaps://"+s.TLSAddr)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start slapd: %v", err)
	}
	s.stop = func() {
		_ = input.Close()
		_ = cmd.Wait()
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		conn, err := net.DialTimeout("tcp", s.TLSAddr, time.Second)
		if err == nil {
			_ = conn.Close()
			return
		}
		if time.Now().After(deadline) {
			said, _ := os.ReadFile(log)
			s.Stop()
			t.Fatalf("slapd does not answer: %v\n%s", err, said)
		}
	}
}

func (s *Server) binary() string { return filepath.Join(s.dir, "directory") }

// copyBinary runs a copy: Debian's AppArmor profile, where it is in force, keeps /usr/sbin/slapd out of the folders of
// tests.
func (s *Server) copyBinary(t testing.TB) {
	t.Helper()
	found, err := exec.LookPath("slapd")
	if err != nil {
		found = "/usr/sbin/slapd"
	}
	from, err := os.Open(found)
	if err != nil {
		t.Fatalf("these tests need OpenLDAP's server (Debian package slapd): %v", err)
	}
	defer from.Close()
	syscall.ForkLock.RLock() // a process that is begun meanwhile would hold the copy open, and what is open is not run
	defer syscall.ForkLock.RUnlock()
	to, err := os.OpenFile(s.binary(), os.O_CREATE|os.O_WRONLY, 0o700)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(to, from)
	if closed := to.Close(); err != nil || closed != nil {
		t.Fatal(err, closed)
	}
}

func (s *Server) config(t testing.TB) string {
	t.Helper()
	var b bytes.Buffer
	for _, name := range []string{"core", "cosine", "inetorgperson"} {
		fmt.Fprintf(&b, "include %s\n", schemaFile(t, name))
	}
	at := func(name string) string { return filepath.Join(s.dir, name) }
	fmt.Fprintf(&b, "include %s\n", at("sdet.schema"))
	fmt.Fprintf(&b, "TLSCACertificateFile %s\nTLSCertificateFile %s\nTLSCertificateKeyFile %s\nTLSVerifyClient never\n",
		at("ca.pem"), at("cert.pem"), at("key.pem"))
	fmt.Fprintf(&b, "pidfile %s\nargsfile %s\n", at("pid"), at("args"))
	fmt.Fprintf(&b, "database ldif\nsuffix \"dc=ent,dc=example\"\ndirectory %s\n", at("data"))
	fmt.Fprintf(&b, "access to attrs=userPassword by anonymous auth by * none\naccess to * by dn.exact=%q read by * none\n", Service)
	return b.String()
}

func schemaFile(t testing.TB, name string) string {
	t.Helper()
	for _, dir := range []string{"/etc/ldap/schema", "/etc/openldap/schema"} {
		path := filepath.Join(dir, name+".schema")
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	t.Fatalf("these tests need the schema files of OpenLDAP (Debian package slapd): %s.schema is nowhere", name)
	return ""
}

func (s *Server) write(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func hashed(password string) string {
	salt := []byte("ecluse-test")
	sum := sha1.Sum(append([]byte(password), salt...)) //nolint:gosec // as above
	return "{SSHA}" + base64.StdEncoding.EncodeToString(append(sum[:], salt...))
}
