package ldap

import (
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"

	ldapv3 "github.com/go-ldap/ldap/v3"

	"ecluse/internal/registry"
	"ecluse/internal/upstream/settings"
)

// Settings are what configuration says of a directory, under the names of the json tags.
type Settings struct {
	URL              string        `json:"url"`                // ldaps://host:636, or ldap://host:389 with start_tls
	StartTLS         bool          `json:"start_tls"`          // RFC 4513 section 3
	Insecure         bool          `json:"insecure"`           // no TLS at all; on this machine only
	CAFile           string        `json:"ca_file"`            // PEM; the system's authorities when empty
	BindDN           string        `json:"bind_dn"`            // the service account
	BindPasswordFile string        `json:"bind_password_file"` // read again for each connection, so that it may change
	BaseDN           string        `json:"base_dn"`            // people stand below
	PeopleFilter     string        `json:"people_filter"`      // {login} stands for what was typed, escaped
	StructuresBaseDN string        `json:"structures_base_dn"` // establishments stand below; BaseDN when empty
	DecoyDN          string        `json:"decoy_dn"`           // an entry whose password nobody knows, for unknown logins
	Timeout          time.Duration `json:"timeout"`            // of each operation
	RefusalTime      time.Duration `json:"refusal_time"`       // a wrong password is answered no earlier
	Pool             int           `json:"pool"`               // connections of either kind at most

	roots *x509.CertPool
}

// The settings that need not be said.
const (
	DefaultPeopleFilter = "(&(objectClass=ENTPerson)(ENTPersonLogin={login}))"
	DefaultTimeout      = 5 * time.Second
	DefaultRefusalTime  = 250 * time.Millisecond
	DefaultPool         = 8
)

const loginMark = "{login}"

// ReadSettings reads a source's settings and its mapping and reports every mistake at once: what is not known, does not
// fit, is missing or contradicts itself, and files that cannot be read. path resolves the names of files.
func ReadSettings(source registry.Source, path func(string) string) (Settings, []registry.Finding) {
	s := Settings{
		PeopleFilter: DefaultPeopleFilter, Timeout: DefaultTimeout,
		RefusalTime: DefaultRefusalTime, Pool: DefaultPool,
	}
	d := settings.New(source.Settings)
	d.Fill(&s, nil)
	if s.StructuresBaseDN == "" {
		s.StructuresBaseDN = s.BaseDN
	}
	s.checkURL(d)
	s.checkNames(d)
	s.checkBounds(d)
	s.readFiles(d, path)
	d.Add(checkMapping(source.Reading())...)
	return s, d.Findings()
}

func (s *Settings) checkURL(d *settings.Reader) {
	u, err := url.Parse(s.URL)
	switch {
	case s.URL == "":
		d.Say("url", "the directory's address is missing", "as in ldaps://annuaire.example:636")
		return
	case err != nil || u.Hostname() == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		d.Say("url", "this is no address of a directory", "scheme, host and port only, as in ldaps://annuaire.example:636")
		return
	}
	switch u.Scheme {
	case "ldaps":
		if s.StartTLS || s.Insecure {
			d.Say("url", "ldaps goes with neither start_tls nor insecure", "leave both out")
		}
	case "ldap":
		s.checkPlain(d, u.Hostname())
	default:
		d.Say("url", fmt.Sprintf("the scheme %q is not known", u.Scheme), "ldaps, or ldap with start_tls")
	}
}

// checkPlain lets passwords travel without TLS only where no network is crossed.
func (s *Settings) checkPlain(d *settings.Reader, host string) {
	switch {
	case s.StartTLS && s.Insecure:
		d.Say("insecure", "start_tls and insecure contradict each other", "leave insecure out")
	case s.StartTLS:
	case !s.Insecure || !isLoopback(host):
		d.Say("url", "passwords would travel in clear", "use ldaps, or set start_tls: true")
	}
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || (err == nil && addr.IsLoopback())
}

func (s *Settings) checkNames(d *settings.Reader) {
	for _, name := range []struct {
		key, value string
		needed     bool
	}{
		{"bind_dn", s.BindDN, true},
		{"base_dn", s.BaseDN, true},
		{"structures_base_dn", s.StructuresBaseDN, false},
		{"decoy_dn", s.DecoyDN, false},
	} {
		switch _, err := ldapv3.ParseDN(name.value); {
		case name.value == "" && name.needed:
			d.Say(name.key, "this name is missing", "as in ou=people,dc=example,dc=fr")
		case err != nil:
			d.Say(name.key, "this is no distinguished name (RFC 4514)", "as in ou=people,dc=example,dc=fr")
		}
	}
	filter := strings.ReplaceAll(s.PeopleFilter, loginMark, "x")
	switch _, err := ldapv3.CompileFilter(filter); {
	case !strings.Contains(s.PeopleFilter, loginMark):
		d.Say("people_filter", "the filter does not say where the login goes", "as in "+DefaultPeopleFilter)
	case strings.Contains(s.PeopleFilter, "*"+loginMark), strings.Contains(s.PeopleFilter, loginMark+"*"):
		d.Say("people_filter", "part of a login would be enough", "compare the whole value: (ENTPersonLogin={login})")
	case err != nil:
		d.Say("people_filter", "this is no filter (RFC 4515)", "as in "+DefaultPeopleFilter)
	}
}

func (s *Settings) checkBounds(d *settings.Reader) {
	if s.Timeout < 100*time.Millisecond || s.Timeout > 30*time.Second {
		d.Say("timeout", "this is too short or too long", "100ms to 30s")
	}
	if s.RefusalTime < 0 || s.RefusalTime > 5*time.Second {
		d.Say("refusal_time", "this is too short or too long", "0s to 5s")
	}
	if s.Pool < 1 || s.Pool > 100 {
		d.Say("pool", "this is too few or too many", "1 to 100")
	}
}

func (s *Settings) readFiles(d *settings.Reader, path func(string) string) {
	if s.BindPasswordFile == "" {
		d.Say("bind_password_file", "the file of the service account's password is missing", "")
	} else {
		s.BindPasswordFile = path(s.BindPasswordFile)
		if _, err := s.bindPassword(); err != nil {
			d.Say("bind_password_file", err.Error(), "")
		}
	}
	if s.CAFile == "" {
		return
	}
	s.CAFile = path(s.CAFile)
	s.roots = d.Roots(s.CAFile)
}

// bindPassword reads the service account's password. Line breaks at its end do not count.
func (s *Settings) bindPassword() (string, error) {
	content, err := os.ReadFile(s.BindPasswordFile)
	if err != nil {
		return "", fmt.Errorf("the file cannot be read: %w", err)
	}
	password := strings.TrimRight(string(content), "\r\n")
	if password == "" {
		return "", fmt.Errorf("the file %s is empty", s.BindPasswordFile)
	}
	return password, nil
}

// address gives host and port, with the usual port when none is said.
func (s *Settings) address() (hostPort, host string) {
	u, err := url.Parse(s.URL)
	if err != nil {
		return "", ""
	}
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "ldaps":
		port = ldapv3.DefaultLdapsPort
	default:
		port = ldapv3.DefaultLdapPort
	}
	return net.JoinHostPort(u.Hostname(), port), u.Hostname()
}
