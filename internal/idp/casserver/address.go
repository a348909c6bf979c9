package casserver

import (
	"errors"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxAddress bounds a service's address, in bytes: it is kept until the person has signed in, and has to fit, with the
// ticket, into a redirect.
const maxAddress = 2048

// address is the address of a service, taken apart for comparing. raw is what goes back into a redirect, letter for
// letter.
type address struct {
	raw    string
	origin string // scheme://host:port, in small letters, the port always
	path   string // as it is escaped; "/" when empty
	query  string // with its question mark
}

// parseAddress takes an address apart and refuses whatever two readers could read in two ways. local allows plain http to
// the person's own machine. The error says what is wrong and repeats nothing.
func parseAddress(raw string, local bool) (address, error) {
	if len(raw) > maxAddress {
		return address{}, errors.New("it is too long")
	}
	if err := plain(raw); err != nil {
		return address{}, err
	}
	u, err := url.Parse(raw)
	if err != nil || u.Opaque != "" || u.Hostname() == "" {
		return address{}, errors.New("it is not a complete address")
	}
	switch {
	case u.User != nil || strings.Contains(u.Host, "@"):
		return address{}, errors.New("it has a user name")
	case u.Scheme == "http" && !(local && loopback(u.Hostname())):
		return address{}, errors.New("it is not protected by TLS")
	case u.Scheme != "https" && u.Scheme != "http":
		return address{}, errors.New("its scheme is not https")
	}
	origin, err := originOf(u)
	if err != nil {
		return address{}, err
	}
	a := address{raw: raw, origin: origin, path: u.EscapedPath()}
	if a.path == "" {
		a.path = "/"
	}
	if at := strings.IndexByte(raw, '?'); at >= 0 {
		a.query = raw[at:]
	}
	return a, errors.Join(soundPath(a.path), soundQuery(a.query))
}

// plain refuses characters that have no place in an address, and escapes that are none.
func plain(raw string) error {
	for i := range len(raw) {
		switch c := raw[i]; {
		case c <= ' ' || c >= 0x7f || strings.IndexByte("\\\"'<>`{}|^", c) >= 0:
			return errors.New("it has a character that must be escaped")
		case c == '#':
			return errors.New("it has a fragment")
		case c == '%' && (i+2 >= len(raw) || !hexadecimal(raw[i+1]) || !hexadecimal(raw[i+2])):
			return errors.New("it has an escape that is none")
		}
	}
	return nil
}

func hexadecimal(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// originOf is where the address leads: scheme, host and port, in one spelling.
func originOf(u *url.URL) (string, error) {
	host := strings.ToLower(u.Hostname())
	name := func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '-') }
	if addr, err := netip.ParseAddr(host); err == nil && addr.Zone() == "" && addr.Is6() {
		host = "[" + addr.String() + "]"
	} else if strings.ContainsFunc(host, name) || strings.Contains("."+host+".", "..") {
		return "", errors.New("its host is not a name that is written in the usual form")
	}
	port := u.Port()
	switch {
	case strings.HasSuffix(u.Host, ":"):
		return "", errors.New("its port is missing")
	case port == "" && u.Scheme == "https":
		port = "443"
	case port == "":
		port = "80"
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || port[0] == '0' {
		return "", errors.New("its port is not a number from 1 to 65535")
	}
	return u.Scheme + "://" + host + ":" + port, nil
}

// soundPath refuses paths that a server could understand as another one: dot segments in any spelling, empty segments,
// and escaped separators, dots and per cent signs. Letters and digits need no escape (RFC 3986 6.2.2.2): behind one, an
// address below another service's would be taken for that of a service whose addresses lie above both.
func soundPath(path string) error {
	decoded, err := url.PathUnescape(path)
	if err != nil || !utf8.ValidString(decoded) || path[0] != '/' {
		return errors.New("its path is no text")
	}
	for i := 0; i+2 < len(path); i++ {
		if path[i] != '%' {
			continue
		}
		c, _ := strconv.ParseUint(path[i+1:i+3], 16, 8) // plain has seen to it
		if c < ' ' || c == 0x7f || strings.IndexByte("/\\%.;", byte(c)) >= 0 || letterOrDigit(byte(c)) {
			return errors.New("its path hides a character behind an escape")
		}
	}
	segments := strings.Split(path[1:], "/")
	for i, segment := range segments {
		name, _, parameters := strings.Cut(segment, ";")
		if name == "." || name == ".." || name == "" && (parameters || i < len(segments)-1) {
			return errors.New("its path has an empty segment or a dot segment")
		}
	}
	return nil
}

func letterOrDigit(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// soundQuery refuses a query that brings a ticket along: the service would find two, and could take the wrong one.
func soundQuery(query string) error {
	for _, pair := range strings.FieldsFunc(query, func(r rune) bool { return r == '?' || r == '&' || r == ';' }) {
		name, _, _ := strings.Cut(pair, "=")
		if name, err := url.QueryUnescape(name); err == nil && strings.EqualFold(strings.TrimSpace(name), "ticket") {
			return errors.New("its query has a ticket already")
		}
	}
	return nil
}

// loopback tells hosts that lead to the person's own machine (RFC 6761 6.3).
func loopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// covers tells whether a registered address stands for another one: the same scheme, host and port, and the same path
// or, unless exact, one below it. The query says nothing about whose address it is.
func (a address) covers(other address, exact bool) bool {
	if a.origin == "" || a.origin != other.origin {
		return false
	}
	if a.path == other.path {
		return true
	}
	return !exact && strings.HasPrefix(other.path, strings.TrimSuffix(a.path, "/")+"/")
}

// with is the address with one more parameter.
func (a address) with(name, value string) string {
	separator := "&"
	switch {
	case a.query == "":
		separator = "?"
	case strings.HasSuffix(a.query, "?") || strings.HasSuffix(a.query, "&"):
		separator = ""
	}
	return a.raw + separator + name + "=" + url.QueryEscape(value)
}
