package web_test

import (
	"testing"

	"ecluse/internal/web"
)

// Whoever is trusted may claim any address and that it speaks TLS: a slip of the pen must not trust everybody.
func TestParseProxiesRefusesToTrustEverybody(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"0.0.0.0/0", "::/0", "10.0.0.0/0", "::ffff:10.0.0.0/8", "::ffff:0.0.0.0/96"} {
		if _, err := web.ParseProxies([]string{text}); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}
