package oidcop

import (
	"maps"
	"slices"
)

// tokenMetadata is what discovery says of the endpoints that clients themselves ask (RFC 8414 2, RFC 9449 5.1).
func (p *Provider) tokenMetadata() map[string]any {
	at := func(path string) string { return p.cfg.Issuer + path }
	algs := append(proofAlgs(), algHS256)
	all := slices.Clip(append(authMethods(), p.certificateMethods()...))
	said := map[string]any{
		"scopes_supported":                      append(slices.Clip(p.scoped), scopeOffline),
		"grant_types_supported":                 []string{grantCode, grantRefresh, grantDevice},
		"id_token_signing_alg_values_supported": signingAlgs(),
		"userinfo_signing_alg_values_supported": signingAlgs(),
		"dpop_signing_alg_values_supported":     proofAlgs(),
		"introspection_endpoint":                at(introspectPath),
		"revocation_endpoint":                   at(revokePath),
	}
	for endpoint, methods := range map[string][]string{
		"token": append(all, authNone), "revocation": append(all, authNone), "introspection": all,
	} {
		said[endpoint+"_endpoint_auth_methods_supported"] = methods
		said[endpoint+"_endpoint_auth_signing_alg_values_supported"] = algs
	}
	maps.Copy(said, p.certificateMetadata())
	return said
}
