package app

import (
	"errors"
	"fmt"
	"net/netip"
)

// networks reads networks in CIDR form, or single addresses. The error names every one that is neither.
func networks(list []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	var wrong []error
	for _, text := range list {
		prefix, err := netip.ParsePrefix(text)
		if addr, single := netip.ParseAddr(text); err != nil && single == nil {
			prefix, err = addr.Prefix(addr.BitLen())
		}
		if err != nil || prefix.Addr().Is4In6() {
			wrong = append(wrong, fmt.Errorf("%q is not a network like 10.42.0.0/16", text))
			continue
		}
		out = append(out, prefix.Masked())
	}
	return out, errors.Join(wrong...)
}
