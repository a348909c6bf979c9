package demo

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// The hop is how the gateway asks the ENT who is there.
//
// The gateway redirects the browser to
//
//	GET {ENT}/hop?challenge=C&answer=A[&passive=1][&fresh=1]
//
// where C is 1 to 256 characters out of A-Z a-z 0-9 - . _ ~ that the gateway
// chose for this sign-in and bound to this browser, and A is an address of
// the gateway. With fresh=1 the ENT asks anew who is there. It redirects to A with one parameter added to its query:
//
//	token=T              somebody is signed in at the ENT
//	error=no_session     passive=1 was asked and nobody is
//	error=cancelled      the person turned back at the ENT's sign-in page
//
// T is B "." M. B is base64url without padding (RFC 4648, 5) of the JSON
// object {"person","challenge","issued","at","expires"}: the person's id, C,
// and three times in seconds since 1970: when T was made, when the person
// signed in at the ENT, and when T stops being good. M is base64url without
// padding of HMAC-SHA-256, keyed with the shared secret, over the ASCII bytes
// of "ecluse demo hop v1", one line feed, and B.
//
// The reader must check M before it reads B, compare the challenge with the
// one it bound to the browser, and accept a challenge once.
const (
	hopDomain   = "ecluse demo hop v1\n"
	hopLife     = time.Minute
	hopSkew     = 5 * time.Second
	minSecret   = 32
	maxHopToken = 4096
)

// What the ENT answers in the parameter error.
const (
	HopNoSession = "no_session"
	HopCancelled = "cancelled"
)

// ErrHop is the error for every hop question or token that cannot be used.
var ErrHop = errors.New("hop refused")

// HopQuery is what the gateway asks the ENT.
type HopQuery struct {
	Challenge string
	Answer    string
	Passive   bool
	Fresh     bool // a session at the ENT is not enough
}

// Encode returns the query string of the question.
func (q HopQuery) Encode() string {
	v := url.Values{"challenge": {q.Challenge}, "answer": {q.Answer}}
	if q.Passive {
		v.Set("passive", "1")
	}
	if q.Fresh {
		v.Set("fresh", "1")
	}
	return v.Encode()
}

// ParseHopQuery reads a question. It refuses, with ErrHop, a challenge outside
// the alphabet and an answer address that is not below the gateway's base URL.
func ParseHopQuery(v url.Values, gateway string) (HopQuery, error) {
	q := HopQuery{Challenge: v.Get("challenge"), Answer: v.Get("answer"), Passive: v.Get("passive") == "1", Fresh: v.Get("fresh") == "1"}
	if !goodChallenge(q.Challenge) {
		return HopQuery{}, fmt.Errorf("%w: the challenge is missing or malformed", ErrHop)
	}
	if !below(gateway, q.Answer) {
		return HopQuery{}, fmt.Errorf("%w: the answer address is not the gateway's", ErrHop)
	}
	return q, nil
}

func goodChallenge(c string) bool {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
	return len(c) >= 1 && len(c) <= 256 && strings.Trim(c, alphabet) == ""
}

// below reports whether the address has the origin of the base and a path
// below its path. Whatever a browser might read in another way is refused.
func below(base, address string) bool {
	if strings.ContainsAny(address, "#\\\t\r\n") {
		return false
	}
	b, errBase := url.Parse(base)
	a, err := url.Parse(address)
	if err != nil || errBase != nil || a.Opaque != "" || a.User != nil || a.Fragment != "" || a.RawPath != "" {
		return false
	}
	if a.Scheme != b.Scheme || a.Host == "" || !strings.EqualFold(a.Host, b.Host) {
		return false
	}
	if strings.Contains(a.Path, "/.") || strings.Contains(a.Path, "//") {
		return false
	}
	return strings.HasPrefix(a.Path+"/", strings.TrimRight(b.Path, "/")+"/")
}

// with returns the answer address with one more parameter.
func (q HopQuery) with(name, value string) string {
	separator := "?"
	if strings.Contains(q.Answer, "?") {
		separator = "&"
	}
	return q.Answer + separator + url.Values{name: {value}}.Encode()
}

// hopClaims is the body of a token.
type hopClaims struct {
	Person    string `json:"person"`
	Challenge string `json:"challenge"`
	Issued    int64  `json:"issued"`
	At        int64  `json:"at"`
	Expires   int64  `json:"expires"`
}

// SealHop makes the token that says, for one challenge and one minute from
// now, that the person signed in at the ENT at the given time.
func SealHop(secret []byte, person, challenge string, at, now time.Time) (string, error) {
	if len(secret) < minSecret || person == "" || !goodChallenge(challenge) {
		return "", fmt.Errorf("%w: secret, person or challenge cannot be used", ErrHop)
	}
	body, err := json.Marshal(hopClaims{
		Person: person, Challenge: challenge,
		Issued: now.Unix(), At: at.Unix(), Expires: now.Add(hopLife).Unix(),
	})
	if err != nil {
		return "", fmt.Errorf("hop token: %w", err)
	}
	b := base64.RawURLEncoding.EncodeToString(body)
	return b + "." + hopMAC(secret, b), nil
}

// OpenHop returns the person of a token that this secret made for this
// challenge and that is good now, and when the person signed in at the ENT.
// Every other token is ErrHop, and the error repeats nothing of it.
func OpenHop(secret []byte, token, challenge string, now time.Time) (string, time.Time, error) {
	refuse := func(why string) (string, time.Time, error) {
		return "", time.Time{}, fmt.Errorf("%w: %s", ErrHop, why)
	}
	b, mac, found := strings.Cut(token, ".")
	if len(secret) < minSecret || len(token) > maxHopToken || !found || !hmac.Equal([]byte(mac), []byte(hopMAC(secret, b))) {
		return refuse("the token was not made with this secret")
	}
	body, err := base64.RawURLEncoding.Strict().DecodeString(b)
	if err != nil {
		return refuse("the token is malformed")
	}
	var c hopClaims
	if err := json.Unmarshal(body, &c); err != nil {
		return refuse("the token is malformed")
	}
	if !goodChallenge(challenge) || !sameText(c.Challenge, challenge) {
		return refuse("the token answers another challenge")
	}
	if c.Person == "" || c.At > c.Issued || c.Expires <= c.Issued || c.Expires-c.Issued > int64(hopLife/time.Second) {
		return refuse("the token is malformed")
	}
	if now.Unix() >= c.Expires || now.Add(hopSkew).Unix() < c.Issued {
		return refuse("the token is not good at this time")
	}
	return c.Person, time.Unix(c.At, 0), nil
}

func hopMAC(secret []byte, body string) string {
	m := hmac.New(sha256.New, secret)
	m.Write([]byte(hopDomain + body))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}
