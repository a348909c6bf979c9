package app_test

import (
	"net/url"
	"strings"
	"testing"

	"ecluse/internal/app"
)

// TestLogsNameNobody plays stories with the log at its most talkative and looks in it for what must never stand there:
// names, addresses, pseudonyms, tokens, codes, cookies, messages of the protocols. References may stand there.
func TestLogsNameNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{LogLevel: "debug"})
	secrets := map[string]string{}
	for _, who := range demoPeople(t) {
		for what, value := range map[string]string{
			"family name": who.FamilyName, "mail": who.Mail, "login": who.Login, "birth date": who.Born.String(),
		} {
			if value != "" {
				secrets[what+" of "+who.ID] = value
			}
		}
	}
	for i, person := range []string{"lina", "hugo", "claire", "marc"} {
		b := w.browser()
		s := &story{w: w, b: b, notes: map[string]string{}}
		for _, site := range []string{"lire", "calcul", "suite", "classe", "discute"} {
			talkative(t, s, site, person)
			if number, err := s.number(site); err == nil {
				secrets["number of "+person+" at "+site] = number
			}
		}
		if i == 0 {
			token := accessTokenFor(t, w)
			secrets["token"] = token
			userinfo(t, w, token)
			userinfo(t, w, token+"x")
		}
		overhear(b, secrets)
	}
	log := w.log.String()
	for what, secret := range secrets {
		if len(secret) > 3 && (strings.Contains(log, secret) || strings.Contains(log, url.QueryEscape(secret))) {
			t.Errorf("the log has the %s", what)
		}
	}
	if !strings.Contains(log, "level=") {
		t.Error("nothing was logged: the test looks at nothing")
	}
	journalNamesNobody(t, w, secrets)
}

// talkative visits a site with everything that goes wrong on the way: a spoiled proof, a code used twice.
func talkative(t *testing.T, s *story, site, person string) {
	t.Helper()
	if err := s.visit([]string{site}); err != nil {
		t.Fatal(err)
	}
	if asksWho(s.b.tab.page) {
		if err := s.choosePerson([]string{person}); err != nil {
			t.Fatal(err)
		}
	}
	if s.askedWhere(nil) == nil {
		if err := s.choosePlace([]string{"Jean-Moulin"}); err != nil {
			t.Fatal(err)
		}
	}
	if !informs(s.b.tab.page) {
		return
	}
	kept := s.b.tab.page
	if err := s.goOn(nil); err != nil {
		t.Fatal(err)
	}
	answered := s.b.tab.page
	if _, err := s.w.browser().get(kept.url.String()); err != nil { // somebody else's step
		t.Fatal(err)
	}
	s.b.tab.page = kept
	if err := s.goOn(nil); err != nil { // used already
		t.Fatal(err)
	}
	s.b.tab.page = answered
}

// accessTokenFor signs a person in whose information page has not come yet.
func accessTokenFor(t *testing.T, w *world) string {
	t.Helper()
	return accessToken(t, w, "sacha")
}

// overhear adds what passed through the browser: cookies, codes, states, messages.
func overhear(b *browser, secrets map[string]string) {
	for host, jar := range b.cookies {
		for name, cookie := range jar {
			secrets["cookie "+name+" of "+host] = cookie.Value
		}
	}
	for _, p := range b.trail {
		for _, key := range []string{"code", "state", "nonce", "code_challenge", "SAMLRequest", "RelayState", "token", "challenge"} {
			if value := p.url.Query().Get(key); value != "" {
				secrets[key+" of "+p.url.Host] = value
			}
		}
	}
	for _, s := range b.sent {
		for key := range s.fields {
			if key != "act" && key != "person" && key != "place" {
				secrets["field "+key+" to "+s.to.Path] = s.fields.Get(key)
			}
		}
	}
}

// journalNamesNobody looks for the same in every entry of the journal.
func journalNamesNobody(t *testing.T, w *world, secrets map[string]string) {
	t.Helper()
	chains, err := w.db.Audit().Chains(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, chain := range chains {
		rows, err := w.db.Audit().Rows(t.Context(), chain, 0, 500)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			seen++
			text := strings.Join(append([]string{
				row.Action, row.Reason, row.Ref, row.Actor, row.Subject, row.Service, row.UAI, row.Source, row.Protocol,
			}, row.Attributes...), "\n")
			for key, value := range row.Detail {
				text += "\n" + key + "\n" + value
			}
			for what, secret := range secrets {
				if len(secret) > 3 && strings.Contains(text, secret) {
					t.Errorf("the journal's %s has the %s", row.Action, what)
				}
			}
		}
	}
	if seen < 20 {
		t.Errorf("the journal has %d entries only", seen)
	}
}
