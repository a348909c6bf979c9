package oidcop

import (
	"encoding/hex"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ory/fosite"

	"ecluse/internal/registry"
)

// CheckSettings says everything that is wrong with a binding to this protocol.
func (p *Provider) CheckSettings(b registry.Binding) []registry.Finding {
	_, found := p.check(b)
	return append(found, misnamed(b)...)
}

// check reads the settings alone.
func (p *Provider) check(b registry.Binding) (Settings, []registry.Finding) {
	s, err := parseSettings(b.Settings)
	if err != nil {
		return s, []registry.Finding{{Where: "settings", What: "they cannot be read: " + err.Error(), Mend: "redirect_uris and type are needed"}}
	}
	c := p.checker()
	c.handle(b.Handle)
	if s.awaits() {
		c.awaited(b.Settings)
		return s, c.found
	}
	c.registration(s)
	c.words(s)
	c.secrets(s)
	c.proofs(s)
	c.certificates(s)
	c.tokens(s)
	c.addresses("redirect_uris", s.RedirectURIs)
	c.front(s)
	c.objects("settings.request_objects", s, b.Handle)
	c.profile(s)
	c.device(s)
	if len(s.RedirectURIs) == 0 && s.Device == nil {
		c.say("settings.redirect_uris", "no return address is registered", "name at least one, exactly as the service sends it")
	}
	return s, c.found
}

func (p *Provider) checker() *checker {
	return &checker{development: p.cfg.Development, issuer: p.cfg.Issuer, certMethods: p.certificateMethods()}
}

type checker struct {
	development bool
	issuer      string
	certMethods []string
	found       []registry.Finding
}

func (c *checker) say(where, what, mend string) {
	c.found = append(c.found, registry.Finding{Where: where, What: what, Mend: mend})
}

// handle: RFC 6749 A.1 allows printable ASCII; a colon would break Basic authentication of clients that do not encode.
func (c *checker) handle(id string) {
	if id == "" || len(id) > 255 || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' || r == ':' }) {
		c.say("handle", "it cannot be a client_id", "1 to 255 printable ASCII characters without space and colon")
	}
}

func (c *checker) words(s Settings) {
	c.oneOf("settings.type", s.Type, typePublic, typeConfidential)
	c.oneOf("settings.id_token_alg", s.IDTokenAlg, signingAlgs()...)
	c.oneOf("settings.pkce", s.PKCE, pkceRequired, pkceOptional)
	if s.Type == typePublic {
		c.oneOf("settings.auth_method", s.AuthMethod, authNone)
		if s.PKCE == pkceOptional {
			c.say("settings.pkce", "a public client has nothing else to prove that a code is its own", "remove it, or make it required")
		}
	} else {
		c.oneOf("settings.auth_method", s.AuthMethod, append(authMethods(), c.certMethods...)...)
	}
	if s.TokenSeconds < 1 || s.TokenSeconds > int(maxTokenLife/time.Second) {
		c.say("settings.access_token_seconds", fmt.Sprintf("%d is out of bounds", s.TokenSeconds), "1 to 600")
	}
}

func (c *checker) oneOf(where, got string, allowed ...string) {
	if !slices.Contains(allowed, got) {
		c.say(where, fmt.Sprintf("%q is not known here", got), strings.Join(allowed, " or "))
	}
}

func (c *checker) secrets(s Settings) {
	switch {
	case s.Type == typePublic && len(s.SecretHashes) > 0:
		c.say("settings.secret_hashes", "a public client cannot keep a secret", "remove them, or make the client confidential")
	case (s.signed() || s.certified()) && len(s.SecretHashes) > 0:
		c.say("settings.secret_hashes", "a client that signs its proofs, or has a certificate, shows no secret", "remove them")
	case s.showsSecret() && len(s.SecretHashes) == 0:
		c.say("settings.secret_hashes", "a confidential client needs a secret", "one hash, two during a change")
	case len(s.SecretHashes) > 2:
		c.say("settings.secret_hashes", "more than two are registered", "remove those that are no longer used")
	}
	for i, h := range s.SecretHashes {
		digits, found := strings.CutPrefix(h, secretPrefix)
		if sum, err := hex.DecodeString(digits); !found || err != nil || len(sum) != 32 {
			c.say(fmt.Sprintf("settings.secret_hashes[%d]", i), "it is no hash of a secret", "sha256: and 64 hexadecimal digits")
		}
	}
}

func (c *checker) addresses(key string, list []string) {
	for i, raw := range list {
		where := fmt.Sprintf("settings.%s[%d]", key, i)
		if what := c.address(raw); what != "" {
			c.say(where, what, "an https address, complete, without fragment and user name")
		}
		if slices.Index(list, raw) < i {
			c.say(where, "it stands twice", "")
		}
	}
}

// address says what is wrong with a return address, or nothing.
func (c *checker) address(raw string) string {
	for _, b := range []byte(raw) {
		if b <= ' ' || b >= 0x7f || strings.IndexByte("\\\"'<>`{}|^*", b) >= 0 {
			return "it has a character that must be escaped"
		}
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Opaque != "" || u.Hostname() == "":
		return "it is not a complete address"
	case strings.Contains(raw, "#"):
		return "it has a fragment (RFC 6749 3.1.2)"
	case u.User != nil:
		return "it has a user name"
	case u.Scheme == "http" && !(c.development && local(u.Hostname())):
		return "it is not protected by TLS"
	case u.Scheme != "https" && u.Scheme != "http":
		return "its scheme is not https"
	case !fosite.IsValidRedirectURI(u):
		return "it is not a valid return address"
	case u.String() != raw:
		return "it is not written in the usual form; that is " + u.String()
	}
	return ""
}

// local tells hosts that lead to the person's own machine (RFC 6761 6.3).
func local(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// misnamed: a service may not call an attribute by a name that means something about the token. Whether two attributes have
// one name is for whoever knows the dictionary to say.
func misnamed(b registry.Binding) []registry.Finding {
	var c checker
	say := func(where, name string) {
		if reserved(name) {
			c.say(where, fmt.Sprintf("%q is a claim about the token", name), "another name")
		}
	}
	for _, word := range slices.Sorted(maps.Keys(b.Names)) {
		say("names."+string(word), b.Names[word])
	}
	for i, o := range b.Outputs {
		say(fmt.Sprintf("outputs[%d].name", i), o.Name)
	}
	return c.found
}
