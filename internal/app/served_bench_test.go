package app

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// clockTick is the unit of /proc/PID/stat, which is the same on every Linux that Go runs on.
const clockTick = 10 * time.Millisecond

// served is a demo in a process of its own, so that what it costs is not mixed with what asking it costs.
type served struct {
	b       *testing.B
	address string
	process *os.Process
}

func serveDemo(b *testing.B) *served {
	b.Helper()
	return serveProcess(b, "ECLUSE_TEST_DEMO_IN="+b.TempDir(), "ECLUSE_TEST_DEMO_IN_AT=127.0.0.1:0",
		fmt.Sprintf("ECLUSE_TEST_DEMO_IN_SAMPLE=%g", DefaultConfig().Canary.Sample))
}

// serveProcess starts what TestMain makes of the environment.
func serveProcess(b *testing.B, environment ...string) *served {
	b.Helper()
	cmd := exec.Command(os.Args[0]) //nolint:gosec // this test binary: see TestMain
	cmd.Env = append(os.Environ(), environment...)
	said := &lines{}
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait() // ended by a signal
	})
	at := regexp.MustCompile(`start here\s+http://(\S+)/[^$]*Ctrl-C`)
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if found := at.FindStringSubmatch(said.String()); found != nil {
			return &served{b: b, address: found[1], process: cmd.Process}
		}
	}
	b.Fatalf("the demo does not start: %s", said)
	return nil
}

// lines is what a process says, while it says it.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// serve asks over a connection that stays open.
func (s *served) serve(r *http.Request) *httptest.ResponseRecorder {
	r.URL.Scheme, r.URL.Host, r.RequestURI = "http", s.address, ""
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		s.b.Error(err)
		return httptest.NewRecorder()
	}
	defer answer.Body.Close()
	w := httptest.NewRecorder()
	for name, values := range answer.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.StatusCode)
	if _, err := io.Copy(w, answer.Body); err != nil {
		s.b.Error(err)
	}
	return w
}

// cpu is the processor time of the gateway's process so far, user and system (proc(5), fields 14 and 15).
func (s *served) cpu() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.process.Pid))
	if err != nil {
		s.b.Skip("the processor time of another process is not told here")
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields, sum := strings.Fields(rest), 0
	for _, field := range fields[11:13] {
		ticks, err := strconv.Atoi(field)
		if err != nil {
			s.b.Fatal(err)
		}
		sum += ticks
	}
	return time.Duration(sum) * clockTick
}

// BenchmarkSAMLServed is BenchmarkSAMLOnASession as a gateway serves it: a process of its own, four browsers at once by HTTP
// on connections that stay open, each waiting for its answer. The gateway's processor time is counted, all of it, in bare
// signatures that were measured in turn with it.
func BenchmarkSAMLServed(b *testing.B) {
	s := serveDemo(b)
	browsers := make([]*bench, 4)
	for i := range browsers {
		browsers[i] = benchAt(b, s.address, s.serve)
		browsers[i].signIn(browsers[i].authnRequest(i), "lina")
	}
	s.inSignatures(browsers, func(x *bench, request string) {
		if w := x.ask(http.MethodGet, request, nil); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "SAMLResponse") {
			b.Errorf("status %d: %.300s", w.Code, w.Body)
		}
	})
}

// inSignatures has browsers ask at once, each request once, and reports what that costs the process in bare signatures.
func (s *served) inSignatures(browsers []*bench, ask func(x *bench, request string)) {
	b := s.b
	b.Helper()
	sign, n := bareSignature(b), len(browsers)
	var signing, working time.Duration
	for left := b.N; left > 0; left -= 200 {
		round := min(left, 200)
		signing += onThread(b, func() {
			for range round {
				sign()
			}
		})
		requests := make(chan string, round)
		for range round {
			n++
			requests <- browsers[0].authnRequest(n)
		}
		close(requests)
		before := s.cpu()
		var all sync.WaitGroup
		for _, x := range browsers {
			all.Go(func() {
				for request := range requests {
					ask(x, request)
				}
			})
		}
		all.Wait()
		working += s.cpu() - before
	}
	b.ReportMetric(float64(working)/float64(signing), "RSA-signatures/op")
	b.ReportMetric(float64(signing.Microseconds())/float64(b.N), "signature-µs")
}
