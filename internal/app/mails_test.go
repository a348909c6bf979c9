package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/keys"
	"ecluse/internal/mail/mailtest"
	"ecluse/internal/notify"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/store/storetest"
	"ecluse/internal/strictyaml"
)

// mailing is a configuration that sends to a relay of the test's own.
func mailing(t *testing.T, relay *mailtest.Server, store string) Config {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"relay.url": "smtp://" + mailtest.User + ":" + mailtest.Password + "@" + relay.Address + "\n", "ca.pem": string(relay.PEM)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := DefaultConfig()
	c.dir, c.PublicURL, c.MasterSecretFile, c.Store = dir, "http://localhost:8080", "master.secret", Store{URL: Secret(store)}
	c.Mail.URLFile, c.Mail.CAFile, c.Mail.From = "relay.url", "ca.pem", "Écluse <ne-pas-repondre@ac-exemple.fr>"
	c.Mail.Schools = "ce.{uai}@ac-exemple.fr"
	c.Mail.To = map[string]string{"dpo": "dpd@ac-exemple.fr", "dasen": "dsden{department}@ac-exemple.fr", "provider/calcul": "contact@calcul.example"}
	if _, err := keys.CreateMaster(filepath.Join(dir, "master.secret"), rand.Reader); err != nil {
		t.Fatal(err)
	}
	return c
}

func mailReplica(t *testing.T, c Config) *gateway {
	t.Helper()
	g, err := replica(t.Context(), t, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.closers.close(); err != nil {
			t.Error(err)
		}
	})
	return g
}

func rounds(t *testing.T, n int, all ...*gateway) {
	t.Helper()
	var wg sync.WaitGroup
	for _, g := range all {
		wg.Go(func() {
			for range n {
				g.mails.revision = 0 // look, whatever the last look saw
				if err := errors.Join(g.live.Refresh(t.Context()), g.mailRound(t.Context())); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// arrived counts the mails about one thing by mailbox.
func arrived(relay *mailtest.Server, about string) map[string]int {
	out := map[string]int{}
	for _, m := range relay.Taken() {
		if strings.Contains(m.Head.Get("Subject"), about) {
			out[m.To]++
		}
	}
	return out
}

func TestASuspensionIsMailedOnceByTwoReplicasAndABounceIsNoted(t *testing.T) {
	t.Parallel()
	relay := mailtest.Start(t, mailtest.Ways{Auth: true})
	c := mailing(t, relay, storetest.Postgres(t))
	one, two := mailReplica(t, c), mailReplica(t, c)
	if _, err := one.desk.SuspendService(t.Context(), roles.Caller{Demo: true}, "calcul", true, "Un nom qui ne doit pas partir"); err != nil {
		t.Fatal(err)
	}
	rounds(t, 3, one, two)
	got := arrived(relay, "Suspen")
	if got["dpd@ac-exemple.fr"] != 1 || got["contact@calcul.example"] != 1 {
		t.Errorf("arrived %v", got)
	}
	for to, n := range got {
		if n != 1 {
			t.Errorf("%s was told %d times", to, n)
		}
	}
	for _, m := range relay.Taken() {
		if strings.Contains(m.Text, "partir") {
			t.Errorf("the reason left: %s", m.Text)
		}
	}
	list, err := one.outbox().List(t.Context(), notify.Query{Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		if (m.To.Role == registry.OnCall) != (m.Code == notify.CodeNoAddress) && m.Kind == notify.Suspended && m.To.Role != registry.Recteur && m.To.Role != registry.Admin {
			t.Errorf("%s stands %s %s", m, m.State, m.Code)
		}
	}
	bounces(t, c, one, relay)
}

// bounces pipes reports into the command.
func bounces(t *testing.T, c Config, g *gateway, relay *mailtest.Server) {
	t.Helper()
	sent := relay.Taken()[0].Head.Get("Message-Id")
	report := "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n" +
		"Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; secret@ac-exemple.fr\nAction: failed\nStatus: 5.1.1\n\n" +
		"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: %s\n\n--b--\n"
	for _, step := range []struct{ message, says string }{
		{"Subject: absent\n\nJe suis en congé.\n", "nothing was noted"},
		{fmt.Sprintf(report, "<x@elsewhere.example>"), "no mail of this gateway's"},
		{strings.Replace(fmt.Sprintf(report, sent), "Action: failed", "Action: delayed", 1), "no mail of this gateway's that failed"},
		{fmt.Sprintf(report, "<unknown@localhost>"), "no such mail was sent"},
		{fmt.Sprintf(report, sent), "came back: bounced 5.1.1"},
		{fmt.Sprintf(report, sent), "no such mail was sent"}, // it is noted already
	} {
		var out, log strings.Builder
		if err := Bounce(t.Context(), c, strings.NewReader(step.message), &out, &log); err != nil || !strings.Contains(out.String(), step.says) || strings.Contains(out.String()+log.String(), "secret@") {
			t.Errorf("%q, %v, want %q", out.String(), err, step.says)
		}
	}
	wrong, err := g.outbox().List(t.Context(), notify.Query{Limit: 500, Wrong: true})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, m := range wrong {
		if m.State == notify.Bounced && m.Code == "bounced 5.1.1" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d came back", n)
	}
	off := c
	off.Mail = Mail{}
	if err := Bounce(t.Context(), off, strings.NewReader(fmt.Sprintf(report, sent)), &strings.Builder{}, &strings.Builder{}); err == nil {
		t.Error("a gateway that sends no mail noted a bounce")
	}
}

func TestAGatewayWithoutARelaySendsNothingAndSaysSo(t *testing.T) {
	t.Parallel()
	relay := mailtest.Start(t, mailtest.Ways{})
	c := mailing(t, relay, "sqlite:"+filepath.Join(t.TempDir(), "a.db"))
	c.Mail = DefaultConfig().Mail
	g := mailReplica(t, c)
	if g.mails != nil {
		t.Fatal("there is mail")
	}
	g.tellByMail(t.Context()) // returns at once
	broken := mailing(t, relay, "sqlite:"+filepath.Join(t.TempDir(), "b.db"))
	broken.Mail.CAFile = "relay.url"
	if _, err := replica(t.Context(), t, broken); err == nil || strings.Contains(err.Error(), mailtest.Password) {
		t.Errorf("a relay that cannot be set up: %v", err)
	}
}

func TestARunningGatewayTellsOfAnIncidentWithinSeconds(t *testing.T) {
	t.Parallel()
	relay := mailtest.Start(t, mailtest.Ways{Auth: true})
	c := mailing(t, relay, "sqlite:"+filepath.Join(t.TempDir(), "a.db"))
	g := mailReplica(t, c)
	came := make(chan string, 100)
	relay.After(func(m mailtest.Mail) error {
		if strings.Contains(m.Head.Get("Subject"), "Incident") {
			came <- m.To
		}
		return nil
	})
	record := registry.Incident{Title: "Un titre qui ne doit pas partir", Natures: []registry.Nature{registry.Confidentiality}, Services: []string{"calcul"}, Academy: "exemple"}
	_, err := g.desk.OpenIncident(t.Context(), roles.Caller{Demo: true}, record)
	if err := errors.Join(err, g.live.Refresh(t.Context())); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		g.tellByMail(ctx)
	}()
	select {
	case to := <-came:
		if to != "dpd@ac-exemple.fr" {
			t.Errorf("told %s", to)
		}
	case <-time.After(2 * time.Minute):
		t.Error("nobody was told")
	}
	cancel()
	<-ended
	for _, m := range relay.Taken() {
		if strings.Contains(m.Text, "partir") {
			t.Errorf("the title left: %s", m.Text)
		}
	}
}

func TestASchoolsOwnMailboxIsWhereItsMailsGoUnlessTheConfigurationSaysAnother(t *testing.T) {
	t.Parallel()
	relay := mailtest.Start(t, mailtest.Ways{Auth: true})
	c := mailing(t, relay, "sqlite:"+filepath.Join(t.TempDir(), "a.db"))
	c.Mail.To["head/0280202T"] = "principal@college.example"
	g := mailReplica(t, c)
	at := func(uai person.UAI, kind registry.Kind, mailbox string) registry.Establishment {
		return registry.Establishment{UAI: uai, Name: string(uai), Kind: kind, Academy: "exemple", Department: "028", Mailbox: mailbox}
	}
	list := []registry.Establishment{
		at("0280101H", registry.Ecole, "accueil@ecole.example"), at("0280202T", registry.College, "accueil@college.example"), at("0280303C", registry.College, ""),
	}
	var uais []person.UAI
	for i, want := range [][2]string{{"accueil@ecole.example", ""}, {"principal@college.example", "gateway.yaml"}, {"ce.0280303c@ac-exemple.fr", ""}} {
		uais = append(uais, list[i].UAI)
		if address, file := g.schoolBox(list[i]); address != want[0] || file != want[1] {
			t.Errorf("%s: %q by %q", list[i].UAI, address, file)
		}
	}
	_, err := g.applied(t.Context(), registry.Change{Establishments: list}, "command:test")
	if err == nil {
		err = g.live.Refresh(t.Context())
	}
	if err == nil {
		_, err = g.desk.OpenIncident(t.Context(), roles.Caller{Demo: true}, registry.Incident{
			Title: "Un titre", Natures: []registry.Nature{registry.Confidentiality}, Services: []string{"calcul"}, UAIs: uais, Academy: "exemple",
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	rounds(t, 2, g)
	got := arrived(relay, "Incident")
	for _, to := range []string{"accueil@ecole.example", "principal@college.example", "ce.0280303c@ac-exemple.fr"} {
		if got[to] != 1 {
			t.Errorf("%s was told %d times", to, got[to])
		}
	}
	if got["accueil@college.example"]+got["ce.0280101h@ac-exemple.fr"] != 0 {
		t.Errorf("arrived %v", got)
	}
	g.config.Mail = DefaultConfig().Mail
	if address, file := g.schoolBox(list[0]); address != "" || file != "" {
		t.Errorf("without a relay: %q by %q", address, file)
	}
}

func TestMailboxesAreThoseOfFunctions(t *testing.T) {
	t.Parallel()
	m := Mail{Schools: "ce.{uai}@ac-exemple.fr", To: map[string]string{
		"dpo": "dpd@ac-{academy}.fr", "dasen": "dsden{department}@ac-exemple.fr", "head/0590002B": "direction@prive.example", "provider/pix": "contact@pix.example", "drane": "drane {academy}",
	}}
	for box, want := range map[notify.Box]string{
		{Role: registry.HeadOfSchool, Of: "0280101H"}: "ce.0280101h@ac-exemple.fr", {Role: registry.Directeur, Of: "0280101H"}: "ce.0280101h@ac-exemple.fr",
		{Role: registry.HeadOfSchool, Of: "0590002B"}: "direction@prive.example", {Role: registry.DPO, Of: "Lille"}: "dpd@ac-lille.fr",
		{Role: registry.DASEN, Of: "059"}: "dsden059@ac-exemple.fr", {Role: registry.Provider, Of: "pix"}: "contact@pix.example",
		{Role: registry.Provider, Of: "lire"}: "", {Role: registry.OnCall, Of: "Lille"}: "", {Role: registry.DRANE, Of: "Lille"}: "",
		{Role: registry.DPO, Of: "Aix Marseille"}: "", {Role: registry.HeadOfSchool, Of: "x@y"}: "", {Role: registry.HeadOfSchool}: "",
		{Role: registry.DASEN, Of: "059@evil.example,x"}: "",
	} {
		if got, ok := m.address("", box); got != want || ok != (want != "") {
			t.Errorf("%s: %q, %v, want %q", box, got, ok, want)
		}
	}
	for registered, want := range map[notify.Box]string{
		{Role: registry.HeadOfSchool, Of: "0280101H"}: "accueil@ecole.example", {Role: registry.Directeur, Of: "0280101H"}: "accueil@ecole.example",
		{Role: registry.HeadOfSchool, Of: "0590002B"}: "direction@prive.example", {Role: registry.DPO, Of: "Lille"}: "dpd@ac-lille.fr",
	} {
		if got, ok := m.address("accueil@ecole.example", registered); got != want || !ok {
			t.Errorf("%s, which the register has a mailbox of: %q, %v, want %q", registered, got, ok, want)
		}
	}
	if got, ok := (Mail{}).address("accueil@ecole.example", notify.Box{Role: registry.Directeur, Of: "0280101H"}); got != "accueil@ecole.example" || !ok {
		t.Errorf("without any setting: %q, %v", got, ok)
	}
	if printed := fmt.Sprintf("%v %+v %#v", m, m, m); strings.Contains(printed, "@") {
		t.Errorf("printed %s", printed)
	}
}

func TestEveryMistakeOfTheMailSectionIsTold(t *testing.T) {
	t.Parallel()
	good := "public_url: https://sso.ac-exemple.fr\ntrusted_proxies: [127.0.0.0/8]\nmaster_secret_file: m\nmail:\n"
	file := filepath.Join(t.TempDir(), "gateway.yaml")
	tell := func(section string) string {
		if err := os.WriteFile(file, []byte(good+section), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := LoadConfig(file, nil)
		var problems strictyaml.Problems
		if err == nil {
			return ""
		}
		if !errors.As(err, &problems) {
			t.Fatal(err)
		}
		return problems.Error()
	}
	for section, want := range map[string][]string{
		"  url_file: f\n  from: a@b.fr\n  to: {dpo: dpd@b.fr}\n":    nil,
		"  url_file: f\n  from: a@b.fr\n  schools: ce.{uai}@b.fr\n": nil,
		"  from: a@b.fr\n": {"mail.url_file"},
		"  url_file: f\n":  {"mail.from", "mail.to: nobody would be told"},
		"  url_file: f\n  from: x\n  bounces: y\n  digest: {day: lundi, hour: 24}\n":             {"mail.from", "mail.bounces", "mail.digest.day", "mail.digest.hour", "mail.to"},
		"  url_file: f\n  from: a@b.fr\n  digest: {day: monday, hour: -1}\n  schools: ce@b.fr\n": {"mail.digest.hour", "mail.schools"},
		"  url_file: f\n  from: a@b.fr\n  to: {pupil: a@b.fr, dpo: x, head: a@b.fr, dasen: 'd{uai}@b.fr'}\n": {
			`"pupil"`, `"dpo" makes no address`, `"head" without the school`, `"dasen" makes no address`,
		},
	} {
		got := tell(section)
		if (got == "") != (want == nil) {
			t.Errorf("%q: %s", section, got)
		}
		for _, words := range want {
			if !strings.Contains(got, words) {
				t.Errorf("%q: %q is not told: %s", section, words, got)
			}
		}
	}
}

func TestCheckLooksIntoTheFilesOfTheMailSection(t *testing.T) {
	t.Parallel()
	c := mailing(t, mailtest.Start(t, mailtest.Ways{}), "")
	if err := c.checkMail(); err != nil {
		t.Error(err)
	}
	for name, text := range map[string]string{"relay.url": "gopher://" + mailtest.Password, "ca.pem": "none"} {
		broken := mailing(t, mailtest.Start(t, mailtest.Ways{}), "")
		if err := os.WriteFile(filepath.Join(broken.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := broken.checkMail(); err == nil || strings.Contains(err.Error(), mailtest.Password) {
			t.Errorf("%s: %v", name, err)
		}
		if err := os.Remove(filepath.Join(broken.dir, name)); err != nil {
			t.Fatal(err)
		}
		if err := broken.checkMail(); err == nil {
			t.Errorf("without %s nothing is told", name)
		}
	}
	if err := DefaultConfig().checkMail(); err != nil {
		t.Error(err)
	}
}
