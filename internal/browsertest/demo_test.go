package browsertest_test

import (
	"bytes"
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"ecluse/internal/app"
)

// house is a running demonstration and the browser that visits it.
type house struct {
	browser context.Context
	album   *album
	axe     string
	scheme  string
	options app.DemoOptions
	port    string
	zone    *time.Location
	gateway string // the host under which the gateway is reached
}

// tab opens a tab of its own.
func (h *house) tab(t *testing.T) *tab {
	t.Helper()
	b := newTab(t, h.browser, h.album)
	b.axe = h.axe
	return b
}

// at is the address of a path on a host of the demonstration.
func (h *house) at(host, path string) string { return h.scheme + "://" + host + ":" + h.port + path }

// startDemo starts the demonstration in this process, on free ports.
func startDemo(t *testing.T, options app.DemoOptions) (port string) {
	t.Helper()
	options.Data, options.Listen, options.OpsListen = t.TempDir(), "127.0.0.1:0", "127.0.0.1:0"
	var log bytes.Buffer
	options.LogTo = &log
	a, err := app.Demo(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := a.Stop(ctx); err != nil {
			t.Errorf("stop the demo: %v", err)
		}
		if strings.Contains(log.String(), "level=ERROR") {
			t.Errorf("the demo logged errors:\n%s", log.String())
		}
	})
	if _, port, err = net.SplitHostPort(a.Addr().String()); err != nil {
		t.Fatal(err)
	}
	return port
}

// TestDemoInBrowser plays the demonstration. All its parts share one browser process; each has tabs and a demonstration of
// its own, because whoever was informed once is not informed again.
func TestDemoInBrowser(t *testing.T) {
	pair := makePair(t)
	zone, err := time.LoadLocation(app.DefaultConfig().TimeZone)
	if err != nil {
		t.Fatal(err)
	}
	plain := &house{
		browser: startBrowser(t, pair.keyHash), album: newAlbum(t), axe: axeSource(t),
		scheme: "http", gateway: "127.0.0.1", zone: zone,
	}
	overTLS := *plain
	overTLS.scheme, overTLS.gateway = "https", "localhost"
	overTLS.options.TLS = pair.files
	asking := overTLS
	asking.options.StepUp = true
	for _, part := range []struct {
		name string
		play func(*testing.T, *house)
		in   *house
	}{
		{"harness notices faults", noticesFaults, plain},
		{"start page lists everything", startPage, plain},
		{"child signs in over SAML and OIDC", childSignsIn, plain},
		{"teacher chooses a school for the suite", teacherChooses, plain},
		{"refusals explain themselves", refusals, plain},
		{"ENT leads in without a second sign-in", entLeadsIn, plain},
		{"ENT tiles that lie are refused", entTilesThatLie, plain},
		{"somebody signs out", signsOut, plain},
		{"unknown page and other language", unknownPageInEnglish, plain},
		{"no script needed", withoutScript, plain},
		{"keyboard is enough", byKeyboard, plain},
		{"an officer simulates, and a pupil reads what was sent", simulates, plain},
		{"people find their sites", findsTheirSites, plain},
		{"people look at their data", looksAtTheirData, plain},
		{"over TLS", overTransportSecurity, &overTLS},
		{"framing is refused", framingRefused, &overTLS},
		{"a key of the device confirms an act", confirmsByKey, &asking},
		{"the source's own factor confirms an act", confirmsBySource, &asking},
	} {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			own := *part.in
			own.port = startDemo(t, own.options)
			part.play(t, &own)
		})
	}
}
