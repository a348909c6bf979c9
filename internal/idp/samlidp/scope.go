package samlidp

import (
	"slices"

	"ecluse/internal/registry"
	"ecluse/internal/saml"
)

// scopeOf says which sources may say who it is, as a request wants it (SAML Core 3.4.1.2 and 3.4.1.5); nil: any. A list
// that has us in it trusts whomever we trust; one without us is of sources behind us, by the entityIDs of those that have
// one. With a ProxyCount of 0 only what we look up ourselves is left. What is not registered is never followed.
func scopeOf(req saml.AuthnRequest, entityID string, snapshot *registry.Snapshot) ([]string, *status) {
	known, inUse := []string(nil), []string(nil)
	listed := len(req.IDPList) > 0 && !slices.Contains(req.IDPList, entityID)
	if !listed && !req.NoProxy {
		return nil, nil
	}
	for _, s := range snapshot.Sources() {
		if listed && !slices.Contains(req.IDPList, entityOf(s)) {
			continue
		}
		if known = append(known, s.ID); !s.Suspended && !(req.NoProxy && proxied(s)) {
			inUse = append(inUse, s.ID)
		}
	}
	switch {
	case listed && len(known) == 0:
		return nil, requester(saml.StatusNoSupportedIDP, "Scoping IDPList: none of them is a source here")
	case len(inUse) == 0 && req.NoProxy:
		return nil, &status{saml.StatusResponder, saml.StatusProxyCountExceeded, "Scoping ProxyCount: every source is behind us"}
	case len(inUse) == 0:
		return nil, &status{saml.StatusResponder, saml.StatusNoAvailableIDP, "Scoping IDPList: none of them can be asked now"}
	}
	return inUse, nil
}

// entityOf is the entityID of a source that is a SAML identity provider, as the register has it.
func entityOf(s registry.Source) string {
	id, _ := s.Settings["idp"].(string)
	if s.Connector != Name {
		return ""
	}
	return id
}

// proxied tells whether somebody else signs the person in, in answer to a request of ours (SAML Core 3.4.1.5). A directory
// or a list of accounts is looked up by ourselves.
func proxied(s registry.Source) bool { return s.Connector != "ldap" && s.Connector != "local" }

// hint is the one source that is left, if there is one.
func hint(sources []string) string {
	if len(sources) == 1 {
		return sources[0]
	}
	return ""
}
