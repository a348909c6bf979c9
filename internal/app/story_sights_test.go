package app_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"

	"ecluse/internal/attrs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/audit"
	"ecluse/internal/registry/registrytest"
)

func attrName(word string) attrs.Name { return attrs.Name(word) }

// since lists the pages since the last departure.
func (s *story) since() []*page { return s.b.trail[min(s.begin, len(s.b.trail)):] }

func (s *story) pageSays(args []string) error {
	if text := s.b.tab.page.words(); !strings.Contains(text, plain(args[0])) {
		return errors.New("it does not")
	}
	return nil
}

func (s *story) pageDoesNotSay(args []string) error {
	if s.pageSays(args) == nil {
		return errors.New("it does")
	}
	return nil
}

// saysYesterday wants the day before today as French readers write it.
func (s *story) saysYesterday([]string) error {
	zone := registrytest.Paris()
	day := time.Now().In(zone).AddDate(0, 0, -1)
	months := strings.Fields("janvier février mars avril mai juin juillet août septembre octobre novembre décembre")
	number := strconv.Itoa(day.Day())
	if day.Day() == 1 {
		number = "1er"
	}
	return s.pageSays([]string{fmt.Sprintf("%s %s %d", number, months[day.Month()-1], day.Year())})
}

func (s *story) offered(service string) bool {
	return slices.ContainsFunc(s.b.tab.page.all(class("tile")), func(n *html.Node) bool { return attribute(n, "href") == "/go/"+service })
}

func (s *story) offers(args []string) error {
	if !s.offered(args[0]) {
		return errors.New("it does not")
	}
	return nil
}

func (s *story) doesNotOffer(args []string) error {
	if s.offered(args[0]) {
		return errors.New("it does")
	}
	return nil
}

// asksWho tells a page on which people sign in: the gateway's page of people, or the ENT's door.
func asksWho(p *page) bool {
	if p.root == nil {
		return false
	}
	return slices.ContainsFunc(p.all(func(*html.Node) bool { return true }), func(n *html.Node) bool {
		name := attribute(n, "name")
		return name == "person" || name == "personne" || name == "source" || attribute(n, "type") == "password"
	})
}

func (s *story) askedWho([]string) error {
	if !asksWho(s.b.tab.page) {
		return errors.New("nobody is asked")
	}
	return nil
}

func (s *story) notAsked([]string) error {
	for _, p := range s.since() {
		if asksWho(p) {
			return fmt.Errorf("%s asks", p)
		}
	}
	return nil
}

func (s *story) askedWhere([]string) error {
	if len(s.b.tab.page.all(func(n *html.Node) bool { return n.Data == "button" && attribute(n, "name") == "place" })) < 2 {
		return errors.New("no establishments are offered")
	}
	return nil
}

func informs(p *page) bool {
	return p != nil && p.root != nil && slices.ContainsFunc(p.forms(), func(f form) bool { return strings.HasSuffix(f.action.Path, "/inform") })
}

func (s *story) informed([]string) error {
	if !informs(s.b.tab.page) {
		return errors.New("this is not the information page")
	}
	return nil
}

func (s *story) informedOfChange([]string) error {
	if err := s.informed(nil); err != nil {
		return err
	}
	for _, text := range []string{"des choses ont changé depuis la dernière fois", "a changé depuis"} {
		if strings.Contains(s.b.tab.page.words(), text) {
			return nil
		}
	}
	return errors.New("the page does not speak of a change")
}

func (s *story) notInformed([]string) error {
	for _, p := range s.since() {
		if informs(p) {
			return fmt.Errorf("%s informs", p)
		}
	}
	return nil
}

func (s *story) arrived(args []string) error {
	p := s.b.tab.page
	if p.url.Hostname() != args[0]+".localhost" || len(facts(p)) == 0 {
		return errors.New("not there, or the site received nothing")
	}
	return nil
}

// facts reads the table of what a site received: values by their names on the wire.
func facts(p *page) map[string][]string {
	out := map[string][]string{}
	tables := p.all(tag("table"))
	if len(tables) == 0 {
		return out
	}
	for _, row := range below(tables[0], tag("tr")) {
		names, cells := below(row, tag("code")), below(row, tag("td"))
		if len(names) == 0 || len(cells) == 0 {
			continue
		}
		var values []string
		for _, item := range below(cells[0], tag("li")) {
			values = append(values, words(item))
		}
		if values == nil {
			values = []string{words(cells[0])}
		}
		out[words(names[0])] = values
	}
	return out
}

// learned looks at a site in passing.
func (s *story) learned(site string) (map[string][]string, error) {
	p, err := s.b.get(s.w.site(site))
	if err != nil {
		return nil, err
	}
	if got := facts(p); len(got) > 0 {
		return got, nil
	}
	return nil, fmt.Errorf("%s has received nothing", site)
}

// wireNames are the names that a word of the dictionary may have at a site.
func wireNames(word string) []string {
	if word == "number" {
		return []string{"NameID persistent", "NameID emailAddress", "NameID transient", "sub", "cas:user"}
	}
	dictionary, err := dictionary.Shipped()
	if err != nil {
		return nil
	}
	entry, _ := dictionary.Entry(attrs.Name(word))
	return []string{entry.SAML.Name, entry.SAML.Friendly, entry.OIDC.Name, entry.CAS}
}

func wordAt(got map[string][]string, word string) ([]string, bool) {
	for _, name := range wireNames(word) {
		if values, ok := got[name]; ok && name != "" {
			return values, true
		}
	}
	return nil, false
}

func (s *story) knows(args []string) error {
	got, err := s.learned(args[0])
	if err != nil {
		return err
	}
	want := make([]string, len(args)-2)
	for i, value := range args[2:] {
		want[i] = strings.Trim(value, `"`)
	}
	if values, _ := wordAt(got, args[1]); !slices.Equal(values, want) {
		return fmt.Errorf("it knows %q", values)
	}
	return nil
}

func (s *story) knowsOnly(args []string) error {
	got, err := s.learned(args[0])
	if err != nil {
		return err
	}
	for _, word := range args[1:] {
		if _, ok := wordAt(got, word); !ok {
			return fmt.Errorf("it does not know %s", word)
		}
		for _, name := range wireNames(word) {
			delete(got, name)
		}
	}
	if len(got) > 0 {
		return fmt.Errorf("it knows more: %v", got)
	}
	return nil
}

func (s *story) doesNotKnow(args []string) error {
	got, err := s.learned(args[0])
	if err != nil {
		return err
	}
	for _, word := range args[1:] {
		if values, ok := wordAt(got, word); ok {
			return fmt.Errorf("it knows %s: %q", word, values)
		}
	}
	return nil
}

// shows wants the protocol's word on the page with which a site receives a refusal.
func (s *story) shows(args []string) error {
	p := s.b.tab.page
	if p.url.Hostname() != args[0]+".localhost" || p.url.Path != "/refus" {
		return errors.New("the site shows no refusal")
	}
	for _, code := range p.all(tag("code")) {
		if word := words(code); word == args[1] || strings.HasSuffix(word, ":"+args[1]) {
			return nil
		}
	}
	return errors.New("the site shows another word")
}

func (s *story) number(site string) (string, error) {
	got, err := s.learned(site)
	if err != nil {
		return "", err
	}
	values, _ := wordAt(got, "number")
	if len(values) != 1 {
		return "", fmt.Errorf("%s has %d numbers", site, len(values))
	}
	return values[0], nil
}

func (s *story) noteNumber(args []string) (err error) {
	s.notes[args[1]], err = s.number(args[0])
	return err
}

func (s *story) sameNumber(args []string) error {
	number, err := s.number(args[0])
	if err == nil && (number != s.notes[args[1]] || number == "") {
		err = errors.New("it is another")
	}
	return err
}

func (s *story) otherNumber(args []string) error {
	number, err := s.number(args[0])
	if err == nil && (number == s.notes[args[1]] || s.notes[args[1]] == "") {
		err = errors.New("it is the same")
	}
	return err
}

// refused wants a page of ours that refuses, and the same reason in the journal under the number that the page shows.
func (s *story) refused(args []string) error {
	p := s.b.tab.page
	if p.url.Host != s.b.host || p.status < 400 || p.heading() == "" || p.reference() == "" {
		return errors.New("this is no refusal page with a reference")
	}
	for _, row := range s.w.entries(p.reference()) {
		if row.Outcome == audit.Refused {
			if row.Reason != args[0] {
				return fmt.Errorf("the journal says %s", row.Reason)
			}
			return nil
		}
	}
	return fmt.Errorf("the journal has no refusal %s", p.reference())
}

// answeredKindly wants an error page for people, in direct answer to the form that they sent: what happened, what to do,
// who can help, a number.
func (s *story) answeredKindly(args []string) error {
	p := s.b.tab.page
	if strconv.Itoa(p.status) != args[0] || p.url.Host != s.b.host {
		return fmt.Errorf("answered with %d", p.status)
	}
	if p.heading() == "" || p.reference() == "" || len(p.all(tag("h2"))) < 3 {
		return errors.New("the page does not help")
	}
	if form := s.b.sent[len(s.b.sent)-1]; p.url.String() != form.to.String() {
		return errors.New("the form was taken, and refused later only")
	}
	return nil
}

func (s *story) back(p *page) string {
	for _, n := range p.all(class("wayback")) {
		for _, a := range below(n, tag("a")) {
			return attribute(a, "href")
		}
	}
	return ""
}

func (s *story) wayBack([]string) error {
	if to := s.back(s.b.tab.page); to != s.w.site("ent") {
		return fmt.Errorf("the way back leads to %q", to)
	}
	return nil
}

func (s *story) noWayBack([]string) error {
	if to := s.back(s.b.tab.page); to != "" {
		return fmt.Errorf("the way back leads to %q", to)
	}
	return nil
}

func (s *story) wayBackEverywhere([]string) error {
	seen := 0
	for _, p := range s.since() {
		if p.url.Host != s.b.host || p.root == nil {
			continue
		}
		if seen++; s.back(p) != s.w.site("ent") {
			return fmt.Errorf("%s shows no way back", p)
		}
	}
	if seen == 0 {
		return errors.New("the gateway showed no page")
	}
	return nil
}

// staysOpen wants the sign-out page to say that it could not end a site's session.
func (s *story) staysOpen(args []string) error {
	var name string
	for _, service := range s.w.contents().Services {
		if service.ID == args[0] {
			name = service.Name.FR
		}
	}
	for _, list := range s.b.tab.page.all(tag("ul")) {
		if !follows(list, "restent peut-être ouverts") && !follows(list, "reste peut-être ouvert") {
			continue
		}
		for _, item := range below(list, tag("li")) {
			if words(item) == name {
				return nil
			}
		}
	}
	return errors.New("the page does not say so")
}
