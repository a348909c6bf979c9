package web_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// listening is a server with the limits of the gateway, which echoes the bodies it reads.
func listening(t *testing.T) (address string) {
	t.Helper()
	mux := web.NewMux(webtest.NewWith(t, web.Config{PublicURL: "http://localhost"}))
	mux.Handle(web.Route{Method: "POST", Pattern: "/x", Handler: func(w http.ResponseWriter, r *http.Request) error {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		_, err = w.Write(body)
		return err
	}})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := web.NewServer(mux, nil)
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return l.Addr().String()
}

func dial(t *testing.T, address, send string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, send); err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestSlowClientsAreCutOffAndNobodyWaitsForThem opens connections that send next to nothing, for ever: in the headers, in the
// body, and between two requests' bytes. Each is cut within ten seconds, and whoever comes meanwhile is answered.
func TestSlowClientsAreCutOffAndNobodyWaitsForThem(t *testing.T) {
	t.Parallel()
	const within = 10*time.Second + 5*time.Second // and a slow machine
	address := listening(t)
	var all sync.WaitGroup
	for i := range 60 {
		begun := []string{
			"", "POST /x HTTP/1.1\r\nHost: localhost\r\n", "POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n",
		}[i%3]
		conn := dial(t, address, begun)
		all.Go(func() {
			start := time.Now()
			_ = conn.SetDeadline(start.Add(within))
			go func() {
				for _, err := io.WriteString(conn, "a"); err == nil; _, err = io.WriteString(conn, "a") {
					time.Sleep(time.Second)
				}
			}()
			if _, err := io.Copy(io.Discard, conn); err != nil && strings.Contains(err.Error(), "timeout") {
				t.Errorf("begun with %q: it is still open after %v", begun, time.Since(start))
			}
		})
	}
	for range 5 {
		start := time.Now()
		answer, err := http.Post("http://"+address+"/x", "text/plain", strings.NewReader("hello"))
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if took := time.Since(start); answer.StatusCode != http.StatusOK || took > 5*time.Second {
			t.Errorf("somebody else: status %d after %v", answer.StatusCode, took)
		}
		time.Sleep(500 * time.Millisecond)
	}
	all.Wait()
}

func TestHeadersBeyondTheirLimitAreRefused(t *testing.T) {
	t.Parallel()
	address := listening(t)
	for size, want := range map[int]int{32 << 10: http.StatusOK, 96 << 10: http.StatusRequestHeaderFieldsTooLarge} {
		conn := dial(t, address, "POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n")
		go func() { // the server may answer and close before it has read all of it
			_, _ = io.WriteString(conn, "X-Long: "+strings.Repeat("a", size)+"\r\n\r\n")
		}()
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("%d bytes of headers: status %d, want %d", size, answer.StatusCode, want)
		}
	}
}

// TestARequestOfTwoLengthsEndsItsConnection: what follows a request that says its length twice, or its end in chunks, is read
// by nobody: a server in front may have taken it for part of the body (RFC 9112 6.1, 6.3 and 11.2).
func TestARequestOfTwoLengthsEndsItsConnection(t *testing.T) {
	t.Parallel()
	address := listening(t)
	const hidden = "POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8\r\n\r\nsmuggled"
	for name, head := range map[string]string{
		"both":                 "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"both the other way":   "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
		"chunks alone":         "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"two lengths":          "Content-Length: 0\r\nContent-Length: 5\r\n\r\n",
		"an odd encoding":      "Transfer-Encoding: xchunked\r\nContent-Length: 0\r\n\r\n",
		"encoding with a tab":  "Transfer-Encoding:\tchunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
		"two encodings":        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
		"space before colon":   "Content-Length : 0\r\n\r\n",
		"a length with a sign": "Content-Length: +0\r\n\r\n",
		"folded":               "Content-Length: 0\r\n X: y\r\n\r\n",
	} {
		conn := dial(t, address, "POST /x HTTP/1.1\r\nHost: localhost\r\n"+head+hidden)
		_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
		said, err := io.ReadAll(conn)
		if err != nil && strings.Contains(err.Error(), "timeout") {
			t.Errorf("%s: the connection stays open", name)
		}
		if answers := strings.Count(string(said), "HTTP/1.1 "); answers != 1 || strings.Contains(string(said), "smuggled") {
			t.Errorf("%s: %d answers: %s", name, answers, said)
		}
	}
	conn := dial(t, address, fmt.Sprintf("POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\na%s", hidden))
	reader := bufio.NewReader(conn)
	for _, want := range []string{"a", "smuggled"} { // the control: of one length each, both are answered
		answer, err := http.ReadResponse(reader, nil)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		if _ = answer.Body.Close(); err != nil || string(body) != want {
			t.Errorf("%q, %v; want %q", body, err, want)
		}
	}
}
