package oidcop_test

import (
	"bufio"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/web"
)

// visitAt is set in a process that only asks: the address and the client. See BenchmarkServedFlowInSignatures.
const visitAt = "ECLUSE_TEST_VISIT"

func TestMain(m *testing.M) {
	if at := os.Getenv(visitAt); at != "" {
		issuer, client, _ := strings.Cut(at, " ")
		visitAsToldTo(issuer, client)
		return
	}
	os.Exit(m.Run())
}

// BenchmarkServedFlowInSignatures is BenchmarkFlowInSignatures by HTTP over loopback: four visitors at once, in a process of
// their own, on connections that stay open. All of this process is counted, which only serves, in bare RSA-2048 signatures
// measured in turn with it, with tickets in memory and in SQLite on disk, where several share a commit. Beside it the same
// two requests to handlers that answer without doing anything.
func BenchmarkServedFlowInSignatures(b *testing.B) {
	nothing := http.NewServeMux()
	nothing.HandleFunc("GET /oidc/authorize", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", callback+"?code=c")
		w.WriteHeader(http.StatusSeeOther)
	})
	nothing.HandleFunc("POST /oidc/token", func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, `{"id_token":""}`) })
	for _, in := range kept() {
		h := newHouse(b, in.tickets(b))
		mux := web.NewMux(h.kit)
		h.provider.Mount(mux, h.gateway)
		for _, client := range []string{"calcul", "classe"} {
			b.Run(client+" "+in.name, func(b *testing.B) { servedBesideSignatures(b, mux, client) })
		}
	}
	b.Run("nothing", func(b *testing.B) { servedBesideSignatures(b, nothing, "calcul") })
}

func servedBesideSignatures(b *testing.B, handler http.Handler, client string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := web.NewServer(handler, nil)
	go func() { _ = server.Serve(listener) }()
	b.Cleanup(func() { _ = server.Close() })
	besideRounds(b, visitors(b, "http://"+listener.Addr().String()+" "+client))
}

// besideRounds reports what a flow takes in bare signatures: a round of flows and one of signatures in turn.
func besideRounds(b *testing.B, visit func(flows int)) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	digest := sha256.Sum256([]byte("x"))
	visit(100) // connections are open, memory has its size
	var signed, worked time.Duration
	for left := b.N; left > 0; left -= 100 {
		round := min(left, 100)
		before := cpu(b)
		for range round {
			if _, err := key.Sign(rand.Reader, digest[:], crypto.SHA256); err != nil {
				b.Fatal(err)
			}
		}
		between := cpu(b)
		visit(round)
		signed, worked = signed+between-before, worked+cpu(b)-between
	}
	b.ReportMetric(float64(worked)/float64(signed), "RSA-signatures/op")
}

// visitors starts the process that asks; what it gives has it run so many flows.
func visitors(b *testing.B, at string) func(flows int) {
	cmd := exec.Command(os.Args[0]) //nolint:gosec // this test binary: see TestMain
	cmd.Env, cmd.Stderr = append(os.Environ(), visitAt+"="+at), os.Stderr
	orders, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	said, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _, _ = orders.Close(), cmd.Wait() })
	answers := bufio.NewReader(said)
	return func(flows int) {
		fmt.Fprintln(orders, flows)
		if answer, err := answers.ReadString('\n'); err != nil || answer != "done\n" {
			b.Fatalf("the visitors: %v %q", err, answer)
		}
	}
}

// visitAsToldTo runs as many flows as each line of the input says.
func visitAsToldTo(issuer, client string) {
	orders := bufio.NewScanner(os.Stdin)
	visitor := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	visitor.Transport = &http.Transport{MaxIdleConnsPerHost: 4}
	for orders.Scan() {
		flows, _ := strconv.Atoi(orders.Text())
		left := make(chan struct{}, flows)
		for range flows {
			left <- struct{}{}
		}
		close(left)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for range left {
					if err := visitOnce(visitor, issuer, client); err != nil {
						fmt.Println(err)
						os.Exit(1)
					}
				}
			})
		}
		all.Wait()
		fmt.Println("done")
	}
}

func visitOnce(visitor *http.Client, issuer, client string) error {
	answer, err := visitor.Get(issuer + "/oidc/authorize?" + request(client).Encode())
	if err != nil {
		return err
	}
	_ = answer.Body.Close()
	at, err := url.Parse(answer.Header.Get("Location"))
	if err != nil {
		return err
	}
	form := params("grant_type", "authorization_code", "code", at.Query().Get("code"), "redirect_uri", callback, "code_verifier", verifier)
	ask, err := http.NewRequest(http.MethodPost, issuer+"/oidc/token", nil)
	if err != nil {
		return err
	}
	if client == "calcul" {
		form.Set("client_id", client)
	} else {
		ask.SetBasicAuth(url.QueryEscape(client), url.QueryEscape(secret))
	}
	ask.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	body := form.Encode()
	ask.Body, ask.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	if answer, err = visitor.Do(ask); err != nil {
		return err
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	if err == nil && !strings.Contains(string(said), `"id_token":"`) {
		err = fmt.Errorf("token: %d %s", answer.StatusCode, said)
	}
	return err
}
