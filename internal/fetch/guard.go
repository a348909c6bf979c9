package fetch

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
)

// guard decides on addresses when a connection is made.
type guard struct{ allow []netip.Prefix }

func (g guard) control(_ context.Context, network, address string, _ syscall.RawConn) error {
	if network != "tcp4" && network != "tcp6" {
		return fmt.Errorf("%w: network %s", ErrAddress, network)
	}
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %s", ErrAddress, address)
	}
	if !g.permits(ap.Addr()) {
		return fmt.Errorf("%w: %s", ErrAddress, ap.Addr())
	}
	return nil
}

// permits reports whether an address is of the public Internet or allowed by
// name. An IPv6 address that carries an IPv4 one is judged by both.
func (g guard) permits(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	for _, p := range g.allow {
		if p.Contains(a) {
			return true
		}
	}
	if inner, ok := carried(a); ok && !g.permits(inner) {
		return false
	}
	if a.Is6() && !allocated(a) {
		return false
	}
	for _, p := range special() {
		if p.Contains(a) {
			return false
		}
	}
	return a.IsGlobalUnicast() && !a.IsPrivate()
}

// allocated tells whether an IPv6 address is of the one space from which global addresses are given out (IANA IPv6 Global
// Unicast Address Assignments), or carries an IPv4 one of NAT64. What translators and routers keep to themselves is outside:
// ::ffff:0:0:0/96 (RFC 2765), 5f00::/16 (RFC 9602).
func allocated(a netip.Addr) bool {
	return prefix6([16]byte{0x20}, 3).Contains(a) || prefix6([16]byte{0x00, 0x64, 0xff, 0x9b}, 96).Contains(a)
}

// special lists what is not the public Internet and what netip does not know by
// itself (the IANA registries of special-purpose addresses, RFC 6890).
func special() []netip.Prefix {
	return []netip.Prefix{
		prefix4(0, 0, 0, 8),      // this network
		prefix4(100, 64, 0, 10),  // shared address space, RFC 6598
		prefix4(192, 0, 0, 24),   // protocol assignments
		prefix4(192, 0, 2, 24),   // documentation
		prefix4(192, 88, 99, 24), // 6to4 relays, deprecated
		prefix4(198, 18, 0, 15),  // benchmarks
		prefix4(198, 51, 100, 24),
		prefix4(203, 0, 113, 24),
		prefix4(240, 0, 0, 4),                                     // reserved, and broadcast
		prefix6([16]byte{0x01, 0x00}, 64),                         // discard only
		prefix6([16]byte{0x20, 0x01}, 23),                         // protocol assignments, Teredo
		prefix6([16]byte{0x20, 0x01, 0x0d, 0xb8}, 32),             // documentation
		prefix6([16]byte{0x3f, 0xff}, 20),                         // documentation, RFC 9637
		prefix6([16]byte{0xfe, 0xc0}, 10),                         // site-local, deprecated
		prefix6([16]byte{}, 96),                                   // IPv4-compatible, deprecated
		prefix6([16]byte{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48), // local NAT64, RFC 8215
	}
}

func prefix4(a, b, c byte, bits int) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{a, b, c}), bits)
}

func prefix6(b [16]byte, bits int) netip.Prefix { return netip.PrefixFrom(netip.AddrFrom16(b), bits) }

// carried returns the IPv4 address inside a NAT64 (64:ff9b::/96, RFC 6052) or
// 6to4 (2002::/16, RFC 3056) address.
func carried(a netip.Addr) (netip.Addr, bool) {
	if !a.Is6() {
		return netip.Addr{}, false
	}
	b := a.As16()
	switch {
	case prefix6([16]byte{0x00, 0x64, 0xff, 0x9b}, 96).Contains(a):
		return netip.AddrFrom4([4]byte(b[12:16])), true
	case b[0] == 0x20 && b[1] == 0x02:
		return netip.AddrFrom4([4]byte(b[2:6])), true
	}
	return netip.Addr{}, false
}

// checkURL refuses what is never asked.
func (c *Client) checkURL(u *url.URL) error {
	web := u.Scheme == "https" || c.config.PlainHTTP && u.Scheme == "http"
	if !web || u.Hostname() == "" || u.User != nil {
		return ErrURL
	}
	return nil
}

// redirect follows within one origin, if at all. The address pointed to is not
// repeated: it may hold what the first server wants to be seen in our log.
func (c *Client) redirect(next *http.Request, via []*http.Request) error {
	first := via[0].URL
	if !c.config.Redirects || len(via) > maxRedirects ||
		next.URL.Scheme != first.Scheme || next.URL.Host != first.Host || next.Method != via[0].Method {
		return ErrRedirect
	}
	return nil
}

// limited checks each request and bounds each body.
type limited struct {
	client *Client
	next   *http.Transport
}

// RoundTrip implements http.RoundTripper.
func (l *limited) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := l.client.checkURL(req.URL); err != nil {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, err
	}
	resp, err := l.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if resp.ContentLength > l.client.config.MaxBytes {
		_ = resp.Body.Close()
		return nil, ErrTooLarge
	}
	resp.Body = &bounded{body: resp.Body, left: l.client.config.MaxBytes}
	return resp, nil
}

// CloseIdleConnections lets http.Client reach the transport's.
func (l *limited) CloseIdleConnections() { l.next.CloseIdleConnections() }

// bounded is a body that fails, rather than ends, after left bytes.
type bounded struct {
	body io.ReadCloser
	left int64
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, ErrTooLarge
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.body.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n - 1, ErrTooLarge
	}
	return n, err
}

// Close implements io.Closer.
func (b *bounded) Close() error { return b.body.Close() }
