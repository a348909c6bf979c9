package idp

import (
	"context"
	"strings"
	"sync"
	"time"
)

// Probed is what a binding's settings come to, for people who connect a service to look at.
type Probed struct {
	Handle     string // by which the service names itself in its metadata; empty where it has none
	Addresses  []Address
	Keys       []Key
	ValidUntil time.Time // the end of the service's metadata; zero where none is said
}

// AddressKind is what an address of a service is for.
type AddressKind string

// The kinds of addresses.
const (
	ReturnAddress AddressKind = "return" // answers go there
	LogoutAddress AddressKind = "logout"
	OtherAddress  AddressKind = "other" // artifacts, key sets
)

// Address is one address of a service. A return address is asked where somebody wants to know whether a server is there;
// the others never are: an unexpected request could end somebody's session.
type Address struct {
	Kind    AddressKind
	Way     string // in the protocol's own words: HTTP-POST, redirect_uris
	URL     string
	Default bool

	Asked  bool
	Status int    // of HTTP; any at all means that a server is there
	Fault  string // why there was none
}

// Key is one public key of a service.
type Key struct {
	Use         string    // signing, encryption
	Fingerprint string    // of a certificate
	Until       time.Time // the certificate's own end; zero where the key has none
}

// Reach asks whether a server answers at an address. *fetch.Client has it.
type Reach func(ctx context.Context, address string) (status int, err error)

// mostAsked bounds how many return addresses of one binding are asked.
const mostAsked = 8

// Ask asks the return addresses, all at once, each no longer than ctx allows. Addresses of programs on people's own devices
// are nobody's to ask. A nil reach asks nothing.
func (p *Probed) Ask(ctx context.Context, reach Reach) {
	var all sync.WaitGroup
	left := mostAsked
	for i := range p.Addresses {
		a := &p.Addresses[i]
		web := strings.HasPrefix(a.URL, "https://") || strings.HasPrefix(a.URL, "http://")
		if reach == nil || a.Kind != ReturnAddress || !web || left == 0 {
			continue
		}
		left--
		all.Go(func() {
			a.Asked = true
			status, err := reach(ctx, a.URL)
			if a.Status = status; err != nil {
				a.Fault = err.Error()
			}
		})
	}
	all.Wait()
}
