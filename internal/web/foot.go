package web

import (
	"errors"
	"fmt"
	"strings"
)

// Foot is a link at the foot of every page, to one of our own that says what this site is. On pages in the words for
// children the first stands open, and the others are folded away for the grown-up beside them.
type Foot struct {
	URL  string // a local path
	Text string // the key of its text, "contribution/key"
}

// footText says the text of a link at the foot, whoever's page it stands on.
func (k *Kit) footText(w words) func(string) (string, error) {
	return func(key string) (string, error) {
		contribution, name, _ := strings.Cut(key, "/")
		return words{catalogue: k.texts, contribution: contribution, lang: w.lang, audience: w.audience}.say(name)
	}
}

// checkFoot refuses links that lead elsewhere or have no text.
func (k *Kit) checkFoot() error {
	var errs []error
	for _, f := range k.cfg.Foot {
		if _, err := k.footText(words{lang: French, audience: Adult})(f.Text); err != nil {
			errs = append(errs, fmt.Errorf("foot: %w", err))
		}
		if _, ok := LocalPath(f.URL); !ok {
			errs = append(errs, fmt.Errorf("foot: %q is no path of ours", f.URL))
		}
	}
	return errors.Join(errs...)
}

// Chosen lists the cookies of the kit, which remember what somebody chose on this browser.
func Chosen() []Cookie { return []Cookie{languageCookie(), versionCookie()} }
