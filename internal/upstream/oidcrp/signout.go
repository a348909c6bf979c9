package oidcrp

import (
	"context"
	"net/http"
	"net/url"

	"ecluse/internal/person"
)

// SignOut implements upstream.Connector: the source's own sign-out page (OpenID Connect RP-Initiated Logout 1.0), where the
// source announces one and the settings do not say none.
//
// No id_token_hint goes with it. It would have to be kept for as long as the session: a statement about the person, names and
// numbers included, signed by somebody else and good as evidence for years, beside a session that is sealed and ends within
// hours. Without it the source asks the person before it ends anything, as section 2 has it, which is what
// somebody on a shared device should be asked. A source that insists on a hint has end_session: none.
func (c *Connector) SignOut(ctx context.Context, _ person.Authn) (string, error) {
	if c.settings.EndSession == endNone {
		return "", nil
	}
	m, err := c.provider.about.current(ctx)
	if err != nil {
		return "", c.provider.unknown(err)
	}
	if m.EndSession == "" {
		return "", nil
	}
	u, err := url.Parse(m.EndSession)
	if err != nil {
		return "", away(errEndpoint.Error())
	}
	q := u.Query()
	q.Set("client_id", c.settings.ClientID)
	q.Set("post_logout_redirect_uri", c.kit.URL(c.prefix+signedOutPath))
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// back takes whoever comes back from there to our own page. Nothing is believed of how it went.
func (c *Connector) back(w http.ResponseWriter, r *http.Request) error {
	return c.kit.Redirect(w, r, c.after, http.StatusSeeOther)
}
