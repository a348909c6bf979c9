package login

import (
	"fmt"
	"net/http"
	"slices"

	"ecluse/internal/person"
	"ecluse/internal/web"
)

// Visitor is who is signed in on this browser, with the authority over children that they hold today, and what surrounds
// their own pages, the way from one to the next among it; ok is false for nobody.
func (f *Flow) Visitor(r *http.Request) (who person.Person, around web.Frame, ok bool, err error) {
	s, err := f.session(r)
	if err == nil {
		s, err = f.today(r.Context(), s)
	}
	if err != nil || s == nil {
		return person.Person{}, web.Frame{}, false, err
	}
	around, err = f.ownFrame(r, s, "")
	return s.Person, around, err == nil, err
}

// ownFrame surrounds a page of one's own.
func (f *Flow) ownFrame(r *http.Request, s *session, here string) (web.Frame, error) {
	around := f.signOutFrame(s)
	around.Here = here
	for _, word := range f.ownWords(s.Person, around.Audience) {
		label, err := f.Kit.Say(r, around, "login/own."+word)
		if err != nil {
			return web.Frame{}, fmt.Errorf("own pages: %w", err)
		}
		path, _ := ownPage(word)
		around.Tabs = append(around.Tabs, web.Tab{Label: label, URL: path})
	}
	return around, nil
}

// ownWords are the pages that concern somebody. A child has two, and chooses among no rights; agreements are asked of those
// who hold parental authority, and what concerns their children is shown to those of whom it is certain.
func (f *Flow) ownWords(who person.Person, a web.Audience) []string {
	words := []string{"sites", "history"}
	if a == web.Child {
		return words
	}
	if f.sees(who) {
		words = append(words, "children")
	}
	if slices.ContainsFunc(who.Wards, func(w person.Ward) bool { return w.Authority == person.Yes }) {
		words = append(words, "agreements")
	}
	return append(words, "data", "requests", "charter")
}
