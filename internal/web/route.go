package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// DefaultBodyLimit is what a route accepts as request body, in bytes, when it declares no limit of its own.
const DefaultBodyLimit int64 = 64 << 10

// HandlerFunc answers one request, or returns why it could not. A returned *Fault is written as it says, any other
// error as SYS-500 without detail. A handler that has begun to answer must not return an error for the person:
// the connection is cut then, so that half a page is not taken for a whole one.
type HandlerFunc func(w http.ResponseWriter, r *http.Request) error

// Route declares everything that may be known about an endpoint before it is called.
type Route struct {
	// Method is one HTTP method; GET answers HEAD as well.
	Method string
	// Pattern is a path pattern of http.ServeMux ("/login/{txn}"), without method, optionally after a host.
	Pattern string
	// BodyLimit is the largest accepted request body in bytes; zero means DefaultBodyLimit.
	BodyLimit int64
	// CrossSite accepts state-changing requests from other sites. Only for what is cross-site by design and
	// protected by its own message: a SAML POST, the token endpoint.
	CrossSite bool
	// Handler answers. It is required.
	Handler HandlerFunc
}

// Mux serves declared routes. Around every handler it sets the security headers, finds the client's address behind
// trusted proxies, limits the body, refuses cross-origin writes, recovers from panics and writes errors as pages. It
// answers unknown paths and methods itself. Routes are added before serving, not during.
type Mux struct {
	kit    *Kit
	mux    *http.ServeMux
	cross  *http.CrossOriginProtection
	routes []Route
}

// NewMux gives a mux that writes its errors with kit and already serves the kit's own routes.
func NewMux(kit *Kit) *Mux {
	m := &Mux{kit: kit, mux: http.NewServeMux(), cross: http.NewCrossOriginProtection()}
	if err := m.cross.AddTrustedOrigin(kit.origin); err != nil {
		panic(fmt.Sprintf("web: public origin %q was checked by New and is refused now: %v", kit.origin, err))
	}
	for _, route := range kit.routes() {
		m.Handle(route)
	}
	return m
}

// Handle adds a route. It panics on a route that is incomplete or conflicts with another one, as this is a mistake
// in the program and not in its input.
func (m *Mux) Handle(route Route) {
	switch {
	case route.Method == "" || strings.ToUpper(route.Method) != route.Method:
		panic(fmt.Sprintf("web: route %q has no method in capitals", route.Pattern))
	case !strings.Contains(route.Pattern, "/") || strings.ContainsAny(route.Pattern, " \t"):
		panic(fmt.Sprintf("web: route pattern %q is not a path", route.Pattern))
	case route.Handler == nil:
		panic(fmt.Sprintf("web: route %s %s has no handler", route.Method, route.Pattern))
	case route.BodyLimit < 0:
		panic(fmt.Sprintf("web: route %s %s has a negative body limit", route.Method, route.Pattern))
	}
	if route.BodyLimit == 0 {
		route.BodyLimit = DefaultBodyLimit
	}
	m.mux.Handle(route.Method+" "+route.Pattern, m.endpoint(route))
	m.routes = append(m.routes, route)
}

// Routes lists the declared routes in the order of their declaration, the kit's own first, limits filled in.
func (m *Mux) Routes() []Route { return slices.Clone(m.routes) }
