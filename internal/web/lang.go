package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/text/language"
)

// Lang is a language pages are written in.
type Lang string

// The two languages. French is what everything falls back to.
const (
	French  Lang = "fr"
	English Lang = "en"
)

// languages are listed as the switch shows them.
func languages() []Lang { return []Lang{French, English} }

// newMatcher compares a browser's preferences with the languages we have, French first.
func newMatcher() language.Matcher {
	return language.NewMatcher([]language.Tag{language.French, language.English})
}

// languageCookie remembers an explicit choice and nothing else.
func languageCookie() Cookie { return Cookie{Name: "lang", MaxAge: 365 * 24 * time.Hour} }

// Lang is the language of the answer to a request: the one that was chosen on this device, else the browser's
// preference among ours, else French.
func (k *Kit) Lang(r *http.Request) Lang {
	if chosen, ok := k.cookies.Read(r, languageCookie()); ok {
		if lang := Lang(chosen); lang == French || lang == English {
			return lang
		}
	}
	wanted, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil || len(wanted) == 0 {
		return French
	}
	if _, index, confidence := k.matcher.Match(wanted...); confidence > language.No && index == 1 {
		return English
	}
	return French
}

// languageLink is one entry of the switch.
type languageLink struct {
	Lang    Lang
	Name    string
	URL     string
	Current bool
}

// languageLinks offers the same page in each language, or nothing when the page cannot be asked for again.
func (k *Kit) languageLinks(r *http.Request, f Frame, current Lang) []languageLink {
	here, ok := f.again(r)
	if !ok {
		return nil
	}
	var links []languageLink
	for _, lang := range languages() {
		address := "/langue/" + string(lang) + "?retour=" + url.QueryEscape(here)
		links = append(links, languageLink{Lang: lang, Name: languageName(lang), URL: address, Current: lang == current})
	}
	return links
}

// languageName is what a language calls itself.
func languageName(l Lang) string {
	if l == English {
		return "English"
	}
	return "Français"
}

// again is the local path that shows a page once more; ok is false for a page that cannot be asked for again.
func (f Frame) again(r *http.Request) (here string, ok bool) {
	here = f.Here
	if here == "" && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		here = r.URL.RequestURI()
	}
	return LocalPath(here)
}

// switchLanguage remembers the language and goes back.
func (k *Kit) switchLanguage(w http.ResponseWriter, r *http.Request) error {
	lang := Lang(r.PathValue("lang"))
	if lang != French && lang != English {
		return NotFound(nil)
	}
	k.cookies.Set(w, languageCookie(), string(lang))
	return k.goBack(w, r)
}

// goBack leads back to where a switch was used. A return address that is not a path of ours leads to the start page: a
// switch must never become an open redirect.
func (k *Kit) goBack(w http.ResponseWriter, r *http.Request) error {
	back, ok := LocalPath(r.URL.Query().Get("retour"))
	if !ok {
		back = "/"
	}
	return k.Redirect(w, r, back, http.StatusSeeOther)
}

// maxLocalPath is the longest return path that is carried around, in bytes.
const maxLocalPath = 8 << 10

// LocalPath checks that a text from outside is a path on this very host, query included, and gives it back. Whatever a
// browser could read as another host is refused: //host, /\host, schemes, control characters and backslashes anywhere.
func LocalPath(path string) (string, bool) {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || len(path) > maxLocalPath {
		return "", false
	}
	for _, c := range []byte(path) {
		if c <= ' ' || c == '\\' || c >= 0x7f {
			return "", false
		}
	}
	u, err := url.Parse(path)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || strings.Contains(u.Path, `\`) {
		return "", false
	}
	if strings.HasPrefix(u.Path, "//") || strings.ContainsAny(u.Path, "\r\n\t") {
		return "", false
	}
	return path, true
}
