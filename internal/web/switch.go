package web

import (
	"net/http"
	"net/url"
)

// A version is how much simpler or fuller a page speaks than it does of itself: a preference of whoever reads, for words
// and sizes. What is shown, what is asked and what leaves follow from who the person is, and never from this.
type version string

// The versions. The zero value is the usual one.
const (
	usual    version = ""
	simple   version = "simple"
	detailed version = "detailed"
)

// versions are listed as the switch shows them.
func versions() []version { return []version{simple, usual, detailed} }

// versionCookie remembers an explicit choice until the browser is closed, and says nothing of who made it.
func versionCookie() Cookie { return Cookie{Name: "wording"} }

// of is the wording that a version gives to somebody whose own wording is known. There is one step and no further: a child
// has nothing simpler, an adult nothing fuller.
func (v version) of(own Audience) Audience {
	switch {
	case v == detailed && own == Child, v == simple && own == Adult:
		return Teen
	case v == detailed && own == Teen:
		return Adult
	case v == simple && own == Teen:
		return Child
	default:
		return own
	}
}

// word is what a version is called in addresses.
func (v version) word() string {
	return map[version]string{simple: "simple", usual: "habituelle", detailed: "detaillee"}[v]
}

// version is what was chosen on this browser; a value that nobody of ours wrote is none.
func (k *Kit) version(r *http.Request) version {
	said, _ := k.cookies.Read(r, versionCookie())
	if v := version(said); v == simple || v == detailed {
		return v
	}
	return usual
}

// Wording is in whose words a page in the frame speaks on this browser: those of its audience, or one step simpler or
// fuller where that was chosen. It is for words and sizes alone, such as labels that are made in Go; what a page shows
// follows from the audience of its frame.
func (k *Kit) Wording(r *http.Request, f Frame) Audience {
	own := frameOf(f).Audience
	if k.forOffices(r) {
		return own
	}
	return k.version(r).of(own)
}

// VersionLink is one entry of the switch: simple, habituelle or detaillee, and where it is chosen.
type VersionLink struct{ Version, URL string }

// Versions is what the switch on a page in the frame offers, for a page that has more to say of it.
func (k *Kit) Versions(r *http.Request, f Frame) []VersionLink {
	f.Audience = frameOf(f).Audience
	return k.versionLinks(r, f, k.Wording(r, f))
}

// versionLinks offers the same page in the other versions that would change its words, or nothing where the page cannot be
// asked for again.
func (k *Kit) versionLinks(r *http.Request, f Frame, current Audience) []VersionLink {
	here, ok := f.again(r)
	if !ok || k.forOffices(r) {
		return nil
	}
	var links []VersionLink
	for _, v := range versions() {
		if to := v.of(f.Audience); to == current || v != usual && to == f.Audience {
			continue
		}
		links = append(links, VersionLink{Version: v.word(), URL: "/version/" + v.word() + "?retour=" + url.QueryEscape(here)})
	}
	return links
}

// switchVersion remembers a version, or forgets it for the usual one, and goes back as the switch of languages does.
func (k *Kit) switchVersion(w http.ResponseWriter, r *http.Request) error {
	switch word := r.PathValue("version"); word {
	case usual.word():
		k.cookies.Clear(w, versionCookie())
	case simple.word():
		k.cookies.Set(w, versionCookie(), string(simple))
	case detailed.word():
		k.cookies.Set(w, versionCookie(), string(detailed))
	default:
		return NotFound(nil)
	}
	return k.goBack(w, r)
}
