package web

import (
	"net/http"
	"time"
)

// Cookie declares a cookie of ours once; where it is set, read and cleared, the same declaration is used.
type Cookie struct {
	// Name without prefix.
	Name string
	// CrossSite lets the cookie come along with a post from another site (SameSite=None). For the transaction
	// cookie alone: a SAML answer is posted to us by the identity provider's page.
	CrossSite bool
	// MaxAge is how long the browser keeps it; zero means until it is closed.
	MaxAge time.Duration
}

// Cookies writes and reads cookies: HttpOnly, for the whole host and for no other. Over TLS they are Secure and carry
// the __Host- prefix, so that no neighbouring host can plant one; on plain HTTP (loopback only) they are SameSite=Lax
// without prefix, as browsers refuse anything more.
type Cookies struct {
	// Secure says that the gateway is reached over TLS.
	Secure bool
}

// Set writes the cookie.
func (c Cookies) Set(w http.ResponseWriter, cookie Cookie, value string) {
	h := c.header(cookie, value)
	if cookie.MaxAge > 0 {
		h.MaxAge = max(1, int(cookie.MaxAge/time.Second))
	}
	http.SetCookie(w, h)
}

// Clear makes the browser forget the cookie.
func (c Cookies) Clear(w http.ResponseWriter, cookie Cookie) {
	h := c.header(cookie, "")
	h.MaxAge = -1
	http.SetCookie(w, h)
}

// Read gives the value of the cookie. Two different values under one name are no value: one of them was planted.
func (c Cookies) Read(r *http.Request, cookie Cookie) (string, bool) {
	found := r.CookiesNamed(c.Name(cookie))
	if len(found) == 0 {
		return "", false
	}
	for _, other := range found[1:] {
		if other.Value != found[0].Value {
			return "", false
		}
	}
	return found[0].Value, true
}

// Name is what browsers call the cookie.
func (c Cookies) Name(cookie Cookie) string {
	if c.Secure {
		return "__Host-" + cookie.Name
	}
	return cookie.Name
}

func (c Cookies) header(cookie Cookie, value string) *http.Cookie {
	h := &http.Cookie{
		Name: c.Name(cookie), Value: value, Path: "/", Secure: c.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	if c.Secure && cookie.CrossSite {
		h.SameSite = http.SameSiteNoneMode // browsers accept None with Secure only
	}
	return h
}
