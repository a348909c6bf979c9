package web

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
)

// Proxies are the networks of the reverse proxies in front of the gateway. Forwarding headers are believed only when
// the connection comes from one of them. The zero value believes nobody.
type Proxies struct{ trusted []netip.Prefix }

// Peer is who a request comes from, once forwarding headers have been weighed.
type Peer struct {
	// Addr is the client's address; the proxy's own when what it forwards is missing or contradicts itself.
	Addr netip.Addr
	// Secure says that the client speaks TLS, to us or to the proxy.
	Secure bool
}

// ParseProxies reads networks in CIDR form, or single addresses. It refuses a network that holds every address: whoever
// is trusted may claim any address, and that it speaks TLS.
func ParseProxies(networks []string) (Proxies, error) {
	var p Proxies
	for _, text := range networks {
		prefix, err := netip.ParsePrefix(text)
		if addr, bad := netip.ParseAddr(text); err != nil && bad == nil {
			prefix, err = addr.Prefix(addr.BitLen())
		}
		if err != nil {
			return Proxies{}, fmt.Errorf("trusted proxy %q is not a network like 10.0.0.0/8", text)
		}
		network := netip.PrefixFrom(prefix.Addr().Unmap(), unmappedBits(prefix)).Masked()
		if network.Bits() <= 0 {
			return Proxies{}, fmt.Errorf("trusted proxy %q would be everybody: name the network of the proxies", text)
		}
		p.trusted = append(p.trusted, network)
	}
	return p, nil
}

// unmappedBits is the length of a prefix once an IPv4 address mapped into IPv6 is written as IPv4.
func unmappedBits(p netip.Prefix) int {
	if p.Addr().Is4In6() {
		return max(0, p.Bits()-96)
	}
	return p.Bits()
}

// Peer weighs the connection and the headers of a request. The client is the rightmost address that is not a trusted
// proxy: anything further left was written by the client itself. A proxy may speak X-Forwarded-For and -Proto or
// Forwarded (RFC 7239); if both are there and disagree, one of them was sent by the client, and neither is believed.
func (p Proxies) Peer(r *http.Request) Peer {
	peer := Peer{Addr: socketAddr(r), Secure: r.TLS != nil}
	if !p.trusts(peer.Addr) {
		return peer
	}
	legacy, standard := legacyHops(r.Header), standardHops(r.Header)
	if addr, ok := p.client(peer.Addr, legacy, standard); ok {
		peer.Addr = addr
	}
	if protos := append(legacy.protos, standard.protos...); len(protos) > 0 {
		peer.Secure = allHTTPS(protos)
	}
	return peer
}

// client walks each header from the right and takes the answer on which they agree.
func (p Proxies) client(proxy netip.Addr, legacy, standard hops) (netip.Addr, bool) {
	a, b := p.walk(proxy, legacy.clients), p.walk(proxy, standard.clients)
	switch {
	case len(standard.clients) == 0:
		return a, true
	case len(legacy.clients) == 0:
		return b, true
	default:
		return a, a == b
	}
}

// walk goes left while the hops are ours; an unreadable hop ends it at the last proxy that is known.
func (p Proxies) walk(proxy netip.Addr, clients []string) netip.Addr {
	current := proxy
	for i := len(clients) - 1; i >= 0; i-- {
		addr, ok := hopAddr(clients[i])
		if !ok {
			return current
		}
		if current = addr; !p.trusts(addr) {
			return current
		}
	}
	return current
}

func (p Proxies) trusts(addr netip.Addr) bool {
	for _, prefix := range p.trusted {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}

func allHTTPS(protos []string) bool {
	for _, proto := range protos {
		if !strings.EqualFold(proto, "https") {
			return false
		}
	}
	return true
}

// socketAddr is the other end of the connection; invalid when it is no network connection.
func socketAddr(r *http.Request) netip.Addr {
	addr, _ := hopAddr(r.RemoteAddr)
	return addr
}

type peerKey struct{}

// withPeer keeps the weighed peer with the request, so that it is weighed once.
func withPeer(r *http.Request, peer Peer) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), peerKey{}, peer))
}

func peerOf(r *http.Request) Peer {
	if peer, ok := r.Context().Value(peerKey{}).(Peer); ok {
		return peer
	}
	return Proxies{}.Peer(r)
}

// ClientAddr is the address the request comes from, as Mux found it behind the trusted proxies; outside a Mux it is
// the other end of the connection. It is invalid if there is none.
func ClientAddr(r *http.Request) netip.Addr { return peerOf(r).Addr }

// Network names what one customer is given, which is what tries are counted by: an IPv4 address, and of IPv6 the /64 that
// it is in, whose addresses cost nothing (RFC 6177 2).
func Network(from netip.Addr) string {
	from = from.Unmap().WithZone("")
	if from.Is6() {
		if network, err := from.Prefix(64); err == nil {
			return network.String()
		}
	}
	return from.String()
}
