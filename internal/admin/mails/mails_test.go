package mails_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"ecluse/internal/admin/frame"
	"ecluse/internal/admin/mails"
	"ecluse/internal/audit"
	"ecluse/internal/audit/audittest"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/notify"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/store/sqldb"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// bench is a desk with the page and an outbox.
type bench struct {
	*desktest.House
	mux    *web.Mux
	outbox *sqldb.Mails
	caller roles.Caller
}

func newBench(t *testing.T, on bool) *bench {
	t.Helper()
	b := &bench{House: desktest.New(t)}
	b.outbox = &sqldb.Mails{DB: b.DB, Journal: audittest.Journal(t, b.DB.Audit(), b.Ring, "mails", b.Now)}
	if on {
		b.Desk.Mails = b.outbox
	}
	kit := webtest.NewWith(t, web.Config{Now: b.Now, Offices: frame.Home, Contributions: []web.Contribution{frame.Pages(), mails.Pages()}})
	b.mux = web.NewMux(kit)
	f := frame.New(frame.Config{
		Kit: kit, Desk: b.Desk, Live: b.Live, Now: b.Now, Routes: b.mux.Routes, Enter: "/bureau/entrer", Word: "/bureau/lien",
		Who: func(*http.Request) (frame.Who, bool) {
			return frame.Who{Caller: b.caller, Until: b.Now().Add(time.Hour)}, true
		},
	})
	mails.Mount(b.mux, f, on)
	return b
}

func (b *bench) ask(who roles.Caller, method, path, body string) *httptest.ResponseRecorder {
	b.caller = who
	r := httptest.NewRequest(method, webtest.Origin+path, strings.NewReader(body))
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w := httptest.NewRecorder()
	b.mux.ServeHTTP(w, r)
	return w
}

// fill keeps mails to the officer, to two collèges and to a provider; that to the first collège came back.
func (b *bench) fill(t *testing.T) {
	t.Helper()
	mail := func(id string, role registry.Role, of string, kind notify.Kind) notify.Mail {
		return notify.Mail{ID: id, To: notify.Box{Role: role, Of: of}, Kind: kind, About: "lire", Subject: "SUBJECT", Text: "TEXT", Made: b.Now()}
	}
	list := []notify.Mail{
		mail("m1", registry.DPO, "exemple", notify.Suspended), mail("m2", registry.HeadOfSchool, string(desktest.College), notify.Ending),
		mail("m3", registry.HeadOfSchool, string(desktest.Other), notify.Ending), mail("m4", registry.Provider, "lire", notify.Digest),
	}
	if _, err := b.outbox.Put(t.Context(), []string{"m"}, list, b.Now()); err != nil {
		t.Fatal(err)
	}
	due, err := b.outbox.Lease(t.Context(), 9, b.Now(), b.Now().Add(time.Hour))
	if err != nil || len(due) != 4 {
		t.Fatalf("%d, %v", len(due), err)
	}
	for _, m := range due {
		m.State, m.Settled = notify.Sent, b.Now()
		if err := b.outbox.Settle(t.Context(), m, time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.outbox.Bounce(t.Context(), "m2", "bounced 5.1.1", b.Now()); err != nil {
		t.Fatal(err)
	}
}

func TestTheListShowsToEachWhatConcernsThem(t *testing.T) {
	t.Parallel()
	b := newBench(t, true)
	b.fill(t)
	mine, other := "("+string(desktest.College)+")", "("+string(desktest.Other)+")"
	for name, c := range map[string]struct {
		who  roles.Caller
		path string
		code int
		has  []string
		not  []string
	}{
		"officer":       {b.DPO(), "", 200, []string{mine, other, "suspension", "remis au relais", "revenu", "bounced 5.1.1"}, []string{"Renvoyer"}},
		"administrator": {b.Admin(), "", 200, []string{mine, other, "Renvoyer"}, nil},
		"head":          {b.Head(desktest.College), "", 200, []string{mine, "revenu"}, []string{other, "suspension", "Renvoyer"}},
		"another head":  {b.Head(desktest.Other), "", 200, []string{other}, []string{mine, "revenu"}},
		"what failed":   {b.DPO(), "?etat=non-remis", 200, []string{mine, "revenu"}, []string{other}},
		"before it":     {b.DPO(), "?avant=1", 200, []string{"Aucun courrier"}, []string{mine}},
		"nonsense":      {b.DPO(), "?avant=x&apres=%00&etat=x", 200, []string{mine, other}, nil},
		"a teacher":     {b.Teacher(desktest.College), "", 403, nil, []string{mine, other}},
		"a provider":    {b.Provider(), "", 403, nil, []string{mine, other}},
		"a stranger":    {b.Stranger(), "", 403, nil, []string{mine, other}},
	} {
		w := b.ask(c.who, "GET", "/bureau/courriers"+c.path, "")
		if w.Code != c.code {
			t.Errorf("%s: %d", name, w.Code)
		}
		_, body, _ := strings.Cut(w.Body.String(), "<main")
		for _, words := range c.has {
			if !strings.Contains(body, words) {
				t.Errorf("%s: no %q in %s", name, words, body)
			}
		}
		for _, words := range append(c.not, "SUBJECT", "TEXT", "@") {
			if strings.Contains(body, words) {
				t.Errorf("%s: %q stands in %s", name, words, body)
			}
		}
	}
}

func TestAMailIsSentAgainByWhoeverLooksAfterConnectionsAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t, true)
	b.fill(t)
	again := func(who roles.Caller, id string) int {
		return b.ask(who, "POST", "/bureau/courriers/renvoyer", url.Values{"courrier": {id}}.Encode()).Code
	}
	for name, who := range map[string]roles.Caller{"officer": b.DPO(), "head": b.Head(desktest.College), "stranger": b.Stranger()} {
		if code := again(who, "m2"); code != 403 {
			t.Errorf("%s: %d", name, code)
		}
	}
	if code := again(b.Admin(), "absent"); code != 404 {
		t.Errorf("one that is not there: %d", code)
	}
	if code := again(b.Admin(), "m2"); code != 303 {
		t.Errorf("the administrator: %d", code)
	}
	if code := again(b.Admin(), "m2"); code != 404 {
		t.Errorf("one that waits: %d", code)
	}
	due, err := b.outbox.Lease(t.Context(), 9, b.Now().Add(time.Minute), b.Now().Add(time.Hour))
	if err != nil || len(due) != 1 || due[0].ID != "m2" || due[0].Text != "TEXT" {
		t.Errorf("%v, %v", due, err)
	}
	page, err := b.DB.Audit().List(t.Context(), audit.Query{Action: "mail_again", Outcome: audit.Done})
	if err != nil || len(page.Entries) != 1 || page.Entries[0].Detail["mail"] != "m2" || page.Entries[0].Actor != b.Admin().Handle {
		t.Errorf("%v, %v", page.Entries, err)
	}
	if body := b.ask(b.Admin(), "GET", "/bureau/courriers?fait=1", "").Body.String(); !strings.Contains(body, "Le courrier repart") || !strings.Contains(body, "en attente") {
		t.Errorf("%s", body)
	}
}

func TestAGatewayThatSendsNoMailSaysSo(t *testing.T) {
	t.Parallel()
	b := newBench(t, false)
	if body := b.ask(b.Admin(), "GET", "/bureau/courriers", "").Body.String(); !strings.Contains(body, "est envoyé</p>") {
		t.Errorf("%s", body)
	}
	var conflict *desk.Conflict
	if err := b.Desk.MailAgain(t.Context(), b.Admin(), "m1"); !errors.As(err, &conflict) {
		t.Errorf("%v", err)
	}
}

func TestALongListGoesOnWithoutLosingAnyMail(t *testing.T) {
	t.Parallel()
	b := newBench(t, true)
	var list []notify.Mail
	for i := range 120 {
		list = append(list, notify.Mail{ID: fmt.Sprintf("m%03d", i), To: notify.Box{Role: registry.Provider, Of: fmt.Sprintf("s%03d", i)}, Kind: notify.Digest, Made: b.Now()})
	}
	if _, err := b.outbox.Put(t.Context(), []string{"m"}, list, b.Now()); err != nil {
		t.Fatal(err)
	}
	seen, path := 0, "/bureau/courriers"
	for range 3 {
		body := b.ask(b.DPO(), "GET", path, "").Body.String()
		seen += strings.Count(body, "<tr><th scope=\"row\">")
		_, after, more := strings.Cut(body, `<a href="/bureau/courriers?avant=`)
		if !more {
			break
		}
		rest, _, _ := strings.Cut(after, `"`)
		path = "/bureau/courriers?avant=" + strings.ReplaceAll(rest, "&amp;", "&")
	}
	if seen != 120 {
		t.Errorf("%d mails were shown", seen)
	}
}
