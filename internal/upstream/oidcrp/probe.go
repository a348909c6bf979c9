package oidcrp

import (
	"context"
	"slices"
	"strings"

	"ecluse/internal/registry"
)

// Probe implements upstream.Connector. It reads what the source publishes now, not what is kept, and compares it with what
// the settings will ask for.
func (c *Connector) Probe(ctx context.Context) []registry.Finding {
	now := newProvider(c.settings, c.outside, c.now)
	m, err := now.about.current(ctx)
	if err != nil {
		return []registry.Finding{{
			Where: "settings.issuer", What: now.unknown(err).Error(), Mend: "check issuer, ca_file and networks",
		}}
	}
	var out []registry.Finding
	say := func(bad bool, key, what, mend string) {
		if bad {
			out = append(out, registry.Finding{Where: "settings." + key, What: what, Mend: mend})
		}
	}
	s := c.settings
	_, err = now.keySet(m).current(ctx)
	say(err != nil, "issuer", "its keys cannot be had, or none of them can be used", "RSA of 2048 bits or more, or elliptic curves")
	say(!offers(m.Responses, "code"), "issuer", "it does not answer with a code", "")
	say(!offers(m.Modes, s.ResponseMode), "response_mode", "it does not answer in this way", "")
	say(!s.omits(omitPKCE) && !offers(m.Challenges, "S256"), "omit", "it does not know PKCE with S256", "ask it, before pkce is left out")
	auth := m.Auth
	if len(auth) == 0 {
		auth = []string{authBasic} // Discovery 3
	}
	say(!slices.Contains(auth, s.ClientAuth), "client_auth", "it does not take this proof of the client", "one of "+strings.Join(known(auth), ", "))
	say(s.ClientAuth == authKey && !offers(m.AuthAlgs, s.ClientKey), "client_key", "it does not take this algorithm from clients", "")
	common := slices.ContainsFunc(m.Algs, func(alg string) bool { return slices.Contains(s.Algorithms, alg) })
	say(len(m.Algs) > 0 && !common, "algorithms", "it signs with none of them", "")
	say(s.Userinfo == userinfoSigned && m.Userinfo == "", "userinfo", "it has no userinfo endpoint", "")
	for _, scope := range s.Scopes {
		say(!offers(m.Scopes, scope), "scopes", "it does not announce the scope "+scope, "")
	}
	for _, acr := range s.ACRValues {
		say(!offers(m.ACRs, acr), "acr_values", "it does not announce the level "+acr, "")
	}
	if s.ClientAuth != authKey {
		_, err := s.secret()
		say(err != nil, "client_secret_file", "the client's secret cannot be read", "")
	}
	return out
}

// known keeps of a source's words those that are ours too.
func known(words []string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(w string) bool { return !slices.Contains([]string{authBasic, authPost, authKey}, w) })
}
