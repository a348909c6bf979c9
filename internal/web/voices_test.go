package web_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

func tone() []byte { return webtest.Sound(time.Second / 10) }

func recordings(files map[string][]byte) fstest.MapFS {
	out := fstest.MapFS{}
	for name, body := range files {
		out[name] = &fstest.MapFile{Data: body}
	}
	return out
}

func TestARecordedVoiceIsHeardOnItsPageInItsWordingAndLanguageAndNowhereElse(t *testing.T) {
	t.Parallel()
	kit := webtest.NewWith(t, web.Config{
		Contributions: []web.Contribution{spoken()}, Voices: recordings(map[string][]byte{"spoken.p.enfant.fr.wav": tone(), ".keep": nil}),
	})
	for _, c := range []struct {
		audience      web.Audience
		version, lang string
		heard         bool
	}{
		{web.Child, "", "fr", true},
		{web.Teen, "simple", "fr", true},
		{web.Child, "detailed", "fr", false},
		{web.Child, "", "en", false},
		{web.Teen, "", "fr", false},
		{web.Adult, "", "fr", false},
	} {
		r := request("GET", "/x", "")
		r.Header.Set("Accept-Language", c.lang)
		r.AddCookie(&http.Cookie{Name: "__Host-wording", Value: c.version})
		page := func(w http.ResponseWriter, r *http.Request) error {
			return kit.Render(w, r, 200, "spoken/p", struct{ web.Frame }{web.Frame{Audience: c.audience}})
		}
		w := serve(t, kit, r, web.Route{Method: "GET", Pattern: "/x", Handler: page})
		webtest.CheckPage(t, w.Body.String())
		heard := strings.Contains(w.Body.String(), `<audio controls preload="none" src="/voix/spoken.p.enfant.fr-`)
		policy := w.Header().Get("Content-Security-Policy")
		if heard != c.heard || strings.Contains(policy, "media-src 'self'") != c.heard || !strings.HasPrefix(policy, "default-src 'none'; ") {
			t.Errorf("%+v: heard %v under %q", c, heard, policy)
		}
		if c.heard && !strings.Contains(w.Body.String(), "<span>Écouter</span></a>") {
			t.Errorf("%+v: no link beside the player", c)
		}
	}
}

func TestARecordingIsServedWithItsTypeAndInPartsAndMayBeKeptForEver(t *testing.T) {
	t.Parallel()
	sound := tone()
	kit := webtest.NewWith(t, web.Config{
		Contributions: []web.Contribution{spoken()}, Voices: recordings(map[string][]byte{"spoken.p.enfant.fr.wav": sound}),
	})
	w := httptest.NewRecorder()
	if err := kit.Render(w, request("GET", "/x", ""), 200, "spoken/p", struct{ web.Frame }{web.Frame{Audience: web.Child}}); err != nil {
		t.Fatal(err)
	}
	address := regexp.MustCompile(`/voix/[^"]*`).FindString(w.Body.String())
	if !regexp.MustCompile(`^/voix/spoken\.p\.enfant\.fr-[0-9a-f]{16}\.wav$`).MatchString(address) {
		t.Fatalf("the address is %q", address)
	}
	whole := serve(t, kit, request("GET", address, ""))
	h := whole.Header()
	if whole.Code != 200 || !bytes.Equal(whole.Body.Bytes(), sound) || h.Get("Content-Type") != "audio/wav" ||
		h.Get("Accept-Ranges") != "bytes" || h.Get("Cache-Control") != "public, max-age=31536000, immutable" || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%d, %d bytes, %v", whole.Code, whole.Body.Len(), h)
	}
	if policy := h.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'; media-src 'self';") || strings.Contains(policy, "script-src") {
		t.Errorf("a browser that shows it by itself is under %q", policy)
	}
	part := request("GET", address, "")
	part.Header.Set("Range", "bytes=4-7")
	if w := serve(t, kit, part); w.Code != 206 || !bytes.Equal(w.Body.Bytes(), sound[4:8]) {
		t.Errorf("a part: %d %q", w.Code, w.Body)
	}
	part.Header.Set("Range", "bytes=99999-")
	if w := serve(t, kit, part); w.Code != 416 {
		t.Errorf("a part that is not there: %d", w.Code)
	}
	if w := serve(t, kit, request("HEAD", address, "")); w.Code != 200 || w.Body.Len() != 0 {
		t.Errorf("HEAD: %d, %d bytes", w.Code, w.Body.Len())
	}
	for _, other := range []string{"/voix/spoken.p.enfant.fr.wav", "/voix/x", "/voix/..%2Fkit.go", strings.Replace(address, "enfant", "ado", 1)} {
		if w := serve(t, kit, request("GET", other, "")); w.Code != 404 {
			t.Errorf("%s: %d", other, w.Code)
		}
	}
}

func TestEveryMistakeOfAFolderOfRecordingsIsToldAtOnce(t *testing.T) {
	t.Parallel()
	large := append([]byte("ID3"), make([]byte, 2<<20)...)
	_, err := web.New(web.Config{
		Product: "É", PublicURL: webtest.Origin, Contributions: []web.Contribution{spoken()},
		Voices: recordings(map[string][]byte{
			"spoken.p.enfant.fr.wav":  tone(),
			"spoken.p.enfant.fr.ogg":  []byte("OggS and more"),
			"spoken.q.enfant.fr.wav":  tone(),
			"spoken.p.baby.fr.wav":    tone(),
			"spoken.p.enfant.de.wav":  tone(),
			"spoken.p.ado.fr.mp3":     tone(),
			"spoken.p.ado.en.mp3":     large,
			"spoken.p.adulte.fr.wav":  nil,
			"spoken.p.adulte.en.html": []byte("<script>"),
			"readme":                  nil,
			"folder/inside.wav":       tone(),
		}),
	})
	if err == nil {
		t.Fatal("the folder is taken")
	}
	for _, want := range []string{
		"spoken.p.enfant.fr.wav: there is another", "spoken.q.enfant.fr.wav: no page", "spoken.p.baby.fr.wav: no page",
		"spoken.p.enfant.de.wav: no page", "spoken.p.ado.fr.mp3: its content", "spoken.p.ado.en.mp3: it is larger than 2 MiB",
		"spoken.p.adulte.fr.wav: its content", `spoken.p.adulte.en.html: ".html" is no ending`, `readme: "" is no ending`, "folder: ",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("nothing says %q:\n%v", want, err)
		}
	}
}

func TestRecordingsAreKnownByHowTheyBegin(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"a.mp3": "ID3\x04 and more", "b.mp3": "\xff\xfb\x90 and more", "c.ogg": "OggS and more", "d.m4a": "\x00\x00\x00\x20ftypM4A ", "e.wav": string(tone()),
	} {
		file := "spoken.p.enfant.fr" + name[1:]
		_, err := web.New(web.Config{
			Product: "É", PublicURL: webtest.Origin, Contributions: []web.Contribution{spoken()},
			Voices: recordings(map[string][]byte{file: []byte(body)}),
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for ending, body := range map[string]string{
		".mp3": "\xff\xf1\x50\x80 is another layer", ".ogg": "ID3\x04 and more", ".wav": "RIFF\x00\x00\x00\x00AVI LIST", ".m4a": "<html>ftyp",
	} {
		_, err := web.New(web.Config{
			Product: "É", PublicURL: webtest.Origin, Contributions: []web.Contribution{spoken()},
			Voices: recordings(map[string][]byte{"spoken.p.enfant.fr" + ending: []byte(body)}),
		})
		if err == nil {
			t.Errorf("%s that begins %q is taken", ending, body)
		}
	}
}

func TestLinksAtTheFootStandOnEveryPageAndAreFoldedAwayForChildren(t *testing.T) {
	t.Parallel()
	foot := []web.Foot{{URL: "/aide", Text: "spoken/said"}, {URL: "/plus", Text: "spoken/half"}}
	kit := webtest.NewWith(t, web.Config{Contributions: []web.Contribution{spoken()}, Foot: foot})
	for audience, want := range map[web.Audience]string{
		web.Child: `<a href="/aide">Mot doux</a>`, web.Teen: `<a href="/aide">Mot net</a>`, web.Adult: `<a href="/aide">Mot entier</a>`,
	} {
		page := shownTo(t, kit, audience, "", "/x")
		folded := strings.Index(page, "<summary>Pour les grands</summary>")
		if more := strings.Index(page, `<a href="/plus">`); !strings.Contains(page, want) || more < 0 || (audience == web.Child) != (folded > 0 && folded < more) {
			t.Errorf("%s: the foot is not there or not folded as it should be:\n%s", audience, page)
		}
		if other := strings.Index(page, `<a href="/version/`); other < 0 || (audience == web.Child) != (folded > 0 && folded < other) {
			t.Errorf("%s: another version is not offered, or stands before a child as a choice:\n%s", audience, page)
		}
	}
	if page := serve(t, kit, request("GET", "/nowhere", "")).Body.String(); !strings.Contains(page, `<a href="/aide">Mot entier</a>`) {
		t.Errorf("an error page has no foot:\n%s", page)
	}
	for _, bad := range []web.Foot{{URL: "https://evil.example/", Text: "spoken/said"}, {URL: "/x", Text: "spoken/nothing"}, {URL: "/x"}} {
		if _, err := web.New(web.Config{Product: "É", PublicURL: webtest.Origin, Contributions: []web.Contribution{spoken()}, Foot: []web.Foot{bad}}); err == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
}
