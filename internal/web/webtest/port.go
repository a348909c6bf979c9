package webtest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"testing"
)

// FreePort gives a port of this machine for a server that cannot say which one it was given, or that is stopped and comes back
// at its address. It lies below those that the system hands out by itself, to each connection that is made and to whoever
// listens at port 0: one of those is soon somebody else's.
func FreePort(t testing.TB) string {
	t.Helper()
	const low = 12000
	for range 100 {
		port := strconv.Itoa(low + rand.IntN(handedOut()-low))
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", port))
		if err != nil {
			continue // somebody's
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return port
	}
	t.Fatal("no port is free")
	return ""
}

// handedOut is the first port that the system hands out by itself.
func handedOut() int {
	const usual = 32768
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		return usual
	}
	var first int
	if _, err := fmt.Sscan(string(text), &first); err != nil || first < 13000 {
		return usual // there is no room below: one among many has to do
	}
	return first
}
