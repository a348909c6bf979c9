package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// Param is one hidden field of a posted form, in its order.
type Param struct{ Name, Value string }

// Redirect answers 302 or 303. The target is a path of ours, or an absolute address for which the caller vouches
// (registered, or built from our own); other schemes than http and https are refused. Not to be used to leave our
// site after one of our own form posts: see Leave.
func (k *Kit) Redirect(w http.ResponseWriter, _ *http.Request, target string, status int) error {
	if status != http.StatusFound && status != http.StatusSeeOther {
		return fmt.Errorf("redirect with status %d: only 302 and 303", status)
	}
	if _, local := LocalPath(target); !local {
		if err := k.checkTarget(target); err != nil {
			return fmt.Errorf("redirect: %w", err)
		}
	}
	w.Header().Set("Location", target)
	w.WriteHeader(status)
	return nil
}

// The hand-off pages.
const (
	leaveName = ownName + "/leave"
	postName  = ownName + "/post"
)

// leavePage is the value of both hand-off pages.
type leavePage struct {
	Frame
	URL    string
	Host   string
	Fields []Param
}

// Leave answers 200 with a page that goes to target at once, and has a link for whoever stays. It is the way out of our
// site after one of our own form posts, in the wording of frame: Chromium applies form-action to the whole redirect chain of a form, so a 303
// from there to a service would be blocked; the form is answered with a 303 to a page of ours, and that page leaves.
func (k *Kit) Leave(w http.ResponseWriter, r *http.Request, target string, frame Frame) error {
	u, err := k.target(target)
	if err != nil {
		return fmt.Errorf("leave: %w", err)
	}
	page := leavePage{Frame: k.soundFrame(frame), URL: u.String(), Host: u.Hostname()}
	body, ok := k.handedOff(r, leaveName, page)
	if !ok {
		return k.render(w, r, http.StatusOK, leaveName, page.URL, page)
	}
	k.write(w, http.StatusOK, k.voices.of(leaveName, k.Wording(r, page.Frame), k.Lang(r)), body)
	return nil
}

// PostForm answers 200 with a form that posts the fields to action, by itself with script and by a visible button
// without. The page has a policy of its own, as the service may redirect where it wants after the post.
func (k *Kit) PostForm(w http.ResponseWriter, r *http.Request, action string, fields []Param, frame Frame) error {
	u, err := k.target(action)
	if err != nil {
		return fmt.Errorf("post form: %w", err)
	}
	w.Header().Set("Content-Security-Policy", contentPolicy(k.postFormAction()))
	page := leavePage{Frame: k.soundFrame(frame), URL: u.String(), Host: u.Hostname(), Fields: fields}
	body, ok := k.handedOff(r, postName, page)
	if !ok {
		return k.Render(w, r, http.StatusOK, postName, page)
	}
	k.write(w, http.StatusOK, k.voices.of(postName, k.Wording(r, page.Frame), k.Lang(r)), body)
	return nil
}

// postFormAction lets a form leave for any https address; plain http only where the gateway itself is on it.
func (k *Kit) postFormAction() string {
	if k.secure {
		return "https:"
	}
	return "https: http:"
}

func (k *Kit) checkTarget(target string) error {
	_, err := k.target(target)
	return err
}

// errTarget shows the reason only: an address may carry a code or a name.
var errTarget = errors.New("address is not one to send a person to")

// target accepts absolute https addresses without user name, fit for a header and an attribute. Plain http is for a
// gateway on plain http, and for programs on the person's own machine (RFC 8252 7.3).
func (k *Kit) target(raw string) (*url.URL, error) {
	for _, c := range []byte(raw) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\\\"'<>`", c) >= 0 {
			return nil, fmt.Errorf("unescaped character: %w", errTarget)
		}
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, errTarget // the error of url.Parse repeats the address
	}
	plain := u.Scheme == "http" && (!k.secure || loopback(u.Hostname()))
	if u.Hostname() == "" || u.User != nil || (u.Scheme != "https" && !plain) {
		return nil, errTarget
	}
	return u, nil
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || (err == nil && addr.IsLoopback())
}
