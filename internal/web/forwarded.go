package web

import (
	"net/http"
	"net/netip"
	"strings"
)

// maxHops bounds what is read of forwarding headers; nobody has more proxies, and longer lists count as unreadable.
const maxHops = 32

// hops is what one family of forwarding headers says: clients from left to right, and every protocol mentioned.
type hops struct{ clients, protos []string }

// legacyHops reads X-Forwarded-For and X-Forwarded-Proto.
func legacyHops(h http.Header) hops {
	return hops{clients: listed(h, "X-Forwarded-For"), protos: listed(h, "X-Forwarded-Proto")}
}

func listed(h http.Header, name string) []string {
	lines := h.Values(name)
	if len(lines) == 0 {
		return nil
	}
	parts := strings.Split(strings.Join(lines, ","), ",")
	if len(parts) > maxHops {
		return []string{"unknown"}
	}
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

// standardHops reads Forwarded (RFC 7239 4). An element without a "for" is a hop that cannot be read.
func standardHops(h http.Header) hops {
	var out hops
	for _, element := range splitQuoted(strings.Join(h.Values("Forwarded"), ","), ',') {
		client := "unknown"
		for _, pair := range splitQuoted(element, ';') {
			name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
			value = strings.Trim(value, `"`)
			switch strings.ToLower(name) {
			case "for":
				client = value
			case "proto":
				out.protos = append(out.protos, value)
			}
		}
		out.clients = append(out.clients, client)
	}
	if len(out.clients) > maxHops {
		return hops{clients: []string{"unknown"}, protos: []string{"unknown"}}
	}
	return out
}

// splitQuoted splits at a separator outside double quotes; nothing gives nothing.
func splitQuoted(s string, sep byte) []string {
	if s == "" {
		return nil
	}
	var parts []string
	quoted, start := false, 0
	for i := range len(s) {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == sep && !quoted:
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	return append(parts, s[start:])
}

// hopAddr reads an address with or without port or brackets. "unknown" and obfuscated names (RFC 7239 6) are none.
func hopAddr(s string) (netip.Addr, bool) {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone(""), true
	}
	addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
	if err != nil {
		return netip.Addr{}, false
	}
	return addr.Unmap().WithZone(""), true
}
