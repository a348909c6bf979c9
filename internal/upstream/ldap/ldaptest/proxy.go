package ldaptest

import (
	"bufio"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	ldapv3 "github.com/go-ldap/ldap/v3"
)

// Proxy stands before the plain port of a directory, notes what is asked and can keep it from arriving.
type Proxy struct {
	Addr string

	mu       sync.Mutex
	asked    []string
	delay    time.Duration
	cutBinds bool
	open     []net.Conn
	ended    chan struct{} // with the test
}

// NewProxy starts a proxy before a directory's plain port.
func NewProxy(t testing.TB, s *Server) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{Addr: l.Addr().String(), ended: make(chan struct{})}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", s.Addr)
			if err != nil {
				_ = client.Close()
				continue
			}
			p.mu.Lock()
			p.open = append(p.open, client, server)
			p.mu.Unlock()
			running.Go(func() { defer server.Close(); p.forward(client, server) })
			running.Go(func() { defer client.Close(); _, _ = io.Copy(client, server) })
		}
	})
	t.Cleanup(func() {
		close(p.ended)
		_ = l.Close()
		p.Cut()
		running.Wait()
	})
	return p
}

// Cut ends every connection without a word.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.open {
		_ = c.Close()
	}
	p.open = nil
}

// Slow makes every request arrive late.
func (p *Proxy) Slow(by time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = by
}

// CutBinds ends, or no longer ends, every connection on which a bind is asked for.
func (p *Proxy) CutBinds(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cutBinds = on
}

// Asked gives what was asked since the last call, in order: "bind", "search base" and so on.
func (p *Proxy) Asked() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := slices.Clone(p.asked)
	p.asked = nil
	return out
}

func (p *Proxy) forward(client net.Conn, server io.Writer) {
	in := bufio.NewReader(client)
	for {
		packet, err := ber.ReadPacket(in)
		if err != nil || len(packet.Children) < 2 {
			return
		}
		delay, cut := p.note(packet.Children[1])
		if cut {
			_ = client.Close()
			return
		}
		select {
		case <-time.After(delay):
		case <-p.ended:
			return
		}
		if _, err := server.Write(packet.Bytes()); err != nil {
			return
		}
	}
}

func (p *Proxy) note(request *ber.Packet) (delay time.Duration, cut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch request.Tag {
	case ldapv3.ApplicationBindRequest:
		p.asked = append(p.asked, "bind")
		return p.delay, p.cutBinds
	case ldapv3.ApplicationSearchRequest:
		scope, _ := request.Children[1].Value.(int64)
		p.asked = append(p.asked, "search "+ldapv3.ScopeMap[int(scope)])
	}
	return p.delay, false
}
