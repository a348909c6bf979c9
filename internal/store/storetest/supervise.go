package storetest

import (
	"fmt"
	"io"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"
)

// supervised is a server that ends with its test process, however that ends: a
// shell holds the reading end of a pipe whose writing end only the test process
// has. At the end of the pipe it stops the server and removes its folder.
type supervised struct {
	cmd  *exec.Cmd
	pipe io.WriteCloser
	once sync.Once
	gone chan struct{}
}

// The signal comes first, then the folder, then the server and its arguments.
// No output is inherited: `go test` would wait for whoever still holds its own.
// The pipe moves to a descriptor of its own because a shell gives its
// background commands an empty input.
const supervisor = `
sig=$1 dir=$2; shift 2
exec 3<&0
"$@" >"$dir/log" 2>&1 </dev/null 3<&- &
pid=$!
(cat <&3 >/dev/null; kill -"$sig" $pid) 2>/dev/null &
wait $pid
kill $! 2>/dev/null
rm -rf "$dir"
`

// supervise starts a server that is stopped by signal and owns the folder dir.
// It runs as cred, or as ourselves if that is nil, in a process group of its
// own: an interrupt at the terminal must not kill the shell before it cleans up.
func supervise(cred *syscall.Credential, signal, dir string, server ...string) (*supervised, error) {
	cmd := exec.Command("/bin/sh", append([]string{"-c", supervisor, "supervisor", signal, dir}, server...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: cred, Setpgid: true}
	cmd.Dir = dir
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &supervised{cmd: cmd, pipe: pipe, gone: make(chan struct{})}
	go func() {
		defer close(s.gone)
		_ = cmd.Wait() // how a stopped server exits is of no interest
	}()
	return s, nil
}

// stop ends the server and waits until it has gone.
func (s *supervised) stop() {
	s.once.Do(func() { _ = s.pipe.Close() })
	<-s.gone
}

// await polls until ready returns nil, the server has gone or time is up.
func (s *supervised) await(ready func() error) error {
	deadline := time.Now().Add(time.Minute)
	for {
		err := ready()
		if err == nil {
			return nil
		}
		select {
		case <-s.gone:
			return fmt.Errorf("the server stopped at once: %w", err)
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the server does not answer: %w", err)
		}
	}
}

// must reports a failed start and stops the test.
func must(t testing.TB, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}
