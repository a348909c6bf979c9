package web_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

func TestForwardingHeadersAreBelievedFromTrustedProxiesOnly(t *testing.T) {
	t.Parallel()
	proxies, err := web.ParseProxies([]string{"10.0.0.0/8", "2001:db8::1", "::ffff:192.0.2.0/120"})
	if err != nil {
		t.Fatal(err)
	}
	type lines = map[string][]string
	for _, c := range []struct {
		name, remote string
		tls          bool
		headers      lines
		addr         string
		secure       bool
	}{
		{"direct", "198.51.100.7:1", false, nil, "198.51.100.7", false},
		{"direct over TLS", "198.51.100.7:1", true, nil, "198.51.100.7", true},
		{"stranger forges", "198.51.100.7:1", false, lines{"X-Forwarded-For": {"1.2.3.4"}, "X-Forwarded-Proto": {"https"}, "Forwarded": {"for=1.2.3.4;proto=https"}}, "198.51.100.7", false},
		{"one proxy", "10.0.0.1:1", false, lines{"X-Forwarded-For": {"203.0.113.9"}, "X-Forwarded-Proto": {"https"}}, "203.0.113.9", true},
		{"client forges further left", "10.0.0.1:1", false, lines{"X-Forwarded-For": {"1.2.3.4, 203.0.113.9"}, "X-Forwarded-Proto": {"https"}}, "203.0.113.9", true},
		{"forged line of its own", "10.0.0.1:1", false, lines{"X-Forwarded-For": {"1.2.3.4", "203.0.113.9"}}, "203.0.113.9", false},
		{"two proxies", "10.0.0.1:1", false, lines{"X-Forwarded-For": {"203.0.113.9, 10.2.3.4"}, "X-Forwarded-Proto": {"https, https"}}, "203.0.113.9", true},
		{"one hop was plain", "10.0.0.1:1", false, lines{"X-Forwarded-For": {"203.0.113.9"}, "X-Forwarded-Proto": {"https, http"}}, "203.0.113.9", false},
		{"all trusted", "10.0.0.1:1", false, lines{"X-Forwarded-For": {"10.9.9.9, 10.2.3.4"}}, "10.9.9.9", false},
		{"unreadable hop", "10.0.0.1:1", false, lines{"X-Forwarded-For": {"203.0.113.9, unknown"}}, "10.0.0.1", false},
		{"empty hop", "10.0.0.1:1", false, lines{"X-Forwarded-For": {""}}, "10.0.0.1", false},
		{"too many hops", "10.0.0.1:1", false, lines{"X-Forwarded-For": manyHops()}, "10.0.0.1", false},
		{"with port", "10.0.0.1:1", false, lines{"X-Forwarded-For": {"203.0.113.9:4711"}}, "203.0.113.9", false},
		{"version 6", "[2001:db8::1]:1", false, lines{"X-Forwarded-For": {"[2001:db8:1::9]:4711"}}, "2001:db8:1::9", false},
		{"mapped proxy", "[::ffff:10.0.0.1]:1", false, lines{"X-Forwarded-For": {"::ffff:203.0.113.9"}}, "203.0.113.9", false},
		{"proxy trusted by mapped network", "192.0.2.5:1", false, lines{"X-Forwarded-For": {"203.0.113.9"}}, "203.0.113.9", false},
		{"standard", "10.0.0.1:1", false, lines{"Forwarded": {`for=1.2.3.4, For="[2001:db8:1::9]:80";Proto=HTTPS;by=10.0.0.1`}}, "2001:db8:1::9", true},
		{"standard, quoted comma", "10.0.0.1:1", false, lines{"Forwarded": {`for="x,y";proto=https, for=203.0.113.9`}}, "203.0.113.9", true},
		{"standard, obfuscated", "10.0.0.1:1", false, lines{"Forwarded": {"for=_hidden"}}, "10.0.0.1", false},
		{"standard, nobody named", "10.0.0.1:1", false, lines{"Forwarded": {"for=203.0.113.9, proto=https"}}, "10.0.0.1", true},
		{"both agree", "10.0.0.1:1", false, lines{"X-Forwarded-For": {"203.0.113.9"}, "Forwarded": {"for=203.0.113.9;proto=https"}}, "203.0.113.9", true},
		{"both disagree", "10.0.0.1:1", false, lines{"X-Forwarded-For": {"203.0.113.9"}, "X-Forwarded-Proto": {"http"}, "Forwarded": {"for=1.2.3.4;proto=https"}}, "10.0.0.1", false},
		{"proxy speaks TLS to us for a plain client", "10.0.0.1:1", true, lines{"X-Forwarded-Proto": {"http"}}, "10.0.0.1", false},
		{"no network connection", "@", false, nil, "invalid IP", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = c.remote
			if c.tls {
				r.TLS = &tls.ConnectionState{}
			}
			for name, values := range c.headers {
				r.Header[http.CanonicalHeaderKey(name)] = values
			}
			got := proxies.Peer(r)
			if got.Addr.String() != c.addr || got.Secure != c.secure {
				t.Errorf("peer %s secure %v, want %s %v", got.Addr, got.Secure, c.addr, c.secure)
			}
		})
	}
}

func manyHops() []string {
	var lines []string
	for range 40 {
		lines = append(lines, "10.0.0.1")
	}
	return lines
}

func TestParseProxiesRefusesWhatIsNoNetwork(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "proxy.example", "10.0.0.0/33", "10.0.0", "10.0.0.1:80"} {
		if _, err := web.ParseProxies([]string{text}); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}

func TestMuxKnowsTheClientBehindTheProxy(t *testing.T) {
	t.Parallel()
	proxies, err := web.ParseProxies([]string{"10.0.0.0/8"})
	if err != nil {
		t.Fatal(err)
	}
	kit := webtest.NewWith(t, web.Config{Proxies: proxies})
	var addr netip.Addr
	route := web.Route{Method: "GET", Pattern: "/x", Handler: func(_ http.ResponseWriter, r *http.Request) error {
		addr = web.ClientAddr(r)
		return nil
	}}
	r := httptest.NewRequest("GET", "/x", nil)
	r.RemoteAddr = "10.0.0.1:1"
	r.Header.Set("X-Forwarded-For", "203.0.113.9")
	r.Header.Set("X-Forwarded-Proto", "https")
	if w := serve(t, kit, r, route); w.Code != 200 || addr.String() != "203.0.113.9" || w.Header().Get("Strict-Transport-Security") == "" {
		t.Errorf("status %d, address %s, %v", w.Code, addr, w.Header())
	}
	outside := httptest.NewRequest("GET", "/x", nil)
	outside.RemoteAddr = "203.0.113.10:1"
	if got := web.ClientAddr(outside); got.String() != "203.0.113.10" {
		t.Errorf("outside a mux: %s", got)
	}
}

func FuzzProxies(f *testing.F) {
	proxies, err := web.ParseProxies([]string{"10.0.0.0/8"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("203.0.113.9, 10.0.0.2", `for="[2001:db8::1]:80";proto=https`)
	f.Fuzz(func(t *testing.T, legacy, standard string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = "10.0.0.1:1"
		r.Header["X-Forwarded-For"], r.Header["Forwarded"] = []string{legacy}, []string{standard}
		if !proxies.Peer(r).Addr.IsValid() {
			t.Error("no address at all")
		}
	})
}
