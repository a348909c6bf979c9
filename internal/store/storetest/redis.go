package storetest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"ecluse/internal/web/webtest"
)

// Redis starts a redis-server of the test's own, without persistence, and
// returns its URL. It stops with the test. Without the program the test fails:
// nothing that was not run may pass for verified. Settings stand as on its
// command line.
func Redis(t testing.TB, settings ...string) string {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Fatal("redis-server is missing: install the Debian package redis-server")
	}
	// Another process may take the port between our look and the server's.
	for try := 0; ; try++ {
		port := webtest.FreePort(t)
		err := startRedis(t, program, port, settings)
		if err == nil {
			return "redis://127.0.0.1:" + port + "/0"
		}
		if try == 4 {
			t.Fatalf("start redis-server: %v", err)
		}
	}
}

func startRedis(t testing.TB, program, port string, settings []string) error {
	dir, err := os.MkdirTemp("", "storetest-redis-")
	if err != nil {
		return err
	}
	args := append([]string{
		"--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", dir,
	}, settings...)
	s, err := supervise(nil, "KILL", dir, append([]string{program}, args...)...)
	if err != nil {
		return err
	}
	t.Cleanup(s.stop)
	return s.await(func() error { return pingRedis(port) })
}

// pingRedis asks whether a Redis answers on the port, and not somebody else.
func pingRedis(port string) error {
	conn, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return err
	}
	answer := make([]byte, 16)
	n, err := conn.Read(answer)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(string(answer[:n]), "+PONG") {
		return fmt.Errorf("unexpected answer %q", answer[:n])
	}
	return nil
}
