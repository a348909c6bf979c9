package interop_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"text/template"
	"time"
)

// wanted lets a test run where the products are there for certain, and nowhere else.
func wanted(t *testing.T) {
	t.Helper()
	if os.Getenv("ECLUSE_INTEROP") == "" {
		t.Skip("make interop installs the products and runs this")
	}
}

// folder is where one product has its files. It and the product belong to somebody who may do nothing else.
type folder struct {
	t    *testing.T
	path string
	cred *syscall.Credential // nil: ourselves
}

// newFolder makes one with a short name, for there are sockets in it.
func newFolder(t *testing.T) *folder {
	t.Helper()
	dir, err := os.MkdirTemp("", "interop-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	f := &folder{t: t, path: dir}
	if os.Getuid() == 0 {
		f.cred = nobody(t)
	}
	f.own(dir)
	return f
}

// nobody is the user of Debian's web servers.
func nobody(t *testing.T) *syscall.Credential {
	t.Helper()
	u, err := user.Lookup("www-data")
	if err != nil {
		t.Fatal(err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func (f *folder) own(name string) {
	f.t.Helper()
	if f.cred == nil {
		return
	}
	if err := os.Chown(name, int(f.cred.Uid), int(f.cred.Gid)); err != nil {
		f.t.Fatal(err)
	}
}

func (f *folder) file(name string) string { return filepath.Join(f.path, name) }

// write puts a file there, with the folders above it.
func (f *folder) write(name string, content []byte) {
	f.t.Helper()
	if dir := filepath.Dir(name); dir != "." {
		if err := os.MkdirAll(f.file(dir), 0o755); err != nil {
			f.t.Fatal(err)
		}
		f.own(f.file(dir))
	}
	if err := os.WriteFile(f.file(name), content, 0o600); err != nil {
		f.t.Fatal(err)
	}
	f.own(f.file(name))
}

// fill writes a file of testdata with its gaps filled.
func (f *folder) fill(name, from string, with any) {
	f.t.Helper()
	page, err := template.ParseFiles(filepath.Join("testdata", from))
	if err != nil {
		f.t.Fatal(err)
	}
	var out bytes.Buffer
	if err := page.Option("missingkey=error").Execute(&out, with); err != nil {
		f.t.Fatal(err)
	}
	f.write(name, out.Bytes())
}

// supervisor ends a program with the test process, however that ends: it holds the reading end of a pipe whose writing end
// only the test process has.
const supervisor = `
log=$1; shift
exec 3<&0
"$@" >>"$log" 2>&1 </dev/null 3<&- &
pid=$!
(cat <&3 >/dev/null; kill -TERM $pid; sleep 5; kill -KILL $pid) 2>/dev/null >/dev/null &
wait $pid
kill $! 2>/dev/null
`

// program is one that runs.
type program struct {
	pipe io.Closer
	gone chan struct{}
}

// stop ends it and waits until it has gone.
func (p *program) stop() {
	_ = p.pipe.Close()
	<-p.gone
}

// run starts a program that stays in the foreground; it ends with the test, which shows what it said if it failed.
func (f *folder) run(environment []string, words ...string) *program {
	f.t.Helper()
	log := f.file(filepath.Base(words[0]) + ".out")
	cmd := exec.Command("/bin/sh", append([]string{"-c", supervisor, "supervisor", log}, words...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: f.cred, Setpgid: true}
	cmd.Dir, cmd.Env = f.path, append([]string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "HOME=" + f.path, "TMPDIR=" + f.path}, environment...)
	pipe, err := cmd.StdinPipe()
	if err != nil {
		f.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		f.t.Fatal(err)
	}
	p := &program{pipe: pipe, gone: make(chan struct{})}
	go func() {
		defer close(p.gone)
		_ = cmd.Wait()
	}()
	f.t.Cleanup(p.stop)
	return p
}

// told shows what programs wrote down, when the test has failed.
func (f *folder) told(names ...string) {
	f.t.Cleanup(func() {
		if !f.t.Failed() {
			return
		}
		for _, name := range names {
			if text, err := os.ReadFile(f.file(name)); err == nil && len(text) > 0 {
				f.t.Logf("%s:\n%s", name, text[max(0, len(text)-12000):])
			}
		}
	})
}

// output runs a program to its end.
func (f *folder) output(words ...string) string {
	f.t.Helper()
	cmd := exec.Command(words[0], words[1:]...)
	cmd.SysProcAttr, cmd.Dir = &syscall.SysProcAttr{Credential: f.cred}, f.path
	out, err := cmd.CombinedOutput()
	if err != nil {
		f.t.Fatalf("%s: %v\n%s", words[0], err, out)
	}
	return string(out)
}

// makeKey makes a key and a certificate that it signed itself, as each of these products is set up with.
func (f *folder) makeKey(name string) {
	f.t.Helper()
	f.output("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", name+".key", "-out", name+".pem", "-days", "30", "-subj", "/CN=localhost")
}

// await asks an address until it answers with that status, or the program has gone.
func (f *folder) await(p *program, address string) []byte {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(f.t.Context()), time.Minute) // cleanup asks too
	defer cancel()
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			f.t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(r)
		if err == nil {
			body, err := io.ReadAll(answer.Body)
			_ = answer.Body.Close()
			if err == nil && answer.StatusCode == http.StatusOK {
				return body
			}
		}
		select {
		case <-p.gone:
			f.t.Fatalf("%s: the program has gone", address)
		case <-ctx.Done():
			f.t.Fatalf("%s does not answer", address)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// pemBlock puts base64 as it stands in metadata into the frame of PEM.
func pemBlock(base64 string) []byte {
	return []byte("-----BEGIN CERTIFICATE-----\n" + strings.TrimSpace(base64) + "\n-----END CERTIFICATE-----\n")
}
