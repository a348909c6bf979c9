package mails_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"ecluse/internal/admin/frame"
	"ecluse/internal/admin/frame/frametest"
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
)

// bench is a desk with the page and an outbox.
type bench struct {
	*frametest.Bench
	outbox *sqldb.Mails
}

func newBench(t *testing.T, on bool) *bench {
	t.Helper()
	b := &bench{}
	b.Bench = frametest.New(t, mails.Pages(), func(h *desktest.House, mux *web.Mux, f *frame.Frame) {
		b.outbox = &sqldb.Mails{DB: h.DB, Journal: audittest.Journal(t, h.DB.Audit(), h.Ring, "mails", h.Now)}
		if on {
			h.Desk.Mails = b.outbox
		}
		mails.Mount(mux, f, on)
	})
	return b
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
		a := b.Ask(c.who, "GET", "/bureau/courriers"+c.path)
		if a.Status != c.code {
			t.Errorf("%s: %d", name, a.Status)
		}
		body := a.Page
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
		return b.Ask(who, "POST", "/bureau/courriers/renvoyer", "courrier", id).Status
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
	if body := b.Ask(b.Admin(), "GET", "/bureau/courriers?fait=1").Body; !strings.Contains(body, "Le courrier repart") || !strings.Contains(body, "en attente") {
		t.Errorf("%s", body)
	}
}

func TestAGatewayThatSendsNoMailSaysSo(t *testing.T) {
	t.Parallel()
	b := newBench(t, false)
	if body := b.Ask(b.Admin(), "GET", "/bureau/courriers").Body; !strings.Contains(body, "est envoyé</p>") {
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
		body := b.Ask(b.DPO(), "GET", path).Body
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
