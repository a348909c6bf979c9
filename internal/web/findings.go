package web

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Findings tells everything about the contributed pages and texts that does not stop a gateway from running but must
// not be shipped: keys or arguments that differ between French and English, faults without all four texts, audiences
// addressed with the wrong pronoun, wordings that their audience would stumble over (Wording), typographic spaces typed by hand, and templates with inline scripts, inline
// styles, event handlers or addresses of other sites. An empty answer is what tests ask for.
func (k *Kit) Findings() []error {
	errs := slices.Concat(k.texts.compare(), k.texts.faultGaps(), k.texts.style(), k.texts.copyFindings())
	patterns := forbidden()
	own := Contribution{Name: ownName, Files: ownFiles()}
	for _, contribution := range append([]Contribution{own}, k.cfg.Contributions...) {
		errs = append(errs, markupFindings(contribution, patterns)...)
	}
	for name, p := range k.pages {
		if err := p.escapes(); err != nil {
			errs = append(errs, fmt.Errorf("page %s: %w", name, err))
		}
	}
	return errs
}

// compare finds what one language says and the other does not.
func (c *catalogue) compare() []error {
	var errs []error
	for _, pair := range [][2]Lang{{French, English}, {English, French}} {
		for _, key := range c.keys(pair[0]) {
			mine, theirs := c.byLang[pair[0]][key], c.byLang[pair[1]][key]
			if theirs == nil {
				errs = append(errs, fmt.Errorf("text %s: said in %s and not in %s", key, pair[0], pair[1]))
			} else if pair[0] == French && !slices.Equal(mine.names(), theirs.names()) {
				errs = append(errs, fmt.Errorf("text %s: arguments %v in French, %v in English", key, mine.names(), theirs.names()))
			}
		}
	}
	return errs
}

// faultGaps finds faults that lack one of their four texts.
func (c *catalogue) faultGaps() []error {
	var errs []error
	for _, key := range c.keys(French) {
		contribution, rest, _ := strings.Cut(key, "/")
		group, tail, _ := strings.Cut(rest, ".")
		name, _, ok := strings.Cut(tail, ".")
		if group != "faults" || !ok {
			continue
		}
		for _, part := range []string{"title", "what", "do", "who"} {
			wanted := contribution + "/faults." + name + "." + part
			if c.byLang[French][wanted] == nil {
				errs = append(errs, fmt.Errorf("text %s: missing, as %s exists", wanted, key))
			}
		}
	}
	return errs
}

// style checks what can be checked of the French: children and teenagers are "tu", adults are "vous".
func (c *catalogue) style() []error {
	familiar := []string{"tu", "te", "toi", "ton", "tes", "t"}
	formal := []string{"vous", "votre", "vos"}
	var errs []error
	for _, key := range c.keys(French) {
		for audience, p := range c.byLang[French][key] {
			said := frenchWords(strings.Join(p.one, " ") + " " + strings.Join(p.other, " "))
			if audience == Adult && containsAny(said, familiar) {
				errs = append(errs, fmt.Errorf("text %s: says tu to %s", key, audience))
			}
			if audience != Adult && containsAny(said, formal) {
				errs = append(errs, fmt.Errorf("text %s: says vous to %s", key, audience))
			}
		}
	}
	return errs
}

// frenchWords cuts a text at everything that is not a letter, except the hyphens of "a-t-on".
func frenchWords(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && r != '-' })
}

func containsAny(words, wanted []string) bool {
	return slices.ContainsFunc(words, func(w string) bool {
		return slices.Contains(wanted, w[strings.LastIndexByte(w, '-')+1:])
	})
}

// forbidden is what the policy of our pages would block, or what would leave our site; named as people search it.
func forbidden() map[string]*regexp.Regexp {
	return map[string]*regexp.Regexp{
		"inline script":       regexp.MustCompile(`(?i)<script(\s[^>]*)?>\s*[^<\s]`),
		"inline style":        regexp.MustCompile(`(?i)<style|\sstyle\s*=`),
		"event handler":       regexp.MustCompile(`(?i)\son[a-z]+\s*=`),
		"javascript address":  regexp.MustCompile(`(?i)javascript:`),
		"address elsewhere":   regexp.MustCompile(`(?i)\s(src|srcset|action)\s*=\s*["']?(https?:)?//`),
		"data address":        regexp.MustCompile(`(?i)\s(src|href)\s*=\s*["']?data:`),
		"new window":          regexp.MustCompile(`(?i)\starget\s*=`),
		"autofocus attribute": regexp.MustCompile(`(?i)\sautofocus`),
	}
}

func markupFindings(c Contribution, patterns map[string]*regexp.Regexp) []error {
	var errs []error
	err := fs.WalkDir(c.Files, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(c.Files, file)
		if err != nil {
			return err
		}
		if bytes.ContainsAny(raw, "\u00a0\u202f") || bytes.Contains(raw, []byte("&nbsp;")) {
			errs = append(errs, fmt.Errorf("%s: %s: typographic space typed by hand", c.Name, file))
		}
		for name, pattern := range patterns {
			if path.Ext(file) != ".html" {
				break
			}
			if found := pattern.Find(raw); found != nil {
				errs = append(errs, fmt.Errorf("%s: %s: %s: %q", c.Name, file, name, found))
			}
		}
		return nil
	})
	if err != nil {
		errs = append(errs, fmt.Errorf("%s: %w", c.Name, err))
	}
	return errs
}

// escapes finds templates that html/template cannot make safe. It notices that before the first byte; that the empty
// page value then fails to execute is of no interest.
func (p *page) escapes() error {
	bound, err := p.in(variant{French, Adult, Adult})
	if err != nil {
		return err
	}
	err = bound.ExecuteTemplate(io.Discard, "shell", nil)
	var unsafe *template.Error
	if errors.As(err, &unsafe) {
		return unsafe
	}
	return nil
}
