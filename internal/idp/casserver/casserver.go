// Package casserver speaks CAS to services: the CAS Protocol 3.0.3, without proxies.
//
// Routes, all below the public address:
//
//	GET  /cas/login                                  2.1: service, renew, gateway, method=GET or POST
//	GET  /cas/validate                               2.4: yes or no, and the user
//	GET  /cas/serviceValidate   /cas/proxyValidate   2.5, 2.6: the user, in XML or JSON
//	GET  /cas/p3/serviceValidate /cas/p3/proxyValidate   2.8, 2.9: the user and the attributes
//	GET  /cas/proxy                                  2.7: always no
//	GET  /cas/logout                                 2.3: service or url; our own page asks first
//
// One sign-in:
//
//	login     whose address is this? what does it wish?           our page alone says no
//	          -> Gateway.Start
//	Answer    one record for one ticket                           -> back to the service with ticket=ST-…
//	Refuse    nothing to say                                      -> back to the service without a ticket
//	validate  take the ticket, whoever shows it; is it this
//	          address, in time, as fresh as wanted?
//	          -> Gateway.Resume -> the user and the attributes    -> Gateway.Forget
//
// A ticket carries nothing: the release is decided again when the ticket is shown, so that what was suspended meanwhile
// is refused there. It works once and for seconds, also between replicas, because showing it takes it away, whatever
// comes of it. CAS has no word for a refusal on the way back: our page says why, and the service learns nothing.
//
// Addresses are compared part by part, never by a pattern (see address). Proxy tickets are not served: a service that
// asks for one is refused rather than left without.
//
// The package does not own who may enter, what is released, or how values are written. It logs nothing.
package casserver

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/idp"
	"ecluse/internal/store"
	"ecluse/internal/web"
)

// Name is the word for this protocol in registry.Binding.Protocol.
const Name = "cas"

const (
	loginPath  = "/cas/login"
	logoutPath = "/cas/logout"
	proxyPath  = "/cas/proxy"
)

// Config is what a server is made of. Kit, Tickets, Dictionary and Now are required.
type Config struct {
	Kit         *web.Kit
	Tickets     store.Tickets // already sealed: records hold the right to an answer about somebody
	Dictionary  *dictionary.Dictionary
	Now         func() time.Time
	Development bool // plain http addresses on loopback and *.localhost are allowed

	// Watch is told each answer that carries data; nobody is when nil.
	Watch idp.Watcher
	// Client sends sign-outs to services; none are sent when nil. It has to bound time and to keep to public addresses.
	Client *http.Client
	// Failed is told what went wrong on our side at the addresses that programs ask.
	Failed func(ctx context.Context, err error)
	// Refused is told of each ticket that was shown in vain, and why: a stable word.
	Refused func(ctx context.Context, service, why string)
}

// Server implements idp.Protocol. It is safe for concurrent use.
type Server struct {
	cfg     Config
	gateway idp.Gateway // set by Mount, before the first request
	index   atomic.Pointer[index]
}

var _ idp.Protocol = (*Server)(nil)

// New checks the configuration.
func New(cfg Config) (*Server, error) {
	if cfg.Kit == nil || cfg.Tickets == nil || cfg.Dictionary == nil || cfg.Now == nil {
		return nil, errors.New("cas server: kit, tickets, dictionary and clock are required")
	}
	if cfg.Failed == nil {
		cfg.Failed = func(context.Context, error) {}
	}
	if cfg.Refused == nil {
		cfg.Refused = func(context.Context, string, string) {}
	}
	return &Server{cfg: cfg}, nil
}

// Name is "cas".
func (s *Server) Name() string { return Name }

// Mount declares the routes.
func (s *Server) Mount(mux *web.Mux, gateway idp.Gateway) {
	s.gateway = gateway
	for pattern, handler := range map[string]web.HandlerFunc{
		loginPath:                 s.login,
		"/cas/validate":           s.validation(cas1),
		"/cas/serviceValidate":    s.validation(cas2),
		"/cas/proxyValidate":      s.validation(cas2),
		"/cas/p3/serviceValidate": s.validation(cas3),
		"/cas/p3/proxyValidate":   s.validation(cas3),
		proxyPath:                 s.proxy,
		logoutPath:                s.logout,
	} {
		mux.Handle(web.Route{Method: http.MethodGet, Pattern: pattern, Handler: handler})
	}
}
