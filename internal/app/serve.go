package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// App is a running gateway: made by Serve or Demo, ended by Stop.
type App struct {
	gateway  *gateway
	public   *http.Server
	ops      *http.Server
	address  net.Addr
	opsAddr  net.Addr
	certs    door // asks clients for certificates; zero where none does
	draining atomic.Bool
	cancel   context.CancelFunc
	failed   chan error
	running  sync.WaitGroup
	cleanup  closers
}

// door is a server, and the listener that it answers on.
type door struct {
	server *http.Server
	on     net.Listener
}

// Addr is where the public listener listens.
func (a *App) Addr() net.Addr { return a.address }

// OpsAddr is where the ops listener listens.
func (a *App) OpsAddr() net.Addr { return a.opsAddr }

// CertificatesAddr is where the listener listens that asks for certificates; nil where none does.
func (a *App) CertificatesAddr() net.Addr {
	if a.certs.on == nil {
		return nil
	}
	return a.certs.on.Addr()
}

// Failed gives the error of a listener that ended by itself.
func (a *App) Failed() <-chan error { return a.failed }

// Pages lists every page that this gateway can show, as package web names them.
func (a *App) Pages() []string { return a.gateway.kit.Pages() }

// Serve starts a gateway from a configuration that was checked. It refuses what only the demo may have.
func Serve(ctx context.Context, c Config, logTo io.Writer) (*App, error) {
	log, err := newLogger(c.Log, logTo)
	if err != nil {
		return nil, err
	}
	limitMemory()
	b, err := openBase(ctx, c, "serve", time.Now, log)
	if err != nil {
		return nil, err
	}
	if err := refuseDemoData(ctx, b); err != nil {
		return nil, errors.Join(err, b.closers.close())
	}
	g, err := assemble(ctx, b, sides{})
	if err != nil {
		return nil, errors.Join(err, b.closers.close())
	}
	l, err := listen(c.Listen, c.OpsListen)
	if err != nil {
		return nil, errors.Join(err, b.closers.close())
	}
	a, err := start(g, l, g.mux)
	if err != nil {
		return nil, errors.Join(err, l.close(), b.closers.close())
	}
	log.Info("serving", "version", Version(), "public_url", c.PublicURL, "listen", a.Addr().String(), "ops_listen", a.OpsAddr().String())
	return a, nil
}

// refuseDemoData keeps a database that the demo approved things in out of service.
func refuseDemoData(ctx context.Context, b *base) error {
	contents, err := b.store.Load(ctx)
	if err != nil {
		return err
	}
	for _, d := range contents.Declarations {
		if d.Demo() {
			return fmt.Errorf("declaration %s version %d was approved by the demo: %w", d.ID, d.Version, ErrDemoData)
		}
	}
	for _, e := range contents.Enablings {
		if e.Demo() {
			return fmt.Errorf("service %s was enabled in %s by the demo: %w", e.Service, e.UAI, ErrDemoData)
		}
	}
	for _, source := range contents.Sources {
		if source.Declaration != nil && source.Declaration.Demo {
			return fmt.Errorf("the declaration of source %s was approved by the demo: %w", source.ID, ErrDemoData)
		}
	}
	return nil
}

// ErrDemoData says that a database holds approvals of the demo.
var ErrDemoData = errors.New("serve refuses a database with approvals of the demo")

// listeners are the two doors, open before anything is assembled: what is written down knows the port.
type listeners struct{ public, ops net.Listener }

func listen(public, ops string) (l listeners, err error) {
	if l.public, err = net.Listen("tcp", public); err != nil {
		return l, fmt.Errorf("listen: %w", err)
	}
	if l.ops, err = net.Listen("tcp", ops); err != nil {
		return l, errors.Join(fmt.Errorf("ops_listen: %w", err), l.public.Close())
	}
	return l, nil
}

func (l listeners) close() error { return errors.Join(l.public.Close(), l.ops.Close()) }

// start begins to answer.
func start(g *gateway, l listeners, public http.Handler) (*App, error) {
	a := &App{gateway: g, failed: make(chan error, 2)}
	return a, a.run(l.public, l.ops, public)
}

func (a *App) run(listener, ops net.Listener, public http.Handler) error {
	a.address, a.opsAddr = listener.Addr(), ops.Addr()
	errorLog := slog.NewLogLogger(a.gateway.log.Handler(), slog.LevelInfo)
	a.public, a.ops = web.NewServer(public, errorLog), web.NewServer(a.opsHandler(), errorLog)
	config := a.gateway.config
	if config.TLS.CertFile != "" {
		pair, err := newReloadedPair(config.path(config.TLS.CertFile), config.path(config.TLS.KeyFile))
		if err != nil {
			return err
		}
		listener = tls.NewListener(listener, pair.config())
		if a.certs, err = a.certificateDoor(pair, public, errorLog); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	a.cancel = cancel
	if err := a.gateway.live.Refresh(ctx); err != nil { // a slow start has made the view old
		return err
	}
	a.running.Go(func() { a.gateway.live.Run(ctx) })
	a.running.Go(func() { a.gateway.sweep(ctx) })
	a.running.Go(func() { a.gateway.followKeys(ctx, keysLook) })
	a.running.Go(func() { a.gateway.deliverSignOuts(ctx) })
	a.running.Go(func() { a.gateway.sweepStops(ctx) })
	a.running.Go(func() { a.gateway.tellByMail(ctx) })
	a.running.Go(func() { a.gateway.oidc.FollowKeys(ctx, a.gateway.live.Current) })
	for _, s := range []door{{a.public, listener}, {a.ops, ops}, a.certs} {
		if s.server == nil {
			continue
		}
		a.running.Go(func() {
			if err := s.server.Serve(s.on); !errors.Is(err, http.ErrServerClosed) {
				a.failed <- err
			}
		})
	}
	return nil
}

// Stop ends gently: not ready at once, then no new connections, then the open requests, then the stores.
func (a *App) Stop(ctx context.Context) error {
	a.draining.Store(true)
	select {
	case <-time.After(a.gateway.config.Shutdown.Delay):
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(ctx, a.gateway.config.Shutdown.Grace)
	defer cancel()
	err := errors.Join(a.public.Shutdown(ctx), a.ops.Shutdown(ctx))
	if a.certs.server != nil {
		err = errors.Join(err, a.certs.server.Shutdown(ctx))
	}
	a.cancel()
	a.running.Wait()
	err = errors.Join(err, a.gateway.closers.close(), a.cleanup.close())
	if err == nil {
		a.gateway.log.Info("stopped")
	}
	return err
}

// sweep removes expired tickets from the SQL store, a little at a time, and temporary accounts that are over.
func (g *gateway) sweep(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	var forgotten registry.Date
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			g.sweepTickets(ctx)
			if err := g.removeAccounts(ctx); err != nil && ctx.Err() == nil {
				g.log.Error("temporary accounts that are over could not be removed", "error", err)
			}
			forgotten = g.forgetDaily(ctx, forgotten)
			if err := g.sweepRights(ctx); err != nil && ctx.Err() == nil {
				g.log.Error("requests of people could not be looked after", "error", err)
			}
			if err := g.desk.EraseInquiries(ctx); err != nil && ctx.Err() == nil {
				g.log.Error("inquiries that are over could not be erased", "error", err)
			}
		}
	}
}

// sweepAfter is how far a clock may have run ahead before it is put right: a mark of what was used that ended only by such
// a clock must still be there then, or what it marks could be used again.
const sweepAfter = 15 * time.Minute

func (g *gateway) sweepTickets(ctx context.Context) {
	if _, err := g.db.Tickets().Sweep(ctx, g.now().Add(-sweepAfter)); err != nil && ctx.Err() == nil {
		g.log.Error("expired tickets could not be removed", "error", err)
	}
}

// opsHandler is the ops listener: alive, ready, metrics. It is not for the public.
func (a *App) opsHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "alive") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if reason := a.notReady(r.Context()); reason != "" {
			say(w, http.StatusServiceUnavailable, reason)
			return
		}
		say(w, http.StatusOK, "ready")
	})
	metrics := promhttp.HandlerFor(a.gateway.meter.registry, promhttp.HandlerOpts{})
	mux.Handle("GET /metrics", metrics)
	return mux
}

// notReady says why no traffic should come. Sources outside are no reason: a page tells people about those.
func (a *App) notReady(ctx context.Context) string {
	if a.draining.Load() {
		return "draining"
	}
	snapshot, err := a.gateway.live.Current()
	if err != nil {
		return "registry stale"
	}
	a.gateway.meter.revision.Set(float64(snapshot.Revision()))
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := a.gateway.db.Ping(ctx); err != nil {
		return "store unreachable"
	}
	if _, err := a.gateway.tickets.Epoch(ctx); err != nil {
		return "tickets unreachable"
	}
	return ""
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n") // a prober that went away needs no answer
}
