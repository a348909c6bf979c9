package app

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"
)

// bridgeFolder names the data of a demo that this test binary is to run as a process of its own, with its source asked by
// SAML; bridgeKey is the certificate of who answers for it.
const (
	bridgeFolder = "ECLUSE_TEST_BRIDGE_IN"
	bridgeKey    = "ECLUSE_TEST_BRIDGE_KEY"
)

// ServeBridge serves one until ctx ends, and says where when it is ready.
func ServeBridge(ctx context.Context, dir, certificate string, out io.Writer) error {
	der, err := base64.StdEncoding.DecodeString(certificate)
	if err != nil {
		return err
	}
	said := &lines{}
	a, err := Demo(ctx, DemoOptions{
		Data: dir, Listen: "127.0.0.1:0", OpsListen: "127.0.0.1:0", Out: said, LogTo: io.Discard, Canary: DefaultConfig().Canary.Sample,
	})
	if err != nil {
		return err
	}
	mux, source, err := a.gateway.through(der)
	if err != nil {
		return err
	}
	a.gateway.mux = mux // nobody knows where to ask yet
	_, err = io.WriteString(out, said.String())
	<-ctx.Done()
	_ = source.Close() // the process ends
	return err
}

// BenchmarkBridgeServed is BenchmarkBridge as a gateway serves it: a process of its own, four browsers at once by HTTP, whose
// work and the source's are none of its.
func BenchmarkBridgeServed(b *testing.B) {
	p, der := providerAlone(b)
	s := serveProcess(b, bridgeFolder+"="+b.TempDir(), bridgeKey+"="+base64.StdEncoding.EncodeToString(der))
	browsers, at := make([]*bench, 4), map[*bench]*provider{}
	for i, n := range []int{0, 10, 20, 30} {
		browsers[i] = benchAt(b, s.address, s.serve)
		own := *p
		own.x, own.people = browsers[i], somePeople(40)[n:n+10]
		for i := range own.people { // are told what leaves, once
			own.bridge(browsers[0].authnRequest(-1 - n - i))
		}
		at[browsers[i]] = &own
	}
	s.inSignatures(browsers, func(x *bench, request string) {
		if w := at[x].bridge(request); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "SAMLResponse") {
			b.Errorf("status %d: %.300s", w.Code, w.Body)
		}
	})
}
