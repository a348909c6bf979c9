package oidcop

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/ory/fosite"

	"ecluse/internal/store"
	"ecluse/internal/web"
)

// A screen that nobody can type on, or that stands before a whole class, asks by the device authorization grant (RFC 8628):
// it shows a short code, somebody types that code into our page on a device of their own, and the screen asks every few
// seconds whether they have. It is for services whose settings have a device, which names the screen to whoever is asked.
const (
	devicePath = "/oidc/device"

	deviceLife    = 10 * time.Minute // for somebody to walk to the screen, read it and sign in
	devicePause   = 5 * time.Second  // between two questions of a screen (RFC 8628 3.2)
	deviceHurried = 4 * time.Second  // what is asked again within it was asked too soon; clocks and lines are not exact

	// One place starts so many at most, as each code that waits is one more that a guess may meet.
	mostDevices  = 5000
	devicesReset = 10 * time.Minute
)

// What is stored: one record per screen that waits, under the signature of its device code; which one a user code is for,
// under a hash of it that nobody can make without our keys; and three counters.
const (
	kindDevice   store.Kind = "oidc-device"
	kindUserCode store.Kind = "oidc-user-code"
	kindScreens  store.Kind = "oidc-device-asked"
	kindPolled   store.Kind = "oidc-device-polled"
)

// The states of a screen that waits.
const (
	deviceWaits   = ""
	deviceAllowed = "allowed"
	deviceDenied  = "denied"
	deviceUsed    = "used"
)

// screen is the record of one that waits. Its grant is complete once somebody has allowed it.
type screen struct {
	State string `json:"state,omitempty"`
	Grant grant  `json:"grant"`
}

// device takes the wish of a screen (RFC 8628 3.1).
func (e *endpoints) device(w http.ResponseWriter, r *http.Request) error {
	answer, err := e.waiting(w, r)
	if err != nil {
		return e.sayNo(w, r, err)
	}
	return writeJSON(w, http.StatusOK, answer)
}

func (e *endpoints) waiting(w http.ResponseWriter, r *http.Request) (map[string]any, error) {
	form, err := readParameters(r)
	if err != nil {
		return nil, &answerError{http.StatusBadRequest, "invalid_request", "the form cannot be read"}
	}
	if name := form.spoilt(append(credentialNames(), "scope")...); name != "" {
		return nil, &answerError{http.StatusBadRequest, "invalid_request", "the parameter " + name + " stands more than once"}
	}
	snapshot, err := e.gateway.Registry()
	if err != nil {
		return nil, err
	}
	c, err := e.authenticate(snapshot, r, form)
	if err != nil {
		return nil, err
	}
	allowScripts(w, r, c)
	if c.settings.Device == nil {
		return nil, &answerError{http.StatusBadRequest, "unauthorized_client", "the client is not registered with a device"}
	}
	n, err := e.cfg.Tickets.Increment(r.Context(), kindScreens, c.GetID()+" "+web.Network(web.ClientAddr(r)), devicesReset)
	if err != nil {
		return nil, fmt.Errorf("count of screens: %w", err)
	}
	if n > mostDevices {
		return nil, &answerError{http.StatusTooManyRequests, "temporarily_unavailable", "too many screens ask from there"}
	}
	scopes, no := c.understood(form.list("scope"))
	if no != nil {
		return nil, &answerError{http.StatusBadRequest, no.code, no.description}
	}
	return e.keepScreen(r.Context(), c, scopes)
}

// keepScreen makes both codes and their records. A user code that is in use, which is rare, is drawn anew.
func (e *endpoints) keepScreen(ctx context.Context, c *client, scopes []string) (map[string]any, error) {
	code, signature := e.devices.generate()
	s := screen{Grant: grant{Service: c.service.ID, Client: c.GetID(), Scopes: scopes, InUserinfo: e.wordsOf(scopes)}}
	end := e.cfg.Now().Add(deviceLife)
	op, err := s.op(store.Create, signature, end)
	if err != nil {
		return nil, err
	}
	for range 4 {
		shown := newUserCode()
		pointer := store.Ticket{Kind: kindUserCode, Name: e.userCodeName(shown), Value: []byte(signature), Expires: end}
		err = e.cfg.Tickets.Write(ctx, op, store.Op{Do: store.Create, Ticket: pointer})
		if errors.Is(err, store.ErrExists) {
			continue
		}
		return map[string]any{
			"device_code": code, "user_code": shown, "verification_uri": e.cfg.Issuer + screenPath,
			"expires_in": int64(deviceLife / time.Second), "interval": int64(devicePause / time.Second),
		}, err
	}
	return nil, fmt.Errorf("user code: %w", err)
}

// op writes the record.
func (s screen) op(do store.Verb, signature string, end time.Time) (store.Op, error) {
	value, err := json.Marshal(s)
	return store.Op{Do: do, Ticket: store.Ticket{Kind: kindDevice, Name: signature, Value: value, Expires: end}}, err
}

// screen reads a record. fosite.ErrNotFound when there is none, or no longer.
func (s grants) screen(ctx context.Context, signature string) (screen, store.Ticket, error) {
	ticket, err := s.tickets.Get(ctx, kindDevice, signature)
	if errors.Is(err, store.ErrNotFound) {
		return screen{}, store.Ticket{}, fosite.ErrNotFound
	}
	var found screen
	if err == nil {
		err = json.Unmarshal(ticket.Value, &found)
	}
	if err != nil {
		return screen{}, store.Ticket{}, fmt.Errorf("%s: %w", kindDevice, err)
	}
	return found, ticket, nil
}

// become is the change of a record to another state.
func (s screen) become(state string, ticket store.Ticket) (store.Op, error) {
	s.State = state
	op, err := s.op(store.Replace, ticket.Name, ticket.Expires)
	op.Ticket.Version = ticket.Version
	return op, err
}

// deny tells the screen no, unless it was told something before.
func (s grants) deny(ctx context.Context, signature string) error {
	found, ticket, err := s.screen(ctx, signature)
	if errors.Is(err, fosite.ErrNotFound) || (err == nil && found.State != deviceWaits) {
		return nil
	}
	if err != nil {
		return err
	}
	op, err := found.become(deviceDenied, ticket)
	if err == nil {
		err = s.tickets.Write(ctx, op)
	}
	if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// allow is what has to be written for the screen to get its tokens. It is refused when the screen waits no longer.
func (x *exchange) allow(ctx context.Context, a asked) error {
	found, ticket, err := x.grants.screen(ctx, a.Device)
	if errors.Is(err, fosite.ErrNotFound) || (err == nil && (found.State != deviceWaits || found.Grant.Client != x.grant.Client || found.Grant.Service != x.grant.Service)) {
		return errScreen()
	}
	if err != nil {
		return err
	}
	ready := x.grant
	ready.ID, ready.Scopes, ready.InUserinfo = ticket.Name, found.Grant.Scopes, found.Grant.InUserinfo
	op, err := screen{Grant: ready}.become(deviceAllowed, ticket)
	x.before = []store.Op{op}
	return err
}

// userCodeName is the name under which a user code is kept: it is short, so that its plain hash could be turned back.
func (p *Provider) userCodeName(shown string) string {
	return base64.RawURLEncoding.EncodeToString(p.cfg.Keys.Derive("oidc user codes", strings.ReplaceAll(shown, "-", ""))[:32])
}
