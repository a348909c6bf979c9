package demo

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"time"
)

const (
	pendingTime = 30 * time.Minute
	sessionTime = 8 * time.Hour
	manyVisits  = 2000
)

// pending is a sign-in that a site asked for and that was not answered yet.
type pending struct {
	browser   string // the browser that asked
	requestID string // SAML: the id of the AuthnRequest
	nonce     string // OpenID Connect
	verifier  string // OpenID Connect: the PKCE code verifier
}

// outcome is how a sign-in ended: exactly one of the two is set.
type outcome struct {
	received *received
	refusal  *refusal
}

// visits is what one site remembers about its visitors.
type visits struct {
	jar      cookies
	pending  *shelf[pending] // by RelayState or state
	arrivals *shelf[outcome] // by browser, between a cross-site POST and our own GET
	sessions *shelf[outcome] // by session id
}

func newVisits(cfg Config) *visits {
	return &visits{
		jar:      cookies{secure: cfg.Scheme == "https"},
		pending:  newShelf[pending](cfg.Now, pendingTime, manyVisits),
		arrivals: newShelf[outcome](cfg.Now, time.Minute, manyVisits),
		sessions: newShelf[outcome](cfg.Now, sessionTime, manyVisits),
	}
}

// begin marks the browser and remembers the request under a fresh key, which
// travels as RelayState or state.
func (v *visits) begin(w http.ResponseWriter, r *http.Request, p pending) string {
	p.browser = v.jar.read(r, browserCookie)
	if p.browser == "" {
		p.browser = rand.Text()
		v.jar.write(w, browserCookie, p.browser)
	}
	key := rand.Text()
	v.pending.put(key, p)
	return key
}

// claim gives back the request that an answer belongs to, once, and only to
// the browser that made it.
func (v *visits) claim(r *http.Request, key string) (pending, bool) {
	p, ok := v.pending.take(key)
	if !ok || !sameText(p.browser, v.jar.read(r, browserCookie)) {
		return pending{}, false
	}
	return p, true
}

// end opens a session that holds the outcome. The id is new, and an earlier
// session of the browser is over, even when this sign-in was refused.
func (v *visits) end(w http.ResponseWriter, r *http.Request, o outcome) {
	v.sessions.drop(v.jar.read(r, sessionCookie))
	id := rand.Text()
	v.sessions.put(id, o)
	v.jar.write(w, sessionCookie, id)
}

func (v *visits) current(r *http.Request) (outcome, bool) {
	return v.sessions.get(v.jar.read(r, sessionCookie))
}

// leave ends the session at this site and nowhere else.
func (v *visits) leave(w http.ResponseWriter, r *http.Request) {
	v.sessions.drop(v.jar.read(r, sessionCookie))
	v.jar.clear(w, sessionCookie)
}

func sameText(a, b string) bool {
	return a != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

const (
	browserCookie = "attente"
	sessionCookie = "session"
)

// cookies writes host-only cookies. They are Lax: no page of the sites needs
// them on a cross-site POST (saml_answer.go says how the assertion arrives).
type cookies struct{ secure bool }

func (c cookies) name(short string) string {
	if c.secure {
		return "__Host-demo_" + short
	}
	return "demo_" + short
}

func (c cookies) read(r *http.Request, short string) string {
	found, err := r.Cookie(c.name(short))
	if err != nil {
		return ""
	}
	return found.Value
}

func (c cookies) write(w http.ResponseWriter, short, value string) {
	http.SetCookie(w, &http.Cookie{
		Name: c.name(short), Value: value, Path: "/",
		HttpOnly: true, Secure: c.secure, SameSite: http.SameSiteLaxMode,
	})
}

func (c cookies) clear(w http.ResponseWriter, short string) {
	http.SetCookie(w, &http.Cookie{
		Name: c.name(short), Path: "/", MaxAge: -1,
		HttpOnly: true, Secure: c.secure, SameSite: http.SameSiteLaxMode,
	})
}
