package casserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"ecluse/internal/idp"
	"ecluse/internal/web"
)

// maxQuery bounds what is read of an address of ours.
const maxQuery = 16 << 10

// asked is what a login leaves for the answer. It travels as idp.Request.State.
type asked struct {
	Service string    `json:"service"` // the address, letter for letter
	Post    bool      `json:"post,omitempty"`
	At      time.Time `json:"at"`
}

// login settles whose address the answer would go to; until then only our page speaks (CAS Protocol 2.1).
func (s *Server) login(w http.ResponseWriter, r *http.Request) error {
	form, err := parameters(r, "service", "renew", "gateway", "method")
	if err != nil {
		return badRequest(err)
	}
	a := asked{Service: form.Get("service"), At: s.cfg.Now()}
	if a.Service == "" {
		return badRequest(idp.Told("service: it is missing"))
	}
	switch form.Get("method") {
	case "", http.MethodGet:
	case http.MethodPost:
		a.Post = true
	default:
		return badRequest(idp.Told("method: it is neither GET nor POST"))
	}
	p, _, err := s.registered(a.Service)
	var away *unavailable
	switch {
	case errors.As(err, &away):
		return web.Unavailable(err)
	case err != nil:
		return unknownService(err)
	}
	state, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("request of %s: %w", p.binding.Handle, err)
	}
	request := idp.Request{
		Protocol: Name, ServiceID: p.service.ID, Handle: p.binding.Handle, Later: true, State: state,
		Fresh: set(form.Get("renew")), Passive: set(form.Get("gateway")),
	}
	if request.Fresh {
		request.Passive = false // 2.1.1: with both, renew counts
	}
	return s.gateway.Start(w, r, request)
}

// set reads a parameter that is there or not. Its value should be true (2.1.1); only a false takes it back, because a
// sign-in that was not wanted costs less than one that was wanted and left out.
func set(value string) bool { return value != "" && value != "false" }

// parameters reads the query of a GET. What is looked at stands at most once: two readers of two values could take
// either.
func parameters(r *http.Request, used ...string) (url.Values, error) {
	if r.Method != http.MethodGet {
		return nil, errors.New("a request by HEAD starts nothing and ends nothing")
	}
	if len(r.URL.RawQuery) > maxQuery {
		return nil, errors.New("the parameters are too long")
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, errors.New("the parameters cannot be read")
	}
	for _, name := range used {
		if len(values[name]) > 1 {
			return nil, fmt.Errorf("the parameter %s stands more than once", name)
		}
	}
	return values, nil
}
