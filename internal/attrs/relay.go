package attrs

import (
	"encoding/base32"
	"regexp"
	"strings"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// Relay is a mail relay of the operator's: a service can be given an address there instead of the person's own. The
// gateway makes the address; it delivers no mail and keeps no list of who is behind which address.
type Relay struct {
	Domain  string // what stands behind @
	Pattern string // what stands before it: a fixed text around one {code}
}

const (
	relayCode     = "{code}"
	codeBytes     = 10 // 80 bits: nobody guesses one, and no two meet
	longestBefore = 64 // RFC 5321, 4.5.3.1.1
)

var (
	relayDomain = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$`)
	relayText   = regexp.MustCompile(`^[a-z0-9]*([._-]?[a-z0-9]+)*$`)
)

// Configured tells whether there is a relay.
func (r Relay) Configured() bool { return r != Relay{} }

// Check says what is wrong with a relay that is configured, all of it.
func (r Relay) Check() []registry.Finding {
	var out []registry.Finding
	if !r.Configured() {
		return nil
	}
	if len(r.Domain) > 253 || !relayDomain.MatchString(r.Domain) {
		out = append(out, registry.Finding{Where: "domain", What: "no domain in small letters", Mend: "relais.ac-exemple.fr"})
	}
	if text := r.before("a"); strings.Count(r.Pattern, relayCode) != 1 || !relayText.MatchString(text) {
		out = append(out, registry.Finding{Where: "pattern", What: "not a text of small letters and digits around one " + relayCode, Mend: "relais-" + relayCode})
	} else if len(r.before(strings.Repeat("a", base32.StdEncoding.EncodedLen(codeBytes)))) > longestBefore {
		out = append(out, registry.Finding{Where: "pattern", What: "the address would be longer than mail allows", Mend: "relais-" + relayCode})
	}
	return out
}

func (r Relay) before(code string) string { return strings.Replace(r.Pattern, relayCode, code, 1) }

// relayed is the address at which a relay reaches somebody for one service. It is made from the pseudonym and lasts as long;
// two services never share one, not even of one family.
func (e *Engine) relayed(pseudonym, service string) string {
	if !e.Relay.Configured() || len(e.Relay.Check()) > 0 || pseudonym == "" {
		return ""
	}
	code := base32.StdEncoding.EncodeToString(e.Keys.Derive("relay address", pseudonym, service)[:codeBytes])
	return e.Relay.before(strings.ToLower(code)) + "@" + e.Relay.Domain
}

// mailDomain is the domain of the addresses that a source gives. A guardian's is one of their own choice, and may be their
// name: under a pseudonym it does not leave.
func (v *values) mailDomain() finding {
	mails, _ := v.said(person.Mail)
	if v.grant.Place().Profile == person.Guardian && !v.nominative {
		return finding{}
	}
	var out []string
	for _, mail := range mails {
		_, domain, found := strings.Cut(strings.ToLower(strings.TrimSpace(mail)), "@")
		if found && relayDomain.MatchString(domain) {
			out = append(out, domain)
		}
	}
	return computed(out, mails, "the domain of the address")
}
