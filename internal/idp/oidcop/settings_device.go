package oidcop

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// DeviceSettings is the part of Settings for screens without a keyboard (RFC 8628). No client has a device unless its
// settings say so.
type DeviceSettings struct {
	Device *Device `json:"device,omitempty"`
}

// Device is a kind of screen that may ask for tokens of somebody who types its code elsewhere.
type Device struct {
	// Screen is what the page calls it that asks whether it may: "le tableau de la classe".
	Screen registry.Text `json:"screen"`
	// For says before whom it mostly stands, which chooses the words of our pages: "enfant", "ado" or "adulte" (default).
	For web.Audience `json:"for,omitempty"`
}

// maxScreen bounds a name on a page, in characters.
const maxScreen = 60

// device checks DeviceSettings.
func (c *checker) device(s Settings) {
	if s.Device == nil {
		return
	}
	if strings.TrimSpace(s.Device.Screen.FR) == "" {
		c.say("settings.device.screen.fr", "nobody could say which screen is meant", "its name, such as « le tableau de la classe »")
	}
	for _, name := range []struct{ lang, text string }{{"fr", s.Device.Screen.FR}, {"en", s.Device.Screen.EN}} {
		if utf8.RuneCountInString(name.text) > maxScreen || strings.ContainsFunc(name.text, unicode.IsControl) {
			c.say("settings.device.screen."+name.lang, "it does not fit on the page", "at most 60 characters on one line")
		}
	}
	if !known(s.Device.For) {
		c.say("settings.device.for", "nobody is called so here", "enfant, ado or adulte")
	}
	if s.strict() {
		c.say("settings.device", "the profile fapi2 allows the code alone (FAPI 2.0 5.3.2.2)", "remove it, or the profile")
	}
}

// known tells the audiences, the empty one included.
func known(a web.Audience) bool {
	return a == "" || a == web.Child || a == web.Teen || a == web.Adult
}
