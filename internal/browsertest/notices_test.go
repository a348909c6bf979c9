package browsertest_test

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"

	"ecluse/internal/app"
	"ecluse/internal/web/webtest"
)

// TestWhatTheGatewaySaysOfItselfInBrowser looks at the pages that are linked from the foot of every other, switches
// versions, and has a recording played.
func TestWhatTheGatewaySaysOfItselfInBrowser(t *testing.T) {
	pair := makePair(t)
	h := &house{browser: startBrowser(t, pair.keyHash), album: newAlbum(t), axe: axeSource(t), scheme: "http", gateway: "127.0.0.1"}
	dir := t.TempDir()
	folder := filepath.Join(dir, "voix")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "login.inform.enfant.fr.wav"), webtest.Sound(time.Second/2), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	a, err := app.Demo(t.Context(), app.DemoOptions{Data: dir, Listen: "127.0.0.1:0", OpsListen: "127.0.0.1:0", LogTo: &log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Stop(t.Context()) })
	if _, h.port, err = net.SplitHostPort(a.Addr().String()); err != nil {
		t.Fatal(err)
	}
	t.Run("to strangers", func(t *testing.T) { showsItself(t, h) })
	t.Run("to a child", func(t *testing.T) { speaksToAChild(t, h) })
}

func showsItself(t *testing.T, h *house) {
	b := h.tab(t)
	b.open(h.at(h.gateway, "/aide"))
	b.arrive(h.gateway, "Aide")
	b.inspect("60-help")
	for _, page := range []struct{ link, heading, says, picture string }{
		{"Confidentialité", "Ce que deviennent vos données", "Délégué à la protection des données", "61-privacy"},
		{"Accessibilité : non conforme", "Accessibilité", "Défenseur des droits", "62-accessibility"},
		{"Mentions légales", "Mentions légales", "Hébergeur", "63-legal"},
		{"Affichage", "Affichage", "Ce que garde ce navigateur", "64-display"},
	} {
		b.press(page.link)
		b.shows(b.arrive(h.gateway, page.heading), page.says)
		b.inspect(page.picture)
	}
	b.press("Version simple")
	at := b.wait("the simple version", func(at where) bool { return at.Audience == "ado" })
	b.shows(at, "Choisis ici la langue")
	b.inspect("65-display-simple")
	b.press("Effacer ces choix")
	at = b.wait("the usual version", func(at where) bool { return at.Audience == "adulte" && strings.Contains(at.URL, "oublie") })
	b.shows(at, "C'est fait.", "Aucun choix n'est gardé sur ce navigateur.")
	b.press("EN")
	b.arrive(h.gateway, "Display")
	b.press("Privacy")
	b.arrive(h.gateway, "What becomes of your data")
	b.inspect("66-privacy-english")
}

func speaksToAChild(t *testing.T, h *house) {
	b := h.tab(t)
	b.open(h.at("lire.localhost", "/connexion"))
	b.arrive(h.gateway, "Qui se connecte")
	b.press("Lina Martin")
	b.arrive(h.gateway, "Tu vas sur Lire")
	b.inspect("67-inform-child-voice")
	const listen = `(async () => {
		const audio = document.querySelector("audio");
		if (audio.readyState !== 0) return "it was loaded before anybody asked";
		const ended = new Promise((done) => audio.addEventListener("ended", () => done("")));
		try { audio.muted = true; await audio.play(); } catch (e) { return String(e); }
		return await Promise.race([ended, new Promise((done) => setTimeout(() => done("it does not end"), 10000))]);
	})()`
	yes := true
	heard := must(b, runtime.Evaluate, runtime.EvaluateParams{Expression: listen, AwaitPromise: &yes, UserGesture: &yes, ReturnByValue: &yes})
	if string(heard.Result.Value) != `""` {
		t.Errorf("the recording is not played: %s", heard.Result.Value)
	}
	b.pressOn("what is for grown-ups", `document.querySelectorAll(".footer summary")`)
	b.press("Version détaillée")
	at := b.wait("the detailed version", func(at where) bool { return at.Audience == "ado" })
	b.shows(at, "Version habituelle")
	if evaluate[bool](b, `document.querySelector("audio") !== null`) {
		t.Error("the recording for children is heard in other words")
	}
	b.inspect("68-inform-child-detailed")
	b.press("Version habituelle")
	b.wait("the usual version", func(at where) bool { return at.Audience == "enfant" })
	for _, page := range []struct{ path, heading, picture string }{
		{"/aide", "Besoin d'aide ?", "69-help-child"},
		{"/confidentialite", "Ce qu'on garde de toi", "70-privacy-child"},
		{"/affichage", "Changer la page", "71-display-child"},
	} {
		b.open(h.at(h.gateway, page.path))
		b.arrive(h.gateway, page.heading)
		b.inspect(page.picture)
	}
	b.press("Pour les grands")
	b.inspect("72-display-child-open")
	address := evaluate[string](b, `fetch("/aide").then(() => document.location.origin)`)
	b.open(h.at("lire.localhost", "/connexion"))
	b.arrive(h.gateway, "Tu vas sur Lire")
	b.press("Écouter")
	b.wait("the recording by itself", func(at where) bool { return strings.HasPrefix(at.URL, address+"/voix/login.inform.enfant.fr-") })
	const loaded = `new Promise((done) => {
		const media = document.querySelector("video, audio");
		if (media.readyState > 0) return done("");
		media.addEventListener("loadedmetadata", () => done(""));
		media.addEventListener("error", () => done("the recording cannot be played by itself"));
	})`
	if said := evaluate[string](b, loaded); said != "" {
		t.Error(said)
	}
}
