package typed

import (
	"crypto/rand"
	"net/http"
	"time"

	"ecluse/internal/upstream"
	"ecluse/internal/web"
)

// deviceCookie calls a browser by a random word, so that an account knows where its password was right before. It says
// nothing of anybody, and nothing but the limits on guesses looks at it.
func deviceCookie() web.Cookie {
	return web.Cookie{Name: "appareil", MaxAge: upstream.FamiliarDays * 24 * time.Hour}
}

// Needed lists the cookies by which nobody is kept out of their account by others.
func Needed() []web.Cookie { return []web.Cookie{deviceCookie()} }

// device is what the browser is called; empty for one that was given no name, or shows one that is none of ours.
func (p *Pages) device(r *http.Request) string {
	name, ok := p.Kit.Cookies().Read(r, deviceCookie())
	if !ok || len(name) != len(rand.Text()) {
		return ""
	}
	return name
}

// nameDevice gives the browser its name, or lets it keep the one that it has for longer.
func (p *Pages) nameDevice(w http.ResponseWriter, name string) {
	if name == "" {
		name = rand.Text()
	}
	p.Kit.Cookies().Set(w, deviceCookie(), name)
}
