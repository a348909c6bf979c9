package browsertest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
)

const noAnswer = "Le navigateur n'a pas donné de réponse"

// plugIn gives a tab a key that Chromium takes for one of flesh and blood: whoever holds it touches it at once.
func plugIn(b *tab) webauthn.AuthenticatorID {
	b.Helper()
	must(b, webauthn.Enable, webauthn.EnableParams{})
	return must(b, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportUsb,
		HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}}).AuthenticatorID
}

// pressKeyed presses the button of the form that wants a key.
func (b *tab) pressKeyed() {
	b.Helper()
	b.pressOn("the key's button", `document.querySelectorAll("form[data-key] button")`)
}

// informed goes on from the page that says what the desk learns, to the desk.
func (b *tab) informed(h *house) {
	b.Helper()
	b.wait("the information page", func(where) bool {
		found, err := tryEvaluate[bool](b, `!!document.querySelector("[value=informed]")`)
		return err == nil && found
	})
	b.pressOn("informed", `document.querySelectorAll("[value=informed]")`)
	b.wait("the desk", func(at where) bool { return at.URL == h.at(h.gateway, "/bureau/") })
}

// addsKey adds a key of that name, as a first means.
func addsKey(b *tab, h *house, name string) {
	b.Helper()
	b.open(h.at(h.gateway, "/bureau/facteurs"))
	b.press("Ajouter une clé")
	b.hides(b.arrive(h.gateway, "Ajouter une clé"), noAnswer)
	evaluate[string](b, fmt.Sprintf(`document.querySelector("#nom").value = %q`, name))
	b.pressKeyed()
	b.shows(b.arrive(h.gateway, "Mes moyens"), name, "Clé de sécurité ou appareil")
}

// wantsCode asks for an act that wants a key: one more means.
func wantsCode(b *tab, h *house) {
	b.Helper()
	b.open(h.at(h.gateway, "/bureau/facteurs"))
	b.press("Ajouter un code")
	at := b.arrive(h.gateway, "Confirmer que c'est bien vous")
	b.shows(at, "Confirmer avec une clé", "Ajouter un moyen de confirmation")
	b.hides(at, noAnswer) // what went wrong is not said before anything did
}

// confirmsByKey enrols a key of the device by the real pages and confirms acts with it, then tries what is not that key.
func confirmsByKey(t *testing.T, h *house) {
	b := h.tab(t)
	key := plugIn(b)
	b.open(h.at(h.gateway, "/bureau/entrer"))
	b.arrive(h.gateway, "Qui se connecte")
	b.press("Paul Roy")
	b.informed(h)
	addsKey(b, h, "Clé rouge")

	wantsCode(b, h)
	b.pressKeyed()
	b.arrive(h.gateway, "Ajouter un code à six chiffres")
	wantsCode(b, h) // what was shown counted once
	b.pressKeyed()
	b.arrive(h.gateway, "Ajouter un code à six chiffres")

	yes, no := true, false
	wantsCode(b, h)
	must(b, webauthn.SetResponseOverrideBits, webauthn.SetResponseOverrideBitsParams{AuthenticatorID: key, IsBogusSignature: &yes})
	b.pressKeyed()
	b.wait("the refusal of a signature that is none", refusedKey)
	must(b, webauthn.SetResponseOverrideBits, webauthn.SetResponseOverrideBitsParams{AuthenticatorID: key, IsBogusSignature: &no})
	b.pressKeyed() // the page that refused asks anew
	b.arrive(h.gateway, "Ajouter un code à six chiffres")

	held := must(b, webauthn.GetCredentials, webauthn.GetCredentialsParams{AuthenticatorID: key}).Credentials
	if len(held) != 1 {
		t.Fatalf("the key holds %d secrets", len(held))
	}
	once := float64(1)
	must(b, webauthn.SetCredentialProperties, webauthn.SetCredentialPropertiesParams{
		AuthenticatorID: key, CredentialID: held[0].CredentialID, SignCount: &once,
	})
	wantsCode(b, h)
	b.pressKeyed()
	b.wait("the refusal of a copy, whose count goes back", refusedKey)

	must(b, webauthn.RemoveVirtualAuthenticator, webauthn.RemoveVirtualAuthenticatorParams{AuthenticatorID: key})
	plugIn(b) // somebody else's
	b.pressKeyed()
	b.wait("that the browser has no answer", func(at where) bool { return strings.Contains(at.Text, noAnswer) })
	must(b, webauthn.Disable, cdp.Empty{})
}

// refusedKey waits for the page that says that it was not the right one.
func refusedKey(at where) bool { return strings.Contains(at.Text, "Ce n'est pas le bon") }
