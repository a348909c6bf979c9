package casserver

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ecluse/internal/idp"
)

// logoutPatience is how long a service may take to end its session: somebody waits for the page that tells.
const logoutPatience = 3 * time.Second

// session is what ends a service's session later (CAS Protocol 2.3.3). It travels as idp.Participant.State.
type session struct {
	Ticket  string `json:"ticket"`
	Service string `json:"service"`
}

func participant(request idp.Request, s session) (idp.Participant, error) {
	state, err := json.Marshal(s)
	return idp.Participant{Protocol: Name, ServiceID: request.ServiceID, State: state}, err
}

// SignOut posts a logoutRequest to the address that the ticket was for, when the service is set up to take one and the
// address is still its own. Its session is ended when it answers with a success; otherwise it is said to be open.
func (s *Server) SignOut(ctx context.Context, who idp.Participant, _ string) (idp.SignOutStep, error) {
	open := idp.SignOutStep{Outcome: idp.Unsupported}
	var at session
	if err := json.Unmarshal(who.State, &at); err != nil {
		return open, errors.New("sign-out: the session cannot be read")
	}
	if s.cfg.Client == nil || s.gateway == nil || at.Ticket == "" {
		return open, nil
	}
	p, _, err := s.registered(at.Service)
	if err != nil || p.service.ID != who.ServiceID || !p.settings.Logout {
		return open, nil
	}
	if err := s.post(ctx, at); err != nil {
		return open, fmt.Errorf("sign-out at service %s: %w", p.binding.Handle, err)
	}
	return idp.SignOutStep{Outcome: idp.Done}, nil
}

// leaving is where the browser goes after a logout. It travels as idp.Leaving.State.
type leaving struct {
	To string `json:"to"`
}

// logout ends the sign-in after our page has asked (CAS Protocol 2.3): a link proves nothing of who asks, so that whoever it
// names is told like all others. An address that is nobody's is not kept.
func (s *Server) logout(w http.ResponseWriter, r *http.Request) error {
	form, err := parameters(r, "service", "url")
	if err != nil {
		return badRequest(err)
	}
	wish := idp.Leaving{Protocol: Name}
	to := form.Get("service")
	if to == "" {
		to = form.Get("url") // CAS Protocol 1.0 called it so
	}
	if to != "" {
		if at, _, err := s.registered(to); err == nil {
			wish.Toward = at.service.ID
			if wish.State, err = json.Marshal(leaving{To: to}); err != nil {
				return fmt.Errorf("logout: %w", err)
			}
		}
	}
	return s.gateway.Leave(w, r, wish)
}

// Left leads to the address that the logout named, while it is registered (CAS Protocol 2.3.1). Nobody goes anywhere who
// stays signed in.
func (s *Server) Left(_ context.Context, wish idp.Leaving, outcome idp.Outcome) (idp.Handoff, error) {
	if len(wish.State) == 0 || outcome.Cancelled {
		return idp.Handoff{}, nil
	}
	var at leaving
	if err := json.Unmarshal(wish.State, &at); err != nil {
		return idp.Handoff{}, errors.New("logout: where to go cannot be read")
	}
	if _, _, err := s.registered(at.To); err != nil {
		return idp.Handoff{}, nil
	}
	return idp.Handoff{Location: at.To}, nil
}

func (s *Server) post(ctx context.Context, at session) error {
	message, err := s.logoutRequest(at.Ticket)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, logoutPatience)
	defer cancel()
	form := url.Values{"logoutRequest": {string(message)}}.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, at.Service, strings.NewReader(form))
	if err != nil {
		return errors.New("the address cannot be asked")
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := s.cfg.Client.Do(r)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // without the address, whose query may say something of the person
		}
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("it answered with status %d", resp.StatusCode)
	}
	return nil
}

// logoutRequest is the message of CAS Protocol appendix C: it names the ticket, and nobody.
func (s *Server) logoutRequest(ticket string) ([]byte, error) {
	type nameID struct {
		Space string `xml:"xmlns:saml,attr"`
		Text  string `xml:",chardata"`
	}
	return xml.Marshal(struct {
		XMLName xml.Name `xml:"samlp:LogoutRequest"`
		Space   string   `xml:"xmlns:samlp,attr"`
		ID      string   `xml:"ID,attr"`
		Version string   `xml:"Version,attr"`
		At      string   `xml:"IssueInstant,attr"`
		NameID  nameID   `xml:"saml:NameID"`
		Index   string   `xml:"samlp:SessionIndex"`
	}{
		Space: "urn:oasis:names:tc:SAML:2.0:protocol", ID: "LR-" + rand.Text(), Version: "2.0",
		At:     s.cfg.Now().UTC().Format(time.RFC3339),
		NameID: nameID{Space: "urn:oasis:names:tc:SAML:2.0:assertion", Text: "@NOT_USED@"}, Index: ticket,
	})
}
