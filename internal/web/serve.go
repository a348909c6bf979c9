package web

import (
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
)

var (
	errInsecure = errors.New("plain http where the gateway is on https")
	errMethod   = errors.New("method not declared for this path")
	errFull     = errors.New("no room for another request")
	errBegun    = errors.New("failed after the answer had begun")
)

// ServeHTTP guards a request and passes it to its route.
func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := m.kit.cfg.Now()
	peer := m.kit.cfg.Proxies.Peer(r)
	r = withPeer(r, peer)
	a := &answer{ResponseWriter: w}
	secureHeaders(w.Header(), m.kit.secure && peer.Secure)
	if len(r.TransferEncoding) > 0 && r.ProtoMajor == 1 {
		w.Header().Set("Connection", "close") // RFC 9112 6.1: what follows may have been smuggled
	}
	defer m.observe(a, r, start)
	defer m.recoverPanic(a, r)
	if err := m.dispatch(a, r, peer); err != nil {
		m.kit.fail(a, r, err)
	}
}

// dispatch answers what no route answers; routes answer for themselves.
func (m *Mux) dispatch(a *answer, r *http.Request, peer Peer) error {
	if err := m.room(a, r); err != nil {
		return err
	}
	if m.kit.secure && !peer.Secure {
		return &Fault{Status: http.StatusForbidden, Code: "REQ-426", Kind: "insecure", Cause: errInsecure}
	}
	fallback, pattern := m.mux.Handler(r)
	if pattern != "" || r.RequestURI == "*" {
		m.mux.ServeHTTP(a, r)
		return nil
	}
	probe := &probe{header: http.Header{}}
	fallback.ServeHTTP(probe, r)
	if probe.status == http.StatusMethodNotAllowed {
		a.Header().Set("Allow", probe.header.Get("Allow"))
		return &Fault{Status: probe.status, Code: "REQ-405", Kind: "method", Cause: errMethod}
	}
	return NotFound(nil)
}

// room refuses a request for which there is none, but for what the page that says so is made of.
func (m *Mux) room(a *answer, r *http.Request) error {
	if m.kit.cfg.Full == nil || strings.HasPrefix(r.URL.Path, assetPath) || !m.kit.cfg.Full() {
		return nil
	}
	a.Header().Set("Connection", "close") // its body is not read either
	return full()
}

// probe learns what http.ServeMux would have answered, 404 or 405, without writing it.
type probe struct {
	header http.Header
	status int
}

func (p *probe) Header() http.Header         { return p.header }
func (p *probe) Write(b []byte) (int, error) { return len(b), nil }
func (p *probe) WriteHeader(status int)      { p.status = status }

// endpoint puts a route's own guards around its handler.
func (m *Mux) endpoint(route Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := w.(*answer)
		if !ok {
			panic("web: a route was called without its mux")
		}
		a.pattern = route.Pattern
		if err := m.admit(a, r, route); err != nil {
			m.kit.fail(a, r, err)
			return
		}
		if err := route.Handler(a, r); err != nil {
			m.kit.fail(a, r, err)
		}
	})
}

// admit refuses what the route does not want to see.
func (m *Mux) admit(a *answer, r *http.Request, route Route) error {
	if !route.CrossSite {
		if err := m.cross.Check(r); err != nil {
			return &Fault{Status: http.StatusForbidden, Code: "REQ-403", Kind: "cross-site", Cause: err}
		}
	}
	if r.ContentLength > route.BodyLimit {
		a.Header().Set("Connection", "close")
		return TooLarge(fmt.Errorf("%d bytes announced, %d allowed", r.ContentLength, route.BodyLimit))
	}
	// The inner writer is given on purpose: net/http closes the connection through it when the limit is passed.
	r.Body = http.MaxBytesReader(a.ResponseWriter, r.Body, route.BodyLimit)
	return nil
}

// recoverPanic answers a panic with the error page, or cuts the connection when half an answer is out.
func (m *Mux) recoverPanic(a *answer, r *http.Request) {
	value := recover()
	if value == nil {
		return
	}
	if err, ok := value.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(http.ErrAbortHandler) // net/http's own way to cut the connection
	}
	cause := fmt.Errorf("panic: %s\n%s", describePanic(value), debug.Stack())
	if counted := m.kit.cfg.Panicked; counted != nil {
		defer func() { counted(r.Context(), a.ref) }()
	}
	m.kit.fail(a, r, internalFault(cause))
}

// describePanic tells what the runtime says, which is about the program; any other value may hold what a person
// typed, so that its type must do.
func describePanic(value any) string {
	var runtimeErr runtime.Error
	if err, ok := value.(error); ok && errors.As(err, &runtimeErr) {
		return runtimeErr.Error()
	}
	return fmt.Sprintf("a value of type %T", value)
}
