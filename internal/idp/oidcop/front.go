package oidcop

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"ecluse/internal/registry"
)

// FrontSettings is the part of Settings that is about the browser: how the service may ask, and how its sessions end.
type FrontSettings struct {
	ProfileSettings

	PAR              string        `json:"par,omitempty"`                        // "optional" (default), or "required": requests are pushed (RFC 9126)
	RequestObjectAlg string        `json:"request_object_signing_alg,omitempty"` // request objects are signed with this alone; with any of the supported ones when empty
	FrontChannel     *FrontChannel `json:"front_channel,omitempty"`

	RequestObjects []RequestObject `json:"request_objects,omitempty"` // requests registered beforehand, named by request_uri

	// The addresses of the end of a session, held to the rules of redirect_uris. PostLogoutRedirectURIs are compared byte
	// for byte. A sign-out names the session (sid) always, whether the service requires it or not.
	PostLogoutRedirectURIs      []string `json:"post_logout_redirect_uris,omitempty"`
	BackchannelLogoutURI        string   `json:"backchannel_logout_uri,omitempty"`
	BackchannelSessionRequired  bool     `json:"backchannel_logout_session_required,omitempty"`
	FrontchannelLogoutURI       string   `json:"frontchannel_logout_uri,omitempty"`
	FrontchannelSessionRequired bool     `json:"frontchannel_logout_session_required,omitempty"`
}

// FrontChannel is the exception of a service that cannot do without an id token in the browser (OpenID Connect Core 3.2,
// 3.3). It is written with its reason and ends by itself; the code flow stays open to the service.
type FrontChannel struct {
	ResponseTypes []string      `json:"response_types"` // "code id_token", "id_token"
	Reason        string        `json:"reason"`
	Until         registry.Date `json:"until"` // the last day
}

const (
	parOptional = "optional"
	parRequired = "required"
	typeCode    = "code"
	typeHybrid  = "code id_token"
	typeToken   = "id_token"
)

// pushes tells whether requests have to be pushed.
func (s FrontSettings) pushes() bool { return s.PAR == parRequired }

// may tells whether the client may ask for a response type now. An exception holds to the end of its last day.
func (s FrontSettings) may(responseType string, now time.Time, zone *time.Location) bool {
	f := s.FrontChannel
	return responseType == typeCode ||
		f != nil && slices.Contains(f.ResponseTypes, responseType) && now.Before(f.Until.Ends(zone))
}

// front checks FrontSettings.
func (c *checker) front(s Settings) {
	if s.PAR != "" {
		c.oneOf("settings.par", s.PAR, parOptional, parRequired)
	}
	if s.RequestObjectAlg != "" {
		c.oneOf("settings.request_object_signing_alg", s.RequestObjectAlg, requestAlgs()...)
	}
	c.exception(s.FrontChannel)
	c.addresses("post_logout_redirect_uris", s.PostLogoutRedirectURIs)
	c.ending("backchannel_logout_uri", s.BackchannelLogoutURI, s.BackchannelSessionRequired)
	c.ending("frontchannel_logout_uri", s.FrontchannelLogoutURI, s.FrontchannelSessionRequired)
	c.framed(s)
}

// exception: what is open longer than it is needed, or for nobody knows what, is refused.
func (c *checker) exception(f *FrontChannel) {
	if f == nil {
		return
	}
	const where = "settings.front_channel."
	if len(f.ResponseTypes) == 0 {
		c.say(where+"response_types", "the exception is for nothing", typeHybrid+" or "+typeToken)
	}
	for i, t := range f.ResponseTypes {
		at := fmt.Sprintf(where+"response_types[%d]", i)
		if slices.Contains(strings.Fields(t), "token") {
			c.say(at, "access tokens never go through the browser (RFC 9700 2.1.2)", typeCode)
			continue
		}
		c.oneOf(at, t, typeHybrid, typeToken)
	}
	if strings.TrimSpace(f.Reason) == "" {
		c.say(where+"reason", "an exception needs its reason", "why the service cannot use the code flow")
	}
	if f.Until.IsZero() {
		c.say(where+"until", "an exception needs an end", "the last day, as 2027-08-31")
	}
}

// ending checks where the end of a session is told.
func (c *checker) ending(key, address string, required bool) {
	if address == "" {
		if required {
			c.say("settings."+key, "the session is required where nothing is told", "the address, or remove the requirement")
		}
		return
	}
	if what := c.address(address); what != "" {
		c.say("settings."+key, what, "an https address, complete, without fragment and user name")
	}
}

// framed holds an address that browsers load to where the service already is (Front-Channel Logout 1.0 2).
func (c *checker) framed(s Settings) {
	at := origin(s.FrontchannelLogoutURI)
	if at != "" && !slices.ContainsFunc(s.RedirectURIs, func(known string) bool { return origin(known) == at }) {
		c.say("settings.frontchannel_logout_uri", "it is at another place than every return address", "the same scheme, host and port as one of redirect_uris")
	}
}

// origin is scheme, host and port of an address, or nothing.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
