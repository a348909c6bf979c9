package oidcop

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ecluse/internal/idp"
)

// session is what ending a service's session will need. It is also what is told again later when the service did not
// answer, sealed.
type session struct {
	ClientID string `json:"client_id"`
	Session  string `json:"sid"`
	Subject  string `json:"sub"`
}

// String shows which client and nothing of the person.
func (s session) String() string { return "[oidc session at " + s.ClientID + "]" }

// GoString shows what String shows.
func (s session) GoString() string { return s.String() }

// LogValue shows what String shows.
func (s session) LogValue() slog.Value { return slog.StringValue(s.String()) }

func sessionName(sid string) string { return "sid:" + sid }

func participant(service string, s session) (idp.Participant, error) {
	state, err := json.Marshal(s)
	return idp.Participant{
		Protocol: Name, ServiceID: service, State: state, Names: []string{sessionName(s.Session), "sub:" + s.Subject},
	}, err
}

// Bounds of a sign-out that is told. Somebody waits for the page that tells what became of it.
const (
	logoutPatience  = 3 * time.Second
	logoutTokenLife = 2 * time.Minute // Back-Channel Logout 2.4
	logoutEvent     = "http://schemas.openid.net/event/backchannel-logout"
)

// SignOut ends a service's session: by a logout token that is posted to it (Back-Channel Logout 1.0), or by an address
// that the browser loads (Front-Channel Logout 1.0). What a service did not take is told again from the queue.
func (p *Provider) SignOut(ctx context.Context, who idp.Participant, _ string) (idp.SignOutStep, error) {
	unsupported := idp.SignOutStep{Outcome: idp.Unsupported}
	var s session
	if err := json.Unmarshal(who.State, &s); err != nil {
		return unsupported, errors.New("sign-out: the session cannot be read")
	}
	if p.gateway == nil {
		return unsupported, nil
	}
	snapshot, err := p.gateway.Registry()
	if err != nil {
		return unsupported, err
	}
	c, err := p.client(snapshot, s.ClientID)
	switch {
	case err != nil || c.service.ID != who.ServiceID:
		return unsupported, nil
	case c.settings.BackchannelLogoutURI != "" && p.cfg.Client != nil:
		if p.tell(ctx, c, s) == nil {
			return idp.SignOutStep{Outcome: idp.Done}, nil
		}
		return p.enqueue(ctx, c, s)
	case c.settings.FrontchannelLogoutURI != "":
		at := withQuery(c.settings.FrontchannelLogoutURI, []idp.Field{{Name: "iss", Value: p.cfg.Issuer}, {Name: "sid", Value: s.Session}})
		return idp.SignOutStep{Outcome: idp.Framed, Browser: idp.Handoff{Location: at}}, nil
	}
	return unsupported, nil
}

// tell posts a logout token once (Back-Channel Logout 2.5). The service took it when it answers 200, or 204 as some do
// (2.8).
func (p *Provider) tell(ctx context.Context, c *client, s session) error {
	token, err := p.logoutToken(c, s)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, logoutPatience)
	defer cancel()
	body := url.Values{"logout_token": {token}}.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.settings.BackchannelLogoutURI, strings.NewReader(body))
	if err != nil {
		return fmt.Errorf("sign-out at client %s: the address cannot be asked", c.GetID())
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := p.cfg.Client.Do(r)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // without the address
		}
		return fmt.Errorf("sign-out at client %s: %w", c.GetID(), err)
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusNoContent {
		return fmt.Errorf("sign-out at client %s: it answered with status %d", c.GetID(), resp.StatusCode)
	}
	return nil
}

// logoutToken says which session is over and whose (Back-Channel Logout 2.4). The session is named always, so that the
// person's other sessions at the service go on. There is no nonce, so that it is no id token to anybody.
func (p *Provider) logoutToken(c *client, s session) (string, error) {
	now := p.cfg.Now()
	payload, err := json.Marshal(map[string]any{
		"iss": p.cfg.Issuer, "aud": c.GetID(), "iat": now.Unix(), "exp": now.Add(logoutTokenLife).Unix(), "jti": rand.Text(),
		"sub": s.Subject, "sid": s.Session, "events": map[string]any{logoutEvent: struct{}{}},
	})
	if err != nil {
		return "", fmt.Errorf("logout token: %w", err)
	}
	return p.signer.signAs(typeLogout, c.settings.signingUse(), payload)
}
