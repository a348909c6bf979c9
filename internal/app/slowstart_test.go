package app

import (
	"crypto/rand"
	"errors"
	"net"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"ecluse/internal/keys"
	"ecluse/internal/registry"
)

// TestAStartThatTakesLongerThanAViewMayBeOldIsAStart sets a gateway up on a machine so busy that seconds pass between any two
// looks at the clock.
func TestAStartThatTakesLongerThanAViewMayBeOldIsAStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := DefaultConfig()
	c.dir, c.PublicURL, c.MasterSecretFile = dir, "http://localhost:8080", "master.secret"
	c.Store = Store{URL: Secret("sqlite:" + filepath.Join(dir, "slow.db"))}
	if _, err := keys.CreateMaster(filepath.Join(dir, "master.secret"), rand.Reader); err != nil {
		t.Fatal(err)
	}
	var looks atomic.Int64
	began := time.Now()
	slow := func() time.Time { return began.Add(time.Duration(looks.Add(1)) * registry.MaxAge / 4) }
	log, err := newLogger(Log{Level: "error", Format: "text"}, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	b, err := openBase(t.Context(), c, "serve", slow, log)
	if err != nil {
		t.Fatal(err)
	}
	g, _, _, err := demoGateway(t.Context(), b, DemoOptions{Now: slow}, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080})
	if err != nil {
		t.Fatal(errors.Join(err, b.closers.close()))
	}
	if err := g.closers.close(); err != nil {
		t.Error(err)
	}
}
