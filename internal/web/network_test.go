package web_test

import (
	"net/netip"
	"testing"

	"ecluse/internal/web"
)

func TestTriesAreCountedByWhatOneCustomerIsGiven(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{
		"198.51.100.7": "198.51.100.7", "::ffff:198.51.100.7": "198.51.100.7",
		"2001:db8:7::1": "2001:db8:7::/64", "2001:db8:7:0:ffff:ffff:ffff:ffff": "2001:db8:7::/64", "2001:db8:7:1::1": "2001:db8:7:1::/64",
		"fe80::1%eth0": "fe80::/64", "fe80::1": "fe80::/64",
	} {
		if got := web.Network(netip.MustParseAddr(from)); got != want {
			t.Errorf("%s: %s, want %s", from, got, want)
		}
	}
	if web.Network(netip.Addr{}) == "" {
		t.Error("who comes from nowhere is counted by nothing")
	}
}
