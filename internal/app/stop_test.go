package app_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"ecluse/internal/app"
)

// TestAStopFinishesWhatWasBegunAndTakesNothingNew: it is said first, so that nothing more is sent here, then the door is shut,
// and whoever is in the middle of a request still gets the whole answer.
func TestAStopFinishesWhatWasBegunAndTakesNothingNew(t *testing.T) {
	t.Parallel()
	c := servable(t)
	c.Shutdown = app.Shutdown{Delay: time.Second, Grace: time.Minute}
	log := &quietBuffer{}
	a, err := app.Serve(t.Context(), c, log)
	if err != nil {
		t.Fatal(err)
	}
	const body = "grant_type=authorization_code&code=of-nobody"
	conn, err := net.Dial("tcp", a.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	begin := "POST /oidc/token HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: 192.0.2.7\r\n" +
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 44\r\n\r\n" + body[:10]
	if _, err := io.WriteString(conn, begin); err != nil {
		t.Fatal(err)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- a.Stop(t.Context()) }()

	awaits(t, "it is said that it ends", func() bool {
		answer, err := http.Get("http://" + a.OpsAddr().String() + "/readyz")
		if err != nil {
			return false
		}
		said, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		return answer.StatusCode == http.StatusServiceUnavailable && strings.Contains(string(said), "draining")
	})
	awaits(t, "the door is shut", func() bool {
		another, err := net.Dial("tcp", a.Addr().String())
		if err == nil {
			_ = another.Close()
		}
		return err != nil
	})
	select {
	case err := <-stopped:
		t.Fatalf("it ended in the middle of a request: %v", err)
	default:
	}
	if _, err := io.WriteString(conn, body[10:]); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("what was begun is cut: %v", err)
	}
	said, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if err != nil || answer.StatusCode/100 != 4 || !strings.Contains(string(said), `"error"`) {
		t.Errorf("what was begun: %d %s, %v", answer.StatusCode, said, err)
	}
	select {
	case err := <-stopped:
		if err != nil {
			t.Errorf("the end: %v", err)
		}
		if !strings.Contains(log.String(), "stopped") {
			t.Errorf("the log does not say that it ended: %s", log)
		}
	case <-time.After(time.Minute):
		t.Error("it does not end")
	}
}

// awaits looks until something is so.
func awaits(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: never", what)
		}
	}
}
