package casserver

import (
	"errors"
	"strings"

	"ecluse/internal/registry"
)

var (
	errNoService = errors.New("the address belongs to no registered service")
	errTwoOwners = errors.New("the address belongs to two registered services")
)

// index finds the service behind an address in one view of the registry.
type index struct {
	of     *registry.Snapshot
	byHost map[string][]owner // by origin
}

// owner is one registered address.
type owner struct {
	address
	*party
}

// indexOf is the index of a view. It is made once for each view: two requests may make the same one at once, which costs
// the work twice and nothing else.
func (s *Server) indexOf(snapshot *registry.Snapshot) *index {
	if known := s.index.Load(); known != nil && known.of == snapshot {
		return known
	}
	made := &index{of: snapshot, byHost: map[string][]owner{}}
	for _, service := range snapshot.Services() {
		for _, b := range service.Bindings {
			if b.Protocol != Name {
				continue
			}
			p, err := s.party(service, b)
			if err != nil {
				continue // a service whose settings block is none
			}
			for _, a := range p.addresses {
				made.byHost[a.origin] = append(made.byHost[a.origin], owner{a, p})
			}
		}
	}
	s.index.Store(made)
	return made
}

// find gives the service whose registered address is nearest to an address: the one with the longest path. What two
// services claim belongs to neither.
func (ix *index) find(a address) (*party, error) {
	var best owner
	twice := false
	for _, o := range ix.byHost[a.origin] {
		if !o.covers(a, o.settings.Match == matchExact) {
			continue
		}
		switch {
		case best.party == nil || o.depth() > best.depth():
			best, twice = o, false
		case o.depth() == best.depth():
			twice = true
		}
	}
	switch {
	case best.party == nil:
		return nil, errNoService
	case twice:
		return nil, errTwoOwners
	}
	return best.party, nil
}

// depth is how near an address is to what it covers.
func (a address) depth() int { return len(strings.TrimSuffix(a.path, "/")) }

// registered finds the service behind an address as it was sent. The error is errNoService or errTwoOwners, what is wrong
// with the address, or that the registry cannot be acted on, which wraps registry.ErrStale.
func (s *Server) registered(raw string) (*party, address, error) {
	snapshot, err := s.gateway.Registry()
	if err != nil {
		return nil, address{}, &unavailable{err}
	}
	a, err := parseAddress(raw, s.cfg.Development)
	if err != nil {
		return nil, address{}, err
	}
	p, err := s.indexOf(snapshot).find(a)
	return p, a, err
}

// unavailable says that nobody can tell now.
type unavailable struct{ cause error }

func (u *unavailable) Error() string { return u.cause.Error() }
func (u *unavailable) Unwrap() error { return u.cause }
