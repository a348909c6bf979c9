package fetch

import (
	"net/netip"
	"testing"
)

func TestOnlyPublicAddressesArePermitted(t *testing.T) {
	t.Parallel()
	refused := []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.0.1", "169.254.169.254", "172.16.0.1",
		"172.31.255.255", "192.0.0.1", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1",
		"240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
		"64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1",
		"2002:0a00:0001::1", "2002:7f00:0001::1", "fc00::1", "fd12::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
		"::ffff:0:10.0.0.1", "::ffff:0:127.0.0.1", "5f00::1", "3fff::1", "4000::1", "1::1", "::5efe:10.0.0.1",
	}
	for _, a := range refused {
		if (guard{}).permits(netip.MustParseAddr(a)) {
			t.Errorf("%s is permitted", a)
		}
	}
	for _, a := range []string{"1.1.1.1", "193.48.70.1", "100.128.0.1", "172.32.0.1", "2a01:e0a::1", "2001:660::1", "64:ff9b::1.1.1.1"} {
		if !(guard{}).permits(netip.MustParseAddr(a)) {
			t.Errorf("%s is refused", a)
		}
	}
}

func TestAllowedRangesArePermittedAndNothingBeside(t *testing.T) {
	t.Parallel()
	g := guard{[]netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd12::/16")}}
	for a, want := range map[string]bool{
		"10.1.2.3": true, "::ffff:10.1.2.3": true, "10.2.0.1": false, "fd12::1": true, "fd13::1": false,
		"64:ff9b::10.1.0.1": true, "64:ff9b::10.2.0.1": false,
	} {
		if got := g.permits(netip.MustParseAddr(a)); got != want {
			t.Errorf("%s: permitted is %v, want %v", a, got, want)
		}
	}
}

func TestControlRefusesWhatItCannotJudge(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{
		{"unix", "/run/docker.sock"}, {"tcp4", "not an address"}, {"udp4", "1.1.1.1:53"}, {"tcp4", "10.0.0.1:443"},
	} {
		if err := (guard{}).control(t.Context(), c[0], c[1], nil); err == nil {
			t.Errorf("%s %s is permitted", c[0], c[1])
		}
	}
	if err := (guard{}).control(t.Context(), "tcp4", "1.1.1.1:443", nil); err != nil {
		t.Error(err)
	}
}
