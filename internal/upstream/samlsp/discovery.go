package samlsp

import (
	"net/http"
	"net/url"
)

const discoveryPath = "/discovery"

// discovered is where a discovery service sends a browser whose person said there which provider is theirs (SAML Identity
// Provider Discovery 2.4.1). What it says is a wish that anybody may write: it opens a sign-in of ours and proves nothing.
// Our provider leads to this source; another one, several, or none (2.4.3) leads to our own question.
func (c *Connector) discovered(w http.ResponseWriter, r *http.Request) error {
	to := c.home
	them, err := c.theirs.current()
	if said := r.URL.Query()["entityID"]; err == nil && len(said) == 1 && said[0] == them.EntityID {
		to += "&" + url.Values{"source": {c.id}}.Encode()
	}
	return c.kit.Redirect(w, r, to, http.StatusSeeOther)
}
