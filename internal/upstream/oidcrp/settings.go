package oidcrp

import (
	"crypto/x509"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"ecluse/internal/fetch"
	"ecluse/internal/registry"
	"ecluse/internal/upstream/settings"
)

// Settings are what configuration says of an OpenID provider, under the names of the json tags. What a preset says holds
// where they say nothing.
type Settings struct {
	Preset            string                    `json:"preset"`             // educonnect, proconnect, franceconnect, keycloak, entcore; none when empty
	Issuer            string                    `json:"issuer"`             // as the source writes itself, byte for byte
	ClientID          string                    `json:"client_id"`          // what the source calls us
	ClientAuth        string                    `json:"client_auth"`        // client_secret_basic, client_secret_post, private_key_jwt
	ClientSecretFile  string                    `json:"client_secret_file"` // read again for each code, so that it may change
	ClientKey         string                    `json:"client_key"`         // private_key_jwt: ES256 or RS256
	AssertionAudience string                    `json:"assertion_audience"` // private_key_jwt: issuer, or token_endpoint where the source knows no better
	Scopes            []string                  `json:"scopes"`             // openid among them
	ACRValues         []string                  `json:"acr_values"`         // the levels that are asked for, best first
	Assurance         map[string]string         `json:"assurance"`          // an acr that is believed -> our word for it; any acr, and none believed, when empty
	StrongFactor      []string                  `json:"strong_factor"`      // values of acr that mean a strong factor, for an act that wants one; nothing means one when empty
	MaxAge            time.Duration             `json:"max_age"`            // a session at the source may be no older; any age when 0
	Claims            map[string]map[string]any `json:"claims"`             // the claims parameter: id_token and userinfo
	ResponseMode      string                    `json:"response_mode"`      // query or form_post
	Omit              []string                  `json:"omit"`               // parameters that the source refuses: pkce, max_age, login_hint, ui_locales
	Passive           bool                      `json:"passive"`            // the source answers prompt=none
	AuthTime          string                    `json:"auth_time"`          // required; or assumed: an answer counts as a proof of that instant
	Algorithms        []string                  `json:"algorithms"`         // what may sign its tokens
	Userinfo          string                    `json:"userinfo"`           // any (plain, or signed), signed, none
	EndSession        string                    `json:"end_session"`        // announced: sign-out leads to the source's own; none
	Attributes        map[string]Pick           `json:"attributes"`         // names of attributes, as the mapping reads them -> where they stand among the claims
	CAFile            string                    `json:"ca_file"`            // PEM; the system's authorities when empty
	Networks          []string                  `json:"networks"`           // internal networks in which the source may stand
	Insecure          bool                      `json:"insecure"`           // plain HTTP; on this machine only
	Timeout           time.Duration             `json:"timeout"`            // of each exchange

	roots    *x509.CertPool
	networks []netip.Prefix
}

// The words of Settings.
const (
	authBasic       = "client_secret_basic"
	authPost        = "client_secret_post"
	authKey         = "private_key_jwt"
	audienceIssuer  = "issuer"
	audienceToken   = "token_endpoint"
	modeQuery       = "query"
	modeForm        = "form_post"
	omitPKCE        = "pkce"
	omitMaxAge      = "max_age"
	omitHint        = "login_hint"
	omitLocales     = "ui_locales"
	timeRequired    = "required"
	timeAssumed     = "assumed"
	userinfoAny     = "any"
	userinfoSigned  = "signed"
	userinfoNone    = "none"
	endAnnounced    = "announced"
	endNone         = "none"
	scopeOpenID     = "openid"
	maxBody         = 256 << 10
	longestTimeout  = 30 * time.Second
	shortestTimeout = 100 * time.Millisecond
)

// asymmetric lists what may sign a token of a source: never a secret that we share with it, and never nothing.
func asymmetric() []string {
	return []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
}

// defaults are what holds without preset: the strict words of the specification.
func defaults() Settings {
	return Settings{
		ClientAuth: authBasic, ClientKey: "ES256", AssertionAudience: audienceIssuer, Scopes: []string{scopeOpenID},
		ResponseMode: modeQuery, Passive: true, AuthTime: timeRequired, Algorithms: []string{"RS256", "ES256", "PS256"},
		Userinfo: userinfoAny, EndSession: endAnnounced, Timeout: fetch.DefaultTimeout,
	}
}

// ReadSettings reads a source's settings over its preset and reports every mistake at once: what is not known, does not
// fit, is missing or contradicts itself, and files that cannot be read. path resolves the names of files.
func ReadSettings(source registry.Source, path func(string) string) (Settings, []registry.Finding) {
	s := defaults()
	d := settings.New(source.Settings)
	s.fill(d)
	s.checkIssuer(d)
	s.checkClient(d, path)
	s.checkWords(d)
	s.checkRequest(d)
	s.checkAttributes(d)
	s.checkOutside(d, path)
	if m := source.Reading(); m.ID == "" || m.Authority == "" {
		d.Add(registry.Finding{Where: "mapping", What: "it does not say who somebody is", Mend: "id and authority, or like"})
	}
	return s, d.Findings()
}

func (s *Settings) checkIssuer(d *settings.Reader) {
	u, err := url.Parse(s.Issuer)
	switch {
	case s.Issuer == "":
		d.Say("issuer", "the source's issuer is missing", "as in https://connexion.example/realms/ent")
	case err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Contains(s.Issuer, "?"):
		d.Say("issuer", "this is no issuer", "an address without query, as in https://connexion.example/realms/ent")
	case s.Insecure && (u.Scheme != "http" || !isLoopback(u.Hostname())):
		d.Say("insecure", "plain HTTP is for a source on this machine", "leave insecure out")
	case !s.Insecure && u.Scheme != "https":
		d.Say("issuer", "tokens would travel in clear", "https://…")
	}
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || (err == nil && addr.IsLoopback())
}

func (s *Settings) checkClient(d *settings.Reader, path func(string) string) {
	if s.ClientID == "" {
		d.Say("client_id", "what the source calls us is missing", "")
	}
	switch s.ClientAuth {
	case authBasic, authPost:
		if s.ClientSecretFile == "" {
			d.Say("client_secret_file", "the file of the client's secret is missing", "or client_auth: private_key_jwt")
			return
		}
		s.ClientSecretFile = path(s.ClientSecretFile)
		if _, err := s.secret(); err != nil {
			d.Say("client_secret_file", err.Error(), "")
		}
	case authKey:
		if s.ClientSecretFile != "" {
			d.Say("client_secret_file", "private_key_jwt needs no secret", "leave it out")
		}
	default:
		d.Say("client_auth", "this is not known", fmt.Sprintf("one of %q", []string{authBasic, authPost, authKey}))
	}
}

// secret reads the client's secret. Line breaks at its end do not count.
func (s *Settings) secret() (string, error) {
	content, err := os.ReadFile(s.ClientSecretFile)
	if err != nil {
		return "", fmt.Errorf("the file cannot be read: %w", err)
	}
	secret := strings.TrimRight(string(content), "\r\n")
	if secret == "" {
		return "", fmt.Errorf("the file %s is empty", s.ClientSecretFile)
	}
	return secret, nil
}

func (s *Settings) checkWords(d *settings.Reader) {
	for _, w := range []struct {
		key, value string
		known      []string
	}{
		{"client_key", s.ClientKey, []string{"ES256", "RS256"}},
		{"assertion_audience", s.AssertionAudience, []string{audienceIssuer, audienceToken}},
		{"response_mode", s.ResponseMode, []string{modeQuery, modeForm}},
		{"auth_time", s.AuthTime, []string{timeRequired, timeAssumed}},
		{"userinfo", s.Userinfo, []string{userinfoAny, userinfoSigned, userinfoNone}},
		{"end_session", s.EndSession, []string{endAnnounced, endNone}},
	} {
		if !slices.Contains(w.known, w.value) {
			d.Say(w.key, "this is not known", fmt.Sprintf("one of %q", w.known))
		}
	}
	for _, word := range s.Omit {
		if known := []string{omitPKCE, omitMaxAge, omitHint, omitLocales}; !slices.Contains(known, word) {
			d.Say("omit", "a parameter is not known, or may not be left out", fmt.Sprintf("among %q", known))
		}
	}
	if len(s.Algorithms) == 0 {
		d.Say("algorithms", "nothing may sign its tokens", fmt.Sprintf("among %q", asymmetric()))
	}
	for _, alg := range s.Algorithms {
		if !slices.Contains(asymmetric(), alg) {
			d.Say("algorithms", "an algorithm is not known, or signs with a shared secret or not at all", fmt.Sprintf("among %q", asymmetric()))
		}
	}
}

func (s *Settings) checkRequest(d *settings.Reader) {
	if !slices.Contains(s.Scopes, scopeOpenID) {
		d.Say("scopes", "without openid there is no identity (OpenID Connect Core 3.1.2.1)", "[openid, …]")
	}
	for key, list := range map[string][]string{"scopes": s.Scopes, "acr_values": s.ACRValues, "strong_factor": s.StrongFactor} {
		if slices.ContainsFunc(list, func(v string) bool { return v == "" || strings.ContainsAny(v, " \t\r\n") }) {
			d.Say(key, "one of them is empty or holds a space", "one entry each")
		}
	}
	for where := range s.Claims {
		if where != "id_token" && where != "userinfo" {
			d.Say("claims", "claims are asked of id_token and userinfo (OpenID Connect Core 5.5)", "")
		}
	}
	unbelieved := func(acr string) bool { _, ok := s.Assurance[acr]; return !ok }
	for key, list := range map[string][]string{"acr_values": s.ACRValues, "strong_factor": s.StrongFactor} {
		if len(s.Assurance) > 0 && slices.ContainsFunc(list, unbelieved) {
			d.Say(key, "a level is asked for that is not believed", "name it in assurance")
		}
	}
	for acr, word := range s.Assurance {
		if acr == "" || word == "" {
			d.Say("assurance", "a level, or our word for it, is empty", "")
		}
	}
	if s.MaxAge < 0 || s.MaxAge > 24*time.Hour {
		d.Say("max_age", "this is too long", "0s to 24h")
	}
}

func (s *Settings) checkOutside(d *settings.Reader, path func(string) string) {
	if s.Timeout < shortestTimeout || s.Timeout > longestTimeout {
		d.Say("timeout", "this is too short or too long", "100ms to 30s")
	}
	for _, text := range s.Networks {
		prefix, err := netip.ParsePrefix(text)
		if err != nil || prefix.Bits() == 0 || prefix != prefix.Masked() {
			d.Say("networks", "one of them is no network", "as in 10.42.0.0/16")
			continue
		}
		s.networks = append(s.networks, prefix)
	}
	if s.CAFile == "" {
		return
	}
	s.CAFile = path(s.CAFile)
	s.roots = d.Roots(s.CAFile)
}

// outside is what may be asked of the source's server: its own addresses, on the public Internet or in the networks that
// were named, no redirect, and no more than a token or a key set is long.
func (s Settings) outside() fetch.Config {
	return fetch.Config{
		Allow: s.networks, PlainHTTP: s.Insecure, Timeout: s.Timeout, MaxBytes: maxBody, Roots: s.roots,
	}
}

func (s Settings) omits(word string) bool { return slices.Contains(s.Omit, word) }
