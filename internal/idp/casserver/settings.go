package casserver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"ecluse/internal/registry"
)

// Settings is what a binding to this protocol says beside its handle, which is the service's main address. A service
// whose settings have a blocking finding is none.
type Settings struct {
	Services     []string `json:"services,omitempty"`       // further addresses of the service
	Match        string   `json:"match,omitempty"`          // "below" (default): these addresses and all below them, or "exact"
	User         string   `json:"user,omitempty"`           // "subject" (default), or "transient": another word each time
	TicketLife   int      `json:"ticket_seconds,omitempty"` // 10 at most, which is the default
	AttributesV2 bool     `json:"attributes_in_cas2,omitempty"`
	Logout       bool     `json:"logout,omitempty"` // the service ends its session on a logoutRequest
}

// The words of Settings.
const (
	matchBelow    = "below"
	matchExact    = "exact"
	userSubject   = "subject"
	userTransient = "transient"
)

const maxTicketLife = 10 * time.Second

// parseSettings reads settings strictly: a key that nobody knows is a mistake, not a wish.
func parseSettings(raw json.RawMessage) (Settings, error) {
	var s Settings
	if len(raw) == 0 {
		return s.filled(), nil
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&s); err != nil {
		return s, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return s, errors.New("something follows the object")
	}
	return s.filled(), nil
}

// filled puts in the defaults.
func (s Settings) filled() Settings {
	if s.Match == "" {
		s.Match = matchBelow
	}
	if s.User == "" {
		s.User = userSubject
	}
	if s.TicketLife == 0 {
		s.TicketLife = int(maxTicketLife / time.Second)
	}
	return s
}

func (s Settings) life() time.Duration {
	return min(time.Duration(s.TicketLife)*time.Second, maxTicketLife)
}

// party is a service as its binding describes it.
type party struct {
	service   registry.Service
	binding   registry.Binding
	settings  Settings
	addresses []address
}

// party reads a binding, or says what blocks in it.
func (s *Server) party(service registry.Service, b registry.Binding) (*party, error) {
	p := &party{service: service, binding: b}
	c := s.check(b)
	for _, f := range c.found {
		if f.Severity == registry.Blocking {
			return nil, fmt.Errorf("service %s: %s: %s", b.Handle, f.Where, f.What)
		}
	}
	p.settings, p.addresses = c.settings, c.addresses
	return p, nil
}

// of finds the party in the service as a decision knows it.
func (s *Server) of(service registry.Service, handle string) (*party, error) {
	for _, b := range service.Bindings {
		if b.Protocol == Name && b.Handle == handle {
			return s.party(service, b)
		}
	}
	return nil, errors.New("it is no longer registered")
}

// knows tells whether an address is one of the party's.
func (p *party) knows(raw string, local bool) bool {
	a, err := parseAddress(raw, local)
	if err != nil {
		return false
	}
	for _, own := range p.addresses {
		if own.covers(a, p.settings.Match == matchExact) {
			return true
		}
	}
	return false
}
