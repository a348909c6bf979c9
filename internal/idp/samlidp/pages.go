package samlidp

import (
	"embed"
	"errors"
	"net/http"

	"ecluse/internal/idp"
	"ecluse/internal/registry"
	"ecluse/internal/saml"
	"ecluse/internal/web"
)

//go:embed texts
var files embed.FS

// Pages are the texts of the faults that only our page can tell, because there is nobody yet whom to answer.
func Pages() web.Contribution { return web.Contribution{Name: Name, Files: files} }

// badMessage is a message that cannot be read or is not one that begins a sign-in.
func badMessage(cause error) *web.Fault {
	return &web.Fault{Status: http.StatusBadRequest, Code: "SAM-400", Kind: "saml/message", Told: idp.ToldOf(cause), Cause: cause}
}

// unknownService is a sender that is not registered, or not in a way that can be used today.
func unknownService(cause error) *web.Fault {
	return &web.Fault{Status: http.StatusBadRequest, Code: "SAM-401", Kind: "saml/service", Told: idp.ToldOf(cause), Cause: cause}
}

// unusable is a service that is registered, and cannot be used today: its metadata has ended, or anything else stands
// against it.
func (p *Provider) unusable(service registry.Service, b registry.Binding, cause error) *web.Fault {
	if !p.ended(b) {
		return unknownService(cause)
	}
	return &web.Fault{
		Status: http.StatusBadRequest, Code: "SAM-410", Kind: "saml/ended", Args: map[string]string{"service": service.Name.FR},
		Told: "the metadata of the service: its validUntil has passed", Cause: cause,
	}
}

// ended tells whether the metadata that a service brought has ended.
func (p *Provider) ended(b registry.Binding) bool {
	s, _, err := parseSettings(b.Settings)
	if err != nil {
		return false
	}
	_, _, err = p.read(b, s)
	return errors.Is(err, saml.ErrEnded)
}

// wrongAddress is a return address that is not registered.
func wrongAddress(service string, cause error) *web.Fault {
	return &web.Fault{
		Status: http.StatusBadRequest, Code: "SAM-402", Kind: "saml/address",
		Args: map[string]string{"service": service}, Told: idp.ToldOf(cause), Cause: cause,
	}
}

// notTheirs is a message whose signature is missing or wrong, or that was made for another address than ours.
func notTheirs(cause error) *web.Fault {
	return &web.Fault{Status: http.StatusBadRequest, Code: "SAM-403", Kind: "saml/message", Told: idp.ToldOf(cause), Cause: cause}
}

// tooOld is a message outside its time, or one that was shown before.
func tooOld(cause error) *web.Fault {
	return &web.Fault{Status: http.StatusBadRequest, Code: "SAM-408", Kind: "saml/stale", Told: idp.ToldOf(cause), Cause: cause}
}
