package samlidp

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"ecluse/internal/idp"
	"ecluse/internal/registry"
	"ecluse/internal/saml"
	"ecluse/internal/web"
)

// The parameters of a sign-in that begins here, by the names that services know from other providers: who (providerId),
// where to afterwards (target, which becomes the RelayState), by which return address (shire), and when it was asked for
// (time, in seconds). service is our own word for who.
const (
	paramProvider = "providerId"
	paramService  = "service"
	paramTarget   = "target"
	paramShire    = "shire"
	paramTime     = "time"
)

// unsolicited begins a sign-in that no service asked for (SAML Profiles 4.1.5). Anybody may send a browser here, so that
// nothing of the address is followed: the service must allow it, and its return address and target are of its own lists.
// Nobody is told of a refusal but the person.
func (e *endpoints) unsolicited(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet {
		return badMessage(errors.New("a request by HEAD starts nothing"))
	}
	wish, err := readWish(r.URL.RawQuery)
	if err != nil {
		return badMessage(err)
	}
	if !wish.at.IsZero() {
		if err := e.inTime(wish.at); err != nil {
			return tooOld(fmt.Errorf("unsolicited sign-in: %w", err))
		}
	}
	m, err := e.wished(wish)
	if err != nil {
		return err
	}
	target, listed := m.party.targeted(wish.target)
	if m.acs, err = m.party.returnAddress(saml.AuthnRequest{ACSURL: wish.acs, ACSIndex: -1}); err != nil || !listed {
		name := m.service.Name.In(string(e.cfg.Kit.Lang(r)))
		return wrongAddress(name, fmt.Errorf("unsolicited sign-in at %s: %w", m.binding.Handle, idp.Told("target, shire: not among those that the service has registered")))
	}
	a := asked{ACS: m.acs.Location, Artifact: m.party.artifactFor(m.acs), Relay: target, Unsolicited: true}
	state, err := a.state(m.binding.Handle)
	if err != nil {
		return err
	}
	return e.gateway.Start(w, r, idp.Request{Protocol: Name, ServiceID: m.service.ID, Handle: m.binding.Handle, State: state})
}

// wish is what the address asks for.
type wish struct {
	entityID, service, target, acs string

	at time.Time
}

// readWish reads each parameter once. What is not known is not looked at.
func readWish(rawQuery string) (w wish, err error) {
	if len(rawQuery) > maxWish {
		return w, errors.New("the query is too long")
	}
	q, err := url.ParseQuery(rawQuery)
	if err != nil {
		return w, errors.New("malformed query")
	}
	for name, into := range map[string]*string{paramProvider: &w.entityID, paramService: &w.service, paramTarget: &w.target, paramShire: &w.acs} {
		if len(q[name]) > 1 {
			return w, idp.Told(name + ": it stands more than once")
		}
		*into = q.Get(name)
	}
	if (w.entityID == "") == (w.service == "") {
		return w, idp.Told("providerId, service: one of them must say which service")
	}
	if q.Has(paramTime) {
		seconds, err := strconv.ParseInt(q.Get(paramTime), 10, 64)
		if err != nil || len(q[paramTime]) > 1 {
			return w, idp.Told("time: it is not one number of seconds")
		}
		w.at = time.Unix(seconds, 0)
	}
	return w, nil
}

const maxWish = 8 << 10

// wished finds the service, if it allows this at all.
func (e *endpoints) wished(w wish) (*message, error) {
	snapshot, err := e.gateway.Registry()
	if err != nil {
		return nil, web.Unavailable(err)
	}
	m, found := &message{snapshot: snapshot}, false
	if w.service != "" {
		m.service, m.binding, found = ownBinding(snapshot, w.service)
	} else {
		m.service, m.binding, found = snapshot.Binding(Name, w.entityID)
	}
	if !found {
		return nil, unknownService(idp.Told("providerId, service: no service is registered under it, or not with one SAML binding"))
	}
	if m.party, err = e.party(m.binding); err != nil {
		return nil, e.unusable(m.service, m.binding, err)
	}
	if !m.party.Unsolicited {
		return nil, unknownService(fmt.Errorf("service %s: %w", m.binding.Handle, idp.Told("unsolicited: the settings of the service allow no sign-in that begins here")))
	}
	return m, nil
}

// ownBinding finds a service by our own id for it. One with several SAML bindings is not chosen for.
func ownBinding(snapshot *registry.Snapshot, id string) (registry.Service, registry.Binding, bool) {
	service, found := snapshot.Service(id)
	var ours []registry.Binding
	for _, b := range service.Bindings {
		if b.Protocol == Name {
			ours = append(ours, b)
		}
	}
	if !found || len(ours) != 1 {
		return registry.Service{}, registry.Binding{}, false
	}
	return snapshot.Binding(Name, ours[0].Handle)
}

// targeted gives the RelayState for a target: one of the list, letter for letter, or what is declared for none.
func (s *party) targeted(target string) (relay string, ok bool) {
	if target == "" {
		return s.Target, true
	}
	return target, slices.Contains(s.Targets, target)
}

// maxTarget is what is echoed of a RelayState anywhere here, though SAML Bindings 3.4.3 has 80 bytes.
const maxTarget = 1 << 10

func (c *checker) unsolicited(s Settings) {
	if !s.Unsolicited && (len(s.Targets) > 0 || s.Target != "") {
		c.say("settings.unsolicited", "targets are declared, and no sign-in begins here", "true, or no targets")
	}
	for i, target := range s.Targets {
		if why := badTarget(target); why != "" {
			c.say(fmt.Sprintf("settings.targets[%d]", i), why, "an address or a word of the service's, at most 1 kB")
		}
	}
	if s.Target != "" && badTarget(s.Target) != "" {
		c.say("settings.target", badTarget(s.Target), "an address or a word of the service's, at most 1 kB")
	}
}

// badTarget says what is wrong with a RelayState, or nothing. What it means is the service's to know; one that runs in a
// browser means no good.
func badTarget(target string) string {
	u, err := url.Parse(target)
	switch {
	case target == "" || len(target) > maxTarget:
		return "it is empty, or longer than 1 kB"
	case !utf8.ValidString(target) || strings.ContainsFunc(target, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "it has a character that cannot be sent"
	case err == nil && u.Scheme != "" && u.Scheme != "https" && u.Scheme != "http" && u.Scheme != "urn":
		return "it is an address of another kind than https"
	}
	return ""
}
