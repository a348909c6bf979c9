package oidcop

import (
	"slices"
	"strings"
)

// ProfileSettings is the part of Settings that chooses a whole set of the others at once.
type ProfileSettings struct {
	// Profile is empty, or "fapi2": the FAPI 2.0 Security Profile. It fills in what is not said, and what is said
	// otherwise is a finding.
	Profile string `json:"profile,omitempty"`
}

const profileFAPI2 = "fapi2"

// fapiSeconds is the life of access tokens by the profile, where the registration names no other (FAPI 2.0 5.3.2.1).
const fapiSeconds = 300

// fapiAlgs are the only algorithms of the profile (FAPI 2.0 5.4.1).
func fapiAlgs() []string { return []string{algES256, algPS256, algEdDSA} }

// keyMethods know a client by a key that it never shows.
func keyMethods() []string { return []string{authKeyJWT, authTLS, authSelfSigned} }

// strict tells a client of the profile.
func (s ProfileSettings) strict() bool { return s.Profile == profileFAPI2 }

// proofAlgsOf are those with which a client may sign a request object, or a proof of possession.
func (s ProfileSettings) proofAlgsOf() []string {
	if s.strict() {
		return fapiAlgs()
	}
	return proofAlgs()
}

// profiled puts in what the profile says where the registration says nothing.
func (s Settings) profiled() Settings {
	if !s.strict() {
		return s
	}
	for into, value := range map[*string]string{
		&s.AuthMethod: authKeyJWT, &s.PAR: parRequired, &s.DPoP: s.bindsBy(), &s.PKCE: pkceRequired,
	} {
		if *into == "" {
			*into = value
		}
	}
	if s.TokenSeconds == 0 {
		s.TokenSeconds = fapiSeconds
	}
	return s
}

// bindsBy is what the profile asks of DPoP: nothing, where a certificate binds the tokens (FAPI 2.0 5.3.2.1).
func (s Settings) bindsBy() string {
	if s.CertBound {
		return dpopOptional
	}
	return dpopRequired
}

// profile says what contradicts the profile. Nothing is quietly put right: whoever reads the registration reads what holds.
func (c *checker) profile(s Settings) {
	if s.Profile == "" {
		return
	}
	c.oneOf("settings.profile", s.Profile, profileFAPI2)
	if !s.strict() {
		return
	}
	for _, must := range []struct{ where, got, want, section string }{
		{"type", s.Type, typeConfidential, "5.3.2.1"},
		{"assertion_audience", s.AssertionAudience, audIssuer, "5.3.2.1"},
		{"par", s.PAR, parRequired, "5.3.2.2"},
		{"pkce", s.PKCE, pkceRequired, "5.3.2.2"},
	} {
		if must.got != must.want && must.got != "" {
			c.say("settings."+must.where, "the profile fapi2 allows "+must.want+" alone (FAPI 2.0 "+must.section+")", "remove it, or the profile")
		}
	}
	if s.DPoP != dpopRequired && !s.CertBound {
		c.say("settings.dpop", "the profile fapi2 allows tokens alone that a key or a certificate binds (FAPI 2.0 5.3.2.1)", "remove it, or tls_client_certificate_bound_access_tokens")
	}
	if !slices.Contains(keyMethods(), s.AuthMethod) {
		c.say("settings.auth_method", "the profile fapi2 knows clients by a signature or a certificate alone (FAPI 2.0 5.3.2.1)", strings.Join(keyMethods(), ", "))
	}
	for _, signs := range []struct{ where, alg string }{
		{"auth_alg", s.AuthAlg},
		{"id_token_alg", s.IDTokenAlg},
		{"userinfo_alg", s.UserinfoAlg},
		{"request_object_signing_alg", s.RequestObjectAlg},
	} {
		if signs.alg == algRS256 {
			c.say("settings."+signs.where, "the profile fapi2 does not allow "+algRS256+" (FAPI 2.0 5.4.1)", strings.Join(fapiAlgs(), " or "))
		}
	}
	if s.FrontChannel != nil {
		c.say("settings.front_channel", "the profile fapi2 allows the code alone (FAPI 2.0 5.3.2.2)", "remove it, or the profile")
	}
}
